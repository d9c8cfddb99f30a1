//! Digests of the content of recordings, by which a resumed run recognizes its data.

use sha2::{Digest, Sha256};

use crate::{Recording, Target};

/// Number of bytes hashed at a time.
const CHUNK: usize = 4096;

/// The digests of a recording. The origin does not count.
pub(crate) struct RecordingDigest {
    /// The digest of the input.
    pub(crate) input: [u8; 32],
    /// The digest of the input and the target.
    pub(crate) all: [u8; 32],
}

/// Returns the digests of a recording.
pub(crate) fn of_recording(recording: &Recording) -> RecordingDigest {
    let mut digest = Sha256::new();
    sizes(&mut digest, recording.input.shape());
    floats(&mut digest, recording.input.data());
    let input = digest.clone().finalize().into();
    match &recording.target {
        Target::Class(class) => {
            digest.update(b"class");
            sizes(&mut digest, &[*class]);
        }
        Target::Positions(classes) => {
            digest.update(b"positions");
            sizes(&mut digest, &[classes.len()]);
            for chunk in classes.chunks(CHUNK) {
                let numbers = chunk.iter().map(|class| class.map_or(u64::MAX, |class| class as u64));
                digest.update(numbers.flat_map(u64::to_le_bytes).collect::<Vec<u8>>());
            }
        }
        Target::Labels(labels) => {
            digest.update(b"labels");
            digest.update(labels.iter().map(|label| u8::from(*label)).collect::<Vec<u8>>());
        }
        Target::Numbers(numbers) => {
            digest.update(b"numbers");
            sizes(&mut digest, &[numbers.len()]);
            floats(&mut digest, numbers);
        }
        Target::Signal(signal) => {
            digest.update(b"signal");
            sizes(&mut digest, signal.shape());
            floats(&mut digest, signal.data());
        }
        Target::None => digest.update(b"none"),
    }
    RecordingDigest { input, all: digest.finalize().into() }
}

/// Returns the digest of several recordings, which depends on their order, in hexadecimal.
pub(crate) fn of_all(recordings: impl IntoIterator<Item = [u8; 32]>) -> String {
    let mut digest = Sha256::new();
    for recording in recordings {
        digest.update(recording);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sizes(digest: &mut Sha256, sizes: &[usize]) {
    digest.update((sizes.len() as u64).to_le_bytes());
    for size in sizes {
        digest.update((*size as u64).to_le_bytes());
    }
}

fn floats(digest: &mut Sha256, values: &[f64]) {
    let mut bytes = Vec::with_capacity(8 * CHUNK.min(values.len()));
    for chunk in values.chunks(CHUNK) {
        bytes.clear();
        // All missing values are equal.
        let values = chunk.iter().map(|&value| if value.is_nan() { f64::NAN } else { value });
        bytes.extend(values.flat_map(f64::to_le_bytes));
        digest.update(&bytes);
    }
}
