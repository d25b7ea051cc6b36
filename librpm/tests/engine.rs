//! librpm's process-wide state: one at a time, given back, with its log and macros.

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::{turn, with_engine};
use librpm::{Database, Engine, Error, Level, LogRecord, TransactionSet};

#[test]
fn there_is_one_engine_at_a_time() {
    let _turn = turn();
    let first = Engine::start().expect("the first one");
    assert!(matches!(Engine::start(), Err(Error::EngineInUse)));
    drop(first);
    let second = Engine::start().expect("the first one was given back");
    let dbpath = second
        .macros()
        .expand("%{_dbpath}")
        .expect("the configuration is read anew");
    assert!(dbpath.as_bytes().starts_with(b"/"), "{dbpath:?}");
}

#[test]
fn a_pushed_macro_is_literal_and_goes_away_with_its_guard() {
    with_engine(|engine| {
        let macros = engine.macros();
        let before = macros.expand("%{_dbpath}").expect("expands");
        let value = OsStr::from_bytes(b"/a %{_dbpath}/100%/\xff");
        let guard = macros.push_global("_dbpath", value).expect("can be pushed");
        assert_eq!(macros.expand("%{_dbpath}").expect("expands"), value);
        let inner = macros.push_global("_dbpath", "/inner").expect("can be pushed again");
        assert_eq!(macros.expand("%{_dbpath}").expect("expands"), "/inner");
        inner.pop();
        assert_eq!(macros.expand("%{_dbpath}").expect("expands"), value);
        drop(guard);
        assert_eq!(macros.expand("%{_dbpath}").expect("expands"), before);
    });
}

#[test]
fn a_guard_does_not_pop_the_definition_of_somebody_else() {
    with_engine(|engine| {
        let macros = engine.macros();
        let ours = macros.push_global("redpak_test", "ours").expect("can be pushed");
        let theirs = macros.push_global("redpak_test", "theirs").expect("can be pushed");
        drop(ours);
        assert_eq!(macros.expand("%{redpak_test}").expect("expands"), "theirs");
        drop(theirs);
    });
}

#[test]
fn what_cannot_be_a_c_string_is_refused() {
    with_engine(|engine| {
        let error = engine.macros().push_global("redpak_test", "a\0b").expect_err("NUL");
        assert_eq!(
            error.to_string(),
            "the macro's value contains a NUL byte, which rpm cannot take"
        );
        assert!(!engine.macros().is_defined("redpak_test").expect("can be asked"));
    });
}

#[test]
fn failures_come_with_what_librpm_said_and_nothing_is_printed() {
    with_engine(|engine| {
        let error = engine
            .macros()
            .expand("%{lua: error('redpak')}")
            .expect_err("the macro fails");
        assert!(error.to_string().contains("redpak"), "{error}");
        let (_, log) = engine.capture(|| {
            let (_, inner) = engine.capture(|| engine.macros().expand("%{warn:first}"));
            assert!(inner.iter().any(|record| record.text().contains("first")), "{inner:?}");
            engine.macros().expand("%{warn:second}").expect("warns only")
        });
        let texts: Vec<String> = log.iter().map(LogRecord::text).collect();
        assert!(texts[0].contains("first") && texts[1].contains("second"), "{texts:?}");
        assert_eq!((log.len(), log[0].level), (2, Level::Warning));
    });
}

#[test]
fn objects_of_an_engine_can_be_made_and_dropped_many_times() {
    with_engine(|engine| {
        for _ in 0..100 {
            let mut set = TransactionSet::new(engine).expect("can be made");
            set.set_root("/nonexistent".as_ref())
                .expect("any absolute path will do");
            assert!(set.set_root("relative".as_ref()).is_err());
        }
        assert!(Database::open(engine, "/nonexistent".as_ref()).is_err());
    });
}
