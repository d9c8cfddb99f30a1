//! What is wrong with data is said in one sentence: where, what was found, what is needed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use expect_test::{Expect, expect};
use files::{Folder, floats, npy, npz};

const CLASSES: &str = "task: classification\n";
const SAMPLES: &str = "task: segmentation\n";

/// What is said of a file that is trained on, for a network of `input`.
fn bad(file: (&str, &[u8]), rest: &str, input: &[usize], expected: &Expect) {
    let config = format!("{rest}train: {}\n", file.0);
    expected.assert_eq(&Folder::of(&[file]).error(&config, input));
}

/// The same of a table with more keys.
fn table(text: &str, keys: &str, rest: &str, input: &[usize], expected: &Expect) {
    let config = format!("{rest}train: {{ file: t.csv, {keys} }}\n");
    expected.assert_eq(&Folder::of(&[("t.csv", text.as_bytes())]).error(&config, input));
}

#[test]
fn ts_files() {
    let ts = |text: &str, expected| bad(("t.ts", text.as_bytes()), CLASSES, &[2, 3], expected);
    let head = "@classLabel true a b\n@data\n";
    ts("1,2,3:4,5,6:a\n", &expect!["t.ts: row 1: data before the line `@data`"]);
    ts("@dimensions 2\n", &expect!["t.ts: there is no line `@data`"]);
    ts(head, &expect!["t.ts: no recording after `@data`; at least one is needed"]);
    ts(
        "@dimensions none\n@data\n",
        &expect!["t.ts: row 1: `none` after `@dimensions`; a number from 1 is needed"],
    );
    ts(
        "@timeStamps true\n@data\n",
        &expect!["t.ts: row 1: time stamps; evenly spaced samples without are needed"],
    );
    ts(
        &format!("{head}1,2,3:4,5,6:a\n1,2,3:4,x,6:a\n"),
        &expect!["t.ts: row 4, channel 2, sample 2: `x`; a finite number is needed"],
    );
    ts(
        &format!("{head}1,2,3:4,?,6:a\n"),
        &expect!["t.ts: row 3, channel 2, sample 2: `?`; a finite number is needed"],
    );
    ts(
        &format!("{head}1,NaN,3:4,5,6:a\n"),
        &expect!["t.ts: row 3, channel 1, sample 2: `NaN`; a finite number is needed"],
    );
    ts(&format!("{head}1,2,3:4,5:a\n"), &expect!["t.ts: row 3: channel 2 has 2 samples; channel 1 has 3"]);
    ts(
        &format!("{head}1,2,3,4,5,6\n"),
        &expect!["t.ts: row 3: no `:`; channels and a class separated by `:` are needed"],
    );
    ts(&format!("{head}1,2,3:4,5,6:c\n"), &expect!["t.ts: row 3: the class `c` is unknown; known are a, b"]);
    ts(&format!("{head}1,2,3:4,5,6:\n"), &expect!["t.ts: row 3: the class `` is unknown; known are a, b"]);
    ts(
        &format!("{head}1,2,3:a\n"),
        &expect!["t.ts: row 3: an input of shape [1, 3]; the network's input is [2, 3]"],
    );
    ts(
        &format!("@dimensions 3\n{head}1,2,3:4,5,6:a\n"),
        &expect!["t.ts: row 4: 2 channels; `@dimensions` says 3"],
    );
    ts(
        &format!("@seriesLength 4\n{head}1,2,3:4,5,6:a\n"),
        &expect!["t.ts: row 4: 3 samples; `@seriesLength` says 4"],
    );
    ts(
        &format!("{head}1,2,3:4,5,6:a\n1,2:4,5:a\n"),
        &expect![
            "t.ts: row 4: 2 samples; the network's input has 3; `window` cuts recordings of other lengths"
        ],
    );
    ts(
        "@classLabel false\n@data\n1,2,3:4,5,6\n",
        &expect!["t.ts: row 3: no target; classification needs a class"],
    );
    bad(("t.ts", b"\xff\xfe"), CLASSES, &[2, 3], &expect!["t.ts: not UTF-8 text"]);
    let number = "@targetLabel true\n@data\n1,2,3:4,5,6:high\n";
    bad(
        ("t.ts", number.as_bytes()),
        "task: regression\n",
        &[2, 3],
        &expect!["t.ts: row 3: the target `high`; a finite number is needed"],
    );
}

