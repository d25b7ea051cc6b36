//! A family whose node is in the state before a scene's command, and the states that may follow.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redpak_testing::{Disk, DiskImage, FileSystem, Pool, Repository, Run, User, directory, tool};
use tempfile::TempDir;

use super::case::{Configs, Kind, Packages, Place, Scene, Who};
use super::packages;
use super::snapshot::Snapshot;

pub const PARENT: &str = "platform";
pub const NODE: &str = "platform/leaf";
const BELOW: &str = "platform/leaf/below";

/// Configs that exist before and that a user edits, and names of configs that an ancestor may have too.
const EDITED: [&str; 3] = ["kept", "replaced", "gone"];
const SHARED: [&str; 4] = ["kept", "replaced", "new", "new-noreplace"];

/// They are there while a transaction runs.
const RECORDS: [&str; 2] = [".rednode.journal", ".rednode.overlay"];

/// What one worker keeps from scene to scene.
#[derive(Default)]
pub struct Store {
    repositories: HashMap<Packages, Repository>,
    pools: HashMap<(Who, Place), (Pool, TempDir)>,
    disks: HashMap<FileSystem, DiskImage>,
}

/// A scene that is ready.
pub struct Family<'s> {
    pub scene: Scene,
    pub pool: &'s Pool,
    pub node: PathBuf,
    repository: &'s Path,
    before_tree: TempDir,
    /// How long the command takes.
    pub length: Duration,
    pub before: Snapshot,
    pub after: Snapshot,
    empty_disk: Option<DiskImage>,
    full_disk: Option<DiskImage>,
}

impl Store {
    /// Makes a scene's two twins: before the command, and after it when nothing interrupts it.
    pub fn prepare(&mut self, scene: Scene, disk: Option<FileSystem>) -> Result<Family<'_>, String> {
        let empty_disk = disk.map(|system| {
            self.disks
                .entry(system)
                .or_insert_with(|| DiskImage::format(system))
                .clone()
        });
        let pool = self.pools.entry((scene.who, scene.place));
        let (pool, base) = pool.or_insert_with(|| new_pool(scene.who, scene.place));
        let repository = self.repositories.entry(scene.packages);
        let repository = repository.or_insert_with(|| packages::repository(scene.packages));
        replace_tree(base.path(), pool.path());
        pool.repository(NODE, "made", &repository.repo_file("made"));
        if scene.configs == Configs::Ancestor {
            for file in SHARED {
                pool.write(PARENT, &format!("etc/configured/{file}"), "the parent's\n");
            }
        }
        let mut family = Family {
            scene,
            pool,
            node: pool.node(NODE),
            repository: repository.path(),
            before_tree: directory(),
            length: Duration::ZERO,
            before: Snapshot::of(&pool.node(NODE)),
            after: Snapshot::of(&pool.node(NODE)),
            empty_disk,
            full_disk: None,
        };
        family.go_before()?;
        must(family.launch()).map_err(|error| format!("uninterrupted, before the command: {error}"))?;
        family.before = Snapshot::of(&family.node);
        copy_tree(pool.path(), family.before_tree.path());
        let begin = Instant::now();
        must(family.command())?;
        family.length = begin.elapsed();
        family.after = Snapshot::of(&family.node);
        family.look_at_twin()?;
        Ok(family)
    }
}

