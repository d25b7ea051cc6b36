//! Reads headers into the plain values of the core.

use librpm::{Engine, Header, Tag, TagError, optional};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use redpak::package::{Comparison, Dependency, NodePackages, Package, Scriptlet};

use crate::error::{Error, Result};
use crate::node_database::NodeDatabase;

mod columns;
mod files;

use self::columns::Columns;

/// The packages of a node, in the order of their header numbers; imported keys are not among them.
///
/// The first damaged header is an error.
pub fn read(engine: &Engine, database: &NodeDatabase) -> Result<NodePackages> {
    Ok(read_with_keys(engine, database)?.0)
}

/// The same, and the imported keys, which rpm keeps as headers.
pub fn read_with_keys(engine: &Engine, database: &NodeDatabase) -> Result<(NodePackages, Vec<Package>)> {
    let opened = database.open(engine)?;
    let (mut packages, mut keys) = (Vec::new(), Vec::new());
    for header in opened.headers()? {
        let header = header?;
        let list = if header.is_public_key() {
            &mut keys
        } else {
            &mut packages
        };
        list.push(package(&header)?);
    }
    packages.sort_by_key(|package| package.header_number);
    let packages = NodePackages {
        node: database.root().into(),
        packages,
    };
    Ok((packages, keys))
}

/// A header as a plain value.
pub fn package(header: &Header<'_>) -> Result<Package> {
    of(header, header)
}

/// A header as a plain value: what its digest and its signature stand for, [`Header::immutable`], and of the rest of it only
/// what rpm notes when it installs (header number, digest, states of files).
pub fn proven(immutable: &Header<'_>, header: &Header<'_>) -> Result<Package> {
    of(immutable, header)
}

fn of(header: &Header<'_>, installed: &Header<'_>) -> Result<Package> {
    let (epoch, digest) = (optional(header.number(Tag::EPOCH)), installed.digest());
    Ok(Package {
        name: string(header, Tag::NAME)?,
        epoch: epoch.map_err(in_package(header))?.map(low_32_bits),
        version: string(header, Tag::VERSION)?,
        release: string(header, Tag::RELEASE)?,
        arch: optional(header.string(Tag::ARCH)).map_err(in_package(header))?,
        header_number: installed.number_in_database(),
        header_digest: digest.map_err(in_package(header))?,
        signed: installed.has_signature(),
        provides: dependencies(header, [Tag::PROVIDENAME, Tag::PROVIDEVERSION, Tag::PROVIDEFLAGS])?,
        requires: dependencies(header, [Tag::REQUIRENAME, Tag::REQUIREVERSION, Tag::REQUIREFLAGS])?,
        conflicts: dependencies(header, [Tag::CONFLICTNAME, Tag::CONFLICTVERSION, Tag::CONFLICTFLAGS])?,
        obsoletes: dependencies(header, [Tag::OBSOLETENAME, Tag::OBSOLETEVERSION, Tag::OBSOLETEFLAGS])?,
        files: files::read(header, installed)?,
        scriptlets: scriptlets(header),
        expands_macros: expands_macros(header)?,
    })
}

fn string(header: &Header<'_>, tag: Tag) -> Result<OsString> {
    header.string(tag).map_err(in_package(header))
}

/// Read as they stand: a dependency set of librpm's makes a pool of strings for each.
fn dependencies(header: &Header<'_>, [names, versions, flags]: [Tag; 3]) -> Result<Vec<Dependency>> {
    let Some(mut data) = optional(header.get(names)).map_err(in_package(header))? else {
        return Ok(Vec::new());
    };
    let names = data.strings().map_err(in_package(header))?;
    let columns = Columns {
        header,
        what: "dependencies",
        count: names.len(),
    };
    let (versions, flags) = (columns.strings(versions)?, columns.numbers(flags)?);
    let rest = versions.into_iter().zip(flags);
    let dependencies = names.into_iter().zip(rest).map(|(name, (version, flags))| {
        let flags = low_32_bits(flags);
        Dependency {
            name: to_os(name),
            comparison: if version.is_empty() {
                Comparison::Any
            } else {
                Comparison::from_sense(flags)
            },
            version,
            flags,
        }
    });
    Ok(dependencies.collect())
}

