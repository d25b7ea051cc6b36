//! The printed plan and bubblewrap's arguments, as a whole.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::plan;
use crate::plan::{ArgumentError, Arguments, Namespace, Operation, Step, bubblewrap, print, quote};

const FAMILY: [&str; 2] = [
    "config:
  path: /usr/bin
  share_net: Enabled
  hostname: board's
  chdir: /nodes/n1/my dir
  die-with-parent: Enabled
  new-session: Enabled
  map-root-user: 1
  capabilities: [{cap: net_raw, add: 1}, {cap: ALL, add: 0}]
exports:
  - {mode: Restricted, mount: /usr}
  - {mode: Symlink, mount: /bin, path: usr/bin}
  - {mode: Devfs, mount: /dev}
  - {mode: Procfs, mount: /proc}
  - {mode: Mqueue, mount: /dev/mqueue}
  - {mode: Tmpfs, mount: /tmp}
  - {mode: Anonymous, mount: /run}
  - {mode: Execfd, mount: /etc/passwd, path: getent passwd $UID}
  - {mode: Internal, mount: /etc/secret, path: 9}
  - {mode: Lock, mount: /run/lock}
environ:
  - {mode: Inherit, key: TERM}
  - {mode: Inherit, key: NOT_THERE}
  - {mode: Static, key: A, value: $B}",
    "config:
  path: $NODE_PATH/bin
  ldpath: $NODE_PATH/lib
  share_pid: /proc/1/ns/pid
exports:
  - {mode: Public, mount: /nodes/n1, path: $NODE_PATH}
environ:
  - {mode: Execfd, key: NOW, value: date}
  - {mode: Remove, key: GONE}
  - {key: HOME, value: /home/$USER}",
];

const PRINTED: &str = "/usr/bin/bwrap
  --symlink usr/bin /bin
  --dev /dev
  --mqueue /dev/mqueue
  --file FD /etc/passwd
  --file 9 /etc/secret
  --bind /pool/n0/n1 /nodes/n1
  --proc /proc
  --dir /run
  --lock-file /run/lock
  --tmpfs /tmp
  --ro-bind /usr /usr
  --clearenv
  --setenv TERM xterm
  --setenv A '$B'
  --setenv NOW 'date
'
  --unsetenv GONE
  --setenv HOME /home/ann
  --cap-drop ALL
  --cap-add CAP_NET_RAW
  --unshare-uts
  --hostname 'board'\\''s'
  --chdir '/nodes/n1/my dir'
  --die-with-parent
  --new-session
  --unshare-user
  --uid 0
  --gid 0
  --unshare-cgroup
  --share-net
  --unshare-ipc
  --setenv PATH /pool/n0/n1/bin:/usr/bin
  --setenv LD_LIBRARY_PATH /pool/n0/n1/lib
  -- sh -c 'echo hi'
";

#[test]
fn a_plan_is_printed_in_the_order_of_the_specification() {
    let text = print(&plan(&FAMILY), Path::new("/usr/bin/bwrap"));
    assert_eq!(String::from_utf8(text).unwrap(), PRINTED);
}

#[test]
fn a_step_that_bubblewrap_has_no_option_for_prints_nothing() {
    let mut plan = plan(&[""]);
    let before = print(&plan, Path::new("/usr/bin/bwrap"));
    plan.steps.push(Step {
        operation: Operation::Unshare(Namespace::Time),
        origin: String::new(),
    });
    assert_eq!(print(&plan, Path::new("/usr/bin/bwrap")), before);
}

