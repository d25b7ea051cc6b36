//! Scriptlets and triggers: what they see, what they can do and what they cannot, as each kind of owner of a pool.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redpak_testing::{
    Entry, Key, Outcome, Package, Pool, Repository, Scriptlet, Tree, Trigger, User, directory, skip, tool,
};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

/// A platform that offers a shell and a file, a leaf below it, and one repository for both.
struct Family {
    pool: Pool,
}

impl Family {
    fn new(owner: &User, repository: &Repository) -> Self {
        let pool = Pool::new(owner);
        for node in [PLATFORM, LEAF] {
            pool.create(node);
            pool.repository(node, "made", &repository.repo_file("made"));
        }
        pool.install(PLATFORM, &["base"]);
        Self { pool }
    }

    fn leaf(&self, arguments: &[&str]) -> Outcome {
        self.pool.dnf(LEAF).args(arguments).run()
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.pool.node(LEAF).join(inside)
    }

    fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap_or_else(|error| panic!("{inside}: {error}"))
    }

    /// Nothing of the root that scriptlets had is left in the leaf.
    #[track_caller]
    fn is_clear(&self) {
        assert!(!self.path(".rednode.overlay").exists(), "the leaf has been cleared");
        for name in ["bin", "sbin", "lib", "lib64", "opt", "dev", "proc", "tmp"] {
            assert!(
                self.path(name).symlink_metadata().is_err(),
                "/{name} is left in the leaf"
            );
        }
        no_marks(&self.path(""));
    }
}

/// No whiteout and no attribute of an overlay.
#[track_caller]
fn no_marks(directory: &Path) {
    for entry in fs::read_dir(directory).expect("read a directory of the leaf").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("a type"));
        assert!(!kind.is_char_device(), "{} is a whiteout", path.display());
        let mut names = [0; 4096];
        let size = rustix::fs::llistxattr(&path, &mut names).unwrap_or(0);
        let names = String::from_utf8_lossy(&names[..size]).into_owned();
        assert!(!names.contains("overlay"), "{} has {names}", path.display());
        if kind.is_dir() {
            no_marks(&path);
        }
    }
}

/// What every family has: a shell for dependencies, and a trigger of an ancestor.
fn base() -> Package {
    Package::new("base", "1-1")
        .provides("/bin/sh")
        .provides("/usr/bin/sh")
        .file("/usr/share/base/data", "of the platform\n")
        .trigger(Trigger::TransFileIn, "/usr/share", "echo a trigger of an ancestor")
}

fn with(packages: Vec<Package>) -> Repository {
    Repository::new(&[vec![base()], packages].concat())
}

/// What a scriptlet can find out and try.
fn probe(key: &str) -> Package {
    let script = format!(
        r#"
say() {{ echo "$@" >> /var/lib/probe; }}
say $(cat /usr/share/base/data) $(cat /usr/share/probe/own)
test -x /usr/bin/env && say the core OS
test -c /dev/null && say devices
grep -q '^root:' /etc/passwd && say accounts
test -e /etc/shadow || say no passwords
echo kept > /usr/share/kept; mkdir -p /usr/share/doc/probe; echo kept > /usr/share/doc/probe/kept; echo kept > /etc/kept
rm /usr/bin/env && ! test -e /usr/bin/env && say removed here
for file in /etc/redpack.yaml /etc/redpack-admin.yaml /etc/redpak.yaml /etc/redpak-admin.yaml \
    /var/lib/rpm/rpmdb.sqlite /usr/lib/sysimage/libdnf5/x /lib/sysimage/libdnf5/x /var/cache/redpak/x /x
do (echo x >> $file) 2>/dev/null && say wrote $file
rm -f $file 2>/dev/null; mv /etc/kept $file 2>/dev/null && say moved over $file
done
ls -d /.rednode* 2>/dev/null && say sees what governs
echo {key} > /var/lib/key
rpmkeys --import /usr/share/probe/key 2>/dev/null && say imported a key
ls -d /proc/1 2>/dev/null && say sees rpm
kill -KILL 1 2>/dev/null && say killed
kill -TERM 1 2>/dev/null && say terminated
test $(grep -c : /proc/net/dev) -gt 1 && say has a network
(sleep 61234; echo x > /var/lib/late) > /dev/null 2>&1 &
say done
"#
    );
    Package::new("probe", "1-1")
        .file("/usr/share/probe/own", "of the package\n")
        .file("/usr/share/probe/key", fs::read(key).expect("the key"))
        .scriptlet(Scriptlet::Post, &script)
}

const PROBED: &str =
    "of the platform of the package\nthe core OS\ndevices\naccounts\nno passwords\nremoved here\ndone\n";

