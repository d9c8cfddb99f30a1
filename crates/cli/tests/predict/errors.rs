//! Errors of `factory predict`.

use expect_test::{Expect, expect};
use graph::{Array, Weights};

use crate::models::{ACTIVITY, CAUSAL, PICTURES, series};
use crate::place::Place;

#[test]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn bad_input() {
    let place = Place::new(ACTIVITY);
    place.input("in.safetensors", &series(2, 40));
    place.input("three.safetensors", &series(3, 40));
    place.input("nan.safetensors", &Array::from_fn([2, 40], |i| if i == 45 { f32::NAN } else { 0.0 }));
    std::fs::write(place.path("torn.npz"), "no archive").unwrap();
    std::fs::write(place.path("notes.md"), "no data").unwrap();
    std::fs::create_dir(place.path("empty")).unwrap();
    Weights::default().write(place.path("weights.safetensors")).unwrap();
    let check = |arguments: &str, expected: &Expect| place.fails(arguments, "1,2\n", expected);
    let misused = |arguments: &str, expected: &Expect| place.is_misused(arguments, "1,2\n", expected);
    check(
        ". missing.npz -o out.csv",
        &expect![[r#"
        error: missing.npz: No such file or directory (os error 2)
    "#]],
    );
    check(
        ". three.safetensors -o out.csv",
        &expect![[r#"
            error: three.safetensors: expected an input of shape [2, 40], found [3, 40]
        "#]],
    );
    check(
        ". in.safetensors nan.safetensors -o out.csv",
        &expect![[r#"
            error: nan.safetensors: channel 2, sample 6: expected a finite number, found NaN; set `missing` to accept missing values
        "#]],
    );
    check(
        ". torn.npz -o out.csv",
        &expect![[r#"
            error: torn.npz: damaged .npz file (invalid Zip archive: Could not find EOCD)
        "#]],
    );
    check(
        ". notes.md",
        &expect![[r#"
            error: notes.md: unknown file format, expected .ts, .csv, .tsv, .txt (also .gz), .npy, .npz, .safetensors or a folder of images
        "#]],
    );
    check(
        ". empty",
        &expect![[r#"
            error: empty: expected at least one data file, found none; name a folder of .csv, .tsv, .txt, .ts, .npy, .npz or .safetensors files, or of images
        "#]],
    );
    let photograph = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/data/china.jpg");
    std::fs::copy(photograph, place.path("china.jpg")).unwrap();
    check(
        ". china.jpg",
        &expect![[r#"
            error: china.jpg: expected an input of shape [N, 2, 40], found an image
        "#]],
    );
    check(
        "nowhere in.safetensors",
        &expect![[r#"
        error: nowhere: no such file or folder
    "#]],
    );
    check(
        "empty in.safetensors",
        &expect![[r#"
        error: expected a run's folder or a model file, found the folder `empty` without model.safetensors
    "#]],
    );
    check(
        "activity-tcn in.safetensors",
        &expect![[r#"
        error: expected a run's folder or a model file, found the ready model `activity-tcn`; `factory train activity-tcn` trains it
    "#]],
    );
    std::fs::write(place.path("config.yaml"), ACTIVITY).unwrap();
    check(
        "config.yaml in.safetensors",
        &expect![[r#"
        error: expected a run's folder or a model file, found the config file `config.yaml`; `factory train config.yaml` trains it
    "#]],
    );
    check(
        "weights.safetensors in.safetensors",
        &expect![[r#"
            error: weights.safetensors: expected a model file, found only weights; `factory convert CONFIG WEIGHTS -o FILE` writes a model file
        "#]],
    );
    check(
        ". in.safetensors -o out.txt",
        &expect![[r#"
            error: out.txt: expected the extension .csv, .json or .npz; use --format for other names
        "#]],
    );
    misused(
        ". in.safetensors --format npz",
        &expect![[r#"
            error: npz is a binary format; use --output FILE
        "#]],
    );
    misused(
        ". in.safetensors --step 0",
        &expect![[r#"
        error: invalid value '0' for '--step <N>': expected at least 1

        For more information, try '--help'.
    "#]],
    );
    misused(
        ". - in.safetensors",
        &expect![[r#"
            error: standard input cannot be combined with other inputs
        "#]],
    );
    misused(
        ". - -o out.csv",
        &expect![[r#"
            error: predictions on standard input are printed as csv only
        "#]],
    );
    misused(
        ". - --format json",
        &expect![[r#"
            error: predictions on standard input are printed as csv only
        "#]],
    );
}

#[test]
fn what_a_network_is_not_for() {
    let place = Place::new(PICTURES);
    place.input("in.safetensors", &series(3, 40));
    place.fails(
        ". in.safetensors",
        "",
        &expect![[r#"
            error: in.safetensors: expected an input of shape [3, 16, 16], found [3, 40]
        "#]],
    );
    place.fails(
        ". -",
        "1,2,3\n",
        &expect![[r#"
            error: standard input: expected a network that takes series, found the input [N, 3, 16, 16]
        "#]],
    );
    let place = Place::new(CAUSAL);
    place.input("in.safetensors", &series(2, 40));
    place.is_misused(
        ". in.safetensors --step 3",
        "",
        &expect![[r#"
            error: --step: not supported for files with a network that has an output per sample
        "#]],
    );
}

/// A network bound to one size takes no other.
#[test]
fn another_length() {
    let bound = CAUSAL.replace("kernel: 3, dilation: 1", "kernel: 3, dilation: 1, norm: position");
    let place = Place::new(&bound);
    place.input("short.safetensors", &series(2, 20));
    place.fails(". short.safetensors", "", &expect![[r#"
        error: short.safetensors: expected 40 samples, found 20; network.0.norm1: position_norm of [N, 6, 20]: expected [N, 6, 40], the size the graph was built for, to which the parameters are bound
    "#]]);
    place.fails(". -", "1,2\n3,4\n", &expect![[r#"
        error: standard input: line 2: expected 40 samples, found 2; network.0.norm1: position_norm of [N, 6, 2]: expected [N, 6, 40], the size the graph was built for, to which the parameters are bound
    "#]]);
    // A longer one is cut into windows.
    place.input("long.safetensors", &series(2, 90));
    assert_eq!(place.prints(". long.safetensors", "").lines().count(), 91);
}

/// A result takes its place at once or not at all.
#[test]
fn output_files() {
    let place = Place::new(ACTIVITY);
    place.input("in.safetensors", &series(2, 40));
    let (code, _, err) = place.run(". in.safetensors -o missing/out.csv", "");
    assert_eq!((code, err.as_str()), (1, "error: missing/out.csv: cannot write: no such folder\n"));
    std::fs::write(place.path("out.csv"), "before").unwrap();
    place.fails(
        ". missing.npz -o out.csv",
        "",
        &expect![[r#"
        error: missing.npz: No such file or directory (os error 2)
    "#]],
    );
    assert_eq!(std::fs::read_to_string(place.path("out.csv")).unwrap(), "before");
    place.prints(". in.safetensors -o out.csv", "");
    assert!(std::fs::read_to_string(place.path("out.csv")).unwrap().starts_with("origin,"));
}

#[test]
fn the_model_and_the_inputs_are_never_replaced() {
    let place = Place::new(ACTIVITY);
    place.input("in.safetensors", &series(2, 40));
    let before = ["in.safetensors", "model.safetensors"].map(|name| std::fs::read(place.path(name)).unwrap());
    for output in ["in.safetensors", "./in.safetensors", "model.safetensors"] {
        let (code, out, err) =
            place.run(&format!("model.safetensors in.safetensors -o {output} --format csv"), "");
        let expected =
            format!("error: {output}: the output would replace the model or an input; use another file\n");
        assert_eq!((code, out.as_str(), err), (3, "", expected));
    }
    let after = ["in.safetensors", "model.safetensors"].map(|name| std::fs::read(place.path(name)).unwrap());
    assert!(after == before);
}
