//! A page of made-up data with everything that a page can show:
//! `cargo run --release -p report --example page -- report.html`.

use graph::{Array, Noise};
use report::{
    Chart, Confusion, Errors, Example, ExamplePrediction, Figure, Input, Outcome, Page, Series, Table,
};

fn main() -> Result<(), report::ReportError> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "report.html".to_owned());
    let outcome = match std::env::args().nth(2).as_deref() {
        Some("many") => many(),
        Some("values") => values(),
        Some("none") => return Page { title: "An empty run".to_owned(), ..Page::default() }.write(path),
        _ => activities(),
    };
    page(outcome).write(path)
}

const ACTIVITIES: [&str; 6] = ["lying", "sitting", "standing", "walking", "stairs up", "stairs down"];

fn page(outcome: Outcome) -> Page {
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
        examples: examples(),
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
        command: "factory train activity-tcn --data har.safetensors --seed 7 --out runs/activity-tcn"
            .to_owned(),
        config: CONFIG.to_owned(),
    }
}

const CONFIG: &str = "name: activity
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
  batch: 64
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

fn activities() -> Outcome {
    #[rustfmt::skip]
    let counts: [[u64; 6]; 6] = [
        [537,   0,   0,   0,   0,   0],
        [  0, 431,  58,   0,   0,   2],
        [  0,  39, 493,   0,   0,   0],
        [  0,   0,   0, 482,  11,   3],
        [  0,   1,   0,  32, 429,   9],
        [  0,   0,   0,   9,  48, 363],
    ];
    let mut confusion = Confusion::new(ACTIVITIES.map(str::to_owned).to_vec());
    for (truth, row) in counts.iter().enumerate() {
        for (predicted, &n) in row.iter().enumerate() {
            (0..n).for_each(|_| confusion.add(truth, predicted));
        }
    }
    Outcome::Classes(confusion)
}

/// Fifty classes with names of forty characters.
fn many() -> Outcome {
    let name = |i: usize| format!("{i:02} an activity with a rather long name");
    let mut confusion = Confusion::new((0..50).map(name).collect());
    let noise = Noise::of("many");
    for i in 0..20_000u64 {
        let truth = usize::try_from(noise.bits(3 * i) % 49).unwrap_or(0);
        let right = noise.uniform(3 * i + 1) < 0.85;
        let other = usize::try_from(noise.bits(3 * i + 2) % 7).unwrap_or(0);
        confusion.add(truth, if right { truth } else { (truth + other) % 50 });
    }
    Outcome::Classes(confusion)
}

fn values() -> Outcome {
    let mut errors = Errors::new();
    let (noisy, clean, denoised) = ecg(1000);
    errors.add(Some(noisy.data()), clean.data(), denoised.data());
    Outcome::Values(errors)
}

