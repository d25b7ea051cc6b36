//! System calls of the sandbox's first process that neither nix nor rustix wraps.
#![allow(unsafe_code)] // as the module above

use std::convert::Infallible;
use std::ffi::{CStr, c_char, c_ulong};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

use nix::sched::CloneFlags;
use nix::unistd::Pid;

use super::{Forked, check};

/// clone(2) into new namespaces, for a process that has just one thread. With `is_sibling` the new process is a child of this one's parent.
///
/// The new process may do whatever a forked one may, but for what asks the C library for its own thread id, which keeps
/// the old one: threads and their locks.
///
/// # Errors
/// When the kernel refuses.
pub fn clone_into(namespaces: CloneFlags, is_sibling: bool) -> io::Result<Forked> {
    let sibling = if is_sibling { libc::CLONE_PARENT } else { 0 };
    let flags = c_ulong::from((namespaces.bits() | sibling | libc::SIGCHLD).cast_unsigned());
    let (stack, none) = (std::ptr::null::<u8>(), std::ptr::null::<u8>());
    // SAFETY: without a stack and without CLONE_VM the child goes on with a copy of this one's memory, as after fork(2);
    // redwrap starts no threads, so no lock is held by one that the child lacks. s390 swaps the first two arguments.
    let pid = check(unsafe {
        #[cfg(target_arch = "s390x")]
        let pid = libc::syscall(libc::SYS_clone, stack, flags, none, none, none);
        #[cfg(not(target_arch = "s390x"))]
        let pid = libc::syscall(libc::SYS_clone, flags, stack, none, none, none);
        pid
    })?;
    Ok(match pid {
        0 => Forked::Child,
        pid => Forked::Parent(Pid::from_raw(pid)),
    })
}

/// Starts a process that shares this one's memory until it executes a program or ends; this one waits meanwhile, as after
/// vfork(2), and no page table is copied. `run` goes on in the new process, and must do one of the two.
///
/// # Errors
/// When the kernel refuses.
pub fn spawn_sharing_memory(run: &mut dyn FnMut() -> Infallible) -> io::Result<Pid> {
    // What the process needs before it executes something; the kernel adds no pages that are not touched.
    let mut stack = vec![0; 1 << 18];
    let flags = CloneFlags::CLONE_VM | CloneFlags::CLONE_VFORK;
    // SAFETY: the stack is the new process's alone and outlives it, as this one is held until it has executed or ended;
    // what `run` borrows is used by nobody else meanwhile. redwrap has one thread, so no lock is held by another.
    let pid = unsafe { nix::sched::clone(Box::new(|| match run() {}), &mut stack, flags, Some(libc::SIGCHLD)) }?;
    Ok(pid)
}

/// Sets attributes of a mount and of all mounts below it, see mount_setattr(2) (Linux 5.12).
///
/// # Errors
/// When the kernel refuses.
pub fn set_mount_attributes(tree: BorrowedFd<'_>, attributes: u64) -> io::Result<()> {
    let wanted = libc::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let flags = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    // SAFETY: the path is a string with NUL, the structure is as large as said, and both outlive the call, which keeps neither.
    check(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    })
    .map(drop)
}

/// Filters the system calls of this process and its descendants, see seccomp(2).
///
/// # Errors
/// When the kernel refuses: the process must have given up gaining privileges before.
pub fn filter_system_calls(program: &[libc::sock_filter]) -> io::Result<()> {
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies `len` instructions, which `program` has, and writes to none.
    check(unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter, 0, 0) }.into())
        .map(drop)
}

/// Brings the loopback device of a new network namespace up; the kernel gives it its addresses, see netdevice(7).
///
/// # Errors
/// When the kernel refuses.
pub fn bring_loopback_up() -> io::Result<()> {
    // SAFETY: socket reads integers and returns a new descriptor.
    let socket = check(unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) }.into())?;
    // SAFETY: the kernel just made the descriptor, nobody else owns it.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    // SAFETY: all bytes zero are a valid ifreq: a name of no length and integers.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes_with_nul()) {
        *to = from.cast_signed() as c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as i16;
    // SAFETY: SIOCSIFFLAGS reads one ifreq, which outlives the call.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request) }.into()).map(drop)
}

/// Overwrites the environment that the kernel shows of this process in /proc, see proc_pid_environ(5). Nothing reads it after.
pub fn forget_environment() {
    unsafe extern "C" {
        static mut environ: *mut *mut c_char;
    }
    // SAFETY: one thread; environ is null or an array that ends with null, of strings in writable memory of this process
    // (its initial stack, or what the C library allocated), each overwritten in its own length.
    unsafe {
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let length = CStr::from_ptr(*entry).count_bytes();
            std::ptr::write_bytes(*entry, 0, length);
            entry = entry.add(1);
        }
    }
}
