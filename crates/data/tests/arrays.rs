//! Recordings in arrays: exact numbers, text labels, windows, groups and channels.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::{ExampleTarget, Order, Splits};
use expect_test::expect;
use files::{Folder, floats, npy, npy_in_order, npz};

const CLASSES: &str = "task: classification\n";

fn doubles(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn integers(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Strings of one to four letters, as NumPy stores them.
fn texts(values: &[&str]) -> Vec<u8> {
    let points =
        |text: &&str| text.chars().map(u32::from).chain(std::iter::repeat(0)).take(4).collect::<Vec<_>>();
    values.iter().flat_map(points).flat_map(u32::to_le_bytes).collect()
}

fn inputs(splits: &Splits) -> Vec<Vec<f32>> {
    let example = |i| splits.train.example(i, Order::InOrder).unwrap().input.data().to_vec();
    (0..splits.train.len()).map(example).collect()
}

fn targets(splits: &Splits) -> Vec<ExampleTarget> {
    let example = |i| splits.train.example(i, Order::InOrder).unwrap().target;
    (0..splits.train.len()).map(example).collect()
}

fn classes(splits: &Splits) -> Vec<i64> {
    let class = |target| match target {
        ExampleTarget::Class(class) => class,
        other => panic!("{other:?}"),
    };
    targets(splits).into_iter().map(class).collect()
}

#[test]
fn a_large_offset_costs_no_precision() {
    let values = [0.25, 0.5, 0.75, 1.0, 0.0, 0.5];
    let with_offset = |offset: f64| values.map(|value| value + offset);
    let target = || npy("<i8", "(2,)", &integers(&[0, 1]));
    let of =
        |kind: &str, bytes: &[u8]| npz(&[("input", npy(kind, "(2, 1, 3)", bytes)), ("target", target())]);
    let seconds = |offset: i64| [1, 2, 3, 4, 0, 2].map(|second| second + offset);
    let folder = Folder::of(&[
        ("near.npz", &of("<f8", &doubles(&values))),
        ("far.npz", &of("<f8", &doubles(&with_offset(5_312_345.0)))),
        ("counts.npz", &of("<i8", &integers(&seconds(1_700_000_000)))),
    ]);
    let open = |name: &str| inputs(&folder.open(&format!("{CLASSES}train: {name}"), &[1, 3]).unwrap());
    assert_eq!(open("far.npz"), open("near.npz"));
    assert_eq!(open("counts.npz"), open("near.npz"));
}

#[test]
fn integer_labels_are_exact() {
    let input = npy("<f4", "(3, 1, 2)", &floats(&[0.0; 6]));
    let labels = [16_777_217, 16_777_216, 9_007_199_254_740_993];
    let folder = Folder::of(&[(
        "a.npz",
        &npz(&[("input", input), ("target", npy("<i8", "(3,)", &integers(&labels)))]),
    )]);
    let splits = folder.open(&format!("{CLASSES}train: a.npz"), &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["16777216", "16777217", "9007199254740993"]);
    assert_eq!(classes(&splits), [1, 0, 2]);
}

#[test]
fn text_labels_are_classes() {
    let input = || npy("<f4", "(3, 1, 2)", &floats(&[0.0; 6]));
    let unicode = npy("<U4", "(3,)", &texts(&["walk", "run", "walk"]));
    let bytes = npy("|S4", "(3,)", b"walkrun\0walk");
    let positions = npy("<U4", "(3, 2)", &texts(&["walk", "run", "", "run", "walk", "?"]));
    let folder = Folder::of(&[
        ("unicode.npz", &npz(&[("input", input()), ("target", unicode)])),
        ("bytes.npz", &npz(&[("input", input()), ("target", bytes)])),
        ("positions.npz", &npz(&[("input", input()), ("target", positions)])),
    ]);
    for name in ["unicode.npz", "bytes.npz"] {
        let splits = folder.open(&format!("{CLASSES}train: {name}"), &[1, 2]).unwrap();
        assert_eq!(splits.classes, ["run", "walk"], "{name}");
        assert_eq!(classes(&splits), [1, 0, 1], "{name}");
    }
    let splits = folder.open("task: segmentation\ntrain: positions.npz", &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["run", "walk"]);
    let expected = [[1, 0], [data::MASKED, 0], [1, data::MASKED]];
    assert_eq!(targets(&splits), expected.map(|classes| ExampleTarget::Positions(classes.to_vec())));
    let error = folder.error("task: regression\ntrain: unicode.npz", &[1, 2]);
    expect!["unicode.npz: recording 1: target: expected numbers, found text"].assert_eq(&error);
}

#[test]
fn arrays_of_other_types_are_named() {
    let folder = |kind: &str| {
        let target = npy(kind, "(1,)", &[0; 8]);
        let input = npy("<f4", "(1, 1, 2)", &floats(&[0.0; 2]));
        Folder::of(&[("a.npz", &npz(&[("input", input), ("target", target)]))])
    };
    let error = |kind: &str| folder(kind).error(&format!("{CLASSES}train: a.npz"), &[1, 2]);
    expect!["a.npz: `target`: expected integers, floats, booleans or text, found type `O`: Python objects; convert them with `.astype(str)` or to numbers of one shape"].assert_eq(&error("|O"));
    expect!["a.npz: `target`: expected integers, floats, booleans or text, found type `M8[ns]`: dates; convert them to numbers, such as seconds"].assert_eq(&error("<M8[ns]"));
    expect!["a.npz: `target`: expected integers, floats, booleans or text, found type `m8[s]`: durations; convert them to numbers, such as seconds"].assert_eq(&error("<m8[s]"));
    expect!["a.npz: `target`: expected integers, floats, booleans or text, found type `V8`: records; save each field as an array"].assert_eq(&error("|V8"));
    expect!["a.npz: `target`: expected integers, floats, booleans or text, found type `f16`"]
        .assert_eq(&error("<f16"));
}

#[test]
fn other_names_and_axes_are_refused_with_advice() {
    let target = || npy("|u1", "(2,)", &[0, 1]);
    let xy = npz(&[("y", target()), ("X", npy("<f4", "(2, 2, 3)", &floats(&[0.0; 12])))]);
    let last = |shape: &str, count: usize| {
        npz(&[("input", npy("<f4", shape, &floats(&vec![0.0; count]))), ("target", target())])
    };
    let text = npz(&[("input", npy("<U4", "(2, 2)", &texts(&["a"; 4]))), ("target", target())]);
    let folder = Folder::of(&[
        ("xy.npz", &xy),
        ("last.npz", &last("(2, 5, 2)", 20)),
        ("one.npz", &last("(5, 2)", 10)),
        ("image.npz", &last("(2, 4, 5, 3)", 120)),
        ("text.npz", &text),
    ]);
    let error = |rest: &str, input: &[usize]| folder.error(&format!("{CLASSES}train: {rest}"), input);
    expect![
        "xy.npz: expected an array `input`, found X, y; set `input` and `target` to the names of the arrays"
    ]
    .assert_eq(&error("xy.npz", &[2, 3]));
    expect![
        "xy.npz: expected an array `target`, found X, y; set `input` and `target` to the names of the arrays"
    ]
    .assert_eq(&error("{ file: xy.npz, input: X }", &[2, 3]));
    assert!(
        folder.open(&format!("{CLASSES}train: {{ file: xy.npz, input: X, target: y }}"), &[2, 3]).is_ok()
    );
    expect!["last.npz: expected an input of shape [2, 5], found [2, 5, 2], with the channels last; transpose it, for example with `.transpose(0, 2, 1)`"].assert_eq(&error("last.npz", &[2, 5]));
    expect!["one.npz: expected an input of shape [2, 5], found [5, 2], with the channels last; transpose it, for example with `.T`"].assert_eq(&error("one.npz", &[2, 5]));
    expect!["image.npz: expected an input of shape [3, 4, 5], found [2, 4, 5, 3], with the channels last; transpose it, for example with `.transpose(0, 3, 1, 2)`"].assert_eq(&error("image.npz", &[3, 4, 5]));
    expect!["text.npz: `input`: expected numbers, found text"].assert_eq(&error("text.npz", &[1, 2]));
}

#[test]
fn negative_and_ignored_labels_are_unknown_unless_they_are_listed() {
    let input = || npy("<f4", "(2, 1, 2)", &floats(&[0.0; 4]));
    let whole = npz(&[("input", input()), ("target", npy("|i1", "(2,)", &[255, 1]))]);
    let positions = npz(&[("input", input()), ("target", npy("|u1", "(2, 2)", &[0, 255, 1, 0]))]);
    let folder = Folder::of(&[("whole.npz", &whole), ("positions.npz", &positions)]);
    let error = folder.error(&format!("{CLASSES}train: whole.npz"), &[1, 2]);
    expect!["whole.npz: recording 1: expected a class, found `-1`, which stands for an unknown class; to make it a class, set `classes: { -1: NAME, … }`"].assert_eq(&error);
    let listed = format!("{CLASSES}classes: {{ -1: rest, 1: walk }}\ntrain: whole.npz");
    let splits = folder.open(&listed, &[1, 2]).unwrap();
    assert_eq!((splits.classes.join(" "), classes(&splits)), ("rest walk".to_owned(), vec![0, 1]));
    let ignored = "task: segmentation\nignore_classes: 255\ntrain: positions.npz";
    let splits = folder.open(ignored, &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["0", "1"]);
    let expected = [[0, data::MASKED], [1, 0]];
    assert_eq!(targets(&splits), expected.map(|classes| ExampleTarget::Positions(classes.to_vec())));
}

#[test]
fn several_labels_per_recording() {
    let input = npy("<f4", "(2, 1, 2)", &floats(&[0.0; 4]));
    let labels = npy("|b1", "(2, 3)", &[1, 0, 1, 0, 0, 0]);
    let folder = Folder::of(&[("a.npz", &npz(&[("input", input), ("target", labels)]))]);
    let splits = folder.open("task: multi_label\ntrain: a.npz", &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["0", "1", "2"]);
    let expected = [[true, false, true], [false; 3]].map(|labels| ExampleTarget::Labels(labels.to_vec()));
    assert_eq!(targets(&splits), expected);
    let named = |classes: &str| format!("task: multi_label\nclasses: {classes}\ntrain: a.npz");
    assert_eq!(folder.open(&named("[x, y, z]"), &[1, 2]).unwrap().classes, ["x", "y", "z"]);
    expect!["a.npz: expected labels of 2 classes, as `classes` lists, found 3"]
        .assert_eq(&folder.error(&named("[x, y]"), &[1, 2]));
}

/// Windows of arrays are read alone, from files and from memory, and equal those of whole recordings.
#[test]
fn windows_are_read_from_every_kind_of_array() {
    let values: Vec<f32> = (0..24).map(|i| i as f32).collect();
    let labels: Vec<u8> = (0..12).map(|i| i / 4 % 2).collect();
    let fortran: Vec<f32> = (0..6)
        .flat_map(|t| (0..2).flat_map(move |c| (0..2).map(move |n| (n * 12 + c * 6 + t) as f32)))
        .collect();
    let target = || npy("|u1", "(2, 6)", &labels);
    let rows = npy("<f4", "(2, 2, 6)", &floats(&values));
    let columns = npy_in_order("<f4", "True", "(2, 2, 6)", &floats(&fortran));
    let folder = Folder::of(&[
        ("rows.npz", &npz(&[("input", rows.clone()), ("target", target())])),
        ("columns.npz", &npz(&[("input", columns), ("target", target())])),
        ("packed.npz", &files::packed(&[("input", rows), ("target", target())])),
    ]);
    for name in ["rows.npz", "columns.npz", "packed.npz"] {
        let config =
            format!("task: segmentation\nwindow: {{ length: 4, step: 2 }}\nnormalize: none\ntrain: {name}");
        let splits = folder.open(&config, &[2, 4]).unwrap();
        let expected = [0.0, 2.0, 12.0, 14.0]
            .map(|first| [0.0, 1.0, 2.0, 3.0, 6.0, 7.0, 8.0, 9.0].map(|value| value + first).to_vec());
        assert_eq!(inputs(&splits), expected, "{name}");
        let expected = [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]];
        assert_eq!(targets(&splits), expected.map(|classes| ExampleTarget::Positions(classes.to_vec())));
    }
}

#[test]
fn parts_of_arrays_are_recordings_or_samples_of_a_single_series() {
    let many = npz(&[
        ("input", npy("<f4", "(3, 2)", &floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))),
        ("target", npy("|u1", "(3,)", &[7, 8, 9])),
    ]);
    let one = npz(&[
        ("input", npy("<f4", "(5,)", &floats(&[0.0, 1.0, 2.0, 3.0, 4.0]))),
        ("target", npy("|u1", "(5,)", &[7, 7, 8, 8, 9])),
    ]);
    let folder = Folder::of(&[("many.npz", &many), ("one.npz", &one)]);
    let part = |name: &str| format!("normalize: none\ntrain: {{ file: {name}, from: 1, to: 3 }}");
    let splits = folder.open(&format!("{CLASSES}{}", part("many.npz")), &[1, 2]).unwrap();
    assert_eq!(
        (inputs(&splits), splits.classes),
        (vec![vec![2.0, 3.0], vec![4.0, 5.0]], vec!["8".to_owned(), "9".to_owned()])
    );
    let splits = folder.open(&format!("task: segmentation\n{}", part("one.npz")), &[1, 2]).unwrap();
    assert_eq!(inputs(&splits), [[1.0, 2.0]]);
    assert_eq!(splits.classes, ["7", "8"]);
    assert_eq!(targets(&splits), [ExampleTarget::Positions(vec![0, 1])]);
}

