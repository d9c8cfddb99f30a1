//! Norms.

use std::fmt;
use std::str::FromStr;

use graph::{BatchNorm, BuildError, GroupNorm, Scope, Value, quoted};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of normalization.
///
/// In a config, it is written as `batch`, `layer`, `instance`, `position` or `none`, or as `group(8)` with
/// the number of groups. Epsilon and momentum are separate, in [`Normalization`], because they depend on
/// the reference implementation that a model follows.
///
/// ```
/// use layers::Norm;
/// assert_eq!("group(8)".parse(), Ok(Norm::Group { groups: 8 }));
/// assert_eq!(Norm::Batch.to_string(), "batch");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Norm {
    /// Batch norm: normalizes each channel over samples and positions (Ioffe and Szegedy 2015,
    /// arXiv 1502.03167). It is the only norm that can be merged into a convolution.
    #[default]
    Batch,
    /// Layer norm: normalizes each position over its channels, as in ConvNeXt (Ba et al. 2016,
    /// arXiv 1607.06450). It does not depend on the length and is safe for causal models.
    Layer,
    /// Group norm: normalizes each group of channels over its channels and positions (Wu and He 2018,
    /// arXiv 1803.08494).
    Group {
        /// Number of groups, which must divide the number of channels.
        groups: usize,
    },
    /// Instance norm: normalizes each channel over its positions (Ulyanov et al. 2016, arXiv 1607.08022).
    /// It has a learned scale and shift, as in nnU-Net and MONAI (PyTorch's default has none).
    Instance,
    /// Position norm, SleepKit's "layer": normalizes each channel over its positions, with a scale and
    /// shift for each position. It binds a model to the input size it was built for.
    Position,
    /// No norm. Convolutions have a bias instead.
    None,
}

impl Norm {
    /// One norm of each kind.
    pub const ALL: [Self; 6] =
        [Self::Batch, Self::Layer, Self::Group { groups: 8 }, Self::Instance, Self::Position, Self::None];

    /// The name of the kind, without its parameter.
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

/// A norm with its epsilon and momentum.
///
/// ```
/// use layers::{Norm, Normalization};
/// let tf = Normalization { eps: 1e-3, ..Norm::Batch.into() };
/// assert_eq!(tf.momentum, 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// The kind of norm.
    pub kind: Norm,
    /// Epsilon that is added to the variance: 1e-5 in PyTorch, 1e-3 in Keras and in EfficientNet.
    pub eps: f64,
    /// Weight of the current batch in a batch norm's running statistics (PyTorch's convention).
    pub momentum: f64,
}

impl Normalization {
    /// Batch norm with Keras's defaults: eps 1e-3 and momentum 0.01, which Keras writes as 0.99.
    pub const KERAS: Self = Self { kind: Norm::Batch, eps: 1e-3, momentum: 0.01 };
}

impl Default for Normalization {
    /// Batch norm with PyTorch's defaults: eps 1e-5 and momentum 0.1.
    fn default() -> Self {
        Norm::Batch.into()
    }
}

impl From<Norm> for Normalization {
    /// A norm of this kind with PyTorch's defaults: eps 1e-5 and momentum 0.1.
    fn from(kind: Norm) -> Self {
        Self { kind, eps: 1e-5, momentum: 0.1 }
    }
}

/// Adds a norm called `name`, for any shape; a position norm requires a series or an image. Returns `x`
/// unchanged for [`Norm::None`].
///
/// # Errors
/// If the groups do not divide the channels, or if the epsilon or momentum is out of range.
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
            let known = Self::ALL.map(Self::name).join(", ");
            return Err(format!("expected a norm, found {}; known norms: {known}", quoted(text)));
        };
        match (found, parameter) {
            (Self::Group { .. }, Some(number)) => match number.trim().parse() {
                Ok(groups) if groups > 0 => Ok(Self::Group { groups }),
                _ => Err(format!(
                    "expected a positive number of groups, such as `group(8)`, found {}",
                    quoted(text)
                )),
            },
            (Self::Group { .. }, None) => {
                Err(format!("expected a number of groups, such as `group(8)`, found {}", quoted(text)))
            }
            (found, None) => Ok(found),
            (_, Some(_)) => Err(format!("expected `{name}`, which has no parameter, found {}", quoted(text))),
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
