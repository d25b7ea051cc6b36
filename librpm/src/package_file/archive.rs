//! The payload: a compressed cpio archive whose members the header describes.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr::NonNull;

use rpm_sys as raw;

use super::descriptor::Descriptor;
use super::{PackageFile, PackageFileProblem, read_header};
use crate::c_string;
use crate::error::{Error, Result};
use crate::tag::Tag;
use crate::tag_data::{TagError, optional};
use crate::transaction_set::{TransactionSet, VerifyFlags};

impl PackageFile<'_> {
    /// The paths of the files that the payload really holds, in its order, as librpm would unpack them.
    ///
    /// The whole payload is unpacked for it (and thrown away). A member that the header does not know, a file of the
    /// header that is not there, and damage of any kind are errors.
    pub fn payload(&self) -> Result<Vec<PathBuf>> {
        let mut set = TransactionSet::new(self.engine)?;
        set.set_verify_flags(VerifyFlags::NO_SIGNATURES);
        // Reading the header anew leaves the file standing at its payload.
        read_header(self.engine, &set, &self.file, &self.path, &self.c_path)?;
        let descriptor = self.payload_descriptor()?;
        let (paths, _) = self.engine.capture(|| self.list(&descriptor));
        paths
    }

    /// The content of some regular files, by their paths as packaged. Files that the payload does not hold, or holds under another
    /// of their names (hard links), are left out.
    ///
    /// # Errors
    /// As [`Self::payload`].
    pub fn contents(&self, wanted: &BTreeSet<PathBuf>) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut set = TransactionSet::new(self.engine)?;
        set.set_verify_flags(VerifyFlags::NO_SIGNATURES);
        read_header(self.engine, &set, &self.file, &self.path, &self.c_path)?;
        let descriptor = self.payload_descriptor()?;
        let (contents, _) = self.engine.capture(|| {
            let mut contents = BTreeMap::new();
            self.walk(&descriptor, |reader, path| {
                if wanted.contains(&path)
                    && let Some(content) = reader.content().map_err(|reason| self.archive(reason))?
                {
                    contents.insert(path, content);
                }
                Ok(())
            })?;
            Ok(contents)
        });
        contents
    }

    /// A handle that stands at the payload and unpacks it.
    fn payload_descriptor(&self) -> Result<Descriptor> {
        let compressor = self.compressor().map_err(|source| Error::Tag {
            package: self.header.nevra().to_string_lossy().into_owned(),
            source,
        })?;
        let compressor = c_string::to_c(compressor.as_bytes(), "the name of the payload's compressor")?;
        let unknown = || format!("no support for its compression, {}", compressor.to_string_lossy());
        Descriptor::here(&self.file)
            .map_err(Error::io("read", &self.path))?
            .decompress(&compressor)
            .ok_or_else(|| self.problem(PackageFileProblem::Archive(unknown())))
    }

    /// Packages that do not say are compressed with gzip.
    fn compressor(&self) -> std::result::Result<OsString, TagError> {
        Ok(optional(self.header.string(Tag::PAYLOADCOMPRESSOR))?.unwrap_or_else(|| "gzip".into()))
    }

    fn list(&self, descriptor: &Descriptor) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        self.walk(descriptor, |_, path| {
            paths.push(path);
            Ok(())
        })?;
        Ok(paths)
    }

    /// Calls `visit` for each member, with the reader at it.
    fn walk(&self, descriptor: &Descriptor, mut visit: impl FnMut(&Reader<'_>, PathBuf) -> Result<()>) -> Result<()> {
        let reader = Reader::new(descriptor, &self.header).ok_or_else(|| self.archive("librpm refuses it".into()))?;
        loop {
            match reader.next() {
                Member::Path(path) => visit(&reader, path)?,
                Member::End => return Ok(()),
                Member::Failure(reason) => return Err(self.archive(reason)),
            }
        }
    }

    fn archive(&self, reason: String) -> Error {
        self.problem(PackageFileProblem::Archive(reason))
    }
}

/// What the archive holds next.
enum Member {
    Path(PathBuf),
    End,
    Failure(String),
}

/// librpm's reader of an archive (`rpmfi`), with the file list it compares with.
struct Reader<'d> {
    files: NonNull<raw::rpmfiles_s>,
    iterator: NonNull<raw::rpmfi_s>,
    _descriptor: &'d Descriptor,
}

impl<'d> Reader<'d> {
    fn new(descriptor: &'d Descriptor, header: &crate::Header<'_>) -> Option<Self> {
        // SAFETY: the header is valid; no pool and no flags are the defaults.
        let files = NonNull::new(unsafe { raw::rpmfilesNew(std::ptr::null_mut(), header.as_raw(), 0, 0) })?;
        let mode = raw::RPMFI_ITER_READ_ARCHIVE.cast_signed();
        // SAFETY: both handles are valid and outlive the reader; librpm takes its own reference of the list.
        let iterator = unsafe { raw::rpmfiNewArchiveReader(descriptor.as_raw(), files.as_ptr(), mode) };
        let Some(iterator) = NonNull::new(iterator) else {
            // SAFETY: gives back the list's reference.
            unsafe { raw::rpmfilesFree(files.as_ptr()) };
            return None;
        };
        Some(Self {
            files,
            iterator,
            _descriptor: descriptor,
        })
    }

    fn next(&self) -> Member {
        // SAFETY: the iterator is valid.
        let status = unsafe { raw::rpmfiNext(self.iterator.as_ptr()) };
        if status == raw::RPMERR_ITER_END {
            return Member::End;
        }
        if status < 0 {
            return Member::Failure(describe(status));
        }
        // SAFETY: the iterator is valid and stands at a member; the name is lent.
        let path = unsafe { c_string::copy(raw::rpmfiFN(self.iterator.as_ptr())) };
        path.map_or_else(
            || Member::Failure("a member has no name".into()),
            |path| Member::Path(path.into()),
        )
    }

    /// The content of the member that the reader is at, where the payload holds it here.
    fn content(&self) -> std::result::Result<Option<Vec<u8>>, String> {
        // SAFETY: the iterator is valid and stands at a member.
        if unsafe { raw::rpmfiArchiveHasContent(self.iterator.as_ptr()) } == 0 {
            return Ok(None);
        }
        let (mut content, mut buffer) = (Vec::new(), vec![0_u8; 1 << 16]);
        loop {
            // SAFETY: the iterator is valid, and the buffer is writable for its whole length.
            let read =
                unsafe { raw::rpmfiArchiveRead(self.iterator.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len() as _) };
            match usize::try_from(read) {
                Ok(0) => return Ok(Some(content)),
                Ok(length) => content.extend_from_slice(&buffer[..length]),
                Err(_) => return Err(describe(i32::try_from(read).unwrap_or(-1))),
            }
        }
    }
}

/// librpm's sentence for an error of its archive functions.
fn describe(status: i32) -> String {
    // SAFETY: librpm makes a sentence for every number, and allocates it for us.
    let text = unsafe { c_string::take(raw::rpmfileStrerror(status)) };
    text.map_or_else(|| format!("error {status}"), |text| text.to_string_lossy().into_owned())
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // SAFETY: gives back what `new` got, the archive before the list.
        unsafe {
            raw::rpmfiArchiveClose(self.iterator.as_ptr());
            raw::rpmfiFree(self.iterator.as_ptr());
            raw::rpmfilesFree(self.files.as_ptr());
        }
    }
}
