//! Other packages than those that were found: their providers, or their sources.

use std::ffi::OsString;

use anyhow::{Result, bail};
use clap::Args;

use super::relations::Relations;
use crate::options::usage::Usage;
use crate::session::Session;
use libdnf5::{ExcludeFlags, PackageQuery, QueryCmp};

const ATTRIBUTES: [&str; 10] = [
    "conflicts",
    "depends",
    "enhances",
    "obsoletes",
    "provides",
    "recommends",
    "requires",
    "requires_pre",
    "suggests",
    "supplements",
];

/// What is shown instead of the packages found.
#[derive(Debug, Args)]
pub struct Others {
    /// Their source packages (enables repositories of sources)
    #[arg(long)]
    pub srpm: bool,
    /// Packages that provide what they have in an attribute: conflicts, depends, enhances, obsoletes, provides, recommends, requires,
    /// requires_pre, suggests, supplements
    #[arg(long, value_name = "PACKAGE_ATTRIBUTE")]
    providers_of: Option<String>,
    /// With --whatrequires and --providers-of=requires: go on with what was found
    #[arg(long)]
    pub recursive: bool,
}

impl Others {
    /// Refuses what makes no sense.
    pub fn check(&self, relations: &Relations) -> Result<()> {
        if let Some(attribute) = self
            .providers_of
            .as_deref()
            .filter(|attribute| !ATTRIBUTES.contains(attribute))
        {
            bail!("OptionValueNotAllowedError: Enum option value \"{attribute}\" not allowed");
        }
        let of_requires = self.providers_of.as_deref() == Some("requires");
        if self.recursive && !of_requires && !relations.is_by_requirement() {
            return Err(Usage(
                "Option \"--recursive\" has to be used either with \"--whatrequires\" or \"--providers-of=requires\"."
                    .into(),
            )
            .into());
        }
        relations.check()
    }

    /// The packages to show for those that were found, out of `all`.
    pub fn instead_of<'b>(
        &self,
        found: PackageQuery<'b>,
        all: &PackageQuery<'b>,
        session: &'b Session<'_>,
    ) -> Result<PackageQuery<'b>> {
        let mut query = found;
        if let Some(attribute) = &self.providers_of {
            query = self.providers(&query, attribute, all)?;
        }
        if self.srpm {
            query = sources(&query, session)?;
        }
        Ok(query)
    }

    fn providers<'b>(
        &self,
        found: &PackageQuery<'b>,
        attribute: &str,
        all: &PackageQuery<'b>,
    ) -> Result<PackageQuery<'b>> {
        let provide = |packages: &PackageQuery<'b>| -> Result<PackageQuery<'b>> {
            let mut query = all.try_clone()?;
            query
                .filter_provides_of(packages, attribute, QueryCmp::EQ)?
                .filter_latest_evr(1)?;
            Ok(query)
        };
        let mut providers = provide(found)?;
        if self.recursive && attribute == "requires" {
            loop {
                let before = providers.size()?;
                let more = provide(&providers)?;
                if providers.update(&more)?.size()? == before {
                    break;
                }
            }
        }
        Ok(providers)
    }
}

/// The source packages that packages were built from.
fn sources<'b>(found: &PackageQuery<'b>, session: &'b Session<'_>) -> Result<PackageQuery<'b>> {
    let mut nevras: Vec<OsString> = Vec::new();
    for package in found.list()? {
        if let Some(nevra) = package.sourcerpm()?.to_string_lossy().strip_suffix(".rpm") {
            nevras.push(nevra.into());
        }
    }
    let mut query = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    query.filter_available()?.filter_nevra(&nevras, QueryCmp::EQ)?;
    Ok(query)
}
