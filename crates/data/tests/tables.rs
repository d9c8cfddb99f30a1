//! Tables as they occur in practice: separators, decimal commas, headers, comments, units, times, groups, missing
//! values.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::{InputReader, Order, Recording, Splits, Targets};
use expect_test::expect;
use files::{Folder, shape};

const CLASSES: &str = "task: classification\nnormalize: none\n";

/// Opens a table, with keys of the file and further lines of the config.
fn open(text: &[u8], keys: &str, rest: &str, input: &[usize]) -> Result<Splits, String> {
    open_named("t.csv", text, keys, rest, input)
}

fn open_named(name: &str, text: &[u8], keys: &str, rest: &str, input: &[usize]) -> Result<Splits, String> {
    let folder = Folder::of(&[(name, text)]);
    let config = format!("{rest}train: {{ file: {name}, {keys} }}\n");
    folder.open(&config, input).map_err(|error| folder.tidy(&error))
}

/// The inputs and the names of the classes of the training examples.
fn classes(text: &str, keys: &str, input: &[usize]) -> (Vec<f32>, Vec<String>) {
    let splits =
        open(text.as_bytes(), keys, CLASSES, input).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    let batch = splits.train.batches(Order::InOrder, splits.train.len(), 0).next().unwrap().unwrap();
    let Targets::Classes(found) = batch.target else { panic!("classes") };
    let name = |class: &i64| splits.classes[usize::try_from(*class).unwrap()].clone();
    (batch.input.data().to_vec(), found.iter().map(name).collect())
}

fn error(text: &str, keys: &str, rest: &str, input: &[usize]) -> String {
    open(text.as_bytes(), keys, rest, input).map(|_| ()).expect_err(text)
}

/// The notes about a table, without the path of its folder.
fn notes(splits: &Splits) -> Vec<String> {
    splits.notes.iter().map(|note| note[note.find("t.csv").unwrap_or(0)..].to_owned()).collect()
}

#[test]
fn one_table_in_many_dialects() {
    let expected = (vec![1.5, 2.0, -3.0, 0.25], vec!["p".to_owned(), "q".to_owned()]);
    for text in [
        "1.5,2,p\n-3,0.25,q\n",
        "1.5;2;p\r\n-3;0.25;q\r\n",
        "1,5;2;p\n-3;0,25;q\n",
        "1.5\t2\tp\n-3\t0.25\tq\n",
        "  1.5e0  2 p\n -3    .25 q\n",
        "1,5 2,0 p\n-3 0,25 q\n",
        "1.5|2|p\r-3|0.25|q",
        "\u{feff}x,y,label\n1.5,2,p\n-3,0.25,q\n",
        "sep=;\r\nx;y;label\r\n1,5;2;p\r\n-3;0,25;q\r\n;;\r\n;;\r\n",
        "# logger 7, 25 Hz\n\n# x y\nx,y,label\nm/s,(g),-\n1.5,2,p\n# pause\n-3,0.25,q\n",
        "'sample #','MLII','label'\n1.5,2,p\n-3,0.25,q\n",
        "# x,y,label\n1.5,2,p\n-3,0.25,q\n",
        "\"x\",\"y\",\"label\"\n\"1.5\",\"2\",\"p\"\n\"-3\",\"0.25\",\"q\"\n",
        "1.5,2,p,\n-3,0.25,q,\n",
        "x,y,label,\n1.5,2,p,\n-3,0.25,q,\n",
        "x,y,label\n1.5,2,p,\n-3,0.25,q,\n",
        ",x,y,label\n0,1.5,2,p\n1,-3,0.25,q\n",
        "0,1,2\n1.5,2.0,p\n-3.0,0.25,q\n",
        ",0,1,2\n0,1.5,2.0,p\n1,-3.0,0.25,q\n",
    ] {
        assert_eq!(classes(text, "", &[1, 2]), expected, "{text:?}");
    }
    let single =
        open(b"1,5\n2,5\n", "decimal: ','", "task: denoising\nnoise: { snr: 0 }\n", &[1, 1]).unwrap();
    assert_eq!(single.train.len(), 2);
    let explicit = "made by hand\nx y p\n1#2#p\n-3#4#q\n";
    let found = classes(explicit, "skip: 2, separator: '#'", &[1, 2]);
    assert_eq!(found.0, [1.0, 2.0, -3.0, 4.0]);
}

