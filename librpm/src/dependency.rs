//! One dependency as a plain value.

use std::ffi::{OsStr, OsString};
use std::fmt;

/// What a package provides, requires, conflicts with or obsoletes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dependency {
    /// The name, or all of a rich dependency.
    pub name: OsString,
    /// Version to compare with; empty when any will do.
    pub version: OsString,
    /// The sense bits of rpm's rpmds.h: 2 less, 4 greater, 8 equal; others tell where the dependency comes from.
    pub flags: u32,
}

/// A borrowed [`Dependency`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DependencyRef<'d> {
    /// As [`Dependency::name`].
    pub name: &'d OsStr,
    /// As [`Dependency::version`].
    pub version: &'d OsStr,
    /// As [`Dependency::flags`].
    pub flags: u32,
}

impl Dependency {
    /// Borrows it.
    pub fn borrow(&self) -> DependencyRef<'_> {
        DependencyRef {
            name: &self.name,
            version: &self.version,
            flags: self.flags,
        }
    }
}

/// As rpm prints it: `name >= version`. Bytes that are not UTF-8 are replaced.
impl fmt::Display for DependencyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.display().fmt(f)?;
        let comparison = match self.flags & 0xe {
            2 => "<",
            4 => ">",
            8 => "=",
            10 => "<=",
            12 => ">=",
            _ => return Ok(()),
        };
        if self.version.is_empty() {
            return Ok(());
        }
        write!(f, " {comparison} {}", self.version.display())
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrow().fmt(f)
    }
}
