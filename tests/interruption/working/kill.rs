//! Kills a command while it runs: at a random time, or where its transaction passes the border of a stage.

use std::fs;
use std::io::Read;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use redpak_testing::{Random, Run};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Stage borders, and which of several passages.
const POINTS: [&str; 9] = [
    "journal",
    "install",
    "install:2",
    "unpacked:30",
    "installed",
    "remove",
    "removed",
    "completed",
    "ended",
];

/// Lets a command kill itself at a stage border. It may have been over before, as one that has nothing to remove.
pub fn at_a_point(command: Run, random: &mut Random) -> Run {
    let point = random.one_of(&POINTS).expect("there are some");
    command.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}"))
}

/// Starts a command, kills a part of it after a random time below `longest`, and waits until it has ended. A command that outlives
/// this by `limit` is an error.
pub fn at_a_time(command: Run, random: &mut Random, longest: Duration, limit: Duration) -> Result<(), String> {
    let (mut child, _home) = command.spawn();
    drop(child.stdin.take());
    drain(child.stdout.take());
    drain(child.stderr.take());
    thread::sleep(longest * random.below(1000) as u32 / 1000);
    let part = ["group", "command", "children"][random.below(3)];
    // It may have ended already.
    match part {
        "group" => {
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        }
        "command" => {
            let _ = child.kill();
        }
        _ => children(&child).into_iter().for_each(|id| {
            let _ = kill_process(id, Signal::KILL);
        }),
    }
    let end = Instant::now() + limit;
    while child.try_wait().expect("wait for a child").is_none() {
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it still runs {limit:?} after its {part} was killed"));
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Reads what is written, so that nobody waits for room in a pipe. Who outlives the command may hold the pipe a little longer.
fn drain(stream: Option<impl Read + Send + 'static>) {
    if let Some(mut stream) = stream {
        thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
    }
}

/// Processes that the command has started.
fn children(command: &Child) -> Vec<Pid> {
    let list = format!("/proc/{0}/task/{0}/children", command.id());
    let list = fs::read_to_string(list).unwrap_or_default();
    list.split_whitespace()
        .filter_map(|id| Pid::from_raw(id.parse().ok()?))
        .collect()
}
