//! Bills of materials: what the nodes of a family hold, in the two formats that tools read.
//!
//! Nothing in them depends on when or where they are made: the time is that of the newest installation, and the document's
//! own id is made of its content. The same packages give the same bytes.

mod cyclonedx;
mod identity;
mod license;
mod spdx;
#[cfg(test)]
mod tests;

pub use cyclonedx::cyclonedx;
pub use spdx::spdx;

use crate::coherency::{Level, Need, PackagePlace};
use crate::package::{DigestAlgorithm, Package};

/// What a header says of a package for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// `License:`
    pub license: Option<String>,
    /// `Vendor:`
    pub vendor: Option<String>,
    /// `URL:`
    pub url: Option<String>,
    /// `Summary:`
    pub summary: Option<String>,
    /// File name of the source package.
    pub source_package: Option<String>,
    /// Digests of the package file, in hexadecimal, where rpm kept them (rpm 6).
    pub digests: Vec<(DigestAlgorithm, String)>,
    /// When it was installed, in seconds since 1970.
    pub installed: Option<u64>,
}

/// A level of the family as it appears in a bill.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Its alias; `coreos` for the core OS.
    pub name: &'a str,
    /// Its packages.
    pub level: &'a Level,
    /// What their headers say, in the order of the packages.
    pub details: &'a [Details],
    /// Whether it stands in the bill.
    pub is_listed: bool,
}

/// Everything that a bill is made of.
#[derive(Debug, Clone, Copy)]
pub struct Inventory<'a> {
    /// The family, oldest level first.
    pub nodes: &'a [Node<'a>],
    /// Who needs whom.
    pub needs: &'a [Need],
    /// The program that makes the bill, and its version.
    pub tool: (&'a str, &'a str),
    /// Seconds since 1970 to put as the time of making; else that of the newest installation.
    pub time: Option<u64>,
}

/// A package of the bill.
#[derive(Debug, Clone, Copy)]
struct Component<'a> {
    place: PackagePlace,
    package: &'a Package,
    details: &'a Details,
}

impl<'a> Inventory<'a> {
    fn listed(&self) -> impl Iterator<Item = (usize, &'a Node<'a>)> {
        self.nodes.iter().enumerate().filter(|(_, node)| node.is_listed)
    }

    /// The name of the bill: that of its youngest node.
    fn name(&self) -> &'a str {
        self.listed().last().map_or("", |(_, node)| node.name)
    }

    fn packages(&self, level: usize) -> impl Iterator<Item = Component<'a>> {
        let node = &self.nodes[level];
        let packages = node.level.packages.iter().zip(node.details).enumerate();
        packages.map(move |(index, (package, details))| Component {
            place: (level, index),
            package,
            details,
        })
    }

    fn components(&self) -> impl Iterator<Item = Component<'a>> {
        self.listed().flat_map(|(level, _)| self.packages(level))
    }

    /// What a package needs of others that are listed, in order, each once.
    fn needed_by(&self, needer: PackagePlace) -> Vec<PackagePlace> {
        let needs = self
            .needs
            .iter()
            .filter(|need| need.needer == needer && need.provider != needer);
        let mut providers: Vec<_> = needs
            .map(|need| need.provider)
            .filter(|(level, _)| self.nodes[*level].is_listed)
            .collect();
        providers.sort_unstable();
        providers.dedup();
        providers
    }

    fn time(&self) -> String {
        let newest = || {
            self.components()
                .filter_map(|component| component.details.installed)
                .max()
        };
        crate::time::date_time(self.time.or_else(newest).unwrap_or(0))
    }
}
