//! Commands that behave and commands that do not.

use std::time::{Duration, Instant};

use redpak::expand::Command;

use super::*;
use crate::report::chain;

fn command(text: &str) -> Command {
    Command {
        text: text.into(),
        environment: vec![("NODE_ALIAS".into(), "app".into())],
    }
}

fn run(text: &str) -> Result<String, String> {
    with(Shell::default(), text)
}

fn with(shell: Shell, text: &str) -> Result<String, String> {
    let output = shell.output(&command(text)).map_err(|error| chain(&error))?;
    Ok(String::from_utf8(output).unwrap())
}

fn quick(milliseconds: u64) -> Shell {
    let limits = Limits {
        time: Duration::from_millis(milliseconds),
        output: 1000,
    };
    Shell { limits, identity: None }
}

#[test]
fn the_environment_is_clean_but_for_the_builtins() {
    // The shell itself sets PWD and the like, but exports none of it on its own account.
    let environment = run("env").unwrap();
    let names: Vec<_> = environment
        .lines()
        .map(|line| line.split_once('=').unwrap().0)
        .collect();
    assert!(names.contains(&"NODE_ALIAS") && names.contains(&"PATH"), "{names:?}");
    assert!(!names.contains(&"CARGO") && !names.contains(&"HOME"), "{names:?}");
    assert_eq!(run("echo $NODE_ALIAS").unwrap(), "app\n");
}

#[test]
fn standard_input_is_empty() {
    assert_eq!(run("cat").unwrap(), "");
}

#[test]
fn a_failure_tells_status_and_stderr() {
    let told = run("echo one >&2; echo two >&2; exit 3").unwrap_err();
    assert_eq!(told, "it exited with status 3: one; two");
    assert_eq!(run("kill -TERM $$").unwrap_err(), "it was killed by signal 15");
}

#[test]
fn escapes_on_stderr_do_not_reach_the_terminal() {
    let told = run("printf '\\033[2Jx' >&2; exit 1").unwrap_err();
    assert!(!told.contains('\u{1b}') && told.ends_with("[2Jx"), "{told}");
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_its_group() {
    let start = Instant::now();
    let told = with(quick(300), "echo why >&2; sleep 60 & sleep 61").unwrap_err();
    assert_eq!(told, "it was killed after 0.3 s: why");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_command_that_hides_its_outputs_has_a_limit_too() {
    let told = with(quick(300), "exec >&- 2>&-; sleep 60").unwrap_err();
    assert_eq!(told, "it was killed after 0.3 s");
}

#[test]
fn nobody_of_the_group_outlives_the_command() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("alive");
    run(&format!("(sleep 1; touch '{}') >&- 2>&- &", file.display())).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(!file.exists());
}

#[test]
fn the_output_of_a_background_process_counts() {
    assert_eq!(run("(sleep 0.1; echo late) &").unwrap(), "late\n");
}

#[test]
fn too_much_output_is_refused() {
    assert_eq!(
        with(quick(10_000), "yes").unwrap_err(),
        "it printed more than 1000 bytes"
    );
    assert_eq!(
        run("head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2")
            .unwrap()
            .len(),
        300_000
    );
}

#[test]
fn open_descriptors_stay_with_the_caller() {
    let file = std::fs::File::open("/").unwrap();
    rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty()).unwrap();
    // A shell has its own script on none; ls opens the directory it lists.
    let open = run("ls /proc/$$/fd").unwrap();
    assert_eq!(open.split_whitespace().collect::<Vec<_>>(), ["0", "1", "2"]);
}

#[test]
fn privileges_cannot_be_gained() {
    assert_eq!(run("grep NoNewPrivs /proc/self/status").unwrap(), "NoNewPrivs:\t1\n");
}

#[test]
fn run_by_root_for_a_user_it_is_that_user_without_network() {
    if !rustix::process::geteuid().is_root() {
        return redpak_testing::skip("only root can become another user");
    }
    let identity = Some(Identity {
        uid: 4242,
        gid: 4343,
        groups: vec![4444],
    });
    let shell = Shell {
        identity,
        ..Shell::default()
    };
    assert_eq!(
        with(shell.clone(), "id -u; id -g; id -G").unwrap(),
        "4242\n4343\n4343 4444\n"
    );
    let interfaces = with(shell, "tail -n +3 /proc/net/dev | cut -d: -f1").unwrap();
    assert_eq!(interfaces.trim(), "lo");
}
