//! Opens what is mounted, once, and checks the opened thing rather than its name.
//!
//! Whoever can write below a node may swap a directory for a symbolic link at any time. So a source that lies in a node is
//! resolved beneath the node's descriptor, and whoever mounts it gets the descriptor and not the path alone.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fstat};
use nix::unistd::{Gid, Uid, fchown};
use redpak::display;
use redpak::plan::Source;
use redpak_host::report::os;

use super::roots;
use super::walk::{self, Walk};

/// Why a source cannot be mounted.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It does not exist and is not to be created.
    #[error("export source {} does not exist; create it, or correct the export's path", display::path(.0))]
    Missing(PathBuf),
    /// It leads out of the node.
    #[error(
        "export source {} leaves the node {} through a symbolic link",
        display::path(path),
        display::path(node)
    )]
    Leaves {
        /// Path as configured.
        path: PathBuf,
        /// The node.
        node: PathBuf,
    },
    /// It lies where an ancestor does not allow it.
    #[error(
        "export source {} is {}, which is outside the export_roots of an ancestor ({})",
        display::path(path), display::path(resolved), roots.iter().map(|root| display::path(root)).collect::<Vec<_>>().join(", ")
    )]
    NotAllowed {
        /// Path as configured.
        path: PathBuf,
        /// What it resolved to.
        resolved: PathBuf,
        /// Prefixes that the ancestor allows.
        roots: Vec<PathBuf>,
    },
    /// The kernel refuses.
    #[error("cannot {verb} export source {}: {reason}", display::path(path), reason = os(source))]
    System {
        /// What was tried.
        verb: &'static str,
        /// Path as configured.
        path: PathBuf,
        /// The kernel's reason.
        source: io::Error,
    },
}

/// Opens sources and remembers the nodes that they lie in.
#[derive(Debug, Default)]
pub struct Opener {
    nodes: BTreeMap<PathBuf, OwnedFd>,
}

impl Opener {
    /// Opens `source`; makes its directory where it is missing and the plan says so.
    ///
    /// # Errors
    /// When it is missing, leaves its node, or lies where it may not.
    pub fn open(&mut self, source: &Source) -> Result<OwnedFd, SourceError> {
        let fd = match &source.beneath {
            Some(node) => self.open_beneath(source, node)?,
            None => openat(AT_FDCWD, &source.path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())
                .map_err(|errno| failure("open", source, errno))?,
        };
        roots::check(source, fd.as_fd())?;
        Ok(fd)
    }

    fn open_beneath(&mut self, source: &Source, node: &Path) -> Result<OwnedFd, SourceError> {
        let inside = source.path.strip_prefix(node).map_err(|_| leaves(source, node))?;
        let directory = self.node(source, node)?;
        match walk::resolve(directory, inside, Walk::Beneath, OFlag::O_PATH, 0) {
            Err(Errno::ENOENT) if source.create => walk::directories(directory, inside, Walk::Beneath, &make_directory),
            other => other,
        }
        .map_err(|errno| {
            if errno == Errno::EXDEV {
                leaves(source, node)
            } else {
                failure("open", source, errno)
            }
        })
    }

    fn node(&mut self, source: &Source, node: &Path) -> Result<BorrowedFd<'_>, SourceError> {
        if !self.nodes.contains_key(node) {
            let fd = openat(
                AT_FDCWD,
                node,
                OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
                Mode::empty(),
            )
            .map_err(|errno| failure("open the node of", source, errno))?;
            self.nodes.insert(node.to_path_buf(), fd);
        }
        Ok(self.nodes[node].as_fd())
    }
}

/// Makes a directory with the caller's umask, and gives one that root made in another user's node to that user.
fn make_directory(parent: BorrowedFd<'_>, name: &OsStr) -> nix::Result<OwnedFd> {
    let (made, is_new) = walk::make_directory(parent, name, 0o777)?;
    let FileStat { st_uid, st_gid, .. } = fstat(parent)?;
    if is_new && Uid::effective().is_root() && st_uid != 0 {
        let writable = openat(
            &made,
            c".",
            OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?;
        fchown(&writable, Some(Uid::from_raw(st_uid)), Some(Gid::from_raw(st_gid)))?;
    }
    Ok(made)
}

fn leaves(source: &Source, node: &Path) -> SourceError {
    SourceError::Leaves {
        path: source.path.clone(),
        node: node.to_path_buf(),
    }
}

fn failure(verb: &'static str, source: &Source, errno: Errno) -> SourceError {
    let path = source.path.clone();
    match errno {
        Errno::ENOENT => SourceError::Missing(path),
        _ => SourceError::System {
            verb,
            path,
            source: errno.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn node() -> tempfile::TempDir {
        tempfile::tempdir().expect("temporary directory")
    }

    fn source(node: &Path, path: &str, create: bool) -> Source {
        Source {
            path: node.join(path),
            beneath: Some(node.to_path_buf()),
            allowed_roots: Vec::new(),
            create,
        }
    }

    fn opened(source: &Source) -> Result<PathBuf, SourceError> {
        Opener::default()
            .open(source)
            .map(|fd| roots::real_path(fd.as_fd()).expect("readable"))
    }

    #[test]
    fn links_may_stay_in_the_node_and_not_leave_it() {
        let node = node();
        std::fs::create_dir(node.path().join("real")).expect("made");
        for (link, target) in [
            ("inside", "real"),
            ("up", ".."),
            ("absolute", "/etc"),
            ("magic", "/proc/self/root"),
        ] {
            symlink(target, node.path().join(link)).expect("made");
        }
        assert_eq!(
            opened(&source(node.path(), "inside", false)).expect("inside"),
            node.path().join("real")
        );
        for path in ["up", "absolute", "absolute/passwd", "magic/etc"] {
            assert!(
                matches!(
                    opened(&source(node.path(), path, true)),
                    Err(SourceError::Leaves { .. })
                ),
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_outside_the_node_is_refused() {
        let node = node();
        let outside = Source {
            path: PathBuf::from("/etc"),
            ..source(node.path(), "x", false)
        };
        assert!(matches!(opened(&outside), Err(SourceError::Leaves { .. })));
    }

    #[test]
    fn missing_directories_are_made_only_when_asked_for() {
        let node = node();
        assert!(matches!(
            opened(&source(node.path(), "a/b/c", false)),
            Err(SourceError::Missing(_))
        ));
        assert_eq!(
            opened(&source(node.path(), "a/b/c", true)).expect("made"),
            node.path().join("a/b/c")
        );
        assert!(node.path().join("a/b/c").is_dir());
    }

    #[test]
    fn nothing_is_made_through_a_link() {
        let (node, outside) = (node(), node());
        symlink(outside.path(), node.path().join("a")).expect("made");
        symlink(outside.path().join("new"), node.path().join("dangling")).expect("made");
        for path in ["a/b", "dangling", "dangling/x"] {
            opened(&source(node.path(), path, true)).expect_err(path);
        }
        assert_eq!(std::fs::read_dir(outside.path()).expect("readable").count(), 0);
    }
}
