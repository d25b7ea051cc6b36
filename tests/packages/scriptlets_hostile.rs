//! Scriptlets that mean harm, in rpm's own language above all: it runs inside rpm.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use redpak_testing::{Key, Outcome, Package, Pool, Repository, Scriptlet, Tree, User, directory, skip, tool};

const PLATFORM: &str = "platform";
const LEAF: &str = "platform/application";

fn pool(owner: &User, packages: &[Package]) -> (Pool, Repository) {
    let base = Package::new("base", "1-1").provides("/bin/sh").provides("/usr/bin/sh");
    let repository = Repository::new(&[&[base], packages].concat());
    let pool = Pool::new(owner);
    for node in [PLATFORM, LEAF] {
        pool.create(node);
        pool.repository(node, "made", &repository.repo_file("made"));
    }
    pool.install(PLATFORM, &["base"]);
    (pool, repository)
}

fn install(pool: &Pool, package: &str) -> Outcome {
    pool.dnf(LEAF).args(["install", "-y", package]).run()
}

fn lua(name: &str, body: &str) -> Package {
    Package::new(name, "1-1").scriptlet_for("<lua>", Scriptlet::Post, body)
}

/// Descriptors of directories are open in rpm, those of ancestors too, which lead anywhere by `..`: all that keeps a scriptlet
/// from them is that no path does.
#[test]
fn rpms_own_language_reaches_nothing_but_the_node() {
    let body = r#"
local seen = {}
local function look(directory, depth)
  if directory:match("/fd$") or directory:match("/cwd$") then print("found " .. directory) end
  for _, name in ipairs(posix.dir(directory) or {}) do
    local path = directory .. "/" .. name
    local status = posix.stat(path)
    local id = status and status.ino
    if name ~= "." and name ~= ".." and status and status.type == "directory" and depth < 7 and not seen[path]
      and not path:match("^//?usr/[^l]") and not path:match("^//?usr/lib/.*/") then
      seen[path] = true
      look(path, depth + 1)
    end
  end
end
look("", 0)
for descriptor = 0, 60 do
  for _, proc in ipairs({"/proc", "/.rednode.overlay/scratch/root/proc", "/../proc", "/node/../proc"}) do
    for _, way in ipairs({"", "/..", "/../.."}) do
      local file = io.open(proc .. "/self/fd/" .. descriptor .. way .. "/planted", "w")
      if file then file:close() print("planted by " .. descriptor .. way) end
    end
  end
end
for _, path in ipairs({"/../node/etc/redpack.yaml", "OUTSIDE", "/../..OUTSIDE", "/node/etc/redpack.yaml", "/etc/shadow"}) do
  if io.open(path) then print("read " .. path) end
end
print("looked")
"#;
    for owner in User::owners() {
        let outside = directory();
        fs::write(outside.path().join("secret"), "").expect("write a secret");
        owner.own(outside.path());
        let secret = outside.path().join("secret");
        let body = body.replace("OUTSIDE", secret.to_str().expect("UTF-8"));
        let (pool, _repository) = pool(&owner, &[lua("looks", &body)]);
        let ancestors = Tree::except(pool.path(), &[LEAF]);
        let outcome = install(&pool, "looks").success();
        assert!(outcome.err().contains(">>> looked\n"), "{}", outcome.report());
        for word in ["found ", "planted ", "read "] {
            assert!(!outcome.err().contains(&format!(">>> {word}")), "{}", outcome.report());
        }
        ancestors.unchanged();
    }
}

