//! Why control groups could not be set up.

use std::io;
use std::path::PathBuf;

use redpak::display;
use redpak_host::report::os;

/// Why control groups could not be set up, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory is on another file system.
    #[error(
        "{} is not in a cgroup v2 file system; boot with systemd.unified_cgroup_hierarchy=1, or correct cgrouproot",
        display::path(.0)
    )]
    NotVersion2(PathBuf),
    /// No group may be made here.
    #[error(
        "cannot make the control group {}: {reason}; the group above is not delegated to you, start from one that is, \
         for example with: systemd-run --user --pty -p Delegate=yes bash",
        display::path(directory), reason = os(source))]
    NotDelegated {
        /// The group.
        directory: PathBuf,
        /// The kernel's reason.
        source: io::Error,
    },
    /// A controller is not handed down.
    #[error(
        "the controller {controller} is not available in {}; add +{controller} to cgroup.subtree_control of the groups above it",
        display::path(directory)
    )]
    NoController {
        /// Name of the controller.
        controller: String,
        /// The group that lacks it.
        directory: PathBuf,
    },
    /// A process stands in the way.
    #[error(
        "cannot hand controllers on from {}: processes run in it; move them into a group below it, or set cgrouproot",
        display::path(.0)
    )]
    Occupied(PathBuf),
    /// A file could not be written.
    #[error(
        "cannot write '{}' to {}: {reason}; what it takes is in the kernel's cgroup-v2 documentation",
        display::text(value),
        display::path(file), reason = os(source))]
    Write {
        /// The interface file.
        file: PathBuf,
        /// What was to be written.
        value: String,
        /// The kernel's reason.
        source: io::Error,
    },
    /// Another system call failed.
    #[error("cannot {verb} the control group {}: {reason}", display::path(directory), reason = os(source))]
    System {
        /// What was tried.
        verb: &'static str,
        /// With which group.
        directory: PathBuf,
        /// The kernel's reason.
        source: io::Error,
    },
}
