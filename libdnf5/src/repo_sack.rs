//! All repositories of a base: making and loading them.

use std::ffi::OsStr;
use std::ptr;

use super::base::Base;
use super::config::OptionPriority;
use super::download_callbacks::{self, DownloadCallbacks, DownloadState};
use super::error::Result;
use super::package::{self, Package};
use super::package_query::PackageQuery;
use super::repo::{self, CachePart, CacheStatistics, Repo};
use super::repo_callbacks::{self, KeyState, RepoCallbacks};
use super::strings::{bytes, bytes_list};

number_enum! {
    /// Which repositories to load.
    pub enum Load {
        /// The enabled ones.
        Available = RDNF5_REPO_AVAILABLE,
        /// The installed packages.
        System = RDNF5_REPO_SYSTEM,
        /// Both.
        All = RDNF5_REPO_ALL,
    }
    else All
}

/// The repositories of a base.
#[derive(Debug, Clone, Copy)]
pub struct RepoSack<'b> {
    base: &'b Base<'b>,
}

impl<'b> RepoSack<'b> {
    pub(crate) fn new(base: &'b Base<'_>) -> Self {
        Self { base }
    }

    /// Makes the repositories of the main configuration file and of all configured directories, overrides included.
    pub fn create_repos_from_system_configuration(self) -> Result<()> {
        call!(rdnf5_repo_sack_create_repos_from_system_configuration(self.base.raw()))
    }

    /// Makes the repositories of all configured directories.
    pub fn create_repos_from_reposdir(self) -> Result<()> {
        call!(rdnf5_repo_sack_create_repos_from_reposdir(self.base.raw()))
    }