#[test]
fn tables() {
    let csv = |text: &str, expected| bad(("t.csv", text.as_bytes()), CLASSES, &[1, 3], expected);
    csv("", &expect!["t.csv: no rows; at least one is needed"]);
    csv("1,2,3,a\n1,2,b\n", &expect!["t.csv: row 2: 3 columns; the first row has 4"]);
    csv("1,2,3,a\n1,inf,3,a\n", &expect!["t.csv: row 2, column 2: `inf`; a finite number is needed"]);
    csv("x,y,z,class\n1,2,3,a\n1,,3,a\n", &expect!["t.csv: row 3, column 2: ``; a finite number is needed"]);
    csv("1,2,3,4,a\n", &expect!["t.csv: row 1: 4 values; the network's input has 1 x 3"]);
    csv("1,2,3,a\n1,2,3,?\n", &expect!["t.csv: row 2, column 4: no class; each recording needs one"]);
    csv("1,2x,3,a\n1,2,3,a\n", &expect!["t.csv: row 1, column 2: `2x`; a finite number is needed"]);
    csv("x,2,z,a\n1,2,3,a\n", &expect!["t.csv: row 1, column 1: `x`; a finite number is needed"]);
    csv("x,y,z,class\n", &expect!["t.csv: no recordings; at least one is needed"]);
    let classes = |text: &str, keys: &str, expected| table(text, keys, CLASSES, &[1, 3], expected);
    classes(
        "1,2,3,a\n",
        "target: class",
        &expect!["t.csv: row 1: no column `class`; the columns are 1, 2, 3, a"],
    );
    classes("1,2,3,a\n", "target: 4", &expect!["t.csv: row 1: no column 4; there are 4 and the first is 0"]);
    classes("1,2,3,a,b\n", "target: [3, 4]", &expect!["t.csv: row 1: 2 target columns; a class needs one"]);
    classes(
        "1,2,3,a\n",
        "from: 1",
        &expect![
            "t.csv: row 1: 2 samples; the network's input has 3; `window` cuts recordings of other lengths"
        ],
    );
    classes(
        "1,2,3,a\n4,5,6,a\n",
        "from: 1, to: 3",
        &expect!["t.csv: recordings 1 to 3 are asked for; the file has 2"],
    );
    let samples = |text: &str, expected| table(text, "layout: samples", SAMPLES, &[2, 3], expected);
    samples("1,2,a\n1,2,a\n1,x,a\n", &expect!["t.csv: row 3, column 2: `x`; a finite number is needed"]);
    samples("1,2,a\n1,2,a\n1,a\n", &expect!["t.csv: row 3: 2 columns; the first row has 3"]);
    samples(
        "1,2,a\n1,2,a\n",
        &expect!["t.csv: 2 samples; the network's input has 3; `window` cuts recordings of other lengths"],
    );
    samples(
        "1,2,3,a\n1,2,3,a\n1,2,3,a\n",
        &expect!["t.csv: an input of shape [3, 3]; the network's input is [2, 3]"],
    );
    samples("1,2,\n1,2,?\n1,2,\n", &expect!["data.train: no sample has a label; at least one must"]);
    table(
        "1,2,3,high\n",
        "target: 3",
        "task: regression\n",
        &[1, 3],
        &expect!["t.csv: row 1, column 4: `high`; a finite number is needed"],
    );
    table(
        "1,2,3,4\n",
        "layout: samples",
        "task: denoising\n",
        &[4, 1],
        &expect!["t.csv: no target; denoising needs `noise`, or `target` with columns"],
    );
    let window = format!("{CLASSES}window: {{ length: 4 }}\n");
    table("1,2,3,a\n", "from: 0", &window, &[1, 4], &expect!["t.csv: row 1: 3 samples; a window needs 4"]);
    table(
        "1,2,3,a\n",
        "from: 0",
        &window,
        &[2, 4],
        &expect!["t.csv: row 1: 3 values; a multiple of the input's 2 channels is needed"],
    );
}

