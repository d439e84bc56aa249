//! Files that commands make: for their owner alone, never over another one, whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Makes a file that must not be there, not even as a link to another place.
///
/// # Errors
/// When something has this name, or nothing can be made there.
pub fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A file that is written beside its place and gets its name when it is complete and on disk.
/// Dropped before that, it is gone.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    draft: PathBuf,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file. `random` makes the name of its draft one that nobody foresees.
    ///
    /// # Errors
    /// When something has its name already, or nothing can be made there.
    pub fn begin(path: &Path, random: [u8; 8]) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
        let draft = folder(path).join(format!(".{name}.{}", data_encoding::HEXLOWER.encode(&random)));
        Ok(Self { file: create(&draft)?, draft, path: path.to_owned() })
    }

    /// Gives it its name. Whatever got that name in the meantime stays.
    ///
    /// # Errors
    /// When it cannot be written out, or something has the name.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::hard_link(&self.draft, &self.path)?;
        File::open(folder(&self.path))?.sync_all()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // A draft that cannot be removed hurts nobody, and what happened must not be hidden.
        let _ = fs::remove_file(&self.draft);
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_and_for_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        let mut file = NewFile::begin(&path, [7; 8]).unwrap();
        file.write_all(b"x").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        assert_eq!(names(dir.path()), ["a.csv"]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn one_that_is_not_finished_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        NewFile::begin(&dir.path().join("a.csv"), [7; 8]).unwrap().write_all(b"x").unwrap();
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn nothing_is_replaced_or_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (dir.path().join("a.csv"), dir.path().join("elsewhere"));
        let late = NewFile::begin(&path, [7; 8]).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert_eq!(NewFile::begin(&path, [8; 8]).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(late.finish().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(!elsewhere.exists());
        assert_eq!(names(dir.path()), ["a.csv"]);
    }
}
