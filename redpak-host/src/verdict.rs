//! The remembered verdict: that a family was coherent, and the state of everything that this rests on.
//!
//! It lies in the leaf as `.rednode.verdict`. It is believed when every input is still in the state that it names, and when
//! root or the one who asks wrote it: it protects from nothing that these two do. What it looks like:
//!
//! ```text
//! redpak verdict 2
//! sum DIGEST                          SHA-256 of all that follows: a damaged file is none
//! input LABEL VALUE                   what the launcher knows itself; must be the same, line by line
//! warning TEXT                        in hexadecimal, as below: what the check warned of, which holds as long
//! rpmdb DIRECTORY STATE               DIRECTORY in hexadecimal, STATE the digest of a Fingerprint, or `missing`
//! files COUNT STATE                   the digest of the states of these files, in order
//! PATH NUL PATH NUL …
//! ```

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{Mode, lstat};
use redpak::node::files;
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use crate::dir::{Dir, PathError};
use crate::state::{self, Fingerprint, MISSING};
use crate::write::{self, Existing};

/// First line of the file; another version is another text.
const HEAD: &str = "redpak verdict 2";
/// Longest verdict that is read.
const LIMIT: u64 = 256 << 20;

/// What the launcher knows of the inputs itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    lines: Vec<String>,
    settled: Duration,
}

impl Inputs {
    /// Adds a value.
    pub fn value(&mut self, label: &str, value: &OsStr) {
        self.lines.push(format!("input {label} {}", state::hex(value)));
    }

    /// Adds a directory by what it is: what is in it counts by itself, and this file lies in one.
    pub fn directory(&mut self, label: &str, path: &Path) {
        let identity = nix::sys::stat::stat(path).map_or_else(|_| MISSING.into(), |status| state::identity(&status));
        self.lines
            .push(format!("input {label} {} {identity}", state::hex(path.as_os_str())));
    }

    /// Adds a file by its state. Links are followed: what is read counts.
    pub fn file(&mut self, label: &str, path: &Path) {
        let status = nix::sys::stat::stat(path);
        self.settled = self.settled.max(status.as_ref().map_or(Duration::ZERO, state::settled));
        let state = status.map_or_else(|_| MISSING.into(), |status| state::line(&status));
        self.lines
            .push(format!("input {label} {} {state}", state::hex(path.as_os_str())));
    }
}

/// What a check looked at besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// Folder of each rpmdb, and where one would be, with its [`rpmdb_state`] before it was read.
    pub rpmdbs: Vec<(PathBuf, String)>,
    /// Files of packages and the directories on the way there, with their states ([`state::of_place`]) when they were looked at.
    pub files: Vec<(PathBuf, String)>,
}

impl Examined {
    /// For a pipe between two of our programs: `COUNT` of the rpmdbs, then each path and each state, all ended by NUL.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}\0", self.rpmdbs.len()).into_bytes();
        for (path, state) in self.rpmdbs.iter().chain(&self.files) {
            bytes.extend([path.as_os_str().as_bytes(), b"\0", state.as_bytes(), b"\0"].concat());
        }
        bytes
    }

    /// Undoes [`Self::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes.strip_suffix(b"\0")?.split(|byte| *byte == 0);
        let count: usize = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
        let mut pairs = Vec::new();
        while let Some(path) = words.next() {
            let state = std::str::from_utf8(words.next()?).ok()?.to_owned();
            pairs.push((PathBuf::from(OsStr::from_bytes(path)), state));
        }
        let files = pairs.split_off(count.min(pairs.len()));
        Some(Self { rpmdbs: pairs, files })
    }
}

/// The state of an rpmdb's folder: a digest, or `missing`.
///
/// # Errors
/// When it cannot be looked at.
pub fn rpmdb_state(directory: &Path) -> Result<String, PathError> {
    Ok(rpmdb(directory)?.0)
}