#[test]
fn arrays() {
    let whole = npy("<f4", "(2, 1, 3)", &floats(&[1.0; 6]));
    let array = |bytes: &[u8], expected| bad(("a.npy", bytes), CLASSES, &[1, 3], expected);
    array(&whole, &expect!["a.npy: recording 1: no target; classification needs a class"]);
    array(&whole[..whole.len() - 1], &expect!["a.npy: 23 bytes of values; shape [2, 1, 3] needs 24"]);
    array(&whole[..20], &expect!["a.npy: not a whole .npy file"]);
    array(b"PK", &expect!["a.npy: not a whole .npy file"]);
    array(
        &npy("<c8", "(3,)", &[0; 24]),
        &expect!["a.npy: values of type `c8`; integers, floats or bools are needed"],
    );
    array(
        &npy("<f4", "(9999999999, 9999999999)", &[]),
        &expect!["a.npy: 0 bytes of values; shape [9999999999, 9999999999] needs more"],
    );
    array(
        &npy("<f4", "(2, 2, 3)", &floats(&[1.0; 12])),
        &expect!["a.npy: recording 1: an input of shape [2, 3]; the network's input is [1, 3]"],
    );
    array(
        &npy("<f4", "(1, 2, 1, 3)", &floats(&[1.0; 6])),
        &expect!["a.npy: an input of shape [1, 2, 1, 3]; the network's input is [1, 3]"],
    );
    array(&npy("<f4", "(0, 3)", &[]), &expect!["a.npy: no recordings; at least one is needed"]);

    let archive = |arrays: &[(&str, Vec<u8>)], rest: &str, expected: &Expect| {
        bad(("a.npz", &npz(arrays)), rest, &[1, 3], expected);
    };
    let input = ("input", whole.clone());
    let with = |target| [input.clone(), ("target", target)];
    archive(&[("x", whole)], CLASSES, &expect!["a.npz: no array `input`"]);
    archive(
        &with(npy("<f4", "(2,)", &floats(&[0.0, 0.5]))),
        CLASSES,
        &expect!["a.npz: recording 2: the class 0.5; a whole number is needed"],
    );
    archive(
        &with(npy("|i1", "(2,)", &[0, 255])),
        CLASSES,
        &expect!["a.npz: recording 2: the class -1; 0 or more is needed"],
    );
    archive(
        &with(npy("|i1", "(3,)", &[0, 1, 0])),
        CLASSES,
        &expect!["a.npz: a target of shape [3] for 2 recordings"],
    );
    archive(
        &with(npy("|i1", "(2, 2)", &[0; 4])),
        SAMPLES,
        &expect!["a.npz: recording 1: a target of shape [2]; one class, or [3] of them are needed"],
    );
    archive(
        &with(npy("|i1", "(2, 3)", &[255; 6])),
        &format!("{SAMPLES}window: {{ length: 3 }}\n"),
        &expect!["data.train: no sample has a label; at least one must"],
    );
    archive(
        &with(npy("<f4", "(2,)", &floats(&[0.0, f32::NAN]))),
        "task: regression\n",
        &expect!["a.npz: recording 2: target 1: NaN; a finite number is needed"],
    );
    archive(
        &with(npy("<f4", "(2, 1, 2)", &floats(&[0.0; 4]))),
        "task: denoising\n",
        &expect!["a.npz: recording 1: a target of shape [1, 2]; the input has [1, 3]"],
    );
    let infinite = npy("<f4", "(2, 1, 3)", &floats(&[1.0, 1.0, 1.0, 1.0, f32::INFINITY, 1.0]));
    archive(
        &[("input", infinite), ("target", npy("|i1", "(2,)", &[0, 1]))],
        CLASSES,
        &expect!["a.npz: recording 2: channel 1, sample 2: inf; a finite number is needed"],
    );
    bad(
        ("a.npz", b"PK\x03\x04"),
        CLASSES,
        &[1, 3],
        &expect!["a.npz: not a whole .npz file (invalid Zip archive: Could not find EOCD)"],
    );
    bad(
        ("a.safetensors", b"\x08\0\0\0\0\0\0\0"),
        CLASSES,
        &[1, 3],
        &expect!["a.safetensors: not a whole safetensors file (invalid header length)"],
    );
}

