//! The compared runtimes.

use serde::{Deserialize, Serialize};

/// A runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// This project's engine.
    Engine,
    /// ONNX Runtime.
    OnnxRuntime,
    /// OpenVINO in f32.
    OpenVino,
    /// LiteRT with XNNPACK.
    LiteRt,
    /// tract.
    Tract,
    /// rten.
    Rten,
}

/// A runtime and the form of the file that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contender {
    /// The runtime.
    pub runtime: Runtime,
    /// Whether a series is written as an image of height 1.
    pub as_image: bool,
}

impl Runtime {
    /// All peers, in the order of the page.
    pub const PEERS: [Self; 5] = [Self::OnnxRuntime, Self::OpenVino, Self::LiteRt, Self::Tract, Self::Rten];

    /// The name on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::OnnxRuntime => "ONNX Runtime",
            Self::OpenVino => "OpenVINO",
            Self::LiteRt => "LiteRT",
            Self::Tract => "tract",
            Self::Rten => "rten",
        }
    }

    /// Whether it runs in a process of this program instead of Python.
    pub(super) fn is_rust(self) -> bool {
        matches!(self, Self::Engine | Self::Rten)
    }
}

impl Contender {
    /// The engine.
    pub(super) const ENGINE: Self = Self { runtime: Runtime::Engine, as_image: false };

    /// All peers: for a series in both forms.
    pub(super) fn peers(is_series: bool) -> Vec<Self> {
        let mut contenders = Vec::new();
        for runtime in Runtime::PEERS {
            contenders.push(Self { runtime, as_image: false });
            if is_series {
                contenders.push(Self { runtime, as_image: true });
            }
        }
        contenders
    }

    /// The fastest peers in the form that is usually faster.
    pub(super) fn fastest_peers() -> Vec<Self> {
        let peers = [Runtime::OnnxRuntime, Runtime::OpenVino, Runtime::LiteRt];
        peers.map(|runtime| Self { runtime, as_image: true }).to_vec()
    }
}
