//! Statuses, signals, streams, descriptors, environment and terminal of a program that redwrap starts.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use redpak_testing::{Outcome, Pool, Run, Terminal, Tree, User, built_program, tool};

/// A family of two nodes of each kind of owner.
fn families() -> impl Iterator<Item = Pool> {
    User::owners().into_iter().map(|owner| {
        let pool = Pool::new(&owner);
        pool.create("platform");
        pool.create("platform/leaf");
        pool
    })
}

fn wrap(pool: &Pool, program: &[&str]) -> Run {
    pool.redwrap("platform/leaf").arg("--").args(program)
}

fn shell(pool: &Pool, script: &str) -> Outcome {
    wrap(pool, &["sh", "-c", script]).run()
}

#[test]
fn the_status_is_the_programs_own() {
    for pool in families() {
        shell(&pool, "exit 0").success();
        shell(&pool, "exit 7").exits(7);
        shell(&pool, "exit 255").exits(255);
        shell(&pool, "kill -TERM $$").exits(143);
        shell(&pool, "kill -KILL $$").exits(137);
        wrap(&pool, &["no-such-program"])
            .run()
            .refuses(127, &["no-such-program"]);
        wrap(&pool, &["/no/such/program"])
            .run()
            .refuses(127, &["/no/such/program"]);
        wrap(&pool, &["/etc/passwd"]).run().refuses(126, &["/etc/passwd"]);
        wrap(&pool, &["/usr"]).run().refuses(126, &["/usr"]);
    }
}

#[test]
fn failures_of_redwrap_itself_are_125() {
    for pool in families() {
        pool.redwrap("platform/leaf")
            .arg("--no-such-option")
            .run()
            .refuses(125, &["--no-such-option"]);
        pool.redwrap("platform/leaf").run().refuses(125, &["PROGRAM"]);
        pool.redwrap("platform/leaf")
            .args(["--bwrap=/no/such/bwrap", "--", "true"])
            .run()
            .refuses(125, &["/no/such/bwrap"]);
    }
}

/// Starts `script`, which prints `ready` once it is set up, and returns it with its output's reader.
fn start(pool: &Pool, script: &str) -> (Child, BufReader<impl Read + use<>>, tempfile::TempDir) {
    let (mut child, home) = wrap(pool, &["sh", "-c", script]).spawn();
    let mut reader = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("read the first line");
    assert_eq!(line, "ready\n");
    (child, reader, home)
}

fn finish(child: &mut Child) -> i32 {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(status) = child.try_wait().expect("wait for redwrap") {
            return status.code().expect("redwrap turns signals into a status");
        }
        assert!(Instant::now() < end, "redwrap {} does not end", child.id());
        thread::sleep(Duration::from_millis(5));
    }
}

fn signal(name: &str, child: &Child) {
    tool("kill", [&format!("-{name}"), &child.id().to_string()]);
}

#[test]
fn signals_reach_the_program() {
    for pool in families() {
        for (name, number) in [
            ("HUP", 1),
            ("INT", 2),
            ("QUIT", 3),
            ("USR1", 10),
            ("USR2", 12),
            ("TERM", 15),
        ] {
            let (mut child, _reader, _home) = start(&pool, "echo ready; exec sleep 60");
            signal(name, &child);
            assert_eq!(finish(&mut child), 128 + number, "{name}");
        }
    }
}

#[test]
fn a_program_may_handle_a_signal_and_go_on() {
    for pool in families() {
        let script =
            "trap 'echo caught; exit 5' TERM; trap 'echo again' USR1; echo ready; while :; do sleep 0.05; done";
        let (mut child, mut reader, _home) = start(&pool, script);
        signal("USR1", &child);
        let mut line = String::new();
        reader.read_line(&mut line).expect("read what the program says");
        assert_eq!(line, "again\n");
        signal("TERM", &child);
        assert_eq!(finish(&mut child), 5);
    }
}

#[test]
fn nothing_outlives_a_redwrap_that_is_killed() {
    for pool in families() {
        let seconds = 100_000 + std::process::id();
        let (mut child, _reader, _home) = start(&pool, &format!("echo ready; sleep {seconds}"));
        await_that("the program runs", || runs(seconds));
        signal("KILL", &child);
        child.wait().expect("wait for redwrap");
        await_that("nothing outlives redwrap", || !runs(seconds));
    }
}

