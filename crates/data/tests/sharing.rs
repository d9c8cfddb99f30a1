//! Several processes that open the same data get the splits of a single process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::{Barrier, Mutex};

use data::{Config, DataError, Order, Share, Sharing, Splits};

fn config(text: &str) -> Config {
    serde_yaml::from_str(text).unwrap()
}

/// Opens data in several processes, which are threads here. Returns the results in order.
fn opened(count: usize, config: &Config, base: &Path, input: [usize; 2]) -> Vec<Result<Splits, DataError>> {
    let (barrier, shared) = (Barrier::new(count), Mutex::new(vec![Vec::new(); count]));
    let open = |index: usize| {
        let gather = |bytes: &[u8]| {
            shared.lock().unwrap()[index] = bytes.to_vec();
            barrier.wait();
            let all = shared.lock().unwrap().clone();
            barrier.wait();
            all
        };
        let sharing = Sharing { share: Share { index, count }, gather: &gather };
        config.open_shared(&input.into(), base, &|_| {}, sharing)
    };
    std::thread::scope(|scope| {
        let open = &open;
        let threads: Vec<_> = (0..count).map(|index| scope.spawn(move || open(index))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Everything that splits hold, apart from the recordings themselves.
fn facts(splits: &Splits) -> String {
    let sets = [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()];
    let sets = sets.into_iter().flatten().map(|set| {
        let first = set.example(0, Order::InOrder).unwrap();
        format!("{} {} {:?} {:?} {first:?}", set.len(), set.digest(), set.class_counts(), set.groups())
    });
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        splits.normalization,
        splits.target_normalization,
        splits.class_weights,
        splits.notes,
        sets.collect::<Vec<_>>()
    )
}

#[test]
fn the_splits_are_those_of_a_single_process() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    let text = "
        task: classification
        train: BasicMotions_TRAIN.ts
        validation: 0.2
        test: BasicMotions_TEST.ts
        class_weights: balanced
        window: { length: 50, step: 10 }
    ";
    let config = config(text);
    let expected = config.open(&[6, 50].into(), &base).unwrap();
    // With 50 processes, some have no recording.
    for count in [2, 3, 50] {
        for found in opened(count, &config, &base, [6, 50]) {
            assert_eq!(facts(&found.unwrap()), facts(&expected), "{count} processes");
        }
    }
}

#[test]
fn groups_labels_and_numbers_are_shared() {
    let folder = tempfile::tempdir().unwrap();
    let table = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    table("labels.csv", "a,b,c,d,subject,run,walk\n1,2,3,4,x,1,0\n4,3,2,1,y,1,1\n5,5,1,1,z,0,0\n");
    table("numbers.csv", "a,b,c,d,y\n1,2,3,4,0.5\n4,3,2,1,-7\n1,1,1,2,1e3\n");
    let check = |text: &str| {
        let config = config(text);
        let expected = config.open(&[1, 4].into(), folder.path()).unwrap();
        for found in opened(2, &config, folder.path(), [1, 4]) {
            assert_eq!(facts(&found.unwrap()), facts(&expected), "{text}");
        }
    };
    check("{ task: regression, train: { file: numbers.csv, target: y } }");
    check("{ task: multi_label, train: { file: labels.csv, group: subject, target: [run, walk] } }");
}

#[test]
fn all_processes_refuse_a_recording_that_one_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<f32> = (0..12).map(|i| if i == 9 { f32::NAN } else { i as f32 }).collect();
    let array = data::npy::write_floats(&[3, 1, 4], &values);
    std::fs::write(folder.path().join("x.npy"), array).unwrap();
    let config = config("{ task: denoising, train: x.npy, noise: { snr: 0, white: 1 } }");
    let expected = config.open(&[1, 4].into(), folder.path()).unwrap_err().to_string();
    let found = opened(2, &config, folder.path(), [1, 4]);
    let found: Vec<String> = found.into_iter().map(|result| result.unwrap_err().to_string()).collect();
    assert_eq!(found[1], expected);
    assert_eq!(found[0], format!("rank 1: {expected}"));
}
