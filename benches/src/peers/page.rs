//! The page docs/benchmarks.md.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::growth::Curve;
use super::layers;
use super::network::{Axis, is_sleepkit, networks};
use super::results::{Outcome, Row, markdown};
use super::runtime::Runtime;
use crate::bench::Machine;

/// The text of docs/benchmarks.md. `peak` is the core's, in operations per second.
pub fn page(rows: &[Row], machine: &Machine, peak: f64) -> String {
    let networks = networks(None);
    let is_point = |row: &&Row| networks.iter().any(|n| n.growth.is_some() && n.name == row.network);
    let (points, main): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_point);
    let parts: Vec<(&str, Vec<&Row>)> = PARTS
        .into_iter()
        .map(|part| (part, main.iter().filter(|row| part_of(row) == part).copied().collect()))
        .filter(|(_, rows): &(_, Vec<&Row>)| !rows.is_empty())
        .collect();
    let mut page = format!(
        "<!-- Written by `cargo xtask bench --peers --write`. -->\n# Benchmarks\n\n{INTRODUCTION}\n{}\n\
         ## Machine\n\n{}\n\n## Method\n\n{METHOD}",
        summary(&parts),
        environment(rows, machine, peak),
    );
    for (part, rows) in &parts {
        let _ =
            write!(page, "\n## {part}\n\nMilliseconds per run, lower is better.\n\n{}", markdown(rows, peak));
    }
    page += &refusals(&main);
    page += &layers::section(&main, peak);
    let points: Vec<Row> = points.into_iter().cloned().collect();
    page += &growth(&Curve::all(&networks, &points));
    page
}

const PARTS: [&str; 4] = [
    "SleepKit's TCNs",
    "Other networks for series",
    "Networks for images",
    "Networks for images, two threads",
];

/// The part of the page that has a row.
fn part_of(row: &Row) -> &'static str {
    let is_series = row.input.len() == 3;
    match row.threads {
        1 if is_sleepkit(&row.network) => PARTS[0],
        1 if is_series => PARTS[1],
        1 => PARTS[2],
        _ => PARTS[3],
    }
}

const INTRODUCTION: &str = "\
The engine, compared with other runtimes: the time of one run of the same network with the same weights in f32, on one \
core unless a table says otherwise. `cargo xtask bench --peers` measures it on your machine.

The speed-up is the time of the fastest peer divided by the engine's.
";

const METHOD: &str = "\
Each runtime has its own process, pinned to one core per thread, which loads the network once and runs it on the same \
input. The processes take turns of at least a quarter of a second, in seven rounds (A B A B). A time is the median over \
the rounds of the median run of a turn. A speed-up is the median of the ratios within a round, which other load on the \
machine affects less than the times, with the quartiles in brackets. A runtime whose output differs from the engine's by \
more than 0.1 % of the largest value is not measured.

- The fastest peer is in bold. Each peer gets a series both as a series and as an image of height 1, and the faster form \
counts; † marks the image.
- `MMAC` are millions of multiply-accumulates of direct convolution. `of peak` is twice their number, divided by the \
engine's time and by the measured peak of its cores. Winograd's algorithm needs fewer multiplications, so it can exceed \
100 %.
- `memory` is the engine's packed weights and all of its values.
- ONNX Runtime, OpenVINO and tract read an ONNX file that this project exports, and LiteRT a TFLite file that `onnx2tf` \
converts from it and that it runs with XNNPACK. They are called from Python, which adds about 0.15 µs to a run, with \
input and output in fixed memory where they offer it. rten reads the ONNX file and is called from Rust, like the engine.
- candle and burn are not compared: `candle-onnx` needs the Protocol Buffers compiler to build, and `burn-onnx` reads no \
files when it runs but generates source code from each network.
- `ss`, `sd` and `sa` are SleepKit's networks for sleep stages, sleep detection and sleep apnea; `activity` are networks \
for the motion of a smartwatch. The other names are a family and its preset.
";

