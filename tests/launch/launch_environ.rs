//! The environment of the program, looked at from inside.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt as _;

use redpak_testing::{Config, Launch, Outcome, User};

/// What `env -0` printed. `PWD` is bubblewrap's: it sets it to where the program starts.
fn variables(outcome: Outcome) -> BTreeMap<String, String> {
    let text = outcome.success().out();
    let pairs = text
        .split_terminator('\0')
        .map(|line| line.split_once('=').expect("KEY=VALUE"));
    pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .filter(|(key, _)| key != "PWD")
        .collect()
}

/// The environment of a program in this family; the launcher has `GIVEN` and `SECRET` in its own.
fn environment(launch: &Launch) -> BTreeMap<String, String> {
    let run = launch.redwrap().env("GIVEN", "by the caller").env("SECRET", "hunter2");
    variables(run.args(["--", "env", "-0"]).run())
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

const PATH: (&str, &str) = ("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");

#[test]
fn it_starts_empty() {
    for owner in User::owners() {
        assert_eq!(environment(&Launch::leaf(&owner, &Config::new())), map([PATH]));
    }
}

#[test]
fn each_mode_gives_its_value() {
    for owner in User::owners() {
        let leaf = Config::new()
            .environ("{key: DEFAULT, value: '$LEAF_ALIAS/${GIVEN}-\\$x $(echo out $NODE_ALIAS)'}")
            .environ("{mode: Default, key: EMPTY, value: $NO_SUCH_VARIABLE}")
            .environ("{mode: Static, key: STATIC, value: '$LEAF_ALIAS $(echo never) \\$'}")
            .environ("{mode: Execfd, key: EXECFD, value: \"printf ' a\\\\nb \\\\n\\\\n'; echo $UID >&2\"}")
            .environ("{mode: Inherit, key: GIVEN}")
            .environ("{mode: Inherit, key: NOT_THERE}");
        let wanted = map([
            PATH,
            ("DEFAULT", "leaf/by the caller-$x out leaf"),
            ("EMPTY", ""),
            ("STATIC", "$LEAF_ALIAS $(echo never) \\$"),
            ("EXECFD", " a\nb \n"),
            ("GIVEN", "by the caller"),
        ]);
        assert_eq!(environment(&Launch::leaf(&owner, &leaf)), wanted);
    }
}

#[test]
fn all_of_it_is_inherited_only_when_a_config_says_so() {
    for owner in User::owners() {
        let leaf = Config::new()
            .tag("inherit-env: true")
            .environ("{mode: Remove, key: SECRET}")
            .environ("{mode: Remove, key: NOT_THERE}")
            .environ("{mode: Static, key: TERM, value: ours}");
        let environment = environment(&Launch::leaf(&owner, &leaf));
        for (key, value) in [PATH, ("GIVEN", "by the caller"), ("TERM", "ours"), ("LANG", "C.UTF-8")] {
            assert_eq!(environment.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert!(!environment.contains_key("SECRET"), "{environment:?}");
    }
}

#[test]
fn a_removed_variable_is_gone_although_an_ancestor_sets_it() {
    let base = Config::core()
        .environ("{key: ONE, value: base}")
        .environ("{key: TWO, value: base}")
        .environ("{key: THREE, value: $NODE_ALIAS}");
    let leaf = Config::new()
        .environ("{mode: Remove, key: ONE}")
        .environ("{key: TWO, value: $NODE_ALIAS}");
    let launch = Launch::new(&User::current(), &base, &leaf);
    assert_eq!(environment(&launch), map([PATH, ("TWO", "leaf"), ("THREE", "base")]));
}

#[test]
fn paths_of_the_family_are_joined_leaf_first_without_doubles() {
    for owner in User::owners() {
        let base = Config::core().tag("ldpath: /$NODE_ALIAS/lib:/both");
        let leaf = Config::new()
            .tag("path: /$NODE_ALIAS/bin:/usr/bin:/usr//bin/")
            .tag("ldpath: /both:/$NODE_ALIAS/lib");
        let wanted = map([
            ("PATH", "/leaf/bin:/usr/bin:/bin:/usr/sbin:/sbin"),
            ("LD_LIBRARY_PATH", "/both:/leaf/lib:/base/lib"),
        ]);
        assert_eq!(environment(&Launch::new(&owner, &base, &leaf)), wanted);
    }
}

#[test]
fn a_program_is_found_by_the_path_of_the_family_not_the_callers() {
    for owner in User::owners() {
        let leaf = Config::new()
            .tag("path: /own")
            .export("{mode: Restricted, mount: /own, path: $NODE_PATH/bin}");
        let launch = Launch::leaf(&owner, &leaf);
        let program = launch.write("base/leaf/bin/only-here", "#!/bin/sh\necho found\n");
        redpak_testing::tool("chmod", ["755", program.to_str().expect("temporary paths are UTF-8")]);
        assert_eq!(
            launch.redwrap().args(["--", "only-here"]).run().success().out(),
            "found\n"
        );
        let outside = launch.outside();
        let run = launch.redwrap().env("PATH", &outside);
        launch.write("outside/elsewhere", "#!/bin/sh\n");
        run.args(["--", "elsewhere"]).run().refuses(127, &["elsewhere"]);
    }
}

#[test]
fn a_failing_command_keeps_the_program_from_starting() {
    let leaf = Config::new().environ("{mode: Execfd, key: X, value: 'echo because >&2; exit 3'}");
    let launch = Launch::leaf(&User::current(), &leaf);
    launch
        .shell("echo started")
        .refuses(125, &["redpack.yaml:4", "exit 3", "because"])
        .never_says("started");
    launch.configure(
        "base/leaf",
        &Config::new().environ("{mode: Execfd, key: X, value: 'printf a\\\\0b'}"),
    );
    launch.shell("true").refuses(125, &["redpack.yaml:4", "NUL"]);
}

#[test]
fn commands_see_the_built_ins_and_nothing_of_the_callers() {
    for owner in User::owners() {
        let launch = Launch::leaf(&owner, &Config::new().environ("{mode: Execfd, key: SEEN, value: env}"));
        let environment = environment(&launch);
        let seen = &environment["SEEN"];
        for line in ["NODE_ALIAS=leaf", "LEAF_ALIAS=leaf", &format!("UID={}", owner.uid)] {
            assert!(seen.lines().any(|other| other == line), "{line} is not in:\n{seen}");
        }
        for word in ["hunter2", "by the caller", "HOME="] {
            assert!(!seen.contains(word), "{word} is in:\n{seen}");
        }
    }
}

#[test]
fn the_built_ins_have_their_values() {
    for owner in User::owners() {
        let names = [
            "NODE_ALIAS",
            "NODE_NAME",
            "NODE_PATH",
            "NODE_INFO",
            "LEAF_ALIAS",
            "LEAF_NAME",
            "LEAF_PATH",
            "LEAF_INFO",
            "UID",
            "GID",
            "PID",
            "USER",
            "LOGNAME",
            "HOSTNAME",
            "TODAY",
            "UUID",
            "NODE_PREFIX",
            "CGROUPS_MOUNT_POINT",
            "REDNODE_CONF",
            "REDNODE_ADMIN",
            "REDNODE_STATUS",
            "REDNODE_VARDIR",
            "REDNODE_REPODIR",
            "REDNODE_LOCK",
        ];
        let base = names.iter().fold(Config::core(), |base, name| {
            base.environ(format!("{{key: V_{name}, value: ${name}}}"))
        });
        let launch = Launch::new(&owner, &base, &Config::new());
        let headers = "  alias: base\n  name: Base\n  info: what it is\n";
        launch.write(
            "base/etc/redpack.yaml",
            base.yaml("base").replace("  alias: base\n", headers),
        );
        let environment = environment(&launch);
        let value = |name: &str| environment[&format!("V_{name}")].as_str();
        let text = |path: &str| {
            let path = launch.path(path);
            path.to_str().expect("temporary paths are UTF-8").to_owned()
        };
        let hostname = redpak_testing::tool("uname", ["-n"]);
        for (name, expected) in [
            ("NODE_ALIAS", "base".to_owned()),
            ("NODE_NAME", "Base".to_owned()),
            ("NODE_PATH", text("base")),
            ("NODE_INFO", "what it is".to_owned()),
            ("LEAF_ALIAS", "leaf".to_owned()),
            ("LEAF_NAME", String::new()),
            ("LEAF_PATH", text("base/leaf")),
            ("LEAF_INFO", String::new()),
            ("UID", owner.uid.to_string()),
            ("GID", owner.gid.to_string()),
            ("USER", owner.name.clone()),
            ("LOGNAME", owner.name.clone()),
            ("HOSTNAME", hostname.trim().to_owned()),
            ("NODE_PREFIX", String::new()),
            ("REDNODE_CONF", text("base/etc/redpack.yaml")),
            ("REDNODE_ADMIN", text("base/etc/redpack-admin.yaml")),
            ("REDNODE_STATUS", text("base/.rednode.yaml")),
            ("REDNODE_VARDIR", text("base/var/lib/rpm")),
            ("REDNODE_REPODIR", text("base/etc/yum.repos.d")),
            ("REDNODE_LOCK", text("base/.rednode.lock")),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
        let is_number = value("PID").parse::<u32>().is_ok_and(|pid| pid > 1);
        assert!(
            is_number && value("UUID").len() == 36 && value("TODAY").ends_with('Z'),
            "{environment:?}"
        );
        assert!(value("CGROUPS_MOUNT_POINT").starts_with('/'), "{environment:?}");
    }
}
#[test]
fn bytes_of_values_are_kept() {
    let odd = std::ffi::OsString::from_vec(b"a\xff\n\x1b'\"".to_vec());
    let leaf = Config::new()
        .environ("{mode: Inherit, key: ODD}")
        .environ("{key: COPY, value: '-$ODD-'}");
    let launch = Launch::leaf(&User::current(), &leaf);
    let run = launch
        .redwrap()
        .env("ODD", &odd)
        .args(["--", "sh", "-c", "printf %s \"$ODD$COPY\""]);
    assert_eq!(run.run().success().stdout, b"a\xff\n\x1b'\"-a\xff\n\x1b'\"-");
}

#[test]
fn what_the_program_gets_does_not_steer_the_launcher() {
    for owner in User::owners() {
        // ld.so complains in each process that is started with it: in the program alone, not in bubblewrap or the check.
        let leaf = Config::new()
            .environ("{key: LD_PRELOAD, value: /no/such/library.so}")
            .environ("{key: LD_LIBRARY_PATH, value: $NODE_PATH}");
        let outcome = Launch::leaf(&owner, &leaf)
            .redwrap()
            .args(["--", "true"])
            .run()
            .success();
        assert_eq!(
            outcome.err().matches("/no/such/library.so").count(),
            1,
            "{}",
            outcome.report()
        );
    }
}

#[test]
fn options_are_literal_wherever_they_are_written() {
    for owner in User::owners() {
        let leaf = Config::new()
            .tag("hostname: --bind")
            .environ("{key: --setenv, value: --bind}")
            .environ("{key: X, value: '--ro-bind / /host'}")
            .export("{mode: Symlink, mount: /--bind, path: --bind}")
            .export("{mode: Anonymous, mount: '/--ro-bind / /host'}");
        let launch = Launch::leaf(&owner, &leaf);
        let script = "uname -n; echo \"$X\"; tr '\\0' '\\n' </proc/$$/environ | grep -c -e '^--setenv=--bind$'; readlink /--bind; test -d '/--ro-bind / /host'; ls /host; echo \"$@\"";
        let outcome = launch
            .redwrap()
            .args(["--", "sh", "-c", script, "--bind", "--", "--bind", "/", "/host"])
            .run();
        assert_eq!(
            outcome.out(),
            "--bind\n--ro-bind / /host\n1\n--bind\n-- --bind / /host\n",
            "{}",
            outcome.report()
        );
        launch.redwrap().args(["--", "--bind"]).run().refuses(127, &["--bind"]);
    }
}
