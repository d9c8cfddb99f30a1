//! Memory does not grow from epoch to epoch.

#![cfg(feature = "torch")]
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::{config, splits, turn};
use torch::tch::Device;
use train::{Config, Trainer};

/// Bytes that are allocated in the process, tensors among them.
#[allow(unsafe_code, reason = "the C library counts its allocations; there is no safe door to it")]
fn allocated() -> usize {
    // SAFETY: it takes nothing and returns a plain struct.
    let counts = unsafe { libc::mallinfo2() };
    counts.uordblks + counts.hblkhd
}

/// Bytes of the process in memory.
fn resident() -> f64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

#[test]
fn epochs_leave_nothing_behind() {
    let _turn = turn();
    let config = Config { epochs: 20, batch_size: 96, ..config() };
    let splits = splits(960);
    let mut trainer = Trainer::new(common::graph(), &splits, config, 1, Device::Cpu).unwrap();
    let mut after = Vec::new();
    while !trainer.is_done() {
        trainer.step().unwrap();
        if trainer.is_epoch_end() {
            after.push((allocated(), resident()));
        }
    }
    let ((second, second_resident), (last, last_resident)) = (after[1], after[19]);
    // The loading threads' own small change differs; a batch's input left behind in each epoch would be
    // seven times as much.
    let (small_change, input) = (1 << 16, 96 * 2 * 32 * 4);
    assert!(18 * input > 6 * small_change);
    assert!(last.abs_diff(second) < small_change, "{second} bytes after epoch 2, {last} after epoch 20");
    assert!((last_resident / second_resident - 1.0).abs() < 0.05, "{second_resident} {last_resident}");
}