/// Each kind of scriptlet with the tags that show it. One without a body still has a program (`%post -p /sbin/ldconfig`).
const SCRIPTLETS: [(Scriptlet, &[Tag]); 12] = [
    (Scriptlet::PreTransaction, &[Tag::PRETRANS, Tag::PRETRANSPROG]),
    (Scriptlet::PreInstall, &[Tag::PREIN, Tag::PREINPROG]),
    (Scriptlet::PostInstall, &[Tag::POSTIN, Tag::POSTINPROG]),
    (Scriptlet::PreUninstall, &[Tag::PREUN, Tag::PREUNPROG]),
    (Scriptlet::PostUninstall, &[Tag::POSTUN, Tag::POSTUNPROG]),
    (Scriptlet::PostTransaction, &[Tag::POSTTRANS, Tag::POSTTRANSPROG]),
    (
        Scriptlet::PreUninstallTransaction,
        &[Tag::PREUNTRANS, Tag::PREUNTRANSPROG],
    ),
    (
        Scriptlet::PostUninstallTransaction,
        &[Tag::POSTUNTRANS, Tag::POSTUNTRANSPROG],
    ),
    (Scriptlet::Verify, &[Tag::VERIFYSCRIPT, Tag::VERIFYSCRIPTPROG]),
    (Scriptlet::Trigger, &[Tag::TRIGGERNAME]),
    (Scriptlet::FileTrigger, &[Tag::FILETRIGGERNAME]),
    (Scriptlet::TransactionFileTrigger, &[Tag::TRANSFILETRIGGERNAME]),
];

fn scriptlets(header: &Header<'_>) -> Vec<Scriptlet> {
    let carried = |tags: &[Tag]| tags.iter().any(|tag| header.has(*tag));
    SCRIPTLETS
        .iter()
        .filter(|(_, tags)| carried(tags))
        .map(|(scriptlet, _)| *scriptlet)
        .collect()
}

/// Where the flags of scriptlets stand.
const SCRIPTLET_FLAGS: [Tag; 12] = [
    Tag::PREINFLAGS,
    Tag::POSTINFLAGS,
    Tag::PREUNFLAGS,
    Tag::POSTUNFLAGS,
    Tag::PRETRANSFLAGS,
    Tag::POSTTRANSFLAGS,
    Tag::PREUNTRANSFLAGS,
    Tag::POSTUNTRANSFLAGS,
    Tag::VERIFYSCRIPTFLAGS,
    Tag::TRIGGERSCRIPTFLAGS,
    Tag::FILETRIGGERSCRIPTFLAGS,
    Tag::TRANSFILETRIGGERSCRIPTFLAGS,
];
/// `RPMSCRIPT_FLAG_EXPAND` of rpm's lib/rpmscript.hh.
const EXPAND: u64 = 1;

fn expands_macros(header: &Header<'_>) -> Result<bool> {
    for tag in SCRIPTLET_FLAGS {
        if let Some(mut data) = optional(header.get(tag)).map_err(in_package(header))? {
            let flags = data.numbers().map_err(in_package(header))?;
            if flags.iter().any(|flags| flags & EXPAND != 0) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Adds the package to an error about one of its tags.
fn in_package(header: &Header<'_>) -> impl Fn(TagError) -> Error {
    |source| header.tag_error(source).into()
}

fn name_of(header: &Header<'_>) -> String {
    header.nevra().to_string_lossy().into_owned()
}

fn to_os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// Header numbers are 32 bits wide even where librpm hands them out wider.
#[expect(clippy::cast_possible_truncation, reason = "that is its purpose")]
fn low_32_bits(number: u64) -> u32 {
    number as u32
}
