//! `files-present` and `files-digest`: what is on the disk is what the packages say.

use std::path::PathBuf;

use crate::coherency::packages::violation;
use crate::coherency::{Id, Level, Outcome, Severity, Violation};
use crate::display;
use crate::package::{File, Package, Verified};

/// What is at the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// The way there leads out of the node.
    LeadsOut,
    /// It cannot be looked at, with the kernel's reason.
    Unreadable(String),
    /// Something.
    There {
        /// Type and permission bits.
        mode: u32,
        /// Bytes.
        size: u64,
        /// Target of a symbolic link.
        link_target: Option<PathBuf>,
        /// Digest of the content in hexadecimal, where it was asked for and could be made.
        digest: Option<Result<String, String>>,
    },
}

/// What was found of the files of a package, in the order of its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFiles {
    /// Index of the level.
    pub level: usize,
    /// Index of the package in it.
    pub package: usize,
    /// One for each file that [`is_checked`].
    pub found: Vec<Found>,
}

/// Whether a file has to be on the disk as the package says: not where another package took its place, or it was left out.
pub fn is_checked(file: &File) -> bool {
    file.state.is_installed() && !file.flags.is_ghost()
}

/// Type, mode and size of every file; files that users change (`%config`) may have any size, and what a package exempts by
/// `%verify(not …)` may be anything.
pub fn files_present(family: &[Level], files: &[PackageFiles]) -> Outcome {
    judge(Id::FilesPresent, family, files, presence)
}

fn presence(file: &File, found: &Found) -> Option<Wrong> {
    match found {
        Found::Missing if file.flags.may_be_missing() => None,
        Found::Missing => violated("is missing"),
        Found::LeadsOut => violated("leads out of the node"),
        Found::Unreadable(reason) => Some(Wrong::Untold(format!("cannot be looked at: {reason}"))),
        Found::There {
            mode,
            size,
            link_target,
            ..
        } => there(file, *mode, *size, link_target.as_ref()).map(Wrong::Violated),
    }
}

/// Whether the content of a file has to be what the package says: not of one that users change (`%config`), nor where the
/// package itself says so (`%verify(not filedigest)`).
fn is_content_checked(file: &File) -> bool {
    file.is_regular() && !file.flags.is_config() && file.verified.has(Verified::DIGEST)
}

/// Whether the content of a file is read when digests are asked for: what is checked, and what users change, which is reported.
pub fn is_content_read(file: &File) -> bool {
    file.is_regular() && file.digest.is_some() && file.verified.has(Verified::DIGEST)
}

/// The digest of every regular file whose content is checked. Configuration files that were changed are warnings.
pub fn files_digest(family: &[Level], files: &[PackageFiles]) -> Outcome {
    let (mut changed, _) = find(Id::FilesDigest, family, files, changed_configuration);
    changed
        .iter_mut()
        .for_each(|change| change.severity = Severity::Warning);
    match judge(Id::FilesDigest, family, files, content) {
        Outcome::Holds { .. } => Outcome::Holds { warnings: changed },
        Outcome::Violated(violations) => Outcome::Violated([violations, changed].concat()),
        untold @ Outcome::CouldNotTell { .. } => untold,
    }
}

fn changed_configuration(file: &File, found: &Found) -> Option<Wrong> {
    match found {
        Found::There {
            digest: Some(Ok(digest)),
            ..
        } if file.flags.is_config() && file.digest.as_ref() != Some(digest) => {
            violated("is a configuration file that was changed")
        }
        Found::There {
            link_target: Some(target),
            ..
        } if file.flags.is_config() && file.is_regular() => violated(&format!(
            "is a configuration file in whose place is a link to {}",
            display::path(target)
        )),
        _ => None,
    }
}

fn content(file: &File, found: &Found) -> Option<Wrong> {
    match found {
        Found::There {
            digest: Some(digest), ..
        } if is_content_checked(file) => match (digest, &file.digest) {
            (Err(reason), _) => Some(Wrong::Untold(format!("cannot be read: {reason}"))),
            (Ok(digest), Some(wanted)) if digest != wanted => violated("has another content"),
            _ => None,
        },
        _ => None,
    }
}

