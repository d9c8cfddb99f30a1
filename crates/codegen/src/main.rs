//! Writes the files that this project generates, and a model as Rust source.

mod definitions;
mod files;
mod models;
mod published;
mod rustfmt;
mod schema;
mod sources;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use factory::{Factory, Overrides};

/// Write the project's generated files, or a model as Rust source
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask codegen")]
struct Cli {
    /// Write nothing; fail if a file is stale
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a model as Rust source that builds its graph, to own and to change
    Model {
        /// A config file, or the name of a ready one
        config: PathBuf,
        /// Write to this file instead
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let root = root()?;
    let factory = Factory::builtin();
    match &cli.command {
        Some(Command::Model { config, output }) => {
            let text = rustfmt::format(&model(&factory, config)?, Path::new("."))?;
            match output {
                Some(output) => files::write(output, &text).map(drop),
                None => std::io::stdout().write_all(text.as_bytes()).context("could not print the source"),
            }
        }
        None => {
            let mut files = sources::files(&factory, &root)?;
            files.extend(schema::files(&factory, &root)?);
            files.push(models::file(&factory)?);
            if cli.check {
                files::check(&root, sources::FOLDER, &files)
            } else {
                files::write_all(&root, sources::FOLDER, &files)
            }
        }
    }
}

/// The source of a config file's model, or of a ready one.
fn model(factory: &Factory, config: &Path) -> Result<String> {
    let name = config.to_string_lossy();
    let is_ready = factory::models::get(&name).is_some() && !config.exists();
    let model =
        if is_ready { factory.build_ready(&name) } else { factory.build_file(config, Overrides::default()) };
    let model = model?;
    Ok(emit::rust(&model.graph, &model.name, &format!("cargo xtask codegen model {}", word(&name))))
}

/// Quotes a file name as one word of a command, on one line.
fn word(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-./".contains(character);
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("'{}'", graph::escaped(name).replace('\'', r"'\''"))
}

/// The workspace's root, two above this crate's folder.
fn root() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let folder = PathBuf::from(folder);
    folder.ancestors().nth(2).map(PathBuf::from).context("this crate's folder is not in a workspace")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_models_stay_within_the_comment() {
        assert_eq!(word("models/a-1.yaml"), "models/a-1.yaml");
        assert_eq!(word("my a's\nfn b() {}.yaml"), r"'my a'\''s\nfn b() {}.yaml'");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a\npub fn evil() {}\n.yaml");
        let config = |name: &str| {
            format!(
                "name: {name}\ninput: {{ channels: 6, length: 100 }}\nclasses: 4\narchitecture: resnet\npreset: micro\n"
            )
        };
        std::fs::write(&file, config("a")).unwrap();
        let source = model(&Factory::builtin(), &file).unwrap();
        assert!(source.lines().all(|line| !line.starts_with("pub fn evil")), "{source}");
        std::fs::write(&file, config(r#""x\n\npub fn evil() { }\n\n//""#)).unwrap();
        let error = model(&Factory::builtin(), &file).unwrap_err().to_string();
        let refusal = r"name: expected a name without `/`, `\` or control characters, found `x\n\npub fn evil() { }\n\n//`";
        assert!(error.ends_with(refusal), "{error}");
    }
}
