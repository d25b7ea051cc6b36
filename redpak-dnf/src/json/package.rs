//! Packages in JSON, with dnf5's names for what they have.

use std::cmp::Reverse;
use std::ffi::OsString;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::text::{text, texts};
use libdnf5::{Changelog, Package};

/// Which package it is, and which repository it is in, or was installed from.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Identity {
    name: String,
    epoch: String,
    version: String,
    release: String,
    arch: String,
    evr: String,
    nevra: String,
    repository: String,
    is_installed: bool,
}

impl Identity {
    /// Of a package.
    pub fn of(package: &Package<'_>) -> Result<Self> {
        let is_installed = package.is_installed()?;
        let from = if is_installed {
            package.from_repo_id()?
        } else {
            OsString::new()
        };
        Ok(Self {
            name: text(package.name()?),
            epoch: text(package.epoch()?),
            version: text(package.version()?),
            release: text(package.release()?),
            arch: text(package.arch()?),
            evr: text(package.evr()?),
            nevra: text(package.nevra()?),
            repository: text(if from.is_empty() { package.repo_id()? } else { from }),
            is_installed,
        })
    }
}

/// An entry of a changelog.
#[derive(Debug, Serialize)]
pub struct ChangelogEntry {
    timestamp: i64,
    author: String,
    text: String,
}

impl From<Changelog> for ChangelogEntry {
    fn from(entry: Changelog) -> Self {
        Self {
            timestamp: entry.timestamp,
            author: text(entry.author),
            text: text(entry.text),
        }
    }
}

/// A package's changelog, newest first: metadata has it the other way round than headers.
pub fn changelog(package: &Package<'_>) -> Result<Vec<Changelog>> {
    let mut entries = package.changelogs()?;
    entries.sort_by_key(|entry| Reverse(entry.timestamp));
    Ok(entries)
}

/// What a package has of an attribute, by the name that `repoquery` knows it by.
pub fn attribute(package: &Package<'_>, name: &str) -> Result<Value> {
    let list = match name {
        "sourcerpm" => return Ok(text(package.sourcerpm()?).into()),
        "location" => return Ok(text(package.location()?).into()),
        "files" => package.files(),
        "conflicts" => package.conflicts(),
        "depends" => package.depends(),
        "enhances" => package.enhances(),
        "obsoletes" => package.obsoletes(),
        "provides" => package.provides(),
        "recommends" => package.recommends(),
        "requires" => package.requires(),
        "requires_pre" => package.requires_pre(),
        "suggests" => package.suggests(),
        "supplements" => package.supplements(),
        unknown => anyhow::bail!("packages have no attribute {unknown}"),
    };
    Ok(texts(&list?).into())
}
