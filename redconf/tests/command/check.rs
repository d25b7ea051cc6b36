//! `check`: all problems at once, and nothing run.

use crate::pool::{Pool, status};

#[test]
fn every_problem_of_a_family_is_told_in_one_run() {
    let pool = Pool::family();
    pool.write("p/.rednode.yaml", &status("Disable", "/elsewhere", "system node"));
    pool.config("p/a", "headers: {alias: app}\nconfig: {share_pid: Disabled}\nexports:\n- {mode: Restricted, mount: /x, path: /not/there}\n");
    pool.config(
        "p/a/b",
        "headers: {alias: app}\nconfig: {share_pid: Enabled}\nenviron: [{key: A, value: 1}, {key: A, value: 2}]\n",
    );
    pool.write(
        "p/a/b/etc/redpack-admin.yaml",
        "headers: {alias: other}\nenviron: [{key: B, value: '${'}]\n",
    );
    let run = pool.run(&["check", "p/a/b"]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    for expected in [
        "the node's state is Disable",
        "the node was made at '/elsewhere'",
        "p/a/b/etc/redpack.yaml:1:18: alias: 'app' is the alias of an ancestor too",
        "share_pid",
        "p/a/b/etc/redpack.yaml:3:",
        "redpack-admin.yaml:1:18: the alias differs from 'app'",
        "redpack-admin.yaml:2:27: B: '${' has no matching '}'",
    ] {
        assert_eq!(run.stdout.matches(expected).count(), 1, "{expected}");
    }
}

#[test]
fn unreadable_files_do_not_hide_other_problems() {
    let pool = Pool::family();
    pool.config("p", "headers: {alias: system}\nconfig: {umsk: 1}\n");
    pool.write("p/a/.rednode.yaml", "state: Maybe\n");
    pool.config("p/a/b", "headers: {alias: app, alias: app}\n");
    let run = pool.run(&["check", "p/a/b"]);
    for expected in [
        "redpack.yaml:2:10: unknown key 'umsk' in 'config'; did you mean 'umask'?",
        ".rednode.yaml:1:8: state: 'Maybe' is not accepted",
        ".rednode.yaml:1:1: the key 'realpath' is missing",
        "warning: ",
    ] {
        assert!(run.stdout.contains(expected), "{expected}");
    }
    assert!(run.stdout.ends_with("1 checked: 3 errors, 1 warning\n"));
}

#[test]
fn files_nodes_and_pools_are_checked() {
    let pool = Pool::family();
    pool.write("c.yaml", "headers: {alias: x}\nexports: [{mode: Publik, mount: /x}]\n");
    pool.node("free/one", "one", "");
    pool.node("free/two", "two", "");
    pool.config("free/two", "headers: [\n");
    let run = pool.run(&["check", "c.yaml", "p/a", "free", "missing"]);
    assert_eq!(run.status, 1);
    assert!(
        run.stdout
            .contains("c.yaml:2:18: mode: 'Publik' is not accepted; expected one of Public, Private,")
    );
    assert!(run.stdout.contains("free/two/etc/redpack.yaml:1:10: "));
    assert!(run.stdout.contains("missing: no such file or directory"));
    assert!(run.stdout.ends_with("5 checked: 3 errors, 0 warnings\n"));
    let below = pool.run(&["check", "--all-below", "p"]).good();
    assert_eq!(below, "3 checked: 0 errors, 0 warnings\n");
    assert_eq!(pool.run(&["-q", "check", "p"]).good(), "");
}

#[test]
fn problems_have_a_stable_shape_as_json() {
    let pool = Pool::new();
    pool.write("c.yaml", "headers: {alias: x}\nconfig: {verbose: loud}\n");
    let run = pool.run(&["check", "--json", "c.yaml"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let file = pool.text("c.yaml");
    let message = "verbose: 'loud' is not accepted; expected an integer";
    let problem = serde_json::json!({"severity": "error", "message": message, "file": file, "line": 2, "column": 19});
    assert_eq!(
        json,
        serde_json::json!({"checked": [file], "problems": [problem], "errors": 1, "warnings": 0})
    );
    assert_eq!(run.status, 1);
}

#[test]
fn commands_are_run_only_when_asked() {
    let pool = Pool::family();
    let witness = pool.text("witness");
    let command = format!("touch {witness}; exit 3");
    pool.config(
        "p/a/b",
        &format!("headers: {{alias: app}}\nconfig: {{set-user: no-such-user}}\nenviron:\n- {{key: A, value: \"$({command})\"}}\n- {{key: B, mode: Execfd, value: \"{command}\"}}\n"),
    );
    pool.run(&["check", "p/a/b"]).good();
    assert!(!pool.path("witness").exists());
    let run = pool.run(&["check", "--expand", "p/a/b"]);
    assert!(
        run.stdout.contains("the user 'no-such-user' does not exist"),
        "{}",
        run.stdout
    );
    let config = pool
        .read("p/a/b/etc/redpack.yaml")
        .replace("{set-user: no-such-user}", "{}");
    pool.config("p/a/b", &config);
    let run = pool.run(&["check", "--expand", "p/a/b"]);
    assert!(
        run.stdout.contains("it exited with status 3") && pool.path("witness").exists(),
        "{}",
        run.stdout
    );
}

#[test]
fn missing_sources_are_warnings_and_strictly_errors() {
    let pool = Pool::family();
    pool.config(
        "p/a",
        "headers: {alias: platform}\nexports:\n- {mode: Restricted, mount: /x, path: /not/there}\n",
    );
    let run = pool.run(&["check", "p/a"]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("warning: ") && run.stdout.contains("'/not/there' does not exist"));
    assert!(
        !pool
            .run(&["check", "--root", "core", "p/a"])
            .stdout
            .contains("/not/there"),
        "another core OS has other files"
    );
    let run = pool.run(&["check", "--strict", "p/a"]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("error: ") && run.stdout.contains("/not/there"));
}

#[test]
fn the_shipped_templates_are_clean() {
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/../templates.d");
    let files: Vec<String> = std::fs::read_dir(templates)
        .expect("the templates")
        .map(|entry| entry.expect("an entry").path().to_str().expect("UTF-8").to_owned())
        .collect();
    assert!(files.len() >= 7, "{files:?}");
    let arguments: Vec<&str> = std::iter::once("check")
        .chain(files.iter().map(String::as_str))
        .collect();
    let pool = Pool::new();
    assert_eq!(
        pool.run(&arguments).good(),
        format!("{} checked: 0 errors, 0 warnings\n", files.len())
    );
}

/// What the README of redpak 2.5 shows: the tags of a config, and the limits of a node.
#[test]
fn what_the_first_redpak_documented_is_clean() {
    let pool = Pool::new();
    pool.write(
        "cgroups.yaml",
        "headers: {alias: node}
config:
  share_all: Unset
  share_user: Unset
  cgroups:
          cpuset:
                cpus: 0-2
                mems: 0
                cpus_partition: member
          mem:
                  min: 10M
                  low: 10M
                  high: 521M
                  max: 512M
                  oom_group: 10
                  swap_high: 1024M
                  swap_max: 512M
          cpu:
                  max: 1000 1000
                  weight: 200
                  weight_nice: 10
          io:
                weight: 200
                max: 8:0 rbps=2097152 wiops=120
          pids:
                max: 50

",
    );
    let run = pool.run(&["check", "cgroups.yaml"]);
    assert_eq!(run.good(), "1 checked: 0 errors, 0 warnings\n");
}

#[test]
fn hostile_files_are_refused_quickly() {
    let pool = Pool::new();
    pool.write("bomb.yaml", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n");
    pool.write("deep.yaml", &"[".repeat(100_000));
    nix::unistd::mkfifo(&pool.path("fifo.yaml"), nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let start = std::time::Instant::now();
    let run = pool.run(&["check", "bomb.yaml", "deep.yaml", "fifo.yaml", "/dev/zero"]);
    assert!(start.elapsed().as_secs() < 5);
    assert_eq!(run.stdout.matches("error: ").count(), 4);
    for expected in [
        "more than 50000 nodes",
        "recursion limit",
        "it is a FIFO",
        "it is a device",
    ] {
        assert!(run.stdout.contains(expected), "{expected}");
    }
}
