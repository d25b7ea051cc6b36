//! Pools and nodes.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::{Outcome, Repository, Run, User, temporary, tool};

/// A directory of families with an owner, as step 0 of the quick start makes it.
#[derive(Debug)]
pub struct Pool {
    directory: TempDir,
    owner: User,
}

impl Pool {
    /// An empty pool of this owner.
    pub fn new(owner: &User) -> Self {
        let directory = temporary::directory();
        owner.own(directory.path());
        Self {
            directory,
            owner: owner.clone(),
        }
    }

    /// A pool with these nodes, which all have the repository.
    #[track_caller]
    pub fn with(owner: &User, repository: &Repository, nodes: &[&str]) -> Self {
        let pool = Self::new(owner);
        for node in nodes {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool
    }

    /// The pool's directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Who owns it.
    pub fn owner(&self) -> &User {
        &self.owner
    }

    /// Path of a node, for example `platform/application`.
    pub fn node(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// `redwrap-dnf --redpath=NODE`, as the owner.
    pub fn dnf(&self, node: &str) -> Run {
        Run::dnf(&self.node(node)).user(&self.owner)
    }

    /// `redwrap --redpath=NODE`, as the owner.
    pub fn redwrap(&self, node: &str) -> Run {
        Run::redwrap(&self.node(node)).user(&self.owner)
    }

    /// Makes a node with `manager --create`; its alias is the last part of the path.
    #[track_caller]
    pub fn create(&self, node: &str) -> Outcome {
        let alias = node.rsplit('/').next().expect("a string has a last part");
        self.dnf(node)
            .args(["manager", "--create", "--alias", alias])
            .run()
            .success()
    }

    /// Makes a file of the node, with its directories, all of the owner.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, node: &str, file: &str, content: impl AsRef<[u8]>) {
        write_owned(&self.node(node), file, content.as_ref(), &self.owner);
    }

    /// Adds a line to the tags of a node's config.
    ///
    /// # Panics
    /// When the config cannot be read.
    pub fn tag(&self, node: &str, line: &str) {
        let file = self.node(node).join("etc/redpack.yaml");
        let mut config = fs::read_to_string(file).expect("read the node's config");
        if !config.contains("\nconfig:\n") {
            config.push_str("\nconfig:\n");
        }
        self.write(
            node,
            "etc/redpack.yaml",
            config.replacen("\nconfig:\n", &format!("\nconfig:\n  {line}\n"), 1),
        );
    }

    /// Gives a node a repository by a `.repo` file.
    pub fn repository(&self, node: &str, id: &str, repo_file: &str) {
        self.write(node, &format!("etc/yum.repos.d/{id}.repo"), repo_file);
    }

    /// Installs packages with `-y` and expects that it works.
    #[track_caller]
    pub fn install(&self, node: &str, packages: &[&str]) -> Outcome {
        self.dnf(node).args(["install", "-y"]).args(packages).run().success()
    }

    /// What the private rpmdb holds, by rpm itself: sorted `NAME-VERSION-RELEASE.ARCH`, keys left out. A copy is read,
    /// because rpm would make a database where there is none, and files of sqlite beside one.
    #[track_caller]
    pub fn installed(&self, node: &str) -> Vec<String> {
        let database = self.node(node).join("var/lib/rpm");
        let copy = temporary::directory();
        let files = copy.path().join("rpm");
        tool::tool("cp", [Path::new("-a"), &database, &files]);
        let query = Run::command("rpm")
            .arg("--dbpath")
            .arg(files)
            .args(["-qa", "--qf", "%{NVRA}\n"]);
        let mut lines = query.run().success().sorted_lines();
        lines.retain(|line| !line.starts_with("gpg-pubkey"));
        lines
    }
}

/// A node written by hand: for programs that are tested without `redwrap-dnf`.
#[derive(Debug, Clone)]
pub struct NodeFiles {
    config: String,
    admin: Option<String>,
    state: String,
}

impl NodeFiles {
    /// An enabled node whose config has this alias and nothing else.
    pub fn new(alias: &str) -> Self {
        Self {
            config: format!("headers:\n  alias: {alias}\n"),
            admin: None,
            state: "Enable".into(),
        }
    }

    /// The whole text of its config.
    pub fn config(mut self, yaml: &str) -> Self {
        self.config = yaml.into();
        self
    }

    /// The whole text of its admin config.
    pub fn admin(mut self, yaml: &str) -> Self {
        self.admin = Some(yaml.into());
        self
    }

    /// Another state: `Disable`, `Unknown`, `Error`.
    pub fn state(mut self, state: &str) -> Self {
        self.state = state.into();
        self
    }

    /// Writes the node for `owner` and returns its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, node: &Path, owner: &User) -> PathBuf {
        let status = format!(
            "state: {}\nrealpath: {}\ntimestamp: 1700000000000\ninfo: made by a test\n",
            self.state,
            status_path(node)
        );
        write_owned(node, ".rednode.yaml", status.as_bytes(), owner);
        write_owned(node, "etc/redpack.yaml", self.config.as_bytes(), owner);
        if let Some(admin) = &self.admin {
            write_owned(node, "etc/redpack-admin.yaml", admin.as_bytes(), owner);
        }
        node.to_owned()
    }
}

/// A path as status files have it: quoted, or `bytes:` and percent signs where it is not UTF-8 or hard to read.
fn status_path(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    if bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/-_. ".contains(byte))
    {
        return format!("'{}'", path.display());
    }
    let escaped = bytes.iter().map(|byte| match byte {
        b'/' => "/".to_owned(),
        other => format!("%{other:02x}"),
    });
    format!("'bytes:{}'", escaped.collect::<String>())
}

/// Writes `directory/file`; what did not exist before belongs to `owner` afterwards.
pub(crate) fn write_owned(directory: &Path, file: &str, content: &[u8], owner: &User) {
    let path = directory.join(file);
    let parent = path.parent().expect("a file lies in a directory");
    let missing: Vec<&Path> = parent.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    fs::create_dir_all(parent).unwrap_or_else(|error| panic!("make {}: {error}", parent.display()));
    fs::write(&path, content).unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
    missing
        .into_iter()
        .chain([path.as_path()])
        .for_each(|made| owner.own(made));
}

/// Registers and unpacks package files in a node with plain rpm, without dependency checks and scriptlets: for tests that read rpmdbs and do not
/// need `redwrap-dnf`. Needs root, because rpm changes its root.
///
/// # Panics
/// When rpm fails.
pub fn register_with_rpm(node: &Path, packages: &[PathBuf]) {
    let mut arguments = vec![
        "--root".into(),
        node.as_os_str().to_owned(),
        "--dbpath=/var/lib/rpm".into(),
    ];
    arguments.extend(["-i", "--nodeps", "--noscripts", "--notriggers", "--nosignature"].map(Into::into));
    arguments.extend(packages.iter().map(|package| package.as_os_str().to_owned()));
    tool::tool("rpm", arguments);
}