fn rpmdb(directory: &Path) -> Result<(String, Duration), PathError> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    match openat(AT_FDCWD, directory, flags, Mode::empty()) {
        Ok(folder) => {
            let (fingerprint, settled) = Fingerprint::of_opened(folder.as_fd(), directory)?;
            Ok((hex_digest(Sha256::digest(fingerprint.as_str())), settled))
        }
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok((MISSING.into(), Duration::ZERO)),
        Err(errno) => Err(PathError::new("open the directory", directory, errno)),
    }
}

/// What the check warned of, when a verdict in the leaf says that all of this was coherent, and nothing has changed since.
pub fn remembered(leaf: &Path, inputs: &Inputs) -> Option<Vec<String>> {
    Some(holds(&read(leaf)?, inputs)?.warnings)
}

/// A verdict that holds.
struct Holding {
    /// From when on a further change of any input would show, since the epoch.
    settled: Duration,
    warnings: Vec<String>,
}

/// The verdict's bytes, when it is one that can be believed.
fn read(leaf: &Path) -> Option<Vec<u8>> {
    let node = Dir::open(leaf).ok()?;
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY;
    let file = node
        .open_file(Path::new(files::VERDICT), flags, rustix::fs::Mode::empty())
        .ok()??;
    let status = file.metadata().ok()?;
    let is_ours = [0, rustix::process::geteuid().as_raw()].contains(&status.uid());
    // Another name of the file could be one that somebody else may write.
    let is_private = status.is_file() && status.mode() & 0o022 == 0 && status.nlink() == 1;
    if !is_ours || !is_private || status.len() > LIMIT {
        return None;
    }
    // Its size is at most the limit, which fits.
    let mut bytes = Vec::with_capacity(status.len() as usize + 1);
    File::take(file, LIMIT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A verdict's content, when every input is in the state that it names.
fn holds(verdict: &[u8], inputs: &Inputs) -> Option<Holding> {
    let mut rest = verdict;
    let mut line = || take_line(&mut rest);
    if line()? != HEAD {
        return None;
    }
    let sum = line()?.strip_prefix("sum ")?;
    if sum != hex_digest(Sha256::digest(rest)) {
        return None;
    }
    let mut line = || take_line(&mut rest);
    for input in &inputs.lines {
        if line()? != input {
            return None;
        }
    }
    let (mut settled, mut warnings) = (inputs.settled, Vec::new());
    loop {
        let words: Vec<&str> = line()?.split(' ').collect();
        match words[..] {
            ["warning", text] => warnings.push(String::from_utf8(unhex(text)?).ok()?),
            ["rpmdb", directory, wanted] => {
                let directory = PathBuf::from(OsString::from_vec(unhex(directory)?));
                let (state, since) = rpmdb(&directory).ok()?;
                settled = settled.max(since);
                (state == wanted).then_some(())?;
            }
            ["files", count, wanted] => {
                let (count, digest, since) = files_digest(rest, count.parse().ok()?)?;
                let is_same = count && digest == wanted;
                let settled = settled.max(since);
                return is_same.then_some(Holding { settled, warnings });
            }
            _ => return None,
        }
    }
}

fn take_line<'text>(rest: &mut &'text [u8]) -> Option<&'text str> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = (&rest[..end], &rest[end + 1..]);
    *rest = after;
    std::str::from_utf8(line).ok()
}

/// Looks at the files of a list again: whether they are as many as said, the digest of their states, when they have settled.
fn files_digest(list: &[u8], count: usize) -> Option<(bool, String, Duration)> {
    let mut digest = Sha256::new();
    let (mut seen, mut settled) = (0, Duration::ZERO);
    let mut missing: Option<&[u8]> = None;
    for path in list.split_inclusive(|byte| *byte == 0) {
        let path = path.strip_suffix(b"\0")?;
        seen += 1;
        // Nothing is below what is not there, and directories come before what is in them.
        let below = missing.and_then(|missing| path.strip_prefix(missing));
        if below.is_some_and(|below| below.starts_with(b"/")) {
            add(&mut digest, MISSING);
            continue;
        }
        match lstat(Path::new(OsStr::from_bytes(path))) {
            Ok(status) => {
                settled = settled.max(state::place_settled(&status));
                add(&mut digest, &state::of_place(&status));
            }
            Err(Errno::ENOENT | Errno::ENOTDIR) => {
                missing = Some(path);
                add(&mut digest, MISSING);
            }
            Err(_) => return None,
        }
    }
    Some((seen == count, hex_digest(digest.finalize()), settled))
}

