//! Families for tests, from inline YAML.

use std::path::{Path, PathBuf};

use crate::config::{Source, parse};
use crate::expand::{Builtins, Command, Environment};
use crate::merge::{Finding, Merged, Surroundings};
use crate::node::{Family, Node, State, Status};

/// A family of nodes `/pool/n0`, `/pool/n0/n1`, … with these configs; headers are added, what follows a line `---` is
/// the admin config.
pub fn family(configs: &[&str]) -> Family {
    let mut path = PathBuf::from("/pool");
    let mut nodes = Vec::new();
    for (index, text) in configs.iter().enumerate() {
        let alias = format!("n{index}");
        path.push(&alias);
        let (normal, admin) = text
            .split_once("\n---\n")
            .map_or((*text, None), |(normal, admin)| (normal, Some(admin)));
        nodes.push(Node {
            path: path.clone(),
            status: Status::new(State::Enable, &path, 0, ""),
            config: source(&alias, normal, &path.join("redpack.yaml")),
            admin: admin.map(|admin| source(&alias, admin, &path.join("redpack-admin.yaml"))),
        });
    }
    Family {
        nodes,
        system: false,
        main: None,
        main_admin: None,
    }
}

/// A config with headers added.
pub fn source(alias: &str, text: &str, file: &Path) -> Source {
    let text = format!("headers: {{alias: {alias}}}\n{text}");
    parse(&text, file).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

/// Facts that tests rely on.
pub fn builtins() -> Builtins {
    Builtins {
        uid: 1000,
        gid: 1000,
        user: "ann".into(),
        cgroups_mount_point: "/sys/fs/cgroup".into(),
        ..Builtins::default()
    }
}

/// Commands print themselves.
pub fn echo(command: &Command) -> Result<Vec<u8>, String> {
    Ok(command.text.to_string_lossy().into_owned().into_bytes())
}

/// Merges with those facts.
pub fn merge(family: &Family, admin: bool) -> Result<Merged, Vec<Finding>> {
    let (builtins, environment, mut runner) = (builtins(), Environment::new(), echo);
    super::merge(
        family,
        admin,
        Surroundings {
            builtins: &builtins,
            environment: &environment,
            runner: &mut runner,
        },
    )
}
