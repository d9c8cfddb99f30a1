//! All processes return the error of a single process.

use crate::equal::config;
use crate::files::{Folder, floats, npy, shape};
use crate::processes::{LAYOUTS, in_processes};

/// Configs that are refused for an input of 4 samples.
const REFUSED: [&str; 17] = [
    "{ task: classification, train: nowhere.csv }",
    "{ task: classification, train: [good.csv, bad.csv, good2.csv] }",
    "{ task: classification, train: [good.csv, good2.csv, worse.csv, bad.csv] }",
    "{ task: classification, train: [good.csv, worse.csv], test: bad.csv }",
    "{ task: classification, train: [good.csv, damaged.npz, bad.csv] }",
    "{ task: classification, train: [good.csv, bad.csv, damaged.npz] }",
    "{ task: classification, train: good.csv, window: { length: 9 } }",
    "{ task: classification, train: good.csv, test: unknown.csv }",
    "{ task: classification, train: good.csv, test: good.csv }",
    "{ task: classification, train: good.csv, test: copy.csv }",
    "{ task: classification, train: named.csv, test: other.csv }",
    "{ task: classification, train: [named.csv, other.csv] }",
    "{ task: denoising, train: x.npy, noise: { snr: 0, white: 1 } }",
    "{ task: denoising, train: x.npy, stitch: {}, noise: { snr: 0, white: 1 } }",
    "{ task: classification, train: images }",
    "{ task: segmentation, train: { file: photos, target: masks } }",
    "{ task: segmentation, stitch: {}, window: { length: 4 }, train: images }",
];

fn folder() -> Folder {
    let values: Vec<f32> = (0..12).map(|i| if i == 9 { f32::NAN } else { i as f32 }).collect();
    Folder::within(
        env!("CARGO_TARGET_TMPDIR").as_ref(),
        &[
            ("good.csv", b"1,2,3,4,a\n5,6,7,8,b\n"),
            ("good2.csv", b"1,2,3,5,a\n5,6,7,9,b\n"),
            ("copy.csv", b"5,6,7,8,b\n"),
            ("bad.csv", b"1,2,3,4,a\n5,6,x,8,b\n1,2,3,4,a\n5,6,8,8,b\n"),
            ("worse.csv", b"1,2,3,4,a\n5,6\n"),
            ("unknown.csv", b"1,2,3,9,z\n"),
            ("named.csv", b"a,b,c,d,class\n1,2,3,4,a\n"),
            ("other.csv", b"a,b,c,e,class\n1,2,3,7,a\n"),
            ("damaged.npz", b"PK\x03\x04 not an archive"),
            ("x.npy", &npy("<f4", "(3, 1, 4)", &floats(&values))),
            ("images/a/1.png", b"not an image"),
            ("photos/1.png", b"not an image"),
            ("masks/1.png", b"not an image"),
        ],
    )
}

#[test]
fn errors_are_those_of_a_single_process() {
    let folder = folder();
    for text in REFUSED {
        let config = config(text);
        let input = if text.contains("images") || text.contains("photos") {
            shape(&[1, 2, 2])
        } else {
            shape(&[1, 4])
        };
        let expected = config.open(&input, folder.path()).expect_err(text);
        for machines in LAYOUTS {
            let found = in_processes(machines, |_, sharing| {
                config.open_shared(&input, folder.path(), &|_| {}, sharing).map(drop)
            });
            for found in found {
                assert_eq!(found.expect_err(text), expected, "{text} {machines:?}");
            }
        }
    }
}

/// An error that only some processes find ends all of them.
#[test]
fn an_error_of_one_process_is_an_error_of_all() {
    let (whole, others) = (folder(), folder());
    let text = "{ task: classification, train: ['good*.csv', named.csv], test: unknown.csv }";
    std::fs::write(whole.path().join("unknown.csv"), "1,2,3,9,b\n").unwrap();
    std::fs::write(whole.path().join("named.csv"), "9,2,3,4,a\n").unwrap();
    let config = config(text);
    let change = |name: &str, content: Option<&str>| {
        for file in std::fs::read_dir(whole.path()).unwrap() {
            let file = file.unwrap();
            if file.path().is_file() {
                std::fs::copy(file.path(), others.path().join(file.file_name())).unwrap();
            }
        }
        match content {
            Some(content) => std::fs::write(others.path().join(name), content).unwrap(),
            None => std::fs::remove_file(others.path().join(name)).unwrap(),
        }
    };
    assert!(config.open(&shape(&[1, 4]), whole.path()).is_ok());
    for (name, content, expected) in [
        ("unknown.csv", None, "unknown.csv: No such file"),
        ("unknown.csv", Some("1,2,3,b\n"), "unknown.csv"),
        ("good2.csv", None, "expected the same data on all ranks"),
        ("named.csv", Some("1,2,3\n"), "named.csv"),
    ] {
        change(name, content);
        for machines in [&[0, 1][..], &[0, 1, 0], &[0, 1, 0, 1]] {
            let found = in_processes(machines, |index, sharing| {
                let base = [whole.path(), others.path()][machines[index]];
                config.open_shared(&shape(&[1, 4]), base, &|_| {}, sharing).map(drop)
            });
            for found in found {
                let found = found.expect_err(name).to_string();
                assert!(found.contains(expected), "{name} {machines:?}: {found}");
            }
        }
    }
}
