//! One path in a package's payload.

use std::path::PathBuf;

/// What a path of a package is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    File(Vec<u8>),
    Directory,
    Symlink(PathBuf),
    /// Another name of a file that was added before.
    HardLink(String),
}

/// A path that a package owns, with mode, owner and attributes of rpm's `%files` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    pub(crate) mode: Option<u32>,
    pub(crate) owner: (String, String),
    pub(crate) directives: Vec<String>,
}

impl Entry {
    fn new(path: &str, kind: Kind, mode: Option<u32>) -> Self {
        assert!(path.starts_with('/'), "{path}: a payload path is absolute");
        Self {
            path: path.into(),
            kind,
            mode,
            owner: ("root".into(), "root".into()),
            directives: Vec::new(),
        }
    }

    /// A regular file, mode 0644, of root.
    pub fn file(path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new(path, Kind::File(content.into()), Some(0o644))
    }

    /// A script or program: a regular file of mode 0755.
    pub fn program(path: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::file(path, content).mode(0o755)
    }

    /// A directory that the package owns (`%dir`), mode 0755.
    pub fn directory(path: &str) -> Self {
        Self::new(path, Kind::Directory, Some(0o755)).directive("%dir")
    }

    /// A symbolic link.
    pub fn symlink(path: &str, target: &str) -> Self {
        Self::new(path, Kind::Symlink(target.into()), None)
    }

    /// Another name of a regular file that the package has got already, mode 0644.
    pub fn hard_link(path: &str, to: &str) -> Self {
        Self::new(path, Kind::HardLink(to.into()), Some(0o644))
    }

    /// Permission bits, set-user-id and the like included.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Owning user and group, by name.
    pub fn owner(mut self, user: &str, group: &str) -> Self {
        self.owner = (user.into(), group.into());
        self
    }

    /// Owned by the package without being in its payload (`%ghost`).
    pub fn ghost(self) -> Self {
        self.directive("%ghost")
    }

    /// A configuration file (`%config`).
    pub fn config(self) -> Self {
        self.directive("%config")
    }

    /// A configuration file that an upgrade leaves alone when it was changed (`%config(noreplace)`).
    pub fn config_noreplace(self) -> Self {
        self.directive("%config(noreplace)")
    }

    /// Any other directive of the `%files` section, for example `%caps(cap_net_raw=ep)` or `%doc`.
    pub fn directive(mut self, directive: &str) -> Self {
        self.directives.push(directive.into());
        self
    }
}
