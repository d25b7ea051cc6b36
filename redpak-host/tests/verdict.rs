//! The remembered verdict: every change of an input makes it stale, and nobody else's is believed.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redpak_host::state;
use redpak_host::verdict::{Examined, Inputs, forget, remember, remembered, rpmdb_state};

/// How long the kernel's clock may stand still for the time of a change.
const TICK: Duration = Duration::from_millis(30);

/// A leaf with configs, an rpmdb and files of packages.
struct Node(tempfile::TempDir);

impl Node {
    fn new() -> Self {
        let node = Self(redpak_testing::directory());
        let files = [node.configs(), node.packaged(), node.database()].concat();
        for file in files {
            fs::create_dir_all(file.parent().expect("a file")).expect("made");
            fs::write(&file, format!("content of {}", file.display())).expect("written");
        }
        node
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn configs(&self) -> Vec<PathBuf> {
        [".rednode.yaml", "etc/redpack.yaml", "etc/main.yaml"]
            .map(|file| self.path().join(file))
            .into()
    }

    fn packaged(&self) -> Vec<PathBuf> {
        (0..8)
            .map(|n| self.path().join(format!("usr/share/package/{n}")))
            .collect()
    }

    fn rpmdb(&self) -> PathBuf {
        self.path().join("var/lib/rpm")
    }

    fn database(&self) -> Vec<PathBuf> {
        ["rpmdb.sqlite", "rpmdb.sqlite-wal", "pubkeys/key"]
            .map(|file| self.rpmdb().join(file))
            .into()
    }

    fn inputs(&self) -> Inputs {
        let mut inputs = Inputs::default();
        inputs.value("version", "1".as_ref());
        inputs.directory("node", self.path());
        self.configs().iter().for_each(|file| inputs.file("config", file));
        inputs
    }

    fn examined(&self) -> Examined {
        let line = |path: PathBuf| {
            let status = nix::sys::stat::lstat(&path);
            let state = status.map_or_else(|_| state::MISSING.into(), |status| state::line(&status));
            (path, state)
        };
        Examined {
            rpmdbs: vec![
                (self.rpmdb(), rpmdb_state(&self.rpmdb()).expect("readable")),
                (self.path().join("usr/lib/sysimage/rpm"), state::MISSING.into()),
            ],
            files: self.packaged().into_iter().map(line).collect(),
        }
    }

    fn remember(&self) -> bool {
        self.remember_since(SystemTime::now())
    }

    fn remember_since(&self, started: SystemTime) -> bool {
        remember(self.path(), &self.inputs(), &self.examined(), &[], started).expect("written")
    }

    fn is_remembered(&self) -> bool {
        remembered(self.path(), &self.inputs()).is_some()
    }

    fn verdict(&self) -> PathBuf {
        self.path().join(".rednode.verdict")
    }
}

/// A node whose verdict is remembered.
fn remembered_node() -> Node {
    let node = Node::new();
    std::thread::sleep(TICK);
    assert!(node.remember() && node.is_remembered());
    node
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changed");
}

#[test]
fn what_has_not_changed_is_remembered() {
    let node = remembered_node();
    assert!(node.is_remembered());
    // Reading changes nothing, and neither does what sqlite keeps for itself.
    for file in [node.configs(), node.packaged()].concat() {
        fs::read(file).expect("readable");
    }
    fs::write(node.rpmdb().join("rpmdb.sqlite-shm"), "x").expect("written");
    mode(&node.rpmdb().join("rpmdb.sqlite-wal"), 0o600);
    assert!(node.is_remembered());
    forget(node.path());
    assert!(!node.is_remembered());
}

#[test]
fn a_change_just_before_or_during_the_check_is_not_remembered() {
    let node = Node::new();
    assert!(
        !node.remember(),
        "what was made a moment ago may change once more in the same tick"
    );
    assert!(!node.verdict().exists());
    std::thread::sleep(TICK);
    let (examined, started) = (node.examined(), SystemTime::now());
    fs::write(&node.packaged()[0], "changed meanwhile").expect("written");
    assert!(!remember(node.path(), &node.inputs(), &examined, &[], started).expect("written"));
    assert!(!node.is_remembered());
}

#[test]
fn each_kind_of_input_has_to_settle() {
    let node = Node::new();
    let directory = node.path().join("usr/share/package");
    let fresh = |change: &dyn Fn()| {
        std::thread::sleep(TICK);
        // The check begins before the change, so that no delay of this test can let the change settle.
        let started = SystemTime::now();
        change();
        let mut examined = node.examined();
        let status = nix::sys::stat::lstat(&directory).expect("there");
        examined.files.insert(0, (directory.clone(), state::of_place(&status)));
        !remember(node.path(), &node.inputs(), &examined, &[], started).expect("written")
    };
    for file in [
        &node.configs()[1],
        &node.packaged()[0],
        &node.database()[0],
        &node.database()[2],
    ] {
        assert!(!fresh(&|| ()), "nothing is fresh");
        assert!(
            fresh(&|| fs::write(file, "new").expect("written")),
            "{}",
            file.display()
        );
    }
    let times_do_not_count = || {
        fs::write(directory.join("of nobody"), "").expect("written");
        fs::write(&node.database()[1], "a log counts by its content").expect("written");
    };
    assert!(!fresh(&times_do_not_count));
    assert!(fresh(&|| {
        fs::remove_file(&node.packaged()[1]).expect("removed");
        symlink("2", &node.packaged()[1]).expect("made");
    }));
}

#[test]
fn an_rpmdb_behind_a_link_is_another_one() {
    for moved in ["var/lib/rpm", "var/lib/rpm/pubkeys", "var/lib/rpm/rpmdb.sqlite-wal"] {
        let node = remembered_node();
        let (place, elsewhere) = (node.path().join(moved), node.path().join("elsewhere"));
        // The files stay as they are, and so do all their times.
        fs::rename(&place, &elsewhere).expect("moved");
        symlink(&elsewhere, &place).expect("made");
        assert!(!node.is_remembered(), "{moved}");
        fs::remove_file(&place).expect("removed");
        fs::rename(&elsewhere, &place).expect("moved back");
        // A directory in the rpmdb counts with its times, which a move changes.
        assert_eq!(node.is_remembered(), !moved.ends_with("pubkeys"), "{moved} back again");
    }
    let node = Node::new();
    let link = node.path().join("link");
    symlink(node.rpmdb(), &link).expect("made");
    // The check names the folder itself, and the link as a file on the way.
    assert_eq!(rpmdb_state(&link).expect("readable"), state::MISSING);
}

#[test]
fn other_values_and_other_inputs_are_another_question() {
    let node = remembered_node();
    let mut more = node.inputs();
    more.value("gpgcheck", "true".as_ref());
    assert_eq!(remembered(node.path(), &more), None);
    let mut fewer = Inputs::default();
    fewer.value("version", "1".as_ref());
    assert_eq!(remembered(node.path(), &fewer), None);
}

#[test]
fn warnings_are_remembered_too() {
    let node = Node::new();
    std::thread::sleep(TICK);
    let warnings = ["one", "two words,\nand a line"].map(String::from);
    let (inputs, examined) = (node.inputs(), node.examined());
    assert!(remember(node.path(), &inputs, &examined, &warnings, SystemTime::now()).expect("written"));
    assert_eq!(remembered(node.path(), &inputs), Some(warnings.into()));
}

#[test]
fn a_wrong_clock_makes_the_check_run_again_at_worst() {
    let node = Node::new();
    std::thread::sleep(TICK);
    // A board without a clock thinks that it is 1970, and everything was changed in the future.
    for before in [
        UNIX_EPOCH,
        UNIX_EPOCH - Duration::from_secs(1),
        UNIX_EPOCH + Duration::from_secs(86_400),
    ] {
        assert!(!node.remember_since(before), "{before:?}");
        assert!(!node.verdict().exists());
    }
    // Beyond what 32 bits hold, signed and not. What is remembered holds whatever time it is.
    for seconds in [1 << 31, 1 << 32] {
        assert!(node.remember_since(UNIX_EPOCH + Duration::from_secs(seconds)) && node.is_remembered());
    }
    // Times of modification are anybody's to set.
    for time in [
        UNIX_EPOCH - Duration::from_secs(1),
        UNIX_EPOCH + Duration::from_secs(1 << 33),
    ] {
        let file = fs::File::options()
            .write(true)
            .open(&node.packaged()[0])
            .expect("opened");
        file.set_modified(time).expect("set");
        assert!(!node.is_remembered(), "{time:?}");
        std::thread::sleep(TICK);
        assert!(node.remember() && node.is_remembered(), "{time:?}");
    }
}

#[test]
fn nobody_elses_verdict_is_believed() {
    let node = remembered_node();
    let text = fs::read(node.verdict()).expect("readable");
    let put = |bits: u32| {
        fs::remove_file(node.verdict()).expect("removed");
        fs::write(node.verdict(), &text).expect("written");
        mode(&node.verdict(), bits);
    };
    put(0o644);
    assert!(node.is_remembered());
    put(0o666);
    assert!(!node.is_remembered(), "others may write it");
    put(0o664);
    assert!(!node.is_remembered(), "its group may write it");
    put(0o644);
    fs::hard_link(node.verdict(), node.path().join("other")).expect("linked");
    assert!(!node.is_remembered(), "it has another name");
    fs::remove_file(node.path().join("other")).expect("removed");
    fs::rename(node.verdict(), node.path().join("moved")).expect("moved");
    symlink("moved", node.verdict()).expect("made");
    assert!(!node.is_remembered(), "it is a link");
    put(0o644);
    if nix::unistd::geteuid().is_root() {
        chown(node.verdict(), Some(12345), None).expect("given away");
        assert!(!node.is_remembered(), "it is another user's");
    }
}

#[test]
fn damaged_verdicts_are_not_believed() {
    let node = remembered_node();
    let text = fs::read(node.verdict()).expect("readable");
    for cut in 0..text.len() {
        fs::write(node.verdict(), &text[..cut]).expect("written");
        assert!(!node.is_remembered(), "cut to {cut} bytes");
    }
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        fs::write(node.verdict(), &changed).expect("written");
        assert!(!node.is_remembered(), "byte {at} changed");
    }
    fs::write(node.verdict(), &text).expect("written");
    assert!(node.is_remembered());
}

