//! Where a packaged path is, with the links of all packages.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::package::File;

/// As many links as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// Resolves the directories of paths; what is at a path itself may be a link.
#[derive(Debug)]
pub struct Places<'f> {
    links: HashMap<&'f Path, &'f Path>,
    /// Directories that links lead to another place, and the last one looked at: the files of one follow each other.
    elsewhere: HashMap<&'f Path, Option<PathBuf>>,
    last: Option<&'f Path>,
}

impl<'f> Places<'f> {
    /// With the links among these files.
    pub fn of(files: impl Iterator<Item = &'f File>) -> Self {
        let link = |file: &'f File| Some((file.path.as_path(), file.link_target.as_deref()?));
        Self {
            links: files.filter(|file| file.is_symlink()).filter_map(link).collect(),
            elsewhere: HashMap::new(),
            last: None,
        }
    }

    /// Where the file at an absolute path is.
    pub fn place(&mut self, path: &'f Path) -> Cow<'f, Path> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Cow::Borrowed(path);
        };
        if self.last != Some(parent) {
            self.last = Some(parent);
            if !self.elsewhere.contains_key(parent) {
                let resolved = self.resolve(parent);
                self.elsewhere.insert(parent, resolved);
            }
        }
        match self.elsewhere.get(parent) {
            Some(Some(elsewhere)) => Cow::Owned(elsewhere.join(name)),
            _ => Cow::Borrowed(path),
        }
    }

    /// Where a directory is, `None` when no link is on the way.
    fn resolve(&self, directory: &'f Path) -> Option<PathBuf> {
        directory.ancestors().find(|place| self.links.contains_key(place))?;
        let mut rest: Vec<Component<'f>> = directory.components().rev().collect();
        let (mut place, mut followed) = (PathBuf::new(), 0);
        while let Some(part) = rest.pop() {
            if part == Component::ParentDir {
                place.pop();
                continue;
            }
            place.push(part);
            if let Some(target) = self.links.get(place.as_path()).filter(|_| followed < MAX_LINKS) {
                followed += 1;
                place.pop();
                // A root among its parts starts anew.
                rest.extend(target.components().rev());
            }
        }
        Some(place)
    }
}
