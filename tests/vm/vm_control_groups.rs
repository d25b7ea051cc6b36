//! Control groups of families, on a kernel with cgroup v2: as root and as a user to whom a group is delegated.
//!
//! They need the virtual machine: `containers/run --vm [--as-user] -- PROGRAM --ignored`. The test runner's own group is
//! the one delegated, so it is in the launcher's way as a login shell is.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redpak_testing::{Config, Launch, User, directory};

const ROOT: &str = "/sys/fs/cgroup";

/// Forks until it is refused, then kills all that it made: bubblewrap would let it live on.
const BOMB: &str = "(i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i + 1)); done; echo made all); kill -KILL -1";

/// The groups are everybody's: one test at a time.
static GROUPS: Mutex<()> = Mutex::new(());

/// A family in the group of the test, which is looked at again when this goes.
struct Case {
    launch: Launch,
    own: PathBuf,
    before: Vec<String>,
    _alone: MutexGuard<'static, ()>,
}

impl Case {
    fn new(base: &str, leaf: &str) -> Self {
        let alone = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        let own = own_group();
        Self {
            launch: Launch::new(&User::current(), &Config::core().tag(base), &Config::new().tag(leaf)),
            before: state(&own),
            own,
            _alone: alone,
        }
    }

    /// The group of a node.
    fn group(&self, node: &str) -> PathBuf {
        let name = |node: &str| text(&self.launch.path(node)).replace('/', "-");
        let base = self.own.join(name("base"));
        if node == "base" { base } else { base.join(name(node)) }
    }

