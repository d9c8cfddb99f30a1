//! Commands that need libtorch, in a program without it.

use std::ffi::OsString;

use clap::Args;

use crate::backend::NO_LIBTORCH;
use crate::failure::Failure;

/// A command that is refused, whatever its arguments.
#[derive(Args, Debug)]
pub(crate) struct NeedsTorch {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _arguments: Vec<OsString>,
}

impl NeedsTorch {
    pub(crate) fn refused(self, command: &str) -> Failure {
        Failure::usage(format!(
            "`factory {command}` needs libtorch, but {NO_LIBTORCH}; in a clone of this project, `cargo xtask setup` and \
             then `cargo install --locked --path crates/cli` install one with it"
        ))
    }
}
