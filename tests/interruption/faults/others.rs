//! Other programs of rpm, and other commands of ours, at the same time.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use redpak_testing::{Outcome, Package, Run, User, built_program, directory, skip, tool};

use crate::pool;

/// `rpm --root=NODE`.
fn rpm(node: &Path, arguments: &[&str]) -> Outcome {
    let root = format!("--root={}", node.display());
    Run::command("rpm")
        .arg(root)
        .arg("--dbpath=/var/lib/rpm")
        .args(arguments)
        .run()
}

/// Starts a command that asks, and waits for its question.
fn asking(run: Run) -> (Child, tempfile::TempDir) {
    let (mut child, home) = run.spawn();
    let mut shown = String::new();
    let mut byte = [0];
    let out = child.stderr.as_mut().expect("piped");
    while !shown.ends_with("[y/N]: ") {
        assert_eq!(out.read(&mut byte).expect("read"), 1, "{shown}");
        shown.push(char::from(byte[0]));
    }
    (child, home)
}

fn answer(mut child: Child) -> (Option<i32>, String) {
    child.stdin.take().expect("piped").write_all(b"y\n").expect("answered");
    let output = child.wait_with_output().expect("reaped");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_database_that_rpm_changed_meanwhile_is_noticed() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    let (pool, repository) = pool(&["one", "two"]);
    let node = pool.node("node");
    let two = repository.file(&Package::new("two", "1-1"));
    let (child, _home) = asking(pool.dnf("node").args(["install", "one"]));
    rpm(&node, &["-i", "--nosignature", two.to_str().expect("UTF-8")]).success();
    let (code, told) = answer(child);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("another program has changed the rpmdb"), "{told}");
    assert!(!node.join(".rednode.journal").exists());
    assert_eq!(pool.installed("node"), ["two-1-1.noarch"]);
    pool.install("node", &["one"]);
    assert_eq!(pool.installed("node"), ["one-1-1.noarch", "two-1-1.noarch"]);
}

#[test]
fn a_database_that_dnf5_changed_meanwhile_is_noticed() {
    if !User::is_root() {
        return skip("plain dnf5 changes its root, which takes root");
    }
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    let (child, _home) = asking(pool.dnf("node").args(["install", "two"]));
    let dnf5 = Run::command("dnf5").arg(format!("--installroot={}", pool.node("node").display()));
    dnf5.args(["remove", "-y", "one"]).run().success();
    let (code, told) = answer(child);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("another program has changed the rpmdb"), "{told}");
    assert_eq!(pool.installed("node"), [""; 0]);
}

#[test]
fn another_program_of_rpm_is_waited_for_by_name() {
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    let lock = pool.node("node").join("var/lib/rpm/.rpm.lock");
    // What rpm does while a transaction runs; rpm itself would be over too soon.
    let program = "import fcntl,sys\nf=open(sys.argv[1],'r+')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('held',flush=True)\nsys.stdin.read()";
    let mut holder = Command::new("python3")
        .args(["-c", program])
        .arg(&lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut held = String::new();
    let out = holder.stdout.take().expect("piped");
    BufReader::new(out).read_line(&mut held).expect("it holds the lock");
    let (mut waiting, _home) = pool.dnf("node").args(["install", "-y", "two"]).spawn();
    let mut lines = BufReader::new(waiting.stderr.take().expect("piped")).lines();
    let told = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("Waiting for")));
    let told = told.expect("it says that it waits").expect("UTF-8");
    assert!(
        told.contains("another program of rpm") && told.contains(".rpm.lock"),
        "{told}"
    );
    assert!(waiting.try_wait().expect("a child").is_none(), "it does not go on");
    assert!(
        !pool.node("node").join(".rednode.journal").exists(),
        "nothing has begun"
    );
    drop(holder.stdin.take());
    holder.wait().expect("reaped");
    let rest: Vec<String> = lines.map(|line| line.expect("UTF-8")).collect();
    assert!(waiting.wait().expect("reaped").success(), "{rest:?}");
    assert_eq!(pool.installed("node"), ["one-1-1.noarch", "two-1-1.noarch"]);
}

