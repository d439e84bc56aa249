//! The TCP connection below SMTP and TLS.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf},
    net::TcpStream,
};

/// Most bytes that a relay may send between two of our writes. A TLS handshake takes 4 to 10 kB.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// A connection that gives out no more than one line at a time, and not without end.
///
/// lettre reads ahead into a buffer that outlives STARTTLS: whatever an attacker adds in plain
/// text behind the answer to STARTTLS would count as said under TLS. Given line by line, it stays
/// here and breaks the TLS handshake instead.
///
/// In plain text it is also noticed when a relay answers what it was not asked: one line too many
/// would otherwise be taken for the answer to the next command, a refusal for the next customer's.
#[derive(Debug)]
pub(super) struct Wire {
    stream: BufReader<TcpStream>,
    peer: SocketAddr,
    allowance: usize,
    /// Nothing may be waiting to be read when something is written. TLS writes while it has
    /// records of its own to read.
    in_turn: bool,
}

impl Wire {
    /// Connects to the first address of `host` that answers. `in_turn`: question and answer are
    /// all that is said on it, never TLS.
    pub(super) async fn connect(host: &str, port: u16, in_turn: bool) -> io::Result<Self> {
        let stream = TcpStream::connect((host, port)).await?;
        // A mail is a few short writes; waiting to fill packets costs 40 ms each time.
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?;
        Ok(Self { stream: BufReader::new(stream), peer, allowance: MAX_ANSWER_BYTES, in_turn })
    }

    /// Whether the other side is this machine, whatever its name promised.
    pub(super) fn is_loopback(&self) -> bool {
        self.peer.ip().to_canonical().is_loopback()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let allowance = self.allowance;
        let ready = ready!(Pin::new(&mut self.stream).poll_fill_buf(cx))?;
        let line = ready.iter().position(|b| *b == b'\n').map_or(ready.len(), |at| at + 1);
        let given: Vec<u8> = ready.iter().take(line.min(out.remaining())).copied().collect();
        out.put_slice(&given);
        Pin::new(&mut self.stream).consume(given.len());
        self.allowance = allowance
            .checked_sub(given.len())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer has no end"))?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.in_turn && !self.stream.buffer().is_empty() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "it answers what it was not asked")));
        }
        self.allowance = MAX_ANSWER_BYTES;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}
