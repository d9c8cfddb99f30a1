//! The limits that every case must observe.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Limits on a case and on its process.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Limits {
    /// Maximum CPU time of a case, in seconds
    #[arg(long, hide = true, default_value_t = 2.0)]
    pub(crate) case_seconds: f64,
    /// CPU time after which a process is killed, in seconds
    #[arg(long, hide = true, default_value_t = 20.0)]
    pub(crate) killing_seconds: f64,
    /// Maximum memory to refuse an input of at most 100 kB, in bytes
    #[arg(long, hide = true, default_value_t = 100_000_000)]
    pub(crate) refused_bytes: usize,
    /// Maximum memory for an input that is accepted or larger, in bytes
    #[arg(long, hide = true, default_value_t = 500_000_000)]
    pub(crate) accepted_bytes: usize,
    /// Address space of a process, in bytes
    #[arg(long, hide = true, default_value_t = 4_000_000_000)]
    pub(crate) process_bytes: u64,
}

/// Maximum size of an input that counts as small, in bytes.
const SMALL: usize = 100_000;

impl Limits {
    /// Maximum memory for an input, in bytes.
    pub(crate) fn memory(&self, input: &[u8], accepted: bool) -> usize {
        if accepted || input.len() > SMALL { self.accepted_bytes } else { self.refused_bytes }
    }

    /// Limits this process, so that a case cannot harm the machine.
    pub(crate) fn bound_process(&self) -> std::io::Result<()> {
        let bound = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
        setrlimit(Resource::As, bound(self.process_bytes))?;
        // A crash must not leave a core file.
        setrlimit(Resource::Core, bound(0))?;
        Ok(())
    }

    /// The same limits as arguments of another process.
    pub(crate) fn arguments(&self) -> [String; 5] {
        [
            format!("--case-seconds={}", self.case_seconds),
            format!("--killing-seconds={}", self.killing_seconds),
            format!("--refused-bytes={}", self.refused_bytes),
            format!("--accepted-bytes={}", self.accepted_bytes),
            format!("--process-bytes={}", self.process_bytes),
        ]
    }
}