#[test]
fn a_database_rebuilt_again_and_again_loses_nothing() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    // `containers/crash` tries more.
    let wanted = std::env::var("REDPAK_TEST_REBUILDS").map_or(20, |count| count.parse().expect("a number"));
    let names: Vec<String> = (0..20).map(|number| format!("package{number}")).collect();
    let (pool, _repository) = pool(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let node = pool.node("node");
    pool.install("node", &["package0"]);
    let stop = directory();
    let script = format!(
        "n=0; while [ -e {stop} ]; do rpm --root={node} --dbpath=/var/lib/rpm --rebuilddb; n=$((n+1)); done; echo $n",
        stop = stop.path().display(),
        node = node.display()
    );
    let rebuilding = Command::new("sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh");
    let mut installed = vec!["package0-1-1.noarch".to_owned()];
    let transaction = |command: &str, name: &str| {
        let run = pool.dnf("node").args([command, "-y", name]).run();
        assert!(!run.err().contains("panicked"), "{}", run.report());
        run.code() == 0
    };
    for (number, name) in names[1..].iter().cycle().take(wanted - 1).enumerate() {
        let package = format!("{name}-1-1.noarch");
        if number >= names.len() - 1 && transaction("remove", name) {
            installed.retain(|there| there != &package);
        }
        if transaction("install", name) && !installed.contains(&package) {
            installed.push(package);
        }
    }
    stop.close().expect("removed");
    let output = rebuilding.wait_with_output().expect("reaped");
    let rebuilt: u32 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a number");
    assert!(rebuilt as usize >= wanted, "{rebuilt}");
    pool.dnf("node").args(["manager", "--repair"]).run().success();
    // A failure may have come after the package had been registered; a success never without.
    let there = pool.installed("node");
    for package in installed {
        assert!(there.contains(&package), "{package} is lost: {there:?}");
    }
    tool(
        "rpm",
        [
            format!("--root={}", node.display()),
            "--dbpath=/var/lib/rpm".into(),
            "-Va".into(),
        ],
    );
}

/// Starts a command that waits at a point, and waits until it is there.
fn at_point(run: Run, point: &str) -> (Child, tempfile::TempDir) {
    let run = run.env("REDPAK_TEST_FAILURE_POINT", format!("wait:{point}"));
    let (mut child, home) = run.spawn();
    let mut shown = String::new();
    let mut byte = [0];
    let out = child.stderr.as_mut().expect("piped");
    while !shown.ends_with(&format!("waiting at {point}\n")) {
        assert_eq!(out.read(&mut byte).expect("read"), 1, "{shown}");
        shown.push(char::from(byte[0]));
    }
    (child, home)
}

/// What a rebuild that races with rpm does: the header that was just added is not in the new database.
#[test]
fn a_header_that_another_program_loses_is_noticed() {
    if !User::is_root() {
        return skip("plain rpm changes its root, which takes root");
    }
    let (pool, _repository) = pool(&["one"]);
    let install = pool.dnf("node").args(["install", "-y", "one", "--setopt=keepcache=1"]);
    let (child, _home) = at_point(install, "ended");
    rpm(&pool.node("node"), &["-e", "--justdb", "one"]).success();
    let (code, told) = answer(child);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("does not show what has just been done"), "{told}");
    let repair = pool.dnf("node").args(["manager", "--repair"]).run().success();
    repair.complains("is finished now");
    assert_eq!(pool.installed("node"), ["one-1-1.noarch"]);
}

/// The next command would carry out all the same what a journal plans.
#[test]
fn a_signal_comes_too_late_when_the_journal_is_written() {
    let (pool, _repository) = pool(&["one"]);
    for point in ["journal", "composed"] {
        let (child, _home) = at_point(pool.dnf("node").args(["install", "-y", "one"]), point);
        tool("kill", ["-TERM".to_owned(), child.id().to_string()]);
        let (code, told) = answer(child);
        assert_eq!(code, Some(0), "{point}: {told}");
        assert!(told.contains("Complete!"), "{told}");
        assert!(!pool.node("node").join(".rednode.journal").exists(), "{point}");
        pool.dnf("node").args(["remove", "-y", "one"]).run().success();
    }
}

