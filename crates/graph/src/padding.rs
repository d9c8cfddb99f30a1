//! Zero padding around a convolution's or pooling's input.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Extent;

/// Padding of a convolution's or pooling's input.
///
/// No variant holds a number derived from the input's size: `Same` is resolved by
/// [`Window::pads`] for each size anew.
///
/// A config gives a name, `same`; a number or list for both sides, `3` or `[0, 3]`; or
/// both sides apart, `{ before: 2, after: 1 }`. For a series `[0, p]` is read as `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Padding {
    /// Output length `ceil(n / stride)`, as TensorFlow: the smaller half of the padding first.
    Same,
    /// `(kernel - 1) * dilation / 2`, rounded down, on both sides, as torchvision.
    #[default]
    Symmetric,
    /// All `(kernel - 1) * dilation` before, so that no output sees a later input.
    Causal,
    /// None.
    Valid,
    /// These numbers.
    Explicit {
        /// Before the first element of each axis.
        before: Extent,
        /// After the last element of each axis.
        after: Extent,
    },
}

impl Padding {
    /// The paddings that have a name.
    pub(crate) const NAMED: [(&str, Self); 4] = [
        ("same", Self::Same),
        ("symmetric", Self::Symmetric),
        ("causal", Self::Causal),
        ("valid", Self::Valid),
    ];

    /// The same numbers before and after.
    pub fn both(numbers: impl Into<Extent>) -> Self {
        let numbers = numbers.into();
        Self::Explicit { before: numbers, after: numbers }
    }
}

impl fmt::Display for Padding {
    /// The name, the numbers of both sides, or `before+after`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same => f.write_str("same"),
            Self::Symmetric => f.write_str("symmetric"),
            Self::Causal => f.write_str("causal"),
            Self::Valid => f.write_str("valid"),
            Self::Explicit { before, after } if before == after => write!(f, "{before}"),
            Self::Explicit { before, after } => write!(f, "{before}+{after}"),
        }
    }
}

/// Both sides apart, as a configuration writes them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sides {
    before: Extent,
    after: Extent,
}

impl Serialize for Padding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Explicit { before, after } if before == after => before.serialize(serializer),
            Self::Explicit { before, after } => Sides { before, after }.serialize(serializer),
            Self::Same | Self::Symmetric | Self::Causal | Self::Valid => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Padding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrNumbers)
    }
}

struct NameOrNumbers;

impl<'de> Visitor<'de> for NameOrNumbers {
    type Value = Padding;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`",
        )
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Padding, E> {
        let found = Padding::NAMED.iter().find(|(known, _)| *known == name).map(|(_, padding)| *padding);
        found.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(name), &self))
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Padding, E> {
        Extent::deserialize(n.into_deserializer()).map(Padding::both)
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Padding, E> {
        Extent::deserialize(n.into_deserializer()).map(Padding::both)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Padding, A::Error> {
        Extent::deserialize(SeqAccessDeserializer::new(list)).map(Padding::both)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Padding, A::Error> {
        let Sides { before, after } = Sides::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Padding::Explicit { before, after })
    }
}

/// The sliding window of a convolution or pooling. For sizes beyond the limits of a graph, results saturate, and a
/// kernel or stride of 0 is treated as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Elements per axis.
    pub kernel: Extent,
    /// Steps between windows.
    pub stride: Extent,
    /// Steps between the elements of a window.
    pub dilation: Extent,
    /// Padding of the input.
    pub padding: Padding,
}

impl Window {
    /// Distance between the first and last element on `axis`.
    pub fn reach(&self, axis: usize) -> usize {
        self.kernel.at(axis).saturating_sub(1).saturating_mul(self.dilation.at(axis))
    }

    /// Padding before and after an axis of `n` elements.
    pub fn pads(&self, axis: usize, n: usize) -> (usize, usize) {
        let reach = self.reach(axis);
        match self.padding {
            Padding::Same => {
                let stride = self.stride.at(axis).max(1);
                let steps = n.div_ceil(stride).saturating_sub(1);
                let needed = steps.saturating_mul(stride).saturating_add(reach).saturating_add(1);
                let total = needed.saturating_sub(n);
                (total / 2, total - total / 2)
            }
            Padding::Symmetric => (reach / 2, reach / 2),
            Padding::Causal => (reach, 0),
            Padding::Valid => (0, 0),
            Padding::Explicit { before, after } => (before.at(axis), after.at(axis)),
        }
    }

    /// Padding that is the same for every input size; `None` for `same` of a wide kernel with a
    /// stride above 1.
    pub fn fixed_pads(&self, axis: usize) -> Option<(usize, usize)> {
        let depends_on_size =
            self.padding == Padding::Same && self.stride.at(axis) > 1 && self.reach(axis) > 0;
        (!depends_on_size).then(|| self.pads(axis, 1))
    }

    /// Windows that fit an axis of `n` elements; `None` when the window is larger than the
    /// padded input.
    pub fn steps(&self, axis: usize, n: usize) -> Option<usize> {
        let (before, after) = self.pads(axis, n);
        let room =
            before.saturating_add(n).saturating_add(after).checked_sub(self.reach(axis).checked_add(1)?)?;
        Some((room / self.stride.at(axis).max(1)).saturating_add(1))
    }
}
