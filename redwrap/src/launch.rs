//! From arguments to a running program: read, merge, plan, check, carry out.

use std::fmt::Display;
use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use redpak::coherency::Id;
use redpak::merge::{Entry, Finding, Merged};
use redpak::node::Family;
use redpak::plan::{self, Plan};
use redpak_host::family::{FamilyError, FamilyErrors};
use redpak_host::{facts, family};

use crate::arguments::{Arguments, BackendName};
use crate::backend::bubblewrap::Bubblewrap;
use crate::backend::direct::Direct;
use crate::backend::{Backend, Exit};
use crate::{checks, output, sys};

/// Where bubblewrap is, unless `--bwrap` says otherwise. Never looked up in the caller's PATH.
const BUBBLEWRAP: &str = "/usr/bin/bwrap";

/// Does what the arguments say.
///
/// # Errors
/// When the program was not started.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    refuse_raised_rights()?;
    sys::make_undumpable()?;
    sys::restore_sigchld()?;
    // What the caller left open is for `Internal` exports alone, not for the programs that are started here.
    sys::close_others_on_exec()?;
    // What is held until the end is the kernel's to free.
    let family = ManuallyDrop::new(family::load(&family_request(arguments)).map_err(|errors| unread(&errors))?);
    tell_sources(arguments, &family);
    let bubblewrap = arguments.bwrap.clone().unwrap_or_else(|| PathBuf::from(BUBBLEWRAP));
    let made = ManuallyDrop::new(make_plan(arguments, &family)?);
    let (plan, merged) = &*made;
    if arguments.dump_only {
        std::io::stdout().write_all(&plan::print(plan, &bubblewrap))?;
        return Ok(Exit::Program(0));
    }
    if arguments.dump {
        std::io::stderr().write_all(&plan::print(plan, &bubblewrap))?;
    }
    gate(arguments, &family, merged)?;
    Ok(backend(arguments, bubblewrap).carry_out(plan)?)
}

/// Whoever names a bubblewrap wants it used.
fn backend(arguments: &Arguments, bubblewrap: PathBuf) -> Box<dyn Backend> {
    if arguments.backend == BackendName::Direct && arguments.bwrap.is_none() {
        return Box::new(Direct { quiet: arguments.quiet });
    }
    Box::new(Bubblewrap {
        path: bubblewrap,
        vouched: arguments.bwrap.is_some(),
        quiet: arguments.quiet,
    })
}

/// redwrap gives nobody rights that the caller lacks: with raised ones, the caller's environment and files would steer it.
///
/// For root they raise nothing, and the next caller is not root: so the file itself is looked at too.
fn refuse_raised_rights() -> Result<()> {
    if sys::started_with_raised_rights() || sys::own_file_raises_rights()? {
        bail!(
            "redwrap must not be setuid or setgid or have file capabilities; remove them with chmod ug-s and setcap -r"
        );
    }
    Ok(())
}

/// What is wrong with the files of a node stands under the id of the check that it fails.
fn unread(errors: &FamilyErrors) -> anyhow::Error {
    let line = |error: &FamilyError| {
        let id = match error {
            FamilyError::Both(..) | FamilyError::NoConfig { .. } | FamilyError::Config(_) => "node-state: ",
            FamilyError::Relative(_) | FamilyError::NotANode { .. } | FamilyError::Path(_) => "",
        };
        format!("{id}{}", redpak_host::report::chain(error))
    };
    lines(&errors.0.iter().map(line).collect::<Vec<_>>())
}

fn family_request(arguments: &Arguments) -> family::Request {
    family::Request {
        main: arguments.rmain.clone(),
        admin: match &arguments.admin {
            None => family::Admin::Off,
            Some(None) => family::Admin::On,
            Some(Some(file)) => family::Admin::File(file.clone()),
        },
        ..family::Request::new(&arguments.redpath)
    }
}

fn tell_sources(arguments: &Arguments, family: &Family) {
    let nodes = family
        .nodes
        .iter()
        .flat_map(|node| std::iter::once(&node.config).chain(&node.admin));
    for source in family.main.iter().chain(&family.main_admin).chain(nodes) {
        if arguments.verbose > 0 {
            output::note(&format!("read {}", redpak::display::path(&source.file)));
        }
        warn_all(arguments, &source.warnings);
    }
}

fn make_plan(arguments: &Arguments, family: &Family) -> Result<(Plan, Merged)> {
    let request = plan::Request {
        program: arguments.program.clone(),
        strict: arguments.strict,
        user: arguments.user.clone(),
        group: arguments.group.clone(),
        smack: arguments.smack.clone(),
    };
    let mut resolved = facts::resolve(family, arguments.admin.is_some(), &request, Path::new("/"))
        .map_err(|findings| lines(&findings.iter().map(config_merge).collect::<Vec<_>>()))?;
    let questions = plan::questions(&resolved.merged, &request);
    let facts = facts::gather(&mut resolved, &questions);
    let (plan, warnings) = plan::build(&resolved.merged, &facts, &request).map_err(|findings| lines(&findings))?;
    warn_all(arguments, &resolved.merged.warnings);
    warn_all(arguments, &warnings);
    let tags = &resolved.merged.tags;
    let verbose = arguments.verbose > 0 || tags.verbose.as_ref().is_some_and(|entry| entry.value > 0);
    if (verbose && !arguments.quiet) || arguments.dump {
        for line in plan::preparation(&plan.preparation).lines() {
            output::note(line);
        }
    }
    Ok((plan, resolved.merged))
}

fn config_merge(finding: &Finding) -> String {
    format!("{}: {finding}", Id::ConfigMerge)
}

/// What has to hold before a launch; told and not enforced with `--force` or the tag `unsafe`.
fn gate(arguments: &Arguments, family: &Family, merged: &Merged) -> Result<()> {
    let problems = checks::before_launch(family, merged);
    warn_all(arguments, &problems.warnings);
    if problems.errors.is_empty() {
        return Ok(());
    }
    // Not the leaf's to decide: it may have been written by whoever the checks are for.
    let leaf = family.nodes.len().checked_sub(1);
    let is_unsafe = |entry: &Entry<bool>| entry.value && entry.origin.node != leaf;
    let reason = match &merged.tags.unsafe_ {
        _ if arguments.force => "--force",
        Some(entry) if is_unsafe(entry) => "the tag unsafe",
        _ => bail!(
            "{}\nthe program was not started; correct this, or start it all the same with --force",
            problems.errors.join("\n")
        ),
    };
    for problem in &problems.errors {
        // Who needs a package stands in further lines.
        let (first, rest) = problem.split_at(problem.find('\n').unwrap_or(problem.len()));
        output::warning(false, &format!("{first} (started because of {reason}){rest}"));
    }
    Ok(())
}

fn warn_all(arguments: &Arguments, warnings: &[impl Display]) {
    for warning in warnings {
        output::warning(arguments.quiet, &warning.to_string());
    }
}

/// One error of several lines.
fn lines(findings: &[impl Display]) -> anyhow::Error {
    anyhow!(
        "{}",
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    )
}
