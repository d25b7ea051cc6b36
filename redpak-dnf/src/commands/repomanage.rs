//! `repomanage`: the newest or the older packages of a directory or a repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::Args;
use librpm::Engine;

use super::Outcome;
use crate::json;
use crate::node::Node;
use crate::options::Global;
use crate::session::Session;
use crate::temporary::Temporary;
use libdnf5::{ExcludeFlags, Load, OptionPriority, PackageQuery, QueryCmp, RepoQuery};

const REPOSITORY: &str = "repomanage_repo";

/// Prints packages of a directory or a repository.
#[derive(Debug, Args)]
pub struct Repomanage {
    /// How many packages count for --new and --old
    #[arg(short, long, value_name = "N", default_value = "1", allow_hyphen_values = true)]
    keep: String,
    /// Print all packages but the N newest of each name and architecture
    #[arg(short, long)]
    old: bool,
    /// Print the N newest packages of each name and architecture (default)
    #[arg(short, long, conflicts_with = "old")]
    new: bool,
    /// Separate packages by spaces instead of new lines
    #[arg(short, long)]
    space: bool,
    /// Request JSON output format
    #[arg(long, conflicts_with = "space")]
    json: bool,
    /// Directory of packages, or path or URL of a repository
    #[arg(value_name = "path")]
    path: String,
}

impl Repomanage {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        let wrong = |_| anyhow!("OptionInvalidValueError: Invalid number option value \"{}\"", self.keep);
        let keep: i32 = self.keep.parse().map_err(wrong)?;
        let limit = if self.old { -keep } else { keep };
        let node = Node::find(global)?;
        let engine = Engine::start()?;
        // dnf5 says nothing here but the paths.
        let session = Session::open(&engine, &node, global)?.quiet_if(true);
        let is_repository = self.path.contains("://") || Path::new(&self.path).join("repodata/repomd.xml").exists();
        let found = match is_repository {
            true => of_repository(&session, &self.path, limit)?,
            false => of_directory(&session, Path::new(&self.path), limit)?,
        };
        if self.json {
            json::print(&found.iter().map(json::text).collect::<Vec<_>>())?;
            return Ok(Outcome::Done);
        }
        for path in found {
            print!("{}{}", path.display(), if self.space { ' ' } else { '\n' });
        }
        Ok(Outcome::Done)
    }
}

/// What the metadata says, whether the packages are there or not.
fn of_repository(session: &Session<'_>, path: &str, limit: i32) -> Result<Vec<PathBuf>> {
    let url = match path.contains("://") {
        true => OsString::from(path),
        false => std::path::absolute(path)?.into_os_string(),
    };
    let base = &session.base;
    RepoQuery::new(base)?
        .list()?
        .iter()
        .try_for_each(|repo| repo.disable())?;
    base.repo_sack()
        .create_repos_from_paths(&[(OsString::from(REPOSITORY), url)], OptionPriority::Runtime)?;
    let temporary = Temporary::new()?;
    for repo in RepoQuery::new(base)?.filter_id(&[REPOSITORY], QueryCmp::EQ)?.list()? {
        repo.set_option("cachedir", temporary.path(), OptionPriority::Runtime)?;
    }
    session.load(Load::Available)?;
    let mut query = PackageQuery::new(base, ExcludeFlags::IGNORE_MODULAR_EXCLUDES)?;
    query.filter_available()?.filter_latest_evr(limit)?;
    let packages = query.list()?.into_iter();
    packages.map(|package| Ok(joined(path, &package.location()?))).collect()
}

/// `.` and its like do not show.
fn joined(directory: &str, location: &std::ffi::OsStr) -> PathBuf {
    if directory.contains("://") {
        return PathBuf::from(format!("{}/{}", directory.trim_end_matches('/'), location.display()));
    }
    Path::new(directory)
        .join(location)
        .components()
        .skip_while(|part| *part == std::path::Component::CurDir)
        .collect()
}

/// The package files themselves.
fn of_directory(session: &Session<'_>, directory: &Path, limit: i32) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if let Err(error) = collect(directory, &mut files) {
        eprintln!(
            "Failed to create directory '{}' iterator: {}",
            directory.display(),
            error.to_string().split(" (os error").next().unwrap_or_default()
        );
    }
    if files.is_empty() {
        return Ok(files);
    }
    let packages = session.base.repo_sack().add_cmdline_packages(&files, &mut ())?;
    let mut query = PackageQuery::empty(&session.base)?;
    for package in &packages {
        query.add(package)?;
    }
    query.filter_latest_evr(limit)?;
    let packages = query.list()?.into_iter();
    packages
        .map(|package| {
            let path = PathBuf::from(package.package_path()?);
            Ok(path.strip_prefix(".").map(Path::to_owned).unwrap_or(path))
        })
        .collect()
}

/// Package files below a directory; links are not followed.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rpm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(())
}