/// The speed-ups of each part.
fn summary(parts: &[(&str, Vec<&Row>)]) -> String {
    let mut text =
        "| | networks | geometric mean of the speed-ups | lowest | highest |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for (part, rows) in parts {
        let speedups: Vec<f64> = rows.iter().filter_map(|row| Some(row.speedup()?.1.median)).collect();
        if speedups.is_empty() {
            continue;
        }
        let logarithms: f64 = speedups.iter().map(|speedup| speedup.ln()).sum();
        let _ = writeln!(
            text,
            "| {part} | {} | {:.2}× | {:.2}× | {:.2}× |",
            speedups.len(),
            (logarithms / speedups.len() as f64).exp(),
            speedups.iter().copied().fold(f64::MAX, f64::min),
            speedups.iter().copied().fold(0.0, f64::max)
        );
    }
    text
}

/// The machine and the versions.
fn environment(rows: &[Row], machine: &Machine, peak: f64) -> String {
    let mut versions: BTreeMap<Runtime, String> = BTreeMap::new();
    for entry in rows.iter().flat_map(|row| &row.entries) {
        if let Outcome::Measured { version, .. } = &entry.outcome {
            versions.insert(entry.contender.runtime, version.clone());
        }
    }
    let level = versions.remove(&Runtime::Engine).unwrap_or_default();
    let versions: Vec<String> =
        versions.iter().map(|(runtime, version)| format!("{} {version}", runtime.name())).collect();
    let unknown = || "unknown".to_owned();
    format!(
        "| | |\n|---|---|\n| processor | {}, {} |\n| cores | {} |\n| features | {} |\n\
         | measured peak of a core | {:.0} GFLOP/s in f32 |\n| memory | {:.0} GiB |\n| system | {} |\n\
         | engine | {level}, {} |\n| peers | {} |",
        machine.cpu.clone().unwrap_or_else(unknown),
        machine.architecture,
        machine.cores.map_or_else(unknown, |cores| cores.to_string()),
        machine.features.join(", "),
        peak / 1e9,
        machine.memory.unwrap_or(0) as f64 / f64::from(1 << 30),
        machine.os.clone().unwrap_or_else(unknown),
        machine.rustc,
        versions.join(", ")
    )
}

/// Why runtimes have no time: one line for each message, with the networks.
fn refusals(rows: &[&Row]) -> String {
    let mut messages: BTreeMap<(Runtime, &str), Vec<&str>> = BTreeMap::new();
    for row in rows {
        for entry in &row.entries {
            let Outcome::Refused(message) = &entry.outcome else { continue };
            if row.best_form(entry.contender.runtime).is_none() {
                let networks = messages.entry((entry.contender.runtime, message)).or_default();
                if networks.last() != Some(&row.network.as_str()) {
                    networks.push(&row.network);
                }
            }
        }
    }
    if messages.is_empty() {
        return String::new();
    }
    let mut text = "\n## Not measured\n\n".to_owned();
    for ((runtime, message), networks) in messages {
        let _ =
            writeln!(text, "- {}, {}: {}", runtime.name(), networks.join(", "), message.replace('|', "\\|"));
    }
    text
}

const GROWTH: &str = "
## Growth

Milliseconds of a run of SS-4 (14 channels, 240 samples, 16 channels in the first block, one sample in the batch) while \
one of these grows. The exponent is that of a power law, by least squares of the logarithms: 1 is proportional growth. \
Multiply-accumulates grow with the exponent 1 in length and batch, and nearly 2 in width.
";

