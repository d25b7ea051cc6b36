//! A family of two nodes with configs that a test spells out, and what a program sees from inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{NodeFiles, Outcome, Run, User, built_program, temporary};

/// The core OS and the file systems that a shell needs.
const CORE: [&str; 8] = [
    "{mode: Restricted, mount: /usr}",
    "{mode: Restricted, mount: /bin}",
    "{mode: Restricted, mount: /sbin}",
    "{mode: Restricted, mount: /lib}",
    "{mode: Restricted, mount: /lib64}",
    "{mode: Devfs, mount: /dev}",
    "{mode: Procfs, mount: /proc}",
    "{mode: Tmpfs, mount: /tmp}",
];

/// A config, entry by entry, each in YAML.
#[derive(Debug, Clone, Default)]
pub struct Config {
    tags: Vec<String>,
    exports: Vec<String>,
    environ: Vec<String>,
}

impl Config {
    /// One without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The core OS read-only, /dev, /proc and /tmp.
    pub fn core() -> Self {
        let core = Self::new().tag("path: /usr/bin:/bin:/usr/sbin:/sbin");
        CORE.iter().fold(core, |config, export| config.export(*export))
    }

    /// A line of `config:`.
    pub fn tag(mut self, line: impl Into<String>) -> Self {
        self.tags.push(line.into());
        self
    }

    /// An entry of `exports:`.
    pub fn export(mut self, entry: impl Into<String>) -> Self {
        self.exports.push(entry.into());
        self
    }

    /// An entry of `environ:`.
    pub fn environ(mut self, entry: impl Into<String>) -> Self {
        self.environ.push(entry.into());
        self
    }

    /// The file.
    pub fn yaml(&self, alias: &str) -> String {
        let sections = [
            ("config", "  ", &self.tags),
            ("exports", "  - ", &self.exports),
            ("environ", "  - ", &self.environ),
        ];
        let mut text = format!("headers:\n  alias: {alias}\n");
        for (name, indent, entries) in sections.into_iter().filter(|(.., entries)| !entries.is_empty()) {
            text += &format!("{name}:\n");
            entries.iter().for_each(|entry| text += &format!("{indent}{entry}\n"));
        }
        text
    }
}

/// The nodes `base` and `base/leaf`, and a directory beside them that belongs to no node.
#[derive(Debug)]
pub struct Launch {
    directory: tempfile::TempDir,
    owner: User,
}

impl Launch {
    /// A family of this owner.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn new(owner: &User, base: &Config, leaf: &Config) -> Self {
        let directory = temporary::directory();
        owner.own(directory.path());
        let launch = Self {
            directory,
            owner: owner.clone(),
        };
        launch.configure("base", base);
        launch.configure("base/leaf", leaf);
        std::fs::create_dir(launch.outside()).expect("make a directory");
        owner.own(&launch.outside());
        launch
    }

    /// The core OS in the base, and this leaf.
    pub fn leaf(owner: &User, leaf: &Config) -> Self {
        Self::new(owner, &Config::core(), leaf)
    }

    /// Writes the config of `base` or `base/leaf`.
    pub fn configure(&self, node: &str, config: &Config) {
        let alias = node.rsplit('/').next().unwrap_or(node);
        NodeFiles::new(alias)
            .config(&config.yaml(alias))
            .write(&self.path(node), &self.owner);
    }

    /// A path beside the nodes.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// A directory that lies in no node.
    pub fn outside(&self) -> PathBuf {
        self.path("outside")
    }

    /// Makes a file, with its directories, all of the owner.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        crate::family::write_owned(self.directory.path(), path, content.as_ref(), &self.owner);
        self.path(path)
    }

    /// Who owns it.
    pub const fn owner(&self) -> &User {
        &self.owner
    }

    /// `redwrap --redpath=LEAF`, as the owner.
    pub fn redwrap(&self) -> Run {
        Run::redwrap(&self.path("base/leaf")).user(&self.owner)
    }

    /// Runs a shell script inside.
    #[track_caller]
    pub fn shell(&self, script: &str) -> Outcome {
        self.redwrap().args(["--", "sh", "-c", script]).run()
    }

    /// Runs bash outside, as the owner: `$0` is redwrap, `$1` the leaf.
    pub fn bash(&self, script: &str) -> Run {
        Run::command("bash")
            .args(["-c", script])
            .arg(built_program("redwrap"))
            .arg(self.path("base/leaf"))
            .user(&self.owner)
    }

    /// What a shell script prints inside, without its last newline; it succeeds.
    #[track_caller]
    pub fn inside(&self, script: &str) -> String {
        let out = self.shell(script).success().out();
        out.strip_suffix('\n').unwrap_or(&out).to_owned()
    }

    /// The mounts that a program sees.
    #[track_caller]
    pub fn mounts(&self) -> Mounts {
        Mounts::parse(&self.inside("cat /proc/self/mountinfo"))
    }

    /// The fields of /proc/self/status of a program.
    #[track_caller]
    pub fn status(&self) -> BTreeMap<String, String> {
        let text = self.inside("cat /proc/self/status");
        let fields = text.lines().filter_map(|line| line.split_once(":\t"));
        fields.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }
}

/// /proc/self/mountinfo, see proc_pid_mountinfo(5).
#[derive(Debug)]
pub struct Mounts(BTreeMap<PathBuf, Mount>);

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// It can be written.
    pub writable: bool,
    /// Kind of file system.
    pub kind: String,
}

impl Mounts {
    fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(line).collect())
    }

    /// The one at a mount point.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn at(&self, point: impl AsRef<Path>) -> &Mount {
        let point = point.as_ref();
        self.0
            .get(point)
            .unwrap_or_else(|| panic!("nothing is mounted at {}: {self:?}", point.display()))
    }

    /// Whether something is mounted there.
    pub fn has(&self, point: impl AsRef<Path>) -> bool {
        self.0.contains_key(point.as_ref())
    }
}

/// `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - KIND SOURCE SUPER`
fn line(line: &str) -> Option<(PathBuf, Mount)> {
    let (mount, filesystem) = line.split_once(" - ")?;
    let mut fields = mount.split(' ').skip(4);
    let point = fields.next()?.replace("\\040", " ");
    let writable = fields.next()?.split(',').next()? == "rw";
    let kind = filesystem.split(' ').next()?.to_owned();
    Some((PathBuf::from(point), Mount { writable, kind }))
}
