//! Caches of repositories: damaged ones, somebody else's, and metadata that are a bomb. A command ends in good order or in a clear
//! death, and the next one works.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use redpak_testing::{
    Outcome, Package, Pool, Repository, Run, Terminal, User, built_program, directory, flip_byte, skip, tool, truncate,
};

const NODE: &str = "node";

fn query(pool: &Pool) -> Outcome {
    pool.dnf(NODE).args(["repoquery", "app"]).run()
}

/// The parsed metadata in the cache.
fn parsed(pool: &Pool) -> PathBuf {
    find(&pool.node(NODE).join("var/cache/libdnf5"), "made.solv").expect("a cache of parsed metadata")
}

fn find(directory: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(directory).ok()?.flatten().find_map(|entry| {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), name)
        } else {
            (entry.file_name() == name).then(|| entry.path())
        }
    })
}

#[test]
fn damaged_caches_are_made_anew_or_told() {
    let packages: Vec<Package> = (0..20)
        .map(|n| Package::new(&format!("other{n}"), "1-1").requires("app"))
        .chain([Package::new("app", "1-1")])
        .collect();
    let repository = Repository::new(&packages);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    query(&pool).success().prints("app-0:1-1.noarch");
    let solv = parsed(&pool);
    let intact = fs::read(&solv).expect("the cache");
    let length = i64::try_from(intact.len()).expect("a size");
    let step = usize::try_from(length / 20).expect("a step").max(1);
    for offset in (0..length).step_by(step) {
        fs::write(&solv, &intact).expect("put the cache back");
        flip_byte(&solv, offset);
        let outcome = query(&pool);
        let died = outcome.code() >= 128;
        if died {
            outcome.complains("redwrap-dnf died of").never_says("panicked");
        }
        // Whatever it read: what comes after a death does not read it again.
        let next = query(&pool);
        assert!(!died || next.code() == 0, "{}", next.report());
        assert!(next.code() < 128, "{}", next.report());
    }
    for length in [0, 1, 100, u64::try_from(length / 2).expect("a size")] {
        fs::write(&solv, &intact).expect("put the cache back");
        truncate(&solv, length);
        let outcome = query(&pool);
        if outcome.code() != 0 {
            outcome.refuses(1, &["made.solv"]);
        }
        query(&pool).success().prints("app-0:1-1.noarch");
    }
}

#[test]
fn what_a_reader_died_of_is_thrown_away() {
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    query(&pool).success();
    let solv = parsed(&pool);
    let before = fs::metadata(&solv).expect("the cache").modified().expect("a time");
    query(&pool).success();
    assert_eq!(
        fs::metadata(&solv).expect("the cache").modified().expect("a time"),
        before
    );
    // As a command leaves it that dies while it loads.
    pool.write(NODE, "var/cache/redpak/loading", "x");
    query(&pool).success().prints("app-0:1-1.noarch");
    assert_ne!(
        fs::metadata(&solv).expect("the cache").modified().expect("a time"),
        before
    );
    assert!(!pool.node(NODE).join("var/cache/redpak/loading").exists());
}

#[test]
fn parsed_metadata_of_somebody_else_are_not_read() {
    let Some(other) = User::unprivileged().filter(|_| User::is_root()) else {
        return skip("needs root and another user");
    };
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    query(&pool).success();
    let solv = parsed(&pool);
    let directory = solv.parent().expect("a directory").to_owned();
    // A cache that says something else, with the right digest of the metadata in it.
    let forged = || {
        let bytes = fs::read(&solv).expect("the cache");
        let from = b"app".as_slice();
        let at = bytes.windows(3).position(|window| window == from).expect("the name");
        fs::write(&solv, [&bytes[..at], b"evl", &bytes[at + 3..]].concat()).expect("forge the cache");
    };
    forged();
    query(&pool).success().check(
        |outcome| outcome.out().is_empty(),
        "no app: the forged cache is read as it is root's own",
    );
    for make_foreign in [
        &(|| other.own(&solv)) as &dyn Fn(),
        &|| other.own(&directory),
        &|| fs::set_permissions(&solv, Permissions::from_mode(0o666)).expect("chmod"),
        &|| fs::set_permissions(&directory, Permissions::from_mode(0o777)).expect("chmod"),
    ] {
        make_foreign();
        query(&pool).success().prints("app-0:1-1.noarch");
        forged();
    }
    // A link to somewhere else is removed, and what it leads to stays.
    let elsewhere = redpak_testing::directory();
    fs::rename(&directory, elsewhere.path().join("solv")).expect("move the cache");
    std::os::unix::fs::symlink(elsewhere.path().join("solv"), &directory).expect("lay the link");
    query(&pool).success().prints("app-0:1-1.noarch");
    assert!(elsewhere.path().join("solv/made.solv").exists());
}

