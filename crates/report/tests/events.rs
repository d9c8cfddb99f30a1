//! Event logs: their bytes, and their content after a resume.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare its files has failed")]

use std::fs;
use std::path::Path;

use expect_test::expect;
use report::{Events, Scalar};

fn write(events: &mut Events, steps: impl IntoIterator<Item = u64>) {
    for step in steps {
        let x = step as f64;
        events.write(step, 1e9 + x, [("train/loss", 1.0 / x), ("learning_rate", 0.0)]).unwrap();
    }
}

fn bytes(folder: &Path) -> Vec<u8> {
    fs::read(Events::path(folder)).unwrap()
}

/// The end of each record, found by the lengths alone.
fn ends(log: &[u8]) -> Vec<usize> {
    let mut ends = vec![0];
    while let Some(length) = log.get(ends[ends.len() - 1]..).and_then(|rest| rest.first_chunk::<8>()) {
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
        ends.push(ends[ends.len() - 1] + length + 16);
    }
    ends
}

#[test]
fn read_back() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Events::scalars(folder.path()).unwrap(), []);
    write(&mut Events::open(folder.path(), 0).unwrap(), [1, 300]);
    let scalar = |step, time, name: &str, value| Scalar { step, time, name: name.to_owned(), value };
    let expected = [
        scalar(1, 1e9 + 1.0, "train/loss", 1.0),
        scalar(1, 1e9 + 1.0, "learning_rate", 0.0),
        scalar(300, 1e9 + 300.0, "train/loss", 1.0 / 300.0),
        scalar(300, 1e9 + 300.0, "learning_rate", 0.0),
    ];
    assert_eq!(Events::scalars(folder.path()).unwrap(), expected);
}

/// The first record as TensorFlow writes it: its length 24, checksums, time 0, the version.
#[test]
fn first_record() {
    let folder = tempfile::tempdir().unwrap();
    Events::open(folder.path(), 0).unwrap().write(1, 0.5, [("a", 1.0)]).unwrap();
    let bytes = bytes(folder.path());
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let [_, first, second] = ends(&bytes)[..] else { panic!("expected a version and two events") };
    expect![[r#"1800000000000000a37f4b2209000000000000e03f1a0d627261696e2e4576656e743a3266f7e1a8"#]]
        .assert_eq(&hex(&bytes[..first]));
    expect![[r#"1700000000000000e7cef81e09000000000000e03f10012a0a0a080a0161150000803f275136d4"#]]
        .assert_eq(&hex(&bytes[first..second]));
    let name = Events::path("run");
    expect![[r#"run/events.out.tfevents.run"#]].assert_eq(name.to_str().unwrap());
}

#[test]
fn a_resumed_log_equals_that_of_an_unbroken_run() {
    let whole = tempfile::tempdir().unwrap();
    write(&mut Events::open(whole.path(), 0).unwrap(), 1..=6);
    let expected = bytes(whole.path());
    // One record for the version, then one for each step; the last checkpoint was at step 2.
    let two = ends(&expected)[3];
    for killed in two..=expected.len() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(Events::path(folder.path()), &expected[..killed]).unwrap();
        let mut events = Events::open(folder.path(), 2).unwrap();
        assert_eq!(bytes(folder.path()), expected[..two]);
        write(&mut events, 3..=6);
        assert_eq!(bytes(folder.path()), expected);
    }
}

#[test]
fn incomplete_ends_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut Events::open(folder.path(), 0).unwrap(), 1..=3);
    let whole = bytes(folder.path());
    let before = ends(&whole)[3];
    let mut zeros = whole[..before].to_vec();
    zeros.resize(whole.len(), 0);
    let mut wrong = whole.clone();
    wrong[before + 20] ^= 1;
    for lost in [zeros, wrong] {
        fs::write(Events::path(folder.path()), lost).unwrap();
        drop(Events::open(folder.path(), 9).unwrap());
        assert_eq!(bytes(folder.path()), whole[..before]);
    }
}

#[test]
fn a_new_run_begins_empty() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut Events::open(folder.path(), 0).unwrap(), 1..=3);
    write(&mut Events::create(folder.path()).unwrap(), [5]);
    let steps: Vec<u64> = Events::scalars(folder.path()).unwrap().iter().map(|scalar| scalar.step).collect();
    assert_eq!(steps, [5, 5]);
}

#[test]
fn a_damaged_log_is_truncated_to_the_records_before_the_damage() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut Events::open(folder.path(), 0).unwrap(), 1..=3);
    let whole = bytes(folder.path());
    let second = ends(&whole)[1];
    let mut messages = String::new();
    let mut check = |damaged: Vec<u8>, kept: usize| {
        fs::write(Events::path(folder.path()), &damaged).unwrap();
        let error = Events::scalars(folder.path()).unwrap_err().to_string();
        let events = Events::open(folder.path(), 9).unwrap();
        assert_eq!(events.damage().unwrap().to_string(), error);
        assert_eq!(events.records(), 0);
        assert_eq!(bytes(folder.path()), damaged[..kept]);
        messages += &format!("{error}\n").replace(folder.path().to_str().unwrap(), "run");
    };
    for damaged in [second + 2, second + 20] {
        let mut bytes = whole.clone();
        bytes[damaged] ^= 1;
        check(bytes, second);
    }
    // Sound records, of which one holds a field without its value.
    check([record(&[]), record(&[0x0a]), record(&[])].concat(), record(&[]).len());
    expect![[r#"
        run/events.out.tfevents.run: byte 40: expected a complete record, found a length with a wrong checksum
        run/events.out.tfevents.run: byte 40: expected a complete record, found a payload with a wrong checksum
        run/events.out.tfevents.run: byte 16: expected a complete record, found a payload that is not an event
    "#]].assert_eq(&messages);
}

/// A record written by independent code.
fn record(payload: &[u8]) -> Vec<u8> {
    let masked = |bytes: &[u8]| {
        let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(bytes);
        sum.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
    };
    let length = (payload.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), payload, &masked(payload)].concat()
}
