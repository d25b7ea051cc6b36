//! In which order things reach the disk. A power cut shows what was wrong with it by chance; the calls to the kernel show it each time.

use std::fs;
use std::path::Path;

use redpak_testing::{Package, Pool, Repository, Run, Server, User, directory, have, skip};

/// Calls that put something on the disk, or change what is there.
const CALLS: &str =
    "syncfs,fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,write,pwrite64,openat,mkdir,mkdirat,ftruncate";

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
/// before the journal goes.
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
    let kept = begun
        + trace.calls[begun..]
            .iter()
            .position(|call| call.contains(" fsync("))
            .expect("fsync(2)");
    trace.is_quiet(begun, kept);
    assert!(kept < trace.first(&["a-file-to-look-for"]), "the journal comes first");

    let deleted = trace.last(&["unlink", "app-1-1.noarch.rpm"]);
    let on_the_disk = trace.last_before(deleted, "syncfs");
    assert!(written < on_the_disk, "files reach the disk before their package goes");

    let ended = trace.last(&["unlink", ".rednode.journal\""]);
    let on_the_disk = trace.last_before(ended, "syncfs");
    assert!(deleted < ended && written < on_the_disk);
    trace.is_quiet(on_the_disk, ended);
}
