//! Errors in the data name the place, what was expected and what was found.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::too_many_lines, reason = "tables of cases")]

mod files;

use expect_test::{Expect, expect};
use files::{Folder, floats, npy, npz};

const CLASSES: &str = "task: classification\n";
const SAMPLES: &str = "task: segmentation\n";

/// Checks the error of a training file, for a network with this `input`.
fn bad(file: (&str, &[u8]), rest: &str, input: &[usize], expected: &Expect) {
    let config = format!("{rest}train: {}\n", file.0);
    expected.assert_eq(&Folder::of(&[file]).error(&config, input));
}

/// Checks the error of a table that is read with additional keys.
fn table(text: &str, keys: &str, rest: &str, input: &[usize], expected: &Expect) {
    let config = format!("{rest}train: {{ file: t.csv, {keys} }}\n");
    expected.assert_eq(&Folder::of(&[("t.csv", text.as_bytes())]).error(&config, input));
}

#[test]
fn ts_files() {
    let ts = |text: &str, expected| bad(("t.ts", text.as_bytes()), CLASSES, &[2, 3], expected);
    let head = "@classLabel true a b\n@data\n";
    ts("1,2,3:4,5,6:a\n", &expect![[r#"t.ts: row 1: expected a line `@data` before the data"#]]);
    ts("@dimensions 2\n", &expect![[r#"t.ts: expected a line `@data`, found none"#]]);
    ts(head, &expect![[r#"t.ts: expected at least one recording after `@data`, found none"#]]);
    ts(
        "@dimensions none\n@data\n",
        &expect![[r#"t.ts: row 1: expected a positive integer after `@dimensions`, found `none`"#]],
    );
    ts("@timeStamps true\n@data\n", &expect![[r#"t.ts: row 1: timestamps are not supported"#]]);
    ts(
        &format!("{head}1,2,3:4,5,6:a\n1,2,3:4,x,6:a\n"),
        &expect![[r#"t.ts: row 4, channel 2, sample 2: expected a finite number, found `x`"#]],
    );
    ts(
        &format!("{head}1,2,3:4,?,6:a\n"),
        &expect![[r#"t.ts: row 3, channel 2, sample 2: expected a finite number, found `?`"#]],
    );
    ts(
        &format!("{head}1,NaN,3:4,5,6:a\n"),
        &expect![[r#"t.ts: row 3, channel 1, sample 2: expected a finite number, found `NaN`"#]],
    );
    ts(
        &format!("{head}1,2,3:4,5:a\n"),
        &expect![[r#"t.ts: row 3, channel 2: expected 3 samples as in channel 1, found 2"#]],
    );
    ts(
        &format!("{head}1,2,3,4,5,6\n"),
        &expect![[r#"t.ts: row 3: expected channels and a target separated by `:`, found no `:`"#]],
    );
    ts(
        &format!("{head}1,2,3:4,5,6:c\n"),
        &expect![[r#"t.ts: row 3: unknown class `c`, expected one of a, b"#]],
    );
    ts(
        &format!("{head}1,2,3:4,5,6:\n"),
        &expect![[r#"t.ts: row 3: unknown class ``, expected one of a, b"#]],
    );
    ts(
        &format!("{head}1,2,3:a\n"),
        &expect![[r#"t.ts: row 3: expected an input of shape [2, 3], found [1, 3]"#]],
    );
    ts(
        &format!("@dimensions 3\n{head}1,2,3:4,5,6:a\n"),
        &expect![[r#"t.ts: row 4: expected 3 channels as in `@dimensions`, found 2"#]],
    );
    ts(
        &format!("@seriesLength 4\n{head}1,2,3:4,5,6:a\n"),
        &expect![[r#"t.ts: row 4: expected 4 samples as in `@seriesLength`, found 3"#]],
    );
    ts(
        &format!("{head}1,2,3:4,5,6:a\n1,2:4,5:a\n"),
        &expect!["t.ts: row 4: expected 3 samples, found 2; set `pad` to extend shorter series"],
    );
    ts(
        "@classLabel false\n@data\n1,2,3:4,5,6\n",
        &expect!["t.ts: row 3: expected a class as target of classification, found no target"],
    );
    bad(
        ("t.ts", b"\xff\xfe"),
        CLASSES,
        &[2, 3],
        &expect!["t.ts: expected UTF-8 text, found UTF-16; save the file as UTF-8"],
    );
    let number = "@targetLabel true\n@data\n1,2,3:4,5,6:high\n";
    bad(
        ("t.ts", number.as_bytes()),
        "task: regression\n",
        &[2, 3],
        &expect!["t.ts: row 3: expected a finite number as target, found `high`"],
    );
}

#[test]
fn tables() {
    let csv = |text: &str, expected| bad(("t.csv", text.as_bytes()), CLASSES, &[1, 3], expected);
    csv("", &expect![[r#"t.csv: expected at least one row, found none"#]]);
    csv("1,2,3,a\n1,2,b\n", &expect![[r#"t.csv: row 2: expected 4 columns as in the first row, found 3"#]]);
    csv(
        "1,2,3,a\n1,inf,3,a\n",
        &expect![[r#"t.csv: row 2, column 2: expected a finite number, found `inf`"#]],
    );
    csv(
        "x,y,z,class\n1,2,3,a\n1,,3,a\n",
        &expect![[r#"t.csv: row 3, column 2: expected a finite number, found ``"#]],
    );
    csv("1,2,3,4,a\n", &expect![[r#"t.csv: row 1: expected 1 x 3 values, found 4"#]]);
    csv("1,2,3,a\n1,2,3,?\n", &expect![[r#"t.csv: row 2, column 4: expected a class, found `?`"#]]);
    csv("1,2x,3,a\n1,2,3,a\n", &expect![[r#"t.csv: row 1, column 2: expected a finite number, found `2x`"#]]);
    csv("x,2,z,a\n1,2,3,a\n", &expect![[r#"t.csv: row 1, column 1: expected a finite number, found `x`"#]]);
    csv("x,y,z,class\n", &expect![[r#"t.csv: expected at least one recording, found none"#]]);
    let classes = |text: &str, keys: &str, expected| table(text, keys, CLASSES, &[1, 3], expected);
    classes(
        "1,2,3,a\n",
        "target: class",
        &expect![[r#"t.csv: row 1: unknown column `class`, expected one of 1, 2, 3, a"#]],
    );
    classes(
        "1,2,3,a\n",
        "target: 4",
        &expect![[r#"t.csv: row 1: expected a column index below 4, found 4"#]],
    );
    classes(
        "1,2,3,a,b\n",
        "target: [3, 4]",
        &expect![[
            r#"t.csv: row 1, column 4: expected 0 or 1 for whether the recording belongs to the class, found `a`"#
        ]],
    );
    classes(
        "1,2,3,a\n",
        "from: 1",
        &expect!["t.csv: row 1: expected 3 samples, found 2; set `pad` to extend shorter series"],
    );
    classes(
        "1,2,3,a\n4,5,6,a\n",
        "from: 1, to: 3",
        &expect!["t.csv: expected `from` < `to` <= 2, the number of recordings, found 1 and 3"],
    );
    let samples = |text: &str, expected| table(text, "layout: samples", SAMPLES, &[2, 3], expected);
    samples("1,2,a\n1,2,a\n1,x,a\n", &expect!["t.csv: row 3, column 2: expected a finite number, found `x`"]);
    samples("1,2,a\n1,2,a\n1,a\n", &expect!["t.csv: row 3: expected 3 columns as in the first row, found 2"]);
    samples(
        "1,2,a\n1,2,a\n",
        &expect!["t.csv: expected 3 samples, found 2; set `pad` to extend shorter series"],
    );
    samples(
        "1,2,3,a\n1,2,3,a\n1,2,3,a\n",
        &expect![
            "t.csv: row 1: expected 2 channels, found 3 columns; list the inputs in `channels`, or the other columns in `ignore`"
        ],
    );
    samples("1,2,\n1,2,?\n1,2,\n", &expect!["data.train: expected at least one labeled sample, found none"]);
    table(
        "1,2,3,high\n",
        "target: 3",
        "task: regression\n",
        &[1, 3],
        &expect!["t.csv: row 1, column 4: expected a finite number, found `high`"],
    );
    table(
        "1,2,3,4\n",
        "layout: samples",
        "task: denoising\n",
        &[4, 1],
        &expect![
            "t.csv: missing target for denoising; set `noise`, or set `target` to the columns of the clean signal"
        ],
    );
    let window = format!("{CLASSES}window: {{ length: 4 }}\n");
    table(
        "1,2,3,a\n",
        "from: 0",
        &window,
        &[1, 4],
        &expect![
            "t.csv: row 1: expected at least 4 samples for a window, found 3; set `pad` to extend shorter series"
        ],
    );
    table(
        "1,2,3,a\n",
        "from: 0",
        &window,
        &[2, 4],
        &expect!["t.csv: row 1: expected a multiple of 2 values, one per channel, found 3"],
    );
}

#[test]
fn arrays() {
    let whole = npy("<f4", "(2, 1, 3)", &floats(&[1.0; 6]));
    let array = |bytes: &[u8], expected| bad(("a.npy", bytes), CLASSES, &[1, 3], expected);
    array(
        &whole,
        &expect![[r#"a.npy: recording 1: expected a class as target of classification, found no target"#]],
    );
    array(
        &whole[..whole.len() - 1],
        &expect![[r#"a.npy: expected 24 bytes of values for shape [2, 1, 3], found 23"#]],
    );
    array(&whole[..20], &expect![[r#"a.npy: damaged .npy file"#]]);
    array(b"PK", &expect![[r#"a.npy: damaged .npy file"#]]);
    array(
        &npy("<c8", "(3,)", &[0; 24]),
        &expect![
            "a.npy: expected integers, floats, booleans or text, found type `c8`: complex numbers; save the real and the imaginary parts as channels"
        ],
    );
    array(
        &npy("<f4", "(9999999999, 9999999999)", &[]),
        &expect!["a.npy: expected a shape that fits in memory, found [9999999999, 9999999999]"],
    );
    array(
        &npy("<f4", "(2, 2, 3)", &floats(&[1.0; 12])),
        &expect![[r#"a.npy: recording 1: expected an input of shape [1, 3], found [2, 3]"#]],
    );
    array(
        &npy("<f4", "(1, 2, 1, 3)", &floats(&[1.0; 6])),
        &expect![[r#"a.npy: expected an input of shape [1, 3], found [1, 2, 1, 3]"#]],
    );
    array(&npy("<f4", "(0, 3)", &[]), &expect![[r#"a.npy: expected at least one recording, found none"#]]);

    let archive = |arrays: &[(&str, Vec<u8>)], rest: &str, expected: &Expect| {
        bad(("a.npz", &npz(arrays)), rest, &[1, 3], expected);
    };
    let input = ("input", whole.clone());
    let with = |target| [input.clone(), ("target", target)];
    archive(
        &[("x", whole)],
        CLASSES,
        &expect![
            "a.npz: expected an array `input`, found x; set `input` and `target` to the names of the arrays"
        ],
    );
    archive(
        &with(npy("<f4", "(2,)", &floats(&[0.0, 0.5]))),
        CLASSES,
        &expect![[r#"a.npz: recording 2: expected an integer as the class, found 0.5"#]],
    );
    archive(
        &with(npy("|i1", "(2,)", &[0, 255])),
        CLASSES,
        &expect![
            "a.npz: recording 2: expected a class, found `-1`, which stands for an unknown class; to make it a class, set `classes: { -1: NAME, … }`"
        ],
    );
    archive(
        &with(npy("|i1", "(3,)", &[0, 1, 0])),
        CLASSES,
        &expect![[r#"a.npz: expected a target for each of 2 recordings, found shape [3]"#]],
    );
    archive(
        &with(npy("|i1", "(2, 2)", &[0; 4])),
        SAMPLES,
        &expect![[r#"a.npz: recording 1: expected one class, or classes of shape [3], found shape [2]"#]],
    );
    archive(
        &with(npy("|i1", "(2, 3)", &[255; 6])),
        &format!("{SAMPLES}window: {{ length: 3 }}\n"),
        &expect![[r#"data.train: expected at least one labeled sample, found none"#]],
    );
    archive(
        &with(npy("<f4", "(2,)", &floats(&[0.0, f32::NAN]))),
        "task: regression\n",
        &expect![
            "a.npz: recording 2: target 1: expected a finite number, found NaN; set `missing: mask` to leave missing targets out"
        ],
    );
    archive(
        &with(npy("<f4", "(2, 1, 2)", &floats(&[0.0; 4]))),
        "task: denoising\n",
        &expect![[
            r#"a.npz: recording 1: expected a target for an input of shape [1, 3], found shape [1, 2]"#
        ]],
    );
    let infinite = npy("<f4", "(2, 1, 3)", &floats(&[1.0, 1.0, 1.0, 1.0, f32::INFINITY, 1.0]));
    archive(
        &[("input", infinite), ("target", npy("|i1", "(2,)", &[0, 1]))],
        CLASSES,
        &expect![[r#"a.npz: recording 2: channel 1, sample 2: expected a finite number, found inf"#]],
    );
    bad(
        ("a.npz", b"PK\x03\x04"),
        CLASSES,
        &[1, 3],
        &expect![[r#"a.npz: damaged .npz file (invalid Zip archive: Could not find EOCD)"#]],
    );
    bad(
        ("a.safetensors", b"\x08\0\0\0\0\0\0\0"),
        CLASSES,
        &[1, 3],
        &expect![[r#"a.safetensors: damaged safetensors file (invalid header length)"#]],
    );
}

#[test]
fn files_of_formats_with_a_recipe() {
    let check = |name: &str, expected| bad((name, b""), CLASSES, &[1, 3], expected);
    check("a.mat", &expect!["a.mat: MATLAB files are not read; convert them as in docs/recipes.md"]);
    check("a.H5", &expect!["a.H5: HDF5 files are not read; convert them as in docs/recipes.md"]);
    let folder = Folder::of(&[("store/0001.h5", b""), ("store/0002.h5", b"")]);
    let error = folder.error(&format!("{CLASSES}train: store\n"), &[1, 3]);
    expect!["store: expected at least one data file, found HDF5 files; convert them as in docs/recipes.md"]
        .assert_eq(&error);
}

#[test]
fn files_and_folders() {
    bad(
        ("a.xls", b""),
        CLASSES,
        &[1, 3],
        &expect![
            "a.xls: unknown file format, expected .ts, .csv, .tsv, .txt (also .gz), .npy, .npz, .safetensors or a folder of images"
        ],
    );
    bad(
        ("a.csv.gz", b"1,2,3,a\n"),
        CLASSES,
        &[1, 3],
        &expect!["a.csv.gz: damaged gzip file (unexpected end of file)"],
    );
    let folder =
        Folder::of(&[("p/a/x.jpg", b"no picture"), ("q/b.txt", b""), ("r/x.png", b""), ("s/a/b", b"")]);
    let error = |name: &str| folder.error(&format!("{CLASSES}train: {name}"), &[3, 8, 8]);
    expect![[r#"missing.csv: No such file or directory (os error 2)"#]].assert_eq(&error("missing.csv"));
    expect!["p/a/x.jpg: expected an image, found a file of another kind"].assert_eq(&error("p"));
    expect!["q/b.txt: expected at least one row, found none"].assert_eq(&error("q"));
    expect!["r/x.png: expected images in one folder per class, found an image outside them; move it into the folder of its class"]
        .assert_eq(&error("r"));
    expect!["s: expected at least one data file, found none; name a folder of .csv, .tsv, .txt, .ts, .npy, .npz or .safetensors files, or of images"].assert_eq(&error("s"));
    expect!["data.train: expected at least one file, found none"].assert_eq(&error("[]"));
    expect!["p: expected `from` < `to` <= 1, the number of recordings, found 0 and 2"]
        .assert_eq(&error("{ file: p, to: 2 }"));
}

#[test]
fn splits() {
    let folder = Folder::of(&[
        ("train.csv", b"1,2,3,a\n3,4,5,b\n5,6,7,b\n"),
        ("one.csv", b"1,2,3,a\n"),
        ("test.csv", b"1,2,3,a\n3,4,5,c\n"),
    ]);
    let error = |rest: &str| folder.error(&format!("{CLASSES}train: train.csv\n{rest}"), &[1, 3]);
    expect![[r#"test.csv: row 2: unknown class `c`, expected one of a, b"#]]
        .assert_eq(&error("test: test.csv"));
    expect![[r#"train.csv: row 1: unknown class `a`, expected one of b, x"#]]
        .assert_eq(&error("classes: [b, x]"));
    expect![[r#"data.test: expected at least one file, found none"#]].assert_eq(&error("test: []"));
    expect![[r#"data.class_weights: expected 2 weights, one per class, found 3"#]]
        .assert_eq(&error("class_weights: [1, 2, 3]"));
    expect![[r#"data.class_weights: the class `c` has no training examples; list the weights explicitly"#]]
        .assert_eq(&error("classes: [a, b, c]\nclass_weights: balanced"));
    expect![[r#"data.validation: expected a share that leaves both sets nonempty, found 0.1 of 3 recordings; list validation files instead"#]].assert_eq(&error("validation: 0.1"));
    expect![[r#"test.csv: row 1, column 4: expected a finite number, found `a`"#]]
        .assert_eq(&folder.error("task: regression\ntrain: test.csv", &[1, 3]));
}
