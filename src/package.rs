//! Packages as plain values: what an rpmdb header or a package file says, with nothing of librpm in it.
//!
//! Strings are bytes ([`OsString`], [`PathBuf`]): rpm promises no encoding, and a name that is not UTF-8 must still be
//! compared and shown faithfully.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

mod file;

pub use file::{DigestAlgorithm, File, FileFlags, FileState, Verified};

/// A package: installed in a node (then it has a header number) or read from a package file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name (`Name:` of the spec file).
    pub name: OsString,
    /// Epoch; none counts as 0 in comparisons.
    pub epoch: Option<u32>,
    /// Version.
    pub version: OsString,
    /// Release.
    pub release: OsString,
    /// Architecture; only the imported keys (`gpg-pubkey`) have none.
    pub arch: Option<OsString>,
    /// Number of the header in its rpmdb; 0 when the package is not installed.
    pub header_number: u32,
    /// Digest of the immutable header, in hexadecimal, as librpm verified it.
    pub header_digest: Option<String>,
    /// Who signed it is not judged here: whether there is a signature over the header at all.
    pub signed: bool,
    /// What it provides, its own name and version included; files are in `files`.
    pub provides: Vec<Dependency>,
    /// What it requires, `rpmlib(…)` features included.
    pub requires: Vec<Dependency>,
    /// What it conflicts with.
    pub conflicts: Vec<Dependency>,
    /// What it obsoletes.
    pub obsoletes: Vec<Dependency>,
    /// Its files in the order of the header.
    pub files: Vec<File>,
    /// Scriptlets and triggers that it carries, in the order of [`Scriptlet`].
    pub scriptlets: Vec<Scriptlet>,
    /// Whether rpm expands macros in a scriptlet or trigger of it (`%post -e`) when that runs.
    pub expands_macros: bool,
}

impl Package {
    /// Version with release, and the epoch in front where there is one: `1:2.0-3`.
    pub fn evr(&self) -> OsString {
        let mut evr = OsString::new();
        if let Some(epoch) = self.epoch {
            evr.push(format!("{epoch}:"));
        }
        evr.push(&self.version);
        evr.push("-");
        evr.push(&self.release);
        evr
    }

    /// Name, version, release and architecture as rpm prints them: `hello-1:2.0-3.noarch`.
    pub fn nevra(&self) -> OsString {
        let mut nevra = self.name.clone();
        nevra.push("-");
        nevra.push(self.evr());
        if let Some(arch) = &self.arch {
            nevra.push(".");
            nevra.push(arch);
        }
        nevra
    }

    /// Whether this is one of the keys that rpm keeps in the database as if they were packages.
    pub fn is_public_key(&self) -> bool {
        self.name == "gpg-pubkey"
    }
}

/// One entry of Requires, Provides, Conflicts or Obsoletes.
///
/// The order of two dependencies is that of their text; what matches what is librpm's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dependency {
    /// Name, path or the whole text of a rich dependency.
    pub name: OsString,
    /// Comparison with `version`.
    pub comparison: Comparison,
    /// Version, empty when any will do.
    pub version: OsString,
    /// The flags of rpm's header (`RPMSENSE_…`), for librpm.
    pub flags: u32,
}

impl Dependency {
    /// Whether it is a rich (boolean) dependency such as `(a or b)`.
    pub fn is_rich(&self) -> bool {
        self.name.as_encoded_bytes().starts_with(b"(")
    }

    /// Whether rpm itself provides it (`rpmlib(…)`).
    pub fn is_rpm_feature(&self) -> bool {
        self.name.as_encoded_bytes().starts_with(b"rpmlib(")
    }

    /// As rpm prints it: `name >= version`.
    pub fn to_os_string(&self) -> OsString {
        let mut text = self.name.clone();
        if self.comparison != Comparison::Any {
            text.push(format!(" {} ", self.comparison));
            text.push(&self.version);
        }
        text
    }
}

impl PartialOrd for Dependency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dependency {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |dependency: &Self| (dependency.name.clone(), dependency.version.clone(), dependency.flags);
        key(self).cmp(&key(other))
    }
}

/// How a dependency compares versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// No version: any will do.
    Any,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparison {
    /// From the sense bits of rpm's headers: 2 less, 4 greater, 8 equal.
    pub fn from_sense(flags: u32) -> Self {
        match flags & 0xe {
            2 => Self::Less,
            4 => Self::Greater,
            8 => Self::Equal,
            10 => Self::LessOrEqual,
            12 => Self::GreaterOrEqual,
            _ => Self::Any,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        })
    }
}

/// What rpm runs at some moment of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scriptlet {
    /// `%pretrans`
    PreTransaction,
    /// `%pre`
    PreInstall,
    /// `%post`
    PostInstall,
    /// `%preun`
    PreUninstall,
    /// `%postun`
    PostUninstall,
    /// `%posttrans`
    PostTransaction,
    /// `%preuntrans`
    PreUninstallTransaction,
    /// `%postuntrans`
    PostUninstallTransaction,
    /// `%verifyscript`
    Verify,
    /// `%triggerprein`, `%triggerin`, `%triggerun`, `%triggerpostun`
    Trigger,
    /// `%filetriggerin` and its kin
    FileTrigger,
    /// `%transfiletriggerin` and its kin
    TransactionFileTrigger,
}

impl Scriptlet {
    /// Whether other packages make it run.
    pub fn is_trigger(self) -> bool {
        matches!(self, Self::Trigger | Self::FileTrigger | Self::TransactionFileTrigger)
    }

    /// The name of the section in a spec file, without the percent sign.
    pub fn name(self) -> &'static OsStr {
        OsStr::new(match self {
            Self::PreTransaction => "pretrans",
            Self::PreInstall => "pre",
            Self::PostInstall => "post",
            Self::PreUninstall => "preun",
            Self::PostUninstall => "postun",
            Self::PostTransaction => "posttrans",
            Self::PreUninstallTransaction => "preuntrans",
            Self::PostUninstallTransaction => "postuntrans",
            Self::Verify => "verifyscript",
            Self::Trigger => "trigger",
            Self::FileTrigger => "filetrigger",
            Self::TransactionFileTrigger => "transfiletrigger",
        })
    }
}

/// Where a header number of a family view comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// 0 is the leaf, 1 its parent, and so on up to the core OS.
    pub node: usize,
    /// The number of the header in that node's own rpmdb.
    pub header_number: u32,
}

/// The packages of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePackages {
    /// The node's directory.
    pub node: PathBuf,
    /// In the order of their header numbers.
    pub packages: Vec<Package>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, flags: u32, version: &str) -> Dependency {
        Dependency {
            name: name.into(),
            comparison: Comparison::from_sense(flags),
            version: version.into(),
            flags,
        }
    }

    #[test]
    fn dependencies_read_as_rpm_prints_them() {
        for (flags, text) in [
            (0, "lib"),
            (2, "lib < 1"),
            (4, "lib > 1"),
            (8, "lib = 1"),
            (10, "lib <= 1"),
            (12, "lib >= 1"),
            // Other bits, such as where the dependency was found, do not count.
            (12 | 0x0100_4000, "lib >= 1"),
        ] {
            assert_eq!(dependency("lib", flags, "1").to_os_string(), text);
        }
        assert!(dependency("(a or b)", 0, "").is_rich());
        assert!(!dependency("lib(x)", 0, "").is_rich());
    }
}
