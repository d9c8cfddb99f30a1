//! `factory convert`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use dialects::{Dialect, OriginFilter, Recognized};
use factory::BuiltModel;
use graph::{LoadReport, Misshapen, Unusable, printable};
use model::Model;

use crate::chosen::Chosen;
use crate::described::described;
use crate::failure::{Failure, failed_write, write};
use crate::loading::{Wanted, counted, find, mismatch, note_origin, options};
use crate::model::Choice;
use crate::output::{lines, names, note};
use crate::stored::{model_file, weights_file};

/// Translate weights between packages' names and layouts
#[derive(Args, Debug)]
pub(crate) struct Convert {
    #[command(flatten)]
    model: Choice,
    /// Weights to convert, a safetensors file; by default, those of a model file or a run's folder
    weights: Option<PathBuf>,
    /// Package whose names and layouts the weights have [default: the one that matches]
    #[arg(long, value_name = "PACKAGE", value_parser = dialect())]
    from: Option<Dialect>,
    /// Text before the names of the weights, such as `module.` [default: the one that matches]
    ///
    /// Arrays without it are ignored.
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Package whose names and layouts to write
    #[arg(long, value_name = "PACKAGE", default_value = "native", value_parser = dialect())]
    to: Dialect,
    /// File to write: a model file, or in another package's names a weights file
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
        let filter = OriginFilter { dialect: self.from, prefix: self.prefix.clone() };
        let found = find(&file, &model, &filter)?;
        let report = report(&found.report);
        if !found.report.is_exact() && (!self.partial || found.report.matched == 0) {
            let message = self.refused(&file, &model, &found, &filter);
            return Err(Failure { report, ..Failure::input(message) });
        }
        note_origin(&file, &found, &filter);
        self.write(&file, &model, found)?;
        Ok(report)
    }

    /// Writes a model file if the weights are complete and have the names used here.
    fn write(&self, file: &Path, model: &BuiltModel, found: Recognized) -> Result<(), Failure> {
        if self.to == Dialect::Native && is_complete(&found.report) {
            let (model, sentence) = described(&self.model, model.graph.clone(), found.weights, file);
            if let Some(sentence) = sentence {
                note(&format!("note: {sentence}"));
            }
            return model.write(&self.output).map_err(failed_write);
        }
        if let Ok(stored) = Model::read(weights_file(file))
            && !stored.normalization.is_identity()
        {
            note(
                "note: the network expects normalized inputs; the normalization of the model file is not written",
            );
        }
        write(&self.output, &dialects::convert(model, &found.weights, Dialect::Native, self.to)?.weights)
    }

    fn refused(&self, file: &Path, model: &BuiltModel, found: &Recognized, filter: &OriginFilter) -> String {
        let build = |overrides| self.model.rebuild(overrides).ok();
        let wanted = Wanted { name: &self.model.model, model, build: &build };
        let mut message = mismatch(file, &wanted, found, filter);
        if *filter != OriginFilter::default()
            && let Ok(other) = find(file, model, &OriginFilter::default())
            && other.report.is_exact()
        {
            let origin = other.origin;
            message.push_str(&format!("; the weights have {origin}: leave out --from and --prefix"));
        } else if let Some(differing) = wanted.differing(file, found) {
            let (numbers, options) = (counted(differing), options(differing, ""));
            message.push_str(&format!("; the weights are for {numbers}: use {options}"));
        } else if found.report.matched > 0 {
            message.push_str("; nothing was written; use --partial to convert what matches");
        }
        message
    }

    /// The model, with the graph of the file if it is a model file. Other packages have only the unmerged form.
    fn built(&self) -> Result<BuiltModel, Failure> {
        let Some(file) = model_file(&self.model.model) else { return self.model.build() };
        let Chosen { name, architecture, graph, .. } = self.model.choose()?;
        let packages = [self.from, Some(self.to)].into_iter().flatten();
        if let Some(other) = packages.into_iter().find(|package| *package != Dialect::Native) {
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

/// Whether every weight of the model is there, among others.
fn is_complete(report: &LoadReport) -> bool {
    report.missing.is_empty() && report.misshapen.is_empty() && report.unusable.is_empty()
}

/// The counts, then the names that do not match.
fn report(report: &LoadReport) -> String {
    let LoadReport { matched, missing, unexpected, misshapen, unusable } = report;
    let mut text = format!(
        "{matched} matched, {} missing, {} unexpected, {} of another shape\n",
        missing.len(),
        unexpected.len(),
        misshapen.len()
    );
    text.push_str(&names("missing   ", missing));
    text.push_str(&names("unexpected", unexpected));
    let sentence = |Misshapen { name, found, expected }: &Misshapen| {
        format!("{}: expected {expected:?}, found {found:?}", printable(name))
    };
    let misshapen: Vec<String> = misshapen.iter().map(sentence).collect();
    text.push_str(&lines("shape     ", &misshapen));
    let sentence = |Unusable { name, found }: &Unusable| {
        format!("{}: expected floating-point numbers, found {found}", printable(name))
    };
    let unusable: Vec<String> = unusable.iter().map(sentence).collect();
    text.push_str(&lines("type      ", &unusable));
    text
}
