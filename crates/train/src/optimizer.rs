//! The optimizer: from gradients to new weights, on flat tensors.
//!
//! tch's optimizers cannot save their state, and a network such as MobileOne has hundreds of
//! variables. Here each step is a few operations on two groups: the variables that decay and those
//! that do not.

use std::collections::BTreeSet;

use graph::{Role, Weights};
use torch::Net;
use torch::tch::{self, Device, TchError, Tensor, no_grad};

use crate::parameter_buffer::ParameterBuffer;
use crate::{AdamW, Communicator, Config, OptimizerConfig, Sgd};

/// Numbers of one thread that stay in its cache while several operations compute with them.
const IN_CACHE: i64 = 1 << 15;

/// Numbers that a rank adds up at once: few enough to stay in a cache, and enough for a network to be fast.
const ADDED_AT_ONCE: i64 = 1 << 17;

/// A net's variables with the optimizer's state.
pub(crate) struct Optimizer {
    groups: Vec<Group>,
    /// Running statistics, which have no gradients.
    statistics: ParameterBuffer,
    /// Moving averages of the groups' values, then of the statistics.
    averages: Option<Vec<Tensor>>,
    /// Steps taken.
    pub(crate) steps: u64,
}

/// Variables with equal weight decay.
struct Group {
    buffer: ParameterBuffer,
    decays: bool,
    gradients: Tensor,
    /// Views of `gradients`, one for each variable.
    gradient_views: Vec<Tensor>,
    /// Average of the gradient, or SGD's momentum.
    first: Tensor,
    /// Average of the squared gradient, in AdamW.
    second: Option<Tensor>,
}

impl Optimizer {
    /// Lays out the variables of `net`.
    pub(crate) fn new(net: &Net, config: &Config) -> Result<Self, TchError> {
        let device = net.device();
        let kernels: BTreeSet<String> = (net.graph().parameters())
            .filter(|parameter| parameter.role == Role::Weight)
            .map(|parameter| parameter.name)
            .collect();
        let (trained, fixed): (Vec<_>, Vec<_>) =
            net.variables().into_iter().partition(|(_, variable)| variable.requires_grad());
        let (kernels, others): (Vec<_>, Vec<_>) =
            trained.into_iter().partition(|(name, _)| kernels.contains(name));
        no_grad(|| {
            let groups =
                vec![Group::new(kernels, true, device, config)?, Group::new(others, false, device, config)?];
            let statistics = ParameterBuffer::new(fixed, device)?;
            let values = groups.iter().map(|group| &group.buffer.values).chain([&statistics.values]);
            let averages = config.ema.map(|_| values.map(Tensor::copy).collect());
            Ok(Self { groups, statistics, averages, steps: 0 })
        })
    }

    /// Sets the gradients to zero.
    pub(crate) fn zero_grad(&mut self) -> Result<(), TchError> {
        for group in &mut self.groups {
            let _ = group.gradients.f_zero_()?;
        }
        Ok(())
    }

    /// Makes the gradients of the last backward passes those that are summed, measured and applied.
    pub(crate) fn gather(&mut self) -> Result<(), TchError> {
        no_grad(|| self.groups.iter_mut().try_for_each(Group::gather))
    }

    /// Replaces the gradients by their sum over all ranks, and the running statistics by their mean, so that all ranks
    /// take the same step.
    pub(crate) fn sum_over_ranks(&mut self, communicator: &dyn Communicator) -> Result<(), TchError> {
        if communicator.size() == 1 {
            return Ok(());
        }
        no_grad(|| {
            let mut statistics = self.statistics.values.shallow_clone();
            let tensors = self.groups.iter().map(|group| &group.gradients).chain([&statistics]);
            for parts in chunks(tensors, ADDED_AT_ONCE * communicator.size() as i64)? {
                let mut values = flat_values(&parts)?;
                communicator.sum(&mut values);
                set_flat_values(&parts, &values)?;
            }
            let _ = statistics.f_div_scalar_(communicator.size() as f64)?;
            Ok(())
        })
    }

    /// Norm of the gradients that `passes` backward passes have summed up, divided by `passes`.
    pub(crate) fn grad_norm(&self, passes: u32) -> Result<f64, TchError> {
        no_grad(|| {
            let mut squares = 0.0;
            for group in &self.groups {
                squares += group.gradients.f_dot(&group.gradients)?.f_double_value(&[])?;
            }
            Ok(squares.sqrt() / f64::from(passes))
        })
    }