#[test]
fn sources_and_contents_are_handed_over_as_descriptors() {
    let plan = plan(&FAMILY);
    let opened = |operation: &Operation| matches!(operation, Operation::Bind { .. } | Operation::File { .. });
    let descriptors: BTreeMap<usize, i32> = plan
        .steps
        .iter()
        .enumerate()
        .filter(|(_, step)| opened(&step.operation))
        .map(|(index, _)| (index, 20 + i32::try_from(index).unwrap()))
        .collect();
    let Arguments { options, program } = bubblewrap(&plan, &descriptors).unwrap();
    let words: Vec<_> = options.iter().map(|word| word.to_str().unwrap()).collect();
    let expected = "--symlink usr/bin /bin --dev /dev --mqueue /dev/mqueue --file 23 /etc/passwd --file 24 /etc/secret \
                    --bind-fd 25 /nodes/n1 --proc /proc --dir /run --lock-file /run/lock --tmpfs /tmp --ro-bind-fd 30 /usr --clearenv";
    assert_eq!(words[..expected.split_whitespace().count()].join(" "), expected);
    assert_eq!(program, ["--", "sh", "-c", "echo hi"]);
    let mut without = descriptors.clone();
    without.remove(&3);
    assert_eq!(bubblewrap(&plan, &without), Err(ArgumentError::NoDescriptor(3)));
}

#[test]
fn words_are_quoted_where_a_shell_needs_it() {
    for (word, expected) in [
        (&b"/usr/bin"[..], &b"/usr/bin"[..]),
        (b"", b"''"),
        (b"a b", b"'a b'"),
        (b"it's", b"'it'\\''s'"),
        (b"$HOME", b"'$HOME'"),
        (b"~", b"'~'"),
        (b"\xff", b"'\xff'"),
    ] {
        assert_eq!(quote(OsStr::from_bytes(word)), expected);
    }
}

#[test]
fn options_that_look_like_options_stay_operands() {
    let config = "config: {hostname: --bind}\nexports: [{mode: Symlink, mount: /--x, path: --y}]\nenviron: [{key: --unshare-all, value: --z}]";
    let Arguments { options, .. } = bubblewrap(&plan(&[config]), &BTreeMap::new()).unwrap();
    let words: Vec<_> = options.iter().map(|word| word.to_str().unwrap()).collect();
    assert!(
        words.starts_with(&[
            "--symlink",
            "--y",
            "/--x",
            "--clearenv",
            "--setenv",
            "--unshare-all",
            "--z",
            "--unshare-uts",
            "--hostname",
            "--bind"
        ]),
        "{words:?}"
    );
}

/// Each part of the preparation has its line.
#[test]
fn the_preparation_is_printed_for_people() {
    use std::path::PathBuf;

    use crate::plan::{Account, ControlGroup, Namespace, Preparation, preparation};

    assert_eq!(preparation(&Preparation::default()), "");
    let join = |namespace, path: &str| (namespace, PathBuf::from(path));
    let all = Preparation {
        user: Some(Account {
            uid: 7,
            gid: 8,
            groups: vec![8, 9],
        }),
        group: Some(10),
        smack: Some("label".into()),
        umask: Some(0o27),
        join: vec![
            join(Namespace::User, "/run/user"),
            join(Namespace::Cgroup, "/run/cgroup"),
            join(Namespace::Network, "/run/net"),
            join(Namespace::Pid, "/run/pid"),
            join(Namespace::Ipc, "/run/ipc"),
            join(Namespace::Uts, "/run/uts"),
            join(Namespace::Time, "/run/a\nb"),
        ],
        new_time_namespace: true,
        confine_signals: true,
        control_groups: vec![
            ControlGroup {
                directory: "/sys/fs/cgroup/a".into(),
                values: vec![("memory.max", "1".into()), ("pids.max", "2".into())],
            },
            ControlGroup {
                directory: "/sys/fs/cgroup/a/b".into(),
                values: Vec::new(),
            },
        ],
    };
    let expected = "control group /sys/fs/cgroup/a
  memory.max = 1
  pids.max = 2
control group /sys/fs/cgroup/a/b
join the user namespace /run/user
join the cgroup namespace /run/cgroup
join the network namespace /run/net
join the pid namespace /run/pid
join the ipc namespace /run/ipc
join the uts namespace /run/uts
join the time namespace /run/a\\nb
new time namespace
signals reach only what the program starts
group 10
user 7 of group 8, groups [8, 9]
SMACK label label
umask 0027
";
    assert_eq!(preparation(&all), expected);
}
