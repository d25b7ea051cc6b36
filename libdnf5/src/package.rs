//! One package, installed or available.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::error::Result;
use super::handle::Owned;
use super::strings::bytes;

number_enum! {
    /// Why a package is installed.
    pub enum Reason {
        /// Not known, or not installed.
        None = RDNF5_REASON_NONE,
        /// Something requires it.
        Dependency = RDNF5_REASON_DEPENDENCY,
        /// The user wanted it.
        User = RDNF5_REASON_USER,
        /// Nothing needs it any more.
        Clean = RDNF5_REASON_CLEAN,
        /// Something recommends it.
        WeakDependency = RDNF5_REASON_WEAK_DEPENDENCY,
        /// A group has it.
        Group = RDNF5_REASON_GROUP,
        /// The user wanted it, and installed it with another tool.
        ExternalUser = RDNF5_REASON_EXTERNAL_USER,
    }
    else None
}

number_enum! {
    /// What came of checking a signature.
    pub enum SignatureResult {
        /// It is good.
        Ok = RDNF5_SIGNATURE_OK,
        /// It was not checked.
        Skipped = RDNF5_SIGNATURE_SKIPPED,
        /// Its key is not in the keyring.
        FailedKeyMissing = RDNF5_SIGNATURE_FAILED_KEY_MISSING,
        /// Its key is not trusted.
        FailedNotTrusted = RDNF5_SIGNATURE_FAILED_NOT_TRUSTED,
        /// There is none.
        FailedNotSigned = RDNF5_SIGNATURE_FAILED_NOT_SIGNED,
        /// It is bad.
        Failed = RDNF5_SIGNATURE_FAILED,
    }
    else Failed
}

/// How to download packages.
#[derive(Debug, Clone, Copy, Default)]
pub struct PackageDownload<'a> {
    /// A directory; none: the cache.
    pub destination: Option<&'a OsStr>,
    /// Go on with a download that was interrupted.
    pub resume: bool,
    /// Stop at the first failure.
    pub fail_fast: bool,
}

/// A digest and its algorithm, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// Such as `sha256`.
    pub algorithm: OsString,
    /// In hexadecimal.
    pub value: OsString,
}

/// One entry of a package's change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changelog {
    /// Seconds since the epoch.
    pub timestamp: i64,
    /// Who wrote it.
    pub author: OsString,
    /// What changed.
    pub text: OsString,
}

/// A package.
#[derive(Debug)]
pub struct Package<'b> {
    handle: Owned<raw::Rdnf5Package>,
    base: PhantomData<&'b Base<'b>>,
}

