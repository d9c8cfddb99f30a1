//! Data that is larger than the memory it may take.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::Order;
use files::{Folder, npy};

/// Size of the file, in bytes. Its numbers take eight times as much memory.
const SIZE: usize = 32 << 20;
/// Maximum memory, in bytes, that reading the file may take.
const MOST_MEMORY: u64 = 48 << 20;

/// Returns the current and the peak memory of the process, in bytes.
fn memory() -> Option<[u64; 2]> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
    };
    Some([bytes("VmRSS:")?, bytes("VmHWM:")?])
}

#[test]
fn an_array_is_read_without_being_in_memory() {
    let (samples, count) = (1 << 16, SIZE >> 17);
    let folder = Folder::of(&[]);
    let header = npy("|u1", &format!("({count}, 2, {samples})"), &[]);
    let pattern: Vec<u8> = (0..SIZE).map(|i| u8::try_from(i % 251).unwrap()).collect();
    std::fs::write(folder.path().join("a.npy"), [header, pattern].concat()).unwrap();
    let before = memory();
    let config = "task: denoising\nnoise: { snr: 0 }\nwindow: { length: 256 }\nthreads: 2\ntrain: a.npy";
    let splits = folder.open(config, &[2, 256]).unwrap();
    assert_eq!(splits.train.len(), count * samples / 256);
    for batch in splits.train.batches(Order::Shuffled { seed: 0, epoch: 0 }, 64, 0).take(200) {
        assert_eq!(batch.unwrap().input.shape(), [64, 2, 256]);
    }
    if let (Some([before, _]), Some([_, peak])) = (before, memory()) {
        // The pattern above was in memory before, twice.
        let allowed = before.max(2 * SIZE as u64) + MOST_MEMORY;
        assert!(peak < allowed + SIZE as u64, "{peak} bytes of {before} before");
    }
}
