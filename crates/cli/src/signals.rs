//! Signals that stop training.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::Exit;

/// Sent by Ctrl-C, by job schedulers, and when the terminal is closed.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// A flag that is set by the first signal. Any further signal ends the process at once.
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Installs the signal handlers. Signals that the parent process ignores, for example under `nohup` or for
    /// background jobs of a script, stay ignored.
    pub(crate) fn on_signals() -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let ignored = ignored_signals();
        for signal in SIGNALS {
            if is_in(ignored, signal) {
                continue;
            }
            // Exits without running destructors: those of libtorch free memory that its threads still use.
            flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Self(stop))
    }

    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }

    /// Returns whether there was a signal. From now on, any signal ends the process at once.
    pub(crate) fn close(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }
}

/// Bit mask of the signals that the process ignores; 0 on systems without `/proc`.
fn ignored_signals() -> u64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0 };
    for line in status.lines() {
        if let Some(mask) = line.strip_prefix("SigIgn:") {
            return u64::from_str_radix(mask.trim(), 16).unwrap_or(0);
        }
    }
    0
}

fn is_in(mask: u64, signal: i32) -> bool {
    // Signals are numbered from 1.
    let Ok(bit) = u32::try_from(signal - 1) else { return false };
    mask.checked_shr(bit).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_numbered_from_1() {
        assert!(is_in(0b1, 1) && is_in(0b10, 2) && is_in(1 << 14, 15));
        assert!(!is_in(0b101, 2) && !is_in(u64::MAX, 0) && !is_in(u64::MAX, 65));
    }
}
