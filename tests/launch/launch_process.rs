//! Capabilities, mask, directory, session and death of the program, looked at from inside and from outside.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::process::Child;
use std::time::{Duration, Instant};

use redpak_testing::{Config, Launch, Terminal, User, backend, skip};

/// Numbers of linux/capability.h.
const CHOWN: u64 = 1 << 0;
const KILL: u64 = 1 << 5;
const NET_RAW: u64 = 1 << 13;

/// All that the kernel knows.
fn all() -> u64 {
    let last = fs::read_to_string("/proc/sys/kernel/cap_last_cap").expect("readable");
    (1 << (last.trim().parse::<u64>().expect("a number") + 1)) - 1
}

/// Effective, permitted and bounding sets of a program; they are the same wherever something is granted.
#[track_caller]
fn capabilities(launch: &Launch) -> [u64; 3] {
    let status = launch.status();
    ["CapEff", "CapPrm", "CapBnd"].map(|key| u64::from_str_radix(&status[key], 16).expect("a hexadecimal number"))
}

fn granting(entries: &[&str]) -> Config {
    Config::new().tag(format!("capabilities: [{}]", entries.join(", ")))
}

#[test]
fn capabilities_are_those_of_the_configs() {
    for owner in User::owners() {
        // A program of root starts with root's, over its own user namespace; everybody else's with none.
        let [initial, ..] = capabilities(&Launch::leaf(&owner, &Config::new()));
        assert_eq!(initial & KILL != 0, owner.uid == 0);
        for (entries, wanted) in [
            (
                vec!["{cap: CAP_CHOWN, add: 1}", "{cap: cap_kill, add: 1}"],
                initial | CHOWN | KILL,
            ),
            (vec!["{cap: CAP_KILL, add: 0}"], initial & !KILL),
            (vec!["{cap: ALL, add: 1}"], all()),
            (
                vec!["{cap: CAP_NET_RAW, add: 0}", "{cap: all, add: 1}"],
                all() & !NET_RAW,
            ),
            (vec!["{cap: CAP_NET_RAW, add: 1}", "{cap: ALL, add: 0}"], NET_RAW),
            (vec!["{cap: ALL, add: 0}"], 0),
        ] {
            let launch = Launch::leaf(&owner, &granting(&entries));
            assert_eq!(capabilities(&launch), [wanted; 3], "{entries:?}");
        }
    }
}

#[test]
fn a_caller_that_ignores_its_children_gets_the_status() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        launch
            .bash("exec env --ignore-signal=CHLD \"$0\" --redpath=\"$1\" -- sh -c 'exit 7'")
            .run()
            .exits(7);
    }
}

#[test]
fn no_capability_undoes_a_read_only_mount() {
    for owner in User::owners() {
        if owner.uid == 0 && backend().is_some_and(|name| name == "bubblewrap") {
            // bubblewrap gives root's programs the user namespace that owns the mounts.
            continue;
        }
        let launch = Launch::leaf(&owner, &Config::new());
        let mount = launch.outside();
        let leaf =
            granting(&["{cap: ALL, add: 1}"]).export(format!("{{mode: Restricted, mount: {}}}", mount.display()));
        launch.configure("base/leaf", &leaf);
        let script = format!(
            "cd {}; mount -o remount,bind,rw .; umount -l .; echo > new; cat /proc/self/mountinfo",
            mount.display()
        );
        let outcome = launch.shell(&script);
        assert_eq!(
            fs::read_dir(&mount).expect("readable").count(),
            0,
            "{}",
            outcome.report()
        );
        let line = outcome
            .out()
            .lines()
            .find(|line| line.contains(&format!(" {} ro,", mount.display())))
            .map(str::to_owned);
        assert!(line.is_some(), "{}", outcome.report());
    }
}

#[test]
fn an_unprivileged_program_has_none_unless_a_config_says_so() {
    let Some(user) = User::unprivileged() else {
        return skip("no unprivileged user");
    };
    assert_eq!(capabilities(&Launch::leaf(&user, &Config::new())), [0; 3]);
    assert_eq!(
        capabilities(&Launch::leaf(&user, &Config::new().tag("map-root-user: 1"))),
        [0; 3]
    );
}

