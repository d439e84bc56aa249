//! What a faulty server does instead of answering.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Dialogue, End};

/// What goes wrong.
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
    /// The right answer, a byte each tenth of a second.
    Drip,
    /// The connection is closed.
    Cut,
    /// The connection is reset.
    Reset,
    /// Nothing more is said, but all is heard.
    HalfClose,
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
    /// The right code, with words that take over terminals.
    Escapes,
    /// 554, with the secrets that were heard.
    Echo,
}

impl Fault {
    pub const ALL: [Self; 16] = [
        Self::Temporary,
        Self::Permanent,
        Self::Closing,
        Self::LoginNeeded,
        Self::Hang,
        Self::Drip,
        Self::Cut,
        Self::Reset,
        Self::HalfClose,
        Self::Junk,
        Self::Oversized,
        Self::Endless,
        Self::WrongYes,
        Self::Injected,
        Self::Escapes,
        Self::Echo,
    ];

    /// Whether it says what a client hopes for.
    pub const fn is_yes(self) -> bool {
        matches!(self, Self::Injected | Self::Escapes)
    }
}

impl Dialogue {
    pub(super) async fn perform(&mut self, fault: Fault, right: &str) -> Result<(), End> {
        let text = match fault {
            Fault::Temporary => "451 4.3.0 not now\r\n".to_owned(),
            Fault::Permanent => "550-5.1.1 no such\r\n550 5.1.1 user\r\n".to_owned(),
            Fault::Closing => "421 4.4.2 too quiet\r\n".to_owned(),
            Fault::LoginNeeded => "530 5.7.0 sign in first\r\n".to_owned(),
            Fault::Oversized => format!("250 {}\r\n", "x".repeat(100_000)),
            Fault::WrongYes if right.starts_with("354") => "250 ok\r\n".to_owned(),
            Fault::WrongYes => "354 go on\r\n".to_owned(),
            Fault::Injected => format!("{right}250-relay.example\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n550 no\r\n"),
            Fault::Escapes => right.replace("\r\n", " \u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r\n"),
            Fault::Echo => format!("554 5.7.1 {}\r\n", self.secrets_heard()),
            Fault::Junk | Fault::Endless | Fault::Cut | Fault::Reset | Fault::Hang | Fault::HalfClose | Fault::Drip => {
                String::new()
            }
        };
        self.stream.write_all(text.as_bytes()).await?;
        match fault {
            Fault::Junk => self.stream.write_all(b"\x1b[2J HTTP/1.1 400 Bad Request\xff\r\n").await?,
            Fault::Endless => loop {
                self.stream.write_all(&[b'2'; 4096]).await?;
            },
            Fault::Closing | Fault::Cut => return Err(End),
            Fault::Reset => {
                self.stream.get_ref().set_zero_linger()?;
                return Err(End);
            }
            Fault::Hang => self.wait_for_the_end().await?,
            Fault::HalfClose => {
                self.stream.shutdown().await?;
                self.wait_for_the_end().await?;
            }
            Fault::Drip => {
                for byte in right.bytes() {
                    self.stream.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Lines with a password or a link, as a filter that decodes mails would quote them.
    fn secrets_heard(&self) -> String {
        let heard = String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned();
        let decoded = heard.replace("=\r\n", "").replace("=3D", "=");
        let telling = decoded.lines().filter(|line| line.starts_with("AUTH") || line.starts_with("http"));
        telling.collect::<Vec<_>>().join(" ")
    }

    /// Reads and records until the other side goes away.
    pub(super) async fn wait_for_the_end(&mut self) -> Result<(), End> {
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
