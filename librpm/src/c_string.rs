//! Strings on their way to and from C. They are bytes on both sides.
#![allow(unsafe_code, reason = "reads strings that librpm allocated or lent")]

use std::ffi::{CStr, CString, OsString, c_char};
use std::os::unix::ffi::OsStringExt;

use crate::error::{Error, Result};

/// A NUL-terminated copy of `bytes`; `what` names it in the error.
pub(crate) fn to_c(bytes: impl Into<Vec<u8>>, what: &'static str) -> Result<CString> {
    CString::new(bytes).map_err(|_| Error::NulByte { what })
}

/// Copies a string that librpm allocated for us, and frees it. Null gives `None`.
///
/// # Safety
///
/// `string` is null, or points to a NUL-terminated string from malloc(3) that nobody else uses or frees.
pub(crate) unsafe fn take(string: *mut c_char) -> Option<OsString> {
    // SAFETY: the caller's promise covers reading the string, and that it may be freed once.
    unsafe {
        let copy = copy(string);
        libc::free(string.cast());
        copy
    }
}

/// Copies a string that librpm lends. Null gives `None`.
///
/// # Safety
///
/// `string` is null, or points to a NUL-terminated string that stays valid during the call.
pub(crate) unsafe fn copy(string: *const c_char) -> Option<OsString> {
    if string.is_null() {
        return None;
    }
    // SAFETY: not null, and NUL-terminated by the caller's promise.
    let bytes = unsafe { CStr::from_ptr(string) }.to_bytes();
    Some(OsString::from_vec(bytes.to_vec()))
}
