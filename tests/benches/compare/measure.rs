//! Runs peers in turn and measures time and memory.
#![allow(
    unsafe_code,
    reason = "wait4(2), which tells a child's peak memory, has no safe wrapper"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One way of doing what a case is about.
pub struct Peer<'a> {
    pub name: &'static str,
    /// Brings everything into the state that the run begins with; not measured.
    pub prepare: Box<dyn Fn() + 'a>,
    pub command: Box<dyn Fn() -> Command + 'a>,
}

/// Something to do, and who does it; the first peer is what the others are compared with.
pub struct Case<'a> {
    pub name: String,
    pub runs: usize,
    pub peers: Vec<Peer<'a>>,
}

/// What the runs of one peer took.
pub struct Measured {
    pub name: &'static str,
    pub median: Duration,
    pub fastest: Duration,
    /// Largest resident set of the process and its descendants over all runs, in KiB.
    pub memory: i64,
}

/// All peers of a case.
pub struct Results {
    pub name: String,
    pub runs: usize,
    pub peers: Vec<Measured>,
}

impl Case<'_> {
    /// Runs all peers in turn, after one round that warms the caches and does not count.
    pub fn run(self) -> Results {
        eprintln!("{} …", self.name);
        let mut samples: Vec<Vec<(Duration, i64)>> = vec![Vec::new(); self.peers.len()];
        for round in 0..=self.runs {
            for (peer, samples) in self.peers.iter().zip(&mut samples) {
                (peer.prepare)();
                let sample = measure((peer.command)());
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        let peers = self
            .peers
            .iter()
            .zip(samples)
            .map(|(peer, samples)| summary(peer.name, samples))
            .collect();
        Results {
            name: self.name,
            runs: self.runs,
            peers,
        }
    }
}

fn summary(name: &'static str, samples: Vec<(Duration, i64)>) -> Measured {
    let (mut times, memory): (Vec<_>, Vec<_>) = samples.into_iter().unzip();
    times.sort();
    let memory = memory.into_iter().max().expect("at least one run");
    Measured {
        name,
        median: times[times.len() / 2],
        fastest: times[0],
        memory,
    }
}

/// Wall time from before the start to the end, and peak memory.
#[allow(clippy::zombie_processes, reason = "waited for by process id, with wait4")]
fn measure(mut command: Command) -> (Duration, i64) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut errors = String::new();
    let mut stderr = child.stderr.take().expect("stderr is piped");
    std::io::Read::read_to_string(&mut stderr, &mut errors).expect("read stderr");
    let (status, memory) = wait(child.id());
    let time = start.elapsed();
    assert_eq!(status, 0, "{command:?} failed with wait status {status:#x}:\n{errors}");
    (time, memory)
}

fn wait(pid: u32) -> (i32, i64) {
    let mut status = 0;
    // SAFETY: rusage is plain data, for which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call; the process is a child that nobody else waits for.
    let waited = unsafe { libc::wait4(pid.cast_signed(), &raw mut status, 0, &raw mut usage) };
    assert_eq!(waited, pid.cast_signed(), "wait4: {}", std::io::Error::last_os_error());
    (status, usage.ru_maxrss)
}
