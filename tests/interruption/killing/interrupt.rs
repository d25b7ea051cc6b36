//! Runs a command up to a moment, and ends it there.

use std::io::Read;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use redpak_testing::Run;
use rustix::process::{Pid, Signal};

use super::case::{Moment, Target};

/// Longer than any command of a case takes, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// How a command ended, and what it said.
pub struct Ended {
    /// It exited with 0; where the power was cut, before that.
    pub succeeded: bool,
    pub said: String,
    /// A process that was to end with it did not.
    pub survived: bool,
}

/// Runs it up to the moment, or to its end where that comes first. Then the power is cut, if it is to be, and the target ends.
pub fn interrupt(run: Run, moment: Moment, target: Target, length: Duration, cut: Option<&mut dyn FnMut()>) -> Ended {
    let run = match (moment, target) {
        (Moment::Point(point, count), Target::Itself) => {
            run.env("REDPAK_TEST_FAILURE_POINT", format!("kill:{point}:{count}"))
        }
        (Moment::Point(point, count), _) => run.env("REDPAK_TEST_FAILURE_POINT", format!("wait:{point}:{count}")),
        _ => run,
    };
    let (mut child, _home) = run.spawn();
    let mut streams = Streams::of(&mut child);
    match moment {
        Moment::Point(point, _) if target != Target::Itself => {
            streams.read_until(&format!("waiting at {point}\n"), LIMIT);
        }
        Moment::Time(thousandths) => streams.read_for(length * thousandths / 1000),
        _ => streams.read_for(LIMIT),
    }
    let ended: Option<ExitStatus> = if streams.closed {
        Some(child.wait().expect("a child"))
    } else {
        child.try_wait().expect("a child")
    };
    let is_cut = cut.is_some();
    if let Some(cut) = cut {
        cut();
    }
    if ended.is_none() {
        end(&child, target);
    }
    // What still waits at its point goes on with an error.
    if target == Target::Confined || streams.closed {
        drop(child.stdin.take());
    }
    streams.read_for(LIMIT);
    let survived = !streams.closed;
    if survived {
        end(&child, Target::Confined);
        end(&child, Target::Group);
    }
    // What it reaches after the cut is lost.
    let lasts = ended.is_some() || !is_cut;
    let status = ended.unwrap_or_else(|| child.wait().expect("a child"));
    Ended {
        succeeded: status.success() && lasts,
        said: String::from_utf8_lossy(&streams.read).into_owned(),
        survived,
    }
}

/// Sends SIGKILL.
fn end(child: &Child, target: Target) {
    let Some(process) = Pid::from_raw(child.id() as i32) else {
        return;
    };
    // Each may have ended already.
    match target {
        Target::Group => drop(rustix::process::kill_process_group(process, Signal::KILL)),
        Target::Waiting | Target::Itself => drop(rustix::process::kill_process(process, Signal::KILL)),
        Target::Confined => children(child.id()).for_each(|process| {
            let _ = rustix::process::kill_process(process, Signal::KILL);
        }),
    }
}

/// Processes that a process started.
fn children(process: u32) -> impl Iterator<Item = Pid> {
    let list = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    let numbers: Vec<i32> = list.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    numbers.into_iter().filter_map(Pid::from_raw)
}

/// Both streams of a command, until every process that holds them is gone.
struct Streams {
    from: Receiver<Vec<u8>>,
    read: Vec<u8>,
    closed: bool,
}

impl Streams {
    fn of(child: &mut Child) -> Self {
        let (to, from) = channel();
        let streams: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stderr.take().expect("piped")),
            Box::new(child.stdout.take().expect("piped")),
        ];
        for mut stream in streams {
            let to = to.clone();
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    if to.send(bytes[..count].to_vec()).is_err() {
                        break;
                    }
                }
            });
        }
        Self {
            from,
            read: Vec::new(),
            closed: false,
        }
    }

    fn read_for(&mut self, time: Duration) {
        self.read_while(time, |_| true);
    }

    fn read_until(&mut self, text: &str, time: Duration) {
        self.read_while(time, |read| {
            !read.windows(text.len()).any(|part| part == text.as_bytes())
        });
    }

    fn read_while(&mut self, time: Duration, goes_on: impl Fn(&[u8]) -> bool) {
        let end = Instant::now() + time;
        while goes_on(&self.read) && !self.closed {
            match self.from.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.read.extend(bytes),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => self.closed = true,
            }
        }
    }
}
