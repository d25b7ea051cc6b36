//! `download`: packages to a directory of the user's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use librpm::Engine;

use super::Outcome;
use crate::databases;
use crate::node::Node;
use crate::options::usage::Usage;
use crate::options::{Global, Selection};
use crate::progress::Downloads;
use crate::session::{Session, is_file_pattern};
use crate::terminal;
use crate::transaction::confine_query_but;
use libdnf5::{
    ExcludeFlags, Goal, GoalJobSettings, GoalStrings, Job, Load, Package, PackageDownload, PackageQuery, Problems,
    QueryCmp,
};

/// Downloads packages.
#[derive(Debug, Args)]
pub struct Download {
    /// Limit to packages of these architectures
    #[arg(long, value_name = "ARCH,...", value_delimiter = ',')]
    arch: Vec<String>,
    /// Resolve and download needed dependencies
    #[arg(long)]
    resolve: bool,
    /// With --resolve, download all dependencies, installed ones too
    #[arg(long)]
    alldeps: bool,
    #[command(flatten)]
    selection: Selection,
    /// Directory to download to [default: the working directory]
    #[arg(long, value_name = "DESTDIR")]
    destdir: Option<PathBuf>,
    /// Skip what is not available
    #[arg(long)]
    skip_unavailable: bool,
    #[command(flatten)]
    instead: Instead,
    #[command(flatten)]
    urls: Urls,
    /// Packages to download
    #[arg(value_name = "package-spec-NPFB", required = true)]
    specs: Vec<String>,
}

/// What is downloaded instead of the packages.
#[derive(Debug, Args)]
struct Instead {
    /// Download the src.rpm instead
    #[arg(long, visible_alias = "source")]
    srpm: bool,
    /// Download the -debuginfo package instead
    #[arg(long)]
    debuginfo: bool,
    /// Download the -debugsource package instead
    #[arg(long)]
    debugsource: bool,
}

/// URLs in place of packages.
#[derive(Debug, Args)]
struct Urls {
    /// Print where the packages can be downloaded instead of downloading them
    #[arg(long)]
    url: bool,
    /// With --url, limit to these protocols
    #[arg(long, value_name = "{http|https|ftp|file},...", value_delimiter = ',')]
    urlprotocol: Vec<String>,
    /// With --url, print URLs of all mirrors
    #[arg(long)]
    allmirrors: bool,
}

impl Download {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.check()?;
        let node = Node::find(global)?;
        let directory = self.directory()?;
        let needs_installed = self.resolve && !self.alldeps;
        let _confined = confine_query_but(&node, directory.as_slice())?;
        let engine = Engine::start()?;
        let session = Session::open(&engine, &node, global)?;
        session.enable_repos(&self.selection.from_repo)?;
        self.enable_other_repos(&session)?;
        if self.specs.iter().any(|spec| is_file_pattern(spec)) {
            session.want_filelists()?;
        }
        let _family = match needs_installed {
            true => databases::show(&engine, &node)?,
            false => None,
        };
        session.load(if needs_installed { Load::All } else { Load::Available })?;
        let Some(wanted) = self.wanted(&session)? else {
            return Ok(Outcome::Done);
        };
        let packages = match self.resolve && !wanted.is_empty()? {
            true => self.with_dependencies(&session, &wanted)?,
            false => Some(wanted.list()?),
        };
        let Some(packages) = packages else {
            return Ok(Outcome::Failed);
        };
        match directory {
            Some(directory) => fetch(&session, &packages, &directory)?,
            None => self.urls.print(&packages)?,
        }
        Ok(Outcome::Done)
    }

    fn check(&self) -> Result<()> {
        if self.alldeps && !self.resolve {
            return Err(Usage("Option \"--alldeps\" should be used with \"--resolve\".".into()).into());
        }
        let known = ["http", "https", "ftp", "file"];
        match self
            .urls
            .urlprotocol
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            Some(wrong) => Err(Usage(format!("Invalid urlprotocol option: {wrong}.")).into()),
            None => Ok(()),
        }
    }

    /// Where the packages go, made while everything can be written; none with `--url`.
    fn directory(&self) -> Result<Option<PathBuf>> {
        if self.urls.url {
            return Ok(None);
        }
        let directory = std::path::absolute(self.destdir.as_deref().unwrap_or(Path::new(".")))?;
        std::fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        Ok(Some(directory))
    }

    fn enable_other_repos(&self, session: &Session<'_>) -> Result<()> {
        if self.instead.srpm {
            session.base.repo_sack().enable_source_repos()?;
        }
        if self.instead.debuginfo || self.instead.debugsource {
            session.base.repo_sack().enable_debug_repos()?;
        }
        Ok(())
    }

    /// The packages that are named; `None` when none of them is there.
    fn wanted<'s>(&self, session: &'s Session<'_>) -> Result<Option<PackageQuery<'s>>> {
        let mut wanted = None;
        for spec in &self.specs {
            let found = self.matching(session, spec)?;
            if !found.is_empty()? {
                let found = self.instead.of(session, found)?;
                match &mut wanted {
                    None => wanted = Some(found),
                    Some(wanted) => {
                        wanted.update(&found)?;
                    }
                }
            } else if !self.skip_unavailable {
                bail!("No package \"{spec}\" available; You might want to use --skip-unavailable option.");
            }
        }
        Ok(wanted)
    }

    /// The newest of each name and architecture that a specification means.
    fn matching<'s>(&self, session: &'s Session<'_>, spec: &str) -> Result<PackageQuery<'s>> {
        let mut query = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
        query.filter_available()?;
        let Selection { from_repo, from_vendor } = &self.selection;
        if !from_repo.is_empty() {
            query.filter_repo_id(from_repo, QueryCmp::GLOB)?;
        }
        if !from_vendor.is_empty() {
            query.filter_vendor(from_vendor, QueryCmp::GLOB)?;
        }
        query.resolve_pkg_spec(spec, Some(&GoalJobSettings::new()?), true)?;
        if !self.arch.is_empty() {
            query.filter_arch(&self.arch, QueryCmp::EQ)?;
        }
        query.filter_priority()?.filter_latest_evr(1)?;
        Ok(query)
    }

    /// `None` when something stands in the way, and was told.
    fn with_dependencies<'s>(
        &self,
        session: &'s Session<'_>,
        wanted: &PackageQuery<'_>,
    ) -> Result<Option<Vec<Package<'s>>>> {
        let mut settings = GoalJobSettings::new()?;
        if !self.selection.from_repo.is_empty() {
            settings.set_strings(GoalStrings::ToRepoIds, &self.selection.from_repo)?;
        }
        let mut goal = Goal::new(&session.base)?;
        for package in wanted.list()? {
            goal.add_package(Job::RpmInstallOrReinstall, &package, Some(&settings))?;
        }
        let transaction = goal.resolve()?;
        if transaction.problems()? != Problems::NO_PROBLEM {
            eprintln!("Failed to resolve the transaction:");
            let lines = transaction.resolve_logs_as_strings()?;
            lines.iter().for_each(|line| terminal::tell(line.display()));
            return Ok(None);
        }
        let items = transaction.transaction_packages()?.into_iter();
        Ok(Some(
            items
                .filter(|item| item.action.is_inbound())
                .map(|item| item.package)
                .collect(),
        ))
    }
}

