//! The file of the key that link tokens are derived from.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    config::{error::ConfigError, secret_file},
    domain::reset::{KEY_LEN, TokenKey},
};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum TokenKeyError {
    /// It is there but cannot be used as it is.
    #[error("The key of the reset links: {0}")]
    File(#[from] ConfigError),
    /// It is there but is no key.
    #[error(
        "{} is not a key file. No mail was made; restore it from a backup. If it is lost, remove it \
         and run \"keydesk mail deliver --new-key\": a new one is made. Mails that were tried with the old one are then \
         refused; start those resets again.",
        .0.display()
    )]
    NotAKey(PathBuf),
    /// It could not be made.
    #[error("The key of the reset links could not be made at {}: {error}. No mail was made; set token_key.", path.display())]
    NotMade {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Reads the key, or makes one where there is none yet. Processes that start at the same moment
/// get the same key. `random` makes fresh random bytes.
///
/// # Errors
/// When the file is readable by others, is no key file, or cannot be made.
pub fn load_or_create(path: &Path, random: &dyn Fn() -> [u8; KEY_LEN]) -> Result<TokenKey, TokenKeyError> {
    if !path.try_exists().unwrap_or(true) {
        create(path, random).map_err(|error| TokenKeyError::NotMade { path: path.to_owned(), error })?;
    }
    load(path)
}

/// Reads the key that is there.
///
/// # Errors
/// When the file is readable by others, or is no key file.
pub fn load(path: &Path) -> Result<TokenKey, TokenKeyError> {
    let text = secret_file::read(path)?;
    decode(&text).ok_or_else(|| TokenKeyError::NotAKey(path.to_owned()))
}

fn decode(text: &SecretString) -> Option<TokenKey> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.expose_secret().as_bytes()).ok()?;
    <[u8; KEY_LEN]>::try_from(bytes).ok().map(TokenKey::new)
}

/// Writes the key under a name of its own and links it to its place when it is whole and on
/// disk: nobody ever reads half a key, a crash leaves none, and the first of many wins.
fn create(path: &Path, random: &dyn Fn() -> [u8; KEY_LEN]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let key = SecretString::from(HEXLOWER_PERMISSIVE.encode(&random()));
    let name: String = HEXLOWER_PERMISSIVE.encode(&random()).chars().take(16).collect();
    let draft = folder.join(format!(".token.key.{name}"));
    let linked = write_draft(&draft, &key).and_then(|()| fs::hard_link(&draft, path));
    // The draft is of no use to anybody now; failing to remove it must not hide what happened.
    let _ = fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(folder)?.sync_all(),
    }
}

fn write_draft(draft: &Path, key: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    writeln!(file, "{}", key.expose_secret())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reset::ResetId;
    use std::{fs::Permissions, os::unix::fs::PermissionsExt, thread};

    fn random() -> [u8; KEY_LEN] {
        crate::clock::Entropy::System.bytes()
    }

    fn fingerprint(key: &TokenKey) -> String {
        key.token(ResetId(1), b"nonce").digest()
    }

    #[test]
    fn a_key_is_made_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/token.key");
        let made = load_or_create(&path, &random).unwrap();
        let read = load_or_create(&path, &random).unwrap();
        assert_eq!(fingerprint(&made), fingerprint(&read));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn many_that_start_together_get_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        let keys: Vec<String> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..16).map(|_| scope.spawn(|| fingerprint(&load_or_create(&path, &random).unwrap()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| key == &keys[0]));
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.key");
        load_or_create(&path, &random).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let text = load_or_create(&path, &random).unwrap_err().to_string();
        assert!(text.contains(&format!("chmod 600 {}", path.display())), "{text}");
    }

    #[test]
    fn what_is_no_key_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "00", "not hex", &"0".repeat(126), &"0".repeat(130)] {
            let path = folder.path().join("token.key");
            write_draft(&path, &text.into()).unwrap();
            assert!(matches!(load_or_create(&path, &random), Err(TokenKeyError::NotAKey(_))), "{text:?}");
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("{text}\n"));
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn where_nothing_can_be_made_it_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let text = load_or_create(&file.join("token.key"), &random).unwrap_err().to_string();
        assert!(text.contains("could not be made") || text.contains("cannot be read"), "{text}");
    }
}
