//! What rpm is going to do with the configuration files of a node.

use std::collections::HashMap;
use std::path::Path;

use redpak::package::{DigestAlgorithm, File, Package};
use redpak::transaction::recovery::{Config, Fate};
use redpak_packages::coherency::file_digest;

/// The files that are there, and those of the packages that go.
pub struct Fates<'g> {
    root: &'g Path,
    going: HashMap<&'g Path, &'g File>,
}

impl<'g> Fates<'g> {
    /// Of a node.
    pub fn new(root: &'g Path, going: &'g [Package]) -> Self {
        let files = going.iter().flat_map(|package| &package.files);
        let configs = files.filter(|file| file.is_regular() && !file.flags.is_ghost());
        Self {
            root,
            going: configs.map(|file| (file.path.as_path(), file)).collect(),
        }
    }

    /// Of a file that comes.
    pub fn coming(&self, file: &File) -> Config {
        let before = self.digest(file, DigestAlgorithm::Sha256);
        let old = self.going.get(file.path.as_path());
        let fate = match before {
            None => Fate::New,
            Some(_) => Fate::coming(
                old.map(|old| self.is_changed(old)),
                !self.is_changed(file),
                old.is_some_and(|old| old.digest_algorithm == file.digest_algorithm && old.digest == file.digest),
                file.flags.contains(redpak::package::FileFlags::NOREPLACE),
            ),
        };
        Config { before, fate }
    }

    /// Of a file that goes.
    pub fn going(&self, file: &File) -> Config {
        let before = self.digest(file, DigestAlgorithm::Sha256);
        Config {
            fate: Fate::going(before.is_some() && self.is_changed(file)),
            before,
        }
    }

    /// Whether the node has something else than the package.
    fn is_changed(&self, file: &File) -> bool {
        self.digest(file, file.digest_algorithm) != file.digest
    }

    fn digest(&self, file: &File, algorithm: DigestAlgorithm) -> Option<String> {
        file_digest(self.root, &file.path, algorithm)
    }
}