#[test]
fn a_header_of_numbers_is_no_recording() {
    let rows: String = (1..=8).map(|i| format!("0.1,0.{i},0.2,0.1,0.3\n")).collect();
    let splits = open(format!("0,1,2,3,4\n{rows}").as_bytes(), "", "task: regression\n", &[1, 4]).unwrap();
    assert_eq!(splits.train.len(), 8);
    expect![[r#"
        [
            "t.csv: row 1 is a header that numbers the columns",
        ]
    "#]]
    .assert_debug_eq(&notes(&splits));
    let splits =
        open(format!("0,1,2,3,4\n{rows}").as_bytes(), "header: false", "task: regression\n", &[1, 4]);
    assert_eq!(splits.unwrap().train.len(), 9);
    let folder = Folder::of(&[("new.csv", b"0,1,2,3\n1,1,1,1\n2,2,2,2\n")]);
    let input = shape(&[1, 4]);
    let read = InputReader::new(&input).read(&folder.path().join("new.csv")).unwrap();
    assert_eq!(read.recordings.len(), 2);
}

#[test]
fn rows_are_counted_as_editors_count_them() {
    for line_break in ["\n", "\r\n", "\r"] {
        let text =
            ["x,y,label", "1,2,p", "", "\"3\",4,\"p", "q\"", "# note", "oops,4,p", ""].join(line_break);
        assert_eq!(
            error(&text, "", CLASSES, &[1, 2]),
            "t.csv: row 7, column 1: expected a finite number, found `oops`",
            "{line_break:?}"
        );
    }
}

#[test]
fn columns_have_roles_by_name() {
    let text = "time,subject,x,y,activity,comment\n0,s1,1,2,walk,a\n1,s1,3,4,walk,b\n2,s2,5,6,rest,c\n";
    let keys = "layout: samples, ignore: [time, comment], group: subject, target: activity";
    let rest = "task: segmentation\nnormalize: none\nwindow: { length: 1 }\n";
    let splits = open(text.as_bytes(), keys, rest, &[2, 1]).unwrap();
    assert_eq!(splits.channels, ["x", "y"]);
    let chosen = "layout: samples, channels: [y, x], target: activity";
    let splits = open(text.as_bytes(), chosen, rest, &[2, 1]).unwrap();
    assert_eq!(splits.channels, ["y", "x"]);
    let batch = splits.train.batches(Order::InOrder, 1, 0).next().unwrap().unwrap();
    assert_eq!(batch.input.data(), [2.0, 1.0]);
    expect![[r#"
        [
            "t.csv: not read: `time`, `subject`, `comment`",
        ]
    "#]]
    .assert_debug_eq(&notes(&splits));
}

#[test]
fn columns_that_are_no_inputs_are_named() {
    let text = "timestamp,x,activity\n2026-03-01T08:00:00.000,0.6,walk\n2026-03-01T08:00:00.040,0.7,walk\n";
    let rest = "task: segmentation\nwindow: { length: 1 }\n";
    let samples = |keys: &str, channels: usize| {
        error(text, &format!("layout: samples, target: activity{keys}"), rest, &[channels, 1])
    };
    expect!["t.csv: row 2, column 1: expected a finite number, found `2026-03-01T08:00:00.000`; if the column contains times, set `time: timestamp`"].assert_eq(&samples("", 2));
    expect!["t.csv: row 1: expected 1 channel, found 2 columns, `timestamp`, `x`; list the inputs in `channels`, or the other columns in `ignore`"].assert_eq(&samples("", 1));
    expect!["t.csv: row 1: unknown column `z`, expected one of timestamp, x, activity"]
        .assert_eq(&samples(", ignore: z", 1));
    expect!["data.train.ignore: the column `x` is also in `channels`"]
        .assert_eq(&samples(", ignore: x, channels: x", 1));
    expect!["t.csv: row 1, column 1: expected a finite number, found `s1`; to leave the column out, set `ignore: 0`"]
        .assert_eq(&error("s1,1,p\ns2,2,q\n", "", CLASSES, &[1, 2]));
    expect!["t.csv: row 1: the column `x` appears twice; refer to it by number"].assert_eq(&error(
        "x,x,label\n1,2,p\n",
        "channels: x",
        CLASSES,
        &[1, 1],
    ));
}

#[test]
fn keys_without_effect_are_refused() {
    let text = "0,1,p\n1,2,q\n";
    expect!["t.csv: `time`: supported only with `layout: samples`"].assert_eq(&error(
        text,
        "time: 0",
        CLASSES,
        &[1, 1],
    ));
    expect!["t.csv: `input`: not supported for tables; list the columns in `channels`"].assert_eq(&error(
        text,
        "input: x",
        CLASSES,
        &[1, 2],
    ));
}

/// The training recordings of a table that is read for prediction.
fn recordings(text: &str, keys: &str, rest: &str, input: &[usize]) -> Result<Vec<Recording>, String> {
    let folder = Folder::of(&[("t.csv", text.as_bytes())]);
    let config: data::Config =
        serde_yaml::from_str(&format!("{rest}train: {{ file: t.csv, {keys} }}")).unwrap();
    let input = shape(input);
    let reader = InputReader { config: Some((&config, folder.path())), ..InputReader::new(&input) };
    let memory = reader.read(&folder.path().join("t.csv")).map_err(|error| folder.tidy(&error))?;
    let prefix = format!("{}/", folder.path().display());
    let tidy =
        |recording: Recording| Recording { origin: recording.origin.replace(&prefix, ""), ..recording };
    Ok(memory.recordings.into_iter().map(tidy).collect())
}

#[test]
fn a_recording_ends_where_the_group_changes_or_samples_are_missing() {
    let mut text = "time,subject,x,activity\n".to_owned();
    for (subject, times) in [("a", [0.0, 0.04, 0.08]), ("a", [0.2, 0.24, 0.28]), ("b", [0.0, 0.04, 0.08])] {
        for time in times {
            text += &format!("{time},{subject},1,walk\n");
        }
    }
    let keys = "layout: samples, time: time, group: subject, target: activity";
    let rest = "task: segmentation\nwindow: { length: 2 }\n";
    let found = recordings(&text, keys, rest, &[1, 2]).unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.origin.as_str(), one.group.as_deref())).collect();
    assert_eq!(
        found,
        [
            ("t.csv: rows 2 to 4", Some("a")),
            ("t.csv: rows 5 to 7", Some("a")),
            ("t.csv: rows 8 to 10", Some("b"))
        ]
    );
    let splits = open(text.as_bytes(), keys, rest, &[1, 2]).unwrap();
    assert_eq!(splits.sampling_rate, Some(25.0));
    expect![[r#"
        [
            "t.csv: 1 gap in the times; recordings end there",
        ]
    "#]]
    .assert_debug_eq(&notes(&splits));
    let splits = open(text.replace("0.2,a,1,walk\n", "").as_bytes(), keys, &rest.replace('2', "3"), &[1, 3]);
    expect![[r#"
        [
            "t.csv: 1 gap in the times; recordings end there",
            "t.csv: 1 recording shorter than a window left out",
        ]
    "#]]
    .assert_debug_eq(&notes(&splits.unwrap()));
    expect!["t.csv: row 3, column 1: expected a time no earlier than the one in the row before, found `0`; sort the rows, or set `group` if the table contains several recordings"]
        .assert_eq(&error("time,x,s\n1,1,a\n0,1,a\n", "layout: samples, time: time", rest, &[1, 2]));
    expect![
        "t.csv: row 3, column 1: expected a time, in seconds or such as `2026-03-01T08:00:00`, found `noon`"
    ]
    .assert_eq(&error("time,x,s\n1,1,a\nnoon,1,a\n", "layout: samples, time: time", rest, &[1, 2]));
}

#[test]
fn dates_in_iso_8601_are_times() {
    let text = "timestamp,x,s\n2026-03-01T08:00:00.000Z,1,a\n2026-03-01T08:00:00.250Z,1,a\n2026-03-01T08:00:00.500Z,2,b\n";
    let rest = "task: segmentation\n";
    let splits = open(text.as_bytes(), "layout: samples, time: timestamp", rest, &[1, 3]).unwrap();
    assert_eq!(splits.sampling_rate, Some(4.0));
}

#[test]
fn files_and_folders_are_groups() {
    let folder = Folder::of(&[("s1/a.csv", b"1,p\n"), ("s1/b.csv", b"2,q\n"), ("s2/a.csv", b"3,q\n")]);
    let groups = |group: &str| {
        let config = format!("{CLASSES}train: {{ file: '*/*.csv', group: {group} }}\n");
        let splits = folder.open(&config, &[1, 1]).unwrap();
        let group = |i: usize| splits.train.group(i).unwrap().to_owned();
        (0..3).map(group).collect::<Vec<_>>()
    };
    assert_eq!(groups("folder"), ["s1", "s1", "s2"]);
    assert_eq!(groups("file"), ["s1/a.csv", "s1/b.csv", "s2/a.csv"]);
}

#[test]
fn integers_are_one_class_however_they_are_written() {
    let text = "1,1,0\n5,5,1\n1,1,0.0\n5,5,1.000000e+00\n";
    let found = classes(text, "", &[1, 2]);
    assert_eq!(found.1, ["0", "1", "0", "1"]);
}

#[test]
fn unknown_labels_are_masked_or_refused() {
    let text = "v,stage\n1,0\n2,1\n3,-1\n4,nan\n5,NA\n6,255\n";
    let rest = "task: segmentation\nnormalize: none\nignore_classes: 255\n";
    let splits = open(text.as_bytes(), "layout: samples", rest, &[1, 6]).unwrap();
    assert_eq!(splits.classes, ["0", "1"]);
    let batch = splits.train.batches(Order::InOrder, 1, 0).next().unwrap().unwrap();
    let Targets::Positions { classes, .. } = batch.target else { panic!("positions") };
    assert_eq!(classes, [0, 1, -1, -1, -1, -1]);
    expect!["t.csv: row 2, column 2: expected a class, found `-1`, which stands for an unknown class; to make it a class, set `classes: { -1: NAME, … }`"]
        .assert_eq(&error("1,1\n2,-1\n", "", CLASSES, &[1, 1]));
    expect!["t.csv: row 2, column 2: expected a class, found `NA`"].assert_eq(&error(
        "1,1\n2,NA\n",
        "",
        CLASSES,
        &[1, 1],
    ));
}

#[test]
fn the_class_comes_first_in_tables_of_the_ucr_archive() {
    let row = |i: usize| format!("{}\t0.{i}1\t0.5\t-0.25\t1.{i}\n", i % 2 + 1);
    let text: String = (1..9).map(row).collect();
    let splits = open_named("t.tsv", text.as_bytes(), "", CLASSES, &[1, 4]).unwrap();
    assert_eq!(splits.classes, ["1", "2"]);
    expect!["the class is in column 1, because the last column contains fractions"]
        .assert_eq(splits.notes[0].rsplit(": ").next().unwrap());
    let blanks = text.replace('\t', "   ");
    let splits = open_named("t.txt", blanks.as_bytes(), "", CLASSES, &[1, 4]).unwrap();
    assert_eq!(splits.classes, ["1", "2"]);
    let titled = format!("label,0,1,2,3\n{}", text.replace('\t', ","));
    assert_eq!(open(titled.as_bytes(), "", CLASSES, &[1, 4]).unwrap().classes, ["1", "2"]);
    let refused = open_named("t.tsv", text.as_bytes(), "", "task: regression\n", &[1, 4]);
    expect!["t.tsv: missing target: column 1 contains few distinct integers, and the others contain fractions; set `target: 0`, or `target: 4` for the last column"]
        .assert_eq(&refused.map(|_| ()).unwrap_err());
}

#[test]
fn several_target_columns_are_labels() {
    let text = "a,b,walking,talking\n1,2,1,0\n3,4,1,1\n5,6,0,false\n";
    let rest = "task: multi_label\nnormalize: none\n";
    let splits = open(text.as_bytes(), "target: [walking, talking]", rest, &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["walking", "talking"]);
    let refused = error(&text.replace("3,4,1,1", "3,4,1,2"), "target: [walking, talking]", rest, &[1, 2]);
    expect![
        "t.csv: row 3, column 4: expected 0 or 1 for whether the recording belongs to the class, found 2"
    ]
    .assert_eq(&refused);
}

#[test]
fn missing_values_are_refused_unless_the_config_treats_them() {
    let text = "x,y,s\n1,2,a\n,?,a\n3,nan,b\n";
    let rest = "task: segmentation\nnormalize: none\n";
    expect!["t.csv: row 3, column 1: expected a finite number, found ``"].assert_eq(&error(
        text,
        "layout: samples",
        rest,
        &[2, 3],
    ));
    let splits =
        open(text.as_bytes(), "layout: samples", &format!("{rest}missing: zero\n"), &[2, 3]).unwrap();
    let batch = splits.train.batches(Order::InOrder, 1, 0).next().unwrap().unwrap();
    assert_eq!(batch.input.data(), [1.0, 0.0, 3.0, 2.0, 0.0, 0.0]);
}

#[test]
fn rows_may_differ_in_length_if_series_do() {
    let rest = "task: classification\nnormalize: none\nwindow: { length: 1 }\n";
    let lengths = |text: &str, keys: &str| -> Vec<usize> {
        let found = recordings(text, keys, rest, &[1, 1]).unwrap_or_else(|error| panic!("{error}"));
        found.iter().map(|one| one.space()[0]).collect()
    };
    assert_eq!(lengths("1,2,3,4,a\n1,2,a\n1,2,3,b\n", ""), [4, 2, 3]);
    assert_eq!(lengths("1,2,3,a,\n1,a,\n1,2,a,\n", ""), [3, 1, 2]);
    assert_eq!(lengths("x,1,2,a,7\ny,1,a,8\n", "ignore: [0, 4]"), [2, 1]);
    assert_eq!(lengths("a,1,2,3,4\nb,1,2,,\na,1,NaN,NaN,NaN\n", "target: 0"), [4, 2, 1]);
    expect!["t.csv: row 2, column 3: expected a finite number, found ``"].assert_eq(&error(
        "a,1,2,3,4\nb,1,,3,4\n",
        "target: 0",
        rest,
        &[1, 1],
    ));
    expect!["t.csv: row 2: expected 5 columns as in the first row, found 3"].assert_eq(&error(
        "1,2,3,4,a\n1,2,a\n",
        "",
        CLASSES,
        &[1, 4],
    ));
    expect!["t.csv: row 2: expected 3 columns as in the header, found 4"].assert_eq(&error(
        "x,y,label\n1,2,3,a\n",
        "",
        CLASSES,
        &[1, 2],
    ));
}

#[test]
fn numbers_of_other_locales_are_read_or_refused() {
    expect![
        "t.csv: row 2, column 1: expected a finite number, found `1.234,5`; remove the thousands separators"
    ]
    .assert_eq(&error("1,5;2,5;p\n1.234,5;2,0;q\n", "", CLASSES, &[1, 2]));
    expect!["t.csv: row 3, column 1: expected a finite number, found `1.5`; the decimal character of the table is `,`"]
        .assert_eq(&error("1,5;2,5;p\n1,5;2,5;p\n1.5;2,0;q\n", "", CLASSES, &[1, 2]));
}

#[test]
fn notes_say_what_was_concluded() {
    let text = "# made by a logger\nx;y;label\ng;g;\n1,5;2;p\n-3;0,25;q\n;;\n";
    let splits = open(text.as_bytes(), "", CLASSES, &[1, 2]).unwrap();
    expect![[r#"
        [
            "t.csv: separator `;`, decimal comma, header in row 2; 1 comment line and 1 row of units and 1 empty row at the end skipped",
        ]
    "#]]
    .assert_debug_eq(&notes(&splits));
    let splits = open(b"x,y,label\n1,2,p\n3,4,q\n", "", CLASSES, &[1, 2]).unwrap();
    assert_eq!(splits.notes, Vec::<String>::new());
}
