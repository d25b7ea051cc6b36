//! The program's start, in place of the one that Rust's library brings along.
//!
//! That one reads all of `/proc/self/maps`, so as to tell an overflow of the stack in words: a fortieth of a launch. What else
//! it does is done here: standard descriptors that the caller closed are opened, a broken pipe is an error and no signal, a
//! panic ends the program, what was written gets out.
#![allow(unsafe_code)] // the C library looks for the symbol

use std::ffi::{c_char, c_int};
use std::io::Write as _;

use crate::backend::Exit;
use crate::sys;

// SAFETY: the C library calls it once, with the arguments, as the C standard has it; no other symbol of the program has the name.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[cfg_attr(test, allow(dead_code))] // tests have a main of their own
extern "C" fn main(count: c_int, arguments: *const *const c_char) -> c_int {
    sys::open_closed_standard();
    sys::ignore_sigpipe();
    // SAFETY: this is what `main` was called with.
    let arguments = unsafe { sys::arguments(count, arguments) };
    // The panic was told by then.
    let exit = std::panic::catch_unwind(|| crate::run(&arguments)).unwrap_or(Exit::Failed);
    // Nothing better can be done when the reader is gone.
    let _ = std::io::stdout().flush();
    exit.status().into()
}
