//! What headers say of packages for people: licences, vendors, digests of package files.

use librpm::{Engine, Header, Tag, TagError, VerifyFlags, optional};
use std::collections::HashMap;
use std::ffi::OsString;

use redpak::coherency::Level;
use redpak::package::DigestAlgorithm;
use redpak::sbom::Details;

use crate::coherency::Place;
use crate::error::Result;
use crate::node_database::NodeDatabase;

/// The details of each package of a family that [`crate::coherency::examine`] has read, in its order.
///
/// # Errors
/// When an rpmdb has become unreadable since.
pub fn read(engine: &Engine, places: &[Place], family: &[Level]) -> Result<Vec<Vec<Details>>> {
    let levels = places.iter().zip(family);
    levels.map(|(place, level)| of_level(engine, place, level)).collect()
}

fn of_level(engine: &Engine, place: &Place, level: &Level) -> Result<Vec<Details>> {
    let database = match &place.rpmdb {
        Some(directory) => NodeDatabase::locate_at(&place.root, directory)?,
        None => NodeDatabase::locate(engine, &place.root)?,
    };
    // The headers were checked when their packages were read.
    let flags = VerifyFlags::NO_SIGNATURES | VerifyFlags::NO_DIGESTS | VerifyFlags::NO_HEADER_CHECK;
    let opened = database.open_with(engine, flags)?;
    let mut found = HashMap::new();
    for header in opened.headers()? {
        let header = header?;
        let details = of(&header).map_err(|source| header.tag_error(source))?;
        found.insert(header.number_in_database(), details);
    }
    let numbers = level.packages.iter().map(|package| package.header_number);
    Ok(numbers
        .map(|number| found.remove(&number).unwrap_or_default())
        .collect())
}

fn of(header: &Header<'_>) -> Result<Details, TagError> {
    let text = |tag| Ok(optional(header.string(tag))?.map(|text: OsString| text.to_string_lossy().into_owned()));
    Ok(Details {
        license: text(Tag::LICENSE)?,
        vendor: text(Tag::VENDOR)?,
        url: text(Tag::URL)?,
        summary: text(Tag::SUMMARY)?,
        source_package: text(Tag::SOURCERPM)?,
        digests: digests(header)?,
        installed: optional(header.number(Tag::INSTALLTIME))?,
    })
}

fn digests(header: &Header<'_>) -> Result<Vec<(DigestAlgorithm, String)>, TagError> {
    let (Some(mut digests), Some(mut algorithms)) = (
        optional(header.get(Tag::PACKAGEDIGESTS))?,
        optional(header.get(Tag::PACKAGEDIGESTALGOS))?,
    ) else {
        return Ok(Vec::new());
    };
    let digests = digests
        .strings()?
        .into_iter()
        .map(|text| String::from_utf8_lossy(text).into_owned());
    let algorithms = algorithms.numbers()?.into_iter();
    // A number that does not fit is none of OpenPGP's.
    let algorithms = algorithms.map(|number| DigestAlgorithm::from_number(u32::try_from(number).unwrap_or(u32::MAX)));
    Ok(algorithms.zip(digests).collect())
}
