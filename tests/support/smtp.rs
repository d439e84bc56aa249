//! An SMTP server that does what a test tells it, at the moment the test tells it.

#[path = "fault.rs"]
mod fault;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

pub use fault::Fault;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpSocket, TcpStream},
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
    /// In the middle of the mail.
    Body,
    /// All of the mail has come but the dot that ends it.
    LastLine,
    /// The mail has come in full.
    Dot,
    /// The client takes its leave, because EHLO was refused.
    Quit,
}

impl Step {
    /// Those at which the client waits for an answer to go on.
    pub const ALL: [Self; 8] =
        [Self::Greeting, Self::Ehlo, Self::StartTls, Self::Auth, Self::Mail, Self::Rcpt, Self::Data, Self::Dot];
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
    /// How long every answer takes.
    pub slowness: Duration,
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
    socket: Option<TcpSocket>,
    script: Script,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    pub fn start(script: Script) -> Self {
        let mut server = Self::refusing(script);
        server.listen();
        server
    }

    /// Has an address at which nobody listens yet.
    pub fn refusing(script: Script) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { address: socket.local_addr().unwrap(), socket: Some(socket), script, seen: Arc::default() }
    }

    pub fn listen(&mut self) {
        let listener = self.socket.take().unwrap().listen(64).unwrap();
        tokio::spawn(serve(listener, self.script, Arc::clone(&self.seen)));
    }

    /// Whether a dialogue came so far.
    pub fn reached(&self, step: Step) -> bool {
        self.seen.lock().unwrap().visits.contains(&step)
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, script: Script, seen: Arc<Mutex<Seen>>) {
    while let Ok((stream, _)) = listener.accept().await {
        seen.lock().unwrap().connections += 1;
        let dialogue = Dialogue { stream: BufReader::new(stream), script, seen: Arc::clone(&seen) };
        // Ends with the connection, in whatever way.
        tokio::spawn(async move { dialogue.run().await.ok() });
    }
}

struct Dialogue {
    stream: BufReader<TcpStream>,
    script: Script,
    seen: Arc<Mutex<Seen>>,
}

/// The right answer to a mail.
const TAKEN: &str = "250 2.0.0 Ok: queued as 4XyZ\r\n";

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
                }
                "QUIT" => {
                    self.answer(Step::Quit, "221 2.0.0 bye\r\n").await?;
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

    /// Reads a mail and answers it. One that was answered with no before its end is not kept.
    async fn mail(&mut self) -> Result<(), End> {
        let (mut mail, mut lines, mut answered) = (Vec::new(), 0, None);
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(End);
            }
            self.seen.lock().unwrap().bytes.extend(&line);
            if line == b".\r\n" {
                break;
            }
            mail.extend(line.strip_prefix(b".").unwrap_or(&line));
            lines += 1;
            let step = match lines {
                5 => Step::Body,
                _ if line.starts_with(b"--") && line.ends_with(b"--\r\n") => Step::LastLine,
                _ => continue,
            };
            if let Some(fault) = self.fault_at(step) {
                self.perform(fault, TAKEN).await?;
                answered = Some(fault);
            }
        }
        if answered.is_none_or(Fault::is_yes) {
            self.seen.lock().unwrap().mails.push(mail);
        }
        if answered.is_some() { Ok(()) } else { self.answer(Step::Dot, TAKEN).await }
    }

    async fn answer(&mut self, step: Step, right: &str) -> Result<(), End> {
        tokio::time::sleep(self.script.slowness).await;
        match self.fault_at(step) {
            None => Ok(self.stream.write_all(right.as_bytes()).await?),
            Some(fault) => self.perform(fault, right).await,
        }
    }

    /// What goes wrong at this visit of a step.
    fn fault_at(&self, step: Step) -> Option<Fault> {
        let mut seen = self.seen.lock().unwrap();
        let visit = seen.visits.iter().filter(|visited| **visited == step).count();
        seen.visits.push(step);
        match self.script.fault? {
            (at, fault, when) if at == step && when == visit => Some(fault),
            (Step::Quit, ..) if step == Step::Ehlo && visit == 0 => Some(Fault::Permanent),
            _ => None,
        }
    }
}
