//! Who the program is, looked at from inside and from outside.

use std::fs;
use std::io::{BufRead as _, BufReader};

use redpak_testing::{Config, Launch, User, skip};

#[test]
fn a_user_may_appear_as_root_and_is_not() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().tag("map-root-user: 1"));
        let file = launch.outside().join("made");
        launch.configure(
            "base/leaf",
            &Config::new()
                .tag("map-root-user: 1")
                .export(format!("{{mode: Public, mount: {}}}", launch.outside().display())),
        );
        let map = launch.inside(&format!(
            "id -u; id -g; touch {}; cat /proc/self/uid_map",
            file.display()
        ));
        let fields: Vec<&str> = map.split_whitespace().collect();
        // The ids, and a map of one user, whose number in the namespace above is the backend's business.
        assert_eq!([&fields[..3], &fields[4..]].concat(), ["0", "0", "0", "1"], "{map}");
        assert_eq!(
            std::os::unix::fs::MetadataExt::uid(&fs::metadata(&file).expect("made")),
            owner.uid
        );
    }
}

#[test]
fn nobody_appears_as_root_where_users_are_shared() {
    let Some(user) = User::unprivileged() else {
        return skip("no unprivileged user");
    };
    let launch = Launch::leaf(&user, &Config::new().tag("map-root-user: 1").tag("share_user: Enabled"));
    launch.shell("true").refuses(125, &["redpack.yaml:4", "share_user"]);
}

/// Real ids and groups of the program, as the kernel has them: a map may hide them inside.
fn ids(launch: &Launch, options: &[&str]) -> [String; 3] {
    let run = launch
        .redwrap()
        .args(options)
        .args(["--", "sh", "-c", "echo $$; read line"]);
    let (mut child, _home) = run.spawn();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped"))
        .read_line(&mut line)
        .expect("the program runs");
    let program = descendants(child.id()).pop().expect("redwrap has children");
    let status = fs::read_to_string(format!("/proc/{program}/status")).expect("readable");
    drop(child.stdin.take());
    child.wait().expect("wait for redwrap");
    ["Uid:", "Gid:", "Groups:"].map(|key| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        line.expect("every process has it")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// A line of descent, the youngest last.
fn descendants(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let Some(child) = children
        .split_whitespace()
        .next_back()
        .and_then(|child| child.parse().ok())
    else {
        return Vec::new();
    };
    [vec![child], descendants(child)].concat()
}

#[test]
fn root_starts_programs_as_others_by_name_or_number() {
    let (true, Some(user)) = (User::is_root(), User::unprivileged()) else {
        return skip("only root may become somebody else");
    };
    let (uid, gid) = (user.uid.to_string(), user.gid.to_string());
    let all = |id: &str| [id; 4].join(" ");
    for (tags, options, wanted) in [
        (
            vec![format!("set-user: {}", user.name)],
            vec![],
            [all(&uid), all(&gid), gid.clone()],
        ),
        (
            vec![format!("set-user: '{uid}'")],
            vec![],
            [all(&uid), all(&gid), gid.clone()],
        ),
        (
            vec![format!("set-user: {}", user.name), "set-group: daemon".into()],
            vec![],
            [all(&uid), all("1"), gid.clone()],
        ),
        (vec!["set-group: '1'".into()], vec![], [all("0"), all("1"), "1".into()]),
        (
            vec!["set-user: nobody".into()],
            vec!["--user", &user.name, "--group", "1"],
            [all(&uid), all("1"), gid.clone()],
        ),
        (
            vec!["set-user: '54321'".into(), "set-group: '54322'".into()],
            vec![],
            [all("54321"), all("54322"), String::new()],
        ),
    ] {
        let leaf = tags.iter().fold(Config::new(), |leaf, tag| leaf.tag(tag));
        assert_eq!(
            ids(&Launch::leaf(&User::current(), &leaf), &options),
            wanted,
            "{tags:?} {options:?}"
        );
    }
}

#[test]
fn a_user_who_is_not_there_or_not_allowed_is_an_error() {
    let launch = Launch::leaf(&User::current(), &Config::new().tag("set-user: no-such-user"));
    launch
        .shell("true")
        .refuses(125, &["redpack.yaml:4", "no-such-user", "does not exist"]);
    launch.configure("base/leaf", &Config::new().tag("set-user: '54321'"));
    launch.shell("true").refuses(125, &["54321", "name a group too"]);
    let Some(user) = User::unprivileged() else {
        return skip("no unprivileged user");
    };
    let launch = Launch::leaf(&user, &Config::new().tag("set-user: root"));
    launch
        .shell("true")
        .refuses(125, &["cannot run as user 0", "only root may"]);
    launch.configure("base/leaf", &Config::new().tag(format!("set-user: {}", user.name)));
    assert_eq!(launch.inside("id -u"), user.uid.to_string());
}

#[test]
fn a_map_of_one_user_leaves_groups_denied() {
    // A group that denies access cannot be dropped inside.
    let Some(user) = User::unprivileged() else {
        return skip("no unprivileged user");
    };
    let script = "cat /proc/self/setgroups; setpriv --clear-groups true 2>&1 | grep -o 'not permitted'";
    assert_eq!(
        Launch::leaf(&user, &Config::new().tag("map-root-user: 1")).inside(script),
        "deny\nnot permitted"
    );
}
