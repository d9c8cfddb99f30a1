//! The origin of weights: the package whose names they have, and what wraps these names.

use std::fmt;

use graph::quoted;

use crate::Dialect;

/// The package whose names and layouts weights have, and what wraps the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The package.
    pub dialect: Dialect,
    /// The text before every name, such as `module.` of torch's `DataParallel`. May be empty.
    pub prefix: String,
    /// Whether the names are in an older or wrapped form: with the additions of `torch.compile` or of sharded training,
    /// with torch's older names of weight norm, or with the `:0` of older Keras.
    pub is_rewritten: bool,
}

impl Origin {
    /// The names of a package as they are.
    pub fn plain(dialect: Dialect) -> Self {
        Self { dialect, prefix: String::new(), is_rewritten: false }
    }
}

impl fmt::Display for Origin {
    /// Such as ``the names of `timm` after the prefix `module.` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the names of `{}`", self.dialect)?;
        if !self.prefix.is_empty() {
            write!(f, " after the prefix {}", quoted(&self.prefix))?;
        }
        if self.is_rewritten {
            f.write_str(", in an older or wrapped form")?;
        }
        Ok(())
    }
}

/// Restricts the origins that are considered.
///
/// ```
/// use dialects::{Dialect, OriginFilter};
/// let timm = OriginFilter { dialect: Some(Dialect::Timm), ..OriginFilter::default() };
/// assert_eq!(timm.prefix, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginFilter {
    /// The package. If `None`, every package that has the model is considered.
    pub dialect: Option<Dialect>,
    /// The prefix: arrays without it are ignored. If `None`, every prefix is considered.
    pub prefix: Option<String>,
}

/// Names that wrappers of torch insert anywhere in the name of a parameter.
const WRAPPERS: [&str; 3] = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];
/// Names of torch's older weight norm, with those of its parametrization.
const WEIGHT_NORM: [(&str, &str); 2] = [
    (".weight_g", ".parametrizations.weight.original0"),
    (".weight_v", ".parametrizations.weight.original1"),
];

/// The name of a parameter as today's versions of torch and Keras have it, without wrappers.
pub(crate) fn rewritten(name: &str) -> String {
    let mut name = name.strip_suffix(":0").unwrap_or(name).to_owned();
    for wrapper in WRAPPERS {
        name = name.replace(wrapper, "");
    }
    for (old, new) in WEIGHT_NORM {
        if let Some(start) = name.strip_suffix(old) {
            name = format!("{start}{new}");
        }
    }
    name
}
