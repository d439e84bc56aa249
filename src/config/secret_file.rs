//! Files that hold a secret: read only while nobody else can read them.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use secrecy::SecretString;

use crate::config::error::ConfigError;

/// Longest secret, in bytes; whoever names a device or a disk image by mistake waits for nothing.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads a secret; the line end that editors put behind it does not belong to it.
///
/// # Errors
/// When the file cannot be read or is no text, or when its group or others can read it.
pub fn read(path: &Path) -> Result<SecretString, ConfigError> {
    let unreadable = |error| ConfigError::Unreadable { file: path.to_owned(), error };
    let file = File::open(path).map_err(unreadable)?;
    // The open file is asked, not its path: the path may lead elsewhere a moment later.
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        return Err(unreadable(io::Error::other("it is not a file")));
    }
    if others_can_read(&about) {
        let problem = "holds a secret and can be read by other users";
        return Err(ConfigError::Exposed { file: path.to_owned(), problem, chmod: "600" });
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    let secret = text.trim_end_matches(['\n', '\r']);
    Ok(SecretString::from(secret))
}

/// Whether group or others may read (or do anything else with) it.
#[must_use]
pub fn others_can_read(about: &Metadata) -> bool {
    about.permissions().mode() & 0o077 != 0
}

/// Whether group or others may change it.
#[must_use]
pub fn others_can_write(about: &Metadata) -> bool {
    about.permissions().mode() & 0o022 != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs::{Permissions, set_permissions, write};

    #[test]
    fn a_secret_is_read_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        write(&path, "hunter 2 \r\n").unwrap();
        set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert_eq!(read(&path).unwrap().expose_secret(), "hunter 2 ");
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        write(&path, "hunter2").unwrap();
        set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let text = read(&path).unwrap_err().to_string();
        assert!(text.contains("other users") && text.contains("chmod 600 ") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn what_is_no_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("not a file"));
        assert!(read(&folder.path().join("none")).unwrap_err().to_string().contains("cannot be read"));
    }
}
