//! Facts of the machine that runs the tests, and families that are resolved on it.

use std::ffi::OsStr;
use std::path::Path;

use redpak::expand::Command;
use redpak::node::{State, Status, files};
use redpak::plan::questions;

use super::*;
use crate::family;

fn node(path: &Path, config: &str) -> Family {
    std::fs::create_dir_all(path.join("etc")).unwrap();
    let status = Status::new(State::Enable, path, 1, "").to_yaml();
    std::fs::write(path.join(files::STATUS), status).unwrap();
    std::fs::write(path.join(files::CONFIG), config).unwrap();
    let root = path.join("no-core");
    std::fs::create_dir_all(&root).unwrap();
    family::load(&family::Request {
        root,
        ..family::Request::new(path)
    })
    .unwrap()
}

fn temporary() -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = std::fs::canonicalize(temporary.path()).unwrap();
    (temporary, path)
}

fn resolve_here(family: &Family, request: &Request) -> Result<Resolved, Vec<Finding>> {
    resolve(family, false, request, Path::new("/"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn the_plan_gets_its_answers() {
    let (_guard, path) = temporary();
    let family = node(
        &path,
        "headers: {alias: app}
exports:
  - {mode: Restricted, mount: /usr}
  - {mode: Restricted, mount: /nothing, path: $NODE_PATH/nothing}
  - {mode: RestrictedFile, mount: /conf, path: $REDNODE_CONF}
  - {mode: Execfd, mount: /out, path: 'echo $NODE_ALIAS'}
environ:
  - {key: FAILS, mode: Execfd, value: 'echo why >&2; exit 2'}
",
    );
    let request = Request::default();
    let mut resolved = resolve_here(&family, &request).unwrap();
    let asked = questions(&resolved.merged, &request);
    let facts = gather(&mut resolved, &asked);
    let kinds: Vec<_> = facts.sources.values().copied().collect();
    assert_eq!(facts.sources.len(), 3);
    assert!(kinds.contains(&Kind::Missing) && kinds.contains(&Kind::File) && kinds.contains(&Kind::Directory));
    let outputs: Vec<_> = facts.outputs.values().cloned().collect();
    assert!(outputs.contains(&Ok(b"app\n".to_vec())), "{outputs:?}");
    assert!(
        outputs.contains(&Err("it exited with status 2: why".into())),
        "{outputs:?}"
    );
    assert_eq!((facts.user, facts.group, facts.own_cgroup), (None, None, None));
}

#[test]
fn the_variables_are_those_of_the_user_that_the_program_runs_as() {
    let (_guard, path) = temporary();
    let family = node(
        &path,
        "headers: {alias: app}\nenviron:\n  - {key: WHO, value: '$UID:$GID:$USER'}\n",
    );
    let who = |request: &Request| {
        let resolved = resolve_here(&family, request).unwrap();
        match &resolved.merged.environ[0].value.value {
            redpak::merge::VariableValue::Text(text) => text.clone().into_string().unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let ids = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    assert!(who(&Request::default()).starts_with(&format!("{}:{}:", ids.0, ids.1)));
    let request = Request {
        user: Some("54321".into()),
        group: Some("4343".into()),
        ..Request::default()
    };
    assert_eq!(who(&request), "54321:4343:54321");
}

#[test]
fn users_and_groups_that_do_not_exist_are_named_with_their_place() {
    let (_guard, path) = temporary();
    let family = node(
        &path,
        "headers: {alias: app}\nconfig:\n  set-user: nobody-has-this-name\n",
    );
    let told = resolve_here(&family, &Request::default()).unwrap_err()[0].to_string();
    let expected = "redpack.yaml:3:13: set-user: the user 'nobody-has-this-name' does not exist";
    assert!(told.ends_with(expected), "{told}");
    let request = Request {
        user: Some("54321".into()),
        ..Request::default()
    };
    let told = resolve_here(&family, &request).unwrap_err()[0].to_string();
    assert!(
        told.contains("the user id 54321 has no entry in the user database; name a group too"),
        "{told}"
    );
}

#[test]
fn accounts_are_found_by_name_and_number() {
    let root = user(OsStr::new("root"), None).unwrap();
    assert_eq!((root.uid, root.gid), (0, 0));
    assert_eq!(user(OsStr::new("0"), None).unwrap(), root);
    assert_eq!(group(OsStr::new("root")), Ok(0));
    assert_eq!(group(OsStr::new("77")), Ok(77));
    assert!(group(OsStr::new("no such group")).is_err());
}

fn command(node: &Path) -> Command {
    let value = |name: &str| (name.into(), node.into());
    Command {
        text: "id -u".into(),
        environment: vec![value("LEAF_PATH"), value("NODE_PATH")],
    }
}

#[test]
fn root_runs_the_commands_of_anothers_node_as_its_owner_or_as_the_target() {
    if !is_root() {
        return redpak_testing::skip("only root can become another user");
    }
    let (_guard, path) = temporary();
    let run = |target: Option<Account>| {
        let output = Commands::new(0, target).run(&command(&path)).unwrap();
        String::from_utf8(output).unwrap().trim_end().to_owned()
    };
    assert_eq!(run(None), "0");
    std::os::unix::fs::chown(&path, Some(4242), Some(4242)).unwrap();
    assert_eq!(run(None), "4242");
    assert_eq!(run(Some(account_of(54321))), "54321");
}

#[test]
fn a_config_alone_that_is_anothers_is_enough() {
    if !is_root() {
        return redpak_testing::skip("only root can give files away");
    }
    let (_guard, path) = temporary();
    let family = node(
        &path,
        "headers: {alias: app}\nenviron:\n  - {key: WHO, value: $(id -u)}\n",
    );
    std::os::unix::fs::chown(path.join(files::CONFIG), Some(4242), None).unwrap();
    let resolved = resolve_here(&family, &Request::default()).unwrap();
    let value = &resolved.merged.environ[0].value.value;
    assert_eq!(*value, redpak::merge::VariableValue::Text("4242".into()));
}

#[test]
fn root_runs_no_command_to_find_out_who_commands_run_as() {
    if !is_root() {
        return redpak_testing::skip("only root is asked for more than its own rights");
    }
    let (_guard, path) = temporary();
    let family = node(
        &path,
        "headers: {alias: app}\nconfig:\n  set-user: $(touch pwned; echo root)\n",
    );
    let told = resolve_here(&family, &Request::default()).unwrap_err()[0].to_string();
    assert!(told.contains("commands are not run here"), "{told}");
}
