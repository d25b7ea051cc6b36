//! Namespaces and ids, looked at from inside and from outside.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use redpak_testing::{Config, Launch, User, skip};

/// Tag, name below /proc/PID/ns, option of unshare(1). Time follows rules of its own.
const KINDS: [(&str, &str, &str); 5] = [
    ("share_user", "user", "--user"),
    ("share_cgroup", "cgroup", "--cgroup"),
    ("share_net", "net", "--net"),
    ("share_pid", "pid", "--pid"),
    ("share_ipc", "ipc", "--ipc"),
];

fn outside(kind: &str) -> PathBuf {
    fs::read_link(Path::new("/proc/self/ns").join(kind)).expect("the kernel has this namespace")
}

#[track_caller]
fn inside(launch: &Launch, kind: &str) -> PathBuf {
    PathBuf::from(launch.inside(&format!("readlink /proc/self/ns/{kind}")))
}

/// Which kinds a program shares with the test.
#[track_caller]
fn shared(launch: &Launch) -> Vec<&'static str> {
    let kinds = KINDS.iter().map(|(_, kind, _)| *kind).chain(["time", "uts"]);
    kinds.filter(|kind| inside(launch, kind) == outside(kind)).collect()
}

#[test]
fn nothing_but_time_and_the_host_name_is_shared_unless_a_config_says_so() {
    for owner in User::owners() {
        assert_eq!(shared(&Launch::leaf(&owner, &Config::new())), ["time", "uts"]);
    }
}

#[test]
fn share_all_stands_for_all_kinds_that_are_unset() {
    // Only root mounts without a user namespace of its own: bubblewrap makes one for everybody else.
    let owner = User::current();
    let launch = Launch::leaf(&owner, &Config::new().tag("share_all: Enabled"));
    assert_eq!(shared(&launch), ["user", "cgroup", "net", "pid", "ipc", "time", "uts"]);
    launch.configure(
        "base/leaf",
        &Config::new()
            .tag("share_all: Enabled")
            .tag("share_net: Disabled")
            .tag("share_ipc: Unset"),
    );
    assert_eq!(shared(&launch), ["user", "cgroup", "pid", "ipc", "time", "uts"]);
    launch.configure(
        "base/leaf",
        &Config::new().tag("share_all: Disabled").tag("share_pid: Enabled"),
    );
    assert_eq!(shared(&launch), ["pid", "time", "uts"]);
}

#[test]
fn each_kind_is_shared_by_itself() {
    for owner in User::owners() {
        for (tag, kind, _) in KINDS.iter().filter(|(_, kind, _)| *kind != "user" || owner.uid == 0) {
            let launch = Launch::leaf(&owner, &Config::new().tag(format!("{tag}: Enabled")));
            assert_eq!(inside(&launch, kind), outside(kind), "{tag}: Enabled");
            launch.configure("base/leaf", &Config::new().tag(format!("{tag}: Disabled")));
            assert_ne!(inside(&launch, kind), outside(kind), "{tag}: Disabled");
        }
    }
}

#[test]
fn a_network_of_its_own_has_no_way_out() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        let interfaces = launch.inside("tail -n +3 /proc/net/dev | cut -d: -f1");
        assert_eq!(interfaces.trim(), "lo", "only the loopback interface");
    }
}

#[test]
fn a_program_with_processes_of_its_own_sees_no_others() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new());
        // The shell looks by itself: whatever it started would be there or not yet.
        let processes = launch.inside("echo $$ /proc/[0-9]*");
        // bubblewrap's init and the shell.
        assert_eq!(processes, "2 /proc/1 /proc/2");
    }
}

/// A process that holds a new namespace of a kind.
struct Holder(Child);

impl Holder {
    fn new(option: &str) -> Self {
        let mut command = Command::new("unshare");
        // Nobody can act in a user namespace without a map.
        command.args((option == "--user").then_some("--map-root-user"));
        command.args([option, "--fork", "sh", "-c", "echo $$; exec sleep 600"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("start unshare");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("piped"))
            .read_line(&mut line)
            .expect("it tells that it is there");
        Self(child)
    }

    /// unshare's child is in every new namespace; unshare itself is not in a new pid or time namespace.
    fn file(&self, kind: &str) -> PathBuf {
        let of_unshare = PathBuf::from(format!("/proc/{}", self.0.id()));
        let children = fs::read_to_string(of_unshare.join(format!("task/{}/children", self.0.id()))).expect("readable");
        PathBuf::from(format!("/proc/{}/ns/{kind}", children.trim()))
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let child = self.file("user");
        let pid = child.iter().nth(2).and_then(|pid| pid.to_str()).map(str::to_owned);
        let _ = Command::new("kill").arg("-9").args(pid).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn each_kind_is_joined_by_path() {
    if !User::is_root() {
        return skip("only root may join namespaces");
    }
    for (tag, kind, option) in KINDS.into_iter().chain([("share_time", "time", "--time")]) {
        let holder = Holder::new(option);
        let file = holder.file(kind);
        let wanted = fs::read_link(&file).expect("the namespace is there");
        assert_ne!(wanted, outside(kind), "{kind}: unshare made one");
        let launch = Launch::leaf(
            &User::current(),
            &Config::new().tag(format!("{tag}: {}", file.display())),
        );
        assert_eq!(inside(&launch, kind), wanted, "{tag}");
    }
}

#[test]
fn what_is_no_namespace_is_not_joined() {
    let launch = Launch::leaf(&User::current(), &Config::new());
    let pipe = launch.outside().join("pipe");
    redpak_testing::tool("mkfifo", [&pipe]);
    for (path, word) in [
        (pipe.as_path(), "is no namespace"),
        (Path::new("/etc/passwd"), "is no namespace"),
        (Path::new("/no/such/namespace"), "no such file"),
        (
            Path::new("/proc/self/ns/ipc"),
            "join the network namespace of share_net: invalid argument",
        ),
    ] {
        launch.configure(
            "base/leaf",
            &Config::new().tag(format!("share_net: {}", path.display())),
        );
        let run = launch
            .redwrap()
            .limit(std::time::Duration::from_secs(20))
            .args(["--", "true"]);
        run.run().refuses(125, &[word]);
    }
}

#[test]
fn a_user_may_not_join_what_is_not_its_own() {
    let Some(user) = User::unprivileged() else {
        return skip("no unprivileged user");
    };
    let launch = Launch::leaf(&user, &Config::new().tag("share_net: /proc/self/ns/net"));
    launch.shell("true").refuses(125, &["share_net", "this takes root"]);
}

#[test]
fn time_is_its_own_only_when_a_config_says_so() {
    for owner in User::owners() {
        // A user's time namespace comes with a user namespace; the program's ids stay the same.
        let launch = Launch::leaf(&owner, &Config::new().tag("share_time: Disabled"));
        assert_ne!(inside(&launch, "time"), outside("time"));
        assert_eq!(launch.inside("id -u; id -g"), format!("{}\n{}", owner.uid, owner.gid));
        launch.configure(
            "base/leaf",
            &Config::new().tag("share_time: Enabled").tag("share_all: Disabled"),
        );
        assert_eq!(inside(&launch, "time"), outside("time"));
    }
}

#[test]
fn a_host_name_is_set_inside_only() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().tag("hostname: $NODE_ALIAS-host"));
        let before = outside("uts");
        assert_eq!(launch.inside("uname -n"), "leaf-host");
        assert_ne!(inside(&launch, "uts"), before);
        assert_ne!(redpak_testing::tool("uname", ["-n"]).trim(), "leaf-host");
    }
}
