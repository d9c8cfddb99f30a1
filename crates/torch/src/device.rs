//! Devices by name, and libtorch's CUDA part, which is loaded when a GPU is requested.
//!
//! Linkers drop `libtorch_cuda.so` from a program, because none of its symbols are used: it registers itself with
//! libtorch when it is loaded. Loading it only on request also keeps a gigabyte of kernels out of programs that run on
//! the CPU.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fmt, fs, mem};

use dlopen2::raw::Library;
use graph::{one_line, quoted, shown_path};
use tch::{Cuda, Device};

use crate::TorchError;

/// Reads `cpu`, `cuda` or `cuda:1`. For a GPU, loads libtorch's CUDA part.
///
/// Call this or [`cuda_devices`] before anything else that uses tch: libtorch looks for its CUDA part only once, for
/// example when it draws random numbers or computes gradients.
///
/// ```
/// use torch::tch::Device;
///
/// assert_eq!(torch::device("cpu")?, Device::Cpu);
/// let error = torch::device("gpu").unwrap_err();
/// assert_eq!(error.to_string(), "device: expected cpu, cuda or cuda:N, found `gpu`");
/// # Ok::<(), torch::TorchError>(())
/// ```
///
/// # Errors
/// If the text is not the name of a device, or if there is no such GPU. The message then names what is missing: a
/// libtorch with CUDA, the driver, or the GPU.
pub fn device(text: &str) -> Result<Device, TorchError> {
    let unknown = || TorchError::Device(format!("expected cpu, cuda or cuda:N, found {}", quoted(text)));
    let device = match text.split_once(':') {
        None if text == "cpu" => Device::Cpu,
        None if text == "cuda" => Device::Cuda(0),
        Some(("cuda", index)) => Device::Cuda(index.parse().map_err(|_| unknown())?),
        _ => return Err(unknown()),
    };
    check(device)?;
    Ok(device)
}

/// Loads libtorch's CUDA part, if it is not loaded yet, and returns the number of GPUs, at least 1.
///
/// ```
/// use torch::tch::Device;
///
/// let device = if torch::cuda_devices().is_ok() { Device::Cuda(0) } else { Device::Cpu };
/// ```
///
/// # Errors
/// If there is no GPU that libtorch can use. The message names what is missing.
pub fn cuda_devices() -> Result<usize, TorchError> {
    static LOADED: OnceLock<Result<(), Missing>> = OnceLock::new();
    LOADED.get_or_init(load).clone()?;
    let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
    if count > 0 {
        return Ok(count);
    }
    let driver = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };
    Err(if !tch::utils::has_cudart() {
        Missing::Turn.into()
    } else if keep_loaded(Path::new(driver)).is_err() {
        Missing::Driver(driver).into()
    } else {
        Missing::Gpu.into()
    })
}

/// Checks that a net can be on this device. tch's own error would be a page of C++.
pub(crate) fn check(device: Device) -> Result<(), TorchError> {
    let Device::Cuda(index) = device else { return Ok(()) };
    let count = cuda_devices()?;
    if index >= count {
        return Err(Missing::Index { index, count }.into());
    }
    Ok(())
}

/// A requirement for the use of a GPU that is not met.
#[derive(Clone, Debug)]
enum Missing {
    /// A libtorch with CUDA: this library does not exist.
    Library(PathBuf),
    /// A library that can be loaded, and the system's reason why it cannot.
    Loadable(PathBuf, String),
    /// A call before libtorch looked for its CUDA part.
    Turn,
    /// The driver, which has this name.
    Driver(&'static str),
    /// Any GPU.
    Gpu,
    /// The GPU of this index.
    Index { index: usize, count: usize },
}

impl Display for Missing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(path) => write!(
                f,
                "expected a libtorch with CUDA, found no {}; set LIBTORCH to a libtorch with CUDA and run `cargo \
                 xtask setup` (docs/gpu.md)",
                shown_path(path)
            ),
            Self::Loadable(path, reason) => {
                write!(f, "could not load {}: {}", shown_path(path), one_line(reason))
            }
            Self::Turn => f.write_str(
                "expected torch::device or torch::cuda_devices to be called before anything else that uses tch, \
                 found that libtorch has already looked for CUDA",
            ),
            Self::Driver(name) => {
                write!(f, "expected the NVIDIA driver, found no {name}; install the driver (docs/gpu.md)")
            }
            Self::Gpu => f.write_str(
                "expected a GPU, found none that libtorch can use; check the output of `nvidia-smi`, the version of \
                 the driver, and CUDA_VISIBLE_DEVICES",
            ),
            Self::Index { index, count: 1 } => write!(f, "expected cuda:0, found cuda:{index}"),
            Self::Index { index, count } => {
                write!(f, "expected cuda:0 to cuda:{}, found cuda:{index}", count - 1)
            }
        }
    }
}

