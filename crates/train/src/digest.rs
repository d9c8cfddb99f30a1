//! Digests of weights, used to identify runs and to detect damaged files.

use graph::Weights;
use sha2::{Digest, Sha256};

/// Number of values hashed at a time.
const CHUNK: usize = 4096;

/// Adds the name, shape and values of each array to a digest.
pub(crate) fn add_weights(digest: &mut Sha256, weights: &Weights) {
    let mut bytes = Vec::with_capacity(4 * CHUNK);
    for (name, array) in weights.iter() {
        digest.update(format!("{name}{:?}", array.shape()));
        for chunk in array.data().chunks(CHUNK) {
            bytes.clear();
            bytes.extend(chunk.iter().flat_map(|value| value.to_le_bytes()));
            digest.update(&bytes);
        }
    }
}

/// The digest of weights in hexadecimal.
pub(crate) fn of_weights(weights: &Weights) -> String {
    let mut digest = Sha256::new();
    add_weights(&mut digest, weights);
    hexadecimal(&digest.finalize())
}

/// The digest of a string in hexadecimal.
pub(crate) fn of_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
