//! Devices by name, on machines with and without a GPU.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::path::PathBuf;

use graph::{Conv, Graph};
use torch::tch::{Device, nn};
use torch::{Net, TorchError, cuda_devices, device};

fn message(error: &TorchError) -> String {
    error.to_string()
}

#[test]
fn only_the_names_of_devices_are_read() {
    assert_eq!(device("cpu").unwrap(), Device::Cpu);
    for text in ["", "CPU", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda0", "cpu:0", "cuda:0:1"] {
        let expected = format!("device: expected cpu, cuda or cuda:N, found `{text}`");
        assert_eq!(message(&device(text).unwrap_err()), expected);
    }
}

/// `libtorch_cuda.so` beside the libtorch that this test is linked with, whether or not it exists.
#[cfg(target_os = "linux")]
fn cuda_library() -> PathBuf {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| line.ends_with("/libtorch_cpu.so")).unwrap();
    PathBuf::from(&line[line.find('/').unwrap()..]).with_file_name("libtorch_cuda.so")
}

#[test]
#[cfg(target_os = "linux")]
fn a_gpu_is_used_or_the_error_says_what_is_missing() {
    let library = cuda_library();
    let graph = Graph::build(|g| {
        let x = g.input("signal", [6, 100])?;
        let x = g.conv("conv1", x, Conv::new(16, 7))?;
        g.output("features", x)
    })
    .unwrap();
    let on_gpu = |index: usize| {
        let store = nn::VarStore::new(Device::Cuda(index));
        Net::new(&store.root(), graph.clone())
    };
    match cuda_devices() {
        Ok(count) => {
            assert_eq!(device("cuda").unwrap(), Device::Cuda(0));
            assert_eq!(on_gpu(0).unwrap().device(), Device::Cuda(0));
            let error = device(&format!("cuda:{count}")).unwrap_err();
            assert!(message(&error).ends_with(&format!(", found cuda:{count}")), "{error}");
        }
        Err(error) => {
            let expected = message(&error);
            if library.exists() {
                let reasons = ["the NVIDIA driver", "a GPU, found none"];
                assert!(reasons.iter().any(|reason| expected.contains(reason)), "{expected}");
            } else {
                let start = "device: expected a libtorch with CUDA, found no ";
                assert!(expected.starts_with(start) && expected.contains("set LIBTORCH"), "{expected}");
            }
            // The same sentence wherever a GPU is asked for.
            assert_eq!(message(&device("cuda:7").unwrap_err()), expected);
            assert_eq!(on_gpu(0).map(|_| ()).unwrap_err().to_string(), expected);
        }
    }
}
