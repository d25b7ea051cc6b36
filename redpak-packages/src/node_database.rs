//! Where the rpmdb of a node is, and how to tell that it changed. Nothing here opens it.

use librpm::Engine;
use std::ffi::OsStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};

use crate::error::{Error, Result};

pub use redpak_host::state::Fingerprint;

/// How long a rebuilt rpmdb may take to come to its place: two renames of rpm's.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Places where distributions keep the rpmdb, tried behind the one that this system's rpm is configured for.
const USUAL_PLACES: [&str; 2] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];

/// The storage formats of rpmdbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Backend {
    Sqlite,
    Ndb,
    /// Berkeley DB, which rpm gave up in 4.16.
    BerkeleyDb,
}

impl Backend {
    const ALL: [Self; 3] = [Self::Sqlite, Self::Ndb, Self::BerkeleyDb];

    /// The file by whose presence rpm knows the format too.
    pub(crate) fn main_file(self) -> &'static str {
        match self {
            Self::Sqlite => "rpmdb.sqlite",
            Self::Ndb => "Packages.db",
            Self::BerkeleyDb => "Packages",
        }
    }
}

/// Place of the rpmdb of one node.
///
/// The place is looked up inside the node's root, symbolic links included: a link in a node leads to a place in that
/// node, never to the system that the program runs on.
#[derive(Debug)]
pub struct NodeDatabase {
    root: PathBuf,
    directory: PathBuf,
    opened: Option<(OwnedFd, Backend)>,
}

/// Where the rpmdb of a node is looked for: the first of these places that has one.
#[derive(Debug)]
pub(crate) struct Lookup {
    node: PathBuf,
    /// Below which the places are, links on the way included.
    pub root: PathBuf,
    /// Absolute inside the root.
    pub places: Vec<PathBuf>,
}

impl Lookup {
    /// In `directory` when that is given, else where rpm's configuration says and at the usual places.
    pub fn new(engine: &Engine, node: &Path, directory: Option<&Path>) -> Result<Self> {
        if let Some(directory) = directory {
            return Ok(Self::at(node, directory));
        }
        let configured = engine.macros().expand("%{?_dbpath}")?;
        let mut places = vec![PathBuf::from(configured)];
        places.extend(USUAL_PLACES.map(PathBuf::from));
        places.retain(|place| place.is_absolute());
        Ok(Self {
            node: node.into(),
            root: node.into(),
            places,
        })
    }

    fn at(node: &Path, directory: &Path) -> Self {
        let (root, place) = match directory.strip_prefix(node) {
            Ok(inside) => (node, Path::new("/").join(inside)),
            Err(_) => (Path::new("/"), directory.into()),
        };
        Self {
            node: node.into(),
            root: root.into(),
            places: vec![place],
        }
    }

    /// Opens the folder of the rpmdb.
    pub fn locate(&self) -> Result<NodeDatabase> {
        Ok(NodeDatabase {
            root: self.node.clone(),
            ..NodeDatabase::locate_in(&self.root, &self.places)?
        })
    }
}

impl NodeDatabase {
    /// Finds the rpmdb below `root`: where rpm's configuration says, else at the usual places.
    ///
    /// A root without an rpmdb is fine; it has no packages.
    pub fn locate(engine: &Engine, root: &Path) -> Result<Self> {
        Lookup::new(engine, root, None)?.locate()
    }

    /// Uses the rpmdb in `directory`, as the tag `rpmdir` of a node says. Inside `root` links are looked up as usual.
    pub fn locate_at(root: &Path, directory: &Path) -> Result<Self> {
        Lookup::at(root, directory).locate()
    }

    /// Finds the rpmdb below `root` at the first of `places` that has one.
    fn locate_in(root: &Path, places: &[PathBuf]) -> Result<Self> {
        let root_fd = nix::fcntl::open(root, DIRECTORY, Mode::empty()).map_err(Error::errno("open", root))?;
        let begin = Instant::now();
        loop {
            if let Some(found) = Self::first_in(root, root_fd.as_fd(), places)? {
                return Ok(found);
            }
            let Some((directory, aside)) = moved_aside(root, root_fd.as_fd(), places) else {
                break;
            };
            if begin.elapsed() > PATIENCE {
                return Err(Error::MovedAside { directory, aside });
            }
            sleep(PAUSE);
        }
        // A rebuild may have come to its end between the two looks.
        if let Some(found) = Self::first_in(root, root_fd.as_fd(), places)? {
            return Ok(found);
        }
        let directory = below(root, places.first().map_or(Path::new("/var/lib/rpm"), PathBuf::as_path));
        Ok(Self {
            root: root.into(),
            directory,
            opened: None,
        })
    }

    fn first_in(root: &Path, root_fd: BorrowedFd<'_>, places: &[PathBuf]) -> Result<Option<Self>> {
        for place in places {
            let shown = below(root, place);
            let Some(directory) = open_in_root(root_fd, place).map_err(Error::errno("open", &shown))? else {
                continue;
            };
            if let Some(backend) = detect(directory.as_fd(), &shown)? {
                let real = real_path(directory.as_fd()).unwrap_or(shown);
                return Ok(Some(Self {
                    root: root.into(),
                    directory: real,
                    opened: Some((directory, backend)),
                }));
            }
        }
        Ok(None)
    }

