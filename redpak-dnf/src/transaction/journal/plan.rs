//! What a transaction was going to do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use redpak::package::{File, Package};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Before, State};

/// The version that this program writes and understands.
pub const VERSION: u32 = 1;

/// A transaction, resolved and judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Format of this file.
    pub version: u32,
    /// The command line.
    pub command: String,
    /// The highest header number in the leaf's rpmdb before.
    pub highest: u32,
    /// Packages that come.
    pub inbound: Vec<Inbound>,
    /// Packages that go.
    pub outbound: Vec<Outbound>,
    /// What libdnf5 records when rpm is done. Journals of before have none.
    #[serde(default)]
    pub state: State,
    /// What libdnf5 had recorded before. Filled in when the journal is written.
    #[serde(default)]
    pub before: Before,
}

/// A package that comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Its full name.
    pub nevra: String,
    /// Digest of its header.
    pub digest: Option<String>,
    /// The package file.
    #[serde(with = "bytes")]
    pub path: PathBuf,
    /// What it puts into the node.
    pub files: Vec<Planned>,
}

/// A file that comes: enough to know it from one that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Where it is put, absolute in the node.
    #[serde(with = "bytes")]
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The time of change that rpm gives it.
    pub mtime: u32,
}

/// A package that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Its full name.
    pub nevra: String,
    /// The package that takes its place; none when it is removed.
    pub replaced_by: Option<String>,
}

impl Plan {
    /// The names of all packages in it, each once.
    pub fn names(&self) -> BTreeSet<&str> {
        let inbound = self.inbound.iter().map(|package| &package.nevra);
        let nevras = inbound.chain(self.outbound.iter().map(|package| &package.nevra));
        // Neither version nor release has a dash.
        nevras.filter_map(|nevra| nevra.rsplitn(3, '-').nth(2)).collect()
    }
}

impl Inbound {
    /// A package and its file.
    pub fn new(package: &Package, path: PathBuf) -> Self {
        Self {
            nevra: nevra(package),
            digest: package.header_digest.clone(),
            path,
            files: package.files.iter().map(Planned::from).collect(),
        }
    }
}

impl From<&File> for Planned {
    fn from(file: &File) -> Self {
        Self {
            path: file.path.clone(),
            size: file.size,
            mtime: file.mtime,
        }
    }
}

/// A package's full name as the journal and libdnf5 have it: an epoch of 0 is none, though a header may say it.
pub fn nevra(package: &Package) -> String {
    let nevra = package.nevra().to_string_lossy().into_owned();
    match (package.epoch, package.name.to_string_lossy()) {
        (Some(0), name) => nevra.replacen(&format!("{name}-0:"), &format!("{name}-"), 1),
        _ => nevra,
    }
}

/// A path is text where it can be, and a list of bytes where it is not UTF-8.
mod bytes {
    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        use std::os::unix::ffi::OsStrExt;
        match path.to_str() {
            Some(text) => text.serialize(serializer),
            None => path.as_os_str().as_bytes().serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(match Form::deserialize(deserializer)? {
            Form::Text(text) => text.into(),
            Form::Bytes(bytes) => OsString::from_vec(bytes).into(),
        })
    }
}
