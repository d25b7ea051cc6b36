//! The headers of the leaf, before a run and when it begins.

use librpm::Engine;
use redpak::package::Package;
use redpak_packages::{Fingerprint, NodeDatabase, snapshot};

/// What tells whether the headers in an rpmdb changed.
#[derive(Debug, Clone)]
pub struct Headers {
    fingerprint: Fingerprint,
    /// Numbers and digests.
    packages: Vec<(u32, Option<String>)>,
    /// Imported keys, which are headers too.
    keys: Vec<Package>,
}

impl Headers {
    /// Reads them.
    pub fn read(engine: &Engine, leaf: &NodeDatabase) -> redpak_packages::Result<Self> {
        let fingerprint = leaf.fingerprint()?;
        let opened = leaf.open(engine)?;
        let (mut packages, mut keys) = (Vec::new(), Vec::new());
        for header in opened.headers()? {
            let header = header?;
            if header.is_public_key() {
                keys.push(snapshot::package(&header)?);
            } else {
                // A digest that cannot be read is none, before as after.
                packages.push((header.number_in_database(), header.digest().ok().flatten()));
            }
        }
        packages.sort();
        Ok(Self {
            fingerprint,
            packages,
            keys,
        })
    }

    /// Number and digest of each package.
    pub fn instances(&self) -> &[(u32, Option<String>)] {
        &self.packages
    }

    /// The keys in that rpmdb, provided that the packages are still the same. Keys are imported while a transaction is
    /// prepared. Where no file of the rpmdb has been touched, nothing has to be read.
    pub(super) fn keys_if_still_in(
        &self,
        engine: &Engine,
        leaf: &NodeDatabase,
    ) -> redpak_packages::Result<Option<Vec<Package>>> {
        if leaf.fingerprint()? == self.fingerprint {
            return Ok(Some(self.keys.clone()));
        }
        let now = Self::read(engine, leaf)?;
        Ok((now.packages == self.packages).then_some(now.keys))
    }
}
