//! System calls that nix does not wrap. Each is safe to call; errors are the kernel's.
#![allow(unsafe_code)] // the one place of the launcher, beside the fork, where libc is called directly

pub mod sandbox;

use std::convert::Infallible;
use std::ffi::{CStr, CString, OsStr, OsString, c_char, c_int};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;

use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::signal::{SigHandler, Signal};
use nix::sys::stat::Mode;
use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};
use nix::unistd::Pid;

fn check(result: libc::c_long) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result as c_int)
    }
}

/// The words that a C program is called with.
///
/// # Safety
/// `arguments` has `count` pointers to strings that end with NUL.
pub unsafe fn arguments(count: c_int, arguments: *const *const c_char) -> Vec<OsString> {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: the index is below the count, and the caller vouches for the rest.
    let word = |index| unsafe { CStr::from_ptr(*arguments.add(index)) };
    (0..count)
        .map(|index| OsStr::from_bytes(word(index).to_bytes()).to_owned())
        .collect()
}

/// Opens /dev/null as standard input, output and error where the caller closed them: no file that is opened later may get one
/// of these numbers, or messages end up in it.
pub fn open_closed_standard() {
    for fd in 0..=2 {
        // SAFETY: fcntl reads two integers. poll(2) could ask for all at once, but refuses where the limit of files is lower.
        let is_closed = unsafe { libc::fcntl(fd, libc::F_GETFD) } == -1;
        // SAFETY: open reads the string. The lowest free number, which it takes, is this one: those below are open by now.
        if is_closed && unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } != fd {
            std::process::abort();
        }
    }
}

/// A reader that is gone is an error of writing from now on, no signal.
pub fn ignore_sigpipe() {
    // SAFETY: no handler is installed.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// Marks every descriptor from 3 on close-on-exec, see close_range(2). Does not allocate.
pub fn close_others_on_exec() -> io::Result<()> {
    // SAFETY: close_range reads three integers; with CLOSE_RANGE_CLOEXEC it closes nothing that Rust owns.
    check(unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) }).map(drop)
}

/// Closes standard input, output and error of a child that has no use for them. Does not allocate.
pub fn close_standard() {
    close_range(0, 2);
}

/// Closes every descriptor of a forked child but those that it goes on with.
pub fn close_all_but(mut kept: Vec<RawFd>) {
    kept.sort_unstable();
    let mut first = 0;
    for fd in kept.into_iter().filter_map(|fd| u32::try_from(fd).ok()) {
        // An empty range is an error that changes nothing.
        fd.checked_sub(1).into_iter().for_each(|last| close_range(first, last));
        first = fd + 1;
    }
    close_range(first, u32::MAX);
}

fn close_range(first: u32, last: u32) {
    // SAFETY: close_range reads integers. Called in forked children alone, which end with exit_now: no owner of what is
    // closed is dropped.
    unsafe { libc::syscall(libc::SYS_close_range, first, last, 0u32) };
}

/// Lets a descriptor stay open across exec. Does not allocate.
pub fn keep_on_exec(fd: RawFd) -> io::Result<()> {
    // SAFETY: F_SETFD takes an integer and changes just the descriptor's flag.
    check(unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }.into()).map(drop)
}

/// A descriptor that stays with this process even when its number is used again, see pidfd_open(2).
pub fn pidfd_open(pid: Pid) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_open reads two integers and returns a new descriptor.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0u32) })?;
    // SAFETY: the kernel just made the descriptor, nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sends a signal, see pidfd_send_signal(2).
pub fn pidfd_send_signal(process: BorrowedFd<'_>, signal: c_int) -> io::Result<()> {
    let none = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a null siginfo is allowed and means what kill(2) would send.
    check(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal, none, 0u32) }).map(drop)
}

/// True when the kernel runs this program with more rights than its caller's (setuid, setgid, file capabilities), see getauxval(3).
pub fn started_with_raised_rights() -> bool {
    // SAFETY: getauxval reads the process's own auxiliary vector.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// True when this program's file is setuid or setgid or has file capabilities, whoever runs it.
///
/// # Errors
/// When /proc is not there.
pub fn own_file_raises_rights() -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let own = c"/proc/self/exe";
    let mode = std::fs::metadata("/proc/self/exe")?.permissions().mode();
    // SAFETY: both strings end with NUL, and a buffer of no bytes is not written to.
    let capabilities =
        unsafe { libc::getxattr(own.as_ptr(), c"security.capability".as_ptr(), std::ptr::null_mut(), 0) };
    Ok(mode & (libc::S_ISUID | libc::S_ISGID) != 0 || capabilities > 0)
}

