//! `reposync`: copies of repositories in directories of the user's.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use librpm::Engine;

use super::Outcome;
use crate::node::Node;
use crate::options::Global;
use crate::options::usage::Usage;
use crate::progress::Downloads;
use crate::session::Session;
use crate::terminal;
use crate::transaction::confine_query_but;
use libdnf5::{
    ExcludeFlags, Load, OptionPriority, Package, PackageDownload, PackageQuery, QueryCmp, Repo, RepoQuery,
    SignatureResult,
};

/// Copies repositories.
#[derive(Debug, Args)]
pub struct Reposync {
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    places: Places,
    /// Delete local packages that the repository does not have any more
    #[arg(long)]
    delete: bool,
    /// Print URLs instead of downloading
    #[arg(short, long)]
    urls: bool,
    /// Remove packages whose signature is not good after downloading
    #[arg(short, long)]
    gpgcheck: bool,
    /// Give the files the times that they have at their source
    #[arg(long)]
    remote_time: bool,
    /// Download the metadata too
    #[arg(long)]
    download_metadata: bool,
}

/// Which packages.
#[derive(Debug, Args)]
struct Choice {
    /// Limit to packages of these architectures
    #[arg(short, long, value_name = "ARCH,...", value_delimiter = ',')]
    arch: Vec<String>,
    /// Download source packages
    #[arg(long, visible_alias = "source")]
    srpm: bool,
    /// Download the newest packages only
    #[arg(short, long)]
    newest_only: bool,
    /// Download only packages that were built then or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    min_buildtime: Option<String>,
}

/// Where they go.
#[derive(Debug, Args)]
struct Places {
    /// Do not add the id of the repository to the path
    #[arg(long)]
    norepopath: bool,
    /// Directory for the repositories [default: the working directory]
    #[arg(long, short_alias = 'p', alias = "download-path", value_name = "DIR")]
    destdir: Option<PathBuf>,
    /// Directory that may be written [default: that of the repository]
    #[arg(long, value_name = "DIR")]
    safe_write_path: Option<PathBuf>,
    /// Directory for the metadata [default: --destdir]
    #[arg(long, value_name = "DIR")]
    metadata_path: Option<PathBuf>,
}

impl Reposync {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let since = self.choice.min_buildtime.as_deref().map(build_time).transpose()?;
        let node = Node::find(global)?;
        let written = if self.urls { Vec::new() } else { self.places.written()? };
        let _confined = confine_query_but(&node, &written)?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        if self.choice.srpm {
            session.base.repo_sack().enable_source_repos()?;
        }
        let repos = RepoQuery::new(&session.base)?.filter_enabled(true)?.list()?;
        self.places.check(&repos)?;
        if self.download_metadata {
            session
                .base
                .config()
                .set("optional_metadata_types", "all", OptionPriority::Runtime)?;
        }
        session.load(Load::Available)?;
        let mut all_good = true;
        for repo in repos.iter().filter(|_| self.remote_time) {
            repo.preserve_remote_time()?;
        }
        for repo in &repos {
            all_good &= self.synchronise(&session, repo, since)?;
        }
        ensure!(all_good, "OpenPGP signature check failed");
        Ok(Outcome::Done)
    }

    /// `false` when a package was removed because of its signature.
    fn synchronise(&self, session: &Session<'_>, repo: &Repo<'_>, since: Option<u64>) -> Result<bool> {
        let packages = self.choice.packages(session, repo, since)?;
        if self.urls {
            return self.print_urls(repo, &packages).map(|()| true);
        }
        if self.download_metadata {
            let directory = self.places.metadata(repo)?;
            make(&directory)?;
            repo.download_metadata(&session.base, &directory, &mut Downloads::new(session.messages, None))?;
        }
        let files = self.places.files(repo, packages)?;
        download(session, &files)?;
        let good = if self.gpgcheck { check(session, &files)? } else { true };
        if self.delete {
            let kept: BTreeSet<&Path> = files.iter().map(|file| file.path.as_path()).collect();
            delete(&self.places.packages(repo)?, &kept)?;
        }
        Ok(good)
    }

    fn print_urls(&self, repo: &Repo<'_>, packages: &[Package<'_>]) -> Result<()> {
        if self.download_metadata {
            let base = source(repo)?;
            let base = base.trim_end_matches('/');
            for (_, location) in repo.metadata_locations()? {
                terminal::show(format_args!("{base}/{}", location.display()));
            }
        }
        for package in packages {
            if let Some(url) = package.remote_locations()?.first() {
                terminal::show(url.display());
            }
        }
        Ok(())
    }
}