fn is_running(argument: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .any(|line| line.contains(argument))
}

#[test]
fn they_see_the_family_and_change_the_leaf_alone() {
    let key = Key::new("Tests <tests@redpak.invalid>");
    let repository = with(vec![probe(key.public().to_str().expect("UTF-8"))]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let ancestors = Tree::except(family.pool.path(), &[LEAF]);
        let (core, env) = (Tree::of(Path::new("/etc")), fs::read("/usr/bin/env").expect("env"));
        let config = family.read("etc/redpack.yaml");
        let outcome = family.leaf(&["install", "-y", "probe"]).success();
        assert!(
            !outcome.err().contains("ancestor"),
            "ancestors' triggers do not fire: {}",
            outcome.err()
        );
        assert_eq!(
            family.read("var/lib/probe"),
            PROBED,
            "{}\n{}",
            owner.name,
            outcome.err()
        );
        for kept in ["usr/share/kept", "usr/share/doc/probe/kept", "etc/kept"] {
            assert_eq!(family.read(kept), "kept\n");
        }
        assert!(!is_running("61234"), "nothing outlives the transaction");
        ancestors.unchanged();
        core.unchanged();
        assert_eq!(fs::read("/usr/bin/env").expect("env"), env);
        assert_eq!(family.read("etc/redpack.yaml"), config);
        assert!(!family.path("etc/redpak.yaml").exists(), "no config appears");
        family.is_clear();
        assert_eq!(family.pool.installed(LEAF), ["probe-1-1.noarch"]);
        family.leaf(&["remove", "-y", "probe"]).success();
        assert!(!family.path("usr/share/probe/own").exists());
        family.is_clear();
    }
}

#[test]
fn rpm_s_own_language_writes_in_the_leaf_and_prints() {
    let polite = r#"
print("in lua")
local made = io.open("/usr/share/made-by-lua", "w"); made:write("lua\n"); made:close()
for _, file in ipairs({"/etc/redpack.yaml", "/etc/redpak-admin.yaml", "/.rednode.yaml"}) do
  if io.open(file, "a") then print("wrote " .. file) end
end
local base = io.open("/usr/share/base/data"); print(base:read("a")); base:close()
"#;
    let repository = with(vec![Package::new("polite", "1-1").scriptlet_for(
        "<lua>",
        Scriptlet::Post,
        polite,
    )]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let outcome = family.leaf(&["install", "-y", "polite"]).success();
        assert!(outcome.err().contains("\n>>> in lua\n"), "{}", outcome.err());
        assert!(!outcome.err().contains("wrote"), "{}", outcome.err());
        assert_eq!(family.read("usr/share/made-by-lua"), "lua\n");
    }
}

#[test]
fn declared_accounts_are_the_node_s() {
    let package = Package::new("daemon", "1-1")
        .automatic_dependencies()
        .file(
            "/usr/lib/sysusers.d/daemon.conf",
            "u redpakd - \"A daemon\" /var/lib/redpakd\ng redpakg 4242\nm redpakd redpakg\n",
        )
        .entry(Entry::file("/var/lib/redpakd/state", "s").owner("redpakd", "redpakg"));
    let late = Package::new("late", "1-1")
        .requires("user(redpakd)")
        .entry(Entry::file("/var/lib/late", "s").owner("redpakd", "root"));
    let repository = with(vec![package, late]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let core = Tree::of(Path::new("/etc"));
        family.leaf(&["install", "-y", "daemon"]).success();
        core.unchanged();
        let line = |file: &str, name: &str| {
            let text = family.read(file);
            let line = text.lines().find(|line| line.starts_with(&format!("{name}:")));
            line.unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
        };
        let user = line("etc/passwd", "redpakd");
        let fields: Vec<&str> = user.split(':').collect();
        assert_eq!(fields[4..], ["A daemon", "/var/lib/redpakd", "/sbin/nologin"]);
        assert_eq!(line("etc/group", "redpakg"), "redpakg:x:4242:redpakd");
        assert!(
            family.read("etc/passwd").starts_with("root:x:0:"),
            "with the core OS's accounts"
        );
        let uid: u32 = fields[2].parse().expect("a number");
        assert!((1..1000).contains(&uid), "{user}");
        family.leaf(&["install", "-y", "late"]).success();
        assert_eq!(line("etc/passwd", "redpakd"), user, "an account keeps its id");
        let state = fs::metadata(family.path("var/lib/late")).expect("the file").uid();
        match owner.name.as_str() {
            "root" => assert_eq!(state, uid),
            "plain" => assert_eq!(state, owner.uid),
            _ => assert_ne!(state, owner.uid, "of the range in /etc/subuid"),
        }
    }
}

