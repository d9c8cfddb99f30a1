//! The wheels to fetch for each platform, with pinned versions and hashes.
//!
//! tch is bound to one version of libtorch, which the Python wheels of PyTorch contain. The Linux wheels are
//! built for CUDA; only the CPU part is unpacked, which requires two small CUDA libraries to load.

/// The version of libtorch that tch is bound to.
pub(crate) const VERSION: &str = "2.13.0";

/// The libtorch of one platform: its wheels and how to unpack them.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Its name in that of the cache folder.
    pub(crate) name: &'static str,
    /// The value of [`std::env::consts::OS`].
    pub(crate) os: &'static str,
    /// The value of [`std::env::consts::ARCH`].
    pub(crate) arch: &'static str,
    /// The platform tags for pip.
    pub(crate) tags: &'static [&'static str],
    /// Fetched and unpacked in this order.
    pub(crate) wheels: &'static [Wheel],
    /// Links to create: path and target, which is relative to the link's folder.
    pub(crate) links: &'static [(&'static str, &'static str)],
    /// Size of the finished folder on disk, in bytes.
    pub(crate) unpacked: u64,
}

/// One file that pip downloads.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// The requirement for pip.
    pub(crate) requirement: &'static str,
    /// Name of the file.
    pub(crate) file: &'static str,
    /// Its SHA-256, in hexadecimal digits.
    pub(crate) sha256: &'static str,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// The entries to unpack, each with its destination: a file, or a folder if it ends in a slash.
    pub(crate) take: &'static [(&'static str, &'static str)],
}

impl Platform {
    /// Bytes that pip downloads.
    pub(crate) fn download(&self) -> u64 {
        self.wheels.iter().map(|wheel| wheel.size).sum()
    }
}

/// The platform of that name in Rust's terms, if libtorch can be fetched for it.
pub(crate) fn platform(os: &str, arch: &str) -> Option<&'static Platform> {
    PLATFORMS.iter().find(|platform| platform.os == os && platform.arch == arch)
}

