//! `factory source`, and Rust source as a format of `factory export`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::{Failure, cannot_write};
use crate::model::Choice;
use crate::stored::check_output;

/// Print a model as Rust source that builds its graph; short for `factory export --format rust`.
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
        let Some(file) = &self.output else { return rust_source(&self.model, Path::new(".")) };
        write_rust(&self.model, file)?;
        Ok(String::new())
    }
}

/// Writes a model as Rust source.
pub(crate) fn write_rust(model: &Choice, file: &Path) -> Result<(), Failure> {
    check_output(file, &[Path::new(&model.model)])?;
    let folder = file.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    let source = rust_source(model, folder)?;
    graph::file::write(file, source.as_bytes()).map_err(|error| cannot_write(file, &error))
}

/// A model as Rust source, in the layout of files in a folder.
fn rust_source(model: &Choice, folder: &Path) -> Result<String, Failure> {
    let chosen = model.choose()?;
    let command = format!("factory source {}", model.words());
    let source = emit::rust(&chosen.graph, &chosen.name, &command);
    // Without `rustfmt`, the source has a readable layout, too.
    Ok(emit::format(&source, folder).unwrap_or(source))
}
