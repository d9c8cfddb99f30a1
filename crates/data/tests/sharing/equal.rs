//! Splits and errors of all processes are those of one.

use std::path::Path;
use std::sync::Mutex;

use data::{Config, DataError, Fold, OpenProgress, Order, Sharing, Splits, TrainedOn};

use crate::cases::{CASES, folder};
use crate::files::shape;
use crate::processes::{LAYOUTS, in_processes};

pub(crate) fn config(text: &str) -> Config {
    serde_yaml::from_str(text).expect(text)
}

/// Everything that splits hold, with all examples.
pub(crate) fn facts(splits: Result<Splits, DataError>) -> String {
    let splits = match splits {
        Ok(splits) => splits,
        Err(error) => return format!("{error:?}"),
    };
    let sets = [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()];
    let sets: Vec<String> = sets.into_iter().flatten().map(examples).collect();
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{}",
        splits.describe(),
        splits.normalization,
        splits.target_normalization,
        splits.class_weights,
        splits.notes,
        [&splits.classes, &splits.channels, &splits.columns, &splits.outputs],
        sets.concat()
    )
}

fn examples(set: &data::Examples) -> String {
    let mut text = format!("{} {} {:?} {:?}", set.len(), set.digest(), set.class_counts(), set.notes());
    for order in [Order::InOrder, Order::Shuffled { seed: 2, epoch: 1 }] {
        for index in 0..set.len() {
            text += &format!("\n{:?} {:?}", set.group(index), set.example(index, order));
        }
    }
    text
}

#[test]
fn the_splits_are_those_of_a_single_process() {
    let folder = folder();
    for case in &CASES {
        let (config, input) = (config(case.config), shape(case.input));
        let expected = facts(config.open(&input, folder.path()));
        for machines in LAYOUTS {
            let found = in_processes(machines, |_, sharing| {
                facts(config.open_shared(&input, folder.path(), &|_| {}, sharing))
            });
            for found in found {
                assert_eq!(found, expected, "{} {machines:?}", case.config);
            }
        }
    }
}

#[test]
fn each_machine_parses_a_file_once() {
    let folder = folder();
    for case in &CASES {
        let (config, input) = (config(case.config), shape(case.input));
        for machines in LAYOUTS {
            let read = Mutex::new(vec![0; 2]);
            let _ = in_processes(machines, |index, sharing| {
                let count = |progress| {
                    if let OpenProgress::Files { .. } = progress {
                        read.lock().unwrap()[machines[index]] += 1;
                    }
                };
                config.open_shared(&input, folder.path(), &count, sharing).map(drop)
            });
            for (machine, read) in read.into_inner().unwrap().into_iter().enumerate() {
                let processes = machines.iter().filter(|other| **other == machine).count();
                let expected = if processes == 0 { 0 } else { case.parsed + processes * case.opened };
                assert_eq!(read, expected, "{} {machines:?}", case.config);
            }
        }
    }
}

/// Text files are not read again, nor are images that all processes of a machine have kept together.
#[test]
fn files_that_are_kept_may_be_removed() {
    for (text, input) in [
        ("{ task: classification, train: rows }", &[1, 2][..]),
        ("{ task: classification, train: packed.npz }", &[1, 2]),
        ("{ task: denoising, noise: { snr: 0 }, train: turned.npy }", &[1, 4]),
        ("{ task: classification, train: images }", &[3, 6, 5]),
        ("{ task: segmentation, train: { file: photos, target: masks } }", &[1, 4, 4]),
        ("{ task: segmentation, stitch: {}, window: { length: 3 }, train: rows, test: series.ts }", &[1, 3]),
    ] {
        let folder = folder();
        let (config, input) = (config(text), shape(input));
        let expected = facts(config.open(&input, folder.path()));
        let splits = in_processes(&[0, 0, 0], |_, sharing| {
            config.open_shared(&input, folder.path(), &|_| {}, sharing)
        });
        std::fs::remove_dir_all(folder.path()).unwrap();
        for splits in splits {
            assert_eq!(facts(splits), expected, "{text}");
        }
    }
}

#[test]
fn folds_and_sets_of_trained_models_are_those_of_a_single_process() {
    let folder = folder();
    let input = shape(&[1, 2]);
    let text = "{ task: classification, train: rows, test: series.ts, validation: 0.3 }";
    let stitched = "{ task: segmentation, stitch: {}, window: { length: 2 }, train: rows, test: series.ts, validation: 0.3 }";
    for text in [text, stitched] {
        let config = config(text);
        let trained = config.open(&input, folder.path()).unwrap();
        let fold: Fold = "2/3".parse().unwrap();
        let open = |path: &Path, sharing: Sharing<'_>| {
            let trained_on = TrainedOn {
                classes: &trained.classes,
                normalization: &trained.normalization,
                target_normalization: None,
                channels: &[],
                columns: &[],
                outputs: &[],
            };
            let folds = config.cross_validation_shared(&input, path, &|_| {}, sharing).unwrap();
            let sets = [
                config.open_test(&input, path, trained_on, sharing),
                config.open_validation(&input, path, trained_on, sharing),
                config.open_held_out(&input, path, &fold, trained_on, sharing),
            ];
            let sets = sets.map(|set| examples(&set.unwrap())).concat();
            sets + &facts(folds.splits_shared(&fold, sharing)) + &facts(folds.splits(&fold))
        };
        let expected = open(folder.path(), Sharing::alone());
        for machines in LAYOUTS {
            for found in in_processes(machines, |_, sharing| open(folder.path(), sharing)) {
                assert_eq!(found, expected, "{text} {machines:?}");
            }
        }
    }
}
