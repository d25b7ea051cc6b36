//! Capabilities of a transaction, see capabilities(7).
#![allow(unsafe_code, reason = "capset(2) and prctl(2) have no safe wrapper")]

use std::io;

use anyhow::{Context, Result};

/// Numbers of <linux/capability.h>.
const CHOWN: u32 = 0;
const DAC_OVERRIDE: u32 = 1;
const FOWNER: u32 = 3;
const FSETID: u32 = 4;
const SETGID: u32 = 6;
const SETUID: u32 = 7;
const SYS_CHROOT: u32 = 18;
const SYS_ADMIN: u32 = 21;
const MKNOD: u32 = 27;
const SETFCAP: u32 = 31;

/// What scriptlets get: enough to be root among the files of the node, nothing to leave it with.
const SCRIPTLETS: [u32; 7] = [CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID, SETFCAP];
/// What librpm needs beside that: it changes the root, and unpacks device files.
const RUN: [u32; 2] = [SYS_CHROOT, MKNOD];
/// What preparing a run needs beside that: mounts, and cutting the network off.
const PREPARATION: [u32; 1] = [SYS_ADMIN];

/// Until the run: mounts may still be made.
pub fn keep_for_preparation() -> Result<()> {
    // What is executed from here on gets the ambient capabilities alone, even as user 0.
    prctl(libc::PR_SET_SECUREBITS, SECURE_BITS, 0).context("cannot lock the capabilities of child processes")?;
    limit_children()?;
    keep(&[&SCRIPTLETS[..], &RUN, &PREPARATION].concat())?;
    set_ambient(&SCRIPTLETS)?;
    prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0).context("cannot set no_new_privs")?;
    // Scriptlets have the same user id: without this they could write to this process's memory.
    prctl(libc::PR_SET_DUMPABLE, 0, 0).context("cannot make the process undumpable")
}

/// For the run itself.
pub fn keep_for_run() -> Result<()> {
    keep(&[&SCRIPTLETS[..], &RUN].concat())
}

/// SECBIT_NOROOT and its lock, of <linux/securebits.h>: user 0 is no privilege of its own.
const SECURE_BITS: libc::c_ulong = 0b11;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// _LINUX_CAPABILITY_VERSION_3: two words of 32 capabilities.
const VERSION: u32 = 0x2008_0522;

/// The bounding set: no file capability gives a scriptlet more than it has.
fn limit_children() -> Result<()> {
    for capability in (0..64).filter(|capability| !SCRIPTLETS.contains(capability)) {
        match prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0) {
            // The kernel knows fewer than 64.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => break,
            result => result.with_context(|| format!("cannot drop capability {capability}"))?,
        }
    }
    Ok(())
}

fn keep(capabilities: &[u32]) -> Result<()> {
    let bits = |capabilities: &[u32]| {
        capabilities
            .iter()
            .fold(0u64, |bits, capability| bits | 1 << capability)
    };
    set(bits(capabilities), bits(&SCRIPTLETS)).context("cannot reduce the capabilities")
}

fn set(bits: u64, inheritable: u64) -> io::Result<()> {
    let mut header = Header {
        version: VERSION,
        pid: 0,
    };
    let word = |bits: u64, shift: u32| (bits >> shift) as u32;
    let half = |shift| Data {
        effective: word(bits, shift),
        permitted: word(bits, shift),
        inheritable: word(inheritable, shift),
    };
    let data = [half(0), half(32)];
    // SAFETY: header and both words are valid for the call and laid out as capset(2) says.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw mut header, data.as_ptr()) })
}

fn set_ambient(capabilities: &[u32]) -> Result<()> {
    capabilities.iter().try_for_each(|capability| {
        prctl(
            libc::PR_CAP_AMBIENT,
            libc::PR_CAP_AMBIENT_RAISE as libc::c_ulong,
            libc::c_ulong::from(*capability),
        )
        .with_context(|| format!("cannot hand capability {capability} on"))
    })
}

fn prctl(operation: libc::c_int, first: libc::c_ulong, second: libc::c_ulong) -> io::Result<()> {
    const ZERO: libc::c_ulong = 0;
    // SAFETY: the operations used here take numbers only.
    check(libc::c_long::from(unsafe {
        libc::prctl(operation, first, second, ZERO, ZERO)
    }))
}

fn check(status: libc::c_long) -> io::Result<()> {
    if status == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
