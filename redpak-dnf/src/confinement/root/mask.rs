//! What rpm does not find of the family while packages come and go.
//!
//! rpm looks at the places where it is about to write or to remove: it keeps a configuration file that it finds there
//! beside the new one, follows links that stand for directories, and cannot put a file where a directory is. What it may
//! find is the leaf's own, as in a transaction without scriptlets. So a topmost lower layer hides what the layers below it
//! have at such places, and shows directories as rpm would make them. Programs and libraries are not hidden: rpm replaces
//! other files without looking at them, and scriptlets need those of the family until then.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use redpak_host::dir::Dir;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::made::COVERED;
use super::overlay::path_of;
use super::{Family, Kind, make};

/// Makes the layers below `scratch`, each under the name of the directory of the node that it is for. Nothing of the node
/// may be covered yet.
pub fn build(family: &Family, scratch: &Path) -> Result<()> {
    let mut mask = Mask::new(family, scratch)?;
    let coming: Vec<_> = family
        .payload
        .iter()
        .filter(|payload| payload.comes && payload.kind != Kind::Ghost)
        .collect();
    for payload in &coming {
        let parent = payload.path.parent().unwrap_or(&payload.path);
        let is_directory = payload.kind == Kind::Directory;
        mask.show(if is_directory { &payload.path } else { parent })?;
    }
    for payload in coming.iter().filter(|payload| payload.kind != Kind::Directory) {
        mask.hide(&payload.path, |found| payload.kind == Kind::Config || found.is_dir())?;
    }
    let stays: HashSet<&Path> = family
        .payload
        .iter()
        .filter(|payload| payload.comes)
        .map(|payload| &*payload.path)
        .collect();
    for payload in &family.payload {
        if payload.kind != Kind::Directory && !stays.contains(&*payload.path) {
            // rpm would remove it, and keep a changed configuration file.
            mask.hide(&payload.path, |found| !found.is_dir())?;
        }
    }
    Ok(())
}

struct Mask<'f> {
    node: &'f Path,
    scratch: &'f Path,
    leaf: Dir,
    lower: Vec<Dir>,
    /// Where the leaf has a directory, or would have it: seen from the node, without links.
    places: HashMap<PathBuf, PathBuf>,
    /// Where the lower layers have a directory, by its place, the one that counts first.
    below: HashMap<PathBuf, Vec<(usize, PathBuf)>>,
}

impl<'f> Mask<'f> {
    fn new(family: &'f Family, scratch: &'f Path) -> Result<Self> {
        let lower: Result<Vec<Dir>, _> = family.lower.iter().map(|root| Dir::open_root(root)).collect();
        Ok(Self {
            node: &family.node,
            scratch,
            leaf: Dir::open_root(&family.node)?,
            lower: lower?,
            places: HashMap::new(),
            below: HashMap::new(),
        })
    }

    /// Shows a directory, and those that lead to it, as rpm would make them where the leaf does not have them.
    fn show(&mut self, directory: &Path) -> Result<()> {
        let place = self.place(directory);
        match is_covered(&place) && !self.is_in_leaf(&place) {
            true => self.make_directory(&place),
            false => Ok(()),
        }
    }

