//! Data of many shapes.

#![allow(clippy::cast_possible_truncation, reason = "the values are small")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use tempfile::TempDir;

use crate::{accepted, value, write};

const ACTIVITIES: [&str; 3] = ["rest", "walk", "run"];

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Rows of recordings: `channels` times `samples` values, then what `target` gives for a row.
fn rows(count: usize, channels: usize, samples: usize, target: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for row in 0..count {
        for channel in 0..channels {
            for i in 0..samples {
                write!(text, "{:.3},", value(row % 3, channel, i + row)).unwrap();
            }
        }
        writeln!(text, "{}", target(row)).unwrap();
    }
    text
}

/// Rows of samples at 25 Hz: a time, three channels and an activity that changes every 100 samples.
fn samples(first: usize, count: usize, prefix: &str) -> String {
    let mut text = String::new();
    for i in first..first + count {
        let class = (i - first) / 100 % 3;
        let time = (i - first) as f64 / 25.0;
        let [x, y, z] = [0, 1, 2].map(|channel| value(class, channel, i));
        writeln!(text, "{prefix}{time:.2},{x:.3},{y:.3},{z:.3},{}", ACTIVITIES[class]).unwrap();
    }
    text
}

/// Whether the text has all of these lines, apart from indentation.
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found.trim() == *line), "`{line}` is not in\n{text}");
    }
}

fn activity(row: usize) -> String {
    ACTIVITIES[row % 3].to_owned()
}

#[test]
fn rows_of_recordings_without_header() {
    let place = folder();
    write(place.path(), "rows.csv", rows(30, 1, 40, activity));
    let text = accepted(place.path(), &["rows.csv"]);
    has(&text, &["task: classification", "input: { channels: 1, length: 40 }", "classes: 3", "target: 40"]);
    let text = accepted_anew(place.path(), &["rows.csv", "--length", "20"]);
    has(&text, &["input: { channels: 1, length: 20 }", "window: { length: 20, step: 10 }"]);
}

/// As [`accepted`], after a config was written.
fn accepted_anew(folder: &Path, arguments: &[&str]) -> String {
    std::fs::remove_file(folder.join("model.yaml")).unwrap();
    accepted(folder, arguments)
}

#[test]
fn names_of_columns_tell_the_channels() {
    let place = folder();
    let names = ["acc", "gyro"].map(|name| (0..20).map(|i| format!("{name}_{i},")).collect::<String>());
    let text = format!("id,{}{}label\n", names[0], names[1]);
    let numbered: String =
        rows(30, 2, 20, activity).lines().enumerate().map(|(i, row)| format!("{i},{row}\n")).collect();
    write(place.path(), "rows.csv", text + &numbered);
    let text = accepted(place.path(), &["rows.csv"]);
    has(&text, &["input: { channels: 2, length: 20 }", "ignore: id", "target: label"]);
}

#[test]
fn semicolons_and_decimal_commas() {
    let place = folder();
    let text = rows(24, 1, 16, activity).replace(',', ";").replace('.', ",");
    write(place.path(), "rows.csv", text);
    let text = accepted(place.path(), &["rows.csv"]);
    has(&text, &["input: { channels: 1, length: 16 }", "classes: 3"]);
    assert!(text.contains("separator `;`, decimal comma"), "{text}");
}

#[test]
fn the_class_is_first_in_the_ucr_archive() {
    let place = folder();
    for name in ["Gun_TRAIN.tsv", "Gun_TEST.tsv"] {
        let seed = if name.contains("TEST") { 100 } else { 0 };
        let rows: String = (0..20)
            .map(|row| {
                let values: Vec<String> =
                    (0..24).map(|i| format!("{:.4}", value(row % 2, 0, i + row + seed))).collect();
                format!("{}\t{}\n", row % 2 + 1, values.join("\t"))
            })
            .collect();
        write(place.path(), name, rows);
    }
    let text = accepted(place.path(), &["Gun_TRAIN.tsv", "Gun_TEST.tsv"]);
    has(&text, &["target: 0", "test: Gun_TEST.tsv", "classes: 2", "input: { channels: 1, length: 24 }"]);
}

#[test]
fn rows_of_different_lengths() {
    let place = folder();
    let text: String = (0..24)
        .map(|row| {
            let values: String =
                (0..12 + row % 5).map(|i| format!("{:.3},", value(row % 3, 0, i + row))).collect();
            format!("{values}{}\n", activity(row))
        })
        .collect();
    write(place.path(), "rows.csv", text);
    has(
        &accepted(place.path(), &["rows.csv"]),
        &["input: { channels: 1, length: 16 }", "pad: zero", "classes: 3"],
    );
    has(&accepted_anew(place.path(), &["."]), &["train: \".\"", "classes: 3"]);
}

