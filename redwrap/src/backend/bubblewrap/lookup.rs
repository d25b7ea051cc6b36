//! Would the program have been found? Asked when bubblewrap ended without running it: a failed execvp(3) and a failed mount
//! have the same status. The answer is read off the plan: its mounts are walked as the kernel would walk them inside.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use redpak::plan::{Operation, Plan};

/// Answer for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It is there and may be executed.
    Executable,
    /// It is there and may not.
    NotExecutable,
    /// It, or the interpreter that its first line names, is not.
    Missing,
}

/// As many links as the kernel follows, see path_resolution(7).
const MAX_LINKS: usize = 40;

/// Looks the plan's program up, in PATH unless its name has a slash.
pub fn program(plan: &Plan) -> Found {
    let Some(program) = plan.program.first() else {
        return Found::Missing;
    };
    if program.as_bytes().contains(&b'/') {
        return at(plan, Path::new(program));
    }
    let path = plan
        .environment(std::env::vars_os())
        .remove(OsStr::new("PATH"))
        .unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
    let found: Vec<Found> = std::env::split_paths(&path)
        .map(|folder| at(plan, &folder.join(program)))
        .collect();
    [Found::Executable, Found::NotExecutable]
        .into_iter()
        .find(|wanted| found.contains(wanted))
        .unwrap_or(Found::Missing)
}

fn at(plan: &Plan, inside: &Path) -> Found {
    let Some(outside) = resolve(plan, inside) else {
        return Found::Missing;
    };
    let Ok(metadata) = fs::metadata(&outside) else {
        return Found::Missing;
    };
    if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
        return Found::NotExecutable;
    }
    match interpreter(&outside) {
        Some(interpreter) if resolve(plan, &interpreter).is_none() => Found::Missing,
        _ => Found::Executable,
    }
}

/// What the first line of a script names, see execve(2).
fn interpreter(file: &Path) -> Option<PathBuf> {
    let mut start = [0; 256];
    let read = fs::File::open(file).ok()?.read(&mut start).ok()?;
    let line = start[..read].strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let word = line
        .split(|byte| byte.is_ascii_whitespace())
        .find(|word| !word.is_empty())?;
    Some(PathBuf::from(OsString::from_vec(word.to_vec())))
}

/// Where a path inside is outside, links followed; `None` when it is not there.
fn resolve(plan: &Plan, inside: &Path) -> Option<PathBuf> {
    let mut left = parts(inside);
    let (mut walked, mut links) = (PathBuf::from("/"), 0);
    while let Some(part) = left.pop() {
        if part == ".." {
            walked.pop();
            continue;
        }
        walked.push(&part);
        if let Some(target) = link(plan, &walked) {
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            walked.pop();
            if target.is_absolute() {
                walked = PathBuf::from("/");
            }
            left.extend(parts(&target));
        }
    }
    outside(plan, &walked).filter(|path| path.symlink_metadata().is_ok())
}

/// The components of a path, the first one last.
fn parts(path: &Path) -> Vec<OsString> {
    let name = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some(OsStr::new("..").to_os_string()),
        _ => None,
    };
    path.components().rev().filter_map(name).collect()
}

fn link(plan: &Plan, inside: &Path) -> Option<PathBuf> {
    let made = plan.steps.iter().rev().find_map(|step| match &step.operation {
        Operation::Symlink { target, mount } if mount == inside => Some(target.clone()),
        _ => None,
    });
    // The source of a bind is opened with its links followed.
    let is_mount = plan
        .steps
        .iter()
        .any(|step| matches!(&step.operation, Operation::Bind { mount, .. } if mount == inside));
    made.or_else(|| {
        if is_mount {
            None
        } else {
            fs::read_link(outside(plan, inside)?).ok()
        }
    })
}

/// Joined without the slash at the end that an empty rest would leave: a file is no directory.
fn below(source: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() {
        source.to_path_buf()
    } else {
        source.join(rest)
    }
}

/// The place outside that a path lies in by the last mount above it; `None` where the sandbox has something of its own.
fn outside(plan: &Plan, inside: &Path) -> Option<PathBuf> {
    let mut place = None;
    for step in &plan.steps {
        match &step.operation {
            Operation::Bind { source, mount, .. } if inside.starts_with(mount) => {
                // Cannot fail: the prefix was just compared.
                place = inside.strip_prefix(mount).ok().map(|rest| below(&source.path, rest));
            }
            Operation::Tmpfs(mount) | Operation::Devfs(mount) | Operation::Procfs(mount)
                if inside.starts_with(mount) =>
            {
                place = None;
            }
            _ => {}
        }
    }
    place
}