/// Where the metadata is.
fn source(repo: &Repo<'_>) -> Result<String> {
    let urls = repo.option("baseurl")?;
    let first = urls.to_string_lossy().split([',', ' ', '\n']).next().map(str::to_owned);
    let first = first.filter(|url| !url.is_empty());
    let mirror =
        || -> Result<Option<String>> { Ok(repo.mirrors()?.first().map(|url| url.to_string_lossy().into_owned())) };
    match first {
        Some(url) => Ok(url),
        None => mirror()?.context("Failed to get mirror for metadata."),
    }
}

impl Choice {
    fn packages<'s>(&self, session: &'s Session<'_>, repo: &Repo<'_>, since: Option<u64>) -> Result<Vec<Package<'s>>> {
        let mut query = PackageQuery::new(&session.base, ExcludeFlags::IGNORE_MODULAR_EXCLUDES)?;
        query.filter_available()?.filter_repo_id(&[repo.id()?], QueryCmp::EQ)?;
        let mut arch = self.arch.clone();
        if self.srpm {
            arch.push("src".into());
        }
        if !arch.is_empty() {
            query.filter_arch(&arch, QueryCmp::EQ)?;
        }
        if self.newest_only {
            query.filter_latest_evr(1)?;
        }
        let mut packages = query.list()?;
        if let Some(since) = since {
            let recent = |package: &Package<'_>| package.build_time().is_ok_and(|time| time >= since);
            packages.retain(recent);
        }
        Ok(packages)
    }
}

/// A package and its place in the copy.
struct Synchronised<'b> {
    package: Package<'b>,
    path: PathBuf,
}

impl Places {
    fn check(&self, repos: &[Repo<'_>]) -> Result<()> {
        let options = [
            (self.norepopath, "--norepopath"),
            (self.safe_write_path.is_some(), "--safe-write-path"),
        ];
        match options.into_iter().find(|(given, _)| *given && repos.len() > 1) {
            Some((_, name)) => Err(Usage(format!("Can't use {name} with multiple repositories enabled.")).into()),
            None => Ok(()),
        }
    }

    /// The directories that may be written. They are made when there is something to write; until then it is what they will lie in.
    fn written(&self) -> Result<Vec<PathBuf>> {
        let working = PathBuf::from(".");
        let given = [&self.metadata_path, &self.safe_write_path].into_iter().flatten();
        let all = std::iter::once(self.destdir.as_ref().unwrap_or(&working)).chain(given);
        all.map(|directory| {
            let directory = normalised(&std::path::absolute(directory)?);
            let there = directory.ancestors().find(|directory| directory.is_dir());
            Ok(there.unwrap_or(Path::new("/")).to_owned())
        })
        .collect()
    }

    fn packages(&self, repo: &Repo<'_>) -> Result<PathBuf> {
        self.below(self.destdir.as_deref().unwrap_or(Path::new(".")), repo)
    }

    fn metadata(&self, repo: &Repo<'_>) -> Result<PathBuf> {
        match &self.metadata_path {
            Some(directory) => self.below(directory, repo),
            None => self.packages(repo),
        }
    }

    fn below(&self, directory: &Path, repo: &Repo<'_>) -> Result<PathBuf> {
        let directory = std::path::absolute(directory)?;
        Ok(match self.norepopath {
            true => directory,
            false => directory.join(repo.id()?),
        })
    }

    /// The place of each package. What a repository says about it may lead out of the directory that may be written: then nothing is.
    fn files<'b>(&self, repo: &Repo<'_>, packages: Vec<Package<'b>>) -> Result<Vec<Synchronised<'b>>> {
        let directory = self.packages(repo)?;
        let safe = match &self.safe_write_path {
            Some(path) => normalised(&std::path::absolute(path)?),
            None => directory.clone(),
        };
        let place = |package: Package<'b>| {
            let location = package.location()?;
            let path = normalised(&directory.join(&location));
            ensure!(
                path.starts_with(&safe) && path != safe,
                "Download destination '{}' for location '{}' of '{}' package from '{}' repo is outside of safe write path '{}'.",
                path.display(),
                location.display(),
                package.nevra()?.display(),
                repo.id()?.display(),
                safe.display()
            );
            Ok(Synchronised { package, path })
        };
        packages.into_iter().map(place).collect()
    }
}

