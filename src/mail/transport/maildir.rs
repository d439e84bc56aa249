//! Mails as files, in the layout that mail programs call Maildir. For demos and tests.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use nix::unistd::{AccessFlags, access};

use crate::{domain::mail_state::SendResult, mail::render::RenderedMail};

/// A folder of mails. A mail's file is named after its Message-ID, so that a second copy takes
/// the place of the first.
#[derive(Clone, Debug)]
pub struct Maildir {
    folder: PathBuf,
}

/// A mail in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaildirEntry {
    /// Left part of its Message-ID.
    pub message_id: String,
    /// When it was written.
    pub at: Timestamp,
    /// Its file.
    pub path: PathBuf,
}

impl Maildir {
    /// Mails in `folder`, which is made when the first one is written.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// What is there, newest first. Blocks on the disk.
    ///
    /// # Errors
    /// When a folder that exists cannot be read.
    pub fn list(&self) -> io::Result<Vec<MaildirEntry>> {
        let mut entries = Vec::new();
        for sub in ["new", "cur"] {
            let files = match fs::read_dir(self.folder.join(sub)) {
                Ok(files) => files,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for file in files {
                let file = file?;
                let at = Timestamp::try_from(file.metadata()?.modified()?).unwrap_or_default();
                let name = file.file_name().to_string_lossy().into_owned();
                if !name.starts_with('.') {
                    entries.push(MaildirEntry { message_id: id_of(&name).to_owned(), at, path: file.path() });
                }
            }
        }
        entries.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.message_id.cmp(&a.message_id)));
        Ok(entries)
    }

    /// The bytes of the mail with this left part of a Message-ID; none when it is not there.
    /// Blocks on the disk. They hold the link.
    ///
    /// # Errors
    /// When the folder or the file cannot be read.
    pub fn read(&self, message_id: &str) -> io::Result<Option<Vec<u8>>> {
        let entry = self.list()?.into_iter().find(|entry| entry.message_id == message_id);
        entry.map(|entry| fs::read(entry.path)).transpose()
    }

    pub(super) async fn send(&self, mail: &RenderedMail) -> SendResult {
        let (maildir, mail) = (self.clone(), mail.clone());
        let place = self.folder.display();
        match tokio::task::spawn_blocking(move || maildir.write(&mail)).await {
            Ok(Ok(path)) => SendResult::Accepted(format!("written to {}", path.display())),
            Ok(Err(error)) => SendResult::TryAgain(format!("the mail could not be written to {place}: {error}")),
            Err(_) => SendResult::TryAgain(format!("writing the mail to {place} was interrupted")),
        }
    }

    /// Whether mails could be written.
    pub(super) fn probe(&self) -> Result<String, String> {
        let place = self.folder.display();
        let there = self.folder.ancestors().find(|folder| folder.exists()).unwrap_or(&self.folder);
        match access(there, AccessFlags::W_OK | AccessFlags::X_OK) {
            Ok(()) => Ok(format!("mails become files in {place}")),
            Err(error) => Err(format!("mails cannot be written to {place}: {}", error.desc())),
        }
    }

    /// Makes the folders that are missing, for their owner alone.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn create(&self) -> io::Result<()> {
        let sub = |name| DirBuilder::new().recursive(true).mode(0o700).create(self.folder.join(name));
        ["tmp", "new", "cur"].into_iter().try_for_each(sub)
    }

    /// Written in full before it appears, and on the disk before it counts as accepted.
    fn write(&self, mail: &RenderedMail) -> io::Result<PathBuf> {
        self.create()?;
        let name = mail.message_id();
        if let Some(read) = self.find_in_cur(name)? {
            return Ok(read);
        }
        // Not the final name alone: another process may be writing the same mail.
        let temporary = self.folder.join("tmp").join(format!("{name}.{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(mail.bytes())?;
        file.sync_all()?;
        let new = self.folder.join("new");
        let path = new.join(name);
        fs::rename(&temporary, &path)?;
        File::open(&new)?.sync_all()?;
        Ok(path)
    }

    /// Mail programs move what was seen to `cur`, and add flags behind a colon.
    fn find_in_cur(&self, message_id: &str) -> io::Result<Option<PathBuf>> {
        for file in fs::read_dir(self.folder.join("cur"))? {
            let file = file?;
            if id_of(&file.file_name().to_string_lossy()) == message_id {
                return Ok(Some(file.path()));
            }
        }
        Ok(None)
    }
}

fn id_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(id, _)| id)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::mail::render::sample;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn writes_mails_that_only_the_owner_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(&folder.path().join("demo/mail"));
        assert_eq!(maildir.list().unwrap(), []);
        let SendResult::Accepted(text) = maildir.send(&sample("reset-1.a")).await else { panic!() };
        assert!(text.ends_with("/demo/mail/new/reset-1.a"));
        assert_eq!(maildir.read("reset-1.a").unwrap().unwrap(), sample("reset-1.a").bytes());
        assert_eq!(maildir.read("reset-1").unwrap(), None);
        let path = &maildir.list().unwrap()[0].path;
        assert_eq!(mode(path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(fs::read_dir(maildir.folder.join("tmp")).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_second_copy_replaces_the_first_even_when_it_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(folder.path());
        for _ in 0..2 {
            maildir.send(&sample("reset-1.a")).await;
            assert_eq!(maildir.list().unwrap().len(), 1);
        }
        let seen = folder.path().join("cur/reset-1.a:2,S");
        fs::rename(folder.path().join("new/reset-1.a"), &seen).unwrap();
        assert!(matches!(maildir.send(&sample("reset-1.a")).await, SendResult::Accepted(_)));
        let entries = maildir.list().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].message_id.as_str(), &entries[0].path), ("reset-1.a", &seen));
    }

    #[tokio::test]
    async fn lists_the_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let maildir = Maildir::new(folder.path());
        for (id, age) in [("reset-1.a", 20), ("reset-2.a", 0), ("reset-3.a", 10)] {
            maildir.send(&sample(id)).await;
            let at = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
            File::open(folder.path().join("new").join(id)).unwrap().set_modified(at).unwrap();
        }
        let ids: Vec<_> = maildir.list().unwrap().into_iter().map(|entry| entry.message_id).collect();
        assert_eq!(ids, ["reset-2.a", "reset-3.a", "reset-1.a"]);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_may_be_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let SendResult::TryAgain(text) = Maildir::new(&file).send(&sample("reset-1.a")).await else { panic!() };
        assert!(text.starts_with("the mail could not be written to "), "{text}");
    }
}
