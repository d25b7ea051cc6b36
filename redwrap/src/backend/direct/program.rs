//! Executes the program as execvp(3) would, with the PATH of the sandbox.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use rustix::fs::Access;
use rustix::io::Errno;

use crate::sys;

/// Used without PATH, as the C library has it.
const DEFAULT_PATH: &str = "/bin:/usr/bin";
/// Runs what execve(2) does not know and which may so be a script, as execvp(3) has it.
const SHELL: &str = "/bin/sh";

/// Becomes the program; returns only why that did not work.
pub fn execute(words: &[OsString], environment: BTreeMap<OsString, OsString>) -> io::Error {
    let candidates = candidates(words, environment.get(OsStr::new("PATH")));
    match with_strings(words, environment) {
        Ok((words, environment)) => first_of(&candidates, &words, &environment),
        Err(error) => error,
    }
}

fn with_strings(
    words: &[OsString],
    environment: BTreeMap<OsString, OsString>,
) -> io::Result<(Vec<CString>, Vec<CString>)> {
    let assigned = environment.into_iter().map(|(mut pair, value)| {
        pair.push("=");
        pair.push(value);
        string(pair)
    });
    let words = words.iter().cloned().map(string).collect::<io::Result<_>>()?;
    Ok((words, assigned.collect::<io::Result<_>>()?))
}

fn string(word: OsString) -> io::Result<CString> {
    Ok(CString::new(word.into_vec())?)
}

/// Where the program may be, in order.
fn candidates(words: &[OsString], path: Option<&OsString>) -> Vec<PathBuf> {
    let Some(name) = words.first().filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    if name.as_encoded_bytes().contains(&b'/') {
        return vec![PathBuf::from(name)];
    }
    let default = OsString::from(DEFAULT_PATH);
    std::env::split_paths(path.unwrap_or(&default))
        .map(|folder| folder.join(name))
        .collect()
}

fn first_of(candidates: &[PathBuf], words: &[CString], environment: &[CString]) -> io::Error {
    let mut reason = io::Error::from_raw_os_error(libc::ENOENT);
    for candidate in candidates {
        // Looking costs less than an execve(2) that fails, and most folders of a family's PATH have no such program.
        if rustix::fs::access(candidate, Access::EXISTS) == Err(Errno::NOENT) {
            continue;
        }
        let Ok(file) = string(candidate.clone().into_os_string()) else {
            continue;
        };
        let Err(error) = sys::execve(&file, words, environment);
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR | libc::ENODEV | libc::ESTALE | libc::ETIMEDOUT) => {}
            // Another folder may have one that may be executed.
            Some(libc::EACCES) => reason = error,
            Some(libc::ENOEXEC) => return with_shell(file, words, environment),
            _ => return error,
        }
    }
    reason
}

fn with_shell(file: CString, words: &[CString], environment: &[CString]) -> io::Error {
    let Ok(shell) = CString::new(SHELL) else {
        return io::Error::from_raw_os_error(libc::ENOEXEC);
    };
    let mut all = vec![shell.clone(), file];
    all.extend(words.iter().skip(1).cloned());
    let Err(error) = sys::execve(&shell, &all, environment);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_slash_is_looked_for_in_path() {
        let places =
            |name: &str, path: Option<&str>| candidates(&[OsString::from(name)], path.map(OsString::from).as_ref());
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(places("sh", Some("/a:/b")), paths(&["/a/sh", "/b/sh"]));
        assert_eq!(places("sh", None), paths(&["/bin/sh", "/usr/bin/sh"]));
        assert_eq!(places("./sh", Some("/a")), paths(&["./sh"]));
        assert_eq!(places("/x/sh", Some("/a")), paths(&["/x/sh"]));
        // An empty entry is the directory that the program starts in.
        assert_eq!(places("sh", Some(":/b")), paths(&["sh", "/b/sh"]));
        assert!(places("", Some("/a")).is_empty());
    }
}
