//! Named points at the borders of a transaction's stages, where tests interrupt the real program from outside.
//!
//! `REDPAK_TEST_FAILURE_POINT=kill:NAME[:COUNT]` ends the process without a chance to clean up when it passes the point
//! for the COUNT-th time, `fail:NAME[:COUNT]` is an error there, and at `wait:NAME[:COUNT]` it says so and reads a byte of its input. Only builds with debug assertions look at the variable;
//! whoever can set it could send the signal as well.

use anyhow::Result;

/// Every point.
#[cfg(debug_assertions)]
const POINTS: [&str; 23] = include!("failure_points.in");

/// Passes a point.
#[cfg(debug_assertions)]
pub fn pass(point: &str) -> Result<()> {
    use std::sync::atomic::{AtomicU32, Ordering};

    static PASSED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("REDPAK_TEST_FAILURE_POINT") else {
        return Ok(());
    };
    let mut words = wanted.split(':');
    let (action, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    anyhow::ensure!(POINTS.contains(&name), "there is no failure point {name}");
    let count = words.next().map_or(Ok(1), str::parse)?;
    if name != point || PASSED.fetch_add(1, Ordering::Relaxed) + 1 != count {
        return Ok(());
    }
    match action {
        // The first process of a namespace cannot send itself SIGKILL.
        "kill" => std::process::abort(),
        "wait" => {
            eprintln!("waiting at {point}");
            Ok(std::io::Read::read_exact(&mut std::io::stdin(), &mut [0])?)
        }
        _ => anyhow::bail!("failure point {point}"),
    }
}

/// Passes a point.
#[cfg(not(debug_assertions))]
pub fn pass(_: &str) -> Result<()> {
    Ok(())
}
