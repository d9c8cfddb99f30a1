//! Files that once crashed the process or took gigabytes are read or refused, in one sentence and with little
//! memory.
//!
//! The files in `tests/hostile` were found by mutating images and arrays.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use std::fmt::Write as _;
use std::io::Write;

use data::{Recording, read_inputs};
use expect_test::{Expect, expect};
use files::{Folder, npy, shape};
use flate2::Compression;
use flate2::write::GzEncoder;

const CLASSES: &str = "task: classification\n";
/// Maximum memory, in bytes, that reading any of these files may take.
const MOST_MEMORY: u64 = 500 << 20;

/// Reads one of the files in `tests/hostile`.
fn read(name: &str, input: &[usize]) -> Result<Vec<Recording>, String> {
    let folder = format!("{}/tests/hostile/", env!("CARGO_MANIFEST_DIR"));
    let read = read_inputs(format!("{folder}{name}"), &shape(input));
    assert_memory();
    read.map_err(|error| error.to_string().replace(&folder, ""))
}

/// Checks the peak memory of the process.
fn assert_memory() {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return };
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kilobytes << 10 < MOST_MEMORY, "{kilobytes} kB");
}

fn refused(name: &str, input: &[usize], expected: &Expect) {
    expected.assert_eq(&read(name, input).unwrap_err());
}

#[test]
fn a_narrow_image_is_cropped_before_it_is_scaled() {
    for name in ["tall.png", "tall-rgb.png", "tall-rgb-65535.png", "tall-million.png"] {
        let recordings = read(name, &[3, 224, 224]).unwrap();
        assert_eq!(recordings[0].input.shape(), [3, 224, 224], "{name}");
    }
}

#[test]
fn an_image_that_is_larger_than_its_file_can_be_is_refused() {
    refused(
        "lie-12000.png",
        &[3, 224, 224],
        &expect![
            "lie-12000.png: expected an image of at most 48 MB when decoded, found a larger one in a file of 69 bytes"
        ],
    );
}

#[test]
fn a_panic_of_a_decoder_is_an_error_of_its_file() {
    refused("palette-4.png", &[3, 8, 8], &expect!["palette-4.png: damaged image (its decoder panicked)"]);
    refused(
        "palette-panic.png",
        &[3, 8, 8],
        &expect!["palette-panic.png: damaged image (its decoder panicked)"],
    );
    let folder = Folder::of(&[("train/a/1.png", include_bytes!("hostile/palette-4.png"))]);
    let error = folder.error(&format!("{CLASSES}train: train"), &[3, 8, 8]);
    assert!(error.starts_with("train/a/1.png: damaged image"), "{error}");
}

#[test]
fn headers_of_arrays() {
    refused(
        "empty-descr.npy",
        &[1, 8],
        &expect!["empty-descr.npy: expected integers, floats, booleans or text, found type ``"],
    );
    refused(
        "two-byte-descr.npy",
        &[1, 8],
        &expect!["two-byte-descr.npy: expected integers, floats, booleans or text, found type `é4`"],
    );
    refused(
        "product.npy",
        &[1, 8],
        &expect!["product.npy: expected a shape that fits in memory, found [0, 4294967296, 4294967296]"],
    );
    let product = npy("<f4", "(4294967296, 4294967296, 0)", &[]);
    let archive = files::npz(&[("input", product)]);
    let tensors = r#"{"input":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}"#;
    let tensors = [&(tensors.len() as u64).to_le_bytes()[..], tensors.as_bytes()].concat();
    let folder = Folder::of(&[("a.npz", &archive), ("a.safetensors", &tensors)]);
    let error = |name: &str| folder.error(&format!("{CLASSES}train: {name}"), &[1, 8]);
    expect!["a.npz: `input`: expected a shape that fits in memory, found [4294967296, 4294967296, 0]"]
        .assert_eq(&error("a.npz"));
    expect![
        "a.safetensors: `input`: expected a shape that fits in memory, found [0, 4294967296, 4294967296]"
    ]
    .assert_eq(&error("a.safetensors"));
}

