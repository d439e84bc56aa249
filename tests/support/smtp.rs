//! An SMTP server that does what a test tells it, at the moment the test tells it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Where in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl Step {
    pub const ALL: [Self; 8] =
        [Self::Greeting, Self::Ehlo, Self::StartTls, Self::Auth, Self::Mail, Self::Rcpt, Self::Data, Self::Dot];
}

/// What goes wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 451
    Temporary,
    /// 550
    Permanent,
    /// 421, and the connection is closed.
    Closing,
    /// 530
    LoginNeeded,
    /// No answer.
    Hang,
    /// The right answer, a byte each second.
    Drip,
    /// The connection is closed.
    Cut,
    /// Something that is not SMTP.
    Junk,
    /// An answer line of 100 kB.
    Oversized,
    /// An answer without end.
    Endless,
    /// A yes to another question.
    WrongYes,
    /// The right answer, and more that nobody asked for, in one packet.
    Injected,
}

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Script {
    /// What goes wrong, and at which visit of the step, counted from 0 over all connections.
    pub fault: Option<(Step, Fault, usize)>,
    /// STARTTLS is offered; after it the server waits for bytes that make no sense to it.
    pub starttls: bool,
    /// What is offered behind AUTH.
    pub auth: &'static str,
}

/// What the server saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub connections: usize,
    /// Every byte, in order.
    pub bytes: Vec<u8>,
    /// Every line that is not part of a mail.
    pub commands: Vec<String>,
    /// Every mail that came in full, whatever was answered; without the final dot.
    pub mails: Vec<Vec<u8>>,
    visits: Vec<Step>,
}

pub struct Server {
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let dialogue = Dialogue { stream: BufReader::new(stream), script, seen: Arc::clone(&shared) };
                // Ends with the connection, in whatever way.
                tokio::spawn(async move { dialogue.run().await.ok() });
            }
        });
        Self { address, seen }
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

struct Dialogue {
    stream: BufReader<TcpStream>,
    script: Script,
    seen: Arc<Mutex<Seen>>,
}

/// The connection ends here.
struct End;

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl Dialogue {
    async fn run(mut self) -> Result<(), End> {
        self.answer(Step::Greeting, "220 relay.example ready\r\n").await?;
        loop {
            let line = self.line().await?;
            let upper = line.to_ascii_uppercase();
            self.seen.lock().unwrap().commands.push(line);
            match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => {
                    let starttls = if self.script.starttls { "250-STARTTLS\r\n" } else { "" };
                    let offer = format!("250-relay.example\r\n{starttls}250 AUTH {}\r\n", self.script.auth);
                    self.answer(Step::Ehlo, &offer).await?;
                }
                "STARTTLS" => {
                    self.answer(Step::StartTls, "220 2.0.0 go ahead\r\n").await?;
                    // No TLS here: after a yes, whatever comes is only recorded.
                    if matches!(self.script.fault, None | Some((_, Fault::Injected, _))) {
                        self.wait_for_the_end().await?;
                    }
                }
                "AUTH" if upper == "AUTH LOGIN" => {
                    for question in ["334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n"] {
                        self.stream.write_all(question.as_bytes()).await?;
                        let line = self.line().await?;
                        self.seen.lock().unwrap().commands.push(line);
                    }
                    self.answer(Step::Auth, "235 2.7.0 welcome\r\n").await?;
                }
                "AUTH" => self.answer(Step::Auth, "235 2.7.0 welcome\r\n").await?,
                "MAIL" => self.answer(Step::Mail, "250 2.1.0 ok\r\n").await?,
                "RCPT" => self.answer(Step::Rcpt, "250 2.1.5 ok\r\n").await?,
                "DATA" => {
                    self.answer(Step::Data, "354 go on\r\n").await?;
                    self.mail().await?;
                    self.answer(Step::Dot, "250 2.0.0 Ok: queued as 4XyZ\r\n").await?;
                }
                "QUIT" => {
                    self.stream.write_all(b"221 2.0.0 bye\r\n").await?;
                    return Err(End);
                }
                _ => self.stream.write_all(b"500 5.5.2 what?\r\n").await?,
            }
        }
    }

    async fn line(&mut self) -> Result<String, End> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await?;
        self.seen.lock().unwrap().bytes.extend(&line);
        if read == 0 { Err(End) } else { Ok(String::from_utf8_lossy(&line).trim_end().to_owned()) }
    }

    async fn mail(&mut self) -> Result<(), End> {
        let mut mail = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(End);
            }
            self.seen.lock().unwrap().bytes.extend(&line);
            if line == b".\r\n" {
                self.seen.lock().unwrap().mails.push(mail);
                return Ok(());
            }
            mail.extend(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn answer(&mut self, step: Step, right: &str) -> Result<(), End> {
        let visit = {
            let mut seen = self.seen.lock().unwrap();
            seen.visits.push(step);
            seen.visits.iter().filter(|visited| **visited == step).count() - 1
        };
        let fault = match self.script.fault {
            Some((at, fault, when)) if at == step && when == visit => Some(fault),
            _ => None,
        };
        match fault {
            None => self.stream.write_all(right.as_bytes()).await?,
            Some(Fault::Temporary) => self.stream.write_all(b"451 4.3.0 not now\r\n").await?,
            Some(Fault::Permanent) => self.stream.write_all(b"550-5.1.1 no such\r\n550 5.1.1 user\r\n").await?,
            Some(Fault::LoginNeeded) => self.stream.write_all(b"530 5.7.0 sign in first\r\n").await?,
            Some(Fault::Junk) => self.stream.write_all(b"\x1b[2J HTTP/1.1 400 Bad Request\xff\r\n").await?,
            Some(Fault::Oversized) => {
                self.stream.write_all(format!("250 {}\r\n", "x".repeat(100_000)).as_bytes()).await?;
            }
            Some(Fault::Endless) => loop {
                self.stream.write_all(&[b'2'; 4096]).await?;
            },
            Some(Fault::WrongYes) if right.starts_with("354") => self.stream.write_all(b"250 ok\r\n").await?,
            Some(Fault::WrongYes) => self.stream.write_all(b"354 go on\r\n").await?,
            Some(Fault::Injected) => {
                let more = format!("{right}250-relay.example\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n");
                self.stream.write_all(more.as_bytes()).await?;
            }
            Some(Fault::Closing) => {
                self.stream.write_all(b"421 4.4.2 too quiet\r\n").await?;
                return Err(End);
            }
            Some(Fault::Cut) => return Err(End),
            Some(Fault::Hang) => self.wait_for_the_end().await?,
            Some(Fault::Drip) => {
                for byte in right.bytes() {
                    self.stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        Ok(())
    }

    /// Reads and records until the other side goes away.
    async fn wait_for_the_end(&mut self) -> Result<(), End> {
        let mut bytes = [0; 1024];
        loop {
            let read = self.stream.read(&mut bytes).await?;
            if read == 0 {
                return Err(End);
            }
            self.seen.lock().unwrap().bytes.extend(&bytes[..read]);
        }
    }
}