impl From<Missing> for TorchError {
    fn from(missing: Missing) -> Self {
        Self::Device(missing.to_string())
    }
}

/// Loads the CUDA part for the rest of the process. libtorch must not be asked before whether it has CUDA, because it
/// would remember the answer.
fn load() -> Result<(), Missing> {
    let name = format!("{DLL_PREFIX}torch_cuda{DLL_SUFFIX}");
    if mapped(&name).is_some() {
        return Ok(()); // preloaded, or loaded by another part of the program
    }
    let cpu = mapped(&format!("{DLL_PREFIX}torch_cpu{DLL_SUFFIX}"));
    // Its libraries must not be mixed with those of another libtorch. If the system does not say which libtorch is
    // loaded, it finds the library where it found that one.
    let library = cpu.map_or_else(|| PathBuf::from(&name), |cpu| cpu.with_file_name(&name));
    if library.is_absolute() && !library.exists() {
        return Err(Missing::Library(library));
    }
    keep_loaded(&library).map_err(|reason| Missing::Loadable(library, reason))
}

/// The path of a library that this process has loaded, if the system reports it.
pub(crate) fn mapped(name: &str) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    for line in maps.lines() {
        let path = line.find('/').map(|start| Path::new(&line[start..]));
        if let Some(path) = path.filter(|path| path.file_name() == Some(OsStr::new(name))) {
            return Some(path.to_owned());
        }
    }
    None
}

/// Loads a library for the rest of the process, with its symbols visible to all others, as if it were linked.
fn keep_loaded(library: &Path) -> Result<(), String> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    let flags = Some(libc::RTLD_LAZY | libc::RTLD_GLOBAL);
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let flags = None;
    match Library::open_with_flags(library, flags) {
        Ok(opened) => {
            mem::forget(opened); // dropped, it would be unloaded
            Ok(())
        }
        Err(dlopen2::Error::OpeningLibraryError(reason)) => {
            let reason = reason.to_string();
            let library = format!("{}: ", library.display());
            Err(reason.strip_prefix(&library).unwrap_or(&reason).to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_explains_every_message() {
        let page = include_str!("../../../docs/gpu.md");
        let table: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
        let library = PathBuf::from("/torch/lib/libtorch_cuda.so");
        let messages = [
            Missing::Library(library.clone()),
            Missing::Loadable(library, "libcudnn.so.9: cannot open shared object file".to_owned()),
            Missing::Driver("libcuda.so.1"),
            Missing::Gpu,
            Missing::Turn,
            Missing::Index { index: 2, count: 2 },
        ];
        assert_eq!(table.len(), messages.len(), "{table:?}");
        for (row, message) in table.iter().zip(messages) {
            let message = message.to_string();
            for part in row.split('…') {
                assert!(message.contains(part), "the page has `{row}`, the message is `{message}`");
            }
        }
    }

    #[test]
    fn the_reason_why_a_library_cannot_be_loaded_names_it_once() {
        let file = std::env::temp_dir().join(format!("no-library-{}.so", std::process::id()));
        fs::write(&file, "no library").unwrap();
        let reason = keep_loaded(&file).unwrap_err();
        fs::remove_file(&file).unwrap();
        assert!(!reason.contains(&file.display().to_string()), "{reason}");
    }

    #[test]
    fn one_gpu_is_no_range() {
        assert_eq!(Missing::Index { index: 3, count: 1 }.to_string(), "expected cuda:0, found cuda:3");
    }
}
