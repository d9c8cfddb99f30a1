//! Tables: `.csv` and `.tsv`, also compressed.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use data::{Column, Columns, File, TableLayout};
use flate2::Compression;
use flate2::write::GzEncoder;
use graph::Shape;

use super::recordings::{Scratch, inputs, tasks};
use super::{Kind, base};
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Tables {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let rows = |separator: &str, header: &str, target: &dyn Fn(usize) -> String| {
        let mut text = header.replace(',', separator);
        for row in 0..8 {
            let cells: Vec<String> = (0..8).map(|i| format!("{}.5", i * row)).collect();
            text += &format!("{}{separator}{}\n", cells.join(separator), target(row));
        }
        text.into_bytes()
    };
    let class = |row: usize| ["walk", "run", "rest"][row % 3].to_owned();
    let number = |row: usize| format!("{}", row as f64 / 3.0);
    let header = "a,b,c,d,e,f,g,h,target\n";
    let samples = "x,y,label\n".to_owned() + &"0.5,-1e3,walk\n1,2,?\n-3,4.25,run\n".repeat(5);
    let quoted = "\"a\",b\n\"1.0\",\"x, y\"\n2,\"z \"\"q\"\"\"\n";
    let bases = vec![
        rows(",", "", &class),
        rows(",", header, &class),
        rows("\t", header, &number),
        rows(",", "", &number),
        samples.into_bytes(),
        quoted.as_bytes().to_vec(),
        wearable().into_bytes(),
        b"# a comment\r\nx;y;label\r\ng;g;\r\n1,5;-2,25;0\r\n;3;1.0\r\n".to_vec(),
        gzip(&rows(",", header, &class)),
        gzip(&rows("\t", "", &number)),
    ];
    Ok(Box::new(Tables { scratch: Scratch::new(scratch), bases }))
}

/// A table of samples with times, a gap, groups and missing cells.
fn wearable() -> String {
    let mut text = "time,subject,x,y,label\n".to_owned();
    for i in 0..24 {
        let (minute, subject) = (i / 8, ["a", "b"][i / 12]);
        let y = if i % 7 == 3 { String::new() } else { format!("{}.25", i % 5) };
        text += &format!("2026-03-01T08:{minute:02}:{:02}.5,{subject},{i},{y},{}\n", i % 8, i / 4 % 3);
    }
    text
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Mutates a table, sometimes compresses it, and sometimes mutates the compressed bytes.
pub(crate) fn mutated(random: &mut Random, bytes: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    if bytes.starts_with(&GZIP) {
        return mutate::binary(random, bytes, others);
    }
    let mut text = mutate::text(random, bytes, others);
    if random.one_in(300) {
        // A small file that is large when decompressed.
        let copies = 1 << random.below(15);
        if text.len() * copies < 64 << 20 {
            text = text.repeat(copies);
        }
    } else if !random.one_in(10) {
        return text;
    }
    gzip(&text)
}

pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

impl Kind for Tables {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, &self.bases);
        mutated(random, start, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let name = if input.starts_with(&GZIP) {
            "case.csv.gz"
        } else if input.contains(&b'\t') {
            "case.tsv"
        } else {
            "case.csv"
        };
        let path = self.scratch.write(name, input);
        let shape = Shape::new(2, [4]);
        inputs(&mut outcome, &path, &shape);
        tasks(&mut outcome, &path, &File::default(), &shape);
        let samples = File { layout: Some(TableLayout::Samples), ..File::default() };
        tasks(&mut outcome, &path, &samples, &shape);
        let columns = Columns(vec![Column::Name("h".to_owned()), Column::Number(0)]);
        let target = File { target: Some(columns), from: Some(1), ..File::default() };
        tasks(&mut outcome, &path, &target, &Shape::new(7, [1]));
        let column = |name: &str| Column::Name(name.to_owned());
        let wearable = File {
            layout: Some(TableLayout::Samples),
            channels: Some(Columns(vec![column("x"), column("y")])),
            target: Some(Columns(vec![column("label")])),
            group: Some(column("subject")),
            time: Some(column("time")),
            ..File::default()
        };
        tasks(&mut outcome, &path, &wearable, &shape);
        outcome
    }
}
