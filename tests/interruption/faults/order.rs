//! In which order things reach the disk. A power cut shows what was wrong with it by chance; the calls to the kernel show it each time.

use std::fs;
use std::path::Path;

use redpak_testing::{Package, Pool, Repository, Run, Scriptlet, Server, User, directory, have, skip, tool};

/// Calls that put something on the disk, or change what is there.
const CALLS: &str = "syncfs,fsync,fdatasync,unlink,unlinkat,rmdir,rename,renameat,renameat2,write,pwrite64,openat,mkdir,mkdirat,\
    ftruncate";

/// The calls of a transaction, in their order.
struct Trace {
    calls: Vec<String>,
}

impl Trace {
    fn of(node: &Path, arguments: &[&str]) -> Self {
        let work = directory();
        let file = work.path().join("trace");
        let traced = Run::command("strace")
            .args(["-f", "-e", &format!("trace={CALLS}"), "-o"])
            .arg(&file);
        let traced = traced.arg(redpak_testing::built_program("redwrap-dnf"));
        let traced = traced.arg(format!("--redpath={}", node.display()));
        traced.args(arguments).run().success();
        let text = fs::read(&file).expect("the trace");
        // What failed has changed nothing.
        let calls = String::from_utf8_lossy(&text)
            .lines()
            .filter(|call| !call.contains(") = -1 "))
            .map(str::to_owned)
            .collect();
        Self { calls }
    }

    /// The last call with all of these words.
    #[track_caller]
    fn last(&self, words: &[&str]) -> usize {
        let found = self
            .calls
            .iter()
            .rposition(|call| words.iter().all(|word| call.contains(word)));
        found.unwrap_or_else(|| panic!("no call with {words:?}:\n{}", self.calls.join("\n")))
    }

    /// The first one.
    #[track_caller]
    fn first(&self, words: &[&str]) -> usize {
        let found = self
            .calls
            .iter()
            .position(|call| words.iter().all(|word| call.contains(word)));
        found.unwrap_or_else(|| panic!("no call with {words:?}:\n{}", self.calls.join("\n")))
    }

    /// The last call of this name before another one.
    #[track_caller]
    fn last_before(&self, end: usize, name: &str) -> usize {
        let found = self.calls[..end]
            .iter()
            .rposition(|call| call.contains(&format!(" {name}(")));
        found.unwrap_or_else(|| panic!("no {name} before {}", self.calls[end]))
    }

    /// The first call of this name after another one, with nothing written in between.
    #[track_caller]
    fn at_once_after(&self, start: usize, name: &str) -> usize {
        let found = self.calls[start + 1..]
            .iter()
            .position(|call| call.contains(&format!(" {name}(")));
        let found = found.unwrap_or_else(|| panic!("no {name} after {}", self.calls[start]));
        self.is_quiet(start, start + 1 + found);
        start + 1 + found
    }

    /// Nothing is written to files from one call to another.
    #[track_caller]
    fn is_quiet(&self, from: usize, to: usize) {
        let is_message = |call: &str| [" write(1, ", " write(2, "].iter().any(|start| call.contains(start));
        let is_reading = |call: &str| call.contains(" openat(") && !call.contains("O_CREAT");
        let writing = self.calls[from + 1..to]
            .iter()
            .find(|call| !is_message(call) && !is_reading(call));
        assert_eq!(writing, None, "between {:?} and {:?}", self.calls[from], self.calls[to]);
    }
}

/// The journal is on the disk before the first change; all changes are before libdnf5 deletes the packages that a repair would need, and
/// before the journal goes. Success is told when the journal is gone from the disk too.
#[test]
fn what_was_done_is_on_the_disk_before_the_journal_goes() {
    if !have("strace") {
        return skip("strace is missing");
    }
    let package = Package::new("app", "1-1").file("/usr/share/a-file-to-look-for", "content");
    let repository = Repository::new(&[package]);
    let server = Server::new(repository.path());
    let pool = Pool::new(&User::current());
    pool.create("node");
    let repo = repository.repo_file("made").replace(&repository.url(), &server.url());
    pool.repository("node", "made", &repo);
    let trace = Trace::of(&pool.node("node"), &["install", "-y", "app"]);
    let written = trace.last(&["a-file-to-look-for"]);

    let begun = trace.first(&["rename", ".rednode.journal\")"]);
    let kept = trace.at_once_after(begun, "fsync");
    assert!(kept < trace.first(&["a-file-to-look-for"]), "the journal comes first");

    let deleted = trace.last(&["unlink", "app-1-1.noarch.rpm"]);
    let on_the_disk = trace.last_before(deleted, "syncfs");
    assert!(written < on_the_disk, "files reach the disk before their package goes");

    let ended = trace.last(&["unlink", ".rednode.journal\""]);
    let on_the_disk = trace.last_before(ended, "syncfs");
    assert!(deleted < ended && written < on_the_disk);
    trace.is_quiet(on_the_disk, ended);

    let gone = trace.at_once_after(ended, "fsync");
    assert!(gone < trace.first(&[" write(2, ", "Complete!"]), "success is told last");
}