#[test]
fn a_number_for_each_recording() {
    let place = folder();
    let names: String = (0..20).map(|i| format!("v{i},")).collect();
    let text = format!("{names}rate\n{}", rows(30, 1, 20, |row| format!("{:.2}", 60.0 + 1.7 * row as f64)));
    write(place.path(), "rows.csv", text);
    let text = accepted(place.path(), &["rows.csv", "--target", "rate"]);
    has(&text, &["task: regression", "classes: 1", "target: rate"]);
}

#[test]
fn several_labels_of_a_recording() {
    let place = folder();
    let text = rows(30, 1, 20, |row| format!("{},{}", row % 2, usize::from(row % 3 == 0)));
    let names: String = (0..20).map(|i| format!("v{i},")).collect();
    write(place.path(), "beats.csv", format!("{names}sinus,ectopic\n{text}"));
    let text = accepted(place.path(), &["beats.csv", "--target", "sinus,ectopic"]);
    has(&text, &["task: multi_label", "classes: 2", "target: [sinus, ectopic]"]);
}

#[test]
fn samples_with_subjects_times_and_missing_cells() {
    let place = folder();
    let mut text = "subject,time,x,y,z,activity\n".to_owned();
    for (i, subject) in ["anna", "ben", "cleo", "dan", "eve"].into_iter().enumerate() {
        text.push_str(&samples(1000 * i, 600, &format!("{subject},")));
    }
    let text = text.replace("anna,1.00,", "anna,1.00,,0.1,0.2,rest\nanna,1.00,");
    write(place.path(), "day.csv", text);
    let text = accepted(place.path(), &["day.csv"]);
    has(
        &text,
        &[
            "task: segmentation",
            "layout: samples",
            "channels: [x, y, z]",
            "target: activity",
            "group: subject",
            "time: time",
            "missing: interpolate",
            "validation: 0.2",
            "classes: 3",
        ],
    );
    assert!(text.contains("Windows of 100 samples, 4 seconds at 25 samples per second"), "{text}");
}

#[test]
fn a_single_series_of_samples() {
    let place = folder();
    write(place.path(), "night.csv", format!("time,x,y,z,stage\n{}", samples(0, 2000, "")));
    let text = accepted(place.path(), &["night.csv"]);
    has(
        &text,
        &[
            "train: { file: night.csv, to: 1600 }",
            "validation: { file: night.csv, from: 1600 }",
            "task: segmentation",
        ],
    );
}

#[test]
fn a_folder_of_files_with_one_class_each() {
    let place = folder();
    for file in 0..9 {
        let rows: String = (0..300)
            .map(|i| {
                let [x, y] = [0, 1].map(|channel| value(file % 3, channel, i + 7 * file));
                format!("{x:.3},{y:.3},{}\n", ACTIVITIES[file % 3])
            })
            .collect();
        write(place.path(), &format!("files/{file}.csv"), format!("x,y,label\n{rows}"));
    }
    let text = accepted(place.path(), &["files"]);
    has(
        &text,
        &["task: classification", "train: files", "layout: samples", "window: { length: 64, step: 32 }"],
    );
    let text = accepted_anew(place.path(), &["files", "--task", "segmentation", "--length", "50"]);
    has(&text, &["task: segmentation", "input: { channels: 2, length: 50 }"]);
}

#[test]
fn a_gzipped_table() {
    let place = folder();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(rows(24, 1, 16, activity).as_bytes()).unwrap();
    write(place.path(), "rows.csv.gz", packed.finish().unwrap());
    has(&accepted(place.path(), &["rows.csv.gz"]), &["train: rows.csv.gz", "classes: 3"]);
}

#[test]
fn ts_files_for_training_and_testing() {
    let place = folder();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    for name in ["BasicMotions_TRAIN.ts", "BasicMotions_TEST.ts"] {
        std::fs::copy(data.join(name), place.path().join(name)).unwrap();
    }
    let text = accepted(place.path(), &["."]);
    has(&text, &["test: BasicMotions_TEST.ts", "input: { channels: 6, length: 100 }", "classes: 4"]);
}

#[test]
fn numbers_in_a_ts_file() {
    let place = folder();
    let rows: String = (0..20)
        .map(|row| {
            let values: Vec<String> = (0..15).map(|i| format!("{:.3}", value(row % 3, 0, i + row))).collect();
            format!("{}:{:.2}\n", values.join(","), 0.37 * row as f64)
        })
        .collect();
    write(place.path(), "rate.ts", format!("@targetlabel true\n@data\n{rows}"));
    has(&accepted(place.path(), &["rate.ts"]), &["task: regression", "classes: 1"]);
}

fn floats(shape: &[usize], of: impl Fn(usize) -> f64) -> Vec<u8> {
    let values: Vec<f32> = (0..shape.iter().product()).map(|i| of(i) as f32).collect();
    data::npy::write_floats(shape, &values)
}

