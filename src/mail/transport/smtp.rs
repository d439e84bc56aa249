//! A mail relay, over the network.

use std::{
    error::Error as _,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use lettre::transport::smtp::{
    Error as SmtpError,
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::Data,
    extension::ClientId,
    response::{Response, Severity},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use crate::{
    domain::mail_state::SendResult,
    mail::{
        render::RenderedMail,
        transport::{TransportError, answer, no_answer, wire::Wire, without_secret},
        url::{Login, Security, SmtpUrl},
    },
};

/// How long an idle connection is kept for the next mail. Relays close theirs after 1 to 5 min.
const KEPT_IDLE: Duration = Duration::from_secs(30);

/// A mail relay. Clones share the idle connections.
#[derive(Clone)]
pub struct Smtp(Arc<Relay>);

struct Relay {
    host: String,
    port: u16,
    /// `mail.example:587`, for sentences.
    place: String,
    encryption: Encryption,
    login: Option<(String, SecretString)>,
    deadline: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

enum Encryption {
    Loopback,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

/// How far a try got: what a refusal means depends on it, and so does what may have happened
/// when no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Greeting, TLS and AUTH: about us.
    Ourselves,
    /// MAIL: about the website that the mail is from.
    Sender,
    /// RCPT and DATA: about this mail.
    Recipient,
    /// The mail is handed over; only the relay knows whether it took it.
    HandedOver,
}

/// Why a try failed, before it is known what that means.
enum Failure {
    /// The relay said no, or the connection did not hold.
    Smtp(SmtpError),
    /// An answer that does not fit its question, such as 250 to DATA.
    Unexpected(Response),
    /// No connection.
    Connect(io::Error),
    /// The relay is not what was configured. Nothing was sent.
    Unsuitable(String),
}

impl From<SmtpError> for Failure {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

impl Smtp {
    pub(super) fn new(url: &SmtpUrl, deadline: Duration) -> Result<Self, TransportError> {
        let login = match url.login.clone() {
            Some(Login { user, password: Some(password) }) => Some((user, password)),
            Some(Login { password: None, .. }) => return Err(TransportError::NoPassword),
            None => None,
        };
        let tls = || TlsParameters::new(url.host.clone()).map_err(|e| TransportError::Tls(reason(&e)));
        let encryption = match url.security {
            Security::Loopback => Encryption::Loopback,
            Security::StartTls => Encryption::StartTls(tls()?),
            Security::Tls => Encryption::Tls(tls()?),
        };
        Ok(Self(Arc::new(Relay {
            host: url.host.clone(),
            port: url.port,
            place: url.place(),
            encryption,
            login,
            deadline,
            idle: Mutex::default(),
        })))
    }

    /// One try, from the connection to the last answer, within the deadline. lettre's own time
    /// limits start anew with every byte that a relay sends, so they limit nothing.
    pub(super) async fn send(&self, mail: &RenderedMail) -> SendResult {
        let relay = &*self.0;
        let mut stage = Stage::Ourselves;
        let result = match timeout(relay.deadline, relay.transaction(mail, &mut stage)).await {
            Ok(Ok(response)) => SendResult::Accepted(said(&response)),
            Ok(Err(failure)) => relay.meaning(failure, stage),
            Err(_) => SendResult::TryAgain(format!("{}{}", no_answer(relay.deadline), stage.doubt())),
        };
        result.map_text(|text| relay.without_password(text))
    }
}

impl Smtp {
    /// Connects, encrypts and signs in as for a mail, and leaves.
    pub(super) async fn probe(&self) -> Result<String, String> {
        let relay = &*self.0;
        let asked = async {
            let mut connection = relay.connect().await?;
            // Whatever is said to the good-bye, the relay let us in.
            let _ = connection.quit().await;
            Ok(())
        };
        match timeout(relay.deadline, asked).await {
            Ok(Ok(())) => {
                let encrypted = if matches!(relay.encryption, Encryption::Loopback) { "" } else { ", encrypted" };
                let signed_in = if relay.login.is_some() { ", signed in" } else { "" };
                Ok(format!("{} answers{encrypted}{signed_in}", relay.place))
            }
            Ok(Err(failure)) => Err(relay.meaning(failure, Stage::Ourselves).text().to_owned()),
            Err(_) => Err(format!("{} from {}", no_answer(relay.deadline), relay.place)),
        }
    }
}

impl Relay {
    async fn transaction(&self, mail: &RenderedMail, stage: &mut Stage) -> Result<Response, Failure> {
        let mut connection = self.begin(mail, stage).await?;
        *stage = Stage::Recipient;
        expect(connection.command(format!("RCPT TO:<{}>\r\n", mail.to())).await?, Severity::PositiveCompletion)?;
        expect(connection.command(Data).await?, Severity::PositiveIntermediate)?;
        *stage = Stage::HandedOver;
        // lettre adds the last line end itself.
        let bytes = mail.bytes().strip_suffix(b"\r\n").unwrap_or(mail.bytes());
        let response = expect(connection.message(bytes).await?, Severity::PositiveCompletion)?;
        self.idle().push((connection, Instant::now()));
        Ok(response)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last. Those that were idle for too long are closed.
    fn newest_idle(&self) -> Option<AsyncSmtpConnection> {
        let mut idle = self.idle();
        idle.retain(|(_, since)| since.elapsed() < KEPT_IDLE);
        idle.pop().map(|(connection, _)| connection)
    }

    /// A connection on which MAIL was accepted: an idle one if it still works, or a new one.
    async fn begin(&self, mail: &RenderedMail, stage: &mut Stage) -> Result<AsyncSmtpConnection, Failure> {
        let command = format!("MAIL FROM:<{}>\r\n", mail.from());
        let idle = self.newest_idle();
        if let Some(mut connection) = idle {
            // A dead connection may not answer at all; leave most of the deadline to a new one.
            let answer = timeout(self.deadline / 4, connection.command(&command)).await;
            if let Ok(Ok(response)) = answer
                && expect(response, Severity::PositiveCompletion).is_ok()
            {
                return Ok(connection);
            }
        }
        let mut connection = self.connect().await?;
        *stage = Stage::Sender;
        expect(connection.command(&command).await?, Severity::PositiveCompletion)?;
        Ok(connection)
    }

    /// A connection on which mails may be sent: encrypted and signed in, if that is asked for.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let hello = ClientId::default();
        let mut connection = match &self.encryption {
            Encryption::Tls(tls) => {
                let place = (self.host.as_str(), self.port);
                AsyncSmtpConnection::connect_tokio1(place, None, &hello, Some(tls.clone()), None).await?
            }
            Encryption::StartTls(tls) => {
                let mut connection = self.open(&hello).await?;
                if !connection.can_starttls() {
                    return Err(self.unsuitable("STARTTLS is not offered by"));
                }
                connection.starttls(tls.clone(), &hello).await?;
                connection
            }
            Encryption::Loopback => self.open(&hello).await?,
        };
        if let Some((user, password)) = &self.login {
            if connection.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
                return Err(self.unsuitable("AUTH PLAIN or LOGIN is not offered by"));
            }
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            expect(connection.auth(DEFAULT_MECHANISMS, &credentials).await?, Severity::PositiveCompletion)?;
        }
        Ok(connection)
    }

    /// A connection in plain text, after greeting and EHLO.
    async fn open(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Failure> {
        let plain = matches!(self.encryption, Encryption::Loopback);
        let wire = Wire::connect(&self.host, self.port, plain).await.map_err(Failure::Connect)?;
        // `localhost` is what the machine's resolver says it is.
        if plain && !wire.is_loopback() {
            return Err(self.unsuitable("only this machine is spoken to without encryption, not"));
        }
        Ok(AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello).await?)
    }

    /// The text without the password, in any form that AUTH sends it in.
    fn without_password(&self, text: String) -> String {
        let Some((user, password)) = &self.login else { return text };
        let password = password.expose_secret();
        let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        let forms = [password.to_owned(), base64(password), base64(&format!("\0{user}\0{password}"))];
        forms.iter().fold(text, |text, form| without_secret(text, form))
    }

    fn unsuitable(&self, what: &str) -> Failure {
        Failure::Unsuitable(format!("{what} {}; nothing was sent", self.place))
    }

    fn meaning(&self, failure: Failure, stage: Stage) -> SendResult {
        let error = match failure {
            Failure::Unsuitable(text) => return SendResult::SenderRefused(text),
            Failure::Connect(error) => return SendResult::TryAgain(self.unreachable(&error)),
            Failure::Unexpected(response) => {
                let text = format!("{} is not an answer that fits{}", said(&response), stage.doubt());
                return SendResult::TryAgain(text);
            }
            Failure::Smtp(error) => error,
        };
        let Some(code) = error.status().map(u16::from) else {
            let text = match io_error(&error) {
                Some(error) if stage != Stage::HandedOver => self.unreachable(error),
                _ => format!("no valid answer from {}: {}{}", self.place, answer(&reason(&error)), stage.doubt()),
            };
            return SendResult::TryAgain(text);
        };
        let text = answer(&format!("{code} {}", reason(&error)));
        match stage {
            _ if !error.is_permanent() => SendResult::TryAgain(text),
            // 530 asks for a login or for TLS, at whatever command it comes (RFC 4954, 6).
            Stage::Sender if code != 530 => SendResult::FromRefused(text),
            Stage::Recipient | Stage::HandedOver if code != 530 => SendResult::RecipientRefused(text),
            _ => SendResult::SenderRefused(text),
        }
    }

    fn unreachable(&self, error: &io::Error) -> String {
        let place = &self.place;
        match error.kind() {
            io::ErrorKind::ConnectionRefused => format!("connection refused by {place}"),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
                format!("connection cut by {place}")
            }
            _ => format!("no connection to {place}: {}", answer(&error.to_string())),
        }
    }
}

impl Stage {
    /// What has to be added when no answer came.
    const fn doubt(self) -> &'static str {
        match self {
            Self::Ourselves | Self::Sender | Self::Recipient => "",
            Self::HandedOver => "; the mail was handed over, the relay may have taken it",
        }
    }
}

/// lettre takes any 2xx or 3xx for a yes; 250 to DATA would make it send the mail as commands.
fn expect(response: Response, severity: Severity) -> Result<Response, Failure> {
    if response.code().severity == severity { Ok(response) } else { Err(Failure::Unexpected(response)) }
}

/// `250 2.0.0 Ok: queued as 4XyZ`
fn said(response: &Response) -> String {
    let lines: Vec<_> = response.message().collect();
    answer(&format!("{} {}", response.code(), lines.join(" ")))
}

/// What lettre was told, without its own words around it.
fn reason(error: &SmtpError) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

fn io_error(error: &SmtpError) -> Option<&io::Error> {
    error.source().and_then(|source| source.downcast_ref())
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({})", self.0.place)
    }
}
