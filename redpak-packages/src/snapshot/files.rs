//! The file list of a header: a dozen parallel arrays, which a damaged header may have in different lengths.

use librpm::{Header, Tag, optional};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use redpak::package::{DigestAlgorithm, File, FileFlags, FileState, Verified};

use super::columns::Columns;
use super::{in_package, low_32_bits, to_os};
use crate::error::Result;

/// What is read here, for errors.
const FILES: &str = "file lists";
/// The number that stands for MD5, which headers without the tag mean.
const MD5: u64 = 1;

/// All files, in the order of the header; their states as `installed` has them, which may be another view of the same header.
pub(super) fn read(header: &Header<'_>, installed: &Header<'_>) -> Result<Vec<File>> {
    let paths = paths(header)?;
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let columns = Columns {
        header,
        what: FILES,
        count: paths.len(),
    };
    let algorithm = optional(header.number(Tag::FILEDIGESTALGO)).map_err(in_package(header))?;
    let algorithm = DigestAlgorithm::from_number(low_32_bits(algorithm.unwrap_or(MD5)));
    let modes = columns.numbers(Tag::FILEMODES)?;
    let sizes = columns.numbers(sizes_tag(header))?;
    let mtimes = columns.numbers(Tag::FILEMTIMES)?;
    let flags = columns.numbers(Tag::FILEFLAGS)?;
    let verified = header
        .has(Tag::FILEVERIFYFLAGS)
        .then(|| columns.numbers(Tag::FILEVERIFYFLAGS));
    let verified = verified.transpose()?;
    let states = Columns {
        header: installed,
        ..columns
    }
    .numbers(Tag::FILESTATES)?;
    let languages = columns.strings(Tag::FILELANGS)?;
    let devices = columns.numbers(Tag::FILEDEVICES)?;
    let inodes = columns.numbers(Tag::FILEINODES)?;
    let colors = columns.numbers(Tag::FILECOLORS)?;
    let mut digests = columns.strings(Tag::FILEDIGESTS)?;
    let mut users = columns.strings(Tag::FILEUSERNAME)?;
    let mut groups = columns.strings(Tag::FILEGROUPNAME)?;
    let mut targets = columns.strings(Tag::FILELINKTOS)?;
    let mut capabilities = columns.strings(Tag::FILECAPS)?;
    let files = paths.into_iter().enumerate().map(|(index, path)| File {
        path,
        // Modes are 16 bits wide in the header.
        mode: low_32_bits(modes[index]) & 0xffff,
        size: sizes[index],
        mtime: low_32_bits(mtimes[index]),
        digest: not_empty(&mut digests[index]).map(|digest| digest.to_string_lossy().into_owned()),
        digest_algorithm: algorithm,
        flags: FileFlags(low_32_bits(flags[index])),
        verified: verified
            .as_ref()
            .map_or(Verified::ALL, |verified| Verified(low_32_bits(verified[index]))),
        has_language: !languages[index].is_empty(),
        state: FileState::from_number(states[index]),
        user: std::mem::take(&mut users[index]),
        group: std::mem::take(&mut groups[index]),
        link_target: not_empty(&mut targets[index]).map(PathBuf::from),
        hard_link_id: (low_32_bits(devices[index]), low_32_bits(inodes[index])),
        color: low_32_bits(colors[index]),
        capabilities: not_empty(&mut capabilities[index]),
    });
    Ok(files.collect())
}

fn not_empty(value: &mut OsString) -> Option<OsString> {
    (!value.is_empty()).then(|| std::mem::take(value))
}

/// The paths: directory names, each used by many files, and base names. Ancient headers have whole paths.
fn paths(header: &Header<'_>) -> Result<Vec<PathBuf>> {
    let error = in_package(header);
    let strings = |tag| -> Result<Option<Vec<OsString>>> {
        let Some(mut data) = optional(header.get(tag)).map_err(&error)? else {
            return Ok(None);
        };
        let strings = data.strings().map_err(&error)?;
        Ok(Some(strings.into_iter().map(to_os).collect()))
    };
    let Some(base_names) = strings(Tag::BASENAMES)? else {
        return Ok(strings(Tag::OLDFILENAMES)?
            .unwrap_or_default()
            .into_iter()
            .map(PathBuf::from)
            .collect());
    };
    let directories = strings(Tag::DIRNAMES)?.unwrap_or_default();
    let columns = Columns {
        header,
        what: FILES,
        count: base_names.len(),
    };
    let indexes = columns.numbers(Tag::DIRINDEXES)?;
    base_names
        .into_iter()
        .zip(indexes)
        .map(|(base_name, index)| {
            let directory = usize::try_from(index).ok().and_then(|index| directories.get(index));
            let directory = directory.ok_or_else(|| columns.malformed("directory names and indexes"))?;
            let mut path = directory.clone().into_vec();
            path.extend_from_slice(&base_name.into_vec());
            Ok(PathBuf::from(OsString::from_vec(path)))
        })
        .collect()
}

/// Sizes stand under another tag when one of them is beyond 4 GiB.
fn sizes_tag(header: &Header<'_>) -> Tag {
    if header.has(Tag::LONGFILESIZES) {
        Tag::LONGFILESIZES
    } else {
        Tag::FILESIZES
    }
}
