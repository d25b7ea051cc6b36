//! Repairs a node whose transaction was interrupted.
//!
//! rpm adds a package to the database after its files, and takes one out after its files: what the plan and the rpmdb
//! differ in is what was not done, or not done to its end. It is done now, from the package files in the cache: what
//! was begun is finished. Where the package files are gone, what was begun is taken away instead, as far as no package
//! that is installed owns it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use redpak::package::Package;
use redpak_rpm::{Engine, PackageFile, Verification, snapshot};

use super::executor::Executor;
use super::journal::{self, Inbound, Outbound, Plan};
use super::{Jobs, Wanted};
use crate::commands::Outcome;
use crate::confinement::Confined;
use crate::databases::Databases;
use crate::dnf5::{ExcludeFlags, Goal, Job, Load, PackageQuery};
use crate::node::Node;
use crate::options::Global;

/// What an interrupted transaction left undone.
#[derive(Debug, Default)]
struct Undone {
    missing: Vec<Inbound>,
    left: Vec<Outbound>,
}

/// Whether there is something to repair.
pub fn is_needed(node: &Node) -> Result<bool> {
    Ok(journal::interrupted(node.path())?.is_some())
}

/// Repairs the node and says what was done. The confinement is used up, so nothing can follow in this process.
pub fn repair(engine: &Engine, node: &Node, global: &Global, confined: Confined) -> Result<()> {
    let Some(plan) = journal::interrupted(node.path())? else {
        return Ok(());
    };
    eprintln!(
        "A transaction in {} was interrupted ({}).",
        node.path().display(),
        plan.command
    );
    let databases = Databases::locate(engine, node)?;
    let own = snapshot::read(engine, &databases.leaf)?.packages;
    remove_temporary_files(node, &plan);
    let undone = undone(&plan, &own);
    if undone.missing.is_empty() && undone.left.is_empty() {
        eprintln!("Every package was installed or removed as planned.");
        return journal::forget(node.path());
    }
    if undone.missing.iter().all(|package| is_intact(engine, package)) {
        finish(engine, node, global, confined, &undone)?;
        eprintln!("The interrupted transaction was finished:{}", names(&undone));
    } else {
        take_away(node, &undone.missing, &own);
        eprintln!(
            "The package files are gone, so what was begun was taken away:{}",
            names(&undone)
        );
    }
    journal::forget(node.path())
}

fn undone(plan: &Plan, own: &[Package]) -> Undone {
    let is_new = |package: &&Package| package.header_number > plan.highest;
    let came: HashSet<String> = own
        .iter()
        .filter(is_new)
        .map(|package| package.nevra().to_string_lossy().into_owned())
        .collect();
    let present: HashSet<u32> = own.iter().map(|package| package.header_number).collect();
    Undone {
        missing: plan
            .inbound
            .iter()
            .filter(|package| !came.contains(&package.nevra))
            .cloned()
            .collect(),
        left: plan
            .outbound
            .iter()
            .filter(|package| present.contains(&package.number))
            .cloned()
            .collect(),
    }
}

/// The package file is there, and is the one that was meant.
fn is_intact(engine: &Engine, package: &Inbound) -> bool {
    let file = PackageFile::open(engine, &package.path, Verification::Digests);
    let found = file.and_then(|file| file.package());
    found.is_ok_and(|found| found.header_digest == package.digest)
}

/// The rest of the plan as a transaction of its own.
fn finish(engine: &Engine, node: &Node, global: &Global, confined: Confined, undone: &Undone) -> Result<()> {
    let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| add(jobs, goal, undone);
    let wanted = Wanted {
        allow_erasing: true,
        downgrades: Some(true),
        is_repair: true,
        ..Wanted::new(Load::System, &jobs)
    };
    let outcome = Executor::new(engine, node, global, &wanted, confined).execute();
    let outcome = outcome.context("cannot finish the interrupted transaction")?;
    ensure!(
        outcome == Outcome::Done,
        "the interrupted transaction could not be finished"
    );
    Ok(())
}

fn add(jobs: &Jobs<'_>, goal: &mut Goal<'_>, undone: &Undone) -> Result<()> {
    let base = &jobs.session.base;
    let paths: Vec<&PathBuf> = undone.missing.iter().map(|package| &package.path).collect();
    for package in base.repo_sack().add_cmdline_packages(&paths, &mut ())? {
        goal.add_package(Job::RpmInstallOrReinstall, &package, None)?;
    }
    let left: HashSet<u64> = undone.left.iter().map(|package| u64::from(package.number)).collect();
    let coming: HashSet<&str> = undone.missing.iter().map(|package| package.nevra.as_str()).collect();
    let mut installed = PackageQuery::new(base, ExcludeFlags::IGNORE_REGULAR_EXCLUDES)?;
    for package in installed.filter_installed()?.list()? {
        let is_replaced = coming.contains(&*package.nevra()?.to_string_lossy());
        if left.contains(&package.rpmdbid()?) && !is_replaced {
            goal.add_package(Job::RpmRemove, &package, None)?;
        }
    }
    Ok(())
}

/// rpm unpacks to `name;01234567` first, and gives files their names last.
fn remove_temporary_files(node: &Node, plan: &Plan) {
    let files = plan.inbound.iter().flat_map(|package| &package.files);
    let directories: HashSet<&Path> = files.filter_map(|file| file.parent()).collect();
    for directory in directories {
        let Ok(entries) = std::fs::read_dir(inside(node, directory)) else {
            continue;
        };
        for entry in entries
            .flatten()
            .filter(|entry| is_temporary(&entry.file_name().to_string_lossy()))
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_temporary(name: &str) -> bool {
    let is_suffix = |suffix: &str| suffix.len() == 8 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.rsplit_once(';').is_some_and(|(_, suffix)| is_suffix(suffix))
}

/// Removes files that no installed package owns, and directories that are empty then.
fn take_away(node: &Node, missing: &[Inbound], own: &[Package]) {
    let owned: HashSet<&Path> = own
        .iter()
        .flat_map(|package| &package.files)
        .map(|file| file.path.as_path())
        .collect();
    let files = missing.iter().flat_map(|package| &package.files);
    let mut begun: Vec<PathBuf> = files
        .filter(|file| !owned.contains(file.as_path()))
        .map(|file| inside(node, file))
        .collect();
    // What lies deeper goes first.
    begun.sort_by(|left, right| right.cmp(left));
    for path in begun {
        let is_directory = path.symlink_metadata().is_ok_and(|status| status.is_dir());
        // What cannot be removed was there before, or has become somebody's.
        let _ = if is_directory {
            std::fs::remove_dir(&path)
        } else {
            std::fs::remove_file(&path)
        };
    }
}

fn inside(node: &Node, path: &Path) -> PathBuf {
    node.path().join(path.strip_prefix("/").unwrap_or(path))
}

fn names(undone: &Undone) -> String {
    let came = undone
        .missing
        .iter()
        .map(|package| format!("\n  installing {}", package.nevra));
    let went = undone
        .left
        .iter()
        .map(|package| format!("\n  removing {}", package.nevra));
    came.chain(went).collect()
}

#[cfg(test)]
mod tests {
    use super::is_temporary;

    #[test]
    fn only_rpms_temporary_names_are_removed() {
        for (name, temporary) in [
            ("a;65ab01cd", true),
            ("a;65ab01c", false),
            ("a", false),
            ("a;65ab01cx", false),
        ] {
            assert_eq!(is_temporary(name), temporary, "{name}");
        }
    }
}