/// Compresses `row`, `count` times, to at most 2 MB.
fn gzip(row: &[u8], count: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let rows = row.repeat((1 << 20) / row.len());
    let mut left = row.len() * count;
    while left > 0 {
        let part = left.min(rows.len());
        encoder.write_all(&rows[..part]).unwrap();
        left -= part;
    }
    let bytes = encoder.finish().unwrap();
    assert!(bytes.len() <= 2 << 20, "{} bytes", bytes.len());
    bytes
}

#[test]
fn a_small_compressed_file_cannot_take_gigabytes() {
    let one_row = gzip(b"0,", 200_000_000);
    let many_rows = gzip(b"1,a\n", 20_000_000);
    let recordings = gzip(b"1:a\n", 20_000_000);
    let series = [&gzip(b"@classLabel true a\n@data\n", 1)[..], &recordings].concat();
    for (name, bytes) in [("a.csv.gz", &one_row), ("b.csv.gz", &many_rows), ("c.ts.gz", &series)] {
        let folder = Folder::of(&[(name, bytes)]);
        let error = folder.error(&format!("{CLASSES}train: {name}"), &[1, 1]);
        assert!(error.starts_with(&format!("{name}: expected a compressed file of at most")), "{error}");
        assert!(error.ends_with("decompress the file to read it without this limit"), "{error}");
        assert_memory();
    }
}

