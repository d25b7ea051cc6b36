//! The value of a tag (`rpmtd`), and the three ways of not having one.
#![allow(unsafe_code, reason = "reads memory that librpm describes in an rpmtd")]

use std::ffi::CStr;
use std::marker::PhantomData;

use rpm_sys as raw;

use crate::header::Header;
use crate::tag::Tag;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The header does not have the tag.
    #[error("{tag} is absent")]
    Absent {
        /// The tag.
        tag: Tag,
    },
    /// The tag holds something else, for example numbers instead of strings.
    #[error("{tag} holds {found}, not {wanted}")]
    WrongType {
        /// The tag.
        tag: Tag,
        /// What was asked for.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// librpm could not get at the value, although it is there.
    #[error("{tag} cannot be read")]
    Failed {
        /// The tag.
        tag: Tag,
    },
}

/// For optional tags: absence becomes `None`.
///
/// # Errors
/// Every other error of the value.
pub fn optional<T>(value: Result<T, TagError>) -> Result<Option<T>, TagError> {
    match value {
        Ok(value) => Ok(Some(value)),
        Err(TagError::Absent { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The value of one tag. Strings and numbers are arrays for librpm, usually of length one.
#[derive(Debug)]
pub struct TagData<'h> {
    tag: Tag,
    raw: raw::rpmtd_s,
    header: PhantomData<&'h Header<'h>>,
}

impl<'h> TagData<'h> {
    /// Looks `tag` up, extensions (tags computed by librpm) included.
    pub(crate) fn get(header: &'h Header<'_>, tag: Tag) -> Result<Self, TagError> {
        let mut data = Self {
            tag,
            raw: empty(),
            header: PhantomData,
        };
        let flags = raw::HEADERGET_MINMEM | raw::HEADERGET_EXT;
        // SAFETY: the header is valid; the value may point into it, hence the lifetime of `data`.
        let found = unsafe { raw::headerGet(header.as_raw(), tag.0, &raw mut data.raw, flags) };
        if found != 0 {
            return Ok(data);
        }
        // SAFETY: the header is valid.
        let present = unsafe { raw::headerIsEntry(header.as_raw(), tag.0) } != 0;
        Err(if present {
            TagError::Failed { tag }
        } else {
            TagError::Absent { tag }
        })
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.raw.count as usize
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All strings.
    pub fn strings(&mut self) -> Result<Vec<&'_ [u8]>, TagError> {
        if self.type_name() != STRINGS {
            return Err(self.wrong_type(STRINGS));
        }
        self.elements(|raw| {
            // SAFETY: the value is of a string type and stands at a valid index, so this is a C string (or null)
            // that lives as long as the value.
            unsafe {
                let string = raw::rpmtdGetString(raw);
                (!string.is_null()).then(|| CStr::from_ptr(string).to_bytes())
            }
        })
    }

    /// All numbers, whatever their width.
    pub fn numbers(&mut self) -> Result<Vec<u64>, TagError> {
        if self.type_name() != NUMBERS {
            return Err(self.wrong_type(NUMBERS));
        }
        // SAFETY: the value is of a number type and stands at a valid index.
        self.elements(|raw| Some(unsafe { raw::rpmtdGetNumber(raw) }))
    }

    /// A binary value.
    pub fn bytes(&self) -> Result<&[u8], TagError> {
        if self.type_name() != BYTES {
            return Err(self.wrong_type(BYTES));
        }
        if self.raw.data.is_null() {
            return Ok(&[]);
        }
        // SAFETY: a binary value is `count` bytes at `data`, which live as long as the value.
        Ok(unsafe { std::slice::from_raw_parts(self.raw.data.cast::<u8>(), self.len()) })
    }

    /// Calls `element` with the value standing at each index in turn; `None` from it is a failure.
    fn elements<T>(&mut self, element: impl Fn(raw::rpmtd) -> Option<T>) -> Result<Vec<T>, TagError> {
        let mut elements = Vec::with_capacity(self.len());
        let raw = &raw mut self.raw;
        // SAFETY: the value was filled in by headerGet; rpmtdNext stays within its count.
        unsafe {
            raw::rpmtdInit(raw);
            while raw::rpmtdNext(raw) >= 0 {
                elements.push(element(raw).ok_or(TagError::Failed { tag: self.tag })?);
            }
        }
        Ok(elements)
    }

    fn wrong_type(&self, wanted: &'static str) -> TagError {
        TagError::WrongType {
            tag: self.tag,
            wanted,
            found: self.type_name(),
        }
    }

    fn type_name(&self) -> &'static str {
        match self.raw.type_ {
            raw::RPM_STRING_TYPE | raw::RPM_STRING_ARRAY_TYPE | raw::RPM_I18NSTRING_TYPE => STRINGS,
            raw::RPM_CHAR_TYPE | raw::RPM_INT8_TYPE | raw::RPM_INT16_TYPE => NUMBERS,
            raw::RPM_INT32_TYPE | raw::RPM_INT64_TYPE => NUMBERS,
            raw::RPM_BIN_TYPE => BYTES,
            _ => "nothing",
        }
    }
}

const STRINGS: &str = "strings";
const NUMBERS: &str = "numbers";
const BYTES: &str = "bytes";

impl Drop for TagData<'_> {
    fn drop(&mut self) {
        // SAFETY: the value was set up by headerGet or is empty; what librpm allocated for it is freed once.
        unsafe { raw::rpmtdFreeData(&raw mut self.raw) };
    }
}

/// A value that holds nothing yet, as rpmtdReset makes it.
fn empty() -> raw::rpmtd_s {
    raw::rpmtd_s {
        tag: 0,
        type_: raw::RPM_NULL_TYPE,
        count: 0,
        data: std::ptr::null_mut(),
        flags: 0,
        ix: -1,
        size: 0,
    }
}
