//! Makes a table of the files in `templates.d/`, so that the templates travel inside the programs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let folder = root.join("templates.d");
    println!("cargo::rerun-if-changed={}", folder.display());
    fs::write(Path::new(&variable("OUT_DIR")?).join("templates.rs"), table(&folder)?)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

/// `[(name, text), …]`, sorted by name so that equal trees make equal programs.
fn table(folder: &Path) -> io::Result<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    let mut text = String::from("&[\n");
    for file in &files {
        let name = file.file_stem().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    ({name:?}, include_str!({file:?})),");
    }
    text.push_str("]\n");
    Ok(text)
}
