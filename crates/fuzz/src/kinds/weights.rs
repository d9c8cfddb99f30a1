//! Safetensors files: what is read must be the same when it is written and read again, and comparing it with a model
//! ends with a short sentence.

use std::path::Path;

use anyhow::Result;
use dialects::{OriginFilter, recognize};
use factory::{BuiltModel, Factory};
use graph::{Array, Weights};

use super::exercise::is_finite;
use super::{Kind, base};
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Files {
    bases: Vec<Vec<u8>>,
    model: BuiltModel,
}

/// A small model of a family that several packages have.
const MODEL: &str = "{ name: m, input: { channels: 1, length: 8 }, classes: 2, architecture: resnet,
    params: { stages: [{ channels: 2, depth: 1, kernel: 3 }] } }";

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    let array = |shape: &[usize]| Array::from_fn(shape, |i| i as f32 - 2.5);
    let mut weights = Weights::default();
    weights.insert("conv.weight", array(&[2, 3, 5]));
    weights.insert("conv.bias", array(&[2]));
    let plain = weights.to_bytes();
    weights.insert("scale", array(&[]));
    weights.insert("empty", array(&[0, 4]));
    let annotated = weights.to_annotated_bytes("format", "pt");
    let header = |text: &str, data: usize| [text.as_bytes(), &vec![0; data]].concat();
    let types = r#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},"c.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"d":{"dtype":"F64","shape":[1,1],"data_offsets":[16,24]}}"#;
    let types = with_length(&header(types, 0), &[0; 24]);
    let model = Factory::builtin().build(MODEL)?;
    let ours = Weights::initial(&model.graph, 0);
    let wrapped: Weights =
        ours.iter().map(|(name, array)| (format!("module.{name}"), array.clone())).collect();
    let empty = Weights::default();
    let bases = [ours, wrapped, empty].map(|weights| weights.to_bytes());
    let bases = [plain, annotated, types].into_iter().chain(bases).collect();
    Ok(Box::new(Files { bases, model }))
}

/// The bytes of a safetensors file with this header and data.
pub(crate) fn with_length(header: &[u8], data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header, data].concat()
}

/// Returns the header and the data of a safetensors file, if the header's length is valid.
pub(crate) fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// Mutates the header as text and updates its length, or mutates the bytes.
pub(crate) fn mutated(random: &mut Random, bytes: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let Some((header, data)) = parts(bytes) else { return mutate::binary(random, bytes, others) };
    match random.below(8) {
        0..=4 => {
            let headers: Vec<Vec<u8>> =
                others.iter().filter_map(|other| Some(parts(other)?.0.to_vec())).collect();
            with_length(&mutate::text(random, header, &headers), data)
        }
        5 => with_length(header, &mutate::binary(random, data, &[])),
        _ => mutate::binary(random, bytes, others),
    }
}

impl Kind for Files {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, &self.bases);
        mutated(random, start, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let path = Path::new("weights.safetensors");
        if let Some(weights) = outcome.result(Weights::from_bytes(input, path)) {
            outcome.require(is_finite(&weights), "weights that were read are finite");
            let bytes = weights.to_bytes();
            let again = Weights::from_bytes(&bytes, path);
            let is_equal =
                again.is_ok_and(|again| again.to_bytes() == bytes && again.iter().eq(weights.iter()));
            if let Ok(found) = recognize(&self.model, &self.model.graph, &weights, &OriginFilter::default()) {
                let count = found.weights.len();
                outcome.require(count == found.report.matched, "all weights that match are there");
                let report = found.report.to_string();
                outcome.require(!report.contains(char::is_control), "a report is one line");
            }
            outcome.require(is_equal, "weights are equal when they are written and read again");
        }
        outcome
    }
}
