//! The plan as text.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::display;
use crate::plan::bubblewrap::words;
use crate::plan::{Namespace, Operation, Plan, Preparation};

/// The plan for `--dump`: bubblewrap's path, then one option with its operands a line, quoted for a POSIX shell, then
/// the program. The bytes of paths and values are kept.
pub fn print(plan: &Plan, bubblewrap: &Path) -> Vec<u8> {
    let mut out = quote(bubblewrap.as_os_str());
    out.push(b'\n');
    for step in &plan.steps {
        for option in options(&step.operation) {
            line(&mut out, &option);
        }
    }
    let program: Vec<OsString> = std::iter::once("--".into())
        .chain(plan.program.iter().cloned())
        .collect();
    line(&mut out, &program);
    out
}

/// One option a line: a host name takes two.
fn options(operation: &Operation) -> Vec<Vec<OsString>> {
    let mut words = words(operation);
    match operation {
        Operation::Hostname(_) => {
            let hostname = words.split_off(1);
            vec![words, hostname]
        }
        _ if words.is_empty() => Vec::new(),
        _ => vec![words],
    }
}

fn line(out: &mut Vec<u8>, words: &[OsString]) {
    out.push(b' ');
    for word in words {
        out.push(b' ');
        out.extend(quote(word));
    }
    out.push(b'\n');
}

/// A word for a POSIX shell: as it is where that is safe, else in single quotes.
pub fn quote(word: &OsStr) -> Vec<u8> {
    let bytes = word.as_bytes();
    let safe = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(safe) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'\''];
    for byte in bytes {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            plain => quoted.push(*plain),
        }
    }
    quoted.push(b'\'');
    quoted
}

/// What the launcher does before bubblewrap, one sentence a line, for people.
pub fn preparation(preparation: &Preparation) -> String {
    let Preparation {
        user,
        group,
        smack,
        umask,
        join,
        new_time_namespace,
        confine_signals,
        control_groups,
    } = preparation;
    let mut text = String::new();
    let mut say = |sentence: std::fmt::Arguments<'_>| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{sentence}");
    };
    for group in control_groups {
        say(format_args!("control group {}", display::path(&group.directory)));
        group
            .values
            .iter()
            .for_each(|(file, value)| say(format_args!("  {file} = {}", display::text(value))));
    }
    for (namespace, path) in join {
        say(format_args!(
            "join the {} namespace {}",
            noun(*namespace),
            display::path(path)
        ));
    }
    if *new_time_namespace {
        say(format_args!("new time namespace"));
    }
    if *confine_signals {
        say(format_args!("signals reach only what the program starts"));
    }
    if let Some(group) = group {
        say(format_args!("group {group}"));
    }
    if let Some(user) = user {
        say(format_args!(
            "user {} of group {}, groups {:?}",
            user.uid, user.gid, user.groups
        ));
    }
    if let Some(label) = smack {
        say(format_args!("SMACK label {}", display::os(label)));
    }
    if let Some(mask) = umask {
        say(format_args!("umask {mask:04o}"));
    }
    text
}

const fn noun(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::User => "user",
        Namespace::Cgroup => "cgroup",
        Namespace::Network => "network",
        Namespace::Pid => "pid",
        Namespace::Ipc => "ipc",
        Namespace::Uts => "uts",
        Namespace::Time => "time",
    }
}
