//! Strings cross as bytes with a length, in both directions.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use dnf5_sys as raw;

use super::handle::Owned;

/// Borrows a string for a call.
pub(crate) fn bytes(string: &OsStr) -> raw::Rdnf5Bytes {
    raw::Rdnf5Bytes {
        data: string.as_bytes().as_ptr(),
        size: string.len(),
    }
}

/// Borrows strings for a call; the vector must live as long.
pub(crate) fn bytes_list<S: AsRef<OsStr>>(strings: &[S]) -> Vec<raw::Rdnf5Bytes> {
    strings.iter().map(|string| bytes(string.as_ref())).collect()
}

/// # Safety
/// The bytes live as long as `'a`.
pub(crate) unsafe fn view<'a>(bytes: raw::Rdnf5Bytes) -> &'a OsStr {
    if bytes.data.is_null() || bytes.size == 0 {
        return OsStr::new("");
    }
    // SAFETY: not null, and the caller promises the lifetime; the shim's size is that of the string.
    OsStr::from_bytes(unsafe { std::slice::from_raw_parts(bytes.data, bytes.size) })
}

pub(crate) fn take(string: &Owned<raw::Rdnf5String>) -> OsString {
    // SAFETY: the view is copied while the string lives.
    OsString::from_vec(
        unsafe { view(raw::rdnf5_string_view(string.raw())) }
            .as_bytes()
            .to_vec(),
    )
}

pub(crate) fn take_list(list: &Owned<raw::Rdnf5StringList>) -> Vec<OsString> {
    // SAFETY: the list lives while it is copied.
    unsafe { copy_list(list.raw()) }
}

/// # Safety
/// `list` is null or a list that lives during the call.
pub(crate) unsafe fn copy_list(list: *const raw::Rdnf5StringList) -> Vec<OsString> {
    // SAFETY: the caller promises that the list lives; null has size 0.
    let size = unsafe { raw::rdnf5_string_list_size(list) };
    // SAFETY: as above, and each view is copied at once.
    (0..size)
        .map(|index| unsafe { view(raw::rdnf5_string_list_view(list, index)) }.to_owned())
        .collect()
}