#[test]
fn channels_are_named_or_selected_by_number() {
    let array = npz(&[
        ("input", npy("<f4", "(2, 3, 2)", &floats(&(0..12).map(|i| i as f32).collect::<Vec<_>>()))),
        ("target", npy("|u1", "(2,)", &[0, 1])),
    ]);
    let folder = Folder::of(&[("a.npz", &array)]);
    let config =
        |channels: &str| format!("{CLASSES}normalize: none\ntrain: {{ file: a.npz, channels: {channels} }}");
    let splits = folder.open(&config("[2, 0]"), &[2, 2]).unwrap();
    assert_eq!(inputs(&splits), [[4.0, 5.0, 0.0, 1.0], [10.0, 11.0, 6.0, 7.0]]);
    let splits = folder.open(&config("[x, y, z]"), &[3, 2]).unwrap();
    assert_eq!(splits.channels, ["x", "y", "z"]);
    let error = |channels: &str| folder.error(&config(channels), &[3, 2]);
    expect!["a.npz: `channels`: expected numbers below 3, the number of channels, found 3"]
        .assert_eq(&error("[0, 3]"));
    expect!["a.npz: expected 3 names in `channels`, found 2"].assert_eq(&error("[x, y]"));
    expect!["a.npz: `channels`: expected either the names of all channels or numbers, found both"]
        .assert_eq(&error("[x, 1]"));
}

