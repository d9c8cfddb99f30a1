//! Measures data that is larger than memory, and folders of many files.
#![allow(clippy::print_stdout, reason = "an example")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use data::{Config, OpenProgress, Order};
use graph::Shape;

/// Number of channels and of samples of a recording, and of samples of a window.
const CHANNELS: usize = 3;
const SAMPLES: usize = 4096;
const WINDOW: usize = 256;
const BATCH: usize = 64;

/// Measure data that is larger than memory, and folders of many files
///
/// Writes synthetic recordings to a file of arrays (`--size`) and to a folder of small tables (`--files`), opens
/// both, and reads one window of each recording in random order. Prints the time, the samples per second and the
/// peak of resident memory (on Linux). With `--train`, `factory train` trains one epoch on each. The data is
/// deleted at the end.
#[derive(Debug, Parser)]
#[command(name = "large_data")]
struct Arguments {
    /// Size of the file of arrays, in GB
    #[arg(long, value_name = "GB", default_value_t = 20)]
    size: usize,
    /// Number of files in the folder
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    files: usize,
    /// The folder to write to, which must not exist
    #[arg(long, value_name = "DIR", default_value = "large-data")]
    folder: PathBuf,
    /// The command `factory` to train with
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    fs::create_dir(&arguments.folder)
        .with_context(|| format!("could not create the folder `{}`", arguments.folder.display()))?;
    let measured = measure_all(&arguments);
    fs::remove_dir_all(&arguments.folder)?;
    measured
}

fn measure_all(arguments: &Arguments) -> Result<()> {
    let folder = &arguments.folder;
    if arguments.files > 0 {
        write_tables(&folder.join("tables"), arguments.files)?;
        println!("{} tables of {WINDOW} samples", arguments.files);
        measure(folder, "tables", arguments.train.as_deref())?;
    }
    if arguments.size > 0 {
        let count = write_arrays(&folder.join("arrays.safetensors"), arguments.size << 30)?;
        println!("{} GB: {count} recordings of {SAMPLES} samples", arguments.size);
        measure(folder, "arrays.safetensors", arguments.train.as_deref())?;
    }
    Ok(())
}

/// Writes small tables of samples with a class in the last column.
fn write_tables(folder: &Path, count: usize) -> Result<()> {
    fs::create_dir(folder)?;
    for i in 0..count {
        let mut text = "x,y,z,class\n".to_owned();
        for t in 0..WINDOW {
            let [x, y, z] = [0, 1, 2].map(|c| value(i, c, t));
            text.push_str(&format!("{x:.4},{y:.4},{z:.4},{}\n", ["rest", "walk"][i % 2]));
        }
        fs::write(folder.join(format!("{i:05}.csv")), text)?;
    }
    Ok(())
}

/// Writes an array of recordings of about `size` bytes and an array of their classes. Returns their number.
fn write_arrays(path: &Path, size: usize) -> Result<usize> {
    let of_one = CHANNELS * SAMPLES * size_of::<f32>();
    let count = size / of_one;
    let (values, labels) = (count * of_one, count * (of_one + size_of::<i64>()));
    let header = format!(
        r#"{{"input":{{"dtype":"F32","shape":[{count},{CHANNELS},{SAMPLES}],"data_offsets":[0,{values}]}},"target":{{"dtype":"I64","shape":[{count}],"data_offsets":[{values},{labels}]}}}}"#
    );
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    let mut bytes = Vec::with_capacity(of_one);
    for i in 0..count {
        bytes.clear();
        for c in 0..CHANNELS {
            for t in 0..SAMPLES {
                bytes.extend(value(i, c, t).to_le_bytes());
            }
        }
        file.write_all(&bytes)?;
    }
    for i in 0..count {
        file.write_all(&((i % 2) as i64).to_le_bytes())?;
    }
    file.flush()?;
    Ok(count)
}

/// Returns a value of a recording: noise, and a square wave that depends on the class.
fn value(recording: usize, channel: usize, sample: usize) -> f32 {
    let mut bits = (recording * 31 + channel) as u64 * 1_000_003 + sample as u64;
    bits = (bits ^ bits >> 15).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let noise = (bits >> 40) as f32 / (1 << 24) as f32;
    let wave = if (sample / (8 << (recording % 2))).is_multiple_of(2) { 0.5 } else { -0.5 };
    noise + wave
}

/// Opens the data and reads it once, and trains on it.
fn measure(folder: &Path, name: &str, train: Option<&Path>) -> Result<()> {
    let data = format!(
        "task: classification\ntrain: {{ file: {name}{} }}\nwindow: {{ length: {WINDOW}, step: {SAMPLES} }}\n",
        if name == "tables" { ", layout: samples" } else { "" }
    );
    let config: Config = serde_yaml::from_str(&data)?;
    let start = Instant::now();
    let splits = config.open_with(&Shape::new(CHANNELS, [WINDOW]), folder, &|_: OpenProgress| {})?;
    println!("  opened in {}", seconds(start.elapsed()));
    let start = Instant::now();
    let mut count = 0;
    for batch in splits.train.batches(Order::Shuffled { seed: 0, epoch: 0 }, BATCH, 0) {
        count += batch?.input.shape()[0];
    }
    ensure!(count == splits.train.len(), "expected {} examples, found {count}", splits.train.len());
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!(
        "  {count} examples of {WINDOW} samples read in {}: {rate:.0} per second",
        seconds(start.elapsed())
    );
    print_memory("  peak of resident memory", std::process::id());
    drop(splits);
    match train {
        Some(factory) => train_once(factory, folder, &data),
        None => Ok(()),
    }
}

/// Trains one epoch with the command.
fn train_once(factory: &Path, folder: &Path, data: &str) -> Result<()> {
    let config = format!(
        "name: large\ninput: {{ channels: {CHANNELS}, length: {WINDOW} }}\nclasses: 2\narchitecture: resnet\n\
         params: {{ stages: [{{ channels: 8, depth: 1, kernel: 3 }}] }}\n\
         data:\n  {}\ntrain: {{ epochs: 1, batch_size: {BATCH} }}\n",
        data.trim_end().replace('\n', "\n  ")
    );
    fs::write(folder.join("large.yaml"), config)?;
    let output = folder.join("run");
    let start = Instant::now();
    let mut child =
        Command::new(factory).arg("train").arg(folder.join("large.yaml")).arg("-o").arg(&output).spawn()?;
    let mut peak = None;
    let status = loop {
        peak = peak_memory(child.id()).or(peak);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    ensure!(status.success(), "expected `factory train` to succeed, found {status}");
    println!("  opened and trained for an epoch in {}", seconds(start.elapsed()));
    if let Some(peak) = peak {
        println!("  peak of resident memory of `factory train`: {peak} MB");
    }
    Ok(fs::remove_dir_all(output)?)
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn print_memory(what: &str, process: u32) {
    if let Some(peak) = peak_memory(process) {
        println!("{what}: {peak} MB");
    }
}

/// Returns the peak of a process's resident memory in MB, on systems that report it.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? >> 10)
}
