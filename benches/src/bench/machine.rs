//! The environment of a report: machine, compiler and libtorch.

use std::num::NonZero;
use std::thread::available_parallelism;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine and the build. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Instruction set, such as `x86_64`.
    pub architecture: &'static str,
    /// Number of physical cores.
    pub cores: Option<usize>,
    /// Name of the processor.
    pub cpu: Option<String>,
    /// The vector instructions of the processor.
    pub features: Vec<&'static str>,
    /// Number of hardware threads available to this program.
    pub hardware_threads: usize,
    /// Version of the linked libtorch.
    pub libtorch: &'static str,
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// Name and version of the operating system.
    pub os: Option<String>,
    /// Build profile.
    pub profile: &'static str,
    /// Version of the compiler.
    pub rustc: &'static str,
    /// Measured thread counts: one, and all.
    pub threads: Vec<usize>,
}

impl Machine {
    /// Describes this machine. Facts that the system does not report are `None`.
    pub fn this() -> Self {
        let kinds = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(kinds).ok();
        let cpu = system.as_ref().and_then(|system| system.cpus().first());
        let cpu = cpu.map(|cpu| cpu.brand().trim().to_owned());
        let hardware_threads = available_parallelism().map_or(1, NonZero::get);
        Self {
            architecture: std::env::consts::ARCH,
            cores: System::physical_core_count().ok(),
            cpu: cpu.filter(|name| !name.is_empty()),
            features: features(),
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

/// The vector instructions of the processor.
#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    macro_rules! found {
        ($($name:tt),*) => { [$(($name, std::is_x86_feature_detected!($name))),*] };
    }
    let all = found!["avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512vnni", "avx512bf16"];
    all.into_iter().filter_map(|(name, is_found)| is_found.then_some(name)).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    if cfg!(target_arch = "aarch64") { vec!["neon"] } else { Vec::new() }
}
