//! Normalization by name.

use std::fmt;
use std::str::FromStr;

use graph::{BatchNorm, BuildError, GroupNorm, Scope, Value};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of normalization.
///
/// Written and read by name, `batch`, `layer`, `instance`, `position`, `none`, or with its
/// parameter, `group(8)`. Epsilon and momentum stand beside it, in [`Normalization`]: they are
/// those of the reference that a model follows.
///
/// ```
/// use layers::Norm;
/// assert_eq!("group(8)".parse(), Ok(Norm::Group { groups: 8 }));
/// assert_eq!(Norm::Batch.to_string(), "batch");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Norm {
    /// Over samples and positions per channel (Ioffe and Szegedy 2015, arXiv 1502.03167). The only
    /// one that merges into a convolution.
    #[default]
    Batch,
    /// Over channels at each position (Ba et al. 2016, arXiv 1607.06450), as in ConvNeXt: free of
    /// length, safe for causal models.
    Layer,
    /// Over positions and the channels of each group (Wu and He 2018, arXiv 1803.08494).
    Group {
        /// Groups; must divide the channels.
        groups: usize,
    },
    /// Over positions per channel (Ulyanov et al. 2016, arXiv 1607.08022), with learned scale and
    /// shift, as nnU-Net and MONAI use it (torch's default has none).
    Instance,
    /// SleepKit's "layer": over positions per channel, with scale and shift per position. Binds a
    /// model to the size it was built for.
    Position,
    /// None at all; convolutions have a bias instead.
    None,
}

impl Norm {
    /// One of each kind.
    pub const ALL: [Self; 6] =
        [Self::Batch, Self::Layer, Self::Group { groups: 8 }, Self::Instance, Self::Position, Self::None];

    /// The kind's name, without its parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Layer => "layer",
            Self::Group { .. } => "group",
            Self::Instance => "instance",
            Self::Position => "position",
            Self::None => "none",
        }
    }
}

/// A kind of normalization with its numbers.
///
/// ```
/// use layers::{Norm, Normalization};
/// let tf = Normalization { eps: 1e-3, ..Norm::Batch.into() };
/// assert_eq!(tf.momentum, 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// The kind.
    pub kind: Norm,
    /// Added to the variance: 1e-5 in torch, 1e-3 in Keras and in EfficientNet.
    pub eps: f64,
    /// Weight of the new batch in a batch norm's running statistics (torch's convention).
    pub momentum: f64,
}

impl Normalization {
    /// Batch norm with Keras's defaults: eps 1e-3, momentum 0.01 (Keras's 0.99).
    pub const KERAS: Self = Self { kind: Norm::Batch, eps: 1e-3, momentum: 0.01 };
}

impl Default for Normalization {
    /// Batch norm with torch's defaults: eps 1e-5, momentum 0.1.
    fn default() -> Self {
        Norm::Batch.into()
    }
}

impl From<Norm> for Normalization {
    /// With torch's defaults: eps 1e-5, momentum 0.1.
    fn from(kind: Norm) -> Self {
        Self { kind, eps: 1e-5, momentum: 0.1 }
    }
}

/// Normalization called `name`; `x` itself for [`Norm::None`]. Any shape; position norm needs a
/// series or an image.
///
/// # Errors
/// When groups do not divide the channels, or eps or momentum are out of range.
pub fn norm(g: Scope<'_>, name: &str, x: Value, norm: impl Into<Normalization>) -> Result<Value, BuildError> {
    let Normalization { kind, eps, momentum } = norm.into();
    match kind {
        Norm::Batch => g.batch_norm(name, x, BatchNorm { eps, momentum, affine: true }),
        Norm::Layer => g.layer_norm(name, x, eps),
        Norm::Group { groups } => g.group_norm(name, x, GroupNorm { groups, eps, affine: true }),
        Norm::Instance => g.group_norm(name, x, GroupNorm { groups: g.channels(x), eps, affine: true }),
        Norm::Position => g.position_norm(name, x, eps),
        Norm::None => Ok(x),
    }
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Self::Group { groups } = self { write!(f, "({groups})") } else { Ok(()) }
    }
}

impl FromStr for Norm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, parameter) = match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, number)) => (name, Some(number)),
            None => (text, None),
        };
        let Some(found) = Self::ALL.into_iter().find(|norm| norm.name() == name) else {
            let known: Vec<_> = Self::ALL.iter().map(|norm| norm.name()).collect();
            return Err(format!("unknown norm `{text}`; known are {}", known.join(", ")));
        };
        match (found, parameter) {
            (Self::Group { .. }, number) => {
                let groups =
                    number.and_then(|number| number.trim().parse().ok()).filter(|&groups| groups > 0);
                let groups =
                    groups.ok_or_else(|| format!("`{text}` needs a number of groups, as `group(8)`"))?;
                Ok(Self::Group { groups })
            }
            (found, None) => Ok(found),
            (_, Some(_)) => Err(format!("`{text}`: {name} takes no parameter")),
        }
    }
}

impl Serialize for Norm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Norm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
