//! `builddep`: what building a package needs.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{ArgAction, Args};

use super::jobs::Choice;
use super::{Outcome, download};
use crate::options::usage::Usage;
use crate::options::{Global, Postpone, Resolve, Selection};
use crate::progress::Downloads;
use crate::session::Session;
use crate::temporary::Temporary;
use crate::transaction::hints::Given;
use crate::transaction::{Jobs, Wanted, execute};
use libdnf5::{ExcludeFlags, Goal, GoalJobSettings, Job, Load, PackageQuery};

mod spec;

/// Installs what building packages needs.
#[derive(Debug, Args)]
pub struct Builddep {
    #[command(flatten)]
    macros: Macros,
    #[command(flatten)]
    problems: Problems,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    postpone: Postpone,
    /// What follows are spec files
    #[arg(long, action = ArgAction::Count)]
    spec: u8,
    /// What follows are source packages
    #[arg(long, action = ArgAction::Count)]
    srpm: u8,
    /// Spec files, source packages (*.src.rpm) and names of packages
    #[arg(value_name = "specs", required = true)]
    specs: Vec<String>,
}

/// Those options about problems that dnf5 has here.
#[derive(Debug, Args)]
struct Problems {
    /// Allow removing installed packages to resolve problems
    #[arg(long)]
    allowerasing: bool,
    /// Skip what is not available
    #[arg(long)]
    skip_unavailable: bool,
    /// Allow downgrade of dependencies
    #[arg(long, conflicts_with = "no_allow_downgrade")]
    allow_downgrade: bool,
    /// Do not downgrade dependencies
    #[arg(long)]
    no_allow_downgrade: bool,
}

impl Problems {
    fn resolve(&self) -> Resolve {
        Resolve {
            allowerasing: self.allowerasing,
            skip_broken: false,
            skip_unavailable: self.skip_unavailable,
            allow_downgrade: self.allow_downgrade,
            no_allow_downgrade: self.no_allow_downgrade,
        }
    }
}

/// What changes the meaning of spec files.
#[derive(Debug, Args)]
struct Macros {
    /// Define a macro for spec files
    #[arg(short = 'D', long, value_name = "\"macro expr\"")]
    define: Vec<String>,
    /// Enable a conditional build in spec files
    #[arg(long, value_name = "OPTION")]
    with: Vec<String>,
    /// Disable a conditional build in spec files
    #[arg(long, value_name = "OPTION")]
    without: Vec<String>,
}

/// What an argument is, in the order in which dnf5 looks at them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Spec,
    Source,
    Name,
}

impl Builddep {
    pub fn run(self, global: &Global) -> Result<Outcome> {
        self.macros.check()?;
        let inputs = self.inputs(&global.command_line);
        let has = |wanted| inputs.iter().any(|(_, kind)| *kind == wanted);
        if self.macros.is_given() && has(Kind::Source) {
            eprintln!("Warning: -D/--define/--with/--without arguments have no effect on source rpm packages.");
        }
        let prepare = |session: &Session<'_>| {
            // dnf5 enables them for names alone.
            if has(Kind::Name) {
                session.base.repo_sack().enable_source_repos()?;
            }
            Ok(())
        };
        let resolve = self.problems.resolve();
        let choice = Choice {
            resolve: Some(&resolve),
            selection: Some(&self.selection),
            ..Choice::default()
        };
        let jobs = |jobs: &Jobs<'_>, goal: &mut Goal<'_>| {
            let settings = choice.settings(jobs)?;
            for requirement in self.requirements(jobs.session, &inputs)? {
                goal.add(job_of(&requirement), &requirement, Some(&settings))?;
            }
            Ok(())
        };
        let wanted = Wanted::new(Load::All, &jobs);
        let wanted = wanted
            .resolving(&resolve)
            .enabling(&self.selection.from_repo)
            .ending(self.postpone.ending());
        let wanted = Wanted {
            prepare: &prepare,
            given: Given {
                skip_broken: None,
                ..wanted.given
            },
            ..wanted
        };
        execute(global, &wanted)
    }

    /// The arguments and what they are; `--spec` and `--srpm` tell it about those that follow them.
    fn inputs(&self, command_line: &[OsString]) -> Vec<(&str, Kind)> {
        let mut specs = self.specs.iter().peekable();
        let (mut inputs, mut told) = (Vec::new(), None);
        for word in command_line {
            if word == "--spec" {
                told = Some(Kind::Spec);
            } else if word == "--srpm" {
                told = Some(Kind::Source);
            } else if let Some(spec) = specs.next_if(|spec| word == spec.as_str()) {
                inputs.push((spec.as_str(), told.unwrap_or_else(|| kind(spec))));
            }
        }
        inputs.sort_by_key(|(_, kind)| *kind);
        inputs
    }

    /// Every input is tried before one that is wrong ends it.
    fn requirements(&self, session: &Session<'_>, inputs: &[(&str, Kind)]) -> Result<BTreeSet<OsString>> {
        let (mut all, mut failed) = (BTreeSet::new(), false);
        for (input, kind) in inputs {
            match self.of(session, input, *kind)? {
                Some(requirements) => all.extend(requirements),
                None => failed = true,
            }
        }
        // Those are for the rpm that unpacks the source package.
        all.retain(|requirement| !requirement.as_encoded_bytes().starts_with(b"rpmlib("));
        if failed {
            bail!("Failed to parse some inputs.");
        }
        Ok(all)
    }

    /// `None` when it is wrong, and that was told.
    fn of(&self, session: &Session<'_>, input: &str, kind: Kind) -> Result<Option<Vec<OsString>>> {
        if kind == Kind::Name {
            return of_name(session, input);
        }
        let local = Local::new(session, input)?;
        match kind {
            Kind::Spec => {
                let found = spec::build_requires(&local.path, &self.macros)?;
                if found.is_none() {
                    eprintln!("Failed to parse spec file \"{input}\".");
                }
                Ok(found)
            }
            _ => of_source(session, &local.path, input),
        }
    }
}

