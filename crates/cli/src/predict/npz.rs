//! Answers as arrays of NumPy.

use std::io::{Cursor, Write};

use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::network::{Answer, Network};
use super::table::classes;

/// An array's name, kind (`<f4`), shape and bytes.
struct Entry {
    name: String,
    kind: String,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// A `.npz` file with `outputs`, `origin` and `start`; of classes also `probabilities`, `classes` (an
/// index each) and `class_names`. All have an entry for each answer; answers of unequal shapes have
/// arrays of their own: `outputs_0`, `outputs_1` and so on.
pub(crate) fn npz(network: &Network, answers: &[Answer]) -> Vec<u8> {
    let mut entries = Vec::new();
    let even = answers.windows(2).all(|pair| pair[0].outputs.shape() == pair[1].outputs.shape());
    let groups: Vec<(&[Answer], String)> = if even {
        vec![(answers, String::new())]
    } else {
        answers.chunks(1).enumerate().map(|(i, answer)| (answer, format!("_{i}"))).collect()
    };
    for (group, suffix) in groups {
        let of_group = |shape: &[usize]| {
            let count = even.then_some(group.len());
            count.iter().chain(shape).copied().collect::<Vec<_>>()
        };
        let Some(first) = group.first() else { continue };
        let values = group.iter().flat_map(|answer| answer.outputs.data());
        entries.push(floats(format!("outputs{suffix}"), of_group(first.outputs.shape()), values));
        if network.classes().is_some() {
            let all: Vec<_> = group.iter().map(|answer| network.probabilities(&answer.outputs)).collect();
            let shape = all[0].shape();
            let values = all.iter().flat_map(|array| array.data());
            entries.push(floats(format!("probabilities{suffix}"), of_group(shape), values));
            let indices = all.iter().flat_map(classes);
            entries.push(integers(format!("classes{suffix}"), of_group(&shape[1..]), indices));
        }
    }
    let origins: Vec<&str> = answers.iter().map(|answer| answer.origin.as_str()).collect();
    entries.push(texts("origin", &origins));
    let starts = answers.iter().map(|answer| answer.start);
    entries.push(integers("start".to_owned(), vec![answers.len()], starts));
    if let Some(names) = network.classes() {
        entries.push(texts("class_names", &names.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    archive(&entries)
}

fn floats<'a>(name: String, shape: Vec<usize>, values: impl Iterator<Item = &'a f32>) -> Entry {
    let bytes = values.flat_map(|value| value.to_le_bytes()).collect();
    Entry { name, kind: "<f4".to_owned(), shape, bytes }
}

fn integers(name: String, shape: Vec<usize>, values: impl Iterator<Item = usize>) -> Entry {
    let bytes = values.flat_map(|value| (value as u64).to_le_bytes()).collect();
    Entry { name, kind: "<i8".to_owned(), shape, bytes }
}

/// Texts as NumPy has them: as many code points each, of four bytes, as the longest has.
fn texts(name: &str, values: &[&str]) -> Entry {
    let longest = values.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1);
    let points = |text: &&str| {
        let points = text.chars().map(u32::from).chain(std::iter::repeat(0)).take(longest);
        points.flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
    };
    let bytes = values.iter().flat_map(points).collect();
    Entry { name: name.to_owned(), kind: format!("<U{longest}"), shape: vec![values.len()], bytes }
}

/// Always the same bytes: no times are written.
fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .large_file(true);
    for entry in entries {
        let whole = "in memory, under names of its own";
        writer.start_file(format!("{}.npy", entry.name), options).expect(whole);
        writer.write_all(&header(entry)).and_then(|()| writer.write_all(&entry.bytes)).expect(whole);
    }
    writer.finish().expect("in memory").into_inner()
}

/// The header of a `.npy` file of version 1: a Python dictionary, filled up to a multiple of 64 bytes.
fn header(Entry { kind, shape, .. }: &Entry) -> Vec<u8> {
    const BEFORE: usize = 10;
    let sizes: String = shape.iter().map(|size| format!("{size},")).collect();
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let length = (BEFORE + text.len() + 1).next_multiple_of(64) - BEFORE;
    let count = u16::try_from(length).expect("a kind and at most four sizes");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(count.to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = length - 1).into_bytes());
    bytes
}
