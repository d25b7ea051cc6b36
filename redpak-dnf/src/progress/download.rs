//! Downloads of metadata and packages.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::Style;
use super::bars::Bars;
use super::line::Line;
use crate::terminal::{Messages, columns};
use libdnf5::{DownloadCallbacks, DownloadId, Flow, TransferStatus};

/// Shows what is downloaded.
#[derive(Debug)]
pub struct Downloads {
    style: Style,
    bars: Bars,
    /// How many there will be, when that is known: then each line is numbered and a sum ends them.
    expected: Option<u64>,
    under_way: HashMap<DownloadId, Download>,
    finished: u64,
    bytes: u64,
    started: Instant,
}

#[derive(Debug)]
struct Download {
    description: String,
    total: u64,
    done: u64,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Downloads {
    /// `expected`: number of packages, `None` for metadata.
    pub fn new(messages: Messages, expected: Option<u64>) -> Self {
        Self {
            style: Style::new(messages),
            bars: Bars::new(),
            expected,
            under_way: HashMap::new(),
            finished: 0,
            bytes: 0,
            started: Instant::now(),
        }
    }

    /// The last line: the sum of all.
    pub fn finish(self) {
        let Some(expected) = self
            .expected
            .filter(|_| self.finished > 0 && self.style != Style::Silent)
        else {
            return;
        };
        self.print(&"-".repeat(columns()));
        let number = Some((self.finished, expected.max(self.finished)));
        let total = Line {
            number,
            description: "Total",
            done: self.bytes,
            total: self.bytes,
            elapsed: self.started.elapsed(),
        };
        self.print(&total.render(columns()));
    }

    fn print(&self, line: &str) {
        match self.style {
            Style::Silent => {}
            Style::Lines => eprintln!("{line}"),
            Style::Bars => self.bars.print(line),
        }
    }

    fn end_of(&mut self, download: &Download, elapsed: Duration) {
        self.finished += 1;
        self.bytes += download.done;
        let number = self
            .expected
            .map(|expected| (self.finished, expected.max(self.finished)));
        let (done, total) = (download.done, download.total.max(download.done));
        let line = Line {
            number,
            description: &download.description,
            done,
            total,
            elapsed,
        };
        self.print(&line.render(columns()));
    }
}

/// libdnf5 counts bytes in floats, and has negative ones for "unknown".
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates"
)]
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

impl DownloadCallbacks for Downloads {
    fn add_new_download(&mut self, download: DownloadId, description: &OsStr, total: f64) {
        let description = description.to_string_lossy().into_owned();
        let bar = (self.style == Style::Bars).then(|| self.bars.bytes(description.clone(), whole(total)));
        let new = Download {
            description,
            total: whole(total),
            done: 0,
            started: Instant::now(),
            bar,
        };
        self.under_way.insert(download, new);
    }

    fn progress(&mut self, download: DownloadId, total: f64, downloaded: f64) -> Flow {
        if let Some(download) = self.under_way.get_mut(&download) {
            (download.total, download.done) = (whole(total), whole(downloaded));
            if let Some(bar) = &download.bar {
                bar.set_length(download.total);
                bar.set_position(download.done);
            }
        }
        Flow::Continue
    }

    fn end(&mut self, download: DownloadId, status: TransferStatus, message: &OsStr) -> Flow {
        let Some(mut download) = self.under_way.remove(&download) else {
            return Flow::Continue;
        };
        if let Some(bar) = download.bar.take() {
            bar.finish_and_clear();
        }
        match status {
            TransferStatus::Error => self.print(&format!(">>> {}", message.to_string_lossy())),
            // A package that is there already counts as downloaded.
            TransferStatus::AlreadyExists => {
                download.done = download.total;
                self.end_of(&download, download.started.elapsed());
            }
            TransferStatus::Successful => {
                download.done = download.done.max(download.total);
                self.end_of(&download, download.started.elapsed());
            }
        }
        Flow::Continue
    }

    fn mirror_failure(&mut self, _: DownloadId, message: &OsStr, url: &OsStr, _: &OsStr) -> Flow {
        self.print(&format!(
            ">>> {} - {}",
            message.to_string_lossy(),
            url.to_string_lossy()
        ));
        Flow::Continue
    }
}
