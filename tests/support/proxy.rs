//! A wire that is cut at the byte that a test names.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    select,
};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    FromServer,
}

/// Where the first connection ends; later ones are whole.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub way: Way,
    /// So many bytes still pass.
    pub after: usize,
    /// With a reset, not an orderly end.
    pub reset: bool,
}

pub struct Proxy {
    pub address: SocketAddr,
    passed: Arc<[AtomicUsize; 2]>,
}

impl Proxy {
    pub async fn start(server: SocketAddr, cut: Option<Cut>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let passed: Arc<[AtomicUsize; 2]> = Arc::default();
        let counts = Arc::clone(&passed);
        tokio::spawn(async move {
            let mut cut = cut;
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server, cut.take(), Arc::clone(&counts)));
            }
        });
        Self { address, passed }
    }

    /// Bytes that passed, to the server and from it.
    pub fn passed(&self) -> [usize; 2] {
        self.passed.each_ref().map(|count| count.load(Ordering::SeqCst))
    }
}

async fn connect(client: TcpStream, server: SocketAddr, cut: Option<Cut>, counts: Arc<[AtomicUsize; 2]>) {
    let server = TcpStream::connect(server).await.unwrap();
    let limit = |way| cut.filter(|cut| cut.way == way).map_or(usize::MAX, |cut| cut.after);
    if cut.is_some_and(|cut| cut.reset) {
        // What is dropped without its end being sent is reset.
        client.set_zero_linger().unwrap();
        server.set_zero_linger().unwrap();
    }
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    // Whichever way ends first ends both.
    select! {
        () = pass(from_client, to_server, limit(Way::ToServer), &counts[0]) => {}
        () = pass(from_server, to_client, limit(Way::FromServer), &counts[1]) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut left: usize, count: &AtomicUsize) {
    let mut bytes = [0; 1024];
    while left > 0 {
        let wanted = left.min(bytes.len());
        let Ok(read @ 1..) = from.read(&mut bytes[..wanted]).await else { return };
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
        left -= read;
        count.fetch_add(read, Ordering::SeqCst);
    }
    // What was passed is read before the end comes, even by a reset.
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
}
