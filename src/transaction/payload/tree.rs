//! Where files really land: the symlinks on the way followed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::package::Package;
use crate::transaction::refusal::Reason;

/// As many symlinks on one path as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// Symlinks that the packages of a transaction bring.
#[derive(Debug, Clone, Default)]
pub struct Links(HashMap<PathBuf, PathBuf>);

impl Links {
    /// Of all inbound packages; order does not matter, because rpm may install them in any.
    pub fn of<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Self {
        let files = packages.into_iter().flat_map(|package| &package.files);
        let links = files.filter_map(|file| Some((file.path.clone(), file.link_target.clone()?)));
        Self(links.collect())
    }
}

/// The node as it will be: what is on disk, and the symlinks that come.
pub(super) struct Tree<'a> {
    payload: &'a Links,
    on_disk: &'a dyn Fn(&Path) -> Option<PathBuf>,
    /// Where directories land, as far as it was asked: most files of a package lie in few of them.
    directories: RefCell<HashMap<PathBuf, Result<Place, Exit>>>,
}

/// Where a path lands, and how many symlinks were followed to get there.
#[derive(Debug, Clone)]
struct Place {
    path: PathBuf,
    links: usize,
}

/// Why following a path ended before its end.
#[derive(Debug, Clone)]
pub(super) enum Exit {
    /// More symlinks than the kernel follows.
    Loop,
    /// A symlink with an absolute target: it starts at whatever root the reader has.
    Absolute(PathBuf, PathBuf),
    /// `..` at the root of the node, in the target of this symlink.
    Climbs(PathBuf, PathBuf),
}

impl Exit {
    pub(super) fn reason(self, file: &Path) -> Reason {
        let path = file.to_owned();
        match self {
            Self::Loop => Reason::SymlinkLoop(path),
            Self::Absolute(link, target) | Self::Climbs(link, target) => Reason::LeavesNode { path, link, target },
        }
    }
}

impl<'a> Tree<'a> {
    pub(super) fn new(payload: &'a Links, on_disk: &'a dyn Fn(&Path) -> Option<PathBuf>) -> Self {
        Self {
            payload,
            on_disk,
            directories: RefCell::default(),
        }
    }

    /// Where a file really lands: its parent with all symlinks followed, and its own name.
    pub(super) fn place(&self, path: &Path) -> Result<PathBuf, Exit> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(path.to_owned());
        };
        Ok(self.directory(parent)?.path.join(name))
    }

    /// A symlink at `place` with this relative target points above the root. Absolute targets start at the root that
    /// the program sees, which is what packages mean by them.
    pub(super) fn climbs(&self, place: &Path, target: &Path) -> bool {
        let (false, Some(parent)) = (target.is_absolute(), place.parent()) else {
            return false;
        };
        let start = Place {
            path: parent.to_owned(),
            links: 0,
        };
        let last = (place.to_owned(), target.to_owned());
        matches!(self.follow(start, names(target), Some(last)), Err(Exit::Climbs(..)))
    }

    fn directory(&self, path: &Path) -> Result<Place, Exit> {
        if let Some(known) = self.directories.borrow().get(path) {
            return known.clone();
        }
        let place = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => self
                .directory(parent)
                .and_then(|parent| self.follow(parent, vec![name.to_owned()], None)),
            _ => Ok(Place {
                path: PathBuf::from("/"),
                links: 0,
            }),
        };
        self.directories.borrow_mut().insert(path.to_owned(), place.clone());
        place
    }

    /// Follows `rest` (last component first) from `start`, which has no symlinks in it; `last` is the symlink that
    /// `rest` comes from.
    fn follow(
        &self,
        start: Place,
        mut rest: Vec<OsString>,
        mut last: Option<(PathBuf, PathBuf)>,
    ) -> Result<Place, Exit> {
        let Place { mut path, mut links } = start;
        while let Some(name) = rest.pop() {
            if name == ".." {
                if let (false, Some((link, target))) = (path.pop(), &last) {
                    return Err(Exit::Climbs(link.clone(), target.clone()));
                }
                continue;
            }
            path.push(&name);
            let Some(target) = self.link(&path) else {
                continue;
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(Exit::Loop);
            }
            if target.is_absolute() {
                return Err(Exit::Absolute(path, target));
            }
            rest.extend(names(&target));
            last = Some((path.clone(), target));
            path.pop();
        }
        Ok(Place { path, links })
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        self.payload.0.get(path).cloned().or_else(|| (self.on_disk)(path))
    }
}

/// Components from last to first, `.` and `/` left out.
fn names(path: &Path) -> Vec<OsString> {
    let keep = |part: Component<'_>| {
        matches!(part, Component::Normal(_) | Component::ParentDir).then(|| part.as_os_str().to_owned())
    };
    path.components().rev().filter_map(keep).collect()
}
