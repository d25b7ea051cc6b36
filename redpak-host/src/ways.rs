//! Which way a path takes below a root, as a process chrooted there would go, and the state of all that is on it.
//!
//! A file keeps its own state when a directory that it lies in is moved and a link put in its place, and when a link leads
//! to another file from now on: so what is on the way is looked at too.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use nix::fcntl::readlink;
use nix::sys::stat::lstat;

use crate::state;

/// As many links as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// The ways below one root. Each place on them is looked at once, the first time that a way leads there.
#[derive(Debug)]
pub struct Ways {
    root: PathBuf,
    seen: BTreeMap<PathBuf, Place>,
}

#[derive(Debug)]
struct Place {
    state: String,
    /// Where it leads, for a symbolic link.
    target: Option<PathBuf>,
}

impl Ways {
    /// Below this root.
    pub fn below(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            seen: BTreeMap::new(),
        }
    }

    /// Where a path that is absolute inside the root leads, links followed; its parts behind a place that is missing stay as
    /// they are. `None` where links lead round in circles.
    pub fn end(&mut self, inside: &Path) -> Option<PathBuf> {
        let mut rest: Vec<OsString> = parts(inside);
        let (mut at, mut followed) = (self.root.clone(), 0);
        while let Some(part) = rest.pop() {
            if part == ".." {
                // Nothing is above the root.
                if at != self.root {
                    at.pop();
                }
                continue;
            }
            at.push(part);
            let Some(target) = &self.look(&at).target else {
                continue;
            };
            followed += 1;
            if followed > MAX_LINKS {
                return None;
            }
            rest.extend(parts(target));
            if target.is_absolute() {
                at.clone_from(&self.root);
            } else {
                at.pop();
            }
        }
        Some(at)
    }

    /// Every place that was on a way, with its state ([`state::of_place`]).
    pub fn states(self) -> impl Iterator<Item = (PathBuf, String)> {
        self.seen.into_iter().map(|(path, place)| (path, place.state))
    }

    fn look(&mut self, path: &Path) -> &Place {
        self.seen.entry(path.to_path_buf()).or_insert_with(|| {
            let status = lstat(path);
            let is_link = status.is_ok_and(|status| state::is_link(&status));
            Place {
                state: status.map_or_else(|_| state::MISSING.into(), |status| state::of_place(&status)),
                target: is_link.then(|| readlink(path).ok().map(PathBuf::from)).flatten(),
            }
        })
    }
}

/// The parts of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let parts = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_inside_the_root() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::create_dir_all(root.join("real/deep")).unwrap();
        fs::create_dir(root.join("dir")).unwrap();
        for (target, link) in [
            ("/real", "absolute"),
            ("../real", "dir/relative"),
            ("../../../real", "dir/above"),
            ("round", "round"),
            ("absolute/deep", "twice"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        let end = |path: &str| Ways::below(root).end(Path::new(path));
        for (path, real) in [
            ("/real/deep", "real/deep"),
            ("/absolute/deep", "real/deep"),
            ("/dir/relative/deep", "real/deep"),
            ("/dir/above/deep", "real/deep"),
            ("/twice/x", "real/deep/x"),
            ("/dir/../../real", "real"),
            ("/missing/x/y", "missing/x/y"),
        ] {
            assert_eq!(end(path), Some(root.join(real)), "{path}");
        }
        assert_eq!(end("/round/x"), None);
    }

    #[test]
    fn as_many_links_are_followed_as_the_kernel_follows() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        fs::write(root.join("0"), "the end").unwrap();
        for n in 1..=41 {
            symlink(format!("{}", n - 1), root.join(n.to_string())).unwrap();
        }
        for (length, is_reached) in [(40, true), (41, false)] {
            let start = length.to_string();
            assert_eq!(fs::read(root.join(&start)).is_ok(), is_reached, "the kernel: {length}");
            let end = Ways::below(root).end(&Path::new("/").join(&start));
            assert_eq!(end, is_reached.then(|| root.join("0")), "{length}");
        }
    }

    #[test]
    fn what_is_on_the_way_is_told_with_its_state() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        symlink("/a", root.path().join("b")).unwrap();
        let look = || {
            let mut ways = Ways::below(root.path());
            ways.end(Path::new("/b/c"));
            ways.states().collect::<Vec<_>>()
        };
        let before = look();
        let names: Vec<_> = before
            .iter()
            .map(|(path, _)| path.strip_prefix(root.path()).unwrap())
            .collect();
        assert_eq!(names, ["a", "a/c", "b"].map(Path::new));
        assert_eq!((&*before[1].1, look()), (state::MISSING, before.clone()));
        fs::remove_file(root.path().join("b")).unwrap();
        symlink("/x", root.path().join("b")).unwrap();
        assert_ne!(look(), before);
    }
}
