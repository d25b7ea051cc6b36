//! Parallel arrays of a header, which a damaged one may have in different lengths.

use librpm::{Header, Tag, TagData, optional};
use std::ffi::OsString;

use super::{in_package, name_of, to_os};
use crate::error::{Error, Result};

/// Arrays with one element each for something that a header lists.
pub(super) struct Columns<'h, 'e> {
    pub header: &'h Header<'e>,
    /// What is listed, for errors.
    pub what: &'static str,
    pub count: usize,
}

impl Columns<'_, '_> {
    /// Numbers; zeros when the tag is absent.
    pub fn numbers(&self, tag: Tag) -> Result<Vec<u64>> {
        self.column(tag, |data| data.numbers(), 0)
    }

    /// Strings; empty ones when the tag is absent.
    pub fn strings(&self, tag: Tag) -> Result<Vec<OsString>> {
        self.column(
            tag,
            |data| Ok(data.strings()?.into_iter().map(to_os).collect()),
            OsString::new(),
        )
    }

    fn column<T: Clone>(
        &self,
        tag: Tag,
        read: impl FnOnce(&mut TagData<'_>) -> Result<Vec<T>, librpm::TagError>,
        absent: T,
    ) -> Result<Vec<T>> {
        let error = in_package(self.header);
        let Some(mut data) = optional(self.header.get(tag)).map_err(&error)? else {
            return Ok(vec![absent; self.count]);
        };
        let values = read(&mut data).map_err(&error)?;
        if values.len() == self.count {
            Ok(values)
        } else {
            Err(self.malformed(self.what))
        }
    }

    pub fn malformed(&self, what: &'static str) -> Error {
        Error::MalformedHeader {
            package: name_of(self.header),
            what,
        }
    }
}