fn examples() -> Vec<Example> {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let series = |values, channels: &[&str], rate| Input::Series {
        values,
        channels: names(channels),
        sampling_rate: Some(rate),
    };
    let class = |classes: &[&str], truth, probabilities: &[f32]| ExamplePrediction::Class {
        classes: names(classes),
        truth: Some(truth),
        probabilities: probabilities.to_vec(),
    };
    let example = |title: &str, input, prediction| Example { title: title.into(), input, prediction };
    let motion = ["acc x", "acc y", "acc z", "gyr x", "gyr y", "gyr z"];
    let digits = names(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    let digit = |name: &str, truth, p: &[f32]| {
        let prediction = ExamplePrediction::Class {
            classes: digits.clone(),
            truth: Some(truth),
            probabilities: p.to_vec(),
        };
        example(name, Input::Image { values: picture_of_eight() }, prediction)
    };
    let (noisy, clean, denoised) = ecg(1000);
    let (truth, predicted) = bands(3000);
    let (mask, guess) = masks();
    vec![
        example(
            "Test window 12",
            series(walk(128), &motion, 50.0),
            class(&ACTIVITIES, 3, &[0.0, 0.001, 0.002, 0.951, 0.031, 0.015]),
        ),
        example(
            "Test window 1,204",
            series(walk(128), &motion, 50.0),
            class(&ACTIVITIES, 5, &[0.01, 0.01, 0.02, 0.15, 0.47, 0.34]),
        ),
        example(
            "Recording 3, from 12 min",
            series(walk(3000), &motion[..3], 50.0),
            ExamplePrediction::Labels { classes: names(&ACTIVITIES), truth: Some(truth), predicted },
        ),
        example(
            "ECG with noise",
            series(noisy, &["lead II (mV)"], 250.0),
            ExamplePrediction::Values { truth: Some(clean), predicted: denoised },
        ),
        digit("Digit 41", 8, &[0.01, 0.0, 0.0, 0.03, 0.0, 0.02, 0.0, 0.0, 0.9, 0.04]),
        digit("Digit 97", 8, &[0.02, 0.0, 0.0, 0.05, 0.0, 0.03, 0.01, 0.0, 0.31, 0.58]),
        digit("Digit 102", 8, &[0.21, 0.12, 0.14, 0.13, 0.11, 0.1, 0.1, 0.04, 0.03, 0.02]),
        example(
            "Cells 7",
            Input::Image { values: cells() },
            ExamplePrediction::Labels {
                classes: names(&["background", "nucleus", "membrane"]),
                truth: Some(mask),
                predicted: guess,
            },
        ),
    ]
}

#[allow(clippy::cast_possible_truncation, reason = "made-up signals are f32")]
fn array(shape: impl Into<Vec<usize>>, value: impl Fn(usize) -> f64) -> Array {
    Array::from_fn(shape, |i| value(i) as f32)
}

fn walk(samples: usize) -> Array {
    let noise = Noise::of("walk");
    array([6, samples], |i| {
        let (channel, t) = (i / samples, (i % samples) as f64 / 50.0);
        let stride = (11.0 * t + channel as f64).sin() + 0.5 * (22.0 * t + 2.0 * channel as f64).sin();
        let size = if channel < 3 { 3.0 } else { 90.0 };
        let gravity = if channel == 2 { 9.81 } else { 0.0 };
        gravity + size * (stride + 0.25 * noise.normal(i as u64))
    })
}

fn ecg(samples: usize) -> (Array, Array, Array) {
    let noise = Noise::of("ecg");
    let wave = |phase: f64, at: f64, width: f64, size: f64| size * (-((phase - at) / width).powi(2)).exp();
    let clean = |i: usize| {
        let phase = (i as f64 / 210.0).fract();
        wave(phase, 0.2, 0.03, 0.15)
            + wave(phase, 0.36, 0.01, -0.12)
            + wave(phase, 0.38, 0.011, 1.2)
            + wave(phase, 0.41, 0.012, -0.25)
            + wave(phase, 0.62, 0.05, 0.3)
    };
    let hum = |i: usize| 0.15 * noise.normal(i as u64) + 0.2 * (i as f64 / 130.0).sin();
    (
        array([1, samples], |i| clean(i) + hum(i)),
        array([1, samples], clean),
        array([1, samples], |i| 0.97 * clean(i) + 0.02 * noise.normal((i / 6) as u64)),
    )
}

fn bands(samples: usize) -> (Vec<usize>, Vec<usize>) {
    let truth = |i: usize| [2, 3, 4, 3, 1][i * 5 / samples];
    let predicted = |i: usize| match i * 1000 / samples {
        190..230 => 3,
        410..440 => 3,
        620..640 => 5,
        _ => truth(i),
    };
    ((0..samples).map(truth).collect(), (0..samples).map(predicted).collect())
}

fn picture_of_eight() -> Array {
    #[rustfmt::skip]
    let rows: [[u8; 8]; 8] = [
        [0, 0,  9, 14,  8,  1, 0, 0],
        [0, 0, 12, 14, 14, 12, 0, 0],
        [0, 0,  9, 10,  0, 15, 4, 0],
        [0, 0,  3, 16, 12, 14, 2, 0],
        [0, 0,  4, 16, 16,  2, 0, 0],
        [0, 3, 16,  8, 10, 13, 2, 0],
        [0, 1, 15,  1,  3, 16, 8, 0],
        [0, 0, 11, 16, 15, 11, 1, 0],
    ];
    array([1, 8, 8], |i| f64::from(rows[i / 8][i % 8]) / 16.0)
}

const SIDE: usize = 128;

/// The distance of a pixel from the center of the nearest cell, relative to the size of the cell.
fn distance(i: usize) -> f64 {
    let (y, x) = ((i / SIDE) as f64, (i % SIDE) as f64);
    let cells = [(40.0, 38.0, 26.0), (88.0, 84.0, 30.0), (30.0, 100.0, 18.0), (104.0, 26.0, 16.0)];
    cells.iter().map(|&(cy, cx, r)| (y - cy).hypot(x - cx) / r).fold(f64::MAX, f64::min)
}

fn cells() -> Array {
    let noise = Noise::of("cells");
    array([3, SIDE, SIDE], |i| {
        let near = distance(i % (SIDE * SIDE));
        let tint = [0.72, 0.5, 0.62][i / (SIDE * SIDE)];
        let body = if near < 1.0 { 0.45 - 0.25 * (1.0 - near) } else { 0.0 };
        (0.9 - body - (1.0 - tint) * f64::from(u8::from(near < 1.0)) + 0.04 * noise.normal(i as u64))
            .clamp(0.0, 1.0)
    })
}

fn masks() -> (Vec<usize>, Vec<usize>) {
    let class = |near: f64| match near {
        ..0.45 => 1,
        0.45..1.0 => 2,
        _ => 0,
    };
    let noise = Noise::of("mask");
    let all = 0..SIDE * SIDE;
    let blurred = |i: usize| class(distance(i) + 0.06 * noise.normal((i / 5) as u64));
    (all.clone().map(|i| class(distance(i))).collect(), all.map(blurred).collect())
}
