//! Control groups (cgroups(7), version 2): one per node, nested; the program runs in a leaf below the innermost.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use redpak::plan::ControlGroup;

/// The program's own group: no process may sit in a group that hands controllers on.
const LEAF: &str = "program";

/// Why a control group could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory is on another file system.
    #[error(
        "{} is not in a cgroup v2 file system; boot with systemd.unified_cgroup_hierarchy=1, or correct cgrouproot", .0.display()
    )]
    NotVersion2(PathBuf),
    /// No group may be made here.
    #[error(
        "cannot make the control group {}: {source}; the group above is not delegated to you, start from one that is, \
         for example with: systemd-run --user --pty -p Delegate=yes bash", directory.display()
    )]
    NotDelegated {
        /// The group.
        directory: PathBuf,
        /// The kernel's reason.
        source: io::Error,
    },
    /// A controller is not handed down.
    #[error(
        "the controller {controller} is not available in {}; add +{controller} to cgroup.subtree_control of the groups above it",
        directory.display()
    )]
    NoController {
        /// Name of the controller.
        controller: String,
        /// The group that lacks it.
        directory: PathBuf,
    },
    /// A process stands in the way.
    #[error(
        "cannot hand controllers on from {}: processes run in it; start redwrap from a group of its own, or set cgrouproot",
        .0.display()
    )]
    Occupied(PathBuf),
    /// A file could not be written.
    #[error("cannot write '{value}' to {}: {source}", file.display())]
    Write {
        /// The interface file.
        file: PathBuf,
        /// What was to be written.
        value: String,
        /// The kernel's reason.
        source: io::Error,
    },
}

/// Groups made for one launch. Those that are empty are removed when this is dropped.
#[derive(Debug, Default)]
pub struct Groups {
    /// Outermost first, the program's leaf last.
    made: Vec<PathBuf>,
}

impl Groups {
    /// Makes the groups, hands the controllers on that their values need, and writes the values.
    ///
    /// # Errors
    /// The first step that failed; what was made before is removed.
    pub fn make(planned: &[ControlGroup]) -> Result<Self, Error> {
        let mut groups = Self::default();
        let Some(first) = planned.first() else {
            return Ok(groups);
        };
        let top = first.directory.parent().unwrap_or(&first.directory);
        check_version(top)?;
        let mut above = top;
        for (index, group) in planned.iter().enumerate() {
            enable(above, &controllers(&planned[index..]))?;
            groups.make_one(&group.directory)?;
            for (file, value) in &group.values {
                write(&group.directory.join(file), value)?;
            }
            above = &group.directory;
        }
        groups.make_one(&above.join(format!("{LEAF}-{}", std::process::id())))?;
        Ok(groups)
    }

    /// `cgroup.procs` of the program's group, for writing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn program_procs(&self) -> Result<Option<OwnedFd>, Error> {
        let Some(leaf) = self.made.last() else { return Ok(None) };
        let file = leaf.join("cgroup.procs");
        match File::options().write(true).open(&file) {
            Ok(opened) => Ok(Some(opened.into())),
            Err(source) => Err(Error::Write {
                file,
                value: "0".into(),
                source,
            }),
        }
    }

    fn make_one(&mut self, directory: &Path) -> Result<(), Error> {
        match fs::create_dir(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::NotDelegated {
                    directory: directory.to_path_buf(),
                    source: error,
                });
            }
            _ => self.made.push(directory.to_path_buf()),
        }
        Ok(())
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for directory in self.made.iter().rev() {
            // Fails while another launch of the family uses the group; the last one removes it.
            let _ = fs::remove_dir(directory);
        }
    }
}

fn check_version(directory: &Path) -> Result<(), Error> {
    match nix::sys::statfs::statfs(directory) {
        Ok(status) if status.filesystem_type() == nix::sys::statfs::CGROUP2_SUPER_MAGIC => Ok(()),
        _ => Err(Error::NotVersion2(directory.to_path_buf())),
    }
}

/// The controllers that the values of these groups belong to: `memory.max` is the memory controller's.
fn controllers(groups: &[ControlGroup]) -> Vec<&'static str> {
    let mut names: Vec<_> = groups
        .iter()
        .flat_map(|group| &group.values)
        .filter_map(|(file, _)| file.split('.').next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn enable(directory: &Path, wanted: &[&str]) -> Result<(), Error> {
    let available = fs::read_to_string(directory.join("cgroup.controllers")).unwrap_or_default();
    for controller in wanted {
        if !available.split_whitespace().any(|name| name == *controller) {
            return Err(Error::NoController {
                controller: (*controller).to_owned(),
                directory: directory.to_path_buf(),
            });
        }
        write(&directory.join("cgroup.subtree_control"), &format!("+{controller}")).map_err(|error| match error {
            Error::Write { source, .. } if source.raw_os_error() == Some(libc::EBUSY) => {
                Error::Occupied(directory.to_path_buf())
            }
            other => other,
        })?;
    }
    Ok(())
}

fn write(file: &Path, value: &str) -> Result<(), Error> {
    fs::write(file, value).map_err(|source| Error::Write {
        file: file.to_path_buf(),
        value: value.to_owned(),
        source,
    })
}
