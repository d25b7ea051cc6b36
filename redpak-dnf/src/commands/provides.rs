//! `provides`: packages by what they provide, and by their files.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::Outcome;
use crate::json::{self, Identity};
use crate::options::Global;
use crate::query::{Family, Needs, ask};
use libdnf5::output::{self, ProvidesMatchedBy};
use libdnf5::{Package, PackageQuery, QueryCmp};

const BINARIES: [&str; 2] = ["/usr/bin", "/usr/sbin"];
const HINT: &str =
    "If searching for a file, try specifying the full path or using a wildcard prefix (\"*/\") at the beginning.";

/// Finds what package provides something.
#[derive(Debug, Args)]
pub struct Provides {
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Capabilities, files and names of programs
    #[arg(required = true, value_name = "package-spec-PFB")]
    specs: Vec<String>,
}

impl Provides {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let needs = Needs {
            metadata: &["filelists"],
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| self.report(family))
    }

    fn report(&self, family: &Family<'_>) -> Result<Outcome> {
        let all = family.packages()?;
        let (mut unmatched, mut matches) = (Vec::new(), Vec::new());
        for spec in &self.specs {
            let (packages, matched_by) = find(&all, spec)?;
            if matched_by == ProvidesMatchedBy::NoMatch {
                unmatched.push(spec);
            }
            for package in packages.list()? {
                if self.json {
                    matches.push(Match::new(&package, spec, matched_by)?);
                } else {
                    output::provides(&package, spec, matched_by)?;
                }
            }
        }
        if self.json {
            json::print(&matches)?;
        }
        if unmatched.is_empty() {
            return Ok(Outcome::Done);
        }
        family.report_unmatched(&unmatched, unmatched.len() < self.specs.len())?;
        eprintln!("{HINT}");
        Ok(Outcome::Failed)
    }
}

/// A package and why it is one.
#[derive(Serialize)]
struct Match {
    #[serde(flatten)]
    package: Identity,
    spec: String,
    matched_by: &'static str,
}

impl Match {
    fn new(package: &Package<'_>, spec: &str, matched_by: ProvidesMatchedBy) -> Result<Self> {
        Ok(Self {
            package: Identity::of(package)?,
            spec: spec.to_owned(),
            matched_by: match matched_by {
                ProvidesMatchedBy::Provides => "provides",
                ProvidesMatchedBy::Filename => "filename",
                ProvidesMatchedBy::Binary => "binary",
                ProvidesMatchedBy::NoMatch => "nothing",
            },
        })
    }
}

/// The packages that provide something, or else own such a file, or else have such a program.
fn find<'q>(all: &PackageQuery<'q>, spec: &str) -> Result<(PackageQuery<'q>, ProvidesMatchedBy)> {
    let mut query = all.try_clone()?;
    query.filter_provides(&[spec], QueryCmp::GLOB)?;
    if !query.is_empty()? {
        return Ok((query, ProvidesMatchedBy::Provides));
    }
    let mut query = all.try_clone()?;
    query.filter_file(&[spec], QueryCmp::GLOB)?;
    if !query.is_empty()? {
        return Ok((query, ProvidesMatchedBy::Filename));
    }
    let mut query = all.try_clone()?;
    query.filter_file(&BINARIES.map(|directory| format!("{directory}/{spec}")), QueryCmp::GLOB)?;
    let matched_by = if query.is_empty()? {
        ProvidesMatchedBy::NoMatch
    } else {
        ProvidesMatchedBy::Binary
    };
    Ok((query, matched_by))
}
