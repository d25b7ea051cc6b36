//! Runs cases, several at a time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::case::{Case, Scene};
use super::family::Store;
use super::judge::{Judgement, judge};
use super::sums::Sums;

/// Most of the time a worker waits for processes and for the disk.
fn workers() -> usize {
    let asked = std::env::var("REDPAK_TEST_WORKERS")
        .ok()
        .and_then(|count| count.parse().ok());
    asked.unwrap_or_else(|| thread::available_parallelism().map_or(2, |count| count.get() + 1))
}

/// Judges every case of every scene.
pub fn run(scenes: &[(Scene, Vec<Case>)]) -> Sums {
    let next = AtomicUsize::new(0);
    let sums = Mutex::new(Sums::default());
    thread::scope(|scope| {
        for _ in 0..workers().min(scenes.len()) {
            scope.spawn(|| {
                let mut store = Store::default();
                while let Some((scene, cases)) = scenes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run_scene(&mut store, *scene, cases, &sums);
                }
            });
        }
    });
    sums.into_inner().expect("no worker panics while it adds")
}

fn run_scene(store: &mut Store, scene: Scene, cases: &[Case], sums: &Mutex<Sums>) {
    let add = |case: &Case, judgement: &Judgement| {
        sums.lock()
            .expect("no worker panics while it adds")
            .add(case, judgement);
    };
    let disk = cases.first().and_then(|case| case.disk);
    let prepared = catch_unwind(AssertUnwindSafe(move || {
        // Moved in, because the family borrows it for longer than the closure lasts.
        let store = store;
        store.prepare(scene, disk)
    }));
    let mut family = match prepared {
        Ok(Ok(family)) => family,
        Ok(Err(reason)) => {
            for case in cases {
                add(case, &Judgement::Lost(reason.clone()));
            }
            return;
        }
        Err(panic) => {
            let reason = words(&*panic);
            for case in cases {
                add(case, &Judgement::Lost(reason.clone()));
            }
            return;
        }
    };
    for case in cases {
        let judged = catch_unwind(AssertUnwindSafe(|| judge(&mut family, case)));
        add(case, &judged.unwrap_or_else(|panic| Judgement::Lost(words(&*panic))));
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".into())
}
