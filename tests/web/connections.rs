//! Real connections: how they begin, and how they end.

use std::time::Duration;

use keydesk::web::{Listener, run};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    sync::watch,
    time::timeout,
};

use crate::front::{Front, HOST};

/// How long anything that must happen may take.
const PATIENCE: Duration = Duration::from_secs(20);

async fn all_of(mut stream: impl AsyncReadExt + Unpin) -> String {
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("the connection ends").unwrap();
    answer
}

/// Whoever has begun to ask when the storefront is to stop is still answered.
#[tokio::test]
async fn what_is_at_work_is_finished() {
    let front = Front::open().await;
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address().replace("http://", "");
    let (stop, asked) = watch::channel(false);
    let running = tokio::spawn(run(front.site.clone(), listener, asked));
    let mut half = TcpStream::connect(&address).await.unwrap();
    let head = format!("POST /sign-out HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 6\r\n\r\ncsr");
    half.write_all(head.as_bytes()).await.unwrap();
    // Another one that was answered since shows that the half one has arrived.
    let mut whole = TcpStream::connect(&address).await.unwrap();
    let request = format!("GET /style.css HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    whole.write_all(request.as_bytes()).await.unwrap();
    assert!(all_of(whole).await.starts_with("HTTP/1.1 200 OK\r\n"));
    stop.send_replace(true);
    tokio::time::timeout(PATIENCE, async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("nobody is let in any more");
    half.write_all(b"f=x").await.unwrap();
    assert!(all_of(half).await.starts_with("HTTP/1.1 403 Forbidden\r\n"));
    timeout(PATIENCE, running).await.expect("the storefront ends").unwrap();
}

#[tokio::test]
async fn a_socket_file_is_as_good_as_a_port() {
    let front = Front::open().await;
    let path = front.shop.dir.path().join("serve.sock");
    let listener = Listener::unix(&path).unwrap();
    let (stop, asked) = watch::channel(false);
    let running = tokio::spawn(run(front.site.clone(), listener, asked));
    let mut client = UnixStream::connect(&path).await.unwrap();
    let request = format!("GET /sign-in HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let answer = all_of(client).await;
    assert!(answer.contains("<form id=\"sign-in\" method=\"post\" action=\"/sign-in\">"), "{answer}");
    stop.send_replace(true);
    timeout(PATIENCE, running).await.expect("the storefront ends").unwrap();
    assert!(!path.exists());
}