#[test]
fn what_an_ancestor_drops_stays_dropped() {
    let base = Config::core().tag("capabilities: [{cap: CAP_KILL, add: 0}, {cap: CAP_CHOWN, add: 1}]");
    let launch = Launch::new(
        &User::current(),
        &base,
        &granting(&["{cap: CAP_CHOWN, add: 0}", "{cap: CAP_NET_RAW, add: 1}"]),
    );
    assert_eq!(capabilities(&launch)[0] & (KILL | CHOWN | NET_RAW), NET_RAW);
    launch.configure("base/leaf", &granting(&["{cap: CAP_KILL, add: 1}"]));
    launch.shell("true").refuses(
        125,
        &["CAP_KILL", "base/etc/redpack.yaml", "base/leaf/etc/redpack.yaml"],
    );
}

#[test]
fn a_capability_over_a_namespace_of_its_own_is_none_over_what_lies_outside() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &granting(&["{cap: ALL, add: 1}"]).tag("share_pid: Enabled"));
        // Setting the host's clock, name or routes takes capabilities over the first user namespace.
        let script = "date -s @0 >/dev/null 2>&1 && echo clock; cat /proc/1/environ >/dev/null 2>&1 && echo environ; \
             mknod /tmp/memory c 1 1 2>/dev/null && echo device; true";
        assert_eq!(launch.inside(script), "");
    }
}

#[test]
fn the_mask_is_the_configs_and_the_callers_without() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().tag("umask: '027'"));
        assert_eq!(launch.inside("umask; touch /tmp/x; stat -c %a /tmp/x"), "0027\n640");
        launch.configure("base/leaf", &Config::new());
        let run = launch
            .bash("umask 0053; exec \"$0\" --redpath=\"$1\" -- sh -c umask")
            .run();
        assert_eq!(run.success().out(), "0053\n");
    }
}

#[test]
fn the_program_starts_in_the_directory_of_the_config() {
    for owner in User::owners() {
        let leaf = Config::new()
            .tag("chdir: /nodes/$NODE_ALIAS/etc")
            .export("{mode: Restricted, mount: /nodes/$NODE_ALIAS, path: $NODE_PATH}");
        let launch = Launch::leaf(&owner, &leaf);
        assert_eq!(launch.inside("pwd; ls"), "/nodes/leaf/etc\nredpack.yaml");
        launch.configure("base/leaf", &Config::new().tag("chdir: /no/such/directory"));
        launch.shell("true").refuses(125, &["/no/such/directory"]);
    }
}

#[test]
fn the_callers_directory_is_kept_where_it_is_inside_too() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let pwd = |directory: &std::path::Path| {
            let run = launch
                .redwrap()
                .directory(directory)
                .args(["--", "sh", "-c", "pwd; ls / >/dev/null"]);
            run.run().success().out()
        };
        assert_eq!(pwd("/usr/bin".as_ref()), "/usr/bin\n");
        assert_eq!(pwd(&launch.outside()), "/\n");
    }
}

/// Starts `script`, which prints a line when it is set up.
fn start(launch: &Launch, script: &str) -> (Child, String, tempfile::TempDir) {
    let (mut child, home) = launch.redwrap().args(["--", "sh", "-c", script]).spawn();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("the program runs");
    (child, line, home)
}

/// Waits until nobody has the pipe open any more, or not.
fn ends_within(reader: impl Read + Send + 'static, limit: Duration) -> bool {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut reader = reader;
        let _ = reader.read_to_end(&mut Vec::new());
        let _ = sender.send(());
    });
    receiver.recv_timeout(limit).is_ok()
}

#[test]
fn the_program_dies_with_redwrap_only_when_a_config_says_so() {
    for owner in User::owners() {
        for (tag, dies) in [("Enabled", true), ("Disabled", false)] {
            let launch = Launch::leaf(&owner, &Config::new().tag(format!("die-with-parent: {tag}")));
            // The end of the pipe that the program alone holds tells whether it is there.
            let (mut child, _, _home) = start(&launch, "echo ready; cat; sleep 3");
            let reader = child.stdout.take().expect("piped");
            let started = Instant::now();
            child.kill().expect("kill redwrap");
            child.wait().expect("wait for redwrap");
            let ended = ends_within(reader, Duration::from_secs(20));
            let early = started.elapsed() < Duration::from_secs(3);
            assert_eq!((ended, early), (true, dies), "{tag}");
        }
    }
}

