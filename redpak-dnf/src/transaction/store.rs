//! Transactions that are kept for another time, in a directory of the user's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use redpak_host::dir::Dir;
use redpak_host::write::{self, Existing};

use super::offline;
use crate::options::Ending;
use crate::session::Session;
use libdnf5::{OptionPriority, Transaction};

/// The file that holds the transaction, in libdnf5's format.
pub const TRANSACTION: &str = "transaction.json";
const PACKAGES: &str = "packages";
const COMPS: &str = "comps";

/// The directory outside of the node that is written, made while it still can be.
pub fn directory(ending: &Ending) -> Result<Option<PathBuf>> {
    let (Ending::Store(directory) | Ending::Download(Some(directory))) = ending else {
        return Ok(None);
    };
    let directory = std::path::absolute(directory)?;
    std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(Some(directory))
}

/// Says where the packages go.
pub fn prepare(session: &Session<'_>, ending: &Ending, transaction: &mut Transaction<'_>) -> Result<()> {
    let destination = match ending {
        Ending::Run | Ending::RunOffline | Ending::Download(None) => return Ok(()),
        Ending::Offline => return offline::prepare(session, transaction),
        Ending::Download(Some(directory)) => std::path::absolute(directory)?,
        Ending::Store(directory) => {
            if directory.join(TRANSACTION).exists() {
                eprintln!(
                    "Location \"{}\" already contains a stored transaction, it will be overwritten.",
                    directory.display()
                );
            }
            std::path::absolute(directory)?.join(PACKAGES)
        }
    };
    if matches!(ending, Ending::Store(_)) {
        transaction.set_download_local_pkgs(true)?;
    }
    std::fs::create_dir_all(&destination).with_context(|| format!("cannot make {}", destination.display()))?;
    Ok(session
        .base
        .config()
        .set("destdir", destination, OptionPriority::Commandline)?)
}

/// Writes a transaction whose packages are there.
pub fn write(transaction: &Transaction<'_>, directory: &Path) -> Result<()> {
    transaction.store_comps(directory.join(COMPS))?;
    let [packages, comps] = [PACKAGES, COMPS].map(|name| format!("./{name}"));
    let text = transaction.serialize(packages.as_ref(), comps.as_ref(), "@stored_transaction".as_ref())?;
    write_text(directory, &text)
}

/// Writes the file of a transaction.
pub fn write_text(directory: &Path, text: &OsStr) -> Result<()> {
    let dir = Dir::open(directory)?;
    let name = Path::new(TRANSACTION);
    write::within(&dir, name, text.as_encoded_bytes(), 0o644, Existing::Replace)
        .with_context(|| format!("cannot write {}", directory.join(name).display()))
}
