//! Lists the packages of a database: `list [DIRECTORY]`, by default where rpm's configuration says.

use std::path::PathBuf;

use librpm::{Database, Engine, Tag};

fn main() -> Result<(), librpm::Error> {
    let engine = Engine::start()?;
    let directory = match std::env::args_os().nth(1) {
        Some(directory) => directory,
        None => engine.macros().expand("%{_dbpath}")?,
    };
    let database = Database::open(&engine, &PathBuf::from(directory))?;
    for header in database.headers()? {
        // A damaged header is an error in its place, and the others still come.
        match header {
            Ok(header) => println!(
                "{:40} {}",
                header.nevra().display(),
                header.string(Tag::LICENSE).unwrap_or_default().display()
            ),
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(())
}