    /// Takes a step along the gradients of `passes` backward passes, whose [`Self::grad_norm`] is
    /// `norm`.
    pub(crate) fn step(
        &mut self,
        rate: f64,
        passes: u32,
        norm: f64,
        config: &Config,
    ) -> Result<(), TchError> {
        no_grad(|| {
            let clipped = config.clip_norm.map_or(1.0, |largest| (largest / (norm + 1e-6)).min(1.0));
            self.steps += 1;
            for group in &self.groups {
                for mut part in group.parts()? {
                    part.scale(clipped / f64::from(passes))?;
                    match &config.optimizer {
                        OptimizerConfig::AdamW(adamw) => {
                            part.adamw(rate, config.weight_decay, self.steps, adamw)?;
                        }
                        OptimizerConfig::Sgd(sgd) => part.sgd(rate, config.weight_decay, sgd)?,
                    }
                }
            }
            self.average(config.ema)
        })
    }

    /// Computes with the averages in place of the variables, if there are averages.
    pub(crate) fn with_averages<T>(&self, compute: impl FnOnce() -> T) -> Result<T, TchError> {
        let Some(averages) = &self.averages else { return Ok(compute()) };
        let current: Vec<Tensor> = self.values().map(Tensor::copy).collect();
        self.set_values(averages)?;
        let result = compute();
        self.set_values(&current)?;
        Ok(result)
    }

    fn set_values(&self, sources: &[Tensor]) -> Result<(), TchError> {
        no_grad(|| {
            for (values, source) in self.values().zip(sources) {
                values.shallow_clone().f_copy_(source)?;
            }
            Ok(())
        })
    }

    /// The whole state by name: `weights/…`, `first/…`, `second/…`, `average/…`.
    pub(crate) fn save(&self) -> Result<Weights, TchError> {
        let mut state = Weights::default();
        for group in &self.groups {
            group.buffer.save(&group.buffer.values, "weights/", &mut state)?;
            group.buffer.save(&group.first, "first/", &mut state)?;
            if let Some(second) = &group.second {
                group.buffer.save(second, "second/", &mut state)?;
            }
        }
        self.statistics.save(&self.statistics.values, "weights/", &mut state)?;
        for (buffer, average) in self.buffers().zip(self.averages.iter().flatten()) {
            buffer.save(average, "average/", &mut state)?;
        }
        Ok(state)
    }

    /// Restores a state of [`Optimizer::save`]. Returns the name of the first array that is missing or
    /// misshapen, if any.
    pub(crate) fn load(&mut self, state: &Weights, steps: u64) -> Result<Option<String>, TchError> {
        no_grad(|| {
            for group in &self.groups {
                let mut tensors = vec![(&group.buffer.values, "weights/"), (&group.first, "first/")];
                if let Some(second) = &group.second {
                    tensors.push((second, "second/"));
                }
                for (tensor, prefix) in tensors {
                    if let Some(name) = group.buffer.load(tensor, prefix, state)? {
                        return Ok(Some(name));
                    }
                }
            }
            if let Some(name) = self.statistics.load(&self.statistics.values, "weights/", state)? {
                return Ok(Some(name));
            }
            for (buffer, average) in self.buffers().zip(self.averages.iter().flatten()) {
                if let Some(name) = buffer.load(average, "average/", state)? {
                    return Ok(Some(name));
                }
            }
            self.steps = steps;
            Ok(None)
        })
    }

    fn buffers(&self) -> impl Iterator<Item = &ParameterBuffer> {
        self.groups.iter().map(|group| &group.buffer).chain([&self.statistics])
    }

    fn values(&self) -> impl Iterator<Item = &Tensor> {
        self.buffers().map(|buffer| &buffer.values)
    }

    /// Updates the moving averages. The first ones follow faster: their decay is at most
    /// `(1 + steps) / (10 + steps)`.
    fn average(&mut self, decay: Option<f64>) -> Result<(), TchError> {
        let (Some(averages), Some(decay)) = (&self.averages, decay) else { return Ok(()) };
        let young = (1.0 + self.steps as f64) / (10.0 + self.steps as f64);
        for (average, values) in averages.iter().zip(self.values()) {
            let _ = average.shallow_clone().f_lerp_(values, 1.0 - decay.min(young))?;
        }
        Ok(())
    }
}

/// Views of all values of some tensors, one tensor after the other, in chunks of this many values.
fn chunks<'t>(tensors: impl Iterator<Item = &'t Tensor>, at_once: i64) -> Result<Vec<Vec<Tensor>>, TchError> {
    let mut chunks = vec![Vec::new()];
    let mut room = at_once;
    for tensor in tensors {
        let (mut start, end) = (0, tensor.size()[0]);
        while start < end {
            if room == 0 {
                chunks.push(Vec::new());
                room = at_once;
            }
            let length = room.min(end - start);
            chunks.last_mut().expect("there is one").push(tensor.f_narrow(0, start, length)?);
            start += length;
            room -= length;
        }
    }
    Ok(chunks)
}

/// All values of some tensors, one tensor after the other.
fn flat_values(tensors: &[Tensor]) -> Result<Vec<f32>, TchError> {
    let mut values = Vec::new();
    for tensor in tensors {
        let tensor = tensor.f_to_device(Device::Cpu)?;
        let (start, length) = (values.len(), tensor.numel());
        values.resize(start + length, 0.0);
        tensor.f_copy_data(&mut values[start..], length)?;
    }
    Ok(values)
}