/// Declares getters that are all alike.
macro_rules! getters {
    ($($(#[$attribute:meta])* $name:ident: $kind:ident = $field:ident;)+) => {$(
        $(#[$attribute])*
        pub fn $name(&self) -> Result<getters!(@type $kind)> {
            getters!(@get self, $kind, raw::$field)
        }
    )+};
    (@type string) => { OsString };
    (@type strings) => { Vec<OsString> };
    (@type number) => { u64 };
    (@type flag) => { bool };
    (@get $self:ident, string, $field:expr) => { string!(rdnf5_package_get_string_copy($self.raw(), $field)) };
    (@get $self:ident, strings, $field:expr) => { strings!(rdnf5_package_get_strings_copy($self.raw(), $field)) };
    (@get $self:ident, number, $field:expr) => { value!(0_u64, rdnf5_package_get_number($self.raw(), $field)) };
    (@get $self:ident, flag, $field:expr) => {
        value!(0_u64, rdnf5_package_get_number($self.raw(), $field)).map(|value| value != 0)
    };
}

impl<'b> Package<'b> {
    pub(crate) fn from_handle(handle: Owned<raw::Rdnf5Package>) -> Self {
        Self {
            handle,
            base: PhantomData,
        }
    }

    pub(crate) fn raw(&self) -> *mut raw::Rdnf5Package {
        self.handle.raw()
    }

    /// Another handle of the same package.
    pub fn try_clone(&self) -> Result<Package<'b>> {
        object!(rdnf5_package_copy(self.raw())).map(Self::from_handle)
    }

    getters! {
        /// Its name.
        name: string = RDNF5_PACKAGE_NAME;
        /// Its epoch, `0` when it has none.
        epoch: string = RDNF5_PACKAGE_EPOCH;
        /// Its version.
        version: string = RDNF5_PACKAGE_VERSION;
        /// Its release.
        release: string = RDNF5_PACKAGE_RELEASE;
        /// Its architecture.
        arch: string = RDNF5_PACKAGE_ARCH;
        /// Epoch (unless it is 0), version and release.
        evr: string = RDNF5_PACKAGE_EVR;
        /// Name, epoch (unless it is 0), version, release and architecture.
        nevra: string = RDNF5_PACKAGE_NEVRA;
        /// Name, epoch, version, release and architecture.
        full_nevra: string = RDNF5_PACKAGE_FULL_NEVRA;
        /// Name and architecture.
        na: string = RDNF5_PACKAGE_NA;
        /// Its rpm group.
        group: string = RDNF5_PACKAGE_GROUP;
        /// Its licence.
        license: string = RDNF5_PACKAGE_LICENSE;
        /// The name of its source package.
        source_name: string = RDNF5_PACKAGE_SOURCE_NAME;
        /// The name of its debugsource package.
        debugsource_name: string = RDNF5_PACKAGE_DEBUGSOURCE_NAME;
        /// The name of the debuginfo package of its source package.
        debuginfo_name_of_source: string = RDNF5_PACKAGE_DEBUGINFO_NAME_OF_SOURCE;
        /// The name of its debuginfo package.
        debuginfo_name: string = RDNF5_PACKAGE_DEBUGINFO_NAME;
        /// The file name of its source package.
        sourcerpm: string = RDNF5_PACKAGE_SOURCERPM;
        /// Who packaged it.
        packager: string = RDNF5_PACKAGE_PACKAGER;
        /// Its vendor.
        vendor: string = RDNF5_PACKAGE_VENDOR;
        /// Its web page.
        url: string = RDNF5_PACKAGE_URL;
        /// One line on what it is.
        summary: string = RDNF5_PACKAGE_SUMMARY;
        /// What it is.
        description: string = RDNF5_PACKAGE_DESCRIPTION;
        /// The base URL that its location is relative to, when it has one of its own.
        baseurl: string = RDNF5_PACKAGE_BASEURL;
        /// Its place in the repository.
        location: string = RDNF5_PACKAGE_LOCATION;
        /// Its file in the cache or, for a file of the command line, the file; downloaded or not.
        package_path: string = RDNF5_PACKAGE_PACKAGE_PATH;
        /// The repository that it was installed from.
        from_repo_id: string = RDNF5_PACKAGE_FROM_REPO_ID;
        /// The repository that it is in.
        repo_id: string = RDNF5_PACKAGE_REPO_ID;
        /// The name of the repository that it is in.
        repo_name: string = RDNF5_PACKAGE_REPO_NAME;
        /// The digest of its header.
        hdr_checksum: string = RDNF5_PACKAGE_HDR_CHECKSUM;

        /// Identifies the package within its base.
        id: number = RDNF5_PACKAGE_ID;
        /// The size of its file.
        download_size: number = RDNF5_PACKAGE_DOWNLOAD_SIZE;
        /// The size of what it installs.
        install_size: number = RDNF5_PACKAGE_INSTALL_SIZE;
        /// When it was built, in seconds since the epoch.
        build_time: number = RDNF5_PACKAGE_BUILD_TIME;
        /// When it was installed, in seconds since the epoch.
        install_time: number = RDNF5_PACKAGE_INSTALL_TIME;
        /// The offset of the end of its header.
        hdr_end: number = RDNF5_PACKAGE_HDR_END;
        /// Which medium it is on.
        media_number: number = RDNF5_PACKAGE_MEDIA_NUMBER;
        /// The header's number in the rpm database; 0 when it is not installed.
        rpmdbid: number = RDNF5_PACKAGE_RPMDBID;

        /// Whether it is installed.
        is_installed: flag = RDNF5_PACKAGE_IS_INSTALLED;
        /// Whether an exclude hides it.
        is_excluded: flag = RDNF5_PACKAGE_IS_EXCLUDED;
        /// Whether its file is on this machine.
        is_available_locally: flag = RDNF5_PACKAGE_IS_AVAILABLE_LOCALLY;
        /// Whether its repository's configuration wants its signature checked.
        is_pkg_gpgcheck_enabled: flag = RDNF5_PACKAGE_IS_PKG_GPGCHECK_ENABLED;

        /// What it provides.
        provides: strings = RDNF5_PACKAGE_PROVIDES;
        /// What it requires.
        requires: strings = RDNF5_PACKAGE_REQUIRES;
        /// What its scriptlets require.
        requires_pre: strings = RDNF5_PACKAGE_REQUIRES_PRE;
        /// What it conflicts with.
        conflicts: strings = RDNF5_PACKAGE_CONFLICTS;
        /// What it obsoletes.
        obsoletes: strings = RDNF5_PACKAGE_OBSOLETES;
        /// What only its installation requires.
        prereq_ignoreinst: strings = RDNF5_PACKAGE_PREREQ_IGNOREINST;
        /// What it requires, but for its scriptlets.
        regular_requires: strings = RDNF5_PACKAGE_REGULAR_REQUIRES;
        /// What it recommends.
        recommends: strings = RDNF5_PACKAGE_RECOMMENDS;
        /// What it suggests.
        suggests: strings = RDNF5_PACKAGE_SUGGESTS;
        /// What it enhances.
        enhances: strings = RDNF5_PACKAGE_ENHANCES;
        /// What it supplements.
        supplements: strings = RDNF5_PACKAGE_SUPPLEMENTS;
        /// All that it depends on, weak dependencies included.
        depends: strings = RDNF5_PACKAGE_DEPENDS;
        /// Its files. For an available package they need the `filelists` metadata, but for the usual binaries and `/etc`.
        files: strings = RDNF5_PACKAGE_FILES;
        /// The URLs to get it from.
        remote_locations: strings = RDNF5_PACKAGE_REMOTE_LOCATIONS;
    }

    /// Why it is installed.
    pub fn reason(&self) -> Result<Reason> {
        // Enumerators fit in 32 bits.
        value!(0_u64, rdnf5_package_get_number(self.raw(), raw::RDNF5_PACKAGE_REASON))
            .map(|number| Reason::from_number(number as u32))
    }

    /// The digest of its file.
    pub fn checksum(&self) -> Result<Checksum> {
        Ok(Checksum {
            algorithm: string!(rdnf5_package_get_string_copy(
                self.raw(),
                raw::RDNF5_PACKAGE_CHECKSUM_TYPE
            ))?,
            value: string!(rdnf5_package_get_string_copy(self.raw(), raw::RDNF5_PACKAGE_CHECKSUM))?,
        })
    }

    /// Its change log. For an available package it needs the `other` metadata.
    pub fn changelogs(&self) -> Result<Vec<Changelog>> {
        let mut strings = strings!(rdnf5_package_get_strings_copy(
            self.raw(),
            raw::RDNF5_PACKAGE_CHANGELOGS
        ))?
        .into_iter();
        Ok(std::iter::from_fn(|| changelog(&mut strings)).collect())
    }
}

fn changelog(strings: &mut impl Iterator<Item = OsString>) -> Option<Changelog> {
    let (timestamp, author, text) = (strings.next()?, strings.next()?, strings.next()?);
    // The shim writes a number.
    let timestamp = timestamp
        .to_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    Some(Changelog {
        timestamp,
        author,
        text,
    })
}

/// The packages of a list of the shim.
pub(crate) fn list<'b>(list: &Owned<raw::Rdnf5PackageList>) -> Result<Vec<Package<'b>>> {
    // SAFETY: the list lives during the call.
    unsafe { copy_list(list.raw()) }
}

/// # Safety
/// The list lives during the call.
pub(crate) unsafe fn copy_list<'b>(list: *const raw::Rdnf5PackageList) -> Result<Vec<Package<'b>>> {
    // SAFETY: the caller promises that the list lives.
    let size = unsafe { raw::rdnf5_package_list_size(list) };
    (0..size)
        .map(|index| object!(rdnf5_package_list_get_copy(list, index)).map(Package::from_handle))
        .collect()
}

/// Compares two versions (or releases) as rpm does.
pub fn rpmvercmp(left: impl AsRef<OsStr>, right: impl AsRef<OsStr>) -> Result<Ordering> {
    value!(0_i32, rdnf5_rpmvercmp(bytes(left.as_ref()), bytes(right.as_ref()))).map(|order| order.cmp(&0))
}