impl Family<'_> {
    /// The state before the scene's command.
    fn go_before(&self) -> Result<(), String> {
        let kind = self.scene.kind;
        must(self.dnf(&["makecache"]))?;
        let version = match kind {
            Kind::Install | Kind::Group => return Ok(()),
            Kind::Downgrade => 2,
            _ => 1,
        };
        let wanted = packages::wanted(self.scene.packages, version);
        must(self.dnf(&["install"]).args(wanted))?;
        if self.scene.configs == Configs::Edited {
            for file in EDITED {
                let path = self.node.join("etc/configured").join(file);
                // Version 2 has no file that version 1 had.
                if path.exists() {
                    fs::write(&path, "mine\n").map_err(|error| format!("{file}: {error}"))?;
                }
            }
            let data = self.node.join("usr/share/shape/data");
            if data.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                fs::write(data.join("mine"), "mine\n").map_err(|error| format!("mine: {error}"))?;
            }
        }
        match kind {
            Kind::Undo => must(self.dnf(&["upgrade"])),
            Kind::Autoremove => must(self.dnf(&["mark", "dependency", "one", "two", "configured"])),
            Kind::Offline => must(self.dnf(&["upgrade", "--offline"])),
            _ => Ok(()),
        }
    }

    /// The command of the scene.
    pub fn command(&self) -> Run {
        let dnf = |words: &[&str]| self.dnf(words);
        match self.scene.kind {
            Kind::Install => dnf(&["install"]).args(packages::wanted(self.scene.packages, 1)),
            Kind::Upgrade => dnf(&["upgrade"]),
            Kind::Downgrade => dnf(&["downgrade", "two-1", "lib-1", "one", "configured"]),
            Kind::Reinstall => dnf(&["reinstall", "one", "two", "configured", "lib"]),
            Kind::Remove => dnf(&["remove", "one", "two", "configured", "old-name"]),
            Kind::Swap => dnf(&["install", "new-name", "one-2"]),
            Kind::DistroSync => dnf(&["distro-sync"]),
            Kind::Undo => dnf(&["history", "undo", "last"]),
            Kind::Group => dnf(&["group", "install", "tools"]),
            Kind::Autoremove => dnf(&["autoremove"]),
            Kind::Offline => dnf(&["offline", "reboot"]),
        }
    }

    pub fn dnf(&self, words: &[&str]) -> Run {
        self.pool.dnf(NODE).args(["-y", "--releasever=1"]).args(words)
    }

    /// What every uninterrupted command has to reach, whatever it does.
    fn look_at_twin(&self) -> Result<(), String> {
        let mut saved = self.after.saved_configs();
        saved.retain(|path| {
            !(self.edits_itself() && path.starts_with("etc/configured") && path.file_stem() == Some("made".as_ref()))
        });
        if self.scene.configs != Configs::Edited && !saved.is_empty() {
            return Err(format!(
                "uninterrupted: nobody edited a config, but {saved:?} were made"
            ));
        }
        must(self.launch()).map_err(|error| format!("uninterrupted, after the command: {error}"))
    }

    /// A scriptlet changes a config.
    fn edits_itself(&self) -> bool {
        self.scene.packages == Packages::Shell
    }

    /// A transaction had begun, and its journal says how it goes on.
    pub fn has_journal(&self) -> bool {
        self.node.join(RECORDS[0]).symlink_metadata().is_ok()
    }

    /// A transaction did not come to its end.
    pub fn is_interrupted(&self) -> bool {
        RECORDS
            .iter()
            .any(|record| self.node.join(record).symlink_metadata().is_ok())
    }

    /// Starts a program in the node.
    pub fn launch(&self) -> Run {
        self.pool.redwrap(NODE).args(["--", "/bin/true"])
    }

    /// Starts a program in the node below, when there is one.
    pub fn launch_below(&self) -> Option<Run> {
        let has_one = self.scene.place == Place::Parent;
        has_one.then(|| self.pool.redwrap(BELOW).args(["--", "/bin/true"]))
    }

    /// Puts the family into the state before the command.
    pub fn restore(&self) {
        replace_tree(self.before_tree.path(), self.pool.path());
    }

    /// The same on a disk.
    pub fn mount(&mut self) -> Disk {
        let path = self.pool.path();
        if self.full_disk.is_none() {
            let empty = self.empty_disk.as_ref().expect("a case of a power cut");
            empty_directory(path);
            let disk = empty.mount(path);
            self.pool.owner().own(path);
            copy_tree(self.before_tree.path(), path);
            self.full_disk = Some(disk.unmount());
        }
        self.full_disk.as_ref().expect("just made").mount(path)
    }

    /// Takes away what a repair could take packages from, until the value is dropped.
    pub fn without(&self, repository: bool, cache: bool) -> Away {
        let mut away = Away(Vec::new());
        if repository {
            away.take(self.repository);
        }
        if cache {
            away.take(&self.node.join("var/cache/libdnf5"));
        }
        away
    }
}

/// Places whose contents are elsewhere.
pub struct Away(Vec<PathBuf>);

impl Away {
    fn take(&mut self, path: &Path) {
        if path.exists() {
            self.0.push(path.to_owned());
            self.again();
        }
    }

    /// A power cut may have undone it.
    pub fn again(&self) {
        for path in &self.0 {
            if !elsewhere(path).exists() {
                fs::rename(path, elsewhere(path)).expect("it can be renamed");
            }
        }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        for path in &self.0 {
            if elsewhere(path).exists() {
                // A repair may have begun a cache of its own.
                let _ = fs::remove_dir_all(path);
                fs::rename(elsewhere(path), path).expect("it comes back");
            }
        }
    }
}

fn elsewhere(path: &Path) -> PathBuf {
    let mut name = path.file_name().expect("a name").to_owned();
    name.push(".away");
    path.with_file_name(name)
}

/// A pool with a parent, a node, and perhaps one below it; and a copy of them.
fn new_pool(who: Who, place: Place) -> (Pool, TempDir) {
    let owner = match who {
        Who::Root => User::current(),
        other => User::named(other.name()).expect("the users of containers/build-rootfs"),
    };
    let pool = Pool::new(&owner);
    pool.create(PARENT);
    pool.create(NODE);
    if place == Place::Parent {
        pool.create(BELOW);
    }
    let copy = directory();
    copy_tree(pool.path(), copy.path());
    (pool, copy)
}

fn must(run: Run) -> Result<(), String> {
    let outcome = run.run();
    if outcome.code() == 0 {
        Ok(())
    } else {
        Err(format!("{:?}\n{}\n{}", outcome.status, outcome.out(), outcome.err()))
    }
}

fn empty_directory(path: &Path) {
    for entry in fs::read_dir(path).expect("a directory").flatten() {
        let path = entry.path();
        let removed = if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.unwrap_or_else(|error| panic!("remove {}: {error}", path.display()));
    }
}

/// Copies what lies in one directory into another.
fn copy_tree(from: &Path, to: &Path) {
    tool("cp", ["-a", "-T", &from.to_string_lossy(), &to.to_string_lossy()]);
}

fn replace_tree(from: &Path, to: &Path) {
    empty_directory(to);
    copy_tree(from, to);
}
