//! Files of arrays: `.npy`, `.npz` and safetensors.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use anyhow::Result;
use data::{File, npy};
use graph::{Array, Shape, Weights};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::recordings::{Scratch, inputs, tasks};
use super::{Kind, base, weights};
use crate::corpus::corpus;
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Arrays {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let values = |count: usize| (0..count).map(|i| i as f32 * 0.25 - 3.0).collect::<Vec<f32>>();
    let input = npy::write_floats(&[6, 2, 12], &values(144));
    let images = npy::write_floats(&[5, 1, 4, 4], &values(80));
    let labels = npy::write_integers(&[6], &[0, 1, 2, 0, 1, 2]);
    let positions = npy::write_integers(&[6, 12], &(0..72).map(|i| i % 3).collect::<Vec<_>>());
    let words = npy::write_strings(&["a", "b", "a", "c", "b", "c"]);
    let single = npy::write_floats(&[2, 40], &values(80));
    let mut bases = vec![
        zipped(&[("input.npy", &input), ("target.npy", &labels)]),
        zipped(&[("input.npy", &input), ("target.npy", &positions)]),
        zipped(&[("input.npy", &input), ("target.npy", &words)]),
        zipped(&[("input.npy", &input), ("target.npy", &input)]),
        zipped(&[("input.npy", &images), ("target.npy", &npy::write_floats(&[5], &values(5)))]),
        zipped(&[("input.npy", &npy::write_floats(&[300, 2, 60], &vec![0.0; 36_000]))]),
    ];
    bases.extend([input, images, labels, single]);
    let mut arrays = Weights::default();
    arrays.insert("input", Array::from_fn([6, 2, 12], |i| i as f32));
    arrays.insert("target", Array::from_fn([6], |i| (i % 3) as f32));
    bases.push(arrays.to_bytes());
    bases.extend(corpus(&[".npy"])?);
    Ok(Box::new(Arrays { scratch: Scratch::new(scratch), bases }))
}

/// Returns a compressed archive with these files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in files {
        // Writing to memory fails only for names that a mutation made invalid; the file is then left out.
        if writer.start_file(*name, options).is_ok() {
            let _ = writer.write_all(bytes);
        }
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// Returns the names and contents of the files in an archive.
fn unzipped(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).ok()?;
        let name = file.name().to_owned();
        let mut contents = Vec::new();
        file.take(1_000_000).read_to_end(&mut contents).ok()?;
        files.push((name, contents));
    }
    Some(files)
}

/// Mutates the header of an array as text and updates its length, or mutates the bytes.
fn mutated_npy(random: &mut Random, bytes: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let header = bytes.split_at_checked(10).and_then(|(start, rest)| {
        let length = usize::from(u16::from_le_bytes([start[8], start[9]]));
        Some((start, rest.split_at_checked(length)?))
    });
    let Some((start, (header, values))) = header else { return mutate::binary(random, bytes, others) };
    if random.one_in(4) {
        return mutate::binary(random, bytes, others);
    }
    let dictionary = b"{'descr': '<f8', '|u1', '<i4', '>f4', '<U3', '|S2', '|b1', '<f2', '<c8', '|O', 'shape': (0, 3,), 'fortran_order': True}";
    let header = mutate::text(random, header, &[dictionary.to_vec()]);
    let length = u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes();
    [&start[..8], &length, &header, values].concat()
}

impl Kind for Arrays {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let bytes = base(random, &self.bases);
        if let Some(mut files) = unzipped(bytes)
            && !random.one_in(4)
        {
            let index = random.below(files.len());
            if random.one_in(8) {
                files[index].0 =
                    String::from_utf8_lossy(&mutate::text(random, b"input.npy", &[])).into_owned();
            } else if random.one_in(40) {
                let zeros = 1 << random.below(24);
                files[index].1.extend(vec![0; zeros]);
            } else {
                files[index].1 = mutated_npy(random, &files[index].1, &self.bases);
            }
            let files: Vec<(&str, &[u8])> =
                files.iter().map(|(name, contents)| (name.as_str(), contents.as_slice())).collect();
            return zipped(&files);
        }
        if bytes.starts_with(b"\x93NUMPY") {
            return mutated_npy(random, bytes, &self.bases);
        }
        weights::mutated(random, bytes, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let name = if input.starts_with(b"PK") {
            "case.npz"
        } else if weights::parts(input).is_some() {
            "case.safetensors"
        } else {
            "case.npy"
        };
        let path = self.scratch.write(name, input);
        for shape in [Shape::new(2, [8]), Shape::new(1, [4, 4])] {
            inputs(&mut outcome, &path, &shape);
            tasks(&mut outcome, &path, &File::default(), &shape);
        }
        outcome
    }
}
