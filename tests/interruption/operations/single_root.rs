//! One root that holds what a family holds together: plain dnf5 says there what it makes of the same command.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use redpak_testing::{Outcome, Run, directory, tool};
use tempfile::TempDir;

use super::family::{Family, chain};

/// State that decides what a command comes to: reasons, groups and history; the user's settings.
const STATE: [&str; 3] = ["usr/lib/sysimage/libdnf5", "etc/dnf", "etc/yum.repos.d"];

/// dnf5's root with the packages of a node and its ancestors, and the state of the node.
pub struct SingleRoot {
    root: TempDir,
}

impl SingleRoot {
    /// Where the node forces a second package of a name, the ancestor's is left out; so is what `forced` names.
    pub fn of(family: &Family, node: &str, forced: &BTreeSet<String>) -> Self {
        let root = directory();
        let database = root.path().join("var/lib/rpm");
        fs::create_dir_all(&database).expect("make the database's directory");
        for place in STATE.iter().filter(|place| family.pool.node(node).join(place).exists()) {
            let copy = root.path().join(place);
            fs::create_dir_all(copy.parent().expect("it lies in the root")).expect("make a directory");
            tool("cp", [Path::new("-a"), &family.pool.node(node).join(place), &copy]);
        }
        let mut names = forced.clone();
        let mut files = Vec::new();
        for level in chain(node).into_iter().rev() {
            for package in family.installed(level) {
                let is_own = level == node && names.insert(package.name.clone());
                if is_own || names.insert(package.name.clone()) {
                    files.push(family.store.path().join(format!("{}.rpm", package.nvra)));
                }
            }
        }
        let rpm = Run::command("rpm").arg(format!("--root={}", root.path().display()));
        let rpm = rpm.args([
            "--dbpath=/var/lib/rpm",
            "-i",
            "--justdb",
            "--force",
            "--nodeps",
            "--noscripts",
        ]);
        if !files.is_empty() {
            rpm.args(["--notriggers", "--nosignature"]).args(files).run().success();
        }
        Self { root }
    }

    /// Runs a command of dnf5; only the rpmdb changes.
    pub fn run(&self, words: &[String]) -> Outcome {
        let root = self.root.path().display();
        let dnf5 = Run::command("dnf5").arg(format!("--installroot={root}")).args([
            "-y",
            "--releasever=1",
            "--setopt=tsflags=justdb,noscripts,notriggers",
            "--setopt=plugins=0",
        ]);
        dnf5.args(words).run()
    }
}