fn integers(shape: &[usize], of: impl Fn(usize) -> usize) -> Vec<u8> {
    let values: Vec<usize> = (0..shape.iter().product()).map(of).collect();
    data::npy::write_integers(shape, &values)
}

fn npz(folder: &Path, name: &str, arrays: &[(&str, Vec<u8>)]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.join(name)).unwrap());
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn an_npz_file_with_a_class_for_each_recording() {
    let place = folder();
    let x = floats(&[30, 2, 50], |i| value(i / 100 % 3, i / 50 % 2, i));
    let y = integers(&[30], |i| i % 3);
    npz(place.path(), "set.npz", &[("X", x), ("y", y)]);
    let text = accepted(place.path(), &["set.npz"]);
    has(
        &text,
        &[
            "task: classification",
            "input: X",
            "target: y",
            "input: { channels: 2, length: 50 }",
            "classes: 3",
        ],
    );
    assert!(text.contains("# classes: { \"0\": NAME") || text.contains("# classes: { 0: NAME"), "{text}");
}

#[test]
fn an_npz_file_with_a_class_for_each_sample() {
    let place = folder();
    let input = floats(&[12, 3, 80], |i| value(i / 40 % 2, i / 80 % 3, i));
    let target = integers(&[12, 80], |i| i / 40 % 2);
    npz(place.path(), "nights.npz", &[("input", input), ("target", target)]);
    has(&accepted(place.path(), &["nights.npz"]), &["task: segmentation", "classes: 2"]);
}

#[test]
fn an_npy_file_for_denoising() {
    let place = folder();
    write(place.path(), "ecg.npy", floats(&[1, 5000], |i| value(0, 0, i)));
    has(
        &accepted(place.path(), &["ecg.npy"]),
        &["task: denoising", "noise: { snr: 5.0, white: 1.0 }", "classes: 1"],
    );
}

#[test]
fn a_safetensors_file_of_numbers() {
    let place = folder();
    let bytes = |count: usize, of: &dyn Fn(usize) -> f64| -> Vec<u8> {
        (0..count).flat_map(|i| (of(i) as f32).to_le_bytes()).collect()
    };
    let (x, y) = (bytes(2000, &|i| value(i / 100 % 3, 0, i)), bytes(40, &|i| i as f64 * 0.3));
    let header = format!(
        "{{\"input\":{{\"dtype\":\"F32\",\"shape\":[20,1,100],\"data_offsets\":[0,{0}]}},\"target\":{{\"dtype\":\"F32\",\"shape\":[20,2],\"data_offsets\":[{0},{1}]}}}}",
        x.len(),
        x.len() + y.len()
    );
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &x, &y].concat();
    write(place.path(), "set.safetensors", bytes);
    has(&accepted(place.path(), &["set.safetensors"]), &["task: regression", "classes: 2"]);
}

/// A gray image as a PGM file.
fn pgm(size: usize, of: impl Fn(usize, usize) -> usize) -> Vec<u8> {
    let mut text = format!("P2\n{size} {size}\n255\n");
    for row in 0..size {
        let pixels: Vec<String> = (0..size).map(|column| of(row, column).to_string()).collect();
        writeln!(text, "{}", pixels.join(" ")).unwrap();
    }
    text.into_bytes()
}

#[test]
fn a_folder_of_images_for_each_class() {
    let place = folder();
    for i in 0..12 {
        let class = ["dots", "lines"][i % 2];
        let image =
            pgm(24, |row, column| if i % 2 == 0 { (row * column + i) % 200 } else { (row * 9 + i) % 200 });
        write(place.path(), &format!("shapes/{class}/{i}.pgm"), image);
    }
    let text = accepted(place.path(), &["shapes"]);
    has(&text, &["input: { channels: 1, height: 24, width: 24 }", "classes: 2", "architecture: resnet"]);
}

#[test]
fn images_with_masks() {
    let place = folder();
    for i in 0..8 {
        write(
            place.path(),
            &format!("cells/images/{i}.pgm"),
            pgm(32, |row, column| (row * 3 + column * 5 + i) % 250),
        );
        write(
            place.path(),
            &format!("cells/masks/{i}.pgm"),
            pgm(32, |row, column| usize::from(row + column > 20 + i)),
        );
    }
    let text = accepted(place.path(), &["cells"]);
    has(&text, &["task: segmentation", "train: { file: cells/images, target: cells/masks }", "classes: 2"]);
}

#[test]
fn folders_for_training_and_testing() {
    let place = folder();
    let rows = rows(40, 1, 30, activity);
    let rows: Vec<&str> = rows.lines().collect();
    write(place.path(), "set/train/a.csv", rows[..24].join("\n"));
    write(place.path(), "set/test/a.csv", rows[24..].join("\n"));
    has(&accepted(place.path(), &["set"]), &["train: set/train", "test: set/test", "validation: 0.2"]);
}