fn add(digest: &mut Sha256, state: &str) {
    digest.update(state);
    digest.update(b"\n");
}

/// Writes the verdict of a check that began at `started` and found the family coherent, with what it warned of; says whether
/// it did. It does not
/// when something changed meanwhile, or so shortly before that the kernel's clock could not tell.
///
/// # Errors
/// When the leaf cannot be written. That is no harm: the next launch checks again.
pub fn remember(
    leaf: &Path,
    inputs: &Inputs,
    examined: &Examined,
    warnings: &[String],
    started: SystemTime,
) -> Result<bool, PathError> {
    let bytes = text(inputs, examined, warnings);
    let Some(Holding { settled, .. }) = holds(&bytes, inputs) else {
        return Ok(false);
    };
    let started = started.duration_since(UNIX_EPOCH).unwrap_or_default();
    // A clock that was set back makes what is old look new; it is checked again then, until the time has come.
    if settled > started {
        return Ok(false);
    }
    let node = Dir::open(leaf)?;
    let name = Path::new(files::VERDICT);
    // Replacing a file keeps its owner; a verdict is its writer's.
    node.remove_file(name);
    write::within(&node, name, &bytes, 0o644, Existing::Keep)?;
    Ok(true)
}

/// Takes a verdict away: what it says no longer counts.
pub fn forget(leaf: &Path) {
    if let Ok(node) = Dir::open(leaf) {
        node.remove_file(Path::new(files::VERDICT));
    }
}

fn text(inputs: &Inputs, examined: &Examined, warnings: &[String]) -> Vec<u8> {
    let mut text = String::new();
    for input in &inputs.lines {
        text += input;
        text.push('\n');
    }
    for warning in warnings {
        text += &format!("warning {}\n", state::hex(warning.as_ref()));
    }
    for (directory, state) in &examined.rpmdbs {
        text += &format!("rpmdb {} {state}\n", state::hex(directory.as_os_str()));
    }
    let mut digest = Sha256::new();
    examined.files.iter().for_each(|(_, state)| add(&mut digest, state));
    text += &format!("files {} {}\n", examined.files.len(), hex_digest(digest.finalize()));
    let mut bytes = text.into_bytes();
    for (path, _) in &examined.files {
        bytes.extend_from_slice(path.as_os_str().as_bytes());
        bytes.push(0);
    }
    let sum = hex_digest(Sha256::digest(&bytes));
    [format!("{HEAD}\nsum {sum}\n").as_bytes(), &bytes].concat()
}

fn hex_digest(digest: impl AsRef<[u8]>) -> String {
    state::hex(OsStr::from_bytes(digest.as_ref()))
}

/// Undoes [`state::hex`].
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let &[high, low] = pair else { return None };
            // Both are below 16.
            Some((digit(high)? << 4 | digit(low)?) as u8)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_examined_goes_through_a_pipe_unchanged() {
        let pair = |path: &[u8], state: &str| (PathBuf::from(OsStr::from_bytes(path)), state.to_owned());
        let one = vec![pair(b"/a b\n", "1 2")];
        let two = vec![pair(b"/\xff", ""), pair(b"/c", "state")];
        for (rpmdbs, files) in [
            (vec![], vec![]),
            (one.clone(), vec![]),
            (vec![], two.clone()),
            (one.clone(), two.clone()),
            (two, one),
        ] {
            let examined = Examined { rpmdbs, files };
            assert_eq!(Examined::from_bytes(&examined.to_bytes()), Some(examined));
        }
        for damaged in [&b""[..], b"0", b"x\0", b"1\0/a\0", b"0\0/a\0\xff\0"] {
            assert_eq!(Examined::from_bytes(damaged), None, "{damaged:?}");
        }
    }
}
