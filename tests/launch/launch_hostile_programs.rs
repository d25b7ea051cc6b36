//! A program that an attacker wrote cannot reach its launcher, its caller's terminal, or what it was not given.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Child;

use redpak_testing::{Config, Launch, Run, Terminal, Tree, User, built_program, have, skip, tool};

/// A leaf that wants to share processes; what its base and the main config say decides.
fn sharing(owner: &User, base: &str) -> Launch {
    let base = if base.is_empty() {
        Config::core()
    } else {
        Config::core().tag(base)
    };
    Launch::new(owner, &base, &Config::new().tag("share_pid: Enabled"))
}

/// Starts a script inside and reads its first line.
fn start(run: Run, script: &str) -> (Child, String, impl Sized + use<>) {
    let (mut child, home) = run.args(["--", "sh", "-c", script]).spawn();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("read");
    (child, line.trim().to_owned(), (home, reader))
}

/// Shell: finds the launcher above the program, whatever process is between.
const LAUNCHER: &str = "redwrap=$PPID; while [ \"$(cat /proc/$redwrap/comm)\" != redwrap ]; do \
                        redwrap=$(grep PPid: /proc/$redwrap/status | cut -f2); done";

#[test]
fn the_launcher_cannot_be_killed_from_inside() {
    for owner in User::owners() {
        let launch = sharing(&owner, "");
        // The launcher goes on, and so does an unrelated process.
        let (mut other, _home) = Run::command("sleep").arg("1000").user(&owner).spawn();
        let script = format!(
            "{LAUNCHER}; cat /proc/$redwrap/comm; \
             for pid in $redwrap {}; do kill -KILL $pid 2>/dev/null && echo killed $pid; done; exit 5",
            other.id()
        );
        let outcome = launch.shell(&script).exits(5).prints("redwrap\n");
        let _ = outcome.never_says("killed");
        // What belongs to the sandbox ends with it; nobody else does.
        let _ = launch.shell("kill -KILL -1");
        assert!(
            other.try_wait().expect("a child").is_none(),
            "an unrelated process was killed"
        );
        other.kill().expect("killed");
        other.wait().expect("reaped");
    }
}

#[test]
fn an_ancestor_that_agrees_lets_signals_out() {
    for owner in User::owners() {
        let launch = sharing(&owner, "share_pid: Enabled");
        let (mut other, _home) = Run::command("sleep").arg("1000").user(&owner).spawn();
        launch.shell(&format!("kill -KILL {}", other.id())).success();
        assert!(!other.wait().expect("reaped").success());
    }
}

#[test]
fn an_ancestor_that_disagrees_is_not_overruled() {
    let launch = sharing(&User::current(), "share_pid: Disabled");
    launch
        .shell("true")
        .refuses(125, &["share_pid", "base/etc/redpack.yaml"]);
}

#[test]
fn nobody_types_into_the_terminal_of_the_caller() {
    // python3 makes the raw system calls: of a number with a high half, from a session of its own, and plain.
    if !have("python3") {
        return skip("python3 makes the system calls");
    }
    let script = r#"
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
def push(request):
    for byte in b"X":
        answer = libc.syscall(ctypes.c_long(16), ctypes.c_long(0), ctypes.c_ulong(request), ctypes.byref(ctypes.c_char(byte)))
        print("ioctl", hex(request), answer, os.strerror(ctypes.get_errno()))
for request in (TIOCSTI, TIOCLINUX, TIOCSTI | 1 << 32, TIOCLINUX | 0xdead << 32):
    push(request)
if os.fork() == 0:
    os.setsid()
    push(TIOCSTI)
    os._exit(0)
os.wait()
print("x32", libc.syscall(ctypes.c_long(0x40000000 | 514), ctypes.c_long(0), ctypes.c_ulong(TIOCSTI), 0), os.strerror(ctypes.get_errno()))
print("done", flush=True)
"#;
    if !cfg!(target_arch = "x86_64") {
        return skip("the numbers are those of x86_64");
    }
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let mut terminal = Terminal::start(launch.redwrap().args(["--", "python3", "-c", script]));
        let seen = terminal.shows("done");
        assert_eq!(seen.matches("-1 Operation not permitted").count(), 5, "{seen}");
        assert!(seen.contains("x32 -1 Function not implemented"), "{seen}");
    }
}

#[test]
fn what_bubblewrap_was_started_with_is_not_shown() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let run = launch.redwrap().env("SECRET_OF_THE_CALLER", "hunter2");
        let script = "cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; echo all read";
        let outcome = run.args(["--", "sh", "-c", script]).run();
        outcome.success().prints("all read").never_says("hunter2");
    }
}

