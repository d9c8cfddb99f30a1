//! A page of made-up data with everything that a page can show:
//! `cargo run --release -p report --example page -- report.html`.

mod examples;
mod outcomes;
mod runs;
mod signals;

use graph::Noise;
use report::{Chart, Details, Figure, Outcome, Page, Series, Table};

fn main() -> Result<(), report::ReportError> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "report.html".to_owned());
    let (outcome, details) = match std::env::args().nth(2).as_deref() {
        Some("many") => (outcomes::many(), Details::default()),
        Some("values") => (outcomes::values(), Details::default()),
        Some("outputs") => outcomes::outputs(),
        Some("labels") => outcomes::labels(),
        Some("positions") => outcomes::positions(),
        Some("folds") => return runs::folds().write(path),
        Some("compare") => return runs::compared().write(path),
        Some("none") => return Page { title: "An empty run".to_owned(), ..Page::default() }.write(path),
        _ => outcomes::activities(),
    };
    page(outcome, details).write(path)
}

pub(crate) const ACTIVITIES: [&str; 6] =
    ["lying", "sitting", "standing", "walking", "stairs up", "stairs down"];

fn page(outcome: Outcome, details: Details) -> Page {
    Page {
        title: "activity-tcn".to_owned(),
        summary: "A TCN of 21,034 parameters tells six activities apart from a wrist's accelerometer and \
                  gyroscope; trained for 40 epochs on 7,352 windows of 2.56 s."
            .to_owned(),
        figures: [
            ("Test accuracy", "92.8%", "2,947 windows"),
            ("Macro F1", "0.927", "mean of 6 classes"),
            ("Parameters", "21,034", "20,582 merged"),
            ("Multiply-adds", "1.9 M", "for one window"),
            ("Latency", "0.21 ms", "merged, one thread"),
            ("Training", "3 min 12 s", "40 epochs, seed 7"),
        ]
        .map(|(name, value, note)| Figure { name: name.into(), value: value.into(), note: note.into() })
        .to_vec(),
        curves: curves(),
        outcome: Some(outcome),
        evaluated: "test data".to_owned(),
        details,
        data: DATA.map(str::to_owned).to_vec(),
        notes: NOTES.map(str::to_owned).to_vec(),
        comparisons: vec![table(
            "Test set",
            &["Model", "Accuracy", "Macro F1", "Parameters", "MACs", "Latency"],
            &[
                &["as trained", "92.8%", "0.927", "21,034", "1.9 M", "0.34 ms"],
                &["merged", "92.8%", "0.927", "20,582", "1.9 M", "0.21 ms"],
                &["most frequent class", "18.2%", "0.051", "0", "–", "–"],
            ],
            "Largest difference of a logit between the first two: 2.1e−6.",
        )],
        examples: examples::examples(),
        model: table(
            "tcn, 21,034 parameters",
            &["Part", "Operation", "Output", "Parameters", "MACs"],
            &[
                &["stem", "conv 1×7", "16 × 128", "672", "86.0 k"],
                &["blocks.0", "2 × depthwise-separable, dilation 1", "16 × 128", "1,024", "102 k"],
                &["blocks.1", "2 × depthwise-separable, dilation 2", "32 × 128", "3,840", "410 k"],
                &["blocks.2", "2 × depthwise-separable, dilation 4", "48 × 128", "15,104", "1.3 M"],
                &["head", "mean, linear", "6", "294", "288"],
            ],
            "",
        ),
        command: "factory train activity-tcn --data har.safetensors --seed 7 --output runs/activity-tcn"
            .to_owned(),
        config: CONFIG.to_owned(),
    }
}

const DATA: [&str; 3] = [
    "train: 21 recordings of 21 groups, 5,881 examples (lying 1,125, sitting 1,029, standing 1,099, walking 981, stairs up 858, stairs down 789)",
    "validation: 5 recordings of 5 groups, 1,471 examples, a share of 0.2 of the training files by group",
    "test: 9 recordings of 9 groups, 2,947 examples",
];

const NOTES: [&str; 3] = [
    "har/s01.csv: separator `;`, decimal comma, header in row 2; 1 comment line and 1 row of units skipped",
    "har/s07.csv: column `timestamp` left out; 2 gaps of more than 1.5 s divide it into 3 recordings",
    "har: 2 files that are not data were passed over (README.txt, .DS_Store)",
];

pub(crate) const CONFIG: &str = "name: activity
input: { channels: 6, length: 128 }  # accelerometer, gyroscope
classes: 6
architecture: tcn
params:
  blocks:
    - { channels: 16, depth: 2, kernel: 7, dilation: 1, se_divisor: 4, dropout: 0.1 }
    - { channels: 32, depth: 2, kernel: 7, dilation: 2, se_divisor: 4, dropout: 0.1 }
    # The last one sees the whole window.
    - { channels: 48, depth: 2, kernel: 7, dilation: 4, se_divisor: 4, dropout: 0.1 }
train:
  epochs: 40
  batch_size: 64
  schedule: cosine
";

fn table(title: &str, columns: &[&str], rows: &[&[&str]], note: &str) -> Table {
    let texts = |row: &&[&str]| row.iter().map(|&text| text.to_owned()).collect();
    Table {
        title: title.into(),
        columns: texts(&columns),
        rows: rows.iter().map(texts).collect(),
        note: note.into(),
    }
}

fn curves() -> Vec<Chart> {
    let noise = Noise::of("curves");
    let curve = |name: &str, n: u32, y: &dyn Fn(f64, f64) -> f64| {
        let point = |i: u32| {
            let at = f64::from(i) / f64::from(n);
            ((46_000.0 * at).round(), y(at, noise.normal(u64::from(i))))
        };
        Series { name: name.into(), points: (1..=n).map(point).collect() }
    };
    let chart = |title: &str, y: &str, log_y, series| Chart {
        title: title.into(),
        x: "step".into(),
        y: y.into(),
        log_y,
        series,
    };
    let validation = curve("validation", 40, &|at, n| 0.22 + 1.3 * (-6.0 * at).exp() + 0.02 * n);
    let train = curve("train", 100_000, &|at, n| (0.06 + 1.6 * (-5.0 * at).exp()) * (1.0 + 0.12 * n));
    vec![
        chart("Loss", "cross-entropy", true, vec![train, validation]),
        chart(
            "Accuracy",
            "",
            false,
            vec![
                curve("train", 40, &|at, n| 0.985 - 0.6 * (-7.0 * at).exp() + 0.004 * n),
                curve("validation", 40, &|at, n| 0.93 - 0.58 * (-7.0 * at).exp() + 0.008 * n),
            ],
        ),
        chart(
            "Macro F1",
            "",
            false,
            vec![curve("validation", 40, &|at, n| {
                if (0.4..0.46).contains(&at) { f64::NAN } else { 0.925 - 0.6 * (-6.0 * at).exp() + 0.008 * n }
            })],
        ),
        chart(
            "Learning rate",
            "",
            false,
            vec![curve("learning rate", 400, &|at, _| {
                let warm = (at / 0.05).min(1.0);
                1e-3 * warm * 0.5 * (1.0 + (std::f64::consts::PI * at).cos())
            })],
        ),
    ]
}
