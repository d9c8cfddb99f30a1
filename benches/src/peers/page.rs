//! The page docs/benchmarks.md.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::growth::Curve;
use super::network::{Axis, networks};
use super::results::{Outcome, Row, head};
use super::runtime::Runtime;
use crate::bench::Machine;

/// The text of docs/benchmarks.md. `peak` is the core's, in operations per second.
pub fn page(rows: &[Row], machine: &Machine, peak: f64) -> String {
    let mut page = format!(
        "<!-- Written by `cargo xtask bench --peers --write`. -->\n# Benchmarks\n\n\
         Latency of the engine and of other runtimes on the same networks, with the same weights, in f32, on one \
         machine. `cargo xtask bench --peers` measures them on yours.\n\n{}\n\n{}\n",
        environment(rows, machine, peak),
        METHOD.trim()
    );
    let is_growth = |row: &&Row| networks(None).iter().any(|n| n.growth.is_some() && n.name == row.network);
    let (curves, main): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(is_growth);
    let is_series = |row: &&&Row| row.input.len() == 3;
    let parts: [(&str, Vec<&Row>); 3] = [
        ("Series, one thread", main.iter().filter(is_series).copied().collect()),
        ("Images, one thread", main.iter().filter(|r| !is_series(r) && r.threads == 1).copied().collect()),
        ("Images, two threads", main.iter().filter(|row| row.threads > 1).copied().collect()),
    ];
    for (title, rows) in parts {
        if !rows.is_empty() {
            let _ = write!(page, "\n## {title}\n\n{}", markdown(&rows, peak));
        }
    }
    page += &refusals(&main);
    let curves: Vec<Row> = curves.into_iter().cloned().collect();
    page += &growth(&Curve::all(&networks(None), &curves));
    page
}

const METHOD: &str = "
Times are milliseconds of one run, the median over seven turns of at least a quarter of a second. Every runtime has its \
own process, which is pinned to as many cores as it has threads, loads the network once, and runs it on the same input \
in turn with the others. The last column is the time of the fastest peer divided by the engine's: the median and the \
quartiles of the ratios within a round, which other load on the machine affects less than the times. Outputs are \
compared with the engine's; a runtime whose output differs by more than 0.1 % of the largest value is not measured.

A series is given to each peer both as a series and as an image of height 1, and the faster form counts; `*` marks the \
image. LiteRT reads a TFLite file that `onnx2tf` converts from the same ONNX file, and runs it with XNNPACK. The peers \
except rten are called from Python with inputs and outputs in fixed memory where the runtime offers that.

`of peak` is the number of multiply-adds of direct convolution, divided by the engine's time and by the measured peak \
of its cores; Winograd's algorithm needs fewer multiplications, so it can exceed 100 %. `memory` is the engine's packed \
weights and its arena.

candle and burn are not compared: `candle-onnx` needs the Protocol Buffers compiler to build, and `burn-onnx` reads no \
files when it runs but generates source code from each network.
";

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

fn markdown(rows: &[&Row], peak: f64) -> String {
    let mut text = format!("| {} |\n|---|---|{}\n", head().join(" | "), "--:|".repeat(head().len() - 2));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.cells(peak).join(" | "));
    }
    text
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

/// The points of each curve and their exponents.
fn growth(curves: &[Curve]) -> String {
    if curves.is_empty() {
        return String::new();
    }
    let mut text = "\n## Growth\n\nMilliseconds of a run of SS-4 (14 channels, 240 samples, 16 channels in the first \
                    block) while one property changes, and the exponent of the power law that fits the points by least \
                    squares: 1 is proportional growth. Direct convolution grows with the width to the power of 2 where \
                    pointwise convolutions dominate.\n"
        .to_owned();
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
            ratio: Some(spread(time / 0.1)),
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
        let line = "| ss-4-tcn-sm | 1×14×240 | 26,449 | 4.0 | 1 | 120 KiB | 40 % | 0.100 | 0.250* | – | – | – | 0.800 | \
                    2.50 [2.50–2.50] ONNX Runtime |";
        assert!(page.contains(line), "{page}");
        assert!(page.contains("\n- tract, ss-4-tcn-sm: no \\| kernel\n"), "{page}");
        assert!(!page.contains("## Images") && !page.contains("## Growth"), "{page}");
    }

    #[test]
    fn curves_have_exponents() {
        let rows = [row("ss-4-length-120", 0.1), row("ss-4-length-240", 0.2)];
        let page = page(&rows, &Machine::this(), 200e9);
        assert!(page.contains("| length | 120 | 240 | exponent |"), "{page}");
        assert!(page.contains("| engine | 0.100 | 0.200 | 1.00 |"), "{page}");
        assert!(!page.contains("## Series"), "{page}");
    }
}
