//! Changelogs in JSON.

use anyhow::Result;
use serde::Serialize;

use super::Entries;
use crate::json::{ChangelogEntry, Identity, changelog};
use libdnf5::{Changelog, Package, PackageQuery, QueryCmp};

/// A package and entries of its changelog, newest first.
#[derive(Serialize)]
pub struct Described {
    #[serde(flatten)]
    package: Identity,
    changelogs: Vec<ChangelogEntry>,
}

/// The packages with the entries that are wanted.
pub fn packages(packages: &PackageQuery<'_>, wanted: &Entries, installed: &PackageQuery<'_>) -> Result<Vec<Described>> {
    let packages = packages.list()?;
    let described = packages.iter().map(|package| {
        let newest = match wanted {
            Entries::Upgrades => newest_installed(package, installed)?,
            _ => None,
        };
        let kept = kept(changelog(package)?, wanted, newest);
        Ok(Described {
            package: Identity::of(package)?,
            changelogs: kept.into_iter().map(ChangelogEntry::from).collect(),
        })
    });
    described.collect()
}

/// The time of the newest entry of the installed packages of that name.
fn newest_installed(package: &Package<'_>, installed: &PackageQuery<'_>) -> Result<Option<i64>> {
    let mut same = installed.try_clone()?;
    same.filter_name(&[package.name()?], QueryCmp::EQ)?;
    let mut newest = None;
    for package in same.list()? {
        newest = newest.max(package.changelogs()?.iter().map(|entry| entry.timestamp).max());
    }
    Ok(newest)
}

fn kept(mut entries: Vec<Changelog>, wanted: &Entries, newest: Option<i64>) -> Vec<Changelog> {
    match wanted {
        Entries::All => {}
        Entries::Count(count) => entries.truncate(match usize::try_from(*count) {
            Ok(count) => count,
            Err(_) => entries.len().saturating_sub(count.unsigned_abs() as usize),
        }),
        Entries::Since(day) => entries.retain(|entry| entry.timestamp >= day.seconds()),
        Entries::Upgrades => entries.retain(|entry| newest.is_none_or(|newest| entry.timestamp > newest)),
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(wanted: &Entries, newest: Option<i64>) -> Vec<i64> {
        let entries = [4, 3, 2, 1].map(|timestamp| Changelog {
            timestamp,
            author: "A".into(),
            text: "- x".into(),
        });
        let kept = kept(entries.to_vec(), wanted, newest);
        kept.into_iter().map(|entry| entry.timestamp).collect()
    }

    #[test]
    fn entries_are_chosen_as_the_options_say() {
        assert_eq!(times(&Entries::All, None), [4, 3, 2, 1]);
        assert_eq!(times(&Entries::Count(3), None), [4, 3, 2]);
        assert_eq!(times(&Entries::Count(-1), None), [4, 3, 2]);
        assert_eq!(times(&Entries::Count(-5), None), [0; 0]);
        assert_eq!(times(&Entries::Upgrades, Some(2)), [4, 3]);
        assert_eq!(times(&Entries::Upgrades, None), [4, 3, 2, 1]);
    }
}