#[test]
fn another_user_dies_with_redwrap_too() {
    let (true, Some(user)) = (User::is_root(), User::unprivileged()) else {
        return skip("only root may become somebody else");
    };
    let leaf = Config::new()
        .tag("die-with-parent: Enabled")
        .tag(format!("set-user: {}", user.name));
    let launch = Launch::leaf(&User::current(), &leaf);
    let (mut child, _, _home) = start(&launch, "echo ready; exec sleep 600");
    let below = format!("/proc/{}/stat", below(child.id()));
    let reader = child.stdout.take().expect("piped");
    child.kill().expect("kill redwrap");
    child.wait().expect("wait for redwrap");
    assert!(ends_within(reader, Duration::from_secs(20)), "the program is gone");
    let end = Instant::now() + Duration::from_secs(20);
    // Who has ended and is not waited for by an init counts as gone.
    while fs::read_to_string(&below).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(Instant::now() < end, "a process of the launch is left");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The process below redwrap that is, or started, the sandbox's first.
fn below(redwrap: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{redwrap}/task/{redwrap}/children")).expect("redwrap runs");
    let last = children.split_whitespace().next_back().expect("redwrap has children");
    last.parse().expect("a number")
}

#[test]
fn a_new_session_has_no_terminal() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let script =
            "echo $(cut -d' ' -f6 /proc/self/stat); sh -c ': </dev/tty' 2>/dev/null && echo terminal || echo none";
        let mut terminal = Terminal::start(launch.redwrap().args(["--", "sh", "-c", script]));
        terminal.shows("terminal");
        assert_eq!(terminal.ends(), 0);
        launch.configure("base/leaf", &Config::new().tag("new-session: Enabled"));
        let mut terminal = Terminal::start(launch.redwrap().args(["--", "sh", "-c", script]));
        terminal.shows("none");
        assert_eq!(terminal.ends(), 0);
    }
}

#[test]
fn a_new_session_gets_the_terminals_signals_from_redwrap() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().tag("new-session: Enabled"));
        let script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done";
        let mut terminal = Terminal::start(launch.redwrap().args(["--", "sh", "-c", script]));
        terminal.shows("ready");
        terminal.types("\x03");
        terminal.shows("caught");
        assert_eq!(terminal.ends(), 9);
    }
}

#[test]
fn a_label_is_left_out_aloud_where_the_kernel_has_no_smack() {
    let launch = Launch::leaf(&User::current(), &Config::new().tag("smack: System::App"));
    if std::path::Path::new("/sys/fs/smackfs").exists() {
        assert_eq!(launch.inside("cat /proc/self/attr/current"), "System::App");
        return;
    }
    launch
        .shell("true")
        .success()
        .complains("the kernel does not enforce SMACK labels, the label is left out");
    launch.configure("base/leaf", &Config::new());
    let run = launch.redwrap().args(["--smack=Other", "--", "true"]);
    run.run().success().complains("SMACK");
}

#[test]
fn no_program_gains_privileges() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let status = launch.status();
        assert_eq!(status["NoNewPrivs"], "1");
        assert_eq!(status["Seccomp"], "2");
    }
}

#[test]
fn the_program_has_the_callers_signals_and_limits() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let inside = "exec grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status";
        let script = format!(
            "trap '' HUP; ulimit -n 77; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ulimit -n; \
             \"$0\" --redpath=\"$1\" -- sh -c \"ulimit -n; {inside}\""
        );
        let out = launch.bash(&script).run().success().out();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((&lines[..3], lines[3]), (&lines[5..], lines[4]), "{out}");
    }
}

/// What the launcher does before the program, with `-v`, with the tag, and with `--dump`.
#[test]
fn the_preparation_is_told_when_it_is_asked_for() {
    let owner = User::current();
    let told = "redwrap: umask 0027\n";
    let plain = Config::new().tag("umask: 027");
    let verbose = Config::new().tag("umask: 027").tag("verbose: 1");
    for (config, arguments, is_told) in [
        (&plain, &[][..], false),
        (&plain, &["-v"], true),
        (&plain, &["--dump-only"], false),
        (&plain, &["--dump-only", "-v"], true),
        (&plain, &["--dump"], true),
        (&verbose, &[], true),
        (&verbose, &["--quiet"], false),
    ] {
        let launch = Launch::leaf(&owner, config);
        let run = launch.redwrap().args(arguments).args(["--", "true"]);
        let outcome = run.run().success();
        assert_eq!(
            outcome.err().contains(told),
            is_told,
            "{arguments:?}: {}",
            outcome.err()
        );
    }
}