impl Macros {
    fn is_given(&self) -> bool {
        !(self.define.is_empty() && self.with.is_empty() && self.without.is_empty())
    }

    fn check(&self) -> Result<()> {
        match self.define.iter().find(|text| text.split_whitespace().count() < 2) {
            None => Ok(()),
            Some(wrong) => Err(Usage(format!(
                "Invalid value for macro definition \"{wrong}\". \"macro expr\" format expected.."
            ))
            .into()),
        }
    }
}

fn kind(argument: &str) -> Kind {
    if argument.ends_with(".spec") {
        Kind::Spec
    } else if argument.ends_with(".src.rpm") || argument.ends_with(".nosrc.rpm") {
        Kind::Source
    } else {
        Kind::Name
    }
}

/// A rich dependency is no specification of packages.
fn job_of(requirement: &OsStr) -> Job {
    if requirement.as_encoded_bytes().starts_with(b"(") {
        Job::ProvideInstall
    } else {
        Job::RpmInstall
    }
}

/// A file of the caller's, downloaded where he gave a URL.
struct Local {
    path: PathBuf,
    _temporary: Option<Temporary>,
}

impl Local {
    fn new(session: &Session<'_>, argument: &str) -> Result<Self> {
        let path = argument.strip_prefix("file://").unwrap_or(argument);
        if !path.contains("://") {
            return Ok(Self {
                path: path.into(),
                _temporary: None,
            });
        }
        let temporary = Temporary::new()?;
        let name = Path::new(argument).file_name().unwrap_or("file".as_ref());
        let path = temporary.path().join(name);
        let mut downloads = Downloads::new(session.messages, None);
        session
            .base
            .repo_sack()
            .download_file(argument, &path, &mut downloads)?;
        Ok(Self {
            path,
            _temporary: Some(temporary),
        })
    }
}

fn of_source(session: &Session<'_>, path: &Path, input: &str) -> Result<Option<Vec<OsString>>> {
    if let Err(error) = std::fs::File::open(path) {
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        eprintln!("Failed to open \"{input}\": {text}");
        return Ok(None);
    }
    match session.base.repo_sack().add_cmdline_packages(&[path], &mut ()) {
        Ok(packages) => {
            let requires = packages.iter().map(|package| Ok(package.requires()?));
            Ok(Some(requires.collect::<Result<Vec<_>>>()?.concat()))
        }
        Err(_) => {
            eprintln!("Failed to read rpm file \"{input}\".");
            Ok(None)
        }
    }
}

/// The source packages of the packages that a name means.
fn of_name(session: &Session<'_>, name: &str) -> Result<Option<Vec<OsString>>> {
    let mut query = PackageQuery::new(&session.base, ExcludeFlags::APPLY_EXCLUDES)?;
    query.filter_available()?;
    query.resolve_pkg_spec(name, Some(&GoalJobSettings::new()?), true)?;
    query.filter_latest_evr(1)?;
    let mut sources = PackageQuery::empty(&session.base)?;
    for package in query.list()? {
        sources.update(&download::source(session, &package)?)?;
    }
    let sources = sources.list()?;
    if sources.is_empty() {
        eprintln!("No package matched \"{name}\".");
        return Ok(None);
    }
    let requires = sources.iter().map(|package| Ok(package.requires()?));
    Ok(Some(requires.collect::<Result<Vec<_>>>()?.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        builddep: Builddep,
    }

    #[test]
    fn options_tell_about_what_follows_them() {
        let words = ["builddep", "a", "b.spec", "--spec", "c", "--srpm", "d", "e.spec"];
        let line = Line::parse_from(words);
        let words: Vec<OsString> = words.map(Into::into).into();
        let expected = [
            ("b.spec", Kind::Spec),
            ("c", Kind::Spec),
            ("d", Kind::Source),
            ("e.spec", Kind::Source),
            ("a", Kind::Name),
        ];
        assert_eq!(line.builddep.inputs(&words), expected);
    }
}
