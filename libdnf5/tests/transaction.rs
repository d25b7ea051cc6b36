//! Transactions through the safe layer, checked with plain rpm and dnf5.

mod support;

use std::ffi::OsStr;

use libdnf5::{Action, BoxError, ErrorKind, Job, Reason, RunResult, ScriptType, TransactionCallbacks, TransactionItem};
use redpak_testing::{Package, Repository};
use support::{Root, output, resolve, run, turn};

fn shop() -> Repository {
    Repository::new(&[
        Package::new("app", "1-1")
            .requires("lib >= 1")
            .file("/usr/bin/app", "app 1"),
        Package::new("app", "2-1")
            .requires("lib >= 1")
            .file("/usr/bin/app", "app 2"),
        Package::new("lib", "1-1")
            .provides("lib(x)")
            .file("/usr/lib/lib.so", "lib"),
        Package::new("broken", "1-1").requires("not-there"),
    ])
}

#[test]
fn installs_upgrades_and_removes() {
    let turn = turn();
    let root = Root::with(shop());
    root.install(&turn.engine, &["app-1"]);
    assert_eq!(root.installed(), ["app-1-1.noarch", "lib-1-1.noarch"]);

    {
        let base = root.loaded(&turn.engine);
        let mut transaction = resolve(&base, Job::Upgrade, &["app"]);
        let items = transaction.transaction_packages().unwrap();
        let upgrade = items
            .iter()
            .find(|item| item.action == Action::Upgrade)
            .expect("app is upgraded");
        assert_eq!(upgrade.package.nevra().unwrap(), "app-2-1.noarch");
        assert_eq!(upgrade.replaces.len(), 1);
        assert_eq!(upgrade.replaces[0].nevra().unwrap(), "app-1-1.noarch");
        assert!(upgrade.replaces[0].rpmdbid().unwrap() > 0);
        assert_eq!(upgrade.reason, Reason::User);
        run(&mut transaction);
    }
    assert_eq!(root.installed(), ["app-2-1.noarch", "lib-1-1.noarch"]);

    {
        let base = root.loaded(&turn.engine);
        run(&mut resolve(&base, Job::Remove, &["app"]));
    }
    assert_eq!(root.installed(), [""; 0]);
    let history = output(&root.dnf5(&["history", "list"]));
    assert_eq!(history.lines().count(), 4, "{history}");
}

#[test]
fn what_cannot_be_solved_is_told() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let transaction = resolve(&base, Job::Install, &["broken"]);
    assert!(!transaction.problems().unwrap().is_empty());
    let logs = transaction.resolve_logs_as_strings().unwrap();
    assert!(
        logs.iter()
            .any(|line| line.to_string_lossy().contains("nothing provides not-there")),
        "{logs:?}"
    );
    let events = transaction.resolve_logs().unwrap();
    assert_eq!(events.len(), logs.len());
    assert!(events.iter().zip(&logs).all(|(event, line)| &event.text == line));
}

#[derive(Default)]
struct Recorder {
    events: Vec<String>,
    stop: bool,
}

impl Recorder {
    fn item(&mut self, event: &str, item: TransactionItem<'_>) {
        let nevra = item.package().unwrap().nevra().unwrap();
        self.events
            .push(format!("{event} {} {:?}", nevra.display(), item.action().unwrap()));
    }
}

impl TransactionCallbacks for Recorder {
    fn before_begin(&mut self, total: u64) -> Result<(), BoxError> {
        self.events.push(format!("before_begin {total}"));
        if self.stop {
            Err("the caller says no".into())
        } else {
            Ok(())
        }
    }

    fn after_complete(&mut self, success: bool) {
        self.events.push(format!("after_complete {success}"));
    }

    fn install_start(&mut self, item: TransactionItem<'_>, _total: u64) {
        self.item("install_start", item);
    }

    fn install_stop(&mut self, item: TransactionItem<'_>, _amount: u64, _total: u64) {
        self.item("install_stop", item);
    }

    fn uninstall_stop(&mut self, item: TransactionItem<'_>, _amount: u64, _total: u64) {
        self.item("uninstall_stop", item);
    }

    fn script_start(&mut self, item: Option<TransactionItem<'_>>, nevra: &OsStr, script: ScriptType) {
        assert!(item.is_some());
        self.events
            .push(format!("script_start {} {}", nevra.display(), script.name().display()));
    }
}

#[test]
fn callbacks_tell_what_happens() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut transaction = resolve(&base, Job::Install, &["app"]);
    transaction.download(&mut ()).unwrap();
    let mut recorder = Recorder::default();
    assert_eq!(transaction.run(&mut recorder, &mut ()).unwrap(), RunResult::Success);
    assert_eq!(
        recorder.events,
        [
            "before_begin 2",
            "install_start lib-1-1.noarch Install",
            "install_stop lib-1-1.noarch Install",
            "install_start app-2-1.noarch Install",
            "install_stop app-2-1.noarch Install",
            "after_complete true",
        ]
    );
}

#[test]
fn before_begin_stops_the_run() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut transaction = resolve(&base, Job::Install, &["app"]);
    transaction.download(&mut ()).unwrap();
    let mut recorder = Recorder {
        stop: true,
        ..Recorder::default()
    };
    let error = transaction.run(&mut recorder, &mut ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Callback);
    assert_eq!(error.into_callback_error().unwrap().to_string(), "the caller says no");
    assert_eq!(recorder.events, ["before_begin 2", "after_complete false"]);
    assert_eq!(root.installed(), [""; 0]);
    assert!(!root.join("usr/bin/app").exists());
}