/// Many megabytes of one word, some kilobytes on the wire: the memory is limited, the cache stays small, and once the repository is
/// mended so is the node.
#[test]
fn a_bomb_of_metadata_takes_neither_all_memory_nor_the_cache() {
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    let mut terminal = Terminal::start(pool.dnf(NODE).args(["install", "app"]));
    terminal.shows("Is this ok");
    let limits = fs::read_to_string(format!("/proc/{}/limits", confined_process(terminal.id()))).expect("its limits");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max data size"))
        .expect("a limit");
    assert!(line.split_whitespace().any(|word| word == "2147483648"), "{line}");
    terminal.types("n\n");
    terminal.ends();
    let intact = directory();
    tool(
        "cp",
        [Path::new("-a"), &repository.path().join("repodata"), intact.path()],
    );
    explode(&repository);
    // A limit that the user has set counts where it is lower than ours, and shows the same sooner.
    let bounded = Run::command("prlimit")
        .arg("--fsize=8388608")
        .arg(redpak_testing::built_program("redwrap-dnf"));
    let bounded = bounded.arg(format!("--redpath={}", pool.node(NODE).display()));
    bounded
        .args(["repoquery", "--refresh", "app"])
        .run()
        .refuses(1, &["made"]);
    let size = tool("du", [Path::new("-sk"), &pool.node(NODE)]);
    let kibibytes: u64 = size
        .split_whitespace()
        .next()
        .and_then(|size| size.parse().ok())
        .expect("a size");
    assert!(kibibytes < 16 * 1024, "{size}");
    fs::remove_dir_all(repository.path().join("repodata")).expect("remove the bomb");
    tool(
        "cp",
        [Path::new("-a"), &intact.path().join("repodata"), repository.path()],
    );
    let mended = pool.dnf(NODE).args(["repoquery", "--refresh", "app"]).run();
    mended.success().prints("app-0:1-1.noarch");
}

/// Replaces the list of packages by one whose summary is as long as 32 lists.
fn explode(repository: &Repository) {
    let work = directory();
    let primary = work.path().join("primary.xml");
    let head = "<?xml version=\"1.0\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" \
        xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"1\"><package type=\"rpm\"><name>app</name>\
        <arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/><summary>";
    let text = format!("{head}{}</summary></package></metadata>\n", "x".repeat(32 << 20));
    fs::write(&primary, text).expect("write the list");
    let repodata = repository.path().join("repodata");
    let [primary, repodata] = [&primary, &repodata].map(|path| path.to_str().expect("UTF-8"));
    tool("modifyrepo_c", ["--remove", "primary", repodata]);
    tool(
        "modifyrepo_c",
        ["--compress-type=gz", "--mdtype=primary", primary, repodata],
    );
}

