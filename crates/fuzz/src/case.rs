//! Runs one case and measures it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::PEAK;
use crate::kinds::Kind;
use crate::limits::Limits;
use crate::outcome::Outcome;
use crate::trouble::{Trouble, What, skeleton, unreadable};

/// The place and the message of the latest panic of any thread.
static PANIC: Mutex<Option<(String, String)>> = Mutex::new(None);

/// Installs a panic hook that stores the location and message instead of printing them.
pub(crate) fn note_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |location| {
            // The folder of the registry or the workspace differs between machines.
            let file = location.file().rsplit_once("/crates/").map_or(location.file(), |(_, file)| file);
            let file = file.rsplit_once("/registry/src/").map_or(file, |(_, file)| file);
            format!("{file}:{}", location.line())
        });
        let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some((place, message));
    }));
}

/// A case that has run.
pub(crate) struct Measured {
    pub(crate) outcome: Outcome,
    pub(crate) troubles: Vec<Trouble>,
    /// Peak memory allocated by the case, in bytes.
    pub(crate) memory: usize,
    /// CPU time of all threads, in seconds.
    pub(crate) seconds: f64,
}

/// Runs a kind on an input.
pub(crate) fn run(kind: &dyn Kind, input: &[u8], limits: &Limits) -> Measured {
    let (before, start) = (PEAK.current_usage(), cpu_seconds());
    PEAK.reset_peak_usage();
    limit_cpu_seconds(start + limits.killing_seconds);
    let result = catch_unwind(AssertUnwindSafe(|| kind.run(input)));
    let memory = PEAK.peak_usage().saturating_sub(before);
    let seconds = cpu_seconds() - start;
    let mut troubles = Vec::new();
    let outcome = result.unwrap_or_else(|_| {
        let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (place, message) = panic.unwrap_or_default();
        troubles.push(Trouble::new(What::Panic, &place, &format!("{place}: {message}")));
        Outcome { accepted: true, ..Outcome::default() }
    });
    let most = limits.memory(input, outcome.accepted);
    let of_one_reading = seconds / f64::from(outcome.readings.max(1));
    troubles.extend(measures(&outcome, (memory, most), (of_one_reading, limits.case_seconds)));
    troubles.extend(outcome.messages.iter().filter_map(|message| {
        let reason = unreadable(message)?;
        let key = format!("{reason}: {}", skeleton(message));
        Some(Trouble::new(What::Message, key, &format!("{reason}: {message}")))
    }));
    troubles.extend(outcome.wrong.iter().map(|promise| Trouble::new(What::Wrong, promise, promise)));
    Measured { outcome, troubles, memory, seconds }
}

/// Returns the troubles with memory and time.
fn measures(outcome: &Outcome, memory: (usize, usize), seconds: (f64, f64)) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let verdict = if outcome.accepted { "accepted" } else { "refused" };
    let first = outcome.messages.first().map_or("", String::as_str);
    let key = format!("{verdict}: {}", skeleton(first));
    let ((memory, most_memory), (seconds, most_seconds)) = (memory, seconds);
    if memory > most_memory {
        let detail = format!("{} MB, {verdict}: {first}", memory / 1_000_000);
        troubles.push(Trouble::new(What::Memory, &key, &detail));
    }
    if seconds > most_seconds {
        troubles.push(Trouble::new(What::Hang, &key, &format!("{seconds:.1} s, {verdict}: {first}")));
    }
    troubles
}

/// CPU time of all threads of this process, in seconds. It includes worker threads, and a busy machine does not affect
/// it.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Makes the kernel kill the process after this much CPU time, counted from the start of the process.
fn limit_cpu_seconds(seconds: f64) {
    let maximum = getrlimit(Resource::Cpu).maximum;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let current = Some(seconds.ceil() as u64 + 1);
    // If the limit cannot be set, the parent still kills a process that makes no progress.
    let _ = setrlimit(Resource::Cpu, Rlimit { current, maximum });
}