#[test]
fn what_is_below_a_missing_directory_counts_once_it_is_there() {
    let node = Node::new();
    // A name that begins like the missing one, a file before the directory that it is in, and a file in a file.
    let names = ["b/x", "a", "a/x", "a/x/y", "a.b", "ab", "b", "b/y", "c", "c/x/y"];
    let paths = || names.iter().map(|name| node.path().join(name));
    fs::write(node.path().join("ab"), "").expect("written");
    fs::write(node.path().join("c"), "").expect("written");
    let state = |path: PathBuf| {
        let status = nix::sys::stat::lstat(&path);
        let state = status.map_or_else(|_| state::MISSING.into(), |status| state::of_place(&status));
        (path, state)
    };
    std::thread::sleep(TICK);
    let remember = || {
        let mut examined = node.examined();
        examined.files.extend(paths().map(state));
        remember(node.path(), &node.inputs(), &examined, &[], SystemTime::now()).expect("written")
    };
    let undo = |path: &Path| {
        fs::remove_dir_all(path)
            .or_else(|_| fs::remove_file(path))
            .expect("removed")
    };
    for path in paths().filter(|path| !path.exists() && !path.starts_with(node.path().join("c"))) {
        assert!(remember() && node.is_remembered());
        let made = path.ancestors().find(|place| place.parent().is_some_and(Path::is_dir));
        let made = made.expect("the node is there");
        fs::create_dir_all(&path).expect("made");
        assert!(!node.is_remembered(), "{}", path.display());
        undo(made);
    }
    for name in ["ab", "c"] {
        std::thread::sleep(TICK);
        assert!(remember() && node.is_remembered());
        undo(&node.path().join(name));
        assert!(!node.is_remembered(), "{name}");
    }
}