    /// Nothing is left of a launch; the kernel may need a moment to let go.
    #[track_caller]
    fn leaves_nothing(self) {
        let is_as_before = || state(&self.own) == self.before;
        let end = Instant::now() + Duration::from_secs(30);
        while !is_as_before() {
            let now = state(&self.own);
            assert!(Instant::now() < end, "{now:?} instead of {:?}", self.before);
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(own_group(), self.own, "the test runner is where it was");
    }
}

fn own_group() -> PathBuf {
    let groups = fs::read_to_string("/proc/self/cgroup").expect("/proc");
    let own = groups.trim().strip_prefix("0::/").expect("cgroup v2 alone");
    Path::new(ROOT).join(own)
}

/// The groups below, and the controllers handed on to them.
fn state(group: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(group)
        .expect("the group")
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.file_type().expect("a type").is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.push(read(&group.join("cgroup.subtree_control")));
    names
}

fn read(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.trim().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn move_all(from: &Path, to: &Path) {
    for process in read(&from.join("cgroup.procs")).lines() {
        // One that has ended meanwhile is no loss.
        let _ = fs::write(to.join("cgroup.procs"), process);
    }
}

/// Starts a script inside and waits until it says `ready`.
fn start(launch: &Launch, script: &str) -> (Child, impl Sized + use<>) {
    let (mut child, home) = launch.redwrap().args(["--", "sh", "-c", script]).spawn();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("read");
    assert_eq!(line, "ready\n");
    (child, (home, reader))
}

#[track_caller]
fn soon(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < end, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "in the virtual machine"]
fn a_memory_hog_is_killed_by_its_own_nodes_limit() {
    let case = Case::new("umask: 022", "cgroups: {mem: {max: 48M, swap_max: 0, oom_group: 10}}");
    let outcome = case.launch.shell("exec tail /dev/zero");
    // The warning names the limit and the node's group; a config of redpak 2.5 may say 10 where the kernel knows 0 and 1.
    let leaf = format!("memory.max = 48M of {}", text(&case.group("base/leaf")));
    outcome.exits(137).complains(&leaf).complains("10 is taken as 1");
    let modest = case.launch.shell("head -c 8M /dev/zero | tail -c 8M | wc -c");
    modest.success().prints("8388608\n").never_says("was reached");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_fork_bomb_stops_at_its_limit() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 12}}");
    let outcome = case.launch.shell(BOMB);
    let leaf = format!("pids.max = 12 of {}", text(&case.group("base/leaf")));
    outcome.complains(&leaf).never_says("made all");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_busy_program_is_throttled() {
    let tags = "cgroups: {cpu: {max: 10000 100000}}\n  die-with-parent: Enabled";
    let case = Case::new("umask: 022", tags);
    let (mut child, _open) = start(&case.launch, "echo ready; while :; do :; done");
    let throttled = || {
        let stat = read(&case.group("base/leaf").join("cpu.stat"));
        let count = stat.lines().find_map(|line| line.strip_prefix("nr_throttled "));
        count.expect("the kernel counts").parse::<u64>().expect("a number")
    };
    soon("it is throttled", || throttled() > 3);
    child.kill().expect("killed");
    child.wait().expect("reaped");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn an_ancestors_limit_holds_whatever_a_node_below_says() {
    let case = Case::new("cgroups: {pids: {max: 12}}", "cgroups: {pids: {max: 1000}}");
    let base = format!("pids.max = 12 of {}", text(&case.group("base")));
    case.launch.shell(BOMB).complains(&base).never_says("made all");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn each_value_is_what_the_kernel_has() {
    let limits = "cgroups: {cpuset: {cpus: 0, mems: 0, cpus_partition: member}, cpu: {max: 20000 100000, weight: 200}, \
                  mem: {min: 1M, low: 2M, high: 96M, max: 128M, oom_group: 1, swap_high: 3M, swap_max: 4M}, pids: {max: 50}}";
    let case = Case::new("umask: 022", limits);
    let (child, open) = start(&case.launch, "echo ready; cat");
    let value = |file: &str| read(&case.group("base/leaf").join(file));
    for (file, wanted) in [
        ("cpuset.cpus", "0"),
        ("cpuset.mems", "0"),
        ("cpuset.cpus.partition", "member"),
        ("cpu.max", "20000 100000"),
        ("cpu.weight", "200"),
        ("memory.min", "1048576"),
        ("memory.low", "2097152"),
        ("memory.high", "100663296"),
        ("memory.max", "134217728"),
        ("memory.oom.group", "1"),
        ("memory.swap.high", "3145728"),
        ("memory.swap.max", "4194304"),
        ("pids.max", "50"),
    ] {
        assert_eq!(value(file), wanted, "{file}");
    }
    // The program is in the innermost group, and nobody in those that hand controllers on.
    assert_eq!(value("cgroup.procs"), "");
    assert_eq!(read(&case.group("base").join("cgroup.procs")), "");
    end(child, open);
    // cpu.weight and cpu.weight.nice are one value.
    case.launch
        .configure("base/leaf", &Config::new().tag("cgroups: {cpu: {weight_nice: 5}}"));
    let (child, open) = start(&case.launch, "echo ready; cat");
    assert_eq!(value("cpu.weight.nice"), "5");
    end(child, open);
    case.leaves_nothing();
}

/// Lets a program end by itself: its input closes.
fn end(mut child: Child, open: impl Sized) {
    drop(child.stdin.take());
    assert!(child.wait().expect("reaped").success());
    drop(open);
}

#[test]
#[ignore = "in the virtual machine"]
fn a_value_that_the_kernel_refuses_names_file_and_value() {
    let case = Case::new("umask: 022", "cgroups: {cpu: {weight: 99999}}");
    case.launch
        .shell("echo started-it")
        .refuses(125, &["99999", "cpu.weight", "cgroup-v2 documentation"])
        .never_says("started-it");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn two_programs_of_one_family_share_its_groups() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 20}}");
    let (first, open) = start(&case.launch, "echo ready; cat");
    case.launch.shell("true").success();
    // What the first one needs is still there after the second.
    assert_eq!(read(&case.group("base/leaf").join("pids.max")), "20");
    end(first, open);
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn nothing_is_left_of_a_launcher_that_is_killed() {
    for dies in ["Enabled", "Disabled"] {
        let tags = format!("cgroups: {{pids: {{max: 20}}}}\n  die-with-parent: {dies}");
        let case = Case::new("umask: 022", &tags);
        let (mut child, _open) = start(&case.launch, "echo ready; sleep 4");
        child.kill().expect("killed");
        child.wait().expect("reaped");
        let is_there = case.group("base/leaf").exists();
        assert!(
            dies == "Enabled" || is_there,
            "a program that lives on keeps its limits"
        );
        case.leaves_nothing();
    }
}

#[test]
#[ignore = "in the virtual machine"]
fn nothing_is_left_of_a_launcher_killed_at_any_moment() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 20}}");
    for delay in 0..25_u64 {
        let (mut child, _home) = case.launch.redwrap().args(["--", "sleep", "0.2"]).spawn();
        std::thread::sleep(Duration::from_millis(delay * 20));
        let _ = child.kill();
        child.wait().expect("reaped");
    }
    // One killed between its first group and its keeper leaves what the next launch finds and removes.
    case.launch.shell("true").success();
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn groups_of_a_launch_that_was_killed_with_its_keeper_are_removed_by_the_next() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 20}}");
    let leaf = case.group("base/leaf");
    // As a power cut of the launcher's whole group leaves them: nobody has this number.
    fs::create_dir_all(leaf.join("program-4194305")).expect("made");
    case.launch.shell("true").success();
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_group_of_the_config_is_made_and_removed() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 20}}");
    let root = case.own.join("trains/line-4");
    let tags = format!("cgrouproot: {}\n  cgroups: {{pids: {{max: 20}}}}", text(&root));
    case.launch
        .configure("base/leaf", &Config::new().tag(tags).tag("share_cgroup: Enabled"));
    let base = text(&case.launch.path("base")).replace('/', "-");
    let inside = case.launch.inside("cat /proc/self/cgroup");
    assert!(
        inside.contains(&format!("/trains/line-4/{base}/{base}-leaf/program-")),
        "{inside}"
    );
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_program_with_a_cgroup_namespace_sees_its_own_group_as_the_root() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 20}}");
    assert_eq!(case.launch.inside("cat /proc/self/cgroup"), "0::/");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn what_is_not_version_2_is_told() {
    let elsewhere = directory();
    let tags = format!(
        "cgrouproot: {}\n  cgroups: {{pids: {{max: 9}}}}",
        text(elsewhere.path())
    );
    let case = Case::new("umask: 022", &tags);
    let words = [
        text(elsewhere.path()),
        "not in a cgroup v2 file system",
        "systemd.unified_cgroup_hierarchy=1",
    ];
    case.launch
        .shell("echo started-it")
        .refuses(125, &words)
        .never_says("started-it");
    // A link is followed to what it names, and that is looked at.
    std::os::unix::fs::symlink(elsewhere.path(), case.launch.path("outside/link")).expect("made");
    let link = format!("cgrouproot: {}", text(&case.launch.path("outside/link")));
    let linked = Config::new().tag(link).tag("cgroups: {pids: {max: 9}}");
    case.launch.configure("base/leaf", &linked);
    case.launch
        .shell("echo started-it")
        .refuses(125, &["not in a cgroup v2 file system"])
        .never_says("started-it");
    assert_eq!(fs::read_dir(elsewhere.path()).expect("readable").count(), 0);
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_group_that_is_not_delegated_is_told() {
    let case = Case::new(
        "umask: 022",
        &format!("cgrouproot: {ROOT}\n  cgroups: {{pids: {{max: 9}}}}"),
    );
    let words = ["not delegated to you", "systemd-run --user --pty -p Delegate=yes bash"];
    if User::is_root() {
        let script = "mount -o remount,bind,ro /sys/fs/cgroup && exec \"$0\" --redpath=\"$1\" -- echo started-it";
        let run = redpak_testing::Run::command("unshare").args(["--mount", "bash", "-c", script]);
        let run = run
            .arg(redpak_testing::built_program("redwrap"))
            .arg(case.launch.path("base/leaf"));
        run.run().refuses(125, &words).never_says("started-it");
    } else {
        case.launch
            .shell("echo started-it")
            .refuses(125, &words)
            .never_says("started-it");
    }
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_controller_that_is_not_handed_down_is_told() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 9}}");
    let inner = case.own.join("closed/inner");
    fs::create_dir_all(&inner).expect("made");
    let tags = format!("cgrouproot: {}\n  cgroups: {{pids: {{max: 9}}}}", text(&inner));
    case.launch.configure("base/leaf", &Config::new().tag(tags));
    let words = [
        "controller pids is not available",
        text(&inner),
        "cgroup.subtree_control",
    ];
    case.launch
        .shell("echo started-it")
        .refuses(125, &words)
        .never_says("started-it");
    fs::remove_dir(&inner)
        .and_then(|()| fs::remove_dir(inner.parent().expect("one")))
        .expect("empty");
    case.leaves_nothing();
}