/// The root of scriptlets makes nothing in the node before the record of it is on the disk.
#[test]
fn the_record_of_a_root_is_on_the_disk_before_anything_is_made() {
    if !have("strace") {
        return skip("strace is missing");
    }
    let shell = Package::new("shell", "1-1").provides("/bin/sh");
    let package = Package::new("app", "1-1").scriptlet(Scriptlet::Post, "true");
    let repository = Repository::new(&[shell, package]);
    let pool = Pool::with(&User::current(), &repository, &["node", "node/leaf"]);
    pool.install("node", &["shell"]);
    let trace = Trace::of(&pool.node("node/leaf"), &["install", "-y", "app"]);
    let recorded = trace.first(&["rename", "\"made\")"]);
    trace.is_quiet(trace.last_before(recorded, "fsync"), recorded);
    // The name of the record, then that of the directory that it is in.
    let named = trace.at_once_after(recorded, "fsync");
    trace.at_once_after(named, "fsync");
}

/// What a root of scriptlets left is off the disk before that what tells of it goes, and a clearing is over when that is off it too.
#[test]
fn what_tells_of_leftovers_is_the_last_to_go() {
    if !have("strace") {
        return skip("strace is missing");
    }
    let pool = Pool::new(&User::current());
    pool.create("node");
    for name in ["overlay/made", "overlay/usr/inner/file", "metadata"] {
        pool.write("node", &format!(".rednode.{name}"), "");
    }
    let trace = Trace::of(&pool.node("node"), &["manager", "--repair"]);
    let cleared = trace.last(&["unlink", ".rednode.metadata\""]);
    let record = trace.last(&["unlinkat(", "\"made\""]);
    assert!(cleared < trace.last_before(record, "syncfs"));
    assert!(
        trace.last(&["unlinkat(", "\"usr\", AT_REMOVEDIR"]) < record,
        "the record of what was made goes last"
    );
    let over = trace.last(&["rmdir", ".rednode.overlay\""]);
    trace.at_once_after(over, "fsync");
}

/// What lies on other file systems in the node reaches the disk too, and those of nodes below are left alone.
#[test]
fn other_file_systems_in_the_node_are_synchronised() {
    if !have("strace") {
        return skip("strace is missing");
    }
    if !User::is_root() {
        return skip("mounting takes root");
    }
    let repository = Repository::new(&[Package::new("app", "1-1").file("/opt/app", "content")]);
    let pool = Pool::with(&User::current(), &repository, &["node", "node/below"]);
    let mount = |place: &str| {
        let place = pool.node(place);
        fs::create_dir_all(&place).expect("a directory");
        tool(
            "mount",
            [Path::new("-t"), Path::new("tmpfs"), Path::new("redpak-test"), &place],
        );
        place
    };
    let (own, other) = (mount("node/opt"), mount("node/below/srv"));
    let trace = Trace::of(&pool.node("node"), &["install", "-y", "app"]);
    for place in [&own, &other] {
        tool("umount", [Path::new("--lazy"), place]);
    }
    let synchronised = |place: &Path| {
        let opened = format!("\"{}\"", place.display());
        let followed = trace.calls.windows(2).filter(|calls| calls[1].contains(" syncfs("));
        followed
            .filter(|calls| calls[0].contains("openat(") && calls[0].contains(&opened))
            .count()
    };
    // Before the journal, when rpm is done, and before the journal goes.
    assert_eq!(
        (synchronised(&own), synchronised(&other)),
        (3, 0),
        "{}",
        trace.calls.join("\n")
    );
}
