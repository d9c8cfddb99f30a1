//! The fill rule: every tensor is a function of its name.

use std::num::NonZero;
use std::thread;

use anyhow::{Context, Result, bail};
use graph::{Array, Noise, single};
use serde::Deserialize;

/// The role of a tensor, which determines how it is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum FillRole {
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
    /// Counter or streaming state; the models of this project have neither.
    Bookkeeping,
    /// The model's input.
    Input,
}

impl TryFrom<String> for FillRole {
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
                _ => bail!(
                    "role: expected `s`, `b`, `m`, `v`, `c`, `z`, or `w` and a fan-in, found `{text:.60}`"
                ),
            },
        })
    }
}

/// Scales of the weights of a case.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default)]
pub struct Fill {
    /// Factor of all weights.
    pub weight_gain: f64,
    /// Factor of the scales of all norms.
    pub norm_gain: f64,
    /// Prefix of the hashed names of all tensors except the input.
    pub salt: String,
}

impl Default for Fill {
    fn default() -> Self {
        Self { weight_gain: 1.0, norm_gain: 1.0, salt: String::new() }
    }
}

impl Fill {
    /// Fills the tensor that the reference calls `name`, in the reference's own shape.
    ///
    /// # Errors
    /// If the number of elements overflows.
    pub fn array(&self, name: &str, shape: &[usize], role: FillRole) -> Result<Array> {
        let noise = match role {
            FillRole::Input => Noise::of(name),
            _ => Noise::of(&format!("{}{name}", self.salt)),
        };
        // Parentheses as in the rule: the product of the gains is rounded before the noise is multiplied.
        match role {
            FillRole::Weight(fan_in) => {
                let gain = self.weight_gain * (3.0 / f64::from(fan_in)).sqrt();
                filled(shape, move |i| (2.0 * noise.uniform(i) - 1.0) * gain)
            }
            FillRole::Scale => {
                let gain = self.norm_gain;
                filled(shape, move |i| (0.75 + 0.5 * noise.uniform(i)) * gain)
            }
            FillRole::Bias | FillRole::Mean => filled(shape, move |i| 0.2 * noise.uniform(i) - 0.1),
            FillRole::Variance => filled(shape, move |i| 0.75 + 0.5 * noise.uniform(i)),
            FillRole::Bookkeeping => filled(shape, |_| 0.0),
            FillRole::Input => filled(shape, move |i| 2.0 * noise.uniform(i) - 1.0),
        }
    }
}

/// Returns the array whose element `i` is `value(i)`. Uses all cores, because the largest networks have
/// tens of millions of elements.
fn filled(shape: &[usize], value: impl Fn(u64) -> f64 + Sync) -> Result<Array> {
    const ELEMENTS_PER_THREAD: usize = 1 << 16;
    let elements = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
    let elements = elements.with_context(|| format!("the tensor of shape {shape:?} is too large"))?;
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = elements.div_ceil(threads).max(ELEMENTS_PER_THREAD);
    let mut data = vec![0.0; elements];
    thread::scope(|scope| {
        for (part, chunk) in data.chunks_mut(share).enumerate() {
            let (value, first) = (&value, part * share);
            let mut fill = move || {
                for (i, element) in chunk.iter_mut().enumerate() {
                    *element = single(value((first + i) as u64));
                }
            };
            if elements <= share { fill() } else { drop(scope.spawn(fill)) }
        }
    });
    Array::new(shape, data).context("the number of values does not match the shape")
}

/// A test vector of the rule, from `fill_vectors.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct FillVector {
    name: String,
    shape: Vec<usize>,
    role: FillRole,
    /// Bits of the first values, in hexadecimal.
    first_bits: Vec<String>,
}

impl FillVector {
    /// Checks that the first values are equal to the bit.
    ///
    /// # Errors
    /// The first value that differs; names the tensor, the element and both bit patterns.
    pub fn check(&self) -> Result<()> {
        let array = Fill::default().array(&self.name, &self.shape, self.role)?;
        if array.data().len() < self.first_bits.len() {
            let (expected, found) = (self.first_bits.len(), array.data().len());
            bail!("`{}`: expected at least {expected} values, found {found}", self.name);
        }
        for (i, (value, expected)) in array.data().iter().zip(&self.first_bits).enumerate() {
            let found = format!("{:08x}", value.to_bits());
            if found != *expected {
                bail!("`{}`: element {i}: expected bits {expected}, found {found}", self.name);
            }
        }
        Ok(())
    }
}
