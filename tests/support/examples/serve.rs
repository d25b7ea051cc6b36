//! Serves a directory over HTTP on loopback until its standard input ends: `serve DIRECTORY`. Prints its URL.

use std::io::{Read, Write};
use std::path::Path;

use redpak_testing::Server;

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).expect("usage: serve DIRECTORY");
    let server = Server::new(Path::new(&directory));
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.url())?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
