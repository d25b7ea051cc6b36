//! `search`: packages by words.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::Outcome;
use crate::json::{self, Identity};
use crate::options::Global;
use crate::query::{Family, Needs, ask};
use libdnf5::output::{self, SearchGroup, SearchOptions};
use libdnf5::{Package, PackageQuery, QueryCmp};

/// Searches for packages by words in their metadata.
#[derive(Debug, Args)]
pub struct Search {
    /// Search in descriptions and URLs too
    #[arg(long)]
    all: bool,
    /// Show all versions, not only the latest ones
    #[arg(long)]
    showduplicates: bool,
    /// Search in names only
    #[arg(long)]
    name: bool,
    /// Search in summaries only
    #[arg(long)]
    summary: bool,
    /// Request JSON output format
    #[arg(long)]
    json: bool,
    /// Words, or globs for whole texts
    #[arg(required = true, value_name = "patterns")]
    patterns: Vec<String>,
}

/// What is searched in, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Name,
    Summary,
    Description,
    Url,
}

/// Where something was found, and whether it is the whole text. What sorts first is shown first.
type Found = Vec<(Key, bool)>;

impl Key {
    fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Summary => "summary",
            Self::Description => "description",
            Self::Url => "url",
        }
    }

    fn filter(self, query: &mut PackageQuery<'_>, pattern: &str) -> Result<()> {
        let is_glob = pattern.contains(['*', '?', '[']);
        let cmp = if is_glob { QueryCmp::IGLOB } else { QueryCmp::ICONTAINS };
        match self {
            Self::Name => query.filter_name(&[pattern], cmp)?,
            Self::Summary => query.filter_summary(&[pattern], cmp)?,
            Self::Description => query.filter_description(&[pattern], cmp)?,
            Self::Url => query.filter_url(&[pattern], cmp)?,
        };
        Ok(())
    }

    fn text(self, package: &Package<'_>) -> Result<OsString> {
        Ok(match self {
            Self::Name => package.name()?,
            Self::Summary => package.summary()?,
            Self::Description => package.description()?,
            Self::Url => package.url()?,
        })
    }
}

impl Search {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        if self.name && self.summary {
            bail!("Options --name and --summary cannot be used together.");
        }
        let needs = Needs {
            quiet: self.json,
            ..Needs::default()
        };
        ask(global, needs, |family| self.report(family))
    }

    fn keys(&self) -> &'static [Key] {
        match (self.all, self.name, self.summary) {
            (true, ..) => &[Key::Name, Key::Summary, Key::Description, Key::Url],
            (_, true, _) => &[Key::Name],
            (_, _, true) => &[Key::Summary],
            _ => &[Key::Name, Key::Summary],
        }
    }

    fn report(&self, family: &Family<'_>) -> Result<Outcome> {
        let found = self.find(family)?;
        if self.json {
            json::print(&matches(&found)?)?;
        }
        if found.is_empty() {
            family.no_matches(None)?;
        }
        if found.is_empty() || self.json {
            return Ok(Outcome::Done);
        }
        let keys: Vec<Vec<(&OsStr, bool)>> = found
            .keys()
            .map(|keys| {
                keys.0
                    .iter()
                    .map(|(key, exact)| (OsStr::new(key.label()), *exact))
                    .collect()
            })
            .collect();
        let groups: Vec<SearchGroup<'_, '_>> = found
            .values()
            .zip(&keys)
            .map(|(packages, keys)| SearchGroup { keys, packages })
            .collect();
        let options = SearchOptions {
            search_all: self.all,
            show_duplicates: self.showduplicates,
            search_name: self.name,
            search_summary: self.summary,
        };
        output::search(options, &self.patterns, &groups)?;
        Ok(Outcome::Done)
    }

    /// Packages by where something was found in them.
    fn find<'q>(&self, family: &Family<'q>) -> Result<BTreeMap<Rank, PackageQuery<'q>>> {
        let mut all = family.packages()?;
        if !self.showduplicates {
            all.filter_latest_evr(1)?;
        }
        let mut matching = if self.all {
            PackageQuery::empty(&family.session.base)?
        } else {
            all.try_clone()?
        };
        let mut by_key = Vec::new();
        for key in self.keys() {
            by_key.push((*key, PackageQuery::empty(&family.session.base)?));
        }
        for pattern in &self.patterns {
            let mut of_pattern = PackageQuery::empty(&family.session.base)?;
            for (key, packages) in &mut by_key {
                let mut query = all.try_clone()?;
                key.filter(&mut query, pattern)?;
                packages.update(&query)?;
                of_pattern.update(&query)?;
            }
            if self.all {
                matching.update(&of_pattern)?;
            } else {
                matching.intersection(&of_pattern)?;
            }
        }
        let mut groups = BTreeMap::new();
        for package in matching.list()? {
            let rank = Rank(self.keys_of(&package, &by_key)?);
            let group = match groups.entry(rank) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(PackageQuery::empty(&family.session.base)?)
                }
            };
            group.add(&package)?;
        }
        Ok(groups)
    }

    fn keys_of(&self, package: &Package<'_>, by_key: &[(Key, PackageQuery<'_>)]) -> Result<Found> {
        let mut found = Vec::new();
        for (key, packages) in by_key {
            if packages.contains(package)? {
                let exact = match self.patterns.as_slice() {
                    [pattern] => key.text(package)? == OsStr::new(pattern),
                    _ => false,
                };
                found.push((*key, exact));
            }
        }
        Ok(found)
    }
}

/// A package and where something was found in it.
#[derive(Serialize)]
struct Match {
    #[serde(flatten)]
    package: Identity,
    summary: String,
    matched: Vec<Matched>,
}

/// A field, and whether it is what was searched for as a whole.
#[derive(Serialize)]
struct Matched {
    field: &'static str,
    exact: bool,
}

/// What was found, the best first.
fn matches(found: &BTreeMap<Rank, PackageQuery<'_>>) -> Result<Vec<Match>> {
    let mut matches = Vec::new();
    for (rank, packages) in found {
        for package in packages.list()? {
            let fields = rank.0.iter().map(|(key, exact)| Matched {
                field: key.label(),
                exact: *exact,
            });
            matches.push(Match {
                package: Identity::of(&package)?,
                summary: json::text(package.summary()?),
                matched: fields.collect(),
            });
        }
    }
    Ok(matches)
}

/// Order of groups: the name counts more than the summary and so on, and a whole text more than a part.
#[derive(Debug, PartialEq, Eq)]
struct Rank(Found);

impl Rank {
    fn weights(&self) -> [u8; 4] {
        let mut weights = [0; 4];
        for (key, exact) in &self.0 {
            weights[*key as usize] = 1 + u8::from(*exact);
        }
        weights
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.weights().cmp(&self.weights())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_names_come_first_and_urls_last() {
        let ranks = [
            vec![(Key::Name, true)],
            vec![(Key::Name, false), (Key::Summary, true)],
            vec![(Key::Name, false), (Key::Summary, false)],
            vec![(Key::Name, false)],
            vec![(Key::Summary, false), (Key::Description, false)],
            vec![(Key::Summary, false)],
            vec![(Key::Description, false)],
            vec![(Key::Url, false)],
        ]
        .map(Rank);
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert!(ranks.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