#[test]
fn files_and_folders() {
    bad(
        ("a.mat", b""),
        CLASSES,
        &[1, 3],
        &expect![
            "a.mat: unknown kind of file; .ts, .csv, .tsv (also .gz), .npy, .npz, .safetensors and folders of images are read"
        ],
    );
    bad(
        ("a.csv.gz", b"1,2,3,a\n"),
        CLASSES,
        &[1, 3],
        &expect!["a.csv.gz: not a whole gzip file (unexpected end of file)"],
    );
    let folder =
        Folder::of(&[("p/a/x.jpg", b"no picture"), ("q/b.txt", b""), ("r/x.png", b""), ("s/a/b", b"")]);
    let error = |name: &str| folder.error(&format!("{CLASSES}train: {name}"), &[3, 8, 8]);
    expect!["missing.csv: No such file or directory (os error 2)"].assert_eq(&error("missing.csv"));
    expect!["p/a/x.jpg: not a whole image (Format error decoding Jpeg: Error parsing image. Illegal start bytes:6E6F)"].assert_eq(&error("p"));
    expect!["q: no folders of images; one for each class is needed"].assert_eq(&error("q"));
    expect!["r/x.png: an image beside the classes' folders; it must lie in one"].assert_eq(&error("r"));
    expect!["s/a: no images; a class needs at least one"].assert_eq(&error("s"));
    expect!["data.train: no file; at least one is needed"].assert_eq(&error("[]"));
    expect!["p: recordings 0 to 2 are asked for; the folder has 1"].assert_eq(&error("{ file: p, to: 2 }"));
}

#[test]
fn splits() {
    let folder = Folder::of(&[
        ("train.csv", b"1,2,3,a\n3,4,5,b\n5,6,7,b\n"),
        ("one.csv", b"1,2,3,a\n"),
        ("test.csv", b"1,2,3,a\n3,4,5,c\n"),
    ]);
    let error = |rest: &str| folder.error(&format!("{CLASSES}train: train.csv\n{rest}"), &[1, 3]);
    expect!["test.csv: row 2: the class `c` is unknown; known are a, b"].assert_eq(&error("test: test.csv"));
    expect!["train.csv: row 1: the class `a` is unknown; known are b, x"]
        .assert_eq(&error("classes: [b, x]"));
    expect!["data.test: no file; at least one is needed"].assert_eq(&error("test: []"));
    expect!["data.class_weights: 3 weights; there are 2 classes"]
        .assert_eq(&error("class_weights: [1, 2, 3]"));
    expect!["data.class_weights: no training example is of class `c`; a list of weights is needed"]
        .assert_eq(&error("classes: [a, b, c]\nclass_weights: balanced"));
    expect!["data.validation: 0.1 of 3 recordings is none; whole recordings are held out, so name a file or more of them"].assert_eq(&error("validation: 0.1"));
    expect!["test.csv: row 1, column 4: `a`; a finite number is needed"]
        .assert_eq(&folder.error("task: regression\ntrain: test.csv", &[1, 3]));
}
