//! Dependencies and what matches them (`rpmds`). Matching is librpm's own, versions and rich dependencies included.
#![allow(unsafe_code, reason = "owns an rpmds")]

use std::ffi::OsString;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::ptr::NonNull;

use redpak::package::{Comparison, Dependency};
use rpm_sys as raw;

use crate::c_string;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::header::Header;

/// The kinds of dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DependencyKind {
    /// `Provides:`
    Provides,
    /// `Requires:`
    Requires,
    /// `Conflicts:`
    Conflicts,
    /// `Obsoletes:`
    Obsoletes,
}

impl DependencyKind {
    fn tag(self) -> raw::rpmTagVal {
        match self {
            Self::Provides => raw::RPMTAG_PROVIDENAME,
            Self::Requires => raw::RPMTAG_REQUIRENAME,
            Self::Conflicts => raw::RPMTAG_CONFLICTNAME,
            Self::Obsoletes => raw::RPMTAG_OBSOLETENAME,
        }
    }
}

/// Dependencies of one kind.
#[derive(Debug)]
pub struct DependencySet<'e> {
    raw: NonNull<raw::rpmds_s>,
    engine: PhantomData<&'e Engine>,
}

impl<'e> DependencySet<'e> {
    /// The dependencies of a package; `None` when it has none of that kind.
    pub fn of(header: &Header<'e>, kind: DependencyKind) -> Option<Self> {
        // SAFETY: the header is valid; the set shares or copies what it needs of it.
        let raw = unsafe { raw::rpmdsNew(header.as_raw(), kind.tag(), 0) };
        NonNull::new(raw).map(|raw| Self {
            raw,
            engine: PhantomData,
        })
    }

    /// A single dependency, as it may come from a snapshot.
    pub fn single(_engine: &'e Engine, kind: DependencyKind, dependency: &Dependency) -> Result<Self> {
        let name = c_string::to_c(dependency.name.as_bytes(), "a dependency's name")?;
        let version = c_string::to_c(dependency.version.as_bytes(), "a dependency's version")?;
        // SAFETY: librpm copies the strings.
        let mut raw = unsafe { raw::rpmdsSingle(kind.tag(), name.as_ptr(), version.as_ptr(), dependency.flags) };
        // A set is used standing at an element; a new single one already stands at its only one.
        // SAFETY: the set is ours; rpmdsInit passes null through.
        unsafe {
            raw = raw::rpmdsInit(raw);
            raw::rpmdsNext(raw);
        }
        NonNull::new(raw)
            .map(|raw| Self {
                raw,
                engine: PhantomData,
            })
            .ok_or_else(|| Error::Rpm {
                action: format!(
                    "cannot understand the dependency {}",
                    dependency.to_os_string().display()
                ),
                log: Vec::new(),
            })
    }

    /// Copies all dependencies.
    pub fn to_vec(&mut self) -> Vec<Dependency> {
        let raw = self.raw.as_ptr();
        let mut dependencies = Vec::new();
        // SAFETY: the set is valid, and the loop stands at a valid element each time.
        unsafe {
            raw::rpmdsInit(raw);
            while raw::rpmdsNext(raw) >= 0 {
                dependencies.push(copy_current(raw));
            }
        }
        dependencies
    }

    /// Whether the two sets' current elements overlap: a provided version lies in a required range.
    pub fn overlaps(&self, other: &Self) -> bool {
        // SAFETY: both are valid and stand at an element.
        unsafe { raw::rpmdsCompare(self.raw.as_ptr(), other.raw.as_ptr()) != 0 }
    }

    /// Whether `header` provides the current element, by its name and version or by any of its Provides.
    ///
    /// A rich dependency is not one thing to provide; let [`TransactionSet::check`](crate::TransactionSet::check)
    /// answer for those.
    pub fn is_provided_by(&self, header: &Header<'_>) -> bool {
        // SAFETY: both are valid; librpm changes neither.
        unsafe { raw::rpmdsAnyMatchesDep(header.as_raw(), self.raw.as_ptr(), 0) != 0 }
    }
}

/// # Safety
///
/// `raw` is valid and stands at an element.
unsafe fn copy_current(raw: raw::rpmds) -> Dependency {
    // SAFETY: librpm lends the strings of the current element; null means there is none.
    unsafe {
        let flags = raw::rpmdsFlags(raw);
        let version: OsString = c_string::copy(raw::rpmdsEVR(raw)).unwrap_or_default();
        let comparison = if version.is_empty() {
            Comparison::Any
        } else {
            Comparison::from_sense(flags)
        };
        Dependency {
            name: c_string::copy(raw::rpmdsN(raw)).unwrap_or_default(),
            comparison,
            version,
            flags,
        }
    }
}

impl Drop for DependencySet<'_> {
    fn drop(&mut self) {
        // SAFETY: gives back the reference that this value holds.
        unsafe { raw::rpmdsFree(self.raw.as_ptr()) };
    }
}