/// Opens a file of /proc, and nothing that somebody mounted over it.
///
/// # Errors
/// When it cannot be opened, or is not the kernel's.
pub fn open_proc(path: &str, flags: OFlag) -> io::Result<OwnedFd> {
    let file = openat(
        AT_FDCWD,
        path,
        flags | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    if fstatfs(&file)?.filesystem_type() == PROC_SUPER_MAGIC {
        Ok(file)
    } else {
        Err(io::Error::other(format!(
            "{path} is not the kernel's: something is mounted over it"
        )))
    }
}

/// Writes all at once into a file of /proc.
///
/// # Errors
/// As [`open_proc`], or what the kernel has against it.
pub fn write_proc(path: &str, value: &[u8]) -> io::Result<()> {
    let file = open_proc(path, OFlag::O_WRONLY)?;
    Ok(nix::unistd::write(&file, value).map(drop)?)
}

/// Maps one user and one group of the user namespace of a process, (inside, in the namespace above), see
/// user_namespaces(7). `proc` is /proc.
///
/// # Errors
/// What the kernel has against it.
pub fn write_id_maps(proc: &OwnedFd, process: &str, uid: (u32, u32), gid: (u32, u32)) -> io::Result<()> {
    for (name, value) in id_maps(uid, gid) {
        let flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        let file = openat(proc, format!("{process}/{name}").as_str(), flags, Mode::empty())?;
        nix::unistd::write(&file, value.as_bytes())?;
    }
    Ok(())
}

/// Without `deny` only root could write the map of groups.
fn id_maps(uid: (u32, u32), gid: (u32, u32)) -> [(&'static str, String); 3] {
    [
        ("setgroups", "deny".to_owned()),
        ("gid_map", format!("{} {} 1", gid.0, gid.1)),
        ("uid_map", format!("{} {} 1", uid.0, uid.1)),
    ]
}

/// Closes a descriptor of a forked child whose owner is not dropped in it.
pub fn close_in_child(fd: &OwnedFd) {
    // SAFETY: close takes an integer; the child ends with exit_now or exec, so the owner is not dropped in it.
    unsafe { libc::close(fd.as_raw_fd()) };
}

/// Unshares the time namespace for the processes started from now on, see time_namespaces(7). Does not allocate.
pub fn unshare_time(with_user: bool) -> io::Result<()> {
    let flags = libc::CLONE_NEWTIME | if with_user { libc::CLONE_NEWUSER } else { 0 };
    // SAFETY: unshare reads an integer; the process has one thread.
    check(unsafe { libc::unshare(flags) }.into()).map(drop)
}

/// What a forked process goes on as.
#[derive(Debug)]
pub enum Forked {
    /// In the new process.
    Child,
    /// In the old one, with the new one's id.
    Parent(Pid),
}

/// fork(2) for a process that has just one thread; the child may then do whatever the parent may.
///
/// # Errors
/// When the kernel refuses.
pub fn fork_single_threaded() -> io::Result<Forked> {
    // SAFETY: redwrap starts no threads, so no lock can be held by a thread that the child lacks.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Child => Ok(Forked::Child),
        nix::unistd::ForkResult::Parent { child } => Ok(Forked::Parent(child)),
    }
}

/// Ends a forked child at once: no destructor and no exit handler of the parent's runs in it.
pub fn exit_now(status: c_int) -> ! {
    // SAFETY: _exit takes an integer and does not return.
    unsafe { libc::_exit(status) }
}

/// Replaces this process by a program, see execve(2).
///
/// # Errors
/// Always: it returns only when the kernel refuses.
pub fn execve(program: &CStr, words: &[CString], environment: &[CString]) -> io::Result<Infallible> {
    Ok(nix::unistd::execve(program, words, environment)?)
}

/// Others of the same user cannot trace this process or read its memory, see PR_SET_DUMPABLE in prctl(2).
pub fn make_undumpable() -> io::Result<()> {
    Ok(nix::sys::prctl::set_dumpable(false)?)
}

/// Undoes [`make_undumpable`]: the id maps of a process that cannot be dumped belong to root.
pub fn make_dumpable() -> io::Result<()> {
    Ok(nix::sys::prctl::set_dumpable(true)?)
}

/// Orphans below this process become its children, see PR_SET_CHILD_SUBREAPER in prctl(2).
pub fn become_subreaper() -> io::Result<()> {
    Ok(nix::sys::prctl::set_child_subreaper(true)?)
}

/// Gives SIGPIPE its default effect: Rust's runtime ignores it, and what is ignored stays so across exec.
pub fn restore_sigpipe() -> io::Result<()> {
    restore(Signal::SIGPIPE)
}

/// Gives SIGCHLD its default effect: where a caller ignores it, the kernel keeps no status of a child, see wait(2).
pub fn restore_sigchld() -> io::Result<()> {
    restore(Signal::SIGCHLD)
}

fn restore(signal: Signal) -> io::Result<()> {
    // SAFETY: SIG_DFL is no handler function, so nothing of ours can be called.
    unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }?;
    Ok(())
}
