//! `factory source`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::{Failure, cannot_write};
use crate::model::Choice;
use crate::shell;
use crate::stored::check_output;

/// Print a model as Rust source that builds its graph.
#[derive(Args, Debug)]
pub(crate) struct Source {
    #[command(flatten)]
    model: Choice,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Source {
    pub(crate) fn run(self) -> Result<String, Failure> {
        if let Some(output) = &self.output {
            check_output(output, &[Path::new(&self.model.model)])?;
        }
        let model = self.model.choose()?;
        let command = format!("factory source {}", shell::word(&self.model.model));
        let source = emit::rust(&model.graph, &model.name, &command);
        let folder = match &self.output {
            Some(file) => file.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new(".")),
            None => Path::new("."),
        };
        // Without `rustfmt`, the source has a readable layout, too.
        let source = emit::format(&source, folder).unwrap_or(source);
        match &self.output {
            None => Ok(source),
            Some(file) => {
                graph::file::write(file, source.as_bytes()).map_err(|error| cannot_write(file, &error))?;
                Ok(String::new())
            }
        }
    }
}
