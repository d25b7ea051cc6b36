//! Versions that packages are locked to.

use std::ffi::OsString;

use super::base::Base;
use super::error::{Error, Result};

/// A part of a package that is compared, how, and with what: `evr = 1-1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionlockCondition {
    /// `evr`, `epoch` or `arch`
    pub key: String,
    /// `=`, `!=`, `<`, …
    pub comparator: String,
    /// What it is compared with.
    pub value: String,
}

/// An entry of `versionlock.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionlockPackage {
    /// The package's name, or a glob.
    pub name: String,
    /// What was noted about it.
    pub comment: String,
    /// All have to hold.
    pub conditions: Vec<VersionlockCondition>,
    /// The text that dnf5 shows, with what is wrong in the entry.
    pub text_with_errors: OsString,
    /// The same without.
    pub text: OsString,
}

/// Reads the entries of the installroot's `versionlock.toml`.
pub fn versionlock(base: &Base<'_>) -> Result<Vec<VersionlockPackage>> {
    let mut fields = strings!(rdnf5_versionlock_copy(base.raw()))?.into_iter();
    let mut entries = Vec::new();
    while let Some(name) = fields.next() {
        entries.push(entry(name, &mut fields)?);
    }
    Ok(entries)
}

fn entry(name: OsString, fields: &mut impl Iterator<Item = OsString>) -> Result<VersionlockPackage> {
    let mut next = || {
        fields
            .next()
            .ok_or_else(|| Error::argument("a version lock is cut off"))
    };
    // TOML is UTF-8; libdnf5 refuses what is not.
    let text = |field: OsString| field.to_string_lossy().into_owned();
    let (comment, text_with_errors, plain) = (next()?, next()?, next()?);
    let count: usize = text(next()?).parse().unwrap_or(0);
    let conditions = (0..count).map(|_| {
        Ok(VersionlockCondition {
            key: text(next()?),
            comparator: text(next()?),
            value: text(next()?),
        })
    });
    let conditions = conditions.collect::<Result<Vec<_>>>()?;
    Ok(VersionlockPackage {
        name: text(name),
        comment: text(comment),
        conditions,
        text_with_errors,
        text: plain,
    })
}
