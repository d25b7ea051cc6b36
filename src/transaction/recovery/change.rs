//! The packages that a transaction brings and takes away.
//!
//! A package in an rpmdb is an *instance*: the digest of its header and its number in the database. A name is not enough,
//! because a reinstalled package replaces one of the same name and version, and for a moment both are registered.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::configuration::Config;
use crate::package::{File, Package, Scriptlet};

/// What a transaction does to the rpmdb of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Packages that come.
    pub inbound: Vec<Inbound>,
    /// Instances that go.
    pub outbound: Vec<Outbound>,
    /// Instances that stay although another one with the same header comes or goes. An interrupted reinstallation leaves
    /// two instances with one header.
    #[serde(default)]
    pub kept: Vec<Instance>,
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
    /// The repository that it comes from, and its address there: where to get it when the package file is lost.
    #[serde(default)]
    pub source: String,
    /// What it puts into the node.
    pub files: Vec<PlannedFile>,
    /// The scriptlets that run when it comes.
    #[serde(default)]
    pub scriptlets: Scripts,
}

/// A file that comes: enough to tell it from one that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFile {
    /// Where it is put, absolute in the node.
    #[serde(with = "bytes")]
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The modification time that rpm gives it, seconds since the epoch.
    pub mtime: u32,
    /// For configuration files, which users change: what was there, and what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Config>,
}

/// An instance that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Which one.
    #[serde(flatten)]
    pub instance: Instance,
    /// The [`Inbound::key`] of the package that takes its place; none when it is removed.
    pub replaced_by: Option<String>,
    /// Its files.
    #[serde(default)]
    pub files: Vec<PlannedFile>,
    /// The scriptlets that run when it goes.
    #[serde(default)]
    pub scriptlets: Scripts,
    /// Whether it has triggers, which other packages fire.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_triggers: bool,
}

/// A package in an rpmdb.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its full name.
    pub nevra: String,
    /// Digest of its header.
    pub digest: Option<String>,
    /// The number of the header in the rpmdb.
    pub number: u32,
}

/// Names of scriptlets, as in a spec file and without the percent sign.
pub type Scripts = Vec<String>;

/// Scriptlets that belong to a package that comes, in the order in which rpm runs them.
const COMING: [Scriptlet; 4] = [
    Scriptlet::PreTransaction,
    Scriptlet::PreInstall,
    Scriptlet::PostInstall,
    Scriptlet::PostTransaction,
];
/// Those of a package that goes.
const GOING: [Scriptlet; 4] = [
    Scriptlet::PreUninstallTransaction,
    Scriptlet::PreUninstall,
    Scriptlet::PostUninstall,
    Scriptlet::PostUninstallTransaction,
];

fn scripts(package: &Package, kinds: [Scriptlet; 4]) -> Scripts {
    let has = |kind: &Scriptlet| package.scriptlets.contains(kind);
    let names = kinds.into_iter().filter(has).map(Scriptlet::name);
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

impl Inbound {
    /// A package and its file. `config` tells what becomes of a configuration file.
    pub fn new(package: &Package, path: PathBuf, source: String, config: &dyn Fn(&File) -> Config) -> Self {
        Self {
            nevra: nevra(package),
            digest: package.header_digest.clone(),
            path,
            source,
            files: planned(package, config),
            scriptlets: scripts(package, COMING),
        }
    }

    /// What its instance is recognised by.
    pub fn key(&self) -> &str {
        key(self.digest.as_deref(), &self.nevra)
    }
}

impl Outbound {
    /// An installed package, and the key of the one that takes its place. `config` tells what becomes of a configuration file.
    pub fn new(package: &Package, replaced_by: Option<String>, config: &dyn Fn(&File) -> Config) -> Self {
        Self {
            instance: Instance::from(package),
            replaced_by,
            files: planned(package, config),
            scriptlets: scripts(package, GOING),
            has_triggers: package.scriptlets.iter().any(|scriptlet| scriptlet.is_trigger()),
        }
    }
}

impl Instance {
    /// What it is recognised by, beside its number.
    pub fn key(&self) -> &str {
        key(self.digest.as_deref(), &self.nevra)
    }
}

impl From<&Package> for Instance {
    fn from(package: &Package) -> Self {
        Self {
            nevra: nevra(package),
            digest: package.header_digest.clone(),
            number: package.header_number,
        }
    }
}

/// A header without a digest (rpm before 4.0) is recognised by its full name.
fn key<'k>(digest: Option<&'k str>, nevra: &'k str) -> &'k str {
    digest.unwrap_or(nevra)
}

fn planned(package: &Package, config: &dyn Fn(&File) -> Config) -> Vec<PlannedFile> {
    let files = package.files.iter().filter(|file| file.state.is_installed());
    let planned = files.map(|file| PlannedFile {
        path: file.path.clone(),
        size: file.size,
        mtime: file.mtime,
        config: (file.flags.is_config() && file.is_regular()).then(|| config(file)),
    });
    planned.collect()
}

impl Change {
    /// The names of all packages in it; some may be there twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let inbound = self.inbound.iter().map(|package| &package.nevra);
        let nevras = inbound.chain(self.outbound.iter().map(|package| &package.instance.nevra));
        // Neither version nor release has a dash.
        nevras.filter_map(|nevra| nevra.rsplitn(3, '-').nth(2))
    }

    /// Notes the instances that stay beside one with the same header. `installed` are all of the node before the transaction.
    pub fn keep(&mut self, installed: impl IntoIterator<Item = (u32, Option<String>)>) {
        let named = |digest: &str| {
            let inbound = self
                .inbound
                .iter()
                .find(|package| package.digest.as_deref() == Some(digest));
            let outbound = self.outbound.iter().map(|package| &package.instance);
            let outbound = outbound
                .into_iter()
                .find(|package| package.digest.as_deref() == Some(digest));
            inbound
                .map(|package| &package.nevra)
                .or(outbound.map(|package| &package.nevra))
        };
        let goes = |number: u32| self.outbound.iter().any(|package| package.instance.number == number);
        let kept = installed.into_iter().filter(|(number, _)| !goes(*number));
        let kept = kept.filter_map(|(number, digest)| {
            let nevra = named(digest.as_deref()?)?.clone();
            Some(Instance { nevra, digest, number })
        });
        self.kept = kept.collect();
    }
}

/// A package's full name as the journal and libdnf5 have it: an epoch of 0 is left out, even where the header has one.
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