/// Every platform that libtorch can be fetched for.
pub(crate) static PLATFORMS: [Platform; 4] = [
    Platform {
        name: "x86_64-linux",
        os: "linux",
        arch: "x86_64",
        tags: &["manylinux_2_28_x86_64", "manylinux_2_25_x86_64", "manylinux_2_17_x86_64"],
        wheels: &[
            Wheel {
                requirement: "torch==2.13.0",
                file: "torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl",
                sha256: "60fcdcb2f3876e21146cb4524ef06397d727ca9ad5f020818547e25075fe3cb7",
                size: 526_574_961,
                take: &[
                    ("torch/include/", "include/"),
                    ("torch/lib/libc10.so", "lib/libc10.so"),
                    ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
                    ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
                ],
            },
            Wheel {
                requirement: "nvidia-cuda-runtime==13.0.96",
                file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
                sha256: "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
                size: 2_243_632,
                take: &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")],
            },
            Wheel {
                requirement: "nvidia-cuda-cupti==13.0.85",
                file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl",
                sha256: "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
                size: 10_715_597,
                take: &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")],
            },
        ],
        // The wheel's own libtorch.so requires the CUDA part.
        links: &[("lib/libtorch.so", "libtorch_cpu.so")],
        unpacked: 510_000_000,
    },
    Platform {
        name: "aarch64-linux",
        os: "linux",
        arch: "aarch64",
        tags: &["manylinux_2_28_aarch64", "manylinux_2_25_aarch64", "manylinux_2_17_aarch64"],
        wheels: &[
            Wheel {
                requirement: "torch==2.13.0",
                file: "torch-2.13.0-cp311-cp311-manylinux_2_28_aarch64.whl",
                sha256: "092790c696a760c729fd5722835f50b9d81fd7c8f141571f3f3cf4081a8f664c",
                size: 427_199_369,
                take: &[
                    ("torch/include/", "include/"),
                    ("torch/lib/libarm_compute.so", "lib/libarm_compute.so"),
                    ("torch/lib/libarm_compute_graph.so", "lib/libarm_compute_graph.so"),
                    ("torch/lib/libc10.so", "lib/libc10.so"),
                    ("torch/lib/libgfortran.so.5", "lib/libgfortran.so.5"),
                    ("torch/lib/libgomp.so.1", "lib/libgomp.so.1"),
                    ("torch/lib/libnvpl_blas_core.so.0", "lib/libnvpl_blas_core.so.0"),
                    ("torch/lib/libnvpl_blas_lp64_gomp.so.0", "lib/libnvpl_blas_lp64_gomp.so.0"),
                    ("torch/lib/libnvpl_lapack_core.so.0", "lib/libnvpl_lapack_core.so.0"),
                    ("torch/lib/libnvpl_lapack_lp64_gomp.so.0", "lib/libnvpl_lapack_lp64_gomp.so.0"),
                    ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so"),
                ],
            },
            Wheel {
                requirement: "nvidia-cuda-runtime==13.0.96",
                file: "nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
                sha256: "ef9bcbe90493a2b9d810e43d249adb3d02e98dd30200d86607d8d02687c43f55",
                size: 2_261_060,
                take: &[("nvidia/cu13/lib/libcudart.so.13", "lib/libcudart.so.13")],
            },
            Wheel {
                requirement: "nvidia-cuda-cupti==13.0.85",
                file: "nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_aarch64.whl",
                sha256: "796bd679890ee55fb14a94629b698b6db54bcfd833d391d5e94017dd9d7d3151",
                size: 10_310_827,
                take: &[("nvidia/cu13/lib/libcupti.so.13", "lib/libcupti.so.13")],
            },
        ],
        links: &[("lib/libtorch.so", "libtorch_cpu.so")],
        unpacked: 370_000_000,
    },
    Platform {
        name: "aarch64-macos",
        os: "macos",
        arch: "aarch64",
        tags: &["macosx_14_0_arm64"],
        wheels: &[Wheel {
            requirement: "torch==2.13.0",
            file: "torch-2.13.0-cp311-cp311-macosx_14_0_arm64.whl",
            sha256: "e76f9bcecc52b8ff711239a2f7547d5353df95878ab232f0773c1d95928b92f8",
            size: 111_187_938,
            take: &[
                ("torch/include/", "include/"),
                ("torch/lib/libc10.dylib", "lib/libc10.dylib"),
                ("torch/lib/libomp.dylib", "lib/libomp.dylib"),
                ("torch/lib/libtorch.dylib", "lib/libtorch.dylib"),
                ("torch/lib/libtorch_cpu.dylib", "lib/libtorch_cpu.dylib"),
            ],
        }],
        links: &[],
        unpacked: 400_000_000,
    },
    Platform {
        name: "x86_64-windows",
        os: "windows",
        arch: "x86_64",
        tags: &["win_amd64"],
        wheels: &[Wheel {
            requirement: "torch==2.13.0",
            file: "torch-2.13.0-cp311-cp311-win_amd64.whl",
            sha256: "a0d8b11f16a48d60e2015d8213aa0390744cbebb98e58b62b3514dddc656e330",
            size: 122_015_870,
            take: &[
                ("torch/include/", "include/"),
                ("torch/lib/c10.dll", "lib/c10.dll"),
                ("torch/lib/c10.lib", "lib/c10.lib"),
                ("torch/lib/libiomp5md.dll", "lib/libiomp5md.dll"),
                ("torch/lib/torch.dll", "lib/torch.dll"),
                ("torch/lib/torch.lib", "lib/torch.lib"),
                ("torch/lib/torch_cpu.dll", "lib/torch_cpu.dll"),
                ("torch/lib/torch_cpu.lib", "lib/torch_cpu.lib"),
                ("torch/lib/uv.dll", "lib/uv.dll"),
            ],
        }],
        links: &[],
        unpacked: 400_000_000,
    },
];
