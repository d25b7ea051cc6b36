//! What the tests share. librpm's state is one per process, so the tests of a binary take turns.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use librpm::Engine;

static TURN: Mutex<()> = Mutex::new(());

/// Waits for this process's librpm. A test that failed meanwhile has given it back all the same.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `test` with an engine of its own.
pub fn with_engine<T>(test: impl FnOnce(&Engine) -> T) -> T {
    let _turn = turn();
    let engine = Engine::start().expect("librpm can be used");
    test(&engine)
}
