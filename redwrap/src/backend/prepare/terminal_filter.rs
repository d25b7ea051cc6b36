//! Seccomp filter: the program cannot type into its caller's terminal.
//!
//! `TIOCSTI` puts bytes into the input of a terminal and `TIOCLINUX` can paste its selection; whoever shares a terminal with
//! the sandbox would run what is typed there. The filter answers EPERM to both. The kernel takes just the low 32 bits of an
//! ioctl number, so the filter looks at them alone: the high half must not hide the number. System calls of another ABI have
//! other numbers; they would walk around the filter and are shut out, see seccomp(2).

use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter};

/// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
/// Low half of the second argument; where it stands depends on the byte order.
const REQUEST: u32 = 24 + if cfg!(target_endian = "big") { 4 } else { 0 };

const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

/// `AUDIT_ARCH_…` of linux/audit.h: ELF machine, 64 bit, little endian.
#[cfg(target_arch = "x86_64")]
const NATIVE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const NATIVE: u32 = 0xC000_00B7;
#[cfg(target_arch = "riscv64")]
const NATIVE: u32 = 0xC000_00F3;
#[cfg(target_arch = "arm")]
const NATIVE: u32 = 0x4000_0028;
#[cfg(target_arch = "x86")]
const NATIVE: u32 = 0x4000_0003;

/// Bit that marks a system call of the x32 ABI; no number of any other ABI that passes the architecture check has it.
const X32: u32 = 0x4000_0000;

fn instruction(code: u32, if_true: u8, if_false: u8, value: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt: if_true,
        jf: if_false,
        k: value,
    }
}

/// The program.
pub fn program() -> [sock_filter; 12] {
    let load = |offset| instruction(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
    let equal = |value, if_true, if_false| instruction(BPF_JMP | BPF_JEQ | BPF_K, if_true, if_false, value);
    let has_bit = |bit, if_true, if_false| instruction(BPF_JMP | BPF_JSET | BPF_K, if_true, if_false, bit);
    let answer = |action| instruction(BPF_RET | BPF_K, 0, 0, action);
    // Jumps count the instructions that are left out.
    [
        load(ARCHITECTURE),
        equal(NATIVE, 1, 0),
        answer(libc::SECCOMP_RET_KILL_PROCESS),
        load(NUMBER),
        has_bit(X32, 5, 0),
        equal(libc::SYS_ioctl as u32, 0, 3),
        load(REQUEST),
        equal(libc::TIOCSTI as u32, 3, 0),
        equal(libc::TIOCLINUX as u32, 2, 0),
        answer(libc::SECCOMP_RET_ALLOW),
        answer(UNKNOWN),
        answer(REFUSE),
    ]
}

/// The program as linux/filter.h lays it out in memory, for bubblewrap's `--add-seccomp-fd`.
pub fn bytes() -> Vec<u8> {
    let bytes = |instruction: sock_filter| {
        let [code, value] = [
            instruction.code.to_ne_bytes().to_vec(),
            instruction.k.to_ne_bytes().to_vec(),
        ];
        [code, vec![instruction.jt, instruction.jf], value].concat()
    };
    program().into_iter().flat_map(bytes).collect()
}
