//! The report of `verify`: text for people, JSON to be archived. Nothing in it depends on when or where it was made.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use redpak::coherency::{Level, above};
use redpak_host::read;
use redpak_packages::coherency::{CheckReport, Examination};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::node::Node;

/// The report's form; a field that changes its meaning changes the number.
const FORMAT: u32 = 1;

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything holds.
    Coherent,
    /// Something could not be told, and nothing is known to be wrong.
    CouldNotTell,
    /// Something does not hold.
    Incoherent,
}

/// All families that were looked at.
#[derive(Debug, Serialize)]
pub struct Report {
    format: u32,
    program: &'static str,
    version: &'static str,
    librpm: String,
    /// Of the worst family.
    pub outcome: Verdict,
    families: Vec<FamilyReport>,
}

/// One family.
#[derive(Debug, Serialize)]
pub struct FamilyReport {
    redpath: String,
    outcome: Verdict,
    levels: Vec<LevelReport>,
    configs: Vec<ConfigReport>,
    checks: Vec<CheckReport>,
}

/// The core OS, or a node, with what the proof rests on.
#[derive(Debug, Serialize)]
struct LevelReport {
    root: String,
    core_os: bool,
    rpmdb: String,
    packages: usize,
    /// SHA-256 over the names and header digests of its packages, one `NEVRA DIGEST` a line, sorted.
    digest: String,
    /// The packages themselves; those of the core OS stand in its digest alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    installed: Vec<PackageReport>,
}

#[derive(Debug, Serialize)]
struct PackageReport {
    nevra: String,
    header: Option<String>,
    signed: bool,
}

#[derive(Debug, Serialize)]
struct ConfigReport {
    file: String,
    sha256: String,
}

impl Report {
    /// Of these families.
    pub fn new(families: Vec<FamilyReport>) -> Self {
        let outcome = families.iter().map(|family| family.outcome).max();
        Self {
            format: FORMAT,
            program: "redwrap-dnf",
            version: env!("CARGO_PKG_VERSION"),
            librpm: librpm::version(),
            outcome: outcome.unwrap_or(Verdict::CouldNotTell),
            families,
        }
    }

    /// One object, ended by a line feed.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// A table a family.
    pub fn to_text(&self) -> Vec<u8> {
        let mut text = String::new();
        for family in &self.families {
            family.add_to(&mut text);
        }
        text.into_bytes()
    }
}

impl FamilyReport {
    /// Of a family that could be read.
    pub fn new(node: &Node, found: &Examination, checks: Vec<CheckReport>) -> Result<Self> {
        let levels = found.family.iter().zip(&found.rpmdbs);
        let mut report = Self::of_checks(node.path(), checks);
        report.levels = levels.map(|(level, rpmdb)| LevelReport::new(level, rpmdb)).collect();
        let sources = node
            .family
            .main
            .iter()
            .chain(node.family.nodes.iter().map(|node| &node.config));
        report.configs = sources
            .map(|source| ConfigReport::new(&source.file))
            .collect::<Result<_>>()?;
        Ok(report)
    }

    /// Of checks alone.
    pub fn of_checks(redpath: &Path, checks: Vec<CheckReport>) -> Self {
        let is = |wanted: &str| checks.iter().any(|check| check.outcome == wanted);
        let outcome = match () {
            () if is("violated") => Verdict::Incoherent,
            () if is("could-not-tell") => Verdict::CouldNotTell,
            () => Verdict::Coherent,
        };
        Self {
            redpath: redpath.to_string_lossy().into_owned(),
            outcome,
            levels: Vec::new(),
            configs: Vec::new(),
            checks,
        }
    }

    fn add_to(&self, text: &mut String) {
        use redpak::display;
        let mut line = |arguments: std::fmt::Arguments<'_>| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{arguments}");
        };
        line(format_args!("{}", display::text(&self.redpath)));
        for check in &self.checks {
            line(format_args!("  {:<15} {}", check.id, check.outcome));
            if let Some(reason) = &check.reason {
                line(format_args!("    {}", display::text(reason)));
            }
            for violation in &check.violations {
                let package = violation
                    .package
                    .iter()
                    .map(|package| format!("{}: ", display::text(package)));
                let package: String = package.collect();
                let warning = if violation.severity == "warning" {
                    "warning: "
                } else {
                    ""
                };
                let (node, reason) = (display::text(&violation.node), display::text(&violation.reason));
                line(format_args!("    {warning}{node}: {package}{reason}"));
                for above in above(&violation.needed_by) {
                    line(format_args!("    {above}"));
                }
            }
        }
        let packages: Vec<String> = self.levels.iter().map(|level| level.packages.to_string()).collect();
        let outcome = match self.outcome {
            Verdict::Coherent => "coherent",
            Verdict::Incoherent => "not coherent",
            Verdict::CouldNotTell => "could not tell",
        };
        match packages.is_empty() {
            true => line(format_args!("  {outcome}")),
            false => line(format_args!(
                "  {outcome}; packages, core OS first: {}",
                packages.join(", ")
            )),
        }
    }
}

impl LevelReport {
    fn new(level: &Level, rpmdb: &Path) -> Self {
        let mut installed: Vec<PackageReport> = level
            .packages
            .iter()
            .map(|package| PackageReport {
                nevra: package.nevra().to_string_lossy().into_owned(),
                header: package.header_digest.clone(),
                signed: package.signed,
            })
            .collect();
        installed.sort_by(|one, other| (&one.nevra, &one.header).cmp(&(&other.nevra, &other.header)));
        let mut digest = Sha256::new();
        for package in &installed {
            digest.update(format!(
                "{} {}\n",
                package.nevra,
                package.header.as_deref().unwrap_or("-")
            ));
        }
        let packages = installed.len();
        Self {
            root: level.root.to_string_lossy().into_owned(),
            core_os: level.is_core_os,
            rpmdb: super::relative(rpmdb, &level.root).to_string_lossy().into_owned(),
            packages,
            digest: format!("{:x}", digest.finalize()),
            installed: if level.is_core_os { Vec::new() } else { installed },
        }
    }
}

impl ConfigReport {
    fn new(file: &Path) -> Result<Self> {
        let bytes = read::file(file, read::MAX_CONFIG)?;
        Ok(Self {
            file: file.to_string_lossy().into_owned(),
            sha256: format!("{:x}", Sha256::digest(bytes)),
        })
    }
}