/// Without `.` and `..`, whether the directories exist or not.
fn normalised(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut built, part| {
        match part {
            Component::ParentDir => {
                built.pop();
            }
            Component::CurDir => {}
            other => built.push(other),
        }
        built
    })
}

/// Midnight of a day, UTC.
fn build_time(text: &str) -> Result<u64> {
    let wrong = || {
        Usage(format!(
            "Invalid date passed: \"{text}\". Dates in \"YYYY-MM-DD\" format are expected."
        ))
    };
    let parts: Option<Vec<u64>> = text.split('-').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some(&[year, month, day]) => redpak::time::seconds_of(year, month, day).ok_or_else(|| wrong().into()),
        _ => Err(wrong().into()),
    }
}

fn make(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))
}

/// libdnf5 takes one directory a call.
fn download(session: &Session<'_>, files: &[Synchronised<'_>]) -> Result<()> {
    let mut directories: BTreeMap<&Path, Vec<Package<'_>>> = BTreeMap::new();
    for file in files {
        let directory = file.path.parent().unwrap_or(Path::new("/"));
        directories
            .entry(directory)
            .or_default()
            .push(file.package.try_clone()?);
    }
    for (directory, packages) in directories {
        make(directory)?;
        let how = PackageDownload {
            destination: Some(directory.as_os_str()),
            resume: true,
            fail_fast: true,
        };
        let mut downloads = Downloads::new(session.messages, None);
        session.base.repo_sack().download(&packages, &how, &mut downloads)?;
    }
    Ok(())
}

fn check(session: &Session<'_>, files: &[Synchronised<'_>]) -> Result<bool> {
    let mut all_good = true;
    for Synchronised { path, .. } in files {
        let why = match session.base.repo_sack().check_package_signature(path)? {
            SignatureResult::Ok | SignatureResult::Skipped => continue,
            SignatureResult::FailedNotSigned => "The package is not signed.",
            SignatureResult::FailedKeyMissing => "Public key is not installed.",
            SignatureResult::FailedNotTrusted => "Public key is not trusted.",
            SignatureResult::Failed => "Problem occurred when opening the package.",
        };
        all_good = false;
        terminal::tell(format_args!(
            "Removing '{}' with failing OpenPGP check: {why}",
            path.display()
        ));
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(all_good)
}

/// Removes packages that are not to be kept; links are neither followed nor removed.
fn delete(directory: &Path, kept: &BTreeSet<&Path>) -> Result<()> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot read {}", directory.display()))?,
    };
    let mut names = entries
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<Vec<OsString>>>()?;
    names.sort();
    for name in names {
        let path = directory.join(name);
        let kind = path.symlink_metadata()?.file_type();
        if kind.is_dir() {
            delete(&path, kept)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|extension| extension == "rpm")
            && !kept.contains(path.as_path())
        {
            std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            terminal::show(format_args!("[DELETED] {}", path.display()));
        }
    }
    Ok(())
}
