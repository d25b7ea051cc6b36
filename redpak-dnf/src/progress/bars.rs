//! Moving bars on a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bars under each other on standard error.
#[derive(Debug)]
pub struct Bars {
    all: MultiProgress,
}

impl Bars {
    pub fn new() -> Self {
        Self {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
        }
    }

    /// A bar that counts bytes.
    pub fn bytes(&self, description: String, total: u64) -> ProgressBar {
        self.add(
            "{msg:33!} {wide_bar} {bytes:>10}/{total_bytes:>10} {bytes_per_sec:>12} {eta:>4}",
            description,
            total,
        )
    }

    /// A bar that counts something else.
    pub fn steps(&self, description: String, total: u64) -> ProgressBar {
        self.add("{msg:48!} {wide_bar} {percent:>3}%", description, total)
    }

    fn add(&self, template: &str, description: String, total: u64) -> ProgressBar {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self
            .all
            .add(ProgressBar::new(total).with_style(style.progress_chars("=> ")));
        bar.set_message(description);
        bar
    }

    /// A line above the bars.
    pub fn print(&self, line: &str) {
        // The terminal may have gone.
        let _ = self.all.println(line);
    }
}
