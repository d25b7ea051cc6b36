//! What happens to every process that rpm forks: it moves into the root of scriptlets.
//!
//! rpm changes its own root, forks, and starts the interpreter; there is no place to step in between but fork(3)
//! itself. See pthread_atfork(3).
#![allow(unsafe_code, reason = "pthread_atfork(3) and landlock(7) have no safe wrapper")]

use std::fs::File;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

/// What a forked process needs. It may not allocate, so everything is open already.
#[derive(Debug)]
struct Inside {
    root: RawFd,
    /// Rules that keep signals among the scriptlet's own processes; none where the kernel has no such rules.
    rules: Option<RawFd>,
    /// Device and inode number of the root that rpm changes to.
    node: (u64, u64),
}

static INSIDE: OnceLock<Inside> = OnceLock::new();

/// From now on every process that this one forks while its root is the node runs in `root`.
pub fn confine(node: &Path, root: &File) -> Result<()> {
    let status = std::fs::metadata(node).context("cannot look at the node's directory")?;
    let inside = Inside {
        root: root.try_clone()?.into_raw_fd(),
        rules: signal_rules().map(IntoRawFd::into_raw_fd),
        node: (status.dev(), status.ino()),
    };
    ensure!(INSIDE.set(inside).is_ok(), "scriptlets have a root already");
    // SAFETY: the handler allocates nothing and takes no lock.
    let status = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    ensure!(
        status == 0,
        "pthread_atfork: {}",
        std::io::Error::from_raw_os_error(status)
    );
    Ok(())
}

/// rpm would ignore a failure here, and go on with the outer root: the process ends instead, as rpm's own child does when it cannot
/// start the interpreter.
extern "C" fn in_child() {
    let Some(inside) = INSIDE.get() else { return };
    if enter(inside).is_none() {
        let message = b"cannot enter the root of scriptlets\n";
        // SAFETY: the message is valid for the call; _exit(2) runs nothing of this program.
        unsafe {
            libc::write(2, message.as_ptr().cast(), message.len());
            libc::_exit(127);
        }
    }
}

fn enter(inside: &Inside) -> Option<()> {
    // SAFETY: stat is plain data, for which zeros are a value; path and structure are valid for the call.
    let status = unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        (libc::stat(c"/".as_ptr(), &raw mut status) == 0).then_some(status)?
    };
    if (status.st_dev, status.st_ino) == inside.node {
        // SAFETY: the descriptor is open as long as the process lives, the paths are constants.
        let moved = unsafe {
            libc::fchdir(inside.root) == 0 && libc::chroot(c".".as_ptr()) == 0 && libc::chdir(c"/".as_ptr()) == 0
        };
        moved.then_some(())?;
        close_directories();
    }
    let Some(rules) = inside.rules else { return Some(()) };
    // SAFETY: the system call takes numbers only. no_new_privs is set, as it asks for.
    (unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules, 0) } == 0).then_some(())
}

/// A scriptlet in rpm's Lua that forks goes on without executing anything, and would find the way out by /proc/self/fd. What
/// is no directory leads nowhere.
fn close_directories() {
    // SAFETY: the path is a constant.
    let list = unsafe {
        libc::open(
            c"/proc/self/fd".as_ptr(),
            libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC,
        )
    };
    if list < 0 {
        // Without it there is no way either.
        return;
    }
    let mut buffer = [0_u64; 256];
    loop {
        let (place, size) = (buffer.as_mut_ptr(), size_of_val(&buffer));
        // SAFETY: the buffer is writable for its whole size.
        let filled = unsafe { libc::syscall(libc::SYS_getdents64, list, place, size) };
        let Some(filled) = usize::try_from(filled).ok().filter(|filled| *filled > 0) else {
            break;
        };
        // SAFETY: any words are bytes; the kernel has filled no more than there are.
        let mut entries = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast::<u8>(), filled) };
        // struct linux_dirent64, see getdents(2): the length of an entry is at 16, its name at 19.
        while let Some(length) = entries.get(16..18) {
            let length = usize::from(length[0]) | usize::from(length[1]) << 8;
            let (entry, rest) = entries.split_at(length.clamp(1, entries.len()));
            entries = rest;
            close_if_directory(number(entry.get(19..).unwrap_or_default()), list);
        }
    }
    // SAFETY: it was opened above.
    unsafe { libc::close(list) };
}

/// A decimal number that ends with a byte of zero.
fn number(name: &[u8]) -> Option<RawFd> {
    let digits = name.iter().take_while(|byte| **byte != 0);
    digits.copied().try_fold(0, |number: RawFd, byte| {
        let digit = byte.is_ascii_digit().then(|| RawFd::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn close_if_directory(descriptor: Option<RawFd>, list: RawFd) {
    let Some(descriptor) = descriptor.filter(|descriptor| *descriptor > 2 && *descriptor != list) else {
        return;
    };
    // SAFETY: stat is plain data, for which zeros are a value, and valid for the call. Nothing in this process uses a directory
    // between fork(2) and execve(2).
    unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        if libc::fstat(descriptor, &raw mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFDIR {
            libc::close(descriptor);
        }
    }
}

/// struct landlock_ruleset_attr of <linux/landlock.h>.
#[repr(C)]
#[derive(Default)]
struct Ruleset {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and LANDLOCK_SCOPE_SIGNAL, Linux 6.12.
const SCOPES: u64 = 0b11;

/// Signals, and nothing about files. An older kernel keeps them from other processes by the process namespace alone; in that
/// the one other process is rpm, which blocks signals while it runs.
fn signal_rules() -> Option<OwnedFd> {
    let rules = Ruleset {
        scoped: SCOPES,
        ..Ruleset::default()
    };
    // SAFETY: the structure is valid for the call, and the size is the structure's.
    let descriptor = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            &raw const rules,
            size_of::<Ruleset>(),
            0,
        )
    };
    let descriptor = RawFd::try_from(descriptor).ok().filter(|descriptor| *descriptor >= 0)?;
    // SAFETY: the kernel has just opened it, close-on-exec, for us.
    Some(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use nix::sys::wait::{WaitStatus, waitpid};
    use nix::unistd::{ForkResult, fork};

    use super::*;

    #[test]
    fn directories_are_closed_and_files_are_not() {
        let directories: Vec<File> = (0..200).map(|_| File::open("/proc").unwrap()).collect();
        let file = File::open("/dev/null").unwrap();
        // SAFETY: the child calls nothing that allocates.
        let ForkResult::Parent { child } = unsafe { fork() }.unwrap() else {
            close_directories();
            // SAFETY: these calls take numbers only.
            unsafe {
                let is_open = |file: &File| libc::fcntl(file.as_raw_fd(), libc::F_GETFD) != -1;
                let left = directories.iter().any(is_open);
                libc::_exit(i32::from(left || !is_open(&file)))
            }
        };
        assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
    }
}
