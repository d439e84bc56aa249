use keydesk::{
    demo,
    domain::server_address::ServerAddress,
    store::{
        Customers, Maintenance, Setup,
        sql::{SqlStore, postgres},
    },
};
#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).unwrap();
    let n: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let address = ServerAddress::parse(&url).unwrap();
    println!("{:?}", postgres::migrate(&address).await.unwrap());
    let store = SqlStore::open_server(&address).await.unwrap();
    let t = std::time::Instant::now();
    let shop = demo::Shop { customers: n, seed: 1, now: "2026-11-20T12:00:00Z".parse().unwrap() };
    demo::build(&store, &shop, None, |d| {
        if d % 100_000 == 0 {
            println!("{d} {:?}", t.elapsed())
        }
    })
    .await
    .unwrap();
    println!("done {:?}", t.elapsed());
    while store.tidy().await.unwrap() {}
}