/// Whatever compiled Lua does: its interpreter does not check it.
#[test]
fn lua_is_loaded_as_text_alone() {
    let body = r#"
local compiled = "\27Lua" .. string.char(0x54, 0)
local file = io.open("/var/lib/compiled", "w") file:write(compiled) file:close()
for _, try in ipairs({
  function() return load(compiled, "x", "b") end,
  function() return load(function() local text = compiled compiled = nil return text end, "x") end,
  function() return loadfile("/var/lib/compiled", "b") end,
  function() return dofile("/var/lib/compiled") end,
}) do
  local done, result, error = pcall(try)
  print(error or result)
end
print(string.dump, load("return 7", "x", "t", {})(), load("return print", "x", "t", {print = 8})(), load("return type(print)")())
"#;
    let (pool, _repository) = pool(&User::current(), &[lua("loads", body)]);
    let told = install(&pool, "loads").success().err();
    assert_eq!(
        told.matches("attempt to load a binary chunk (mode is 't')").count(),
        4,
        "{told}"
    );
    assert!(told.contains("nil\t7\t8\tfunction"), "{told}");
}

/// Renamed, replaced, or made where there is none.
#[test]
fn what_governs_cannot_be_replaced() {
    let places = [
        "/usr/lib/sysimage",
        "/usr/lib/sysimage/libdnf5",
        "/usr/lib/sysimage/rpm",
        "/var/lib/rpm",
        "/var/cache/redpak",
        "/var/lib",
        "/etc",
        "/etc/redpack.yaml",
        "/etc/redpak-admin.yaml",
        "/.rednode.yaml",
        "/.rednode.overlay",
        "/.rednode.forced",
        "/.rednode.metadata",
        "/.rednode.verdict",
    ];
    let files = [
        "/usr/lib/sysimage/rpm/rpmdb.sqlite",
        "/var/lib/rpm/rpmdb.sqlite",
        "/var/lib/rpm/Packages.db",
        "/etc/redpak.yaml",
        "/.rednode.forced",
        "/.rednode.metadata",
        "/.rednode.verdict",
        "/.rednode.overlay/made",
    ];
    let quoted = |all: &[&str]| all.iter().map(|path| format!("{path:?},")).collect::<String>();
    let in_lua = format!(
        r#"
for _, path in ipairs({{{places}}}) do
  if os.rename(path, path .. "-moved") then print("moved " .. path) end
  if posix.stat(path, "type") == "regular" and os.remove(path) then print("removed " .. path) end
end
for _, path in ipairs({{{files}}}) do
  local file = io.open(path, "a")
  if file then file:close() print("wrote " .. path) end
end
os.remove("/var/lib/rpm/rpmdb.sqlite") os.remove("/var/lib/rpm/rpmdb.sqlite-wal")
print("tried")
"#,
        places = quoted(&places),
        files = quoted(&files)
    );
    let in_shell = format!(
        "for path in {}; do test -e $path && mv $path $path-moved 2>/dev/null && echo moved $path; done
        for path in {}; do mkdir -p ${{path%/*}} 2>/dev/null; (echo x >> $path) 2>/dev/null && echo wrote $path; done; echo tried",
        places.join(" "),
        files.join(" ")
    );
    let shell = Package::new("shell", "1-1").scriptlet(Scriptlet::Post, &in_shell);
    for owner in User::owners() {
        let (pool, _repository) = pool(&owner, &[lua("lua", &in_lua), shell.clone()]);
        // Of the core OS alone: what an ancestor has too cannot be renamed anyway.
        for name in ["lua", "shell"] {
            let told = pool.install(PLATFORM, &[name]).err();
            assert!(told.contains(">>> tried\n"), "{told}");
            for word in ["moved ", "removed ", "wrote "] {
                assert!(!told.contains(&format!(">>> {word}")), "{} {name}: {told}", owner.name);
            }
        }
        assert_eq!(
            pool.installed(PLATFORM),
            ["base-1-1.noarch", "lua-1-1.noarch", "shell-1-1.noarch"]
        );
        let node = pool.node(PLATFORM);
        let left = [
            ".rednode.overlay",
            ".rednode.forced",
            "usr/lib/sysimage/rpm",
            "etc/redpak.yaml",
        ];
        for name in left {
            assert!(node.join(name).symlink_metadata().is_err(), "{name} is left");
        }
        pool.dnf(PLATFORM)
            .args(["remove", "-y", "lua", "shell"])
            .run()
            .success();
    }
}

/// A command that waits in a scriptlet, until `/srv/go` is there.
fn waiting(pool: &Pool, package: &str) -> (Child, tempfile::TempDir) {
    let begun = pool.node(LEAF).join("srv/begun");
    let (child, home) = pool.dnf(LEAF).args(["install", "-y", package]).spawn();
    let begin = Instant::now();
    while !begun.exists() {
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "the scriptlet does not begin"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    (child, home)
}

/// Nothing of a scriptlet's can write the rpmdb; somebody else may, whom the node belongs to.
#[test]
fn a_changed_rpmdb_is_told_and_not_forgotten() {
    let waits = "echo x > /srv/begun; while ! test -e /srv/go; do sleep 0.05; done; exit 3";
    let packages = [
        Package::new("quiet", "1-1").file("/usr/share/quiet", ""),
        Package::new("waits", "1-1").scriptlet(Scriptlet::Post, waits),
    ];
    let key = Key::new("Planted <planted@redpak.invalid>");
    let other = directory();
    tool(
        "rpmkeys",
        [Path::new("--root"), other.path(), Path::new("--import"), key.public()],
    );
    let (pool, _repository) = pool(&User::current(), &packages);
    install(&pool, "quiet").success();
    let node = pool.node(LEAF);
    fs::create_dir(node.join("srv")).expect("make /srv");
    let (child, _home) = waiting(&pool, "waits");
    let statement = format!(
        "ATTACH '{}/var/lib/rpm/rpmdb.sqlite' AS other; DELETE FROM Packages WHERE hnum = 1;
        INSERT INTO Packages (hnum, blob) SELECT hnum + 900, blob FROM other.Packages;",
        other.path().display()
    );
    let database = node.join("var/lib/rpm/rpmdb.sqlite");
    tool(
        "sqlite3",
        ["-cmd", ".timeout 20000", database.to_str().expect("UTF-8"), &statement],
    );
    fs::write(node.join("srv/go"), "").expect("write a file");
    let output = child.wait_with_output().expect("wait for redwrap-dnf");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for words in [
        "Transaction failed: Rpm transaction failed.",
        "\n  quiet-1-1.noarch vanished\n  gpg-pubkey-",
        " appeared\n",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("Complete!"), "{told}");
    assert!(node.join(".rednode.journal").exists());
    let words = ["make the node anew", "quiet-1-1.noarch vanished"];
    pool.dnf(LEAF).args(["remove", "-y", "waits"]).run().refuses(1, &words);
    pool.redwrap(LEAF)
        .args(["--", "true"])
        .run()
        .check(|outcome| outcome.code() != 0, "no launch");
    // Whoever knows better goes on.
    fs::remove_file(node.join(".rednode.journal")).expect("remove the journal");
    pool.dnf(LEAF).args(["remove", "-y", "waits"]).run().success();
}

/// The directories that are open in the processes of a command: where they were opened, and what they are.
fn open_directories(argument: &str) -> Vec<(PathBuf, (u64, u64))> {
    let processes = fs::read_dir("/proc")
        .expect("/proc")
        .flatten()
        .map(|entry| entry.path());
    let is_meant = |process: &PathBuf| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("redwrap-dnf") && line.contains(argument)
    };
    let descriptors = processes
        .filter(is_meant)
        .filter_map(|process| fs::read_dir(process.join("fd")).ok());
    let paths = descriptors.flatten().flatten().map(|entry| entry.path());
    paths
        .filter_map(|path| Some((fs::read_link(&path).ok()?, fs::metadata(&path).ok()?)))
        .filter(|(_, status)| status.is_dir())
        .map(|(path, status)| (path, (status.dev(), status.ino())))
        .collect()
}

/// rpm goes back to the root that it came from after each scriptlet: there is not the machine's either.
#[test]
fn rpm_itself_has_left_the_machines_root() {
    if !User::is_root() {
        return skip("looking into a process of root's takes root");
    }
    let waits = "echo x > /srv/begun; while ! test -e /srv/go; do sleep 0.05; done";
    let (pool, _repository) = pool(
        &User::current(),
        &[Package::new("waits", "1-1").scriptlet(Scriptlet::Post, waits)],
    );
    let node = pool.node(LEAF);
    fs::create_dir(node.join("srv")).expect("make /srv");
    let (mut child, _home) = waiting(&pool, "waits");
    let opened = open_directories(node.to_str().expect("UTF-8"));
    fs::write(node.join("srv/go"), "").expect("write a file");
    assert!(child.wait().expect("wait for redwrap-dnf").success());
    assert!(opened.iter().any(|(path, _)| path == Path::new("/")), "{opened:?}");
    let root = fs::metadata("/").expect("the root");
    let is_root = |(_, identity): &&(PathBuf, (u64, u64))| *identity == (root.dev(), root.ino());
    assert_eq!(opened.iter().find(is_root), None, "{opened:?}");
}

/// Unmounts.
struct Mounted(PathBuf);

impl Mounted {
    fn new(place: PathBuf) -> Self {
        fs::create_dir_all(&place).expect("make a directory");
        let path = place.to_str().expect("UTF-8");
        tool("mount", ["-t", "tmpfs", "-o", "mode=0755", "redpak-test", path]);
        Self(place)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// Packages and scriptlets write into a file system that is mounted in the node, and not into what it covers.
#[test]
fn another_file_system_in_the_node_is_the_nodes() {
    if !User::is_root() {
        return skip("mounting needs root");
    }
    let body = "echo of the scriptlet > /var/lib/big/script; echo of the scriptlet > /srv/big/script";
    let writes = Package::new("writes", "1-1")
        .file("/var/lib/big/payload", "of the package\n")
        .file("/srv/big/payload", "of the package\n")
        .scriptlet(Scriptlet::Post, body);
    let (pool, _repository) = pool(&User::current(), &[writes]);
    let node = pool.node(LEAF);
    let mounts = ["var/lib/big", "srv/big"].map(|name| Mounted::new(node.join(name)));
    install(&pool, "writes").success();
    for Mounted(place) in &mounts {
        for name in ["payload", "script"] {
            assert!(place.join(name).exists(), "{} is missing in {}", name, place.display());
        }
    }
    pool.dnf(LEAF).args(["remove", "-y", "writes"]).run().success();
    assert!(mounts.iter().all(|Mounted(place)| !place.join("payload").exists()));
    let places: Vec<_> = mounts.iter().map(|Mounted(place)| place.clone()).collect();
    drop(mounts);
    for place in places {
        assert!(
            fs::read_dir(&place).expect("the directory below").next().is_none(),
            "{} was written to",
            place.display()
        );
    }
}

/// What the administrator has mounted read-only in the node is not opened for writing, although the node is.
#[test]
fn a_read_only_file_system_in_the_node_stays_read_only() {
    if !User::is_root() {
        return skip("mounting needs root");
    }
    let body = "if echo x > /srv/big/script; then echo open > /var/found; else echo closed > /var/found; fi";
    let writes = Package::new("writes", "1-1")
        .file("/var/lib/writes", "")
        .scriptlet(Scriptlet::Post, body);
    let (pool, _repository) = pool(&User::current(), &[writes]);
    let node = pool.node(LEAF);
    let mounted = Mounted::new(node.join("srv/big"));
    let place = mounted.0.to_str().expect("UTF-8");
    tool("mount", ["-o", "remount,bind,ro", place]);
    install(&pool, "writes").success();
    let found = fs::read_to_string(node.join("var/found")).expect("the scriptlet ran");
    assert_eq!(found, "closed\n");
    assert!(!mounted.0.join("script").exists());
}
