//! The user namespace of an unprivileged owner, see user_namespaces(7).

use std::fs;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sched::{CloneFlags, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Gid, Uid, User};

/// Whose ids the files of a transaction can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owners {
    /// Any: the caller is root.
    All,
    /// The caller's, and those that /etc/subuid and /etc/subgid give him.
    Range,
    /// The caller's alone.
    Single,
}

/// Root stays root. Anyone else becomes root in a new user namespace.
pub fn enter() -> Result<Owners> {
    let (uid, gid) = (Uid::effective(), Gid::effective());
    if uid.is_root() {
        return Ok(Owners::All);
    }
    match subordinate(uid) {
        Some((users, groups)) => enter_with_range(uid, gid, users, groups).map(|()| Owners::Range),
        None => enter_single(uid, gid).map(|()| Owners::Single),
    }
}

/// First id and number of ids.
type Range = (u32, u32);

/// The caller's subordinate ids, when there are both kinds and the programs that map them.
fn subordinate(uid: Uid) -> Option<(Range, Range)> {
    let name = User::from_uid(uid).ok().flatten().map(|user| user.name);
    let find = |path| range_in(&fs::read_to_string(path).ok()?, uid.as_raw(), name.as_deref());
    let ranges = (find("/etc/subuid")?, find("/etc/subgid")?);
    (has_program("newuidmap") && has_program("newgidmap")).then_some(ranges)
}

/// The first range of a user in the text of /etc/subuid, see subuid(5): name or number, first id, number of ids.
fn range_in(text: &str, uid: u32, name: Option<&str>) -> Option<Range> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let who = fields.next()?;
        let is_me = Some(who) == name || who.parse() == Ok(uid);
        let range = (fields.next()?.parse().ok()?, fields.next()?.trim().parse().ok()?);
        (is_me && range.1 > 0).then_some(range)
    })
}

fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

fn enter_single(uid: Uid, gid: Gid) -> Result<()> {
    unshare(CloneFlags::CLONE_NEWUSER).context("unshare")?;
    // The kernel wants this before an unprivileged process may write gid_map.
    write_proc("setgroups", "deny")?;
    write_proc("uid_map", &format!("0 {uid} 1"))?;
    write_proc("gid_map", &format!("0 {gid} 1"))
}

fn write_proc(file: &str, value: &str) -> Result<()> {
    let path = format!("/proc/self/{file}");
    fs::write(&path, value).with_context(|| format!("cannot write {value:?} to {path}"))
}

/// newuidmap and newgidmap must run outside the new namespace, so a process that stays behind starts them.
fn enter_with_range(uid: Uid, gid: Gid, users: Range, groups: Range) -> Result<()> {
    let (wait, ready) = nix::unistd::pipe()?;
    let mapped = std::process::id().to_string();
    #[allow(unsafe_code, reason = "a process that stays outside the new namespace")]
    // SAFETY: the process has one thread (enter() is called before any is started), so the child may do anything.
    let fork = unsafe { nix::unistd::fork() }?;
    match fork {
        ForkResult::Child => {
            drop(ready);
            let mapped = map_from_outside(wait, &mapped, (uid, gid), users, groups);
            std::process::exit(i32::from(mapped.map_err(|error| eprintln!("{error:#}")).is_err()))
        }
        ForkResult::Parent { child } => {
            drop(wait);
            unshare(CloneFlags::CLONE_NEWUSER).context("unshare")?;
            std::fs::File::from(ready).write_all(b"x")?;
            ensure!(
                waitpid(child, None)? == WaitStatus::Exited(child, 0),
                "the id maps could not be set"
            );
            nix::unistd::setresgid(0.into(), 0.into(), 0.into())?;
            nix::unistd::setresuid(0.into(), 0.into(), 0.into())?;
            Ok(())
        }
    }
}

fn map_from_outside(wait: OwnedFd, pid: &str, own: (Uid, Gid), users: Range, groups: Range) -> Result<()> {
    if std::fs::File::from(wait).read(&mut [0])? == 0 {
        // unshare failed, and the parent says why.
        return Ok(());
    }
    map("newuidmap", pid, own.0.as_raw(), users)?;
    map("newgidmap", pid, own.1.as_raw(), groups)
}

fn map(program: &str, pid: &str, own: u32, (first, count): Range) -> Result<()> {
    let (own, first, count) = (own.to_string(), first.to_string(), count.to_string());
    let arguments = [pid, "0", &own, "1", "1", &first, &count];
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!(
            "{program} {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::range_in;

    #[test]
    fn ranges_are_found_by_name_and_number() {
        let text = "root:1:5\nann:100000:65536\n1001:200000:10\nbob:x:1\neve:5:0\n";
        let cases = [
            (7, Some("ann"), Some((100_000, 65_536))),
            (1001, Some("zoe"), Some((200_000, 10))),
            (1001, None, Some((200_000, 10))),
            (8, Some("bob"), None),
            (9, Some("eve"), None),
            (10, None, None),
        ];
        for (uid, name, expected) in cases {
            assert_eq!(range_in(text, uid, name), expected, "{uid} {name:?}");
        }
    }
}
