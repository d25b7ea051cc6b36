//! Streams, exit status, colours, and text that must not reach a terminal as it is.

use std::fs::File;
use std::io::Read as _;
use std::process::Stdio;

use crate::pool::Pool;

#[test]
fn usage_errors_have_status_two_and_failures_one() {
    let pool = Pool::family();
    for arguments in [
        &["nothing"][..],
        &[],
        &["tree", "--json", "--yaml", "p"],
        &["tree", "--rmain", "x", "p"],
        &["tree", "--root", "x", "p"],
        &["config", "--admin=x", "p"],
        &["create", "--admin", "x"],
        &["config", "--redpath", "/x", "p"],
        &["-q", "-v", "tree", "p"],
    ] {
        assert_eq!(pool.run(arguments).status, 2, "{arguments:?}");
    }
    let told = pool.run(&["config", "--redpath=p"]).bad();
    assert_eq!(
        told,
        "redconf: the redpath 'p' is not absolute; write it from the root, for example /var/redpesk/app\n"
    );
    assert!(
        pool.run(&["config", "p/a/etc"])
            .bad()
            .contains("; the nearest node above it is ")
    );
    assert!(pool.run(&["--version"]).good().starts_with("redconf "));
    assert!(pool.run(&["-h"]).good().contains("Usage: redconf"));
}

#[test]
fn names_cannot_steer_a_terminal() {
    let pool = Pool::family();
    let evil = "evil\u{1b}]0;title\u{7}\u{202e}txt";
    pool.node(&format!("p/{evil}"), "x", "");
    for arguments in [
        &["tree", "p"][..],
        &["check", &format!("p/{evil}/etc")],
        &["config", &format!("p/{evil}")],
    ] {
        let run = pool.run(arguments);
        let text = format!("{}{}", run.stdout, run.stderr);
        assert!(text.contains("evil\\u{1b}]0;title\\u{7}\\u{202e}txt"), "{text}");
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let pool = Pool::family();
    for arguments in [&["tree", "p"][..], &["mergeconfig", "p/a"], &["check", "p"]] {
        let (reader, writer) = nix::unistd::pipe().expect("a pipe");
        drop(reader);
        let output = pool
            .command(arguments)
            .stdout(Stdio::from(writer))
            .output()
            .expect("redconf starts");
        assert_eq!(
            (output.status.code(), output.stderr),
            (Some(0), Vec::new()),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let pool = Pool::family();
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let output = pool
        .command(&["tree", "p"])
        .stdout(Stdio::from(full))
        .output()
        .expect("redconf starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "redconf: no space left on device\n"
    );
}

/// What a terminal shows of `tree`.
fn on_a_terminal(pool: &Pool, variables: &[(&str, &str)]) -> String {
    let terminal = nix::pty::openpty(None, None).expect("a terminal");
    let mut command = pool.command(&["tree", "p"]);
    command
        .envs(variables.iter().copied())
        .stdout(Stdio::from(terminal.slave));
    let mut child = command.spawn().expect("redconf starts");
    drop(command);
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    let mut reader = File::from(terminal.master);
    // A terminal whose last writer has gone is not at its end, it fails.
    while let Ok(count) = reader.read(&mut buffer) {
        if count == 0 {
            break;
        }
        shown.extend_from_slice(&buffer[..count]);
    }
    assert!(child.wait().expect("it ends").success());
    String::from_utf8(shown).expect("UTF-8")
}

#[test]
fn colours_are_for_terminals() {
    let pool = Pool::family();
    assert!(on_a_terminal(&pool, &[]).contains("\u{1b}[32mEnable\u{1b}[0m"));
    assert!(!on_a_terminal(&pool, &[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!on_a_terminal(&pool, &[("TERM", "dumb")]).contains('\u{1b}'));
    assert!(!pool.run(&["tree", "p"]).good().contains('\u{1b}'));
}

#[test]
fn verbose_names_what_is_read_and_quiet_hides_warnings() {
    let pool = Pool::family();
    pool.config("p/a", "headers: {alias: platform, alias: platform, name: long}\n");
    let run = pool.run(&["-vv", "config", "p/a"]);
    let file = pool.text("p/a/etc/redpack.yaml");
    assert!(
        run.stderr
            .contains(&format!("read {file}\n  alias platform, name long, info -\n")),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains(&format!("warning: {file}:1:28: 'alias' is written twice")),
        "{}",
        run.stderr
    );
    assert_eq!(pool.run(&["-q", "config", "p/a"]).stderr, "");
}

#[test]
fn neither_librpm_nor_libdnf5_is_linked() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_redconf")).expect("the program");
    let names = |name: &[u8]| program.windows(name.len()).any(|window| window == name);
    assert!(names(b"libc.so"), "the names of libraries can be found");
    assert!(!names(b"librpm.so") && !names(b"libdnf5.so"));
}
