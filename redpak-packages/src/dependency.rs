//! Dependencies between the core and librpm.

use librpm::DependencyRef;
use redpak::package::{Comparison, Dependency};

/// As librpm takes it.
pub(crate) fn borrowed(dependency: &Dependency) -> DependencyRef<'_> {
    DependencyRef {
        name: &dependency.name,
        version: &dependency.version,
        flags: dependency.flags,
    }
}

/// As the core has it.
pub(crate) fn owned(dependency: librpm::Dependency) -> Dependency {
    let librpm::Dependency { name, version, flags } = dependency;
    let comparison = if version.is_empty() {
        Comparison::Any
    } else {
        Comparison::from_sense(flags)
    };
    Dependency {
        name,
        comparison,
        version,
        flags,
    }
}