/// Sets all values of some tensors, as [`flat_values`] returns them.
fn set_flat_values(tensors: &[Tensor], values: &[f32]) -> Result<(), TchError> {
    let mut rest = values;
    for tensor in tensors {
        let (own, others) = rest.split_at(tensor.numel());
        tensor.shallow_clone().f_copy_(&Tensor::f_from_slice(own)?)?;
        rest = others;
    }
    Ok(())
}

impl Group {
    fn new(
        variables: Vec<(String, Tensor)>,
        decays: bool,
        device: Device,
        config: &Config,
    ) -> Result<Self, TchError> {
        let buffer = ParameterBuffer::new(variables, device)?;
        let gradients = buffer.zeros()?;
        let gradient_views = buffer.views(&gradients)?;
        let first = buffer.zeros()?;
        let second = match config.optimizer {
            OptimizerConfig::AdamW(_) => Some(buffer.zeros()?),
            OptimizerConfig::Sgd(_) => None,
        };
        Ok(Self { buffer, decays, gradients, gradient_views, first, second })
    }

    /// Makes each variable's gradient a view of `gradients`. Autograd allocates the first gradients
    /// itself and adds to the existing ones afterwards.
    fn gather(&mut self) -> Result<(), TchError> {
        for (variable, view) in self.buffer.variables().zip(&self.gradient_views) {
            let mut gradient = variable.f_grad()?;
            if gradient.defined() && gradient.data_ptr() != view.data_ptr() {
                view.shallow_clone().f_copy_(&gradient)?;
                gradient.f_set_data(view)?;
            }
        }
        Ok(())
    }

    /// Parts of the values and of the state that stay in a cache while a step computes with them: on a CPU, a step is
    /// as fast as memory, and most of its operations then need none.
    fn parts(&self) -> Result<Vec<Part>, TchError> {
        let length = self.gradients.size()[0];
        let at_once = if self.gradients.device() == Device::Cpu {
            IN_CACHE * i64::from(tch::get_num_threads())
        } else {
            length.max(1)
        };
        let mut parts = Vec::new();
        for start in (0..length).step_by(usize::try_from(at_once).expect("a positive number")) {
            let part = |tensor: &Tensor| tensor.f_narrow(0, start, at_once.min(length - start));
            parts.push(Part {
                values: part(&self.buffer.values)?,
                gradients: part(&self.gradients)?,
                first: part(&self.first)?,
                second: self.second.as_ref().map(part).transpose()?,
                decays: self.decays,
            });
        }
        Ok(parts)
    }
}

/// A part of a group.
struct Part {
    values: Tensor,
    gradients: Tensor,
    first: Tensor,
    second: Option<Tensor>,
    decays: bool,
}

impl Part {
    fn scale(&mut self, scale: f64) -> Result<(), TchError> {
        if scale < 1.0 {
            let _ = self.gradients.f_mul_scalar_(scale)?;
        }
        Ok(())
    }

    fn adamw(&mut self, rate: f64, weight_decay: f64, step: u64, settings: &AdamW) -> Result<(), TchError> {
        let Some(second) = &mut self.second else { return Ok(()) };
        let [keep_first, keep_second] = settings.betas;
        let corrected = |keep: f64| 1.0 - keep.powf(step as f64);
        let _ = self.first.f_lerp_(&self.gradients, 1.0 - keep_first)?;
        let square = self.gradients.f_square()?;
        let _ = second.f_lerp_(&square, 1.0 - keep_second)?;
        let mut size = second.f_div_scalar(corrected(keep_second))?;
        let size = size.f_sqrt_()?.f_add_scalar_(settings.eps)?;
        if self.decays && weight_decay > 0.0 {
            let _ = self.values.f_mul_scalar_(1.0 - rate * weight_decay)?;
        }
        let mut step = self.first.f_div(&size)?;
        let _ = self.values.f_sub_(&step.f_mul_scalar_(rate / corrected(keep_first))?)?;
        Ok(())
    }

    fn sgd(&mut self, rate: f64, weight_decay: f64, settings: &Sgd) -> Result<(), TchError> {
        if self.decays && weight_decay > 0.0 {
            let _ = self.gradients.f_add_(&self.values.f_mul_scalar(weight_decay)?)?;
        }
        let _ = self.first.f_mul_scalar_(settings.momentum)?.f_add_(&self.gradients)?;
        let step = if settings.nesterov {
            self.first.f_mul_scalar(settings.momentum)?.f_add(&self.gradients)?
        } else {
            self.first.shallow_clone()
        };
        let _ = self.values.f_sub_(&step.f_mul_scalar(rate)?)?;
        Ok(())
    }
}
