//! All file formats give the same recordings.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use std::io::Write;

use data::{Batch, ExampleTarget, Order, Splits, Targets, read_inputs};
use files::{Folder, floats, npy, npy_in_order, npz, shape};

const VALUES: [f32; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];

fn batch(splits: &Splits) -> Batch {
    splits.train.batches(Order::InOrder, splits.train.len(), 0).next().unwrap().unwrap()
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

fn safetensors(arrays: &[(&str, safetensors::Dtype, Vec<usize>, Vec<u8>)]) -> Vec<u8> {
    let views = arrays.iter().map(|(name, dtype, shape, bytes)| {
        (*name, safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn recordings_with_a_class() {
    let input = npy("<f4", "(2, 2, 3)", &floats(&VALUES));
    let table = b"1,2,3,4,5,6,run\n7,8,9,10,11,12,lie\n";
    let titled = b"a,b,c,d,e,f,class\n1,2,3,4,5,6,run\n7,8,9,10,11,12,lie\n";
    let first = b"class\ta\tb\tc\td\te\tf\nrun\t1\t2\t3\t4\t5\t6\n\nlie\t7\t8\t9\t10\t11\t12\n";
    let tensors = [
        ("input", safetensors::Dtype::F32, vec![2, 2, 3], floats(&VALUES)),
        (
            "target",
            safetensors::Dtype::I64,
            vec![2],
            [1i64, 0].iter().flat_map(|n| n.to_le_bytes()).collect(),
        ),
    ];
    let folder = Folder::of(&[
        (
            "a.ts",
            b"# made\n@problemName x\n@classLabel true lie run\n@data\n1,2,3:4,5,6:run\n7,8,9:10,11,12:lie\n",
        ),
        ("a.csv", table),
        ("a.csv.gz", &gz(table)),
        ("b.csv", titled),
        ("c.tsv", first),
        (
            "a.npz",
            &npz(&[
                ("input", input.clone()),
                ("target", npy("<i8", "(2,)", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
            ]),
        ),
        ("b.npz", &npz(&[("x", input), ("y", npy("|u1", "(2, 1)", &[1, 0]))])),
        ("a.safetensors", &safetensors(&tensors)),
    ]);
    let files = [
        "a.ts",
        "a.csv",
        "a.csv.gz",
        "b.csv",
        "{ file: b.csv, target: class }",
        "{ file: c.tsv, target: 0 }",
        "a.npz",
        "{ file: b.npz, input: x, target: y }",
        "a.safetensors",
        "[{ file: a.csv, to: 1 }, { file: b.csv, from: 1 }]",
    ];
    for file in files {
        let splits = folder.open(&format!("task: classification\nnormalize: none\ntrain: {file}"), &[2, 3]);
        let splits = splits.unwrap_or_else(|error| panic!("{file}: {error}"));
        let names = if splits.classes[0] == "0" { ["0", "1"] } else { ["lie", "run"] };
        assert_eq!(splits.classes, names, "{file}");
        let Batch { input, target } = batch(&splits);
        assert_eq!((input.shape(), input.data()), (&[2, 2, 3][..], &VALUES[..]), "{file}");
        assert_eq!(target, Targets::Classes(vec![1, 0]), "{file}");
    }
}

#[test]
fn one_recording_with_labels() {
    let folder = Folder::of(&[
        ("a.csv", b"x,y,state\n1,4,run\n2,5,\n3,6,lie\n"),
        (
            "a.npz",
            &npz(&[
                ("input", npy("<f4", "(2, 3)", &floats(&VALUES[..6]))),
                ("target", npy("<i2", "(3,)", &[1, 0, 255, 255, 0, 0])),
            ]),
        ),
    ]);
    for file in ["{ file: a.csv, layout: samples }", "a.npz"] {
        let splits =
            folder.open(&format!("task: segmentation\nnormalize: none\ntrain: {file}"), &[2, 3]).unwrap();
        let Batch { input, target } = batch(&splits);
        assert_eq!((input.shape(), input.data()), (&[1, 2, 3][..], &VALUES[..6]));
        assert_eq!(target, Targets::Positions { shape: vec![1, 3], classes: vec![1, -1, 0] });
    }
}

#[test]
fn numbers_and_signals() {
    let signal = npy("<f4", "(2, 1, 3)", &floats(&VALUES[6..]));
    let folder = Folder::of(&[
        ("a.csv", b"1,2,3,0.5,7\n4,5,6,1.5,8\n"),
        ("a.ts", b"@targetLabel true\n@data\n1,2,3:0.5\n4,5,6:1.5\n"),
        ("a.npz", &npz(&[("input", npy("<f4", "(2, 1, 3)", &floats(&VALUES[..6]))), ("target", signal)])),
    ]);
    let values = |task, file, window| {
        let targets = if task == "regression" { "normalize_targets: none" } else { "" };
        let text = format!("task: {task}\nnormalize: none\n{targets}\ntrain: {file}\n{window}");
        let Batch { input, target } = batch(&folder.open(&text, &[1, 3]).unwrap());
        assert_eq!(input.data(), &VALUES[..6]);
        let Targets::Values(values) = target else { panic!("numbers") };
        (values.shape().to_vec(), values.data().to_vec())
    };
    let two = values("regression", "{ file: a.csv, target: [3, 4] }", "");
    assert_eq!(two, (vec![2, 2], vec![0.5, 7.0, 1.5, 8.0]));
    assert_eq!(values("regression", "a.ts", ""), (vec![2, 1], vec![0.5, 1.5]));
    let signals = (vec![2, 1, 3], VALUES[6..].to_vec());
    assert_eq!(values("regression", "a.npz", ""), signals);
    assert_eq!(values("denoising", "a.npz", ""), signals);
    assert_eq!(values("denoising", "a.npz", "window: { length: 3 }"), signals);
}

#[test]
fn all_numpy_types_are_read() {
    let ones: [(&str, &[u8]); 13] = [
        ("|b1", &[1]),
        ("|i1", &[1]),
        ("|u1", &[1]),
        ("<i2", &[1, 0]),
        (">i2", &[0, 1]),
        ("<u2", &[1, 0]),
        ("<i4", &[1, 0, 0, 0]),
        (">u4", &[0, 0, 0, 1]),
        ("<u8", &[1, 0, 0, 0, 0, 0, 0, 0]),
        (">f2", &[0x3c, 0]),
        ("<f4", &[0, 0, 0x80, 0x3f]),
        (">f4", &[0x3f, 0x80, 0, 0]),
        ("<f8", &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]),
    ];
    for (kind, bytes) in ones {
        let folder = Folder::of(&[("a.npy", &npy(kind, "(2,)", &bytes.repeat(2)))]);
        let read = read_inputs(folder.path().join("a.npy"), &shape(&[1, 2])).unwrap();
        assert_eq!(read[0].input.data(), [1.0; 2], "{kind}");
    }
    let columns = npy_in_order("<f4", "True", "(2, 3)", &floats(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    let folder = Folder::of(&[("a.npy", &columns)]);
    let read = read_inputs(folder.path().join("a.npy"), &shape(&[2, 3])).unwrap();
    assert_eq!(read[0].input.rounded().data(), &VALUES[..6]);
}

#[test]
fn axes_of_recordings_and_channels_can_be_omitted() {
    // The array's shape, the network's input, and the number and shape of the recordings.
    let cases: [(&str, &[usize], usize, &[usize]); 8] = [
        ("(12,)", &[1, 12], 1, &[1, 12]),
        ("(2, 6)", &[2, 6], 1, &[2, 6]),
        ("(2, 6)", &[1, 6], 2, &[1, 6]),
        ("(1, 12)", &[1, 12], 1, &[1, 12]),
        ("(3, 4)", &[1, 3, 4], 1, &[1, 3, 4]),
        ("(3, 2, 2)", &[3, 2, 2], 1, &[3, 2, 2]),
        ("(3, 2, 2)", &[1, 2, 2], 3, &[1, 2, 2]),
        ("(1, 3, 2, 2)", &[3, 2, 2], 1, &[3, 2, 2]),
    ];
    for (array, input, count, expected) in cases {
        let folder = Folder::of(&[("a.npy", &npy("<f4", array, &floats(&VALUES)))]);
        let read = read_inputs(folder.path().join("a.npy"), &shape(input)).unwrap();
        assert_eq!((read.len(), read[0].input.shape()), (count, expected), "{array}");
    }
}

fn png(color: [u8; 3], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb(color));
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn folders_of_images() {
    let (red, orange, blue) = (png([255, 0, 0], 9, 5), png([255, 99, 0], 9, 5), png([0, 0, 255], 4, 4));
    let folder = Folder::of(&[
        ("train/warm/1.png", &red),
        ("train/cold/1.png", &blue),
        ("train/cold/2.PNG", &blue),
        ("train/cold/.hidden.png", b""),
        ("train/cold/notes.txt", b""),
        ("test/warm/1.png", &orange),
    ]);
    let text = "task: classification\nnormalize: none\ntrain: train\ntest: test\n";
    let splits = folder.open(text, &[3, 4, 6]).unwrap();
    assert_eq!(splits.classes, ["cold", "warm"]);
    let Batch { input, target } = batch(&splits);
    assert_eq!((input.shape(), target), (&[3, 3, 4, 6][..], Targets::Classes(vec![0, 0, 1])));
    assert_eq!(input.data()[2 * 72..], [[1.0f32; 24], [0.0; 24], [0.0; 24]].concat());
    let test = splits.test.unwrap().example(0, Order::InOrder).unwrap();
    assert_eq!(test.target, ExampleTarget::Class(1));
    let gray = folder.open(text, &[1, 4, 4]).unwrap();
    assert_eq!(batch(&gray).input.shape(), [3, 1, 4, 4]);
    assert!(folder.error(text, &[2, 4, 4]).ends_with("expected 1 or 3 input channels for images, found 2"));
    assert!(folder.error(text, &[3, 4]).ends_with("expected an input of shape [N, 3, 4], found an image"));
}

#[test]
fn inputs_for_prediction() {
    let folder = Folder::of(&[
        ("a.csv", b"1,2,3\n4,5,6\n"),
        ("long.csv", b"1,2,3,4\n"),
        ("bad.csv", b"1,2,3\n4,nan,6\n"),
        ("bad.npy", &npy("<f4", "(2,)", &floats(&[1.0, f32::NAN]))),
        ("a.npz", &npz(&[("input", npy("<f4", "(2, 1, 3)", &floats(&VALUES[..6])))])),
        ("long.npz", &npz(&[("input", npy("<f4", "(1, 6)", &floats(&VALUES[..6])))])),
        ("p/1.png", &png([255, 255, 255], 3, 3)),
        ("p/q/2.png", &png([0, 0, 0], 3, 3)),
        ("empty/x.txt", b""),
    ]);
    let read = |name: &str, input: &[usize]| {
        let read = read_inputs(folder.path().join(name), &shape(input));
        read.map_err(|error| folder.tidy(&error))
    };
    for name in ["a.csv", "a.npz"] {
        let read = read(name, &[1, 3]).unwrap();
        assert_eq!((read.len(), read[1].input.data()), (2, &[4.0, 5.0, 6.0][..]));
    }
    assert_eq!(read("long.npz", &[1, 3]).unwrap()[0].input.shape(), [1, 6], "a series keeps its length");
    assert_eq!(read("p", &[1, 2, 2]).unwrap().len(), 2);
    assert_eq!(read("p/1.png", &[1, 2, 2]).unwrap()[0].input.data(), [1.0; 4]);
    let wrong = |name: &str, input: &[usize]| read(name, input).unwrap_err();
    // Its last value may be a target.
    assert_eq!(wrong("long.csv", &[1, 3]), "long.csv: row 1: expected 1 x 3 values, found 4");
    assert_eq!(wrong("bad.csv", &[1, 3]), "bad.csv: row 2, column 2: expected a finite number, found `nan`");
    assert_eq!(
        wrong("bad.npy", &[1, 2]),
        "bad.npy: channel 1, sample 2: expected a finite number, found NaN; set `missing` to accept missing values"
    );
    assert_eq!(
        wrong("a.npz", &[2, 3]),
        "a.npz: recording 1: expected an input of shape [2, 3], found [1, 3]"
    );
    assert_eq!(
        wrong("empty", &[1, 2, 2]).replace(&folder.path().display().to_string(), ""),
        "empty/x.txt: expected at least one row, found none"
    );
    assert!(wrong("p/1.png", &[1, 4]).ends_with("expected an input of shape [N, 1, 4], found an image"));
}
