use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use redpak::transaction::recovery::change::Instance;
use redpak::transaction::recovery::{Change, Config, Fate, Inbound, Outbound, PlannedFile};

use super::record::Runs;
use super::*;
use crate::system_state::Texts;

fn plan() -> Plan {
    let file = |path: &[u8], before: Option<&str>| PlannedFile {
        path: OsStr::from_bytes(path).into(),
        size: 1,
        mtime: 2,
        config: before.map(|before| Config {
            before: Some(before.into()),
            fate: Fate::Kept,
        }),
    };
    let instance = |nevra: &str, digest: &str, number| Instance {
        nevra: nevra.into(),
        digest: Some(digest.into()),
        number,
    };
    Plan {
        version: VERSION,
        command: "redwrap-dnf install a".into(),
        flags: "noscripts".into(),
        change: Change {
            inbound: vec![Inbound {
                nevra: "a-1-1.noarch".into(),
                digest: Some("ab".into()),
                path: "/cache/a.rpm".into(),
                source: "made".into(),
                files: vec![file(b"/etc/a", Some("cd")), file(b"/usr/bin/\xff\n", None)],
                scriptlets: vec!["post".into()],
            }],
            outbound: vec![Outbound {
                instance: instance("b-1-1.noarch", "ef", 7),
                replaced_by: Some("ab".into()),
                files: Vec::new(),
                has_triggers: false,
                scriptlets: Vec::new(),
            }],
            kept: vec![instance("b-1-1.noarch", "ef", 8)],
        },
        state: State {
            reasons: vec![Marked {
                nevra: "a-1-1.noarch".into(),
                reason: "Dependency".into(),
                group_id: None,
            }],
            ..State::default()
        },
        before: Texts::new(),
    }
}

fn install(package: &str) -> Step {
    Step::Install {
        package: package.into(),
    }
}

fn read(node: &Path) -> Record {
    interrupted(node).unwrap().unwrap()
}

#[test]
fn what_is_left_is_what_was_planned_and_begun() {
    let node = tempfile::tempdir().unwrap();
    assert_eq!(interrupted(node.path()).unwrap(), None);
    let mut journal = Journal::write(node.path(), &plan()).unwrap();
    let package = "b-1-1.noarch".to_owned();
    journal.step(&Step::Remove { package });
    journal.step(&install("a-1-1.noarch"));
    for ended in [false, true] {
        journal.step(&Step::Scriptlet {
            package: "a-1-1.noarch".into(),
            scriptlet: "post".into(),
            ended,
            failed: false,
        });
    }
    let found = read(node.path());
    assert_eq!(found.plan, plan());
    assert_eq!(found.steps.begun, HashSet::from(["a-1-1.noarch".to_owned()]));
    let post = ("a-1-1.noarch".to_owned(), "post".to_owned());
    assert_eq!(
        found.steps.scriptlets,
        BTreeMap::from([(
            post,
            Runs {
                begun: 1,
                ended: true,
                failed: false,
            }
        )])
    );
    journal.step(&Step::Tampered {
        package: "b-1-1.noarch vanished".into(),
    });
    assert_eq!(read(node.path()).steps.tampered, ["b-1-1.noarch vanished"]);
    remove(node.path()).unwrap();
    assert_eq!(interrupted(node.path()).unwrap(), None);
}

/// A repair keeps the plan, and adds to a line that was cut off nothing that cannot be read.
#[test]
fn a_repair_goes_on_with_the_journal() {
    let node = tempfile::tempdir().unwrap();
    let mut journal = Journal::write(node.path(), &plan()).unwrap();
    journal.step(&install("a-1-1.noarch"));
    let place = node.path().join(files::JOURNAL);
    let length = place.metadata().unwrap().len();
    let file = File::options().write(true).open(&place).unwrap();
    file.set_len(length - 3).unwrap();
    assert!(read(node.path()).steps.begun.is_empty());
    for _ in 0..2 {
        Journal::open(node.path()).unwrap().step(&install("c-1-1.noarch"));
    }
    let found = read(node.path());
    assert_eq!(found.plan, plan());
    assert_eq!(found.steps.begun, HashSet::from(["c-1-1.noarch".to_owned()]));
    remove(node.path()).unwrap();
    assert!(Journal::open(node.path()).is_err());
}

#[test]
fn a_damaged_journal_is_refused_with_advice() {
    let node = tempfile::tempdir().unwrap();
    for damaged in ["", "{\"version\":2,", "{\"version\":2}"] {
        std::fs::write(node.path().join(files::JOURNAL), damaged).unwrap();
        let error = interrupted(node.path()).unwrap_err().to_string();
        assert!(error.contains(files::JOURNAL) && error.contains("remove"), "{error}");
        assert!(exists(node.path()));
    }
    for version in [1, 3] {
        Journal::write(node.path(), &Plan { version, ..plan() }).unwrap();
        let error = interrupted(node.path()).unwrap_err().to_string();
        assert!(error.contains("another version"), "{error}");
    }
    remove(node.path()).unwrap();
    remove(node.path()).unwrap();
    assert!(!exists(node.path()));
}

#[test]
fn a_line_that_was_cut_off_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    for (before, after) in [
        ("", ""),
        ("one", "one\n"),
        ("one\n", "one\n"),
        ("\n", "\n"),
        ("a\nb", "a\nb\n"),
    ] {
        std::fs::write(&path, before).unwrap();
        let mut file = File::options().read(true).append(true).open(&path).unwrap();
        end_last_line(&mut file).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{before:?}");
    }
}

/// The file system of processes has nothing to put on a disk.
#[test]
fn a_file_system_without_a_disk_is_no_failure() {
    let error = File::open("/proc").and_then(|open| open.sync_all()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    synchronise_names(Path::new("/proc")).unwrap();
    synchronise_names(Path::new("/proc/none")).unwrap_err();
}
