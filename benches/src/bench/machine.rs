//! What a report is from: machine, compiler, libtorch.

use std::num::NonZero;
use std::thread::available_parallelism;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine and the build. Fields in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Such as `x86_64`.
    pub architecture: &'static str,
    /// The cores that hold the hardware threads.
    pub cores: Option<usize>,
    /// The processor's name.
    pub cpu: Option<String>,
    /// Hardware threads this program may use.
    pub hardware_threads: usize,
    /// The libtorch linked.
    pub libtorch: &'static str,
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// The operating system.
    pub os: Option<String>,
    /// The build profile.
    pub profile: &'static str,
    /// The compiler.
    pub rustc: &'static str,
    /// The thread counts measured on: one, and all.
    pub threads: Vec<usize>,
}

impl Machine {
    /// This one; what the system does not say is left out.
    pub fn this() -> Self {
        let kinds = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(kinds).ok();
        let cpu = system.as_ref().and_then(|system| Some(system.cpus().first()?.brand().trim().to_owned()));
        let hardware_threads = available_parallelism().map_or(1, NonZero::get);
        Self {
            architecture: std::env::consts::ARCH,
            cores: System::physical_core_count().ok(),
            cpu: cpu.filter(|name| !name.is_empty()),
            hardware_threads,
            libtorch: env!("BUILD_LIBTORCH"),
            memory: system.as_ref().map(System::total_memory),
            os: System::long_os_version().ok(),
            profile: env!("BUILD_PROFILE"),
            rustc: env!("BUILD_RUSTC"),
            threads: if hardware_threads == 1 { vec![1] } else { vec![1, hardware_threads] },
        }
    }
}
