//! Plans, from inline configs and made-up facts.

mod cgroup;
mod facts;
mod golden;
mod templates;

use std::path::PathBuf;

use crate::merge::fixture::{family, merge};
use crate::merge::{Finding, Merged};
use crate::plan::{Facts, Kind, Plan, Request, Warning, build, questions};

/// Facts in which every path asked for is a directory and every command prints itself.
fn some_facts(merged: &Merged, request: &Request) -> Facts {
    let asked = questions(merged, request);
    Facts {
        uid: 1000,
        environment: [("TERM".into(), "xterm".into())].into(),
        sources: asked.sources.into_iter().map(|path| (path, Kind::Directory)).collect(),
        outputs: asked
            .commands
            .into_iter()
            .map(|command| {
                let output = [command.text.as_encoded_bytes(), b"\n\n"].concat();
                (command, Ok(output))
            })
            .collect(),
        own_cgroup: Some(Ok(PathBuf::from("/sys/fs/cgroup/user"))),
        time_namespaces: true,
        ..Facts::default()
    }
}

fn request() -> Request {
    Request {
        program: vec!["sh".into(), "-c".into(), "echo hi".into()],
        ..Request::default()
    }
}

fn merged(configs: &[&str]) -> Merged {
    merge(&family(configs), false).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// Builds with facts that a test has changed.
fn built(configs: &[&str], change: impl Fn(&mut Facts, &mut Request)) -> Result<(Plan, Vec<Warning>), Vec<Finding>> {
    let merged = merged(configs);
    let mut request = request();
    let mut facts = some_facts(&merged, &request);
    change(&mut facts, &mut request);
    build(&merged, &facts, &request)
}

fn plan(configs: &[&str]) -> Plan {
    built(configs, |_, _| ())
        .unwrap_or_else(|errors| panic!("{errors:?}"))
        .0
}

fn texts(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
