//! Dependencies and what matches them (`rpmds`). Matching is librpm's own, versions and rich dependencies included.
#![allow(unsafe_code, reason = "owns an rpmds")]

use std::ffi::OsString;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::ptr::NonNull;

use rpm_sys as raw;

use crate::c_string;
use crate::dependency::{Dependency, DependencyRef};
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

/// How a rich dependency joins its two sides, see "Boolean Dependencies" in rpm-dependencies(7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RichOperator {
    /// `(a)`
    Single,
    /// `(a and b)`
    And,
    /// `(a or b)`
    Or,
    /// `(a if b)`; the right side may be an [`Else`](Self::Else).
    If,
    /// `(a unless b)`; the right side may be an [`Else`](Self::Else).
    Unless,
    /// The `b else c` of the two above.
    Else,
    /// `(a with b)`: one package provides both.
    With,
    /// `(a without b)`: a package provides the one and not the other.
    Without,
}

/// The top level of a rich dependency; each side may be rich again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RichDependency {
    /// How the sides are joined.
    pub operator: RichOperator,
    /// What stands left of the operator.
    pub left: Dependency,
    /// What stands right of it; none after [`RichOperator::Single`].
    pub right: Option<Dependency>,
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

    /// A single dependency.
    pub fn single(_engine: &'e Engine, kind: DependencyKind, dependency: DependencyRef<'_>) -> Result<Self> {
        // SAFETY: without a pool the set gets one of its own.
        unsafe { Self::single_in(std::ptr::null_mut(), kind, dependency) }
    }

    /// # Safety
    ///
    /// `pool` is null or valid.
    unsafe fn single_in(pool: raw::rpmstrPool, kind: DependencyKind, dependency: DependencyRef<'_>) -> Result<Self> {
        let name = c_string::to_c(dependency.name.as_bytes(), "a dependency's name")?;
        let version = c_string::to_c(dependency.version.as_bytes(), "a dependency's version")?;
        // SAFETY: librpm copies the strings and takes a reference of the pool.
        let mut raw =
            unsafe { raw::rpmdsSinglePool(pool, kind.tag(), name.as_ptr(), version.as_ptr(), dependency.flags) };
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
                action: format!("cannot understand the dependency {dependency}"),
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

    /// The sides of a rich dependency, as librpm takes it apart.
    ///
    /// # Errors
    /// When librpm cannot.
    pub fn take_apart(_engine: &'e Engine, kind: DependencyKind, rich: DependencyRef<'_>) -> Result<RichDependency> {
        // A set's own pool is closed to new strings, and the sides are some.
        // SAFETY: the pool is ours until it is freed; the set keeps a reference of its own.
        let set = unsafe {
            let pool = raw::rpmstrPoolCreate();
            let set = Self::single_in(pool, kind, rich);
            raw::rpmstrPoolFree(pool);
            set
        }?;
        set.sides()
    }

    fn sides(&self) -> Result<RichDependency> {
        let (mut left, mut right) = (std::ptr::null_mut(), std::ptr::null_mut());
        let (mut operator, mut reason) = (raw::RPMRICHOP_NONE, std::ptr::null_mut());
        // SAFETY: the set is valid and stands at an element; librpm writes to the four others, sides only when it succeeds.
        let outcome = unsafe {
            raw::rpmdsParseRichDep(
                self.raw.as_ptr(),
                &raw mut left,
                &raw mut right,
                &raw mut operator,
                &raw mut reason,
            )
        };
        // SAFETY: librpm hands over sets and a text that nobody else has, or null.
        let (left, right, reason) = unsafe { (Self::taken(left), Self::taken(right), c_string::take(reason)) };
        let operator = (outcome == raw::RPMRC_OK).then_some(operator).and_then(rich_operator);
        match (operator, left) {
            (Some(operator), Some(mut left)) => Ok(RichDependency {
                operator,
                left: left.single_element()?,
                right: right.map(|mut right| right.single_element()).transpose()?,
            }),
            _ => Err(not_understood(reason)),
        }
    }

    /// # Safety
    ///
    /// `raw` is null or the caller's.
    unsafe fn taken(raw: raw::rpmds) -> Option<Self> {
        NonNull::new(raw).map(|raw| Self {
            raw,
            engine: PhantomData,
        })
    }

    fn single_element(&mut self) -> Result<Dependency> {
        self.to_vec().pop().ok_or_else(|| not_understood(None))
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

fn rich_operator(raw: raw::rpmrichOp) -> Option<RichOperator> {
    Some(match raw {
        raw::RPMRICHOP_SINGLE => RichOperator::Single,
        raw::RPMRICHOP_AND => RichOperator::And,
        raw::RPMRICHOP_OR => RichOperator::Or,
        raw::RPMRICHOP_IF => RichOperator::If,
        raw::RPMRICHOP_UNLESS => RichOperator::Unless,
        raw::RPMRICHOP_ELSE => RichOperator::Else,
        raw::RPMRICHOP_WITH => RichOperator::With,
        raw::RPMRICHOP_WITHOUT => RichOperator::Without,
        _ => return None,
    })
}

fn not_understood(reason: Option<OsString>) -> Error {
    let reason = reason
        .map(|reason| format!(": {}", reason.display()))
        .unwrap_or_default();
    Error::Rpm {
        action: format!("cannot understand a rich dependency{reason}"),
        log: Vec::new(),
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
        Dependency {
            name: c_string::copy(raw::rpmdsN(raw)).unwrap_or_default(),
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