    /// The node's root directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the rpmdb, without symbolic links; where it would be made when there is none.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The same place, as if there were no rpmdb.
    pub fn without_files(self) -> Self {
        Self { opened: None, ..self }
    }

    /// Whether there is an rpmdb at all.
    pub fn exists(&self) -> bool {
        self.opened.is_some()
    }

    pub(crate) fn backend(&self) -> Option<Backend> {
        self.opened.as_ref().map(|(_, backend)| *backend)
    }

    pub(crate) fn folder(&self) -> Option<BorrowedFd<'_>> {
        self.opened.as_ref().map(|(folder, _)| folder.as_fd())
    }

    /// The identity and state of every file of the rpmdb, write-ahead log included.
    ///
    /// Two equal fingerprints mean that nothing changed in between, as far as the kernel's inode numbers and change
    /// times tell. Take it before reading the rpmdb.
    pub fn fingerprint(&self) -> Result<Fingerprint> {
        match self.folder() {
            Some(folder) => Ok(Fingerprint::take(folder, &self.directory)?),
            None => Ok(Fingerprint::none(&self.directory)),
        }
    }

    /// Whether librpm may open the database where it is. Else a private copy is read.
    ///
    /// That needs an owner who can be trusted not to change files under sqlite's feet (it maps them into memory), and
    /// the two files beside the database that sqlite would otherwise create: reading must leave no trace in a node,
    /// and has to work on read-only file systems.
    pub(crate) fn can_be_read_in_place(&self) -> bool {
        let Some((folder, backend)) = &self.opened else {
            return false;
        };
        let names: &[&str] = match backend {
            Backend::Sqlite => &["rpmdb.sqlite", "rpmdb.sqlite-wal", "rpmdb.sqlite-shm"],
            Backend::Ndb => &["Packages.db", "Index.db"],
            Backend::BerkeleyDb => &["Packages"],
        };
        let status = |name: &str| fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        let folder_is_fine = fstatat(folder, "", AtFlags::AT_EMPTY_PATH).is_ok_and(|status| is_trusted(&status));
        folder_is_fine
            && names
                .iter()
                .all(|name| status(name).is_ok_and(|status| is_trusted(&status) && is_file(&status)))
    }
}

/// A place without an rpmdb, and the old one that rpm has moved aside: `rpm --rebuilddb` renames the database to
/// `NAMEolddb.PID` and then the new one to `NAME` (rpmdbMoveDatabase in rpm's rpmdb.c). In between nothing is there, and whoever
/// made a new database then would lose both.
fn moved_aside(root: &Path, root_fd: BorrowedFd<'_>, places: &[PathBuf]) -> Option<(PathBuf, PathBuf)> {
    places.iter().find_map(|place| {
        let (parent, name) = (place.parent()?, place.file_name()?);
        let folder = open_in_root(root_fd, parent).ok().flatten()?;
        let aside = std::fs::read_dir(descriptor_path(folder.as_fd())).ok()?;
        let aside = aside.flatten().map(|entry| entry.file_name());
        let aside = aside.into_iter().find(|other| is_moved_aside(other, name))?;
        Some((below(root, place), below(root, &parent.join(aside))))
    })
}

fn is_moved_aside(other: &OsStr, name: &OsStr) -> bool {
    let rest = other.as_bytes().strip_prefix(name.as_bytes());
    let number = rest.and_then(|rest| rest.strip_prefix(b"olddb."));
    number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

const DIRECTORY: OFlag = OFlag::O_PATH.union(OFlag::O_DIRECTORY).union(OFlag::O_CLOEXEC);

/// Opens a directory as a process chrooted into `root` would; `None` when there is no such directory.
fn open_in_root(root: BorrowedFd<'_>, place: &Path) -> Result<Option<OwnedFd>, Errno> {
    let how = OpenHow::new()
        .flags(DIRECTORY)
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    match openat2(root, place, how) {
        Ok(directory) => Ok(Some(directory)),
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
        Err(errno) => Err(errno),
    }
}

/// The format of the database in `folder`, in rpm's order of preference.
fn detect(folder: BorrowedFd<'_>, shown: &Path) -> Result<Option<Backend>> {
    for backend in Backend::ALL {
        let name = backend.main_file();
        match fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(status) if is_file(&status) => return Ok(Some(backend)),
            Ok(_) => {
                let source = std::io::Error::other("not a regular file");
                return Err(Error::Io {
                    verb: "read",
                    path: shown.join(name),
                    source,
                });
            }
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(Error::errno("examine", shown.join(name))(errno)),
        }
    }
    Ok(None)
}

fn is_file(status: &FileStat) -> bool {
    SFlag::from_bits_truncate(status.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG
}

/// Whether only the system or the user that this process runs as can change it.
fn is_trusted(status: &FileStat) -> bool {
    let owner = status.st_uid;
    (owner == 0 || owner == nix::unistd::geteuid().as_raw()) && status.st_mode & 0o022 == 0
}

/// `place`, which is absolute, below `root`.
fn below(root: &Path, place: &Path) -> PathBuf {
    root.join(place.strip_prefix("/").unwrap_or(place))
}

/// Where an open directory is; `None` without a proc file system.
fn real_path(directory: BorrowedFd<'_>) -> Option<PathBuf> {
    std::fs::read_link(descriptor_path(directory))
        .ok()
        .filter(|path| path.is_absolute())
}

/// A path that leads to an open directory whatever its real path is made of.
pub(crate) fn descriptor_path(directory: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()))
}