/// Metadata that keep the processor busy for minutes, some megabytes on the wire.
#[test]
fn a_bomb_of_time_is_stopped() {
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    let intact = directory();
    let repodata = repository.path().join("repodata");
    tool("cp", [Path::new("-a"), &repodata, intact.path()]);
    slow_down(&repodata);
    let work = directory();
    let stopped = |command: &[&str]| {
        let bounded = Run::command("prlimit").arg("--cpu=1:").directory(work.path());
        let bounded = bounded.arg(redpak_testing::built_program("redwrap-dnf"));
        let bounded = bounded.arg(format!("--redpath={}", pool.node(NODE).display()));
        bounded.arg("--refresh").args(command).run()
    };
    // A limit that the user has set counts where it is lower than ours, and shows the same sooner.
    let words = "redwrap-dnf died of SIGXCPU before anything was changed; caches that it was reading are made anew by the next command; \
                 metadata took more time on the processor than 20 minutes, or than `ulimit -t` allows";
    for command in [
        &["repoquery", "app"][..],
        &["download", "app"],
        &["reposync"],
        &["makecache"],
    ] {
        stopped(command).refuses(128 + 24, &[words]);
    }
    // Ours is in force meanwhile, and no longer.
    let (mut loading, _home) = pool.dnf(NODE).args(["repoquery", "--refresh", "app"]).spawn();
    let limit = || processor_time(confined_process(loading.id()));
    let seconds = std::iter::repeat_with(|| std::thread::sleep(std::time::Duration::from_millis(5))).map(|()| limit());
    let mut seconds = seconds.take(2000).flatten();
    assert!(seconds.any(|seconds| seconds == "1200"), "no limit is set");
    tool("kill", ["-KILL".into(), confined_process(loading.id()).to_string()]);
    loading.wait().expect("reaped");
    fs::remove_dir_all(&repodata).expect("remove the bomb");
    tool(
        "cp",
        [Path::new("-a"), &intact.path().join("repodata"), repository.path()],
    );
    let mut terminal = Terminal::start(pool.dnf(NODE).args(["install", "--refresh", "app"]));
    terminal.shows("Is this ok");
    assert_eq!(
        processor_time(confined_process(terminal.id())).as_deref(),
        Some("unlimited")
    );
    terminal.types("y\n");
    assert_eq!(terminal.ends(), 0);
}

/// The limit of a process's time on the processor.
fn processor_time(process: u32) -> Option<String> {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max cpu time"))?;
    line.split_whitespace().nth(3).map(str::to_owned)
}

/// Comments without number in front of the list of packages: members of a gzip file follow each other, and one is compressed once.
fn slow_down(repodata: &Path) {
    let work = directory();
    let compressed = |name: &str, text: &str| {
        let file = work.path().join(name);
        fs::write(&file, text).expect("write a part");
        tool("gzip", ["-1n".as_ref(), file.as_os_str()]);
        fs::read(work.path().join(format!("{name}.gz"))).expect("a compressed part")
    };
    let head = "<?xml version=\"1.0\"?>\n<metadata xmlns=\"http://linux.duke.edu/metadata/common\" packages=\"0\">";
    let mut bomb = compressed("head", head);
    let comments = compressed("comments", &"<!---->".repeat(4 << 20));
    (0..100).for_each(|_| bomb.extend(&comments));
    bomb.extend(compressed("tail", "</metadata>\n"));
    let file = repodata.join("slow-primary.xml.gz");
    fs::write(&file, bomb).expect("write the bomb");
    let digest = tool("sha256sum", [&file]);
    let digest = digest.split_whitespace().next().expect("a digest");
    let repomd = repodata.join("repomd.xml");
    let text = fs::read_to_string(&repomd).expect("read repomd.xml");
    let revision = text.split("</revision>").next().expect("a revision");
    let data = format!(
        "{revision}</revision><data type=\"primary\"><checksum type=\"sha256\">{digest}</checksum>\
         <location href=\"repodata/slow-primary.xml.gz\"/></data></repomd>\n"
    );
    fs::write(&repomd, data).expect("write repomd.xml");
}