#[test]
fn no_descriptor_leads_out() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch.write("outside/secret", "secret\n");
        let open: String = (3..40)
            .map(|fd| format!("exec {fd}<{}; ", launch.outside().display()))
            .collect();
        let script =
            format!("{open} exec \"$0\" --redpath=\"$1\" -- sh -c 'ls /proc/self/fd; cat /proc/self/fd/*/secret'");
        let outcome = launch.bash(&script).run().never_says("secret\n");
        // ls itself opens one more, for the directory.
        assert_eq!(outcome.out(), "0\n1\n2\n3\n", "{}", outcome.report());
        // Nor does the directory of a descriptor become the program's own.
        for descriptor in [5, 7] {
            let chdir = Config::new().tag(format!("chdir: /proc/self/fd/{descriptor}"));
            launch.configure("base/leaf", &chdir);
            let script = format!("{open} exec \"$0\" --redpath=\"$1\" -- sh -c 'cat secret; ls -a ..'");
            launch.bash(&script).run().never_says("secret\n");
            let started = launch.bash(&script).run();
            assert!(started.code() != 0, "{}", started.report());
        }
        launch.configure("base/leaf", &Config::new());
    }
}

#[test]
fn the_launchers_file_is_not_written_through_proc() {
    if !User::is_root() {
        return skip("who does not own the file may not write it anyway");
    }
    // As root, with processes shared and the launcher's directory exported for writing to nobody: through /proc alone.
    let launch = sharing(&User::current(), "share_pid: Enabled");
    let copy = launch.write("outside/redwrap", fs::read(built_program("redwrap")).expect("readable"));
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("changed");
    fs::copy(built_program("redwrap-check"), launch.outside().join("redwrap-check")).expect("copied");
    let before = Tree::of(&launch.outside());
    let script = "for pid in $PPID $(grep PPid: /proc/$PPID/status | cut -f2); do \
                  (echo overwritten > /proc/$pid/exe) 2>&1; (echo overwritten >> /proc/$pid/root/etc/overwritten) 2>&1; done; echo tried";
    let run = Run::command(&copy).arg(format!("--redpath={}", launch.path("base/leaf").display()));
    run.args(["--", "sh", "-c", script]).run().success().prints("tried");
    before.unchanged();
    assert!(!Path::new("/etc/overwritten").exists(), "the host's root was written");
}

#[test]
fn a_launcher_with_raised_rights_refuses() {
    if !User::is_root() {
        return skip("only root raises rights of files");
    }
    let launch = Launch::leaf(&User::current(), &Config::new());
    let copy = launch.write("outside/redwrap", fs::read(built_program("redwrap")).expect("readable"));
    let callers = [Some(User::current()), User::unprivileged()];
    let name = copy.to_str().expect("UTF-8");
    for raise in [
        &["chmod", "4755", name][..],
        &["chmod", "2755", name],
        &["setcap", "cap_sys_admin+ep", name],
        &["setcap", "cap_dac_override+i", name],
    ] {
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("changed");
        tool(raise[0], &raise[1..]);
        for caller in callers.iter().flatten() {
            let run = Run::command(&copy).user(caller);
            let run = run.arg(format!("--redpath={}", launch.path("base/leaf").display()));
            run.args(["--", "echo", "started-it"])
                .run()
                .refuses(125, &["setuid", "setcap -r"])
                .never_says("started-it");
        }
    }
}

#[test]
fn nobody_is_left_of_a_launcher_killed_at_any_moment() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().tag("die-with-parent: Enabled"));
        let mark = format!("1{:06}", std::process::id());
        for delay in 0..60_u64 {
            let (mut child, _home) = launch.redwrap().args(["--", "sleep", &mark]).spawn();
            std::thread::sleep(std::time::Duration::from_millis(delay));
            child.kill().expect("killed");
            child.wait().expect("reaped");
        }
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while let Some(left) = anybody(&mark) {
            assert!(std::time::Instant::now() < end, "left: {left}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

/// A process that has the mark among its arguments.
fn anybody(mark: &str) -> Option<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let mut lines = processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok());
    lines.find(|line| line.split('\0').any(|word| word == mark))
}

#[test]
fn the_supervisor_cannot_be_traced_or_read() {
    for owner in User::owners() {
        let launch = sharing(&owner, "share_pid: Enabled");
        let script = format!(
            "{LAUNCHER}; cat /proc/$redwrap/comm; \
             cat /proc/$redwrap/environ /proc/$redwrap/mem /proc/$redwrap/maps | head -c 100; ls /proc/$redwrap/fd"
        );
        let (mut child, first, _open) = start(launch.redwrap(), &format!("{script}; echo end"));
        assert_eq!(first, "redwrap");
        child.wait().expect("reaped");
        if owner.uid == 0 {
            // Root with all its capabilities reads what it likes where users are shared; here it is another user namespace.
            continue;
        }
        let outcome = launch.shell(&script);
        assert_eq!(outcome.out(), "redwrap\n", "{}", outcome.report());
    }
}
