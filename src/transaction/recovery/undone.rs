//! What of a plan the rpmdb does not show.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Inbound, Instance, Outbound};

/// An instance that the rpmdb holds now.
pub type Present = Instance;

/// What a transaction left undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Packages that did not come.
    pub missing: Vec<Inbound>,
    /// Instances that did not go.
    pub left: Vec<Left>,
}

/// An instance that did not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What it is now.
    pub instance: Present,
    /// The key of the package that takes its place.
    pub replaced_by: Option<String>,
}

/// The instances of one header.
#[derive(Debug, Default)]
struct Header<'p> {
    inbound: Vec<&'p Inbound>,
    outbound: Vec<&'p Outbound>,
    kept: BTreeSet<u32>,
    /// In the order of their numbers.
    present: BTreeMap<u32, &'p Present>,
}

impl Undone {
    /// Compares a plan with what the node's rpmdb holds now.
    ///
    /// Instances of one header are counted: as many stay as the plan says. Numbers tell which of them go. `rpm --rebuilddb`
    /// gives new numbers; then those with the lowest go, which are the oldest.
    pub fn of<'p>(change: &'p Change, present: impl IntoIterator<Item = &'p Present>) -> Self {
        let mut headers: BTreeMap<&str, Header<'_>> = BTreeMap::new();
        for package in &change.inbound {
            headers.entry(package.key()).or_default().inbound.push(package);
        }
        for package in &change.outbound {
            headers
                .entry(package.instance.key())
                .or_default()
                .outbound
                .push(package);
        }
        for instance in &change.kept {
            headers.entry(instance.key()).or_default().kept.insert(instance.number);
        }
        for instance in present {
            if let Some(header) = headers.get_mut(instance.key()) {
                header.present.insert(instance.number, instance);
            }
        }
        let mut undone = Self::default();
        for header in headers.values() {
            undone.missing.extend(header.missing().cloned());
            undone.left.extend(header.left());
        }
        undone
    }

    /// The whole plan was carried out.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.left.is_empty()
    }

    /// The instances that are still there, and whose place one of these packages was to take.
    pub fn left_for<'u>(&'u self, inbound: &'u [Inbound]) -> impl Iterator<Item = &'u Left> {
        let is_for = |left: &&Left| {
            let by = left.replaced_by.as_deref();
            by.is_some_and(|by| inbound.iter().any(|package| package.key() == by))
        };
        self.left.iter().filter(is_for)
    }

    /// Leaves out the packages that cannot come, and lets those stay whose place they would take.
    pub fn without(mut self, lost: &[Inbound]) -> Self {
        let kept: BTreeSet<u32> = self.left_for(lost).map(|left| left.instance.number).collect();
        self.missing.retain(|package| !lost.contains(package));
        self.left.retain(|left| !kept.contains(&left.instance.number));
        self
    }
}

impl<'p> Header<'p> {
    fn goes(&self, number: u32) -> Option<&'p Outbound> {
        let goes = |package: &&&Outbound| package.instance.number == number;
        self.outbound.iter().find(goes).copied()
    }

    /// How many came: those that are there beside what stays and what has not gone yet.
    fn came(&self) -> usize {
        let goes = self.present.keys().filter(|number| self.goes(**number).is_some());
        self.present.len().saturating_sub(self.kept.len() + goes.count())
    }

    fn missing(&self) -> impl Iterator<Item = &'p Inbound> {
        self.inbound.iter().skip(self.came()).copied()
    }

    /// As many as there are too many. What was there before goes first, the oldest first; what stays goes last.
    fn left(&self) -> Vec<Left> {
        let wanted = self.kept.len() + self.inbound.len();
        let surplus = (self.present.len() + self.missing().count()).saturating_sub(wanted);
        let mut candidates: Vec<u32> = self.present.keys().copied().collect();
        candidates.sort_by_key(|number| (self.goes(*number).is_none(), self.kept.contains(number), *number));
        candidates.truncate(surplus);
        candidates.into_iter().map(|number| self.leaves(number)).collect()
    }

    fn leaves(&self, number: u32) -> Left {
        let goes = self.goes(number).or(self.outbound.first().copied());
        // An instance too many, which a repair left when it reinstalled a package: the other one takes its place.
        let instead = || self.inbound.first().map(|package| package.key().to_owned());
        Left {
            instance: self.present[&number].clone(),
            replaced_by: goes.map_or_else(instead, |goes| goes.replaced_by.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