#[test]
fn groups_of_arrays_are_checked() {
    let array = npz(&[
        ("input", npy("<f4", "(2, 1, 2)", &floats(&[0.0; 4]))),
        ("target", npy("|u1", "(2,)", &[0, 1])),
        ("subject", npy("<U4", "(2,)", &texts(&["s1", ""]))),
        ("short", npy("|u1", "(1,)", &[0])),
    ]);
    let folder = Folder::of(&[("a.npz", &array)]);
    let error =
        |group: &str| folder.error(&format!("{CLASSES}train: {{ file: a.npz, group: {group} }}"), &[1, 2]);
    expect!["a.npz: recording 2: expected a group, found ``"].assert_eq(&error("subject"));
    expect!["a.npz: `group`: expected a group for each of 2 recordings, found shape [1]"]
        .assert_eq(&error("short"));
    expect!["a.npz: `group`: expected an array `patient`, found input, short, subject, target"]
        .assert_eq(&error("patient"));
    expect!["a.npz: `group`: expected the name of an array, found 0"].assert_eq(&error("0"));
}

#[test]
fn a_file_that_changes_is_refused() {
    let bytes = |value: u8| {
        npz(&[("input", npy("|u1", "(2, 1, 2)", &[value; 4])), ("target", npy("|u1", "(2,)", &[0, 1]))])
    };
    let folder = Folder::of(&[("a.npz", &bytes(0))]);
    let splits = folder.open(&format!("{CLASSES}train: a.npz"), &[1, 2]).unwrap();
    let longer = [bytes(1), vec![0]].concat();
    std::fs::write(folder.path().join("a.npz"), longer).unwrap();
    let error = splits.train.example(0, Order::InOrder).unwrap_err();
    expect!["a.npz: recording 1: expected the file as it was when it was opened, found a different one"]
        .assert_eq(&folder.tidy(&error));
}
