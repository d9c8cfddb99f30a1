//! The other end of [`Process`](super::process::Process) for the engine and rten.

use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use engine::Engine;
use model::Model;
use rten_tensor::{AsView, NdTensor};
use serde::Serialize;
use serde_json::json;

use super::files;
use super::layers;
use super::process::{Job, Loaded, Timing, Turn};
use super::runtime::Runtime;
use crate::bench::{EngineRun, engine_options, median};

/// Runs that take less time are measured in groups of this duration, because reading the clock takes time.
const GROUP: Duration = Duration::from_micros(50);

/// Answers the messages on standard input.
///
/// # Errors
/// If a message is malformed or the answer cannot be written. A runtime's error is an answer.
pub fn run() -> Result<()> {
    let mut network: Option<Box<dyn FnMut()>> = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        match &mut network {
            None => match load(&serde_json::from_str(&line)?) {
                Ok((run, loaded)) => {
                    network = Some(run);
                    answer(&loaded)?;
                }
                Err(error) => answer(&json!({ "error": format!("{error:#}") }))?,
            },
            Some(run) => answer(&turn(run, serde_json::from_str(&line)?))?,
        }
    }
    Ok(())
}

fn answer(message: &impl Serialize) -> Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{}", serde_json::to_string(message)?)?;
    Ok(out.flush()?)
}

fn load(job: &Job) -> Result<(Box<dyn FnMut()>, Loaded)> {
    match job.runtime {
        Runtime::Engine => load_engine(job),
        Runtime::Rten => load_rten(job),
        other => bail!("{} runs in Python", other.name()),
    }
}

fn load_engine(job: &Job) -> Result<(Box<dyn FnMut()>, Loaded)> {
    let engine = Engine::new(&Model::read(&job.model)?, engine_options(job.threads))?;
    let mut run = EngineRun::new(&engine, job.input.read()?)?;
    files::write(&job.output, run.run()?)?;
    let memory = Some([engine.weight_bytes(), run.arena_bytes()]);
    let layers = if job.layers { layers::measure(&mut run)? } else { Vec::new() };
    let run = move || drop(black_box(run.run()));
    Ok((Box::new(run), Loaded { version: engine.level().to_string(), memory, layers }))
}

fn load_rten(job: &Job) -> Result<(Box<dyn FnMut()>, Loaded)> {
    let model = rten::Model::load_file(&job.model)?;
    let input = NdTensor::from_data([job.input.shape.iter().product()], job.input.read()?);
    let input = input.into_shape(job.input.shape.as_slice());
    let pool = rten::ThreadPool::with_num_threads(job.threads);
    let options = rten::RunOptions::default().with_thread_pool(Some(pool.into()));
    let output = model.run_one(input.view().into(), Some(options.clone()))?;
    let values = output.as_tensor_view::<f32>().context("expected an output of f32")?.to_vec();
    ensure!(!values.is_empty(), "expected an output with values");
    files::write(&job.output, &values)?;
    let run = move || drop(black_box(model.run_one(input.view().into(), Some(options.clone()))));
    Ok((Box::new(run), Loaded { version: env!("BUILD_RTEN").to_owned(), memory: None, layers: Vec::new() }))
}

fn turn(run: &mut dyn FnMut(), turn: Turn) -> Timing {
    let end = Instant::now() + Duration::from_secs_f64(turn.seconds);
    let start = Instant::now();
    run();
    let first = start.elapsed().as_nanos().max(1);
    let group = usize::try_from((GROUP.as_nanos() / first).max(1)).unwrap_or(1);
    // A run that takes as long as the turn is not repeated.
    let mut times = if group == 1 { vec![first as f64 * 1e-6] } else { Vec::new() };
    while times.is_empty() || Instant::now() < end {
        let start = Instant::now();
        for _ in 0..group {
            run();
        }
        times.push(start.elapsed().as_secs_f64() * 1e3 / group as f64);
    }
    times.sort_by(f64::total_cmp);
    Timing { median: median(&times), least: times[0], runs: times.len() * group }
}
