//! The optimizer: gradients to new weights, on flat tensors of the crate's own.
//!
//! tch's optimizers cannot save their state, and a network such as MobileOne has hundreds of
//! variables: here each step is a few operations on two groups, those that decay and those that do
//! not.

use std::collections::BTreeSet;

use graph::{Role, Weights};
use torch::Net;
use torch::tch::{Device, TchError, Tensor, no_grad};

use crate::flat::Flat;
use crate::{Config, Optimizer};

/// A net's variables with all that an optimizer remembers of them.
pub(crate) struct Learner {
    groups: Vec<Group>,
    /// Running statistics, which no gradient reaches.
    statistics: Flat,
    /// Averages of the groups' values, then of the statistics.
    averages: Option<Vec<Tensor>>,
    /// Steps taken.
    pub(crate) steps: u64,
}

/// Variables that are treated alike.
struct Group {
    flat: Flat,
    decays: bool,
    gradients: Tensor,
    /// The parts of `gradients`, one for each variable.
    parts: Vec<Tensor>,
    /// The gradient's average, or SGD's momentum.
    first: Tensor,
    /// The squared gradient's average.
    second: Option<Tensor>,
}

impl Learner {
    /// Lays out the variables of `net`.
    pub(crate) fn new(net: &Net, config: &Config) -> Result<Self, TchError> {
        let device = net.device();
        let kernels: BTreeSet<String> = (net.graph().parameters())
            .filter(|parameter| parameter.role == Role::Weight)
            .map(|parameter| parameter.name)
            .collect();
        let learns = |variable: &Tensor| variable.requires_grad();
        let (trained, fixed): (Vec<_>, Vec<_>) =
            net.variables().into_iter().partition(|(_, variable)| learns(variable));
        let (kernels, others): (Vec<_>, Vec<_>) =
            trained.into_iter().partition(|(name, _)| kernels.contains(name));
        no_grad(|| {
            let groups = [(kernels, true), (others, false)];
            let groups =
                groups.into_iter().map(|(variables, decays)| Group::new(variables, decays, device, config));
            let groups = groups.collect::<Result<Vec<_>, _>>()?;
            let statistics = Flat::new(fixed, device)?;
            let values = groups.iter().map(|group| &group.flat.values).chain([&statistics.values]);
            let averages = config.ema.map(|_| values.map(Tensor::copy).collect());
            Ok(Self { groups, statistics, averages, steps: 0 })
        })
    }

    /// Forgets the gradients.
    pub(crate) fn forget(&mut self) -> Result<(), TchError> {
        self.groups.iter_mut().try_for_each(|group| group.gradients.f_zero_().map(drop))
    }

    /// The norm of the gradients that backward passes have left, each the mean of `passes`.
    pub(crate) fn norm(&mut self, passes: u32) -> Result<f64, TchError> {
        no_grad(|| {
            let mut squares = 0.0;
            for group in &mut self.groups {
                group.gather()?;
                squares += group.gradients.f_dot(&group.gradients)?.f_double_value(&[])?;
            }
            Ok(squares.sqrt() / f64::from(passes))
        })
    }

    /// Takes a step along those gradients, of this norm.
    pub(crate) fn step(
        &mut self,
        rate: f64,
        passes: u32,
        norm: f64,
        config: &Config,
    ) -> Result<(), TchError> {
        no_grad(|| {
            let clipped = config.clip.map_or(1.0, |clip| (clip / (norm + 1e-6)).min(1.0));
            self.steps += 1;
            for group in &mut self.groups {
                group.scale(clipped / f64::from(passes))?;
                match config.optimizer {
                    Optimizer::AdamW => group.adamw(rate, self.steps, config)?,
                    Optimizer::Sgd => group.sgd(rate, config)?,
                }
            }
            self.average(config)
        })
    }

    /// Computes with the averages in the variables' place, if there are any.
    pub(crate) fn with_averages<T>(&self, compute: impl FnOnce() -> T) -> Result<T, TchError> {
        let Some(averages) = &self.averages else { return Ok(compute()) };
        let put = |sources: &[Tensor]| {
            no_grad(|| {
                self.values()
                    .zip(sources)
                    .try_for_each(|(values, source)| values.shallow_clone().f_copy_(source).map(drop))
            })
        };
        let own: Vec<Tensor> = self.values().map(Tensor::copy).collect();
        put(averages)?;
        let result = compute();
        put(&own)?;
        Ok(result)
    }

    /// Everything that is remembered, by name: `weights/…`, `first/…`, `second/…`, `average/…`.
    pub(crate) fn save(&self) -> Result<Weights, TchError> {
        let mut state = Weights::default();
        for group in &self.groups {
            group.flat.save(&group.flat.values, "weights/", &mut state)?;
            group.flat.save(&group.first, "first/", &mut state)?;
            if let Some(second) = &group.second {
                group.flat.save(second, "second/", &mut state)?;
            }
        }
        self.statistics.save(&self.statistics.values, "weights/", &mut state)?;
        for (flat, average) in self.flats().zip(self.averages.iter().flatten()) {
            flat.save(average, "average/", &mut state)?;
        }
        Ok(state)
    }