#[test]
fn an_archive_is_compared_with_its_header_before_it_is_unpacked() {
    let compressed = |header: &[u8], zeros: usize| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .large_file(true);
        zip.start_file("input.npy", options).unwrap();
        zip.write_all(header).unwrap();
        let part = vec![0; 1 << 20];
        for _ in 0..zeros / part.len() {
            zip.write_all(&part).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let size = 1 << 30;
    let other = compressed(&npy("<f4", "(1, 1, 8)", &[]), size);
    let equal = compressed(&npy("|u1", &format!("({}, 1, 8)", size / 8), &[]), size);
    let folder = Folder::of(&[("other.npz", &other), ("equal.npz", &equal)]);
    let error = |name: &str| folder.error(&format!("{CLASSES}train: {name}"), &[1, 8]);
    expect!["other.npz: `input`: expected 32 bytes of values for shape [1, 1, 8], found 1073741824"]
        .assert_eq(&error("other.npz"));
    assert_memory();
    let error = error("equal.npz");
    assert!(error.starts_with("equal.npz: `input`: expected a compressed file of at most"), "{error}");
    assert_memory();
}

#[test]
fn a_regular_table_is_read_although_it_is_compressed_well() {
    let rows = gzip(b"0,0,0,0,1,a\n", 100_000);
    assert!(rows.len() * 90 < 12 * 100_000, "{} bytes", rows.len());
    let folder = Folder::of(&[("a.csv.gz", &rows)]);
    assert_eq!(folder.open(&format!("{CLASSES}train: a.csv.gz"), &[1, 5]).unwrap().train.len(), 100_000);
}

#[test]
fn classes_are_counted_in_linear_time_and_no_message_lists_them_all() {
    let table = |count: usize| {
        (0..count).fold(String::new(), |mut text, i| {
            writeln!(text, "1,{}", i as f64 / 7.0).unwrap();
            text
        })
    };
    let folder = Folder::of(&[
        ("a.csv", table(40_000).as_bytes()),
        ("b.csv", table(100_000).as_bytes()),
        ("c.csv", b"1,x\n"),
    ]);
    let splits = folder.open(&format!("{CLASSES}train: a.csv"), &[1, 1]).unwrap();
    assert_eq!(splits.classes.len(), 40_000);
    let splits = folder.open(&format!("{CLASSES}train: [a.csv, c.csv]"), &[1, 1]).unwrap();
    assert_eq!(splits.classes.len(), 40_001);
    let error = |rest: &str| folder.error(&format!("{CLASSES}{rest}"), &[1, 1]);
    expect!["b.csv: row 65537, column 2: expected at most 65536 classes, found more; for numeric targets, set `task: regression`"].assert_eq(&error("train: b.csv"));
    expect![
        "c.csv: row 1: unknown class `x`, expected one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 39988 more"
    ]
    .assert_eq(&error("train: a.csv\ntest: c.csv"));
    assert_memory();
}

#[test]
fn special_files_are_refused() {
    if !cfg!(unix) {
        return;
    }
    let folder = Folder::of(&[]);
    for name in ["a.csv", "a.ts", "a.npy", "a.npz", "a.safetensors", "a.png", "a.csv.gz"] {
        #[cfg(unix)]
        std::os::unix::fs::symlink("/dev/zero", folder.path().join(name)).unwrap();
        let error = read_inputs(folder.path().join(name), &shape(&[1, 8, 8])).unwrap_err();
        let expected = format!("{name}: expected a regular file, found a device or a pipe");
        assert_eq!(folder.tidy(&error), expected);
    }
}

/// Each message is one line without control characters, of readable length.
#[test]
fn text_from_files_is_escaped_and_truncated() {
    let long = "x".repeat(1 << 20);
    let quote = format!("1,2,\"a\n{}", "1,2,a\n".repeat(10_000));
    let cell = format!("1,{long},a\n");
    let label = format!("@classLabel true a\n@data\n1,2:{long}");
    let escape = "@classLabel true a\u{1b}[2J b\n@data\n1,2:\u{1b}[2J\u{202e}\n";
    let folder = Folder::of(&[
        ("quote.csv", quote.as_bytes()),
        ("cell.csv", cell.as_bytes()),
        ("label.ts", label.as_bytes()),
        ("escape.ts", escape.as_bytes()),
        ("escape.csv", b"1,2,\x1b[2J\n1,2,\x1b[3J\n"),
        ("test.csv", b"1,2,\x1b[4J\n"),
        ("utf16.csv", b"\xff\xfe1\0,\x002\0,\0a\0\n\0"),
        ("latin.csv", b"x,y,class\n1,2,\xb0C\n"),
        ("latin.ts", b"# 5 \xb0C\n@classLabel true a\n@data\n1,2:\xb0\n"),
        ("p/a/empty.jpg", b""),
    ]);
    let error = |rest: &str, input: &[usize]| {
        let error = folder.error(&format!("{CLASSES}{rest}"), input);
        assert!(error.len() <= 500 && !error.contains(char::is_control), "{error}");
        error
    };
    expect!["quote.csv: row 1: expected a closing quote, found the end of the file"]
        .assert_eq(&error("train: quote.csv", &[1, 2]));
    expect!["cell.csv: row 1, column 2: expected a finite number, found `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`"].assert_eq(&error("train: cell.csv", &[1, 2]));
    expect!["label.ts: row 3: unknown class `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`, expected one of a"].assert_eq(&error("train: label.ts", &[1, 2]));
    expect![[r#"escape.ts: row 3: unknown class `\u{1b}[2J\u{202e}`, expected one of a\u{1b}[2J, b"#]]
        .assert_eq(&error("train: escape.ts", &[1, 2]));
    expect![[r#"test.csv: row 1: unknown class `\u{1b}[4J`, expected one of \u{1b}[2J, \u{1b}[3J"#]]
        .assert_eq(&error("train: escape.csv\ntest: test.csv", &[1, 2]));
    expect!["utf16.csv: expected UTF-8 text, found UTF-16; save the file as UTF-8"]
        .assert_eq(&error("train: utf16.csv", &[1, 2]));
    expect!["latin.csv: row 2: expected UTF-8 text; save the file as UTF-8"]
        .assert_eq(&error("train: latin.csv", &[1, 2]));
    expect!["latin.ts: row 4: expected UTF-8 text; save the file as UTF-8"]
        .assert_eq(&error("train: latin.ts", &[1, 2]));
    expect!["p/a/empty.jpg: expected an image, found an empty file"]
        .assert_eq(&error("train: p", &[1, 2, 2]));
    expect![[r#"\u{1b}[2J.csv: No such file or directory (os error 2)"#]]
        .assert_eq(&error("train: \"\\e[2J.csv\"", &[1, 2]));
}

#[test]
fn a_header_that_declares_a_class_twice_is_refused() {
    let folder = Folder::of(&[("t.ts", b"@classLabel true a a b\n@data\n1,2:a\n")]);
    expect!["t.ts: row 1: the class `a` appears twice"]
        .assert_eq(&folder.error(&format!("{CLASSES}train: t.ts"), &[1, 2]));
}

/// Class names in files may be any text: they are escaped in messages, but stored unchanged.
#[test]
fn classes_of_files_are_kept_exactly() {
    let folder = Folder::of(&[("t.csv", b"1,2,\x1b[2J\n1,2,b\n")]);
    let splits = folder.open(&format!("{CLASSES}train: t.csv"), &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["\u{1b}[2J", "b"]);
}

/// Deterministic random numbers.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// Changes, doubles or deletes some bytes.
fn mutated(text: &[u8], draws: &mut Draws) -> Vec<u8> {
    const PIECES: [&[u8]; 20] = [
        b",",
        b";",
        b"\t",
        b" ",
        b"\n",
        b"\r",
        b"\r\n",
        b"\"",
        b"'",
        b"#",
        b"?",
        b"nan",
        b"-1",
        b"1.234,5",
        b"\0",
        b"\xff",
        "\u{a0}".as_bytes(),
        b"sep=",
        b"2026-03-01T08:00:00",
        b"1e999",
    ];
    let mut text = text.to_vec();
    for _ in 0..=draws.below(3) {
        let place = draws.below(text.len() + 1);
        match draws.below(3) {
            0 if place < text.len() => drop(text.remove(place)),
            1 => drop(text.splice(place..place, text.clone()[place / 2..place].iter().copied())),
            _ => drop(text.splice(place..place, PIECES[draws.below(PIECES.len())].iter().copied())),
        }
    }
    text
}

/// Tables with changed, doubled and deleted bytes are read, or refused in one line.
#[test]
fn mutated_tables_are_read_or_refused() {
    let tables: [(&[u8], &str, &str, &[usize]); 5] = [
        (b"x;y;label\n1,5;2;p\n3;4,5;q\n", "", CLASSES, &[1, 2]),
        (b"# a\n,x,y,label\n0,1,2,p\n1,3,4,q\n", "target: label", CLASSES, &[1, 2]),
        (b"1\t0.5\t0.25\n2\t0.5\t0.5\n1\t1.5\t2.5\n", "target: 0", CLASSES, &[1, 2]),
        (
            b"t,g,x,s\n0,a,1,p\n1,a,2,q\n5,a,3,p\n0,b,4,q\n",
            "layout: samples, time: t, group: g, target: s",
            "task: segmentation\nwindow: { length: 1 }\n",
            &[1, 1],
        ),
        (b"1,2,3,\"a\nb\"\n4,5,c\n", "", "task: classification\npad: zero\n", &[1, 3]),
    ];
    let mut draws = Draws(7);
    let folder = Folder::of(&[]);
    let mut read = 0;
    for i in 0..3000 {
        let (text, keys, rest, input) = tables[i % tables.len()];
        let text = mutated(text, &mut draws);
        std::fs::write(folder.path().join("t.csv"), &text).unwrap();
        match folder.open(&format!("{rest}train: {{ file: t.csv, {keys} }}"), input) {
            Ok(_) => read += 1,
            Err(error) => {
                let error = folder.tidy(&error);
                let is_line = error.len() <= 500 && !error.contains(char::is_control);
                assert!(
                    is_line && error.contains("expected ") || error.contains("t.csv: "),
                    "{error}: {text:?}"
                );
            }
        }
    }
    assert!((300..2900).contains(&read), "{read}");
}