#[test]
#[ignore = "in the virtual machine"]
fn a_group_full_of_others_is_left_alone() {
    let case = Case::new("umask: 022", "cgroups: {pids: {max: 9}}");
    // A group that has controllers to hand on, below one that does so: with nobody in it but below.
    let [moved, busy] = ["moved", "busy"].map(|name| case.own.join(name));
    fs::create_dir(&moved).expect("made");
    fs::create_dir(&busy).expect("made");
    move_all(&case.own, &moved);
    fs::write(case.own.join("cgroup.subtree_control"), "+pids").expect("handed on");
    let (mut other, _home) = redpak_testing::Run::command("sleep").arg("1000").spawn();
    fs::write(busy.join("cgroup.procs"), other.id().to_string()).expect("moved");
    let tags = format!("cgrouproot: {}\n  cgroups: {{pids: {{max: 9}}}}", text(&busy));
    case.launch.configure("base/leaf", &Config::new().tag(tags));
    case.launch
        .shell("echo started-it")
        .refuses(125, &[text(&busy), "processes run in it"])
        .never_says("started-it");
    assert_eq!(read(&busy.join("cgroup.procs")), other.id().to_string());
    other.kill().expect("killed");
    other.wait().expect("reaped");
    soon("it is empty", || fs::remove_dir(&busy).is_ok());
    fs::write(case.own.join("cgroup.subtree_control"), "-pids").expect("no longer handed on");
    move_all(&moved, &case.own);
    soon("it is empty", || fs::remove_dir(&moved).is_ok());
    case.leaves_nothing();
}
