//! Problems that librpm found in a transaction (`rpmProblem`).
#![allow(unsafe_code, reason = "reads an rpmps")]

use std::ffi::OsString;

use rpm_sys as raw;

use crate::c_string;

/// What kind of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// A requirement that nothing provides.
    Requires,
    /// Two packages conflict.
    Conflicts,
    /// A package obsoletes another one.
    Obsoletes,
    /// Something else, by librpm's number (`RPMPROB_…`).
    Other(u32),
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// The package that has the dependency.
    pub package: OsString,
    /// The dependency, for those kinds that have one, as rpm prints it.
    pub dependency: OsString,
    /// The package of the transaction that brings the problem, when it is another one.
    pub cause: Option<OsString>,
    /// librpm's own sentence.
    pub text: OsString,
}

/// Copies all problems out of `problems`, and frees it.
///
/// # Safety
///
/// `problems` is null or a valid reference that is the caller's to give away.
pub(crate) unsafe fn collect(problems: raw::rpmps) -> Vec<Problem> {
    let mut collected = Vec::new();
    // SAFETY: librpm's functions take null as "no problems"; the problems are valid while the iterator lives.
    unsafe {
        let iterator = raw::rpmpsInitIterator(problems);
        loop {
            let problem = raw::rpmpsiNext(iterator);
            if problem.is_null() {
                break;
            }
            collected.push(copy(problem));
        }
        raw::rpmpsFreeIterator(iterator);
        raw::rpmpsFree(problems);
    }
    collected
}

/// # Safety
///
/// `problem` is valid.
unsafe fn copy(problem: raw::rpmProblem) -> Problem {
    // SAFETY: a valid problem lends its strings, and makes its sentence anew for us.
    unsafe {
        let element = c_string::copy(raw::rpmProblemGetPkgNEVR(problem)).unwrap_or_default();
        let owner = c_string::copy(raw::rpmProblemGetAltNEVR(problem)).filter(|owner| !owner.is_empty());
        let (package, cause) = match owner {
            Some(owner) if owner != element => (owner, Some(element)),
            _ => (element, None),
        };
        Problem {
            kind: kind(raw::rpmProblemGetType(problem)),
            package,
            dependency: c_string::copy(raw::rpmProblemGetStr(problem)).unwrap_or_default(),
            cause,
            text: c_string::take(raw::rpmProblemString(problem)).unwrap_or_default(),
        }
    }
}

fn kind(number: raw::rpmProblemType) -> ProblemKind {
    match number {
        raw::RPMPROB_REQUIRES => ProblemKind::Requires,
        raw::RPMPROB_CONFLICT => ProblemKind::Conflicts,
        raw::RPMPROB_OBSOLETES => ProblemKind::Obsoletes,
        other => ProblemKind::Other(other),
    }
}
