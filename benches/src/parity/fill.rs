//! The fill rule: every tensor is a function of its name.

use std::num::NonZero;
use std::thread;

use anyhow::{Context, Result, bail};
use graph::{Array, Noise, single};
use serde::Deserialize;

/// What a tensor is for, and so how it is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Role {
    /// Weight of a convolution or linear layer, with its fan-in.
    Weight(u32),
    /// Scale of a norm, length of a weight norm.
    Scale,
    /// Bias.
    Bias,
    /// Running mean.
    Mean,
    /// Running variance.
    Variance,
    /// Counter or streaming state, which no model here has.
    Bookkeeping,
    /// The model's input.
    Input,
}

impl TryFrom<String> for Role {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        Ok(match text.as_str() {
            "s" => Self::Scale,
            "b" => Self::Bias,
            "m" => Self::Mean,
            "v" => Self::Variance,
            "c" | "z" => Self::Bookkeeping,
            "x" => Self::Input,
            _ => match text.strip_prefix('w').and_then(|fan_in| fan_in.parse().ok()) {
                Some(fan_in) if fan_in > 0 => Self::Weight(fan_in),
                _ => bail!("`{text}` is no role; s, b, m, v, c, z or w with a fan-in is needed"),
            },
        })
    }
}

/// A case's choice of scales.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Fill {
    /// Factor of weights.
    pub weight_gain: f64,
    /// Factor of norms' scales.
    pub norm_gain: f64,
    /// Stands before every name but the input's.
    pub salt: String,
}

impl Default for Fill {
    fn default() -> Self {
        Self { weight_gain: 1.0, norm_gain: 1.0, salt: String::new() }
    }
}

impl Fill {
    /// The tensor that the reference calls `name`, in the reference's own shape.
    ///
    /// # Errors
    /// A shape with more elements than can be counted.
    pub fn array(&self, name: &str, shape: &[usize], role: Role) -> Result<Array> {
        let noise = match role {
            Role::Input => Noise::of(name),
            _ => Noise::of(&format!("{}{name}", self.salt)),
        };
        // Parentheses as in the rule: the product of gains is rounded before it meets the noise.
        match role {
            Role::Weight(fan_in) => {
                let gain = self.weight_gain * (3.0 / f64::from(fan_in)).sqrt();
                filled(shape, move |i| (2.0 * noise.uniform(i) - 1.0) * gain)
            }
            Role::Scale => {
                let gain = self.norm_gain;
                filled(shape, move |i| (0.75 + 0.5 * noise.uniform(i)) * gain)
            }
            Role::Bias | Role::Mean => filled(shape, move |i| 0.2 * noise.uniform(i) - 0.1),
            Role::Variance => filled(shape, move |i| 0.75 + 0.5 * noise.uniform(i)),
            Role::Bookkeeping => filled(shape, |_| 0.0),
            Role::Input => filled(shape, move |i| 2.0 * noise.uniform(i) - 1.0),
        }
    }
}

/// The array whose element `i` is `value(i)`, on all cores: the largest nets have tens of millions.
fn filled(shape: &[usize], value: impl Fn(u64) -> f64 + Sync) -> Result<Array> {
    const WORTH_A_THREAD: usize = 1 << 16;
    let elements = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
    let elements = elements.with_context(|| format!("a tensor of shape {shape:?} is too large"))?;
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = elements.div_ceil(threads).max(WORTH_A_THREAD);
    let mut data = vec![0.0; elements];
    thread::scope(|scope| {
        for (part, chunk) in data.chunks_mut(share).enumerate() {
            let (value, first) = (&value, part * share);
            let mut fill = move || {
                chunk.iter_mut().enumerate().for_each(|(i, x)| *x = single(value((first + i) as u64)));
            };
            if elements <= share { fill() } else { drop(scope.spawn(fill)) }
        }
    });
    Array::new(shape, data).context("a filled tensor has as many values as its shape says")
}

/// A test vector of the rule, from `fill_vectors.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct FillVector {
    name: String,
    shape: Vec<usize>,
    role: Role,
    /// The first values' bits, in hexadecimal.
    first_bits: Vec<String>,
}

impl FillVector {
    /// The first value that differs in any bit.
    ///
    /// # Errors
    /// Names the tensor, the element and both bit patterns.
    pub fn check(&self) -> Result<()> {
        let array = Fill::default().array(&self.name, &self.shape, self.role)?;
        if array.data().len() < self.first_bits.len() {
            bail!("`{}`: {} values, {} needed", self.name, array.data().len(), self.first_bits.len());
        }
        for (i, (value, needed)) in array.data().iter().zip(&self.first_bits).enumerate() {
            let found = format!("{:08x}", value.to_bits());
            if found != *needed {
                bail!("`{}`: element {i} has bits {found}, {needed} needed", self.name);
            }
        }
        Ok(())
    }
}