/// Every file that is not, or may not be, as its package says: by presence and by content.
pub fn doubtful_files(family: &[Level], files: &[PackageFiles]) -> Vec<Violation> {
    let mut all = Vec::new();
    for (violations, untold) in [
        find(Id::FilesPresent, family, files, presence),
        find(Id::FilesDigest, family, files, content),
    ] {
        all.extend(violations.into_iter().chain(untold));
    }
    all
}

/// What a check has against a file.
enum Wrong {
    /// It is not as the package says.
    Violated(String),
    /// Nobody knows: this user may not look, or the disk fails.
    Untold(String),
}

fn violated(reason: &str) -> Option<Wrong> {
    Some(Wrong::Violated(reason.to_owned()))
}

fn there(file: &File, mode: u32, size: u64, link_target: Option<&PathBuf>) -> Option<String> {
    const TYPE: u32 = 0o170_000;
    const SYMLINK: u32 = 0o120_000;
    // Users and programs that switch between profiles put links in the place of configuration files, which rpm leaves alone.
    if file.flags.is_config() && file.is_regular() && mode & TYPE == SYMLINK {
        return None;
    }
    if mode & TYPE != file.file_type() {
        return Some(format!("is {}, not {}", kind(mode), kind(file.mode)));
    }
    if file.is_symlink() {
        let differs = file.verified.has(Verified::LINK) && link_target != file.link_target.as_ref();
        return differs.then(|| {
            let target = |path: Option<&PathBuf>| path.map_or_else(String::new, |path| display::path(path).to_string());
            format!(
                "leads to {}, not to {}",
                target(link_target),
                target(file.link_target.as_ref())
            )
        });
    }
    if file.verified.has(Verified::MODE) && mode & !TYPE != file.mode & !TYPE {
        return Some(format!("has mode {:04o}, not {:04o}", mode & !TYPE, file.mode & !TYPE));
    }
    let may_grow = !file.is_regular() || file.flags.is_config() || !file.verified.has(Verified::SIZE);
    (!may_grow && size != file.size).then(|| format!("has {size} bytes, not {}", file.size))
}

fn kind(mode: u32) -> &'static str {
    match mode & 0o170_000 {
        0o040_000 => "a directory",
        0o100_000 => "a file",
        0o120_000 => "a symbolic link",
        0o020_000 => "a character device",
        0o060_000 => "a block device",
        0o010_000 => "a FIFO",
        0o140_000 => "a socket",
        _ => "of an unknown kind",
    }
}

fn judge(id: Id, family: &[Level], files: &[PackageFiles], wrong: impl Fn(&File, &Found) -> Option<Wrong>) -> Outcome {
    let (mut violations, mut untold) = find(id, family, files, wrong);
    if violations.is_empty()
        && let Some((first, more)) = untold.split_first()
    {
        return Outcome::CouldNotTell {
            reason: could_not_tell(first, more.len()),
        };
    }
    violations.append(&mut untold);
    Outcome::of(violations)
}

/// What is wrong, and what could not be told.
fn find(
    id: Id,
    family: &[Level],
    files: &[PackageFiles],
    wrong: impl Fn(&File, &Found) -> Option<Wrong>,
) -> (Vec<Violation>, Vec<Violation>) {
    let (mut violations, mut untold) = (Vec::new(), Vec::new());
    for of_package in files {
        let level = &family[of_package.level];
        let package: &Package = &level.packages[of_package.package];
        let checked = package.files.iter().filter(|file| is_checked(file));
        for (file, found) in checked.zip(&of_package.found) {
            let (list, reason) = match wrong(file, found) {
                Some(Wrong::Violated(reason)) => (&mut violations, reason),
                Some(Wrong::Untold(reason)) => (&mut untold, reason),
                None => continue,
            };
            let reason = format!("{} {reason}", display::path(&file.path));
            list.push(violation(id, level, package, reason));
        }
    }
    (violations, untold)
}

fn could_not_tell(first: &Violation, more: usize) -> String {
    let package = first.package.as_deref().unwrap_or_default();
    let more = match more {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let (node, package) = (display::path(&first.node), display::text(package));
    format!("{node}: {package}: {}{more}", first.reason)
}
