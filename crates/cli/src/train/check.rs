//! `factory check`: everything that `factory train` checks before the first step.

use clap::Args;
use data::Splits;
use graph::escaped;
use graph::format::thousands;
use report::Summary;
use train::SingleProcess;

use super::plan::Plan;
use super::{Train, several};
use crate::failure::Failure;
use crate::output::data_notes;

/// Check a config and its data without training
///
/// Refuses whatever `factory train` would refuse before the first step: mistakes in the config, the network, the data,
/// the classes, the loss, the initial weights, and the folder of the run. Writes nothing. The options are those of
/// `train`.
#[derive(Args, Debug)]
#[command(after_long_help = "")]
pub(crate) struct Check {
    #[command(flatten)]
    train: Train,
}

impl Check {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let options = self.train;
        let plan = Plan::of(&options)?;
        let folder = options.folder(&plan);
        let mut text = network(&plan)?;
        if options.has_several_runs() {
            let (data, runs) = several::open(&options, &plan, &folder, &SingleProcess)?;
            for run in runs {
                let splits = data.splits(&plan, &run)?;
                text.push_str(&format!("{}\n", several::title(&options, &run)));
                let run = options.planned(&plan, splits, run.fold.as_ref(), run.folder);
                text.push_str(&check(&plan, &run)?);
            }
        } else {
            let splits = plan.splits(&options, &SingleProcess)?;
            let run = options.planned(&plan, splits, options.fold.as_ref(), folder.clone());
            text.push_str(&check(&plan, &run)?);
        }
        let folder = escaped(&folder.display().to_string());
        text.push_str(&format!("the run can start; it would be written to {folder}\n"));
        Ok(text)
    }
}

/// Checks a run and describes its data and its length.
fn check(plan: &Plan, run: &train::Run) -> Result<String, Failure> {
    run.check().map_err(|error| plan.blame(error))?;
    data_notes(&run.splits.notes);
    Ok(data(&run.splits) + &length(run))
}

fn data(splits: &Splits) -> String {
    splits.describe().iter().map(|line| escaped(line) + "\n").collect()
}

fn length(run: &train::Run) -> String {
    let (epochs, steps) = (run.config.epochs, run.config.steps_per_epoch(run.splits.train.len()));
    format!(
        "training: {epochs} {} of {} {}\n",
        if epochs == 1 { "epoch" } else { "epochs" },
        thousands(steps),
        if steps == 1 { "step" } else { "steps" },
    )
}

/// Describes the size of the network, and the part of the input that an output depends on.
fn network(plan: &Plan) -> Result<String, Failure> {
    let summary = Summary::of(&plan.graph, None)?;
    let field: Vec<String> = summary.receptive_field.iter().map(ToString::to_string).collect();
    Ok(format!(
        "network: {} parameters, input {}, output {}, receptive field {}\n",
        thousands(summary.totals.trainable),
        plan.input(),
        plan.graph.output_shape(),
        escaped(&field.join(" x ")),
    ))
}
