//! Data of all kinds.

use std::io::{Cursor, Write};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};

use crate::files::{Folder, floats, npy, npy_in_order, npz, packed};

/// A config, and its files.
pub(crate) struct Case {
    pub(crate) config: &'static str,
    pub(crate) input: &'static [usize],
    /// The number of files that one process of each machine reads.
    pub(crate) parsed: usize,
    /// The number of folders of images that every process lists.
    pub(crate) opened: usize,
}

const fn case(config: &'static str, input: &'static [usize], parsed: usize, opened: usize) -> Case {
    Case { config, input, parsed, opened }
}

pub(crate) const CASES: [Case; 17] = [
    case("{ task: classification, train: rows, validation: 0.3, class_weights: balanced }", &[1, 2], 3, 0),
    case("{ task: classification, train: rows/1.csv, validation: rows/2.csv, test: rows/3.csv }", &[1, 2], 3, 0),
    case("{ task: regression, train: { file: numbers.csv, target: y }, normalize_targets: channel }", &[1, 2], 1, 0),
    case("{ task: multi_label, train: { file: labels.csv, group: subject, target: [run, walk] } }", &[1, 4], 1, 0),
    case("{ task: classification, train: series.ts, test: { file: rows.tsv.gz } }", &[1, 2], 2, 0),
    case(
        "{ task: segmentation, window: { length: 10, step: 5 }, augment: { shift: 3, jitter: 0.1 },
           train: { file: 'samples/*.csv', layout: samples, channels: [0, 1] } }",
        &[2, 10],
        2,
        0,
    ),
    case(
        "{ task: denoising, window: { length: 10 }, train: { file: signals.csv, layout: samples, target: 1 } }",
        &[1, 10],
        1,
        0,
    ),
    case(
        "{ task: classification, missing: interpolate, pad: edge, allow_overlap: true,
           train: { file: gaps.csv, layout: samples, group: subject }, test: { file: gaps.csv, layout: samples, group: subject } }",
        &[1, 8],
        2,
        0,
    ),
    case("{ task: classification, train: [rows, packed.npz], allow_overlap: true }", &[1, 2], 4, 0),
    case("{ task: classification, train: packed.npz, test: { file: whole.npz, group: subject } }", &[1, 2], 2, 0),
    case("{ task: denoising, noise: { snr: 0 }, train: [plain.npy, turned.npy] }", &[1, 4], 2, 0),
    case("{ task: classification, train: images, validation: 0.3 }", &[3, 6, 5], 0, 1),
    case("{ task: classification, train: images, cache_size: 0 }", &[3, 6, 5], 0, 1),
    case("{ task: segmentation, train: { file: photos, target: masks } }", &[1, 4, 4], 1, 0),
    case("{ task: segmentation, classes: ['0', '1', '2', '3'], train: { file: photos, target: masks } }", &[3, 8, 8], 1, 0),
    case(
        "{ task: segmentation, stitch: { seed: 3 }, window: { length: 3, step: 1 }, validation: 0.3, train: rows, test: series.ts }",
        &[1, 3],
        4,
        0,
    ),
    case(
        "{ task: segmentation, stitch: {}, window: { length: 7 }, missing: hold, pad: zero,
           train: { file: gaps.csv, layout: samples, group: subject } }",
        &[1, 7],
        1,
        0,
    ),
];

fn gzipped(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The files of all cases.
pub(crate) fn folder() -> Folder {
    let rows = |first: usize, classes: [&str; 2]| -> String {
        (0..15).map(|i| format!("{},{},{}\n", i + first, 0.1 * (i * i % 7) as f64, classes[i % 2])).collect()
    };
    let samples = |count: usize| -> String {
        (0..count).map(|i| format!("{},{},{}\n", i * 7 % 11, i % 5, ["x", "", "y"][i / 4 % 3])).collect()
    };
    let gaps: String = (0..40)
        .map(|i| {
            let (cell, subject) = (if i % 6 == 4 { String::new() } else { (i * i % 13).to_string() }, i / 11);
            format!("{cell},{},{subject}\n", ["a", "b"][subject % 2])
        })
        .collect();
    let series: String = (0..9).map(|i| format!("{},{}:{}\n", 50 + i, i * 3 % 5, i % 2)).collect();
    let signals: String = (0..40).map(|i| format!("{},{}\n", i * 5 % 13, i % 3)).collect();
    let numbers: String = (0..20).map(|i| format!("{i},{},{}e3\n", i * 5 % 13, i % 3)).collect();
    let text = |text: &str| -> Vec<u8> { text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect() };
    let arrays = |offset: f32| {
        let values: Vec<f32> = (0..6).map(|i| i as f32 + offset).collect();
        [
            ("input", npy("<f4", "(3, 1, 2)", &floats(&values))),
            ("target", npy("<U1", "(3,)", &text("aba"))),
            ("subject", npy("<U1", "(3,)", &text("xyx"))),
        ]
    };
    let values: Vec<u8> = floats(&(0..20).map(|i| i as f32 * 0.3).collect::<Vec<f32>>());
    let ts = format!("@problemName p\n@classLabel true a b\n@data\n{series}")
        .replace(":0\n", ":a\n")
        .replace(":1\n", ":b\n");
    let mut files: Vec<(String, Vec<u8>)> = [
        ("rows/1.csv", rows(0, ["a", "b"])),
        ("rows/2.csv", rows(100, ["b", "c"])),
        ("rows/3.csv", rows(200, ["a", "c"])),
        ("samples/1.csv", samples(50)),
        ("samples/2.csv", samples(70)),
        ("gaps.csv", format!("v,class,subject\n{gaps}")),
        ("signals.csv", signals),
        ("numbers.csv", format!("a,b,y\n{numbers}")),
        ("labels.csv", "a,b,c,d,subject,run,walk\n1,2,3,4,x,1,0\n4,3,2,1,y,1,1\n5,5,1,1,z,0,0\n".to_owned()),
        ("series.ts", ts),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into();
    files.push(("rows.tsv.gz".to_owned(), gzipped(&rows(300, ["a", "b"]).replace(',', "\t"))));
    files.push(("packed.npz".to_owned(), packed(&arrays(0.5))));
    files.push(("whole.npz".to_owned(), npz(&arrays(50.0))));
    files.push(("plain.npy".to_owned(), npy("<f4", "(5, 1, 4)", &values)));
    files.push((
        "turned.npy".to_owned(),
        npy_in_order("<f4", "True", "(5, 1, 4)", &values.iter().rev().copied().collect::<Vec<u8>>()),
    ));
    for i in 0..11u8 {
        let photo = RgbImage::from_fn(7, 8, |x, y| Rgb([x as u8 * i, y as u8 * 9, i * 20]));
        let mask = GrayImage::from_fn(7, 8, |x, y| Luma([((x + y) as u8 + i) % 4]));
        files.push((format!("images/{}/{i}.png", ["a", "b", "c"][usize::from(i) % 3]), png(photo.clone())));
        files.push((format!("photos/{i}.png"), png(photo)));
        files.push((format!("masks/{i}.png"), png(mask)));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (&name[..], &bytes[..])).collect();
    Folder::within(env!("CARGO_TARGET_TMPDIR").as_ref(), &files)
}