/// A process that dies in the middle, of an assertion of a library for one, is named.
#[test]
fn a_death_is_told_in_words() {
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    for (signal, name) in [("ABRT", "SIGABRT"), ("KILL", "SIGKILL")] {
        let run = pool.dnf(NODE).args(["install", "app"]);
        let mut terminal = Terminal::start(run);
        terminal.shows("Is this ok");
        let confined = confined_process(terminal.id());
        tool("kill", [format!("-{signal}"), confined.to_string()]);
        let words = format!("redwrap-dnf died of {name} before anything was changed");
        terminal.shows(&words);
        assert!(terminal.ends() > 128);
        assert!(pool.installed(NODE).is_empty());
    }
    pool.install(NODE, &["app"]);
}

/// The last process of the chain that begins with this one. Beside it, and started before, one waits for the end of the
/// transaction.
fn confined_process(id: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    children
        .split_whitespace()
        .next_back()
        .and_then(|child| child.parse().ok())
        .map_or(id, confined_process)
}

/// Metadata, state and databases are not for others to write, whatever the shell of the one who asks allows.
#[test]
fn others_can_write_nothing_whatever_the_umask_is() {
    let repository = Repository::new(&[Package::new("app", "1-1").file("/usr/share/app", "app")]);
    let pool = Pool::with(&User::current(), &repository, &[NODE]);
    let redpath = format!("--redpath={}", pool.node(NODE).display());
    let words = ["-c", "umask 0; exec \"$@\"", "sh"].map(OsString::from);
    let program = [built_program("redwrap-dnf").into_os_string(), redpath.into()];
    let install = ["install", "-y", "app"].map(OsString::from);
    let words = words.into_iter().chain(program).chain(install);
    Run::command("/bin/sh").args(words).run().success();
    let node = pool.node(NODE);
    let open = tool(
        "find",
        [
            node.as_os_str(),
            "-perm".as_ref(),
            "/022".as_ref(),
            "!".as_ref(),
            "-type".as_ref(),
            "l".as_ref(),
        ],
    );
    assert_eq!(open, "");
}

/// Options and type of what is mounted at a place, for a process, see proc_pid_mountinfo(5).
fn mounted(process: u32, place: &str) -> (Vec<String>, String) {
    let table = fs::read_to_string(format!("/proc/{process}/mountinfo")).expect("its mounts");
    let mut lines = table.lines().filter(|line| line.split(' ').nth(4) == Some(place));
    let line = lines
        .next_back()
        .unwrap_or_else(|| panic!("nothing at {place}: {table}"));
    let options = line.split(' ').nth(5).expect("options").split(',').map(str::to_owned);
    let kind = line.split(" - ").nth(1).and_then(|rest| rest.split(' ').next());
    (options.collect(), kind.expect("a type").to_owned())
}

/// Metadata of others are read by a process that could not harm the machine if they took it over.
#[test]
fn metadata_are_read_without_the_devices_and_with_little_to_write() {
    let repository = Repository::new(&[Package::new("app", "1-1")]);
    let users = [Some(User::current()), User::unprivileged().filter(|_| User::is_root())];
    for user in users.into_iter().flatten() {
        let is_root = User::is_root() && user == User::current();
        let pool = Pool::with(&user, &repository, &[NODE]);
        let mut terminal = Terminal::start(pool.dnf(NODE).args(["install", "app"]));
        terminal.shows("Is this ok");
        let confined = confined_process(terminal.id());
        let has = |place: &str, wanted: &[&str]| {
            let (options, kind) = mounted(confined, place);
            for option in wanted {
                assert!(options.iter().any(|found| found == option), "{place}: {options:?}");
            }
            kind
        };
        has("/", &["ro"]);
        assert_eq!(has("/proc", &["ro", "nosuid", "nodev", "noexec"]), "proc");
        // For others the files of /dev are no more use than they are outside.
        let devices = fs::read_to_string(format!("/proc/{confined}/mountinfo")).expect("its mounts");
        assert_eq!(devices.contains(" /dev/urandom "), is_root, "{devices}");
        if is_root {
            assert_eq!(has("/dev", &["ro", "nosuid", "noexec"]), "tmpfs");
        }
        tool("kill", ["-KILL".to_owned(), confined.to_string()]);
        assert!(terminal.ends() > 128);
    }
}