#[track_caller]
fn await_that(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !condition() {
        assert!(Instant::now() < end, "not within five seconds: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a `sleep` of that many seconds runs.
fn runs(seconds: u32) -> bool {
    let wanted = format!("sleep\0{seconds}\0");
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    processes
        .into_iter()
        .any(|process| std::fs::read(process.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes()))
}

#[test]
fn a_gibibyte_passes_through_unchanged() {
    for pool in families() {
        // Numbers, not zeroes: a lost or doubled page must show.
        let script = "data() { seq 1 200000000 | head -c 1073741824; }; cmp <(data | \"$0\" --redpath=\"$1\" -- cat) <(data) && echo same";
        let run = Run::command("bash")
            .args(["-c", script])
            .arg(built_program("redwrap"))
            .arg(pool.node("platform/leaf"));
        assert_eq!(
            run.user(pool.owner())
                .limit(Duration::from_secs(300))
                .run()
                .success()
                .out(),
            "same\n"
        );
    }
}

#[test]
fn streams_stay_apart_and_a_closed_reader_ends_the_program() {
    for pool in families() {
        let outcome = wrap(&pool, &["sh", "-c", "cat; echo err >&2"])
            .input("in")
            .run()
            .success();
        assert_eq!((outcome.out().as_str(), outcome.err().as_str()), ("in", "err\n"));
        let script = "\"$0\" --redpath=\"$1\" -- yes | head -n 1; echo ${PIPESTATUS[0]}";
        let run = Run::command("bash")
            .args(["-c", script])
            .arg(built_program("redwrap"))
            .arg(pool.node("platform/leaf"));
        assert_eq!(run.user(pool.owner()).run().out(), "y\n141\n");
    }
}

#[test]
fn the_program_sees_three_descriptors() {
    for pool in families() {
        let script = "exec 3</ 7</etc/passwd 42</tmp; \"$0\" --redpath=\"$1\" -- sh -c 'ls -l /proc/$$/fd' </dev/null";
        let run = Run::command("bash")
            .args(["-c", script])
            .arg(built_program("redwrap"))
            .arg(pool.node("platform/leaf"));
        let listed = run.user(pool.owner()).run().success();
        let descriptors: Vec<&str> = listed
            .stdout
            .split(|byte| *byte == b'\n')
            .filter_map(descriptor)
            .collect();
        assert_eq!(descriptors, ["0", "1", "2"], "{}", listed.report());
    }
}

#[test]
fn descriptors_that_the_caller_closed_lead_nowhere() {
    for pool in families() {
        // The leaf's config would be standard error otherwise, or the pipe to the program.
        let script =
            "\"$0\" --redpath=\"$1\" -- sh -c 'readlink /proc/self/fd/0 /proc/self/fd/2; echo lost >&2' <&- 2>&-";
        let run = Run::command("bash")
            .args(["-c", script])
            .arg(built_program("redwrap"))
            .arg(pool.node("platform/leaf"));
        let listed = run.user(pool.owner()).run().success();
        assert_eq!(listed.out(), "/dev/null\n/dev/null\n");
    }
}

#[test]
fn a_reader_of_the_plan_that_is_gone_is_an_error_and_no_signal() {
    for pool in families() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let redpath = format!("--redpath={}", pool.node("platform/leaf").display());
        let printed = Command::new(built_program("redwrap"))
            .args([&redpath, "--dump-only", "--", "true"])
            .stdout(writer)
            .output()
            .expect("started");
        // Nobody is there to be told.
        assert_eq!((printed.status.code(), &*printed.stderr), (Some(125), &b""[..]));
    }
}

/// The name in a line of `ls -l` that shows a link.
fn descriptor(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    line.split(" -> ")
        .next()
        .filter(|_| line.contains(" -> "))?
        .rsplit(' ')
        .next()
}

#[test]
fn the_environment_is_the_familys() {
    for pool in families() {
        let run = wrap(&pool, &["env"])
            .env("SECRET", "x")
            .env("LD_PRELOAD", "")
            .env("TERM", "vt100");
        let environment = run.run().success().never_says("SECRET").never_says("LD_PRELOAD");
        let environment = environment
            .prints("TERM=vt100\n")
            .prints("PATH=/nodes/leaf/usr/local/bin:");
        let path = environment.out();
        let path = path
            .lines()
            .find(|line| line.starts_with("PATH="))
            .expect("PATH is set");
        let position = |node: &str| {
            path.find(&format!("/nodes/{node}/usr/bin"))
                .expect("each node has its place in PATH")
        };
        assert!(position("leaf") < position("platform"), "{path}");
        assert!(
            path.find(":/usr/bin").is_some_and(|core| core > position("platform")),
            "{path}"
        );
    }
}

#[test]
fn the_family_is_read_only_and_stays_as_it_was() {
    for pool in families() {
        let before = Tree::of(pool.path());
        let outcome = shell(
            &pool,
            "touch /nodes/leaf/x; touch /nodes/platform/x; touch /usr/x; echo > /var/lib/rpm/x; ls /nodes",
        );
        let outcome = outcome.success().complains("Read-only file system");
        assert_eq!(outcome.out(), "leaf\nplatform\n", "{}", outcome.report());
        before.unchanged();
    }
}

#[test]
fn the_printed_plan_starts_the_same_namespace_and_prints_alone() {
    for pool in families() {
        let before = Tree::of(pool.path());
        let plan = pool
            .redwrap("platform/leaf")
            .args(["--dump-only", "--", "sh", "-c", "id -u; echo \"a  b\"; ls /nodes"])
            .run()
            .success();
        let text = plan.out();
        let mut lines = text.lines();
        assert!(lines.next().is_some_and(|line| line.ends_with("/bwrap")), "{text}");
        assert!(lines.all(|line| line.starts_with("  ")), "{text}");
        assert_eq!(plan.err(), "");
        before.unchanged();
        let joined = text.lines().collect::<Vec<_>>().join(" ");
        let by_hand = Run::command("sh")
            .args(["-c", &joined])
            .user(pool.owner())
            .run()
            .success();
        let ours = wrap(&pool, &["sh", "-c", "id -u; echo \"a  b\"; ls /nodes"])
            .run()
            .success();
        assert_eq!(by_hand.out(), ours.out(), "{}", by_hand.report());
    }
}

#[test]
fn the_terminal_keeps_working() {
    for pool in families() {
        let script = "test -t 0 && stty size; trap 'echo caught; exit 9' INT; trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done";
        let mut terminal = Terminal::start(wrap(&pool, &["sh", "-c", script]));
        terminal.shows("24 80");
        terminal.shows("ready");
        terminal.resize(50, 100);
        terminal.shows("50 100");
        terminal.types("\x03");
        terminal.shows("caught");
        assert_eq!(terminal.ends(), 9);
    }
}

#[test]
fn control_c_ends_a_program_that_does_not_handle_it() {
    for pool in families() {
        let mut terminal = Terminal::start(wrap(&pool, &["sh", "-c", "echo ready; exec sleep 60"]));
        terminal.shows("ready");
        terminal.types("\x03");
        assert_eq!(terminal.ends(), 130);
    }
}

#[test]
fn a_shell_has_job_control() {
    for pool in families() {
        let mut terminal = Terminal::start(wrap(&pool, &["bash", "--norc", "-i"]));
        // The quotes keep the echo of what is typed from being taken for output.
        terminal.types("sh -c 'echo st\"\"arted; exec sleep 60'\n");
        terminal.shows("started");
        terminal.types("\x1a");
        terminal.shows("Stopped");
        terminal.types("kill -9 %1; while kill -0 %1; do sleep 0.1; done; echo g\"\"one\n");
        terminal.shows("gone");
        terminal.types("exit 3\n");
        assert_eq!(terminal.ends(), 3);
    }
}

#[test]
fn standard_input_may_be_a_file() {
    for pool in families() {
        let file = File::open("/etc/os-release").expect("a file that every system has");
        let mut command = Command::new(built_program("redwrap"));
        command
            .arg("--redpath")
            .arg(pool.node("platform/leaf"))
            .args(["--", "cat"])
            .stdin(file);
        let output = command.output().expect("start redwrap");
        assert_eq!(output.stdout, std::fs::read("/etc/os-release").expect("read the file"));
    }
}
