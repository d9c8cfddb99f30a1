//! One number for all spatial axes, or one for each.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kernel, stride, dilation or factor: one number for all axes, or height and width.
///
/// A config gives `3` or `[3, 5]`. For a series, `[1, k]` is read as `k`, so that configs of packages that
/// run series as images of height 1 keep working.
///
/// ```
/// use graph::Extent;
/// let kernel: Extent = [3, 5].into();
/// assert_eq!((kernel.at(0), kernel.at(1)), (3, 5));
/// assert_eq!(Extent::from([1, 7]).for_rank(1), Some(7.into()));
/// assert_eq!(Extent::from([3, 7]).for_rank(1), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// The same number on every axis.
    All(usize),
    /// Height and width of an image.
    Each(usize, usize),
}

impl Extent {
    /// The number on `axis` (0 is time or height, 1 is width).
    #[inline]
    pub fn at(self, axis: usize) -> usize {
        match self {
            Self::All(n) | Self::Each(n, _) if axis == 0 => n,
            Self::All(n) | Self::Each(_, n) => n,
        }
    }

    /// The numbers on the first `rank` axes.
    pub fn axes(self, rank: usize) -> impl Iterator<Item = usize> {
        (0..rank).map(move |axis| self.at(axis))
    }

    /// The form that a graph of `rank` spatial axes stores: equal numbers as one, `[1, k]` of a
    /// series as `k`. `None` for a truly two-dimensional extent on a series.
    pub fn for_rank(self, rank: usize) -> Option<Self> {
        match self {
            Self::All(_) => Some(self),
            Self::Each(h, w) if h == w => Some(Self::All(w)),
            Self::Each(1, w) if rank == 1 => Some(Self::All(w)),
            Self::Each(..) if rank == 1 => None,
            Self::Each(..) => Some(self),
        }
    }

    /// Applies `f` to each number.
    #[must_use]
    pub fn map(self, f: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::All(n) => Self::All(f(n)),
            Self::Each(h, w) => Self::Each(f(h), f(w)),
        }
    }

    /// The products axis by axis; saturates.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        match [0, 1].map(|axis| self.at(axis).saturating_mul(other.at(axis))) {
            [h, w] if h == w => Self::All(h),
            [h, w] => Self::Each(h, w),
        }
    }

    /// Whether every number is 1.
    pub fn is_one(self) -> bool {
        self.at(0) == 1 && self.at(1) == 1
    }
}

impl From<usize> for Extent {
    fn from(n: usize) -> Self {
        Self::All(n)
    }
}

impl From<[usize; 2]> for Extent {
    fn from([h, w]: [usize; 2]) -> Self {
        Self::Each(h, w)
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(n) => write!(f, "{n}"),
            Self::Each(h, w) => write!(f, "[{h}, {w}]"),
        }
    }
}

impl fmt::Debug for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::All(n) => n.serialize(serializer),
            Self::Each(h, w) => [h, w].serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The name tells a config reader that the value is an extent, so that it can check it.
        deserializer.deserialize_newtype_struct("Extent", NumberOrList)
    }
}

struct NumberOrList;

impl<'de> Visitor<'de> for NumberOrList {
    type Value = Extent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a list of one or two of them")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Extent, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<Extent, E> {
        usize::try_from(n).map(Extent::All).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<Extent, E> {
        usize::try_from(n).map(Extent::All).map_err(|_| E::custom(format!("{n} is negative")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Extent, A::Error> {
        let first = list.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let Some(second) = list.next_element()? else { return Ok(Extent::All(first)) };
        match list.next_element::<usize>()? {
            None => Ok(Extent::Each(first, second)),
            Some(_) => Err(A::Error::invalid_length(3, &self)),
        }
    }
}
