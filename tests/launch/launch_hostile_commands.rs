//! Commands of a config (`$(…)`, Execfd) run before there is a sandbox: never with more rights than their writer has.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use redpak_testing::{Config, Launch, User, skip};

/// Root, and the user whose program it starts.
fn root_and_user() -> Option<(User, User)> {
    let user = User::unprivileged().filter(|_| User::is_root());
    if user.is_none() {
        skip("only root starts programs for others");
    }
    Some((User::current(), user?))
}

/// Every place of a config that a command can be in, each giving what `command` prints.
fn everywhere(command: &str) -> Config {
    Config::new()
        .tag(format!("path: '/usr/bin:/x$({command})'"))
        .export(format!("{{mode: Execfd, mount: /tmp/export, path: '{command}'}}"))
        .export(format!("{{mode: Anonymous, mount: '/tmp/mount$({command})'}}"))
        .environ(format!("{{key: DEFAULT, value: '$({command})'}}"))
        .environ(format!("{{mode: Execfd, key: EXECFD, value: '{command}'}}"))
}

const LOOK: &str = "cat /tmp/export; ls -d /tmp/mount*; echo $DEFAULT; echo $EXECFD; echo $PATH";

fn answers(answer: u32) -> String {
    format!("{answer}\n/tmp/mount{answer}\n{answer}\n{answer}\n/usr/bin:/x{answer}:/bin:/usr/sbin:/sbin")
}

#[test]
fn root_runs_them_as_the_user_that_the_program_will_be() {
    let Some((root, user)) = root_and_user() else { return };
    let base = Config::core().tag(format!("set-user: {}", user.name));
    let launch = Launch::new(&root, &base, &everywhere("id -u"));
    assert_eq!(launch.inside(LOOK), answers(user.uid));
    // A hostile leaf cannot become root again: the oldest set-user counts.
    launch.configure("base/leaf", &everywhere("id -u").tag("set-user: root"));
    assert_eq!(launch.inside(LOOK), answers(user.uid));
    let asked = Launch::new(&root, &Config::core(), &everywhere("id -u"));
    let run = asked.redwrap().arg(format!("--user={}", user.name));
    let out = run.args(["--", "sh", "-c", LOOK]).run().success().out();
    assert_eq!(out.trim_end(), answers(user.uid));
}

#[test]
fn root_runs_them_as_the_owner_of_the_leaf() {
    let Some((root, user)) = root_and_user() else { return };
    let launch = Launch::new(&root, &Config::core(), &Config::new());
    // The leaf's config belongs to the user; the ancestors' commands can carry the leaf's texts.
    let file = launch.write("base/leaf/etc/redpack.yaml", everywhere("id -u").yaml("leaf"));
    user.own(&file);
    assert_eq!(launch.inside(LOOK), answers(user.uid));
    let base = Config::core().environ("{key: OF_THE_BASE, value: '$(id -u; echo $LEAF_INFO)'}");
    launch.configure("base", &base);
    user.own(&launch.path("base/leaf"));
    assert_eq!(launch.inside("echo $OF_THE_BASE | head -c 40"), user.uid.to_string());
    // All root's: root.
    let trusted = Launch::new(&root, &Config::core(), &everywhere("id -u"));
    assert_eq!(trusted.inside(LOOK), answers(0));
}

#[test]
fn they_reach_neither_roots_files_nor_the_network_nor_its_groups() {
    let Some((root, user)) = root_and_user() else { return };
    let base = Config::core().tag(format!("set-user: {}", user.name));
    let launch = Launch::new(&root, &base, &Config::new());
    launch.write("outside/secret", "secret\n");
    let outside = launch.outside();
    fs::set_permissions(&outside, fs::Permissions::from_mode(0o700)).expect("changed");
    let path = outside.display();
    let roots = format!("/etc/redpak-test-{}", std::process::id());
    let command = format!(
        "cat {path}/secret; echo x > {path}/new; echo x > {roots}; kill -0 $PPID && echo signalled; \
         id -G; grep -c : /proc/net/dev; grep NoNewPrivs /proc/self/status | cut -f2; ls /proc/self/fd | wc -l"
    );
    let leaf = Config::new().environ(format!("{{mode: Execfd, key: SEEN, value: '({command}) 2>/dev/null'}}"));
    launch.configure("base/leaf", &leaf);
    let seen = launch.inside("echo \"$SEEN\"");
    let lines: Vec<&str> = seen.lines().collect();
    // Its own groups; the loopback device alone; no_new_privs; 0, 1, 2 and the directory.
    assert!(lines[0].split(' ').any(|group| group == user.gid.to_string()), "{seen}");
    assert!(!lines[0].split(' ').any(|group| group == "0"), "{seen}");
    assert_eq!(&lines[1..], ["1", "1", "4"], "{seen}");
    assert_eq!(fs::read_dir(&outside).expect("readable").count(), 1);
    assert!(!fs::exists(&roots).expect("readable"));
}

#[test]
fn one_that_does_not_end_is_ended_with_all_that_it_started() {
    let mark = format!("2{:06}", std::process::id());
    let launch = Launch::new(&User::current(), &Config::core(), &Config::new());
    let leaf = Config::new().environ(format!("{{key: NEVER, value: '$(sleep {mark} & sleep {mark})'}}"));
    launch.configure("base/leaf", &leaf);
    let started = Instant::now();
    launch
        .shell("echo started-it")
        .refuses(125, &["NEVER", "10 s"])
        .never_says("started-it");
    assert!(started.elapsed() < Duration::from_secs(60));
    let is_left = || {
        fs::read_dir("/proc").expect("/proc").flatten().any(|process| {
            let line = fs::read_to_string(process.path().join("cmdline")).unwrap_or_default();
            line.split('\0').any(|word| word == mark)
        })
    };
    // A process that was killed is there until the kernel has a moment for it.
    let until = Instant::now() + Duration::from_secs(10);
    while is_left() {
        assert!(Instant::now() < until, "what the command started goes on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
