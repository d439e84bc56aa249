//! A wire that is cut at the byte that a test names, or on which nothing moves for a while.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    select,
    sync::watch,
};

/// The file of PostgreSQL's socket.
const POSTGRES: &str = ".s.PGSQL.5432";

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    FromServer,
}

/// Where a connection ends.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub way: Way,
    /// So many bytes still pass.
    pub after: usize,
    /// With a reset, not an orderly end. Unix sockets know no resets.
    pub reset: bool,
}

/// Listens at an address: of a Unix socket it is the folder.
pub struct Proxy<Address = SocketAddr> {
    pub address: Address,
    wires: Arc<Wires>,
}

impl Proxy {
    /// The first connection is cut; later ones are whole.
    pub async fn start(server: SocketAddr, cut: Option<Cut>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let wires = Arc::new(Wires::new(cut));
        let shared = Arc::clone(&wires);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).connect(client, TcpStream::connect(server)));
            }
        });
        Self { address, wires }
    }
}

impl Proxy<tempfile::TempDir> {
    /// The same before the Unix socket of a PostgreSQL server in `folder`.
    pub fn postgres(folder: &Path, cut: Option<Cut>) -> Self {
        let address = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(address.path().join(POSTGRES)).unwrap();
        let server = folder.join(POSTGRES);
        let wires = Arc::new(Wires::new(cut));
        let shared = Arc::clone(&wires);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).connect(client, UnixStream::connect(server.clone())));
            }
        });
        Self { address, wires }
    }
}

impl<Address> Proxy<Address> {
    /// Bytes that passed, to the server and from it.
    pub fn passed(&self) -> [usize; 2] {
        self.wires.passed.each_ref().map(|count| count.load(Ordering::SeqCst))
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.wires.all.lock().unwrap().len()
    }

    /// Cuts each connection that there is, counting from here; with no byte left, at its next one.
    pub fn cut(&self, cut: Cut) {
        for wire in self.wires.all.lock().unwrap().iter() {
            wire.cut(cut);
        }
    }

    /// From now on bytes wait, as in a network that is gone without a word, until `release`.
    pub fn hold(&self) {
        self.wires.held.send_replace(true);
    }

    pub fn release(&self) {
        self.wires.held.send_replace(false);
    }
}

struct Wires {
    passed: [AtomicUsize; 2],
    all: Mutex<Vec<Arc<Wire>>>,
    first: Mutex<Option<Cut>>,
    held: watch::Sender<bool>,
}

/// One connection.
struct Wire {
    /// How many bytes may still pass, each way.
    left: Mutex<[usize; 2]>,
    reset: AtomicBool,
}

impl Wire {
    fn cut(&self, cut: Cut) {
        self.left.lock().unwrap()[cut.way as usize] = cut.after;
        self.reset.store(cut.reset, Ordering::SeqCst);
    }

    /// How many of so many bytes pass.
    fn take(&self, way: Way, read: usize) -> usize {
        let left = &mut self.left.lock().unwrap()[way as usize];
        let passing = read.min(*left);
        *left -= passing;
        passing
    }

    fn is_cut(&self, way: Way) -> bool {
        self.left.lock().unwrap()[way as usize] == 0
    }
}

impl Wires {
    fn new(first: Option<Cut>) -> Self {
        Self {
            passed: Default::default(),
            all: Mutex::default(),
            first: Mutex::new(first),
            held: watch::Sender::new(false),
        }
    }

    fn add(&self) -> Arc<Wire> {
        let wire = Arc::new(Wire { left: Mutex::new([usize::MAX; 2]), reset: AtomicBool::new(false) });
        if let Some(cut) = self.first.lock().unwrap().take() {
            wire.cut(cut);
        }
        self.all.lock().unwrap().push(Arc::clone(&wire));
        wire
    }

    async fn connect<S: Stream>(self: Arc<Self>, client: S, server: impl Future<Output = std::io::Result<S>>) {
        let wire = self.add();
        // Where nobody listens, the client's connection ends.
        let Ok(server) = server.await else { return };
        let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (split(client), split(server));
        // Whichever way ends first ends both.
        select! {
            () = self.pass(&wire, Way::ToServer, &mut from_client, &mut to_server) => {}
            () = self.pass(&wire, Way::FromServer, &mut from_server, &mut to_client) => {}
        }
        if wire.reset.load(Ordering::SeqCst) {
            from_client.unsplit(to_client).reset();
            from_server.unsplit(to_server).reset();
        }
    }

    async fn pass(
        &self,
        wire: &Wire,
        way: Way,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) {
        let mut held = self.held.subscribe();
        let mut bytes = [0; 1024];
        while !wire.is_cut(way) {
            let Ok(read @ 1..) = from.read(&mut bytes).await else { return };
            let _ = held.wait_for(|held| !held).await;
            let passing = wire.take(way, read);
            // Whoever has an answer finds it counted.
            self.passed[way as usize].fetch_add(passing, Ordering::SeqCst);
            if to.write_all(&bytes[..passing]).await.is_err() {
                return;
            }
        }
        // What was passed is read before the end comes, even by a reset.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin {
    fn reset(self);
}

impl Stream for TcpStream {
    fn reset(self) {
        // What is dropped without its end being sent is reset.
        self.set_zero_linger().unwrap();
    }
}

impl Stream for UnixStream {
    fn reset(self) {}
}