    /// Makes the repositories of a directory's `.repo` files.
    pub fn create_repos_from_dir(self, path: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_repo_sack_create_repos_from_dir(
            self.base.raw(),
            bytes(path.as_ref())
        ))
    }

    /// Makes the repositories of a file.
    pub fn create_repos_from_file(self, path: impl AsRef<OsStr>) -> Result<()> {
        call!(rdnf5_repo_sack_create_repos_from_file(
            self.base.raw(),
            bytes(path.as_ref())
        ))
    }

    /// Makes enabled repositories from ids and paths or URLs (`--repofrompath`).
    pub fn create_repos_from_paths<S: AsRef<OsStr>>(self, repos: &[(S, S)], priority: OptionPriority) -> Result<()> {
        let ids: Vec<_> = repos.iter().map(|(id, _)| bytes(id.as_ref())).collect();
        let paths: Vec<_> = repos.iter().map(|(_, path)| bytes(path.as_ref())).collect();
        call!(rdnf5_repo_sack_create_repos_from_paths(
            self.base.raw(),
            ids.as_ptr(),
            paths.as_ptr(),
            ids.len(),
            priority.number()
        ))
    }

    /// Makes a repository to be configured by [`Repo::set_option`].
    pub fn create_repo(self, id: impl AsRef<OsStr>) -> Result<Repo<'b>> {
        object!(rdnf5_repo_sack_create_repo(self.base.raw(), bytes(id.as_ref()))).map(Repo::from_handle)
    }

    /// The installed packages as a repository.
    pub fn system_repo(self) -> Result<Repo<'b>> {
        object!(rdnf5_repo_sack_get_system_repo(self.base.raw())).map(Repo::from_handle)
    }

    /// Enables the source repository of each enabled one.
    pub fn enable_source_repos(self) -> Result<()> {
        call!(rdnf5_repo_sack_enable_source_repos(self.base.raw()))
    }

    /// Enables the debug repository of each enabled one.
    pub fn enable_debug_repos(self) -> Result<()> {
        call!(rdnf5_repo_sack_enable_debug_repos(self.base.raw()))
    }

    /// Loads repositories, downloading what is missing. Each kind once in a base's life.
    pub fn load_repos(
        self,
        load: Load,
        downloads: &mut dyn DownloadCallbacks,
        keys: &mut dyn RepoCallbacks,
    ) -> Result<()> {
        let (mut downloads, mut keys) = (DownloadState::new(downloads), KeyState::new(keys));
        let (raw_downloads, raw_keys) = (
            download_callbacks::to_raw(&mut downloads),
            repo_callbacks::to_raw(&mut keys),
        );
        let result = self.base.with_callbacks(|| {
            call!(rdnf5_repo_sack_load_repos(
                self.base.raw(),
                load.number(),
                &raw const raw_downloads,
                &raw const raw_keys
            ))
        });
        downloads.resume();
        keys.resume();
        result
    }

    /// Opens package files and URLs; the packages come in the order of `paths`.
    pub fn add_cmdline_packages<S: AsRef<OsStr>>(
        self,
        paths: &[S],
        downloads: &mut dyn DownloadCallbacks,
    ) -> Result<Vec<Package<'b>>> {
        let paths = bytes_list(paths);
        let mut state = DownloadState::new(downloads);
        let callbacks = download_callbacks::to_raw(&mut state);
        let result = self.base.with_callbacks(|| {
            let (base, list, count) = (self.base.raw(), paths.as_ptr(), paths.len());
            object!(rdnf5_repo_sack_add_cmdline_packages(
                base,
                list,
                count,
                &raw const callbacks
            ))
        });
        state.resume();
        package::list(&result?)
    }

    /// Cleans the cache of one repository, which lies in `directory`.
    pub fn remove_cache(self, directory: impl AsRef<OsStr>, part: CachePart) -> Result<CacheStatistics> {
        repo::remove_cache(self.base, directory.as_ref(), part)
    }

    /// Applies the excludes and includes of the configuration again, after options were changed.
    pub fn load_config_excludes_includes(self) -> Result<()> {
        call!(rdnf5_package_sack_load_config_excludes_includes(self.base.raw()))
    }

    /// Hides packages from every query and goal.
    pub fn add_user_excludes(self, excludes: &PackageQuery<'_>) -> Result<()> {
        call!(rdnf5_package_sack_add_user_excludes(
            self.base.raw(),
            excludes.raw().cast_const()
        ))
    }

    /// Downloads packages to the cache, or to a directory.
    pub fn download(
        self,
        packages: &[Package<'_>],
        how: &package::PackageDownload<'_>,
        downloads: &mut dyn DownloadCallbacks,
    ) -> Result<()> {
        let mut state = DownloadState::new(downloads);
        let callbacks = download_callbacks::to_raw(&mut state);
        let packages: Vec<_> = packages.iter().map(|package| package.raw().cast_const()).collect();
        let destination = how.destination.map_or_else(|| bytes(OsStr::new("")), bytes);
        let result = self.base.with_callbacks(|| {
            call!(rdnf5_package_download(
                self.base.raw(),
                if packages.is_empty() {
                    ptr::null()
                } else {
                    packages.as_ptr()
                },
                packages.len(),
                destination,
                how.resume.into(),
                how.fail_fast.into(),
                &raw const callbacks
            ))
        });
        state.resume();
        result
    }

    /// Downloads a file to a path, with the main options for downloads.
    pub fn download_file(
        self,
        url: impl AsRef<OsStr>,
        path: impl AsRef<OsStr>,
        downloads: &mut dyn DownloadCallbacks,
    ) -> Result<()> {
        let mut state = DownloadState::new(downloads);
        let callbacks = download_callbacks::to_raw(&mut state);
        let (url, path) = (bytes(url.as_ref()), bytes(path.as_ref()));
        let result = self
            .base
            .with_callbacks(|| call!(rdnf5_file_download(self.base.raw(), url, path, &raw const callbacks)));
        state.resume();
        result
    }

    /// Checks the signature of a package file against the installroot's keyring, whatever the configuration says.
    pub fn check_package_signature(self, path: impl AsRef<OsStr>) -> Result<package::SignatureResult> {
        value!(0_u32, rdnf5_rpm_signature_check(self.base.raw(), bytes(path.as_ref())))
            .map(package::SignatureResult::from_number)
    }

    /// Imports all keys of a file or URL into the installroot's keyring, and says how many there are.
    pub fn import_keys(self, url: impl AsRef<OsStr>) -> Result<u64> {
        value!(
            0_u64,
            rdnf5_rpm_signature_import_keys(self.base.raw(), bytes(url.as_ref()))
        )
    }
}