    /// Hides what the lower layers have at a path, where the leaf has nothing and `is_unwanted` says so of what is found.
    fn hide(&mut self, path: &Path, is_unwanted: impl Fn(&Metadata) -> bool) -> Result<()> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(());
        };
        let parent = self.place(parent);
        let place = parent.join(name);
        if !is_covered(&parent) || self.is_in_leaf(&place) {
            return Ok(());
        }
        if !self
            .found_below(&parent, name)
            .is_some_and(|(.., found)| is_unwanted(&found))
        {
            return Ok(());
        }
        self.make_directory(&parent)?;
        let target = self.scratch.join(&place);
        let shown = target.symlink_metadata();
        if shown.as_ref().is_ok_and(Metadata::is_dir) {
            return Ok(());
        }
        if shown.is_ok() {
            fs::remove_file(&target)?;
        }
        mknodat(CWD, &target, FileType::CharacterDevice, Mode::empty(), 0)
            .with_context(|| format!("cannot hide /{} of the family", place.display()))
    }

    fn is_in_leaf(&self, place: &Path) -> bool {
        self.leaf.status(place).is_some()
    }

    fn place(&mut self, directory: &Path) -> PathBuf {
        if let Some(place) = self.places.get(directory) {
            return place.clone();
        }
        let relative = directory.strip_prefix("/").unwrap_or(directory);
        let real = self.leaf.subdirectory(relative).ok();
        let real = real.and_then(|found| fs::read_link(path_of(&found)).ok());
        let place = match real.as_deref().and_then(|real| real.strip_prefix(self.node).ok()) {
            Some(place) => place.to_owned(),
            None => match (directory.parent(), directory.file_name()) {
                (Some(parent), Some(name)) => self.place(parent).join(name),
                _ => PathBuf::new(),
            },
        };
        self.places.insert(directory.to_owned(), place.clone());
        place
    }

    /// What the family has under a name in a directory: which root, the directory there, and what it is.
    fn found_below(&mut self, parent: &Path, name: &OsStr) -> Option<(usize, PathBuf, Metadata)> {
        if !self.below.contains_key(parent) {
            let directories = self.lower.iter().enumerate().filter_map(|(number, root)| {
                let directory = root.subdirectory(parent).ok()?;
                Some((number, fs::read_link(path_of(&directory)).ok()?))
            });
            self.below.insert(parent.to_owned(), directories.collect());
        }
        let directories = self.below.get(parent)?;
        directories.iter().find_map(|(number, directory)| {
            let found = directory.join(name).symlink_metadata().ok()?;
            Some((*number, directory.clone(), found))
        })
    }

    /// Makes a directory in the mask, and those that lead to it.
    fn make_directory(&mut self, place: &Path) -> Result<()> {
        let target = self.scratch.join(place);
        if target.symlink_metadata().is_ok_and(|status| status.is_dir()) {
            return Ok(());
        }
        let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else {
            return Ok(());
        };
        self.make_directory(parent)?;
        match fs::remove_file(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => make(&target, 0o755)?,
        }
        // What is covered itself is the root of the layer.
        if parent.as_os_str().is_empty() || self.is_in_leaf(place) {
            return Ok(());
        }
        match self.found_below(parent, name) {
            Some((root, directory, found)) if found.is_symlink() => self.fill(&target, (root, &directory), name),
            _ => Ok(()),
        }
    }

    /// The family has a link to a directory here (/usr/sbin to bin, for example), and rpm makes a directory. What scriptlets
    /// look for in it is still there, as links.
    fn fill(&self, target: &Path, (root, directory): (usize, &Path), name: &OsStr) -> Result<()> {
        let link = fs::read_link(directory.join(name))?;
        let inside = directory.strip_prefix(self.lower[root].path()).unwrap_or(directory);
        let meant = normalised(&Path::new("/").join(inside).join(link));
        let relative = meant.strip_prefix("/").unwrap_or(&meant);
        for root in &self.lower {
            for name in root.names(relative) {
                match symlink(meant.join(&name), target.join(&name)) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(error).with_context(|| format!("cannot show {}", meant.join(&name).display()));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// Whether an overlay is mounted there. The others of the node's directories show the leaf's own anyway.
fn is_covered(place: &Path) -> bool {
    let first = place.iter().next();
    first.is_some_and(|first| COVERED.iter().any(|name| first == *name))
}

/// Without `.` and `..`, as they are written.
fn normalised(path: &Path) -> PathBuf {
    let mut whole = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::ParentDir => {
                whole.pop();
            }
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};

    use super::super::Payload;
    use super::*;

    struct Roots {
        leaf: tempfile::TempDir,
        lower: tempfile::TempDir,
        scratch: tempfile::TempDir,
    }

    impl Roots {
        fn new() -> Self {
            let [leaf, lower, scratch] = [(); 3].map(|()| tempfile::tempdir().unwrap());
            Self { leaf, lower, scratch }
        }

        fn build(&self, payload: &[(&str, Kind, bool)]) {
            let payload = payload.iter().map(|&(path, kind, comes)| Payload {
                path: path.into(),
                kind,
                comes,
            });
            let family = Family {
                node: self.leaf.path().canonicalize().unwrap(),
                lower: vec![self.lower.path().canonicalize().unwrap()],
                payload: payload.collect(),
                ..Family::default()
            };
            build(&family, self.scratch.path()).unwrap();
        }

        fn hides(&self, place: &str) -> bool {
            let found = self.scratch.path().join(place).symlink_metadata();
            found.is_ok_and(|status| status.file_type().is_char_device())
        }
    }

    fn write(root: &tempfile::TempDir, file: &str) {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn configs_of_the_family_are_hidden_and_programs_are_not() {
        let roots = Roots::new();
        for file in [
            "etc/new",
            "etc/own",
            "usr/bin/sh",
            "usr/share/was-a-directory/file",
            "etc/gone",
            "etc/ghost",
        ] {
            write(&roots.lower, file);
        }
        write(&roots.leaf, "etc/own");
        roots.build(&[
            ("/etc/new", Kind::Config, true),
            ("/etc/own", Kind::Config, true),
            ("/etc/nobody-has-it", Kind::Config, true),
            ("/usr/bin/sh", Kind::File, true),
            ("/usr/share/was-a-directory", Kind::File, true),
            ("/etc/gone", Kind::Config, false),
            ("/etc/ghost", Kind::Ghost, true),
        ]);
        for hidden in ["etc/new", "usr/share/was-a-directory", "etc/gone"] {
            assert!(roots.hides(hidden), "{hidden}");
        }
        for shown in ["etc/own", "usr/bin/sh", "etc/ghost", "etc/nobody-has-it"] {
            assert!(!roots.hides(shown), "{shown}");
        }
    }

    #[test]
    fn directories_are_shown_as_rpm_makes_them() {
        let roots = Roots::new();
        write(&roots.lower, "usr/share/closed/file");
        let closed = roots.lower.path().join("usr/share/closed");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        roots.build(&[("/usr/share/closed/new", Kind::File, true)]);
        let shown = roots.scratch.path().join("usr/share/closed").metadata().unwrap();
        assert_eq!(shown.permissions().mode() & 0o7777, 0o755);
    }

    #[test]
    fn behind_a_link_of_the_family_is_what_it_leads_to() {
        let roots = Roots::new();
        write(&roots.lower, "usr/bin/sh");
        write(&roots.lower, "usr/bin/tool");
        symlink("bin", roots.lower.path().join("usr/sbin")).unwrap();
        roots.build(&[("/usr/sbin/tool", Kind::Config, true)]);
        let shown = roots.scratch.path().join("usr/sbin");
        assert!(shown.symlink_metadata().unwrap().is_dir());
        assert_eq!(fs::read_link(shown.join("sh")).unwrap(), Path::new("/usr/bin/sh"));
        assert!(roots.hides("usr/sbin/tool"));
    }

    /// rpm follows the leaf's own links.
    #[test]
    fn links_of_the_leaf_count() {
        let roots = Roots::new();
        fs::create_dir_all(roots.leaf.path().join("usr/share/real")).unwrap();
        symlink("/usr/share/real", roots.leaf.path().join("usr/share/link")).unwrap();
        write(&roots.lower, "usr/share/real/config");
        write(&roots.lower, "usr/share/link/config");
        roots.build(&[("/usr/share/link/config", Kind::Config, true)]);
        assert!(roots.hides("usr/share/real/config"));
        assert!(!roots.hides("usr/share/link/config"));
    }
}
