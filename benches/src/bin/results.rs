//! Trains every ready model with several seeds, by the command `factory`, and writes `docs/results.md`.

#![allow(clippy::print_stdout, reason = "the output of a command")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use benches::command;
use benches::file::AtomicFile;
use benches::results::{Row, metric, page};
use clap::Parser;
use factory::{Factory, models};
use graph::{Weights, merge};
use serde_json::Value;

/// Train the ready models with several seeds and write docs/results.md
#[derive(Debug, Parser)]
#[command(name = "results", bin_name = "cargo xtask results")]
struct Arguments {
    /// Train only the models that match, such as 'digits-*'; print the page instead of writing it
    pattern: Option<String>,
    /// Number of seeds, counted from 1
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Parent folder of the run folders
    #[arg(long, value_name = "DIR", default_value = "target/results")]
    runs: PathBuf,
    /// Resume existing runs instead of starting again
    #[arg(long)]
    resume: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("could not find the workspace folder")?;
    let seeds: Vec<u64> = (1..=arguments.seeds).collect();
    ensure!(!seeds.is_empty(), "--seeds: expected a positive number, found 0");
    let command = command::build()?;
    let pattern = arguments.pattern.as_deref().unwrap_or("*");
    let mut rows = Vec::new();
    for name in models::like(pattern) {
        let text = models::get(name).unwrap_or_default();
        if Factory::section::<Value>(text, "train")?.is_none() {
            continue;
        }
        let graph = Factory::builtin().build(text)?.graph;
        let merged = merge(&graph, &Weights::initial(&graph, 0)).graph;
        let mut row = Row {
            name: name.to_owned(),
            parameters: merged.cost()?.trainable,
            examples: 0,
            metric: String::new(),
            values: Vec::new(),
            baseline: None,
        };
        for seed in &seeds {
            let evaluation = train(&command, root, name, *seed, &arguments)?;
            let (metric, value) =
                metric(&evaluation).with_context(|| format!("{name}: the evaluation has no metric"))?;
            println!("{name}, seed {seed}: {metric} {value:.4}");
            row.examples = evaluation["examples"].as_u64().unwrap_or_default();
            metric.clone_into(&mut row.metric);
            row.values.push(value);
            let baseline = &evaluation["baseline"];
            row.baseline = baseline["name"].as_str().map(str::to_owned).zip(baseline[metric].as_f64());
        }
        rows.push(row);
    }
    ensure!(!rows.is_empty(), "no ready training run matches `{pattern}`");
    let page = page(&rows, &seeds);
    if arguments.pattern.is_some() {
        print!("{page}");
        return Ok(());
    }
    AtomicFile::begin(&root.join("docs/results.md"))?.finish(&page)
}

/// Trains and evaluates one run, and returns the output of the evaluation.
fn train(command: &Path, root: &Path, name: &str, seed: u64, arguments: &Arguments) -> Result<Value> {
    let folder = root.join(&arguments.runs).join(format!("{name}-{seed}"));
    if folder.exists() && !arguments.resume {
        std::fs::remove_dir_all(&folder)
            .with_context(|| format!("could not remove `{}`", folder.display()))?;
    }
    let mut train = Command::new(command);
    train.current_dir(root).args(["train", name, "--seed", &seed.to_string(), "--resume", "--output"]);
    let train = train.arg(&folder).stdout(Stdio::null()).stderr(Stdio::null());
    ensure!(
        train.status().context("could not start factory")?.success(),
        "{name}, seed {seed}: training failed"
    );
    let mut evaluate = Command::new(command);
    let output = evaluate.current_dir(root).arg("evaluate").arg(&folder).arg("--json").output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
