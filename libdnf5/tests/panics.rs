//! Panics in callbacks: none crosses C++, each goes on in the call that it began in, and everything works afterwards.

mod support;

use std::ffi::OsStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use libdnf5::{
    BoxError, DownloadCallbacks, DownloadId, ErrorKind, Flow, Job, Load, LogLevel, Logger, RunResult,
    TransactionCallbacks, TransactionItem,
};
use redpak_testing::{Package, Repository};
use support::{Root, load, nevras, query, resolve, turn};

fn shop() -> Repository {
    Repository::new(&[
        Package::new("app", "1-1").requires("lib").file("/usr/bin/app", "app"),
        Package::new("lib", "1-1").file("/usr/lib/lib.so", "lib"),
    ])
}

/// What a panic said.
fn panic_text<T>(call: impl FnOnce() -> T) -> &'static str {
    let panic = catch_unwind(AssertUnwindSafe(call)).err().expect("it panics");
    panic.downcast_ref::<&'static str>().expect("it panics with a text")
}

struct PanicInDownload {
    calls: u32,
}

impl DownloadCallbacks for PanicInDownload {
    fn add_new_download(&mut self, _download: DownloadId, _description: &OsStr, _total: f64) {
        self.calls += 1;
        panic!("in add_new_download");
    }

    fn progress(&mut self, _download: DownloadId, _total: f64, _downloaded: f64) -> Flow {
        unreachable!("no callback is called after one has panicked");
    }
}

#[test]
fn a_panic_in_a_download() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    let mut callbacks = PanicInDownload { calls: 0 };
    let text = panic_text(|| base.repo_sack().load_repos(Load::Available, &mut callbacks, &mut ()));
    assert_eq!(text, "in add_new_download");
    assert_eq!(callbacks.calls, 1);
    drop(base);
    // Another base of the same process is none the worse for it.
    root.install(&turn.engine, &["app"]);
    assert_eq!(root.installed(), ["app-1-1.noarch", "lib-1-1.noarch"]);
}

struct PanicInTransaction(&'static str);

impl PanicInTransaction {
    fn at(&self, place: &'static str) {
        if self.0 == place {
            panic!("{place}");
        }
    }
}

impl TransactionCallbacks for PanicInTransaction {
    fn before_begin(&mut self, _total: u64) -> Result<(), BoxError> {
        if self.0 == "before_begin" {
            panic!("before_begin");
        }
        Ok(())
    }

    fn install_progress(&mut self, _item: TransactionItem<'_>, _amount: u64, _total: u64) {
        if self.0 == "install_progress" {
            panic!("install_progress");
        }
        self.at("never");
    }
}

#[test]
fn a_panic_in_the_middle_of_a_transaction_lets_rpm_finish() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut transaction = resolve(&base, Job::Install, &["app"]);
    transaction.download(&mut ()).unwrap();
    let text = panic_text(|| transaction.run(&mut PanicInTransaction("install_progress"), &mut ()));
    assert_eq!(text, "install_progress");
    assert_eq!(
        root.installed(),
        ["app-1-1.noarch", "lib-1-1.noarch"],
        "rpm cannot be stopped halfway"
    );
    drop(transaction);
    drop(base);
    let base = root.loaded(&turn.engine);
    support::run(&mut resolve(&base, Job::Remove, &["app", "lib"]));
    assert_eq!(root.installed(), [""; 0]);
}

#[test]
fn a_panic_before_rpm_begins_stops_it() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut transaction = resolve(&base, Job::Install, &["app"]);
    transaction.download(&mut ()).unwrap();
    let text = panic_text(|| transaction.run(&mut PanicInTransaction("before_begin"), &mut ()));
    assert_eq!(text, "before_begin");
    assert_eq!(root.installed(), [""; 0]);
    drop(transaction);
    drop(base);
    root.install(&turn.engine, &["lib"]);
    assert_eq!(root.installed(), ["lib-1-1.noarch"]);
}

struct PanickingLogger(Arc<AtomicU32>);

impl Logger for PanickingLogger {
    fn write(&self, _level: LogLevel, _message: &OsStr) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("in the logger");
    }
}

impl Drop for PanickingLogger {
    fn drop(&mut self) {
        self.0.fetch_add(1000, Ordering::SeqCst);
    }
}

#[test]
fn a_panic_in_a_logger() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    let calls = Arc::new(AtomicU32::new(0));
    base.add_logger(Box::new(PanickingLogger(Arc::clone(&calls)))).unwrap();
    base.log(LogLevel::Info, "first").unwrap();
    base.log(LogLevel::Info, "second").unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 1, "it is silent once it has panicked");
    let text = panic_text(|| base.repo_sack().load_repos(Load::System, &mut (), &mut ()));
    assert_eq!(text, "in the logger");
    drop(base);
    assert!(calls.load(Ordering::SeqCst) >= 1000, "the base gives its loggers back");
}

#[derive(Default)]
struct Lines(Arc<std::sync::Mutex<Vec<String>>>);

impl Logger for Lines {
    fn write(&self, level: LogLevel, message: &OsStr) {
        self.0.lock().unwrap().push(format!("{level:?} {}", message.display()));
    }
}

#[test]
fn loggers_get_what_libdnf5_says() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    let lines = Arc::default();
    base.add_logger(Box::new(Lines(Arc::clone(&lines)))).unwrap();
    base.log(LogLevel::Warning, "from the program").unwrap();
    load(&base);
    let lines = lines.lock().unwrap();
    assert_eq!(lines[0], "Warning from the program");
    assert!(lines.len() > 1, "{lines:?}");
}

struct StopDownload;

impl DownloadCallbacks for StopDownload {
    fn progress(&mut self, _download: DownloadId, _total: f64, _downloaded: f64) -> Flow {
        Flow::AbortAll
    }
}

#[test]
fn a_callback_can_give_a_download_up() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.base(&turn.engine);
    let result = base.repo_sack().load_repos(Load::Available, &mut StopDownload, &mut ());
    // A local repository may be loaded without any progress being told.
    if let Err(error) = result {
        assert!(
            matches!(error.kind(), ErrorKind::Download | ErrorKind::Repo),
            "{error:?}"
        );
    }
}

struct Reentrant<'b>(&'b libdnf5::Base<'b>, Option<ErrorKind>);

impl TransactionCallbacks for Reentrant<'_> {
    fn before_begin(&mut self, _total: u64) -> Result<(), BoxError> {
        let error = self
            .0
            .repo_sack()
            .load_repos(Load::Available, &mut (), &mut ())
            .unwrap_err();
        self.1 = Some(error.kind());
        // Queries are no trouble.
        assert!(!nevras(&query(self.0)).is_empty());
        Ok(())
    }
}

#[test]
fn a_call_from_inside_a_callback_is_refused() {
    let turn = turn();
    let root = Root::with(shop());
    let base = root.loaded(&turn.engine);
    let mut transaction = resolve(&base, Job::Install, &["lib"]);
    transaction.download(&mut ()).unwrap();
    let mut callbacks = Reentrant(&base, None);
    assert_eq!(transaction.run(&mut callbacks, &mut ()).unwrap(), RunResult::Success);
    assert_eq!(callbacks.1, Some(ErrorKind::Argument));
}
