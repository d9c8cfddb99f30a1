//! What a person sees while a model trains.

use indicatif::{ProgressBar, ProgressStyle};
use train::{Epoch, Step, Watch};

/// A bar with loss, learning rate, speed and time left; a line for each epoch, or for about twenty of
/// many.
pub(crate) struct Progress {
    bar: ProgressBar,
    name: String,
    examples: usize,
    epochs_per_line: u64,
}

/// Lines about epochs, at most.
const LINES: u64 = 25;

impl Progress {
    pub(crate) fn new(name: &str) -> Self {
        let bar = ProgressBar::no_length();
        let style = "{prefix} {wide_bar:.cyan/dim} {pos}/{len} steps  {msg}  {eta} left";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
        Self { bar, name: name.to_owned(), examples: 1, epochs_per_line: 1 }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch for Progress {
    fn begin(&mut self, from: u64, total: u64, per_epoch: u64, examples: usize) {
        self.bar.set_length(total);
        self.bar.set_position(from);
        self.bar.reset_eta();
        self.bar.set_prefix(self.name.clone());
        self.examples = examples;
        self.epochs_per_line = (total / per_epoch).div_ceil(LINES).max(1);
    }

    fn step(&mut self, step: &Step) {
        let speed = self.bar.per_sec() * self.examples as f64;
        self.bar.set_message(format!("loss {:.4}  rate {:.2e}  {speed:.0} examples/s", step.loss, step.rate));
        self.bar.set_position(step.step);
    }

    fn epoch(&mut self, epoch: &Epoch) {
        if !epoch.epoch.is_multiple_of(self.epochs_per_line) && !epoch.is_best {
            return;
        }
        let figures = epoch.figures.iter().filter(|(name, _)| name != "epoch");
        let figures: Vec<String> = figures.map(|(name, value)| format!("{name} {value:.4}")).collect();
        let best = if epoch.is_best { "  best so far" } else { "" };
        self.bar.suspend(|| line(&format!("epoch {:4}  {}{best}", epoch.epoch, figures.join("  "))));
    }

    fn note(&mut self, text: &str) {
        self.bar.suspend(|| line(text));
    }
}

#[allow(clippy::print_stderr, reason = "progress is for who looks on, not for who reads the result")]
fn line(text: &str) {
    eprintln!("{text}");
}