#[test]
fn config_files_outlive_a_failing_upgrade() {
    let version = |version: &str| {
        Package::new("conf", &format!("{version}-1"))
            .entry(Entry::file("/etc/same.cfg", "same\n").config())
            .entry(Entry::file("/etc/changed.cfg", version).config_noreplace())
            .entry(Entry::file("/etc/edited.cfg", version).config())
    };
    let repository = with(vec![version("1"), version("2").scriptlet(Scriptlet::Pre, "exit 1")]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        family.leaf(&["install", "-y", "conf-1"]).success();
        family.pool.write(LEAF, "etc/edited.cfg", "mine\n");
        let before = ["same", "changed", "edited"].map(|name| family.read(&format!("etc/{name}.cfg")));
        family
            .leaf(&["upgrade", "-y"])
            .refuses(1, &["%prein(conf-2-1.noarch) scriptlet failed, exit status 1"]);
        let after = ["same", "changed", "edited"].map(|name| family.read(&format!("etc/{name}.cfg")));
        assert_eq!(before, after);
        assert_eq!(family.pool.installed(LEAF), ["conf-1-1.noarch"]);
        family.is_clear();
    }
}

#[test]
fn all_output_arrives_and_nothing_hangs() {
    let lines = 100_000;
    let repository = with(vec![
        Package::new("loud", "1-1").scriptlet(Scriptlet::Post, &format!("seq -f 'line %099.0f' 1 {lines}")),
        Package::new("closing", "1-1").scriptlet(Scriptlet::Post, "exec >&- 2>&- <&-; sleep 0.2; exit 5"),
        Package::new("forking", "1-1").scriptlet(Scriptlet::Post, "(setsid sleep 61235 &) & echo forked"),
    ]);
    let family = Family::new(&User::current(), &repository);
    let loud = family.leaf(&["install", "-y", "loud"]).success();
    let shown = loud.err().lines().filter(|line| line.starts_with(">>> line 0")).count();
    assert_eq!(shown, lines);
    family
        .leaf(&["install", "-y", "closing"])
        .refuses(1, &["scriptlet failed, exit status 5"]);
    let begin = Instant::now();
    family.leaf(&["install", "-y", "forking"]).success().complains("forked");
    assert!(begin.elapsed() < Duration::from_secs(60) && !is_running("61235"));
}

#[test]
fn a_killed_run_is_cleared_by_the_next() {
    // The repair runs it again.
    let slow = "test -e /var/lib/begun && exit; rm /usr/bin/env; echo x > /var/lib/begun; sleep 60";
    let slow = Package::new("slow", "1-1").scriptlet(Scriptlet::Post, slow);
    let repository = with(vec![slow]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let (mut child, _home) = family.pool.dnf(LEAF).args(["install", "-y", "slow"]).spawn();
        let begin = Instant::now();
        while !family.path("var/lib/begun").exists() {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "the scriptlet does not begin"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        child.kill().expect("kill redwrap-dnf");
        child.wait().expect("wait for it");
        assert!(family.path(".rednode.overlay").exists());
        family.leaf(&["remove", "-y", "slow"]).success();
        assert!(family.pool.installed(LEAF).is_empty());
        family.is_clear();
    }
}

/// What is laid into a node where a killed run leaves its marks leads nowhere.
#[test]
fn clearing_follows_no_link() {
    let repository = with(vec![Package::new("plain", "1-1").file("/usr/share/plain", "plain")]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let outside = directory();
        fs::create_dir_all(outside.path().join("layer/work")).expect("make a directory");
        owner.own(outside.path());
        let before = Tree::of(outside.path());
        let overlay = family.path(".rednode.overlay");
        symlink(outside.path(), &overlay).expect("make a link");
        family
            .leaf(&["install", "-y", "plain"])
            .refuses(1, &[".rednode.overlay is not a directory"]);
        fs::remove_file(&overlay).expect("remove a link");
        // A real one, and the directories that would be cleared are links.
        fs::create_dir_all(overlay.join("usr")).expect("make a directory");
        symlink(outside.path().join("layer"), overlay.join("etc")).expect("make a link");
        symlink(outside.path(), overlay.join("usr/work")).expect("make a link");
        symlink(outside.path(), family.path("opt")).expect("make a link");
        for path in [&overlay, &overlay.join("usr")] {
            owner.own(path);
        }
        family.leaf(&["install", "-y", "plain"]).success();
        assert!(!overlay.exists());
        before.unchanged();
    }
}

/// What rpm does outside the root of scriptlets is refused, or taken from them.
#[test]
fn nothing_runs_beside_their_root() {
    let macros = Package::new("macros", "1-1").section("post -n macros -e", "echo %(touch /tmp/expanded-outside)");
    let lua = |name: &str, body: &str| Package::new(name, "1-1").scriptlet_for("<lua>", Scriptlet::Post, body);
    let looks = "cut -d' ' -f6 /proc/self/stat; echo x > /proc/sys/kernel/core_pattern || echo read-only";
    let repository = with(vec![
        macros,
        lua("lua-execute", "os.execute('touch /usr/share/executed')"),
        lua("lua-expand", "rpm.expand('%(touch /usr/share/expanded)')"),
        lua("lua-library", "package.loadlib('/usr/lib/evil.so', 'open')"),
        Package::new("looks", "1-1").scriptlet(Scriptlet::Post, looks),
    ]);
    let pattern = fs::read("/proc/sys/kernel/core_pattern").expect("read a system control");
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let refused = family.leaf(&["install", "-y", "macros"]);
        refused.refuses(1, &["macros-1-1.noarch", "%post -e"]);
        for name in ["lua-execute", "lua-expand", "lua-library"] {
            family.leaf(&["install", "-y", name]).refuses(1, &["a nil value"]);
        }
        assert!(!family.path("usr/share/executed").exists() && !family.path("usr/share/expanded").exists());
        // A session of its own: no terminal of the caller's to type into.
        let seen = family.leaf(&["install", "-y", "looks"]).success().err();
        assert!(seen.contains("\n>>> 1\n") && seen.contains("read-only"), "{seen}");
        family.is_clear();
    }
    assert_eq!(
        fs::read("/proc/sys/kernel/core_pattern").expect("read a system control"),
        pattern
    );
    assert!(!Path::new("/tmp/expanded-outside").exists());
}

