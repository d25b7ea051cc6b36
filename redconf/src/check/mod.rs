//! `redconf check`: every problem of config files and families in one run.

mod family;
mod file;
mod problem;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use redpak::display;
use redpak::yaml::Value;
use redpak_host::family::{FamilyError, descendants, is_node, resolve};

use crate::arguments::{Check, Global};
use crate::output::{self, Format};
use crate::run;
use crate::style::Style;
use problem::{Problem, Severity};

/// What is found, each problem once: families share their ancestors.
#[derive(Debug, Default)]
pub struct Findings {
    /// Files and nodes that were checked.
    checked: Vec<PathBuf>,
    problems: Vec<Problem>,
}

impl Findings {
    /// Notes a problem.
    pub fn add(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Notes several problems.
    pub fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    fn count(&self, severity: Severity) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }
}

/// Checks all paths and tells what is wrong.
pub fn run(global: &Global, options: &Check) -> Result<ExitCode> {
    let mut findings = Findings::default();
    for path in paths(global, options)? {
        check(global, options, &path, &mut findings);
    }
    let failed = findings.count(Severity::Error) > 0 || options.strict && !findings.problems.is_empty();
    output::print(&text(global, &findings))?;
    Ok(ExitCode::from(if failed { output::FAILED } else { 0 }))
}

fn paths(global: &Global, options: &Check) -> Result<Vec<PathBuf>> {
    match (&options.paths[..], &global.redpath) {
        ([], Some(redpath)) => Ok(vec![redpath.clone()]),
        ([], None) => Ok(vec![run::absolute(Path::new("."))?]),
        (paths, _) => paths.iter().map(|path| run::absolute(path)).collect(),
    }
}

/// A file is a config or a status, a directory is a node or holds nodes.
fn check(global: &Global, options: &Check, path: &Path, findings: &mut Findings) {
    if path.is_absolute() && !path.is_dir() {
        findings.checked.push(path.to_path_buf());
        return findings.extend(file::problems(path));
    }
    match nodes(path, options.all_below) {
        Ok(nodes) => nodes.iter().for_each(|node| {
            findings.checked.push(node.clone());
            family::check(global, options, node, findings);
        }),
        Err(error) => findings.add(Problem::from(&error)),
    }
}

/// The node itself, with those below it where that is asked for, or all below a directory that is none.
fn nodes(path: &Path, all_below: bool) -> Result<Vec<PathBuf>, FamilyError> {
    let path = resolve(path)?;
    let is_node = is_node(&path)?;
    let mut nodes = if is_node { vec![path.clone()] } else { Vec::new() };
    if all_below || !is_node {
        nodes.extend(descendants(&path)?.nodes);
    }
    if nodes.is_empty() {
        Err(FamilyError::NotANode { path, above: None })
    } else {
        Ok(nodes)
    }
}

fn text(global: &Global, findings: &Findings) -> String {
    let format = Format::of(global);
    format.text(&value(findings)).unwrap_or_else(|| human(global, findings))
}

/// `{checked, problems: [{severity, message, file, line, column}], errors, warnings}`; a place that is unknown is left
/// out.
fn value(findings: &Findings) -> Value {
    let number = |severity| Value::Integer(i64::try_from(findings.count(severity)).unwrap_or(i64::MAX));
    let checked = findings.checked.iter().map(|path| Value::Text(display::path(path)));
    Value::map([
        ("checked", Value::List(checked.collect())),
        (
            "problems",
            Value::List(findings.problems.iter().map(Problem::value).collect()),
        ),
        ("errors", number(Severity::Error)),
        ("warnings", number(Severity::Warning)),
    ])
}

fn human(global: &Global, findings: &Findings) -> String {
    let style = Style::of(&std::io::stdout());
    let shown = findings
        .problems
        .iter()
        .filter(|problem| !global.quiet || problem.severity == Severity::Error);
    let mut text: String = shown.map(|problem| problem.line(style)).collect();
    if !global.quiet {
        let (errors, warnings) = (findings.count(Severity::Error), findings.count(Severity::Warning));
        let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        text.push_str(&format!(
            "{} checked: {}, {}\n",
            findings.checked.len(),
            plural(errors, "error"),
            plural(warnings, "warning"),
        ));
    }
    text
}
