//! Repositories of made packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::{Group, Key, Package, build_packages, comps, temporary, tool};

/// A directory of packages with the metadata of createrepo_c.
#[derive(Debug)]
pub struct Repository {
    directory: TempDir,
}

impl Repository {
    /// Builds the packages and indexes them.
    ///
    /// # Panics
    /// When rpmbuild or createrepo_c fails.
    pub fn new(packages: &[Package]) -> Self {
        let repository = Self {
            directory: temporary::directory(),
        };
        repository.add(packages);
        repository
    }

    /// Like [`Repository::new`], with packages and metadata signed by `key`.
    pub fn signed(packages: &[Package], key: &Key) -> Self {
        let repository = Self {
            directory: temporary::directory(),
        };
        key.sign_packages(&build_packages(packages, repository.path()));
        repository.index();
        repository.sign_metadata(key);
        repository
    }

    /// Adds packages and indexes anew.
    pub fn add(&self, packages: &[Package]) {
        build_packages(packages, self.path());
        self.index();
    }

    /// Runs createrepo_c again, after package files were changed.
    pub fn index(&self) {
        let mut createrepo = Command::new("createrepo_c");
        let groups = self.path().join("comps.xml");
        if groups.exists() {
            createrepo.arg("--groupfile").arg(&groups);
        }
        createrepo.args(["--quiet", "--workers=1"]).arg(self.path());
        tool::finish(createrepo);
    }

    /// Adds package groups and indexes anew.
    pub fn groups(&self, groups: &[Group]) {
        fs::write(self.path().join("comps.xml"), comps::render(groups)).expect("write comps.xml");
        self.index();
    }

    /// Adds groups and environments, given as the text of a comps.xml, and indexes anew.
    pub fn comps(&self, comps: &str) {
        fs::write(self.path().join("comps.xml"), comps).expect("write comps.xml");
        self.index();
    }

    /// Adds advisories, given as the text of an updateinfo.xml. Indexing forgets them.
    pub fn advisories(&self, updateinfo: &str) {
        self.metadata("updateinfo.xml", updateinfo);
    }

    /// Adds modules, given as the text of a modules.yaml. Indexing forgets them.
    pub fn modules(&self, modulemd: &str) {
        self.metadata("modules.yaml", modulemd);
    }

    fn metadata(&self, name: &str, text: &str) {
        let directory = temporary::directory();
        let file = directory.path().join(name);
        fs::write(&file, text).unwrap_or_else(|error| panic!("write {name}: {error}"));
        tool::tool("modifyrepo_c", [file, self.path().join("repodata")]);
    }

    /// Signs `repomd.xml`, for `repo_gpgcheck`.
    pub fn sign_metadata(&self, key: &Key) {
        key.sign_detached(&self.path().join("repodata/repomd.xml"));
    }

    /// Directory of the packages.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The file of a package.
    pub fn file(&self, package: &Package) -> PathBuf {
        self.path().join(package.file_name())
    }

    /// `file://` URL.
    pub fn url(&self) -> String {
        format!("file://{}", self.path().display())
    }

    /// Text of a `.repo` file that names this repository, gpgcheck off.
    pub fn repo_file(&self, id: &str) -> String {
        format!(
            "[{id}]\nname={id}\nbaseurl={}\nenabled=1\ngpgcheck=0\nskip_if_unavailable=False\n",
            self.url()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{have, skip};

    #[test]
    fn packages_are_indexed_grouped_and_signed() {
        if !have("createrepo_c") || !have("rpmsign") {
            return skip("createrepo_c or rpmsign is missing");
        }
        let key = Key::new("Tests <tests@redpak.invalid>");
        let package = Package::new("a", "1-1");
        let repository = Repository::signed(std::slice::from_ref(&package), &key);
        repository.groups(&[Group::new("g", "A group", &["a"]).optional("b")]);
        let repomd = fs::read_to_string(repository.path().join("repodata/repomd.xml")).expect("repomd.xml");
        for kind in ["primary", "filelists", "group"] {
            assert!(repomd.contains(&format!("<data type=\"{kind}\">")), "{repomd}");
        }
        let root = temporary::directory();
        let root = root.path().to_str().expect("UTF-8");
        let file = repository.file(&package);
        tool::tool(
            "rpmkeys",
            [
                "--dbpath",
                &format!("{root}/rpm"),
                "--import",
                key.public().to_str().expect("UTF-8"),
            ],
        );
        let verdict = tool::tool(
            "rpmkeys",
            ["--dbpath", &format!("{root}/rpm"), "-Kv", file.to_str().expect("UTF-8")],
        );
        assert!(verdict.contains("OpenPGP") && !verdict.contains("NOKEY"), "{verdict}");
    }
}
