//! `factory convert`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use dialects::Dialect;
use factory::BuiltModel;
use graph::{LoadReport, Misshapen, Unusable, printable, shown_path};

use crate::chosen::Chosen;
use crate::failure::{Failure, read, write};
use crate::model::Choice;
use crate::stored::model_file;

/// Translate weights between packages' names and layouts
#[derive(Args, Debug)]
pub(crate) struct Convert {
    #[command(flatten)]
    model: Choice,
    /// Weights to convert, a safetensors file; by default, those of a model file or a run's folder
    weights: Option<PathBuf>,
    /// Package whose names and layouts the weights have
    #[arg(long, value_name = "PACKAGE", default_value = "native", value_parser = dialect())]
    from: Dialect,
    /// Package whose names and layouts to write
    #[arg(long, value_name = "PACKAGE", default_value = "native", value_parser = dialect())]
    to: Dialect,
    /// Weights file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write the matching weights even if some are missing, unexpected or of another shape
    #[arg(long)]
    partial: bool,
}

fn dialect() -> impl TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::ALL.map(Dialect::name)).try_map(|name| name.parse::<Dialect>())
}

impl Convert {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let model = self.built()?;
        let file = self.weights()?;
        let converted = dialects::convert(&model, read(&file)?, self.from, self.to)?;
        let report = report(&converted.report);
        if !converted.report.is_exact() && !self.partial {
            let message = format!(
                "weights file {} does not match {} in the names of `{}`: {}; nothing was written; use --partial to convert what matches",
                shown_path(&file),
                printable(&self.model.model),
                self.from,
                converted.report
            );
            return Err(Failure { report, ..Failure::input(message) });
        }
        write(&self.output, &converted.weights)?;
        Ok(report)
    }

    /// The model, with the graph of the file if it is a model file. Other packages have only the unmerged form.
    fn built(&self) -> Result<BuiltModel, Failure> {
        let Some(file) = model_file(&self.model.model) else { return self.model.build() };
        let Chosen { name, architecture, graph, .. } = self.model.choose()?;
        let other = if self.from == Dialect::Native { self.to } else { self.from };
        if other != Dialect::Native {
            let built = self.model.build()?;
            if built.graph != graph {
                let message = format!("`{other}` has no merged form; convert the run's model file");
                return Err(Failure::input(message).in_file(&file));
            }
            return Ok(built);
        }
        let input = graph.inputs().next().map(|(_, node)| node.shape.clone());
        let input = input.ok_or_else(|| Failure::input("expected a graph with an input, found none"))?;
        Ok(BuiltModel { name, architecture, input, graph, config: None })
    }

    /// The file of the weights: WEIGHTS, or the model file.
    fn weights(&self) -> Result<PathBuf, Failure> {
        let model = &self.model.model;
        match self.weights.clone().or_else(|| model_file(model)) {
            Some(file) => Ok(file),
            None => {
                let message = "expected WEIGHTS, a safetensors file, found none";
                Err(Failure::usage(format!("{}: {message}", printable(model))))
            }
        }
    }
}

/// The counts, then every name that does not match.
fn report(report: &LoadReport) -> String {
    let LoadReport { matched, missing, unexpected, misshapen, unusable } = report;
    let mut text = format!(
        "{matched} matched, {} missing, {} unexpected, {} of another shape\n",
        missing.len(),
        unexpected.len(),
        misshapen.len()
    );
    for (what, names) in [("missing", missing), ("unexpected", unexpected)] {
        for name in names {
            text.push_str(&format!("{what:10}  {}\n", printable(name)));
        }
    }
    for Misshapen { name, found, expected } in misshapen {
        let name = printable(name);
        text.push_str(&format!("shape       {name}: expected {expected:?}, found {found:?}\n"));
    }
    for Unusable { name, found } in unusable {
        text.push_str(&format!(
            "type        {}: expected floating-point numbers, found {found}\n",
            printable(name)
        ));
    }
    text
}
