//! A family: its files, the states of its nodes, its aliases, its merges and the plans that follow, in both modes.

use std::path::Path;

use redpak::coherency::{NodeFacts, Outcome, node_state};
use redpak::config::Source;
use redpak::display;
use redpak::merge::{Finding, Merged};
use redpak::node::{Family, Node};
use redpak::plan::{self, Request, questions};
use redpak_host::facts::{self, Resolved};
use redpak_host::family::{self, Admin};
use redpak_host::unfinished;

use super::Findings;
use super::problem::{Problem, Severity};
use crate::arguments::{Check, Global};
use crate::run;

/// Checks the family of a node.
pub fn check(global: &Global, options: &Check, path: &Path, findings: &mut Findings) {
    let mut request = run::request(global, path.to_path_buf());
    // Admin configs are part of the family whether or not somebody is in admin mode now.
    if request.admin == Admin::Off {
        request.admin = Admin::On;
    }
    let family = match family::load(&request) {
        Ok(family) => family,
        Err(errors) => {
            findings.extend(errors.0.iter().map(Problem::from));
            return readable_nodes(path, global, findings);
        }
    };
    family
        .main
        .iter()
        .chain(&family.main_admin)
        .for_each(|source| warnings(source, findings));
    family.nodes.iter().for_each(|node| check_node(node, global, findings));
    check_admin_aliases(&family, findings);
    for admin in [false, true] {
        check_merge(global, options, &family, admin, findings);
    }
}

/// What is odd in the nodes that can be read, where another one cannot.
fn readable_nodes(path: &Path, global: &Global, findings: &mut Findings) {
    let nodes = family::lineage(path).unwrap_or_default();
    for node in nodes.iter().filter_map(|node| family::node::load(node, true).ok()) {
        check_node(&node, global, findings);
    }
}

fn warnings(source: &Source, findings: &mut Findings) {
    findings.extend(
        source
            .warnings
            .iter()
            .map(|warning| Problem::written(Severity::Warning, warning)),
    );
}

fn check_node(node: &Node, global: &Global, findings: &mut Findings) {
    warnings(&node.config, findings);
    node.admin.iter().for_each(|source| warnings(source, findings));
    let unfinished = unfinished::look(&node.path);
    let facts = NodeFacts {
        path: node.path.clone(),
        realpath: family::on_target(&node.path, global.root()),
        status: Ok(node.status.clone()),
        config_problems: Vec::new(),
        unfinished: unfinished.clone(),
    };
    match node_state(&[facts]) {
        Outcome::Violated(violations) => {
            let problems = violations
                .into_iter()
                .map(|found| Problem::new(Severity::Error, found.node, found.reason));
            findings.extend(problems);
        }
        Outcome::CouldNotTell { .. } => {
            let reasons = unfinished.map(|unfinished| unfinished.reason(&node.path));
            findings.extend(reasons.map(|reason| Problem::new(Severity::Error, &node.path, reason)));
        }
        Outcome::Holds { .. } => {}
    }
}

/// An admin config goes with its node. That no other node of the redpath has the alias is a rule of the merge.
fn check_admin_aliases(family: &Family, findings: &mut Findings) {
    for node in &family.nodes {
        let alias = node.alias();
        if let Some(admin) = node
            .admin
            .as_ref()
            .filter(|admin| admin.config.headers.alias.value != *alias)
        {
            let message = format!(
                "the alias differs from '{alias}' in {}",
                display::path(&node.config.file)
            );
            let at = Some(admin.config.headers.alias.at);
            findings.add(Problem {
                at,
                ..Problem::new(Severity::Warning, &admin.file, message)
            });
        }
    }
}

fn check_merge(global: &Global, options: &Check, family: &Family, admin: bool, findings: &mut Findings) {
    let request = Request {
        program: vec!["true".into()],
        strict: options.strict,
        ..Request::default()
    };
    let planned = if options.expand {
        facts::resolve(family, admin, &request, global.root()).map(|resolved| planned(resolved, &request))
    } else {
        facts::merge_unrun(family, admin, global.root()).map(|merged| planned_unrun(merged, &request))
    };
    match planned {
        Ok((merged, plan)) => {
            add(Severity::Warning, &merged.warnings, findings);
            // The plan rests on what is there, which another core OS has elsewhere.
            if global.root() == Path::new("/") {
                let (severity, found) = plan;
                add(severity, &found, findings);
            }
        }
        Err(errors) => add(Severity::Error, &errors, findings),
    }
}

fn add(severity: Severity, found: &[Finding], findings: &mut Findings) {
    findings.extend(found.iter().map(|finding| Problem::merged(severity, finding)));
}

/// A merge, and what is wrong with its plan.
type Planned = (Merged, (Severity, Vec<Finding>));

fn planned(mut resolved: Resolved, request: &Request) -> Planned {
    let asked = questions(&resolved.merged, request);
    let facts = facts::gather(&mut resolved, &asked);
    judged(resolved.merged, &facts, request)
}

fn planned_unrun(merged: Merged, request: &Request) -> Planned {
    let facts = facts::gather_unrun(&questions(&merged, request));
    judged(merged, &facts, request)
}

fn judged(merged: Merged, facts: &plan::Facts, request: &Request) -> Planned {
    let judgement = match plan::build(&merged, facts, request) {
        Ok((_, warnings)) => (Severity::Warning, warnings),
        Err(errors) => (Severity::Error, errors),
    };
    (merged, judgement)
}
