//! A program of this machine that takes mails, as sendmail, Postfix, Exim and msmtp bring it.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use nix::unistd::{AccessFlags, access};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use crate::{
    domain::mail_state::SendResult,
    mail::{
        render::RenderedMail,
        transport::{answer, no_answer},
    },
};

/// Exit code for a recipient that does not exist (sysexits.h, `EX_NOUSER`).
const NO_USER: i32 = 67;

/// A program that reads a mail from its standard input.
#[derive(Clone, Debug)]
pub struct Sendmail {
    program: PathBuf,
    deadline: Duration,
}

impl Sendmail {
    pub(super) fn new(program: &Path, deadline: Duration) -> Self {
        Self { program: program.to_owned(), deadline }
    }

    /// The program is killed when it takes longer than the deadline.
    pub(super) async fn send(&self, mail: &RenderedMail) -> SendResult {
        let name = self.program.display();
        let output = match timeout(self.deadline, self.run(mail)).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => return SendResult::TryAgain(format!("{name} did not take the mail: {error}")),
            Err(_) => return SendResult::TryAgain(format!("{} from {name}", no_answer(self.deadline))),
        };
        let said = String::from_utf8_lossy(&output.stderr);
        let text = answer(&format!("{name}: {}: {}", output.status, said.trim()));
        match output.status.code() {
            Some(0) => SendResult::Accepted(format!("accepted by {name}")),
            Some(NO_USER) => SendResult::RecipientRefused(text),
            _ => SendResult::TryAgain(text),
        }
    }

    /// Whether the program is there and can be run.
    pub(super) fn probe(&self) -> Result<String, String> {
        let name = self.program.display();
        match access(&self.program, AccessFlags::X_OK) {
            Ok(()) if self.program.is_file() => {
                Ok(format!("{name} is there; whether it takes mails shows with the first"))
            }
            Ok(()) => Err(format!("{name} is not a program")),
            Err(error) => Err(format!("{name} cannot be run: {}", error.desc())),
        }
    }

    async fn run(&self, mail: &RenderedMail) -> io::Result<Output> {
        let mut child = Command::new(&self.program)
            // -i: a line with only a dot is part of the mail; --: no address is an option.
            .args(["-i", "-f", mail.from().as_str(), "--", mail.to().as_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = child.stdin.take();
        // Programs expect the line ends of this system; a mail that is fit for transport has no
        // other CR.
        let bytes: Vec<u8> = mail.bytes().iter().copied().filter(|b| *b != b'\r').collect();
        let write = async move {
            match stdin {
                Some(mut stdin) => stdin.write_all(&bytes).await,
                None => Ok(()),
            }
        };
        let (written, output) = tokio::join!(write, child.wait_with_output());
        let output = output?;
        // A program that fails early does not read; its own words say more than the broken pipe.
        if output.status.success() {
            written?;
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, time::Instant};

    use super::*;
    use crate::mail::render::sample;

    async fn send(script: &str, deadline: Duration) -> (SendResult, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("sendmail");
        symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/sendmail.sh"), &program).unwrap();
        fs::write(folder.path().join("script"), script).unwrap();
        (Sendmail::new(&program, deadline).send(&sample("reset-1.a")).await, folder)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn hands_over_addresses_and_mail() {
        let (result, folder) = send("printf '%s\\n' \"$@\" > args; cat > mail", LONG).await;
        assert!(matches!(result, SendResult::Accepted(text) if text.starts_with("accepted by /")));
        let args = fs::read_to_string(folder.path().join("args")).unwrap();
        assert_eq!(args, "-i\n-f\nsupport@luma.example\n--\nroni_cost@example.com\n");
        let mail = fs::read_to_string(folder.path().join("mail")).unwrap();
        assert_eq!(mail.replace('\n', "\r\n").as_bytes(), sample("reset-1.a").bytes());
    }

    #[tokio::test]
    async fn tells_an_unknown_recipient_from_other_trouble() {
        let (result, _folder) = send("echo no such user >&2; exit 67", LONG).await;
        assert!(
            matches!(result, SendResult::RecipientRefused(text) if text.ends_with("exit status: 67: no such user"))
        );
        let (result, _folder) = send("echo queue is full >&2; exit 75", LONG).await;
        assert!(matches!(result, SendResult::TryAgain(text) if text.ends_with("exit status: 75: queue is full")));
        let (result, _folder) = send("kill -9 $$", LONG).await;
        assert!(matches!(result, SendResult::TryAgain(text) if text.contains("signal: 9")));
    }

    #[tokio::test]
    async fn a_missing_program_may_come_back() {
        let missing = Sendmail::new(Path::new("/nowhere/sendmail"), LONG);
        let result = missing.send(&sample("reset-1.a")).await;
        assert!(matches!(result, SendResult::TryAgain(text) if text.starts_with("/nowhere/sendmail did not take")));
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_killed() {
        let begin = Instant::now();
        let (result, folder) = send("echo $$ > pid; exec sleep 60", Duration::from_secs(2)).await;
        assert!(matches!(result, SendResult::TryAgain(text) if text.starts_with("no answer within 2 s from /")));
        assert!(begin.elapsed() < Duration::from_secs(20));
        let pid = fs::read_to_string(folder.path().join("pid")).unwrap();
        let state = || fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        while state().contains(" S ") {
            assert!(begin.elapsed() < Duration::from_secs(20), "{}", state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