#[test]
fn a_launch_in_the_middle_of_a_transaction_is_refused_and_told_by_whom() {
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    let (child, _home) = at_point(pool.dnf("node").args(["install", "-y", "two"]), "install");
    let holder = format!("process {}", child.id());
    let words = ["node-state: ", "is being changed by", &*holder];
    pool.redwrap("node")
        .args(["--", "echo", "started"])
        .run()
        .refuses(125, &words);
    pool.redwrap("node")
        .args(["--force", "--", "echo", "started"])
        .run()
        .success()
        .prints("started");
    let listed = pool.dnf("node").args(["repoquery", "--installed"]).run().success();
    listed.prints("one").complains("is being changed by");
    let (code, told) = answer(child);
    assert_eq!(code, Some(0), "{told}");
    pool.redwrap("node")
        .args(["--", "echo", "started"])
        .run()
        .success()
        .prints("started");
}

/// Waits until something is so.
#[track_caller]
fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "it takes too long");
        std::thread::yield_now();
    }
}

/// While the packages are checked a transaction begins: it has removed files, and their package is still registered.
#[test]
fn a_launch_that_began_before_a_transaction_names_it_and_nothing_else() {
    let (pool, _repository) = pool(&["one"]);
    pool.install("node", &["one"]);
    let programs = directory();
    let at = |name: &str| programs.path().join(name);
    fs::copy(built_program("redwrap"), at("redwrap")).expect("copied");
    let waits = format!(
        "#!/bin/sh\n: > {0}/begun\nwhile [ ! -e {0}/go ]; do sleep 0.1; done\nexec {1} \"$@\"\n",
        programs.path().display(),
        built_program("redwrap-check").display()
    );
    fs::write(at("redwrap-check"), waits).expect("written");
    fs::set_permissions(at("redwrap-check"), fs::Permissions::from_mode(0o755)).expect("a mode");
    let launch = Run::command(at("redwrap")).arg(format!("--redpath={}", pool.node("node").display()));
    let (launch, _home) = launch.args(["--", "true"]).spawn();
    until(|| at("begun").exists());
    let (child, _home) = at_point(pool.dnf("node").args(["remove", "-y", "one"]), "removed");
    fs::write(at("go"), "").expect("written");
    let output = launch.wait_with_output().expect("reaped");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{told}");
    assert!(
        told.contains("is being changed by") && !told.contains("files-present"),
        "{told}"
    );
    let (code, told) = answer(child);
    assert_eq!(code, Some(0), "{told}");
}

/// The same for `verify`, which copies an rpmdb that others may write, waits for a writer to end, and is stopped there.
#[test]
fn a_verify_that_began_before_a_transaction_cannot_tell() {
    let (pool, _repository) = pool(&["one"]);
    pool.install("node", &["one"]);
    let place = pool.node("node").join("var/lib/rpm");
    let set_mode = |mode| fs::set_permissions(&place, fs::Permissions::from_mode(mode)).expect("a mode");
    set_mode(0o775);
    let copies = directory();
    let writer = InTheMiddle::begin(&pool.node("node"), "BEGIN IMMEDIATE");
    let (mut verify, _home) = pool.dnf("node").arg("verify").env("TMPDIR", copies.path()).spawn();
    until(|| {
        assert_eq!(verify.try_wait().expect("a child"), None, "it copies rpmdbs");
        fs::read_dir(copies.path()).expect("a directory").next().is_some()
    });
    tool("kill", ["-STOP".to_owned(), verify.id().to_string()]);
    writer.end();
    set_mode(0o755);
    let (child, _home) = at_point(pool.dnf("node").args(["remove", "-y", "one"]), "removed");
    tool("kill", ["-CONT".to_owned(), verify.id().to_string()]);
    let output = verify.wait_with_output().expect("reaped");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("is being changed by") && !told.contains("missing"),
        "{told}"
    );
    let (code, told) = answer(child);
    assert_eq!(code, Some(0), "{told}");
}

