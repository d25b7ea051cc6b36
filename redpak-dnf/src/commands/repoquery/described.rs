//! What `repoquery --json` says of a package.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::json::{ChangelogEntry, Identity, attribute, changelog, text};
use libdnf5::Package;

/// A package, with what the options ask for.
#[derive(Debug, Serialize)]
pub struct Described {
    #[serde(flatten)]
    package: Identity,
    #[serde(flatten)]
    info: Option<Info>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changelogs: Option<Vec<ChangelogEntry>>,
    #[serde(flatten)]
    attribute: BTreeMap<&'static str, Value>,
}

/// `--info`
#[derive(Debug, Serialize)]
struct Info {
    summary: String,
    description: String,
    url: String,
    license: String,
    vendor: String,
    packager: String,
    sourcerpm: String,
    downloadsize: u64,
    installsize: u64,
    buildtime: u64,
}

impl Described {
    pub fn new(package: &Package<'_>, info: bool, changelogs: bool, name: Option<&'static str>) -> Result<Self> {
        let entries = changelogs.then(|| changelog(package)).transpose()?;
        let attribute = name.map(|name| Ok::<_, anyhow::Error>((name, attribute(package, name)?)));
        Ok(Self {
            package: Identity::of(package)?,
            info: info.then(|| Info::of(package)).transpose()?,
            changelogs: entries.map(|entries| entries.into_iter().map(ChangelogEntry::from).collect()),
            attribute: attribute.transpose()?.into_iter().collect(),
        })
    }
}

impl Info {
    fn of(package: &Package<'_>) -> Result<Self> {
        Ok(Self {
            summary: text(package.summary()?),
            description: text(package.description()?),
            url: text(package.url()?),
            license: text(package.license()?),
            vendor: text(package.vendor()?),
            packager: text(package.packager()?),
            sourcerpm: text(package.sourcerpm()?),
            downloadsize: package.download_size()?,
            installsize: package.install_size()?,
            buildtime: package.build_time()?,
        })
    }
}
