//! The interpreter of trained networks, and its options.

use clap::{Args, ValueEnum};
use engine::{Engine, Options};
use graph::Forward;
use model::Model;
#[cfg(feature = "torch")]
use predict::MAX_BATCH;
use predict::Predictor;
#[cfg(feature = "torch")]
use torch::tch::Device;

use crate::failure::Failure;

/// The interpreter of a trained network.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Backend {
    /// Interpreter of the network [default: engine, or torch if --device is a GPU]
    #[arg(long = "with", value_name = "INTERPRETER", value_enum)]
    interpreter: Option<Interpreter>,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    pub(crate) device: Device,
    /// Number of threads [default: 1; with torch, libtorch's choice for large networks]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// Interpreters of trained networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Interpreter {
    /// The engine of this project, on the CPU
    Engine,
    /// libtorch, on the CPU or a GPU
    Torch,
}

/// The form of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As stored in the file.
    Stored,
    /// With norms and branches folded into convolutions.
    Merged,
}

impl Backend {
    /// The interpreter that measures a model trained on a device.
    #[cfg(feature = "torch")]
    pub(crate) fn of_training(device: Device, threads: Option<i32>) -> Self {
        Self { interpreter: None, device, threads: threads.and_then(|threads| threads.try_into().ok()) }
    }

    /// A predictor of a model.
    pub(crate) fn predictor(&self, model: &Model, form: Form) -> Result<Predictor, Failure> {
        match self.interpreter()? {
            Interpreter::Engine => Ok(Predictor::with_engine(model, self.engine(model, form)?)),
            Interpreter::Torch => Ok(Predictor::with_interpreter(model, self.net(model, form)?)),
        }
    }

    /// An interpreter of a model's graph.
    pub(crate) fn forward(&self, model: &Model, form: Form) -> Result<Box<dyn Forward>, Failure> {
        match self.interpreter()? {
            Interpreter::Engine => Ok(Box::new(self.engine(model, form)?)),
            Interpreter::Torch => self.net(model, form),
        }
    }

    fn interpreter(&self) -> Result<Interpreter, Failure> {
        match (self.interpreter, self.device) {
            (None | Some(Interpreter::Engine), Device::Cpu) => Ok(Interpreter::Engine),
            #[cfg(feature = "torch")]
            (Some(Interpreter::Engine), _) => {
                let message = "--with engine: the engine runs on the CPU; omit --device or use --with torch";
                Err(Failure::usage(message))
            }
            #[cfg(feature = "torch")]
            (Some(Interpreter::Torch), _) | (None, _) => Ok(Interpreter::Torch),
            #[cfg(not(feature = "torch"))]
            (Some(Interpreter::Torch), _) => {
                Err(Failure::usage(format!("--with torch: {NO_LIBTORCH}; omit the option to use the engine")))
            }
        }
    }

    fn engine(&self, model: &Model, form: Form) -> Result<Engine, Failure> {
        let threads = self.threads.map_or(1, usize::from);
        let options = Options { merge: form == Form::Merged, threads, ..Options::default() };
        Engine::new(model, options).map_err(Failure::input)
    }

    #[cfg(feature = "torch")]
    fn net(&self, model: &Model, form: Form) -> Result<Box<dyn Forward>, Failure> {
        use torch::{Net, tch};

        if let Some(threads) = self.threads {
            tch::set_num_threads(threads.into());
        } else if torch::suits_one_thread(&model.graph, MAX_BATCH)? {
            tch::set_num_threads(1);
        }
        let store = tch::nn::VarStore::new(self.device);
        let net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights)?;
        Ok(Box::new(if form == Form::Merged { net.merged()?.net } else { net }))
    }

    #[cfg(not(feature = "torch"))]
    fn net(&self, _: &Model, _: Form) -> Result<Box<dyn Forward>, Failure> {
        Err(Failure::usage(NO_LIBTORCH))
    }
}

/// Reads `cpu`, `cuda` or `cuda:1`.
#[cfg(feature = "torch")]
pub(crate) fn device(text: &str) -> Result<Device, String> {
    torch::device(text).map_err(|error| match error {
        torch::TorchError::Device(reason) => reason,
        other => other.to_string(),
    })
}

#[cfg(not(feature = "torch"))]
pub(crate) const NO_LIBTORCH: &str = "this program was built without libtorch";

/// The device of a program without libtorch.
#[cfg(not(feature = "torch"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Device {
    Cpu,
}

/// Reads `cpu`.
#[cfg(not(feature = "torch"))]
pub(crate) fn device(text: &str) -> Result<Device, String> {
    match text {
        "cpu" => Ok(Device::Cpu),
        _ => Err(format!("expected cpu, found {}; {NO_LIBTORCH}", graph::quoted(text))),
    }
}