#[test]
fn a_file_named_like_the_log_is_another_one() {
    let node = Node::new();
    let logs = ["rpmdb.sqlite-wal", "pubkeys/rpmdb.sqlite-wal"].map(|log| node.rpmdb().join(log));
    let write = |contents: [&str; 2]| {
        for (log, content) in logs.iter().zip(contents) {
            fs::write(log, content).expect("written");
        }
    };
    write(["one", "two"]);
    std::thread::sleep(TICK);
    assert!(node.remember() && node.is_remembered());
    write(["two", "one"]);
    assert!(!node.is_remembered());
}

/// The kinds of a change, each to one input.
const KINDS: usize = 12;

/// Changes something, so that a reader of all of it would see another thing. Times of modification are put back.
fn change(node: &Node, which: usize, kind: usize, random: u32) {
    let inputs = [node.configs(), node.packaged(), node.database()].concat();
    let path = &inputs[which % inputs.len()];
    let is_log = path.ends_with("rpmdb.sqlite-wal");
    let before = fs::metadata(path).expect("there").modified().expect("known");
    let opened = || {
        let mut options = fs::File::options();
        options.write(true).open(path).expect("opened")
    };
    let replace = |content: &[u8]| {
        let copy = path.with_extension("copy");
        fs::write(&copy, content).expect("written");
        fs::rename(&copy, path).expect("replaced");
    };
    let content = fs::read(path).expect("readable");
    match kind {
        0 => {
            // One byte; size and time of modification stay.
            let at = random as usize % content.len();
            let mut file = opened();
            file.seek(SeekFrom::Start(at as u64)).expect("sought");
            file.write_all(&[content[at] ^ 1]).expect("written");
        }
        1 => {
            let mut file = fs::File::options().append(true).open(path).expect("opened");
            file.write_all(b"x").expect("written");
        }
        2 => opened().set_len(3).expect("truncated"),
        // A log counts by its content, not by what else is known of it.
        3 if !is_log => mode(path, 0o600 | random & 0o11),
        4 => replace(b"an older copy"),
        5 if !is_log => replace(&content),
        6 => return fs::remove_file(path).expect("removed"),
        7 => {
            let aside = path.with_extension("aside");
            fs::rename(path, &aside).expect("moved");
            return symlink(&aside, path).expect("made");
        }
        8 => fs::write(node.rpmdb().join(format!("new-{random}")), "x").expect("written"),
        9 => fs::create_dir_all(node.path().join("usr/lib/sysimage/rpm")).expect("made"),
        10 => return fs::rename(node.rpmdb(), node.path().join("elsewhere")).expect("moved"),
        11 => fs::write(node.rpmdb().join("rpmdb.sqlite-wal"), random.to_string()).expect("written"),
        _ => fs::write(path, random.to_string()).expect("written"),
    }
    opened().set_modified(before).expect("put back");
}

#[test]
fn ten_thousand_single_changes_are_all_seen() {
    const TOGETHER: usize = 250;
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 32) as u32
    };
    for round in 0..10_000 / TOGETHER {
        let nodes: Vec<Node> = (0..TOGETHER).map(|_| Node::new()).collect();
        std::thread::sleep(TICK);
        for node in &nodes {
            assert!(node.remember() && node.is_remembered());
        }
        for (index, node) in nodes.iter().enumerate() {
            let (which, kind) = (next() as usize, next() as usize % KINDS);
            change(node, which, kind, next());
            assert!(
                !node.is_remembered(),
                "round {round}, node {index}: input {which}, change {kind}"
            );
        }
    }
}