    /// Goes back to what [`Learner::save`] gave; the name of the first array that is missing or
    /// misshapen, if any is.
    pub(crate) fn load(&mut self, state: &Weights, steps: u64) -> Result<Option<String>, TchError> {
        no_grad(|| {
            for group in &self.groups {
                let moments = [(&group.flat.values, "weights/"), (&group.first, "first/")].into_iter();
                for (tensor, prefix) in moments.chain(group.second.iter().map(|second| (second, "second/"))) {
                    if let Some(name) = group.flat.load(tensor, prefix, state)? {
                        return Ok(Some(name));
                    }
                }
            }
            if let Some(name) = self.statistics.load(&self.statistics.values, "weights/", state)? {
                return Ok(Some(name));
            }
            for (flat, average) in self.flats().zip(self.averages.iter().flatten()) {
                if let Some(name) = flat.load(average, "average/", state)? {
                    return Ok(Some(name));
                }
            }
            self.steps = steps;
            Ok(None)
        })
    }

    fn flats(&self) -> impl Iterator<Item = &Flat> {
        self.groups.iter().map(|group| &group.flat).chain([&self.statistics])
    }

    fn values(&self) -> impl Iterator<Item = &Tensor> {
        self.flats().map(|flat| &flat.values)
    }

    /// Young averages follow faster: their decay is at most `(1 + steps) / (10 + steps)`.
    fn average(&mut self, config: &Config) -> Result<(), TchError> {
        let (Some(averages), Some(decay)) = (&self.averages, config.ema) else { return Ok(()) };
        let young = (1.0 + self.steps as f64) / (10.0 + self.steps as f64);
        for (average, values) in averages.iter().zip(self.values()) {
            let _ = average.shallow_clone().f_lerp_(values, 1.0 - decay.min(young))?;
        }
        Ok(())
    }
}

impl Group {
    fn new(
        variables: Vec<(String, Tensor)>,
        decays: bool,
        device: Device,
        config: &Config,
    ) -> Result<Self, TchError> {
        let flat = Flat::new(variables, device)?;
        let gradients = flat.zeros()?;
        let parts = flat.views(&gradients)?;
        let second = match config.optimizer {
            Optimizer::AdamW => Some(flat.zeros()?),
            Optimizer::Sgd => None,
        };
        Ok(Self { decays, parts, first: flat.zeros()?, second, gradients, flat })
    }

    /// Makes each variable's gradient a part of `gradients`: autograd makes the first ones itself,
    /// and adds to what is there from then on.
    fn gather(&mut self) -> Result<(), TchError> {
        for (variable, part) in self.flat.variables().zip(&self.parts) {
            let mut gradient = variable.f_grad()?;
            if gradient.defined() && gradient.data_ptr() != part.data_ptr() {
                part.shallow_clone().f_copy_(&gradient)?;
                gradient.f_set_data(part)?;
            }
        }
        Ok(())
    }

    fn scale(&mut self, scale: f64) -> Result<(), TchError> {
        if scale < 1.0 {
            let _ = self.gradients.f_mul_scalar_(scale)?;
        }
        Ok(())
    }

    fn adamw(&mut self, rate: f64, step: u64, config: &Config) -> Result<(), TchError> {
        let Some(second) = &mut self.second else { return Ok(()) };
        let [keep_first, keep_second] = config.betas;
        let corrected = |keep: f64| 1.0 - keep.powf(step as f64);
        let _ = self.first.f_lerp_(&self.gradients, 1.0 - keep_first)?;
        let square = self.gradients.f_square()?;
        let _ = second.f_lerp_(&square, 1.0 - keep_second)?;
        let mut size = second.f_div_scalar(corrected(keep_second))?;
        let size = size.f_sqrt_()?.f_add_scalar_(config.eps)?;
        if self.decays && config.weight_decay > 0.0 {
            let _ = self.flat.values.f_mul_scalar_(1.0 - rate * config.weight_decay)?;
        }
        let mut step = self.first.f_div(&size)?;
        let _ = self.flat.values.f_sub_(&step.f_mul_scalar_(rate / corrected(keep_first))?)?;
        Ok(())
    }

    fn sgd(&mut self, rate: f64, config: &Config) -> Result<(), TchError> {
        if self.decays && config.weight_decay > 0.0 {
            let _ = self.gradients.f_add_(&self.flat.values.f_mul_scalar(config.weight_decay)?)?;
        }
        let _ = self.first.f_mul_scalar_(config.momentum)?.f_add_(&self.gradients)?;
        let step = match config.nesterov {
            true => self.first.f_mul_scalar(config.momentum)?.f_add(&self.gradients)?,
            false => self.first.shallow_clone(),
        };
        let _ = self.flat.values.f_sub_(&step.f_mul_scalar(rate)?)?;
        Ok(())
    }
}
