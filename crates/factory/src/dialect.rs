//! The packages whose names and layouts weights may have.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use graph::{BuildError, Rename, Shape};

/// A package whose names and layouts weights may have.
///
/// ```
/// use factory::Dialect;
/// assert_eq!("pytorch-tcn".parse(), Ok(Dialect::PytorchTcn));
/// assert_eq!(Dialect::Keras.to_string(), "keras");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// The names used here.
    Native,
    /// torchvision.
    Torchvision,
    /// timm.
    Timm,
    /// Apple's MobileOne.
    Apple,
    /// helia-edge, which SleepKit and heartKIT use today.
    Keras,
    /// SleepKit's own layers, up to its version 0.3.
    Sleepkit,
    /// pytorch-tcn.
    PytorchTcn,
    /// keras-tcn.
    KerasTcn,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 8] = [
        Self::Native,
        Self::Torchvision,
        Self::Timm,
        Self::Apple,
        Self::Keras,
        Self::Sleepkit,
        Self::PytorchTcn,
        Self::KerasTcn,
    ];

    /// The dialect's name, such as `keras-tcn`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Torchvision => "torchvision",
            Self::Timm => "timm",
            Self::Apple => "apple",
            Self::Keras => "keras",
            Self::Sleepkit => "sleepkit",
            Self::PytorchTcn => "pytorch-tcn",
            Self::KerasTcn => "keras-tcn",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        let dialect = Self::ALL.into_iter().find(|dialect| dialect.name() == text);
        dialect.ok_or_else(|| format!("unknown dialect {text:?}; there are {}", known()))
    }
}

/// The renames of one config for each dialect: `None` where the package has no such model, an empty
/// list where its names are those used here.
#[derive(Clone, Default)]
pub(crate) struct Dialects(Option<Rc<Of>>);

type Of = dyn Fn(Dialect) -> Option<Result<Vec<Rename>, BuildError>>;

impl Dialects {
    pub(crate) fn of<C: 'static>(config: C, input: Shape, renames: RenamesOf<C>) -> Self {
        Self(Some(Rc::new(move |dialect| renames(&config, dialect, &input))))
    }

    /// Of a model that was read in one dialect's own terms.
    pub(crate) fn one(dialect: Dialect, renames: Vec<Rename>) -> Self {
        Self(Some(Rc::new(move |asked| (asked == dialect).then(|| Ok(renames.clone())))))
    }

    pub(crate) fn get(&self, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        match (dialect, &self.0) {
            (Dialect::Native, _) => Some(Ok(Vec::new())),
            (_, Some(of)) => of(dialect),
            (_, None) => None,
        }
    }
}

/// How a family names its parameters in a dialect, as [`Family::with_renames`](crate::Family::with_renames)
/// takes it.
pub type RenamesOf<C> = fn(&C, Dialect, &Shape) -> Option<Result<Vec<Rename>, BuildError>>;

impl fmt::Debug for Dialects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<Dialect> =
            Dialect::ALL.into_iter().filter(|dialect| self.get(*dialect).is_some()).collect();
        fmt::Debug::fmt(&known, f)
    }
}
