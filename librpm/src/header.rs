//! A package's header.
#![allow(unsafe_code, reason = "holds a reference of librpm's counted headers")]

use std::ffi::OsString;
use std::fmt;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStringExt;
use std::ptr::NonNull;

use rpm_sys as raw;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::tag::Tag;
use crate::tag_data::{TagData, TagError, optional};

/// A package's header: name, dependencies, files, everything but the payload.
///
/// Cloning shares it; librpm counts the references (not atomically, so it stays in its thread).
pub struct Header<'e> {
    raw: NonNull<raw::headerToken_s>,
    engine: PhantomData<&'e Engine>,
}

impl<'e> Header<'e> {
    /// The header as it was built and signed: what its digest and its signature are of. rpm adds to it when it installs a
    /// package; whatever else stands in an rpmdb may have been added by anybody, and takes the place of what was signed.
    pub fn immutable(&self) -> Result<Header<'e>, TagError> {
        let tag = Tag::HEADERIMMUTABLE;
        let region = self.get(tag)?;
        let bytes = region.bytes()?;
        let length = u32::try_from(bytes.len()).map_err(|_| TagError::Failed { tag })?;
        let flags = raw::HEADERIMPORT_COPY;
        // SAFETY: librpm reads `length` bytes of the region, which it made itself, and copies them.
        let header = unsafe { raw::headerImport(bytes.as_ptr().cast_mut().cast(), length, flags) };
        // SAFETY: null or a new header, whose only reference is ours.
        unsafe { Header::adopt(header) }.ok_or(TagError::Failed { tag })
    }
}

impl Header<'_> {
    /// Takes a further reference to a header that librpm holds; null gives `None`.
    ///
    /// # Safety
    ///
    /// `header` is null or valid, and the engine that the caller names by the lifetime exists.
    pub(crate) unsafe fn link(header: raw::Header) -> Option<Self> {
        // SAFETY: valid by the caller's promise; headerLink passes null through.
        NonNull::new(unsafe { raw::headerLink(header) }).map(|raw| Self {
            raw,
            engine: PhantomData,
        })
    }

    /// Takes over the caller's reference; null gives `None`.
    ///
    /// # Safety
    ///
    /// As for [`Header::link`], and the reference is the caller's to give away.
    pub(crate) unsafe fn adopt(header: raw::Header) -> Option<Self> {
        NonNull::new(header).map(|raw| Self {
            raw,
            engine: PhantomData,
        })
    }

    pub(crate) fn as_raw(&self) -> raw::Header {
        self.raw.as_ptr()
    }

    /// The value of a tag, computed ones included.
    pub fn get(&self, tag: Tag) -> Result<TagData<'_>, TagError> {
        TagData::get(self, tag)
    }

    /// Whether the header itself has the tag.
    pub fn has(&self, tag: Tag) -> bool {
        // SAFETY: the header is valid.
        unsafe { raw::headerIsEntry(self.as_raw(), tag.0) != 0 }
    }

    /// A tag's only (or first) string.
    pub fn string(&self, tag: Tag) -> Result<OsString, TagError> {
        let mut data = self.get(tag)?;
        let strings = data.strings()?;
        strings
            .first()
            .map(|string| OsString::from_vec(string.to_vec()))
            .ok_or(TagError::Failed { tag })
    }

    /// A tag's only (or first) number.
    pub fn number(&self, tag: Tag) -> Result<u64, TagError> {
        self.get(tag)?
            .numbers()?
            .first()
            .copied()
            .ok_or(TagError::Failed { tag })
    }

    /// Name, version, release and so on in one string; for messages, so what is absent is left out.
    pub fn nevra(&self) -> OsString {
        let part = |tag| self.string(tag).unwrap_or_default();
        let mut nevra = part(Tag::NAME);
        nevra.push("-");
        if let Ok(epoch) = self.number(Tag::EPOCH) {
            nevra.push(format!("{epoch}:"));
        }
        nevra.push(part(Tag::VERSION));
        nevra.push("-");
        nevra.push(part(Tag::RELEASE));
        if let Ok(arch) = self.string(Tag::ARCH) {
            nevra.push(".");
            nevra.push(arch);
        }
        nevra
    }

    /// An error about one of its tags, with the package that it is about.
    pub fn tag_error(&self, source: TagError) -> Error {
        Error::Tag {
            package: self.nevra().to_string_lossy().into_owned(),
            source,
        }
    }

    /// The header's number in the rpmdb that it was read from; 0 when it was not read from one.
    pub fn number_in_database(&self) -> u32 {
        // SAFETY: the header is valid.
        unsafe { raw::headerGetInstance(self.as_raw()) }
    }

    /// The digest of the immutable header that librpm checks, in hexadecimal: the strongest one that there is.
    pub fn digest(&self) -> Result<Option<String>, TagError> {
        for tag in [Tag::SHA256HEADER, Tag::SHA1HEADER] {
            if let Some(digest) = optional(self.string(tag))? {
                return Ok(Some(digest.to_string_lossy().into_owned()));
            }
        }
        Ok(None)
    }

    /// A header without any digest passes librpm's check, as there is nothing to check. Taking the digests out is what
    /// somebody would do who changed it. Imported keys have never had one.
    ///
    /// # Errors
    /// When it has none and is no imported key.
    pub fn require_digest(&self) -> Result<()> {
        let digest = self.digest().map_err(|source| self.tag_error(source))?;
        if digest.is_none() && !self.is_public_key() {
            return Err(Error::NoDigest {
                header_number: self.number_in_database(),
            });
        }
        Ok(())
    }

    /// Whether the header carries any signature over itself; whose, and whether it is good, is not said.
    pub fn has_signature(&self) -> bool {
        [Tag::RSAHEADER, Tag::DSAHEADER, Tag::OPENPGP]
            .into_iter()
            .any(|tag| self.has(tag))
    }

    /// Whether it is one of the keys that rpm stores as packages. A package does not become one by a name added to its header.
    pub fn is_public_key(&self) -> bool {
        let is_named = |header: &Header<'_>| header.string(Tag::NAME).is_ok_and(|name| name == "gpg-pubkey");
        is_named(self) && self.immutable().is_ok_and(|immutable| is_named(&immutable))
    }
}

impl Clone for Header<'_> {
    fn clone(&self) -> Self {
        // SAFETY: the header is valid, and linking a valid header returns it.
        unsafe { raw::headerLink(self.as_raw()) };
        Self {
            raw: self.raw,
            engine: PhantomData,
        }
    }
}

impl Drop for Header<'_> {
    fn drop(&mut self) {
        // SAFETY: gives back the one reference that this value holds.
        unsafe { raw::headerFree(self.as_raw()) };
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Header").field(&self.nevra()).finish()
    }
}