/// The points of each curve and their exponents.
fn growth(curves: &[Curve]) -> String {
    if curves.is_empty() {
        return String::new();
    }
    let mut text = GROWTH.to_owned();
    for axis in Axis::ALL {
        let curves: Vec<&Curve> = curves.iter().filter(|curve| curve.axis == axis).collect();
        let Some(first) = curves.first() else { continue };
        let values: Vec<usize> = first.points.iter().map(|(value, _)| *value).collect();
        let cells: Vec<String> = values.iter().map(ToString::to_string).collect();
        let _ = write!(
            text,
            "\n| {} | {} | exponent |\n|---|{}\n",
            axis.name(),
            cells.join(" | "),
            "--:|".repeat(values.len() + 1)
        );
        for curve in curves {
            let _ = write!(text, "| {} |", curve.runtime.name());
            for value in &values {
                let point = curve.points.iter().find(|point| point.0 == *value);
                let _ = match point {
                    Some((_, time)) => write!(text, " {time:.3} |"),
                    None => write!(text, " – |"),
                };
            }
            let _ = writeln!(text, " {:.2} |", curve.exponent());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::layers::Layer;
    use super::super::results::Entry;
    use super::super::runtime::Contender;
    use super::*;
    use crate::bench::Spread;

    fn measured(runtime: Runtime, as_image: bool, time: f64) -> Entry {
        let spread = |median| Spread { median, quarter: median, three_quarters: median };
        let outcome = Outcome::Measured {
            version: "1.0".to_owned(),
            median_ms: spread(time),
            least_ms: time,
            ratio: spread(time / 0.1),
            runs: 10,
        };
        Entry { contender: Contender { runtime, as_image }, outcome }
    }

    fn row(network: &str, time: f64) -> Row {
        let contender = Contender { runtime: Runtime::Tract, as_image: false };
        Row {
            network: network.to_owned(),
            input: vec![1, 14, 240],
            parameters: 26_449,
            macs: 4_000_000,
            threads: 1,
            memory: Some([100 << 10, 20 << 10]),
            scaling: None,
            layers: Vec::new(),
            entries: vec![
                measured(Runtime::Engine, false, time),
                measured(Runtime::OnnxRuntime, false, 0.3),
                measured(Runtime::OnnxRuntime, true, 0.25),
                measured(Runtime::Rten, false, 0.8),
                Entry::refused(contender, &anyhow::anyhow!("no | kernel")),
            ],
        }
    }

    #[test]
    fn the_faster_form_counts() {
        let page = page(&[row("ss-4-tcn-sm", 0.1)], &Machine::this(), 200e9);
        let line = "| ss-4-tcn-sm | 1×14×240 | 26,449 | 4.0 | 120 KiB | 40 % | 0.100 | **0.250†** | – | – | – | 0.800 | \
                    2.50× [2.50–2.50] ONNX Runtime |";
        assert!(page.contains(line), "{page}");
        assert!(page.contains("| SleepKit's TCNs | 1 | 2.50× | 2.50× | 2.50× |"), "{page}");
        assert!(page.contains("\n- tract, ss-4-tcn-sm: no \\| kernel\n"), "{page}");
        assert!(!page.contains("## Networks") && !page.contains("## Growth"), "{page}");
    }

    #[test]
    fn curves_have_exponents() {
        let rows = [row("ss-4-length-120", 0.1), row("ss-4-length-240", 0.2)];
        let page = page(&rows, &Machine::this(), 200e9);
        assert!(page.contains("| length | 120 | 240 | exponent |"), "{page}");
        assert!(page.contains("| engine | 0.100 | 0.200 | 1.00 |"), "{page}");
        assert!(!page.contains("## SleepKit"), "{page}");
    }

    #[test]
    fn equal_instructions_are_one_line() {
        let layer = |node: &str, microseconds| Layer {
            node: node.to_owned(),
            kernel: "convolution".to_owned(),
            output: vec![16, 240],
            macs: 1_000_000,
            microseconds,
        };
        let layers = vec![layer("a", 10.0), layer("b", 30.0)];
        let page = page(&[Row { layers, ..row("ss-4-tcn-sm", 0.1) }], &Machine::this(), 200e9);
        let line = "| a and 1 more | convolution | 16×240 | 2.000 | 40.0 | 100.0 % | 50 % |";
        assert!(page.contains(line), "{page}");
    }

    #[test]
    fn rows_with_threads_have_the_gain_over_one() {
        let gain = Spread { median: 1.9, quarter: 1.8, three_quarters: 2.0 };
        let row = Row { threads: 2, scaling: Some(gain), ..row("resnet/resnet18", 0.1) };
        let page = page(&[row], &Machine::this(), 200e9);
        assert!(page.contains("| speed-up | over one thread |"), "{page}");
        assert!(page.contains("ONNX Runtime | 1.90× [1.80–2.00] |"), "{page}");
    }
}
