//! Where connections come from: a port, a socket file, or a socket that systemd made.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::{
        fs::{FileTypeExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use listenfd::ListenFd;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
};

use crate::web::Peer;

/// Who may connect to a socket file: its owner, and the group that the proxy belongs to.
const SOCKET_MODE: u32 = 0o660;

/// Why nothing is listened to.
#[derive(Debug, thiserror::Error)]
pub enum NotListening {
    /// The system says no.
    #[error("The storefront cannot listen at {at}: {why}.")]
    Refused {
        /// Where.
        at: String,
        /// What the system said.
        why: io::Error,
    },
    /// Somebody else listens there.
    #[error("The storefront cannot listen at {0}: another program does.")]
    Taken(String),
    /// A file is there that is not for listening.
    #[error("The storefront cannot listen at {0}: this file is no socket.")]
    NoSocketFile(String),
    /// Not started by systemd with a socket.
    #[error("systemd handed no listening socket over. Start keydesk by a socket unit (Accept=no).")]
    NoSocket,
}

/// A place where connections come in. A socket file that it made goes with it.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    made: Option<PathBuf>,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// Either kind of connection.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Listener {
    /// At a port; port 0 is one that is free.
    ///
    /// # Errors
    /// When the address is taken, or not ours.
    pub async fn tcp(at: SocketAddr) -> Result<Self, NotListening> {
        let socket = TcpListener::bind(at).await.map_err(|why| match why.kind() {
            io::ErrorKind::AddrInUse => NotListening::Taken(at.to_string()),
            _ => NotListening::Refused { at: at.to_string(), why },
        })?;
        Ok(Self { socket: Socket::Tcp(socket), made: None })
    }

    /// At a socket file. One that nobody listens at any more is replaced.
    ///
    /// # Errors
    /// When somebody listens there, another file is there, or none can be made.
    pub fn unix(path: &Path) -> Result<Self, NotListening> {
        let at = || path.display().to_string();
        if let Ok(there) = fs::symlink_metadata(path) {
            let refused = || UnixStream::connect(path).is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused);
            if !there.file_type().is_socket() {
                return Err(NotListening::NoSocketFile(at()));
            }
            if !refused() {
                return Err(NotListening::Taken(at()));
            }
            fs::remove_file(path).map_err(|why| NotListening::Refused { at: at(), why })?;
        }
        // Until the mode is set the umask lets in fewer than the mode does.
        let socket = UnixListener::bind(path)
            .and_then(|socket| fs::set_permissions(path, fs::Permissions::from_mode(SOCKET_MODE)).map(|()| socket))
            .map_err(|why| NotListening::Refused { at: at(), why })?;
        Ok(Self { socket: Socket::Unix(socket), made: Some(path.to_owned()) })
    }

    /// At the first socket that systemd handed over (`LISTEN_FDS`, `sd_listen_fds(3)`).
    ///
    /// # Errors
    /// When there is none.
    pub fn systemd() -> Result<Self, NotListening> {
        let refused = |why| NotListening::Refused { at: "systemd's socket".to_owned(), why };
        let mut handed = ListenFd::from_env();
        let socket = if let Ok(Some(socket)) = handed.take_tcp_listener(0) {
            socket.set_nonblocking(true).map_err(refused)?;
            Socket::Tcp(TcpListener::from_std(socket).map_err(refused)?)
        } else if let Ok(Some(socket)) = handed.take_unix_listener(0) {
            socket.set_nonblocking(true).map_err(refused)?;
            Socket::Unix(UnixListener::from_std(socket).map_err(refused)?)
        } else {
            return Err(NotListening::NoSocket);
        };
        Ok(Self { socket, made: None })
    }

    /// Where it is reached.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.socket {
            Socket::Tcp(socket) => socket.local_addr().map_or_else(|_| "tcp".to_owned(), |at| format!("http://{at}")),
            Socket::Unix(socket) => {
                let at = socket.local_addr().ok();
                let path = at.as_ref().and_then(|at| at.as_pathname()).map(|path| path.display().to_string());
                format!("unix:{}", path.unwrap_or_default())
            }
        }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> io::Result<(Box<dyn Stream>, Peer)> {
        match &self.socket {
            Socket::Tcp(socket) => {
                let (stream, from) = socket.accept().await?;
                // Answers are small and complete; waiting for more of them helps nobody.
                stream.set_nodelay(true)?;
                Ok((Box::new(stream), Peer::Ip(from.ip().to_canonical())))
            }
            Socket::Unix(socket) => Ok((Box::new(socket.accept().await?.0), Peer::Socket)),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            // One that stays is replaced by the next to listen there.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_file_is_replaced_only_when_nobody_listens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serve.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let first = Listener::unix(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, SOCKET_MODE);
        assert_eq!(first.address(), format!("unix:{}", path.display()));
        assert!(matches!(Listener::unix(&path), Err(NotListening::Taken(_))));
        drop(first);
        assert!(!path.exists());
        fs::write(&path, "notes").unwrap();
        assert!(matches!(Listener::unix(&path), Err(NotListening::NoSocketFile(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "notes");
    }
}
