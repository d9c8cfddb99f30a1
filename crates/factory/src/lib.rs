//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`reference`] reads the models of other packages in those packages' own terms.

pub mod reference;
