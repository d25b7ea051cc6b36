//! One repository.

use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;

use dnf5_sys as raw;

use super::base::Base;
use super::config::OptionPriority;
use super::download_callbacks::{self, DownloadCallbacks, DownloadState};
use super::error::Result;
use super::handle::Owned;
use super::strings::{bytes, take};

number_enum! {
    /// What a repository holds.
    pub enum RepoType {
        /// Packages that can be installed.
        Available = RDNF5_REPO_AVAILABLE,
        /// The installed packages.
        System = RDNF5_REPO_SYSTEM,
        /// Package files of the command line.
        Commandline = RDNF5_REPO_COMMANDLINE,
    }
    else Available
}

number_enum! {
    /// When metadata is downloaded.
    pub enum SyncStrategy {
        /// Only when there is none in the cache.
        Lazy = RDNF5_SYNC_LAZY,
        /// Never.
        OnlyCache = RDNF5_SYNC_ONLY_CACHE,
        /// When that in the cache has expired.
        TryCache = RDNF5_SYNC_TRY_CACHE,
    }
    else TryCache
}

number_enum! {
    /// What to remove from a repository's cache.
    pub enum CachePart {
        /// Everything.
        All = RDNF5_REPO_CACHE_ALL,
        /// The metadata.
        Metadata = RDNF5_REPO_CACHE_METADATA,
        /// Downloaded packages.
        Packages = RDNF5_REPO_CACHE_PACKAGES,
        /// The solver's files made from the metadata.
        SolvFiles = RDNF5_REPO_CACHE_SOLV_FILES,
        /// Nothing, but the metadata counts as expired.
        Expire = RDNF5_REPO_CACHE_EXPIRE,
    }
    else All
}

/// What was removed from a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStatistics {
    /// Files and links.
    pub files: u64,
    /// Directories.
    pub directories: u64,
    /// Bytes.
    pub bytes: u64,
    /// What could not be removed.
    pub errors: u64,
}

/// Removes a part of the cache of one repository, which lies in `directory`.
pub(crate) fn remove_cache(base: &Base<'_>, directory: &OsStr, part: CachePart) -> Result<CacheStatistics> {
    let mut statistics = raw::Rdnf5RepoCacheStatistics {
        files: 0,
        directories: 0,
        bytes: 0,
        errors: 0,
    };
    call!(rdnf5_repo_cache_remove(
        base.raw(),
        bytes(directory),
        part.number(),
        &raw mut statistics
    ))?;
    let raw::Rdnf5RepoCacheStatistics {
        files,
        directories,
        bytes,
        errors,
    } = statistics;
    Ok(CacheStatistics {
        files,
        directories,
        bytes,
        errors,
    })
}

/// A repository of a base.
#[derive(Debug)]
pub struct Repo<'b> {
    handle: Owned<raw::Rdnf5Repo>,
    base: PhantomData<&'b Base<'b>>,
}

