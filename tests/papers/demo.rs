//! The demo, as a person at a terminal runs it.

use std::fs;
use std::path::Path;

use redpak_testing::{Run, Terminal, built_program, directory};

/// `containers/demo` with the target directory of this test; its own temporary files go to `temporary`.
fn demo(temporary: &Path) -> Run {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checkout = tests.parent().expect("tests/ lies in the checkout");
    let profile = built_program("redwrap");
    let target = profile.ancestors().nth(2).expect("programs lie in target/PROFILE");
    let run = Run::command(checkout.join("containers/demo")).directory(checkout);
    let run = run.env("CARGO_TARGET_DIR", target).env("TMPDIR", temporary);
    ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"]
        .iter()
        .fold(run, |run, key| match std::env::var_os(key) {
            Some(value) => run.env(key, value),
            None => run,
        })
}

/// Nothing is left of a demo whose temporary files went to `temporary`.
#[track_caller]
fn nothing_remains(temporary: &Path) {
    let left: Vec<_> = fs::read_dir(temporary).expect("read the directory").flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    let name = temporary.to_str().expect("temporary paths are UTF-8");
    let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
    assert!(!mounts.contains(name), "{mounts}");
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let running: Vec<String> = processes
        .filter_map(|process| mentions(&process.path(), name))
        .collect();
    assert!(running.is_empty(), "still running: {running:?}");
}

/// The command line of a process that has this text in it or in its environment.
fn mentions(process: &Path, text: &str) -> Option<String> {
    let read = |file| fs::read(process.join(file)).map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "));
    let (line, environment) = (read("cmdline").ok()?, read("environ").unwrap_or_default());
    (line.contains(text) || environment.contains(text)).then_some(line)
}

#[test]
fn it_ends_with_the_programs_output_and_leaves_nothing() {
    let temporary = directory();
    for _ in 0..2 {
        let outcome = demo(temporary.path()).run().success();
        assert!(
            outcome.out().ends_with("system\nplatform\napplication\n"),
            "{}",
            outcome.report()
        );
        nothing_remains(temporary.path());
    }
}

#[test]
fn control_c_in_the_middle_leaves_nothing() {
    let moments = [
        "A signing key",
        "rpmbuild",
        "http://127.0.0.1",
        "install -y jq-libs",
        "Running transaction",
        "rpm -qa",
    ];
    for moment in moments {
        let temporary = directory();
        let mut terminal = Terminal::start(demo(temporary.path()));
        terminal.shows(moment);
        terminal.types("\x03");
        assert_eq!(terminal.ends(), 130, "interrupted at {moment:?}");
        nothing_remains(temporary.path());
    }
}
