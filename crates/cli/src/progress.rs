//! The progress of a training.

use data::OpenProgress;
use graph::{one_line, printable};
use indicatif::{ProgressBar, ProgressStyle};
use train::{Callback, EpochReport, RunLength, StepReport};

use crate::output::{is_quiet, note};

/// A bar with loss, learning rate, speed and remaining time, and a line for each epoch; for about
/// twenty epochs if there are many.
pub(crate) struct Progress {
    bar: ProgressBar,
    name: String,
    examples: usize,
    epochs_per_line: u64,
}

/// A bar that is shown on a terminal, unless the command is quiet.
fn bar() -> ProgressBar {
    if is_quiet() { ProgressBar::hidden() } else { ProgressBar::no_length() }
}

/// Upper bound of lines about epochs.
const LINES: u64 = 25;

impl Progress {
    pub(crate) fn new(name: &str) -> Self {
        let bar = bar();
        let style = "{prefix} {wide_bar:.cyan/dim} {pos}/{len} steps  {msg}  {eta} left";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
        Self { bar, name: printable(name), examples: 1, epochs_per_line: 1 }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Callback for Progress {
    fn begin(&mut self, length: RunLength) {
        self.bar.set_length(length.total);
        self.bar.set_position(length.done);
        self.bar.reset_eta();
        self.bar.set_prefix(self.name.clone());
        self.examples = length.examples;
        self.epochs_per_line = (length.total / length.per_epoch).div_ceil(LINES).max(1);
        if self.epochs_per_line > 1 {
            let every = self.epochs_per_line;
            self.bar
                .suspend(|| note(&format!("showing every {every} epochs, and each that is the best so far")));
        }
    }

    fn step(&mut self, step: &StepReport) {
        let speed = self.bar.per_sec() * self.examples as f64;
        let (loss, rate) = (step.loss, step.learning_rate);
        self.bar.set_message(format!("loss {loss:.4}  learning rate {rate:.2e}  {speed:.0} examples/s"));
        self.bar.set_position(step.step);
    }

    fn epoch(&mut self, epoch: &EpochReport) {
        if !epoch.epoch.is_multiple_of(self.epochs_per_line) && !epoch.is_best {
            return;
        }
        let figures = epoch.figures.iter().filter(|(name, _)| name != "epoch");
        let figures: Vec<String> = figures.map(|(name, value)| format!("{name} {value:.4}")).collect();
        let best = if epoch.is_best { "  best so far" } else { "" };
        self.bar.suspend(|| note(&format!("epoch {:4}  {}{best}", epoch.epoch, figures.join("  "))));
    }

    fn note(&mut self, message: &str) {
        self.bar.suspend(|| note(&one_line(message)));
    }
}

/// A bar while files are read and recordings are checked.
pub(crate) struct Opening(ProgressBar);

impl Opening {
    pub(crate) fn new() -> Self {
        let bar = bar();
        let style = "{msg} {wide_bar:.cyan/dim} {pos}/{len}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
        Self(bar)
    }

    /// Shows the progress; called on several threads, in any order.
    pub(crate) fn show(&self, progress: OpenProgress) {
        let (message, done, total) = match progress {
            OpenProgress::Files { done, total } => ("reading files", done, total),
            OpenProgress::Recordings { done, total } => ("checking recordings", done, total),
        };
        self.0.set_message(message);
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