/// sqlite3(1) in the middle of a transaction on an rpmdb.
struct InTheMiddle {
    sqlite: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl InTheMiddle {
    /// One package is there, and nobody else begins to write or to read before this has begun.
    fn begin(node: &Path, begin: &str) -> Self {
        let mut sqlite = Command::new("sqlite3")
            .arg(node.join("var/lib/rpm/rpmdb.sqlite"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sqlite3");
        let mut input = sqlite.stdin.take().expect("piped");
        let mut lines = BufReader::new(sqlite.stdout.take().expect("piped")).lines();
        writeln!(input, "{begin}; SELECT count(*) FROM Packages;").expect("begun");
        assert_eq!(lines.next().expect("a line").expect("UTF-8"), "1");
        Self { sqlite, input, lines }
    }

    /// How many packages it sees before and after its end.
    fn end(mut self) -> Vec<String> {
        let count = "SELECT count(*) FROM Packages;";
        writeln!(self.input, "{count} COMMIT; {count}\n.quit").expect("ended");
        let counts = self.lines.map(|line| line.expect("UTF-8")).collect();
        self.sqlite.wait().expect("reaped");
        counts
    }
}

/// How long sqlite waits for a lock on behalf of rpm (`sqlite3_busy_timeout()` there).
const PATIENCE: Duration = Duration::from_secs(10);

/// A read that lasts longer than sqlite waits for anything: rpm cannot empty the log meanwhile, and goes without.
#[test]
fn a_reader_in_the_middle_of_a_read_does_not_hinder() {
    // `containers/crash` reads for a minute.
    let seconds = std::env::var("REDPAK_TEST_READER_SECONDS").map_or(0, |text| text.parse().expect("a number"));
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    let reader = InTheMiddle::begin(&pool.node("node"), "BEGIN");
    let begin = Instant::now();
    pool.install("node", &["two"]);
    while begin.elapsed() < Duration::from_secs(seconds) {
        pool.dnf("node").args(["remove", "-y", "two"]).run().success();
        pool.install("node", &["two"]);
    }
    assert!(begin.elapsed() > PATIENCE, "rpm waited for nothing");
    assert_eq!(reader.end(), ["1", "2"]);
    pool.dnf("node").args(["verify", "--deep"]).run().success();
}

/// A write of somebody who knows nothing of rpm's lock. What lasts as long as sqlite waits is waited for; what lasts longer is a
/// failure that is told, and nothing is half done.
#[test]
fn a_writer_in_the_middle_of_a_write_is_waited_for_or_told() {
    let (pool, _repository) = pool(&["one", "two"]);
    pool.install("node", &["one"]);
    let node = pool.node("node");
    for (hold, succeeds) in [
        (Duration::from_secs(2), true),
        (PATIENCE + Duration::from_secs(2), false),
    ] {
        let writer = InTheMiddle::begin(&node, "BEGIN IMMEDIATE");
        let (child, _home) = pool.dnf("node").args(["install", "-y", "two"]).spawn();
        std::thread::sleep(hold);
        assert!(node.join(".rednode.journal").exists(), "it is not under way");
        writer.end();
        let (code, told) = answer(child);
        assert_eq!(code, Some(i32::from(!succeeds)), "{told}");
        assert_eq!(
            told.contains("librpm says") && told.contains("database is locked"),
            !succeeds,
            "{told}"
        );
        assert!(!node.join(".rednode.journal").exists());
        assert_eq!(node.join("usr/share/two").exists(), succeeds);
        pool.dnf("node").args(["verify", "--deep"]).run().success();
        if succeeds {
            pool.dnf("node").args(["remove", "-y", "two"]).run().success();
        }
    }
    pool.install("node", &["two"]);
}

/// Two nodes below one parent.
#[test]
fn siblings_work_side_by_side() {
    let (pool, repository) = pool(&["one"]);
    for sibling in ["node/left", "node/right"] {
        pool.create(sibling);
        pool.repository(sibling, "made", &repository.repo_file("made"));
    }
    let (left, _home) = asking(pool.dnf("node/left").args(["install", "one"]));
    let right = pool.dnf("node/right").args(["install", "-y", "one"]).run().success();
    assert!(!right.err().contains("Waiting for"), "{}", right.report());
    let (code, told) = answer(left);
    assert_eq!(code, Some(0), "{told}");
}
