//! `factory completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Cli;
use crate::failure::Failure;

/// Print a script that completes the command's arguments in a shell.
///
/// For example, `factory completions bash > ~/.local/share/bash-completion/completions/factory`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "factory", &mut script);
        String::from_utf8(script).map_err(Failure::failed)
    }
}