impl Repo<'_> {
    pub(crate) fn from_handle(handle: Owned<raw::Rdnf5Repo>) -> Self {
        Self {
            handle,
            base: PhantomData,
        }
    }

    fn raw(&self) -> *mut raw::Rdnf5Repo {
        self.handle.raw()
    }

    fn string(&self, field: u32) -> Result<OsString> {
        string!(rdnf5_repo_get_string_copy(self.raw(), field))
    }

    fn number(&self, field: u32) -> Result<i64> {
        value!(0_i64, rdnf5_repo_get_number(self.raw(), field))
    }

    fn strings(&self, field: u32) -> Result<Vec<OsString>> {
        strings!(rdnf5_repo_get_strings_copy(self.raw(), field))
    }

    fn pairs(&self, field: u32) -> Result<Vec<(OsString, OsString)>> {
        let mut strings = self.strings(field)?.into_iter();
        Ok(std::iter::from_fn(|| strings.next().zip(strings.next())).collect())
    }

    fn act(&self, action: u32) -> Result<()> {
        call!(rdnf5_repo_do(self.raw(), action))
    }

    /// Its id.
    pub fn id(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_ID)
    }

    /// Its name.
    pub fn name(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_NAME)
    }

    /// The revision of its metadata. Like timestamps and tags it is known after loading or
    /// [`read_metadata_cache`](Self::read_metadata_cache).
    pub fn revision(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_REVISION)
    }

    /// The file that declares it.
    pub fn repo_file_path(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_FILE_PATH)
    }

    /// Where its metadata and packages are cached.
    pub fn cachedir(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_CACHEDIR)
    }

    /// Where its lasting data is kept.
    pub fn persistdir(&self) -> Result<OsString> {
        self.string(raw::RDNF5_REPO_PERSISTDIR)
    }

    /// Whether it takes part.
    pub fn is_enabled(&self) -> Result<bool> {
        self.number(raw::RDNF5_REPO_IS_ENABLED).map(|value| value != 0)
    }

    /// Whether all its sources are on this machine.
    pub fn is_local(&self) -> Result<bool> {
        self.number(raw::RDNF5_REPO_IS_LOCAL).map(|value| value != 0)
    }

    /// What it holds.
    pub fn repo_type(&self) -> Result<RepoType> {
        // An unknown number is beyond u32 as little as any other.
        self.number(raw::RDNF5_REPO_TYPE)
            .map(|value| RepoType::from_number(value as u32))
    }

    /// Its relative cost.
    pub fn cost(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_COST)
    }

    /// Its priority; lower is preferred.
    pub fn priority(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_PRIORITY)
    }

    /// Seconds since its metadata was synchronised.
    pub fn age(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_AGE)
    }

    /// Whether its metadata has expired.
    pub fn is_expired(&self) -> Result<bool> {
        self.number(raw::RDNF5_REPO_IS_EXPIRED).map(|value| value != 0)
    }

    /// Seconds until its metadata expires; negative when it has.
    pub fn expires_in(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_EXPIRES_IN)
    }

    /// When its metadata was synchronised, in seconds since the epoch.
    pub fn timestamp(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_TIMESTAMP)
    }

    /// The newest time stamp in its metadata, in seconds since the epoch.
    pub fn max_timestamp(&self) -> Result<i64> {
        self.number(raw::RDNF5_REPO_MAX_TIMESTAMP)
    }

    /// When metadata is downloaded.
    pub fn sync_strategy(&self) -> Result<SyncStrategy> {
        self.number(raw::RDNF5_REPO_SYNC_STRATEGY)
            .map(|value| SyncStrategy::from_number(value as u32))
    }

    /// Chooses when metadata is downloaded.
    pub fn set_sync_strategy(&self, strategy: SyncStrategy) -> Result<()> {
        call!(rdnf5_repo_set_sync_strategy(self.raw(), strategy.number()))
    }

    /// Its mirrors.
    pub fn mirrors(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_REPO_MIRRORS)
    }

    /// The content tags of its metadata.
    pub fn content_tags(&self) -> Result<Vec<OsString>> {
        self.strings(raw::RDNF5_REPO_CONTENT_TAGS)
    }

    /// The distribution tags of its metadata: CPE id and tag.
    pub fn distro_tags(&self) -> Result<Vec<(OsString, OsString)>> {
        self.pairs(raw::RDNF5_REPO_DISTRO_TAGS)
    }

    /// The types of its metadata and their places.
    pub fn metadata_locations(&self) -> Result<Vec<(OsString, OsString)>> {
        self.pairs(raw::RDNF5_REPO_METADATA_LOCATIONS)
    }

    /// The cached file of a type of metadata (`primary`), if there is one.
    pub fn metadata_path(&self, metadata: impl AsRef<OsStr>) -> Result<Option<OsString>> {
        let path = string!(rdnf5_repo_metadata_path_copy(self.raw(), bytes(metadata.as_ref())))?;
        Ok((!path.is_empty()).then_some(path))
    }

    /// Makes it take part.
    pub fn enable(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_ENABLE)
    }

    /// Makes it take no part.
    pub fn disable(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_DISABLE)
    }

    /// Marks its cached metadata as out of date.
    pub fn expire(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_EXPIRE)
    }

    /// Reads revision, timestamps and tags from the cache, for a repository that is not loaded.
    pub fn read_metadata_cache(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_READ_METADATA_CACHE)
    }

    /// Fails when its configuration names no source of metadata.
    pub fn verify(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_VERIFY)
    }

    /// Downloaded files get the times that they have at their source.
    pub fn preserve_remote_time(&self) -> Result<()> {
        self.act(raw::RDNF5_REPO_PRESERVE_REMOTE_TIME)
    }

    /// The names of all options of a repository.
    pub fn options(&self) -> Result<Vec<OsString>> {
        strings!(rdnf5_repo_options_copy(self.raw()))
    }

    /// Sets an option to a value as it would stand in a repository file (`--setopt=ID.OPTION=VALUE`).
    pub fn set_option(
        &self,
        option: impl AsRef<OsStr>,
        value: impl AsRef<OsStr>,
        priority: OptionPriority,
    ) -> Result<()> {
        let (option, value) = (bytes(option.as_ref()), bytes(value.as_ref()));
        call!(rdnf5_repo_set_option(self.raw(), option, value, priority.number()))
    }

    /// An option's value as text.
    pub fn option(&self, option: impl AsRef<OsStr>) -> Result<OsString> {
        self.option_with_priority(option).map(|(value, _)| value)
    }

    /// An option's value as text, and who set it.
    pub fn option_with_priority(&self, option: impl AsRef<OsStr>) -> Result<(OsString, OptionPriority)> {
        let mut priority = 0;
        let option = bytes(option.as_ref());
        let value = Owned::new(|out| call!(rdnf5_repo_get_option_copy(self.raw(), option, out, &raw mut priority)))?;
        Ok((take(&value), OptionPriority::from_number(priority)))
    }

    /// Downloads its metadata to a directory.
    pub fn download_metadata(
        &self,
        base: &Base<'_>,
        destdir: impl AsRef<OsStr>,
        downloads: &mut dyn DownloadCallbacks,
    ) -> Result<()> {
        let mut state = DownloadState::new(downloads);
        let callbacks = download_callbacks::to_raw(&mut state);
        let result = base.with_callbacks(|| {
            call!(rdnf5_repo_download_metadata(
                self.raw(),
                bytes(destdir.as_ref()),
                &raw const callbacks
            ))
        });
        state.resume();
        result
    }
}
