//! What comes with `--forcenode` is going to be beside packages of ancestors that the transaction does not see.
//!
//! The solver and rpm compare what comes with what they see. So what they would have found is asked here: conflicts, obsoletes
//! and files. That there are two of the name is what the user wants.

use std::ffi::OsString;

use anyhow::Result;
use librpm::{Engine, Header, PackageFile};
use redpak::coherency::{Broken, Relation};
use redpak::package::Package;
use redpak::transaction::files::{Level, Places};
use redpak::transaction::{Identity, Owner, Reason, Refusal};
use redpak_packages::{coherency, snapshot};

/// Packages of ancestors, and what comes.
pub struct Beside<'b> {
    hidden: Vec<(Owner, Package)>,
    inbound: &'b [Package],
}

impl<'b> Beside<'b> {
    /// What speaks against the packages being there together.
    pub fn refusals(
        engine: &Engine,
        hidden: &[(Owner, Header<'_>)],
        (files, inbound): (&[PackageFile<'_>], &'b [Package]),
    ) -> Result<Vec<Refusal>> {
        let above: Vec<&Header<'_>> = hidden.iter().map(|(_, header)| header).collect();
        let comes: Vec<&Header<'_>> = files.iter().map(PackageFile::header).collect();
        let broken = coherency::between(engine, &above, &comes)?;
        let hidden = hidden
            .iter()
            .map(|(owner, header)| Ok((owner.clone(), snapshot::package(header)?)));
        let beside = Self {
            hidden: hidden.collect::<Result<_>>()?,
            inbound,
        };
        let mut refusals: Vec<Refusal> = broken.iter().filter_map(|broken| beside.dependency(broken)).collect();
        refusals.extend(inbound.iter().flat_map(|package| beside.files(package)));
        Ok(refusals)
    }

    fn dependency(&self, broken: &Broken) -> Option<Refusal> {
        let other = broken.other.as_ref();
        let (package, above, is_ours) = match self.comes(&broken.package) {
            Some(package) => (package, other, true),
            None => (self.comes(other?)?, Some(&broken.package), false),
        };
        let of_name = |(_, package): &&(Owner, Package)| above.is_none_or(|nevra| package.nevra() == *nevra);
        let (owner, installed) = self.hidden.iter().find(of_name)?;
        let (installed, owner) = (Identity::from(installed), owner.clone());
        Some(Refusal {
            package: package.into(),
            reason: if is_ours && broken.relation == Relation::Obsoletes {
                Reason::ReplacesInAncestor { installed, owner }
            } else {
                Reason::ConflictsWithAncestor { installed, owner }
            },
        })
    }

    fn comes(&self, nevra: &OsString) -> Option<&'b Package> {
        self.inbound.iter().find(|package| package.nevra() == *nevra)
    }

    /// The files of its own name may be there twice.
    fn files(&self, package: &Package) -> Vec<Refusal> {
        let others = self.hidden.iter().filter(|(_, other)| other.name != package.name);
        let levels: Vec<Level> = others
            .map(|(owner, other)| Level {
                owner: owner.clone(),
                packages: vec![other.clone()],
            })
            .collect();
        Places::new(&levels, &|_, _| Vec::new()).check(package, &|_| Vec::new())
    }
}