/// A node may lie in a directory that scriptlets of the node above can write.
#[test]
fn nodes_below_are_out_of_reach_wherever_they_lie() {
    let body = "echo x > /opt/child/planted; echo x >> /opt/child/etc/redpack.yaml; rm -r /opt/child; mv /opt/child /opt/x; true";
    let repository = with(vec![Package::new("greedy", "1-1").scriptlet(Scriptlet::Post, body)]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let child = format!("{LEAF}/opt/child");
        family.pool.create(&child);
        let before = Tree::of(&family.pool.node(&child));
        family.leaf(&["install", "-y", "greedy"]).success();
        before.unchanged();
    }
}

/// Marks of other overlays, for example of containers whose layers lie in the node, are not this run's to take away.
#[test]
fn marks_of_others_stay() {
    if !User::is_root() {
        return skip("making a whiteout needs root");
    }
    let repository = with(vec![
        Package::new("posts", "1-1").scriptlet(Scriptlet::Post, "rm /usr/bin/env"),
    ]);
    let family = Family::new(&User::current(), &repository);
    let layer = family.path("var/lib/containers/layer");
    fs::create_dir_all(&layer).expect("make a directory");
    tool("mknod", [layer.join("deleted").to_str().expect("UTF-8"), "c", "0", "0"]);
    family.leaf(&["install", "-y", "posts"]).success();
    assert!(layer.join("deleted").symlink_metadata().is_ok());
    fs::remove_file(layer.join("deleted")).expect("remove a whiteout");
    family.is_clear();
}

/// rpm opens package files where the command line names them, though it sees little beside the node by then.
#[test]
fn package_files_lie_anywhere() {
    let posts = |name: &str| Package::new(name, "1-1").scriptlet(Scriptlet::Post, "echo posted");
    let repository = with(vec![posts("relative"), posts("linked"), posts("absolute")]);
    for owner in User::owners() {
        let family = Family::new(&owner, &repository);
        let outside = directory();
        fs::create_dir(outside.path().join("packages")).expect("make a directory");
        symlink("packages", outside.path().join("link")).expect("make a link");
        for name in ["relative", "linked", "absolute"] {
            let file = format!("{name}-1-1.noarch.rpm");
            fs::copy(
                repository.path().join(&file),
                outside.path().join("packages").join(&file),
            )
            .expect("copy a package");
        }
        let at = |place: &str| outside.path().join(place).display().to_string();
        for path in [
            "packages/relative-1-1.noarch.rpm".to_owned(),
            at("link/linked-1-1.noarch.rpm"),
            at("packages/absolute-1-1.noarch.rpm"),
        ] {
            let run = family
                .pool
                .dnf(LEAF)
                .args(["install", "-y", &path])
                .directory(outside.path());
            run.run().success().complains("posted");
        }
        assert_eq!(family.pool.installed(LEAF).len(), 3);
    }
}