impl Instead {
    /// The packages themselves, or those that are wanted in their place.
    fn of<'s>(&self, session: &'s Session<'_>, packages: PackageQuery<'s>) -> Result<PackageQuery<'s>> {
        if !(self.srpm || self.debuginfo || self.debugsource) {
            return Ok(packages);
        }
        let mut found = PackageQuery::empty(&session.base)?;
        for package in packages.list()? {
            if self.srpm {
                found.update(&source(session, &package)?)?;
            }
            if self.debuginfo {
                let by_package = sibling(session, &package, package.debuginfo_name()?)?;
                found.update(&match by_package.is_empty()? {
                    true => sibling(session, &package, package.debuginfo_name_of_source()?)?,
                    false => by_package,
                })?;
            }
            if self.debugsource {
                found.update(&sibling(session, &package, package.debugsource_name()?)?)?;
            }
        }
        Ok(found)
    }
}

/// The source package of a package, which may be one itself.
pub fn source<'s>(session: &'s Session<'_>, package: &Package<'_>) -> Result<PackageQuery<'s>> {
    let is_source = ["src", "nosrc"]
        .iter()
        .any(|arch| package.arch().is_ok_and(|own| own == *arch));
    let name = if is_source {
        package.nevra()?
    } else {
        let file = package.sourcerpm()?.to_string_lossy().into_owned();
        file.strip_suffix(".rpm").unwrap_or(&file).into()
    };
    let mut query = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    query.filter_available()?;
    query.filter_nevra(&[&name], QueryCmp::EQ)?;
    Ok(query)
}

/// The package of another name that was built with this one.
fn sibling<'s>(session: &'s Session<'_>, package: &Package<'_>, name: OsString) -> Result<PackageQuery<'s>> {
    let mut query = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    query.filter_available()?.filter_name(&[&name], QueryCmp::EQ)?;
    query.filter_evr(&[&package.evr()?], QueryCmp::EQ)?;
    query.filter_arch(&[&package.arch()?], QueryCmp::EQ)?;
    Ok(query)
}

fn fetch(session: &Session<'_>, packages: &[Package<'_>], directory: &Path) -> Result<()> {
    if !session.messages.is_quiet() {
        println!("Downloading Packages:");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let how = PackageDownload {
        destination: Some(directory.as_os_str()),
        resume: true,
        fail_fast: true,
    };
    let mut downloads = Downloads::new(session.messages, None);
    Ok(session.base.repo_sack().download(packages, &how, &mut downloads)?)
}

impl Urls {
    fn print(&self, packages: &[Package<'_>]) -> Result<()> {
        for package in packages {
            let mut locations = package.remote_locations()?;
            locations.retain(|url| self.wants(&url.to_string_lossy()));
            if !self.allmirrors {
                locations.truncate(1);
            }
            if !locations.is_empty() {
                terminal::show(locations.join(" ".as_ref()).display());
            }
        }
        Ok(())
    }

    fn wants(&self, url: &str) -> bool {
        let protocol = url.split_once("://").map_or("", |(protocol, _)| protocol);
        self.urlprotocol.is_empty() || self.urlprotocol.iter().any(|wanted| wanted == protocol)
    }
}
