//! Stops the build when a language does not say what English says, and makes the methods of `Texts`.

use std::{
    env, fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[path = "src/texts/catalogue.rs"]
mod catalogue;

/// Where the languages are, each in a folder named by its code.
const FOLDER: &str = "src/texts";

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout();
    writeln!(out, "cargo::rerun-if-changed={FOLDER}")?;
    match catalogue::generate(&sources()?) {
        Ok(code) => {
            let folder = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
            fs::write(folder.join("texts.rs"), code)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            for problem in problems {
                writeln!(out, "cargo::error={problem}")?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The files of all languages.
fn sources() -> io::Result<Vec<catalogue::Source>> {
    let mut sources = Vec::new();
    for folder in entries(Path::new(FOLDER))?.into_iter().filter(|path| path.is_dir()) {
        for file in entries(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "ftl")) {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            sources.push(catalogue::Source {
                language: name(&folder),
                path: format!("{FOLDER}/{}/{}", name(&folder), name(&file)),
                text: fs::read_to_string(&file)?,
            });
        }
    }
    Ok(sources)
}

/// What is in a folder, in the order of its names.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}
