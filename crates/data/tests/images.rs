//! Images: kinds, precision, orientation, transparency, folders, and files that are cut off.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    reason = "tests with small, exact numbers"
)]

mod files;

use std::io::Cursor;

use data::{Order, Recording, read_inputs};
use expect_test::expect;
use files::{Folder, shape};
use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage,
};

const CLASSES: &str = "task: classification\n";
const KINDS: [(&str, ImageFormat); 7] = [
    ("png", ImageFormat::Png),
    ("jpg", ImageFormat::Jpeg),
    ("webp", ImageFormat::WebP),
    ("bmp", ImageFormat::Bmp),
    ("tiff", ImageFormat::Tiff),
    ("gif", ImageFormat::Gif),
    ("ppm", ImageFormat::Pnm),
];

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// An image in which every pixel of every channel differs.
fn gradient(height: u32, width: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x * 9, y * 11, (x + y) * 5].map(|value| value as u8))).into()
}

fn read(name: &str, bytes: &[u8], input: &[usize]) -> Result<Recording, String> {
    let folder = Folder::of(&[(name, bytes)]);
    let read = read_inputs(folder.path().join(name), &shape(input));
    read.map(|mut recordings| recordings.remove(0)).map_err(|error| folder.tidy(&error))
}

fn values(name: &str, bytes: &[u8], input: &[usize]) -> Vec<f64> {
    read(name, bytes, input).unwrap().input.data().to_vec()
}

#[test]
fn images_of_16_bits_keep_their_precision() {
    let gray = ImageBuffer::from_fn(2, 2, |x, y| Luma([2000u16 + x as u16 + 2 * y as u16]));
    let expected: Vec<f64> = (0..4).map(|i| f64::from(2000 + i) / 65535.0).collect();
    for (name, format) in
        [("a.png", ImageFormat::Png), ("a.tiff", ImageFormat::Tiff), ("a.pgm", ImageFormat::Pnm)]
    {
        let bytes = encoded(&gray.clone().into(), format);
        assert_eq!(values(name, &bytes, &[1, 2, 2]), expected, "{name}");
        assert_eq!(values(name, &bytes, &[3, 2, 2]), expected.repeat(3), "{name}");
    }
    // Scaled down, the mean is between the steps of 8 bits, too.
    let scaled = values("a.png", &encoded(&gray.into(), ImageFormat::Png), &[1, 1, 1]);
    assert!((scaled[0] * 65535.0 - 2001.5).abs() <= 1.0, "{scaled:?}");
}

/// A PNG file with EXIF data of this orientation.
fn png_with_orientation(image: &DynamicImage, orientation: u8) -> Vec<u8> {
    let png = encoded(image, ImageFormat::Png);
    let exif = exif(orientation);
    let mut chunk = [&b"eXIf"[..], &exif].concat();
    let mut checksum = flate2::Crc::new();
    checksum.update(&chunk);
    chunk.splice(0..0, u32::try_from(exif.len()).unwrap().to_be_bytes());
    chunk.extend(checksum.sum().to_be_bytes());
    // After the signature and the header.
    [&png[..33], &chunk, &png[33..]].concat()
}

/// EXIF data with only an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00", &[orientation][..], &[0; 6]]
        .concat()
}

#[test]
fn images_are_turned_as_their_exif_data_say() {
    let upright = gradient(5, 3);
    let expected = values("a.png", &encoded(&upright, ImageFormat::Png), &[3, 5, 3]);
    // Each is an image that its orientation turns upright.
    let stored = [
        upright.clone(),
        upright.fliph(),
        upright.rotate180(),
        upright.flipv(),
        upright.fliph().rotate270(),
        upright.rotate270(),
        upright.fliph().rotate90(),
        upright.rotate90(),
    ];
    for (orientation, stored) in (1..).zip(&stored) {
        let bytes = png_with_orientation(stored, orientation);
        assert_eq!(values("a.png", &bytes, &[3, 5, 3]), expected, "{orientation}");
    }
    // Damaged EXIF data does not make an image unreadable.
    assert_eq!(values("a.png", &png_with_orientation(&upright, 9), &[3, 5, 3]), expected);
    // A photograph, of which the middle is cut out after it has been turned.
    let photograph = gradient(64, 32);
    let jpeg = |image: &DynamicImage, orientation| {
        let plain = encoded(image, ImageFormat::Jpeg);
        let exif = [&b"Exif\0\0"[..], &exif(orientation)].concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat()
    };
    let upright = values("a.jpg", &jpeg(&photograph, 1), &[3, 8, 8]);
    let turned = values("b.jpg", &jpeg(&photograph.rotate270(), 6), &[3, 8, 8]);
    for (a, b) in upright.iter().zip(&turned) {
        assert!((a - b).abs() < 0.02, "{a} {b}");
    }
}

#[test]
fn transparent_images_are_laid_over_white() {
    // The shape is only in the transparency.
    let icon = RgbaImage::from_fn(4, 4, |x, _| Rgba([0, 0, 0, if x < 2 { 255 } else { 0 }]));
    let png = encoded(&icon.into(), ImageFormat::Png);
    assert_eq!(values("a.png", &png, &[1, 1, 4]), [0.0, 0.0, 1.0, 1.0]);
    assert_eq!(values("a.png", &png, &[3, 1, 4]), [0.0, 0.0, 1.0, 1.0].repeat(3));
    let half = |value, opacity| {
        let image = GrayAlphaImage::from_pixel(2, 2, image::LumaA([value, opacity]));
        values("a.png", &encoded(&image.into(), ImageFormat::Png), &[1, 1, 1])[0] * 255.0
    };
    assert_eq!([half(100, 255), half(100, 0), half(0, 51), half(255, 7)], [100.0, 255.0, 204.0, 255.0]);
    let deep = ImageBuffer::from_pixel(2, 2, Rgba([0u16, 300, 65535, 32767]));
    let mut deep = values("a.png", &encoded(&deep.into(), ImageFormat::Png), &[3, 1, 1]);
    deep.iter_mut().for_each(|value| *value = (*value * 65535.0).round());
    assert_eq!(deep, [32768.0, 32918.0, 65535.0]);
}

#[test]
fn every_kind_of_image_is_read() {
    let image = gradient(6, 7);
    let expected = values("a.png", &encoded(&image, ImageFormat::Png), &[3, 6, 7]);
    for (extension, format) in KINDS {
        let found = values(&format!("a.{extension}"), &encoded(&image, format), &[3, 6, 7]);
        // JPEG and GIF are lossy.
        let tolerance = if matches!(extension, "jpg" | "gif") { 0.1 } else { 0.0 };
        let largest = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(largest <= tolerance, "{extension}: {largest}");
        // The content counts, not the name.
        assert_eq!(values("a.jpg", &encoded(&image, format), &[3, 6, 7]), found, "{extension}");
    }
}

#[test]
fn an_image_that_is_cut_off_is_refused() {
    let photograph = gradient(24, 24);
    let mut files: Vec<(&str, Vec<u8>)> =
        KINDS.iter().map(|(extension, format)| (*extension, encoded(&photograph, *format))).collect();
    let mut fine = Vec::new();
    JpegEncoder::new_with_quality(&mut fine, 100).encode_image(&photograph.to_luma8()).unwrap();
    files.push(("jpg", fine));
    let deep = photograph.to_rgb16();
    files.extend([
        ("png", encoded(&deep.clone().into(), ImageFormat::Png)),
        ("tiff", encoded(&deep.into(), ImageFormat::Tiff)),
        ("bmp", encoded(&photograph.to_luma8().into(), ImageFormat::Bmp)),
        ("webp", encoded(&photograph.to_rgba8().into(), ImageFormat::WebP)),
    ]);
    let folder = Folder::of(&[]);
    for (extension, bytes) in &files {
        let path = folder.path().join(format!("a.{extension}"));
        let read = |length: usize| {
            std::fs::write(&path, &bytes[..length]).unwrap();
            read_inputs(&path, &shape(&[3, 24, 24])).map_err(|error| folder.tidy(&error))
        };
        let whole = read(bytes.len()).unwrap();
        // Many places, and all of them near the end.
        let lengths = (0..bytes.len()).filter(|length| length % 7 == 0 || length + 30 > bytes.len());
        let mut accepted = 0;
        for length in lengths {
            match read(length) {
                // Only what follows the pixels may be missing.
                Ok(recordings) => {
                    accepted += 1;
                    assert_eq!(
                        recordings[0].input,
                        whole[0].input,
                        "{extension}: {length} of {}",
                        bytes.len()
                    );
                }
                Err(error) => assert!(error.starts_with("a.") && !error.contains('\n'), "{error}"),
            }
        }
        assert!(accepted < 20, "{extension}: {accepted}");
    }
    let jpeg = &files[1].1;
    expect!["a.jpg: damaged image (the end of the file is missing)"]
        .assert_eq(&read("a.jpg", &jpeg[..jpeg.len() / 2], &[3, 24, 24]).unwrap_err());
}

#[test]
fn what_is_no_image_is_refused_by_name() {
    let error = |name: &str, bytes: &[u8]| read(name, bytes, &[3, 8, 8]).unwrap_err();
    expect!["a.png: expected an image, found an empty file"].assert_eq(&error("a.png", b""));
    expect!["a.jpg: expected an image, found a file of another kind"]
        .assert_eq(&error("a.jpg", b"<!DOCTYPE html>"));
    expect!["a.jpg: unsupported image (The image format Avif is not supported)"]
        .assert_eq(&error("a.jpg", b"\0\0\0\x1cftypavif\0\0\0\0"));
    let floats = ImageBuffer::from_pixel(2, 2, Rgb([0.5f32, 2.0, f32::NAN]));
    expect!["a.tiff: expected an image with 8 or 16 bits per channel, found floats; convert the image to 16 bits, or save its values as an array"].assert_eq(&error("a.tiff", &encoded(&floats.into(), ImageFormat::Tiff)));
}

/// Images of other kinds and in deeper folders belong to their class; other files are reported.
#[test]
fn all_images_below_a_class_are_read_and_other_files_are_reported() {
    let [dark, bright] =
        [20, 220].map(|value| DynamicImage::from(GrayImage::from_pixel(4, 4, Luma([value]))));
    let mut list: Vec<(String, Vec<u8>)> = Vec::new();
    for (class, image) in [("10", &dark), ("9", &bright)] {
        for (extension, format) in KINDS {
            list.push((format!("photos/{class}/x.{extension}"), encoded(&image.to_rgb8().into(), format)));
        }
        list.push((format!("photos/{class}/more/deep/y.PNG"), encoded(image, ImageFormat::Png)));
        for ignored in [".DS_Store", "Thumbs.db", ".ipynb_checkpoints/x.png", "more/._y.png"] {
            list.push((format!("photos/{class}/{ignored}"), b"?".to_vec()));
        }
    }
    for other in ["10/a.heic", "9/b.HEIC", "9/more/labels.csv", "README"] {
        list.push((format!("photos/{other}"), b"?".to_vec()));
    }
    let list: Vec<(&str, &[u8])> = list.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let folder = Folder::of(&list);
    let splits = folder.open(&format!("{CLASSES}train: photos"), &[1, 2, 2]).unwrap();
    assert_eq!(splits.train.recordings(), 16);
    // Numbers are sorted by value.
    assert_eq!(splits.classes, ["9", "10"]);
    let notes = splits.notes.join("\n").replace(&format!("{}/", folder.path().display()), "");
    expect!["photos: 4 files were not read (1 without an extension, 1 .csv, 2 .heic)"].assert_eq(&notes);
    for index in 0..16 {
        let example = splits.train.example(index, Order::InOrder).unwrap();
        let is_ten = example.origin.contains("photos/10/");
        assert_eq!(example.target, data::ExampleTarget::Class(i64::from(is_ten)), "{}", example.origin);
    }
    // Prediction reads the same images.
    assert_eq!(read_inputs(folder.path().join("photos"), &shape(&[1, 2, 2])).unwrap().len(), 16);
}

#[test]
fn names_of_folders_are_labels() {
    let png = encoded(&gradient(4, 4), ImageFormat::Png);
    let names = ["0", "1.0", "blurred", "none"].map(|class| format!("p/{class}/a.png"));
    let list: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &png[..])).collect();
    let folder = Folder::of(&list);
    expect!["p/none: expected a class as the name of the folder, found `none`, which stands for an unknown class; to make it a class, list it in `classes`"].assert_eq(&folder.error(&format!("{CLASSES}train: p"), &[3, 4, 4]));
    let mapped = "classes: { 1: cat, 0: dog, none: nothing }\nignore_classes: blurred";
    let splits = folder.open(&format!("{CLASSES}train: p\n{mapped}"), &[3, 4, 4]).unwrap();
    assert_eq!(splits.classes, ["cat", "dog", "nothing"]);
    assert_eq!(splits.train.len(), 3);
    let notes = splits.notes.join("\n").replace(&format!("{}/", folder.path().display()), "");
    expect!["p/blurred: ignored class, 1 image not read"].assert_eq(&notes);
}

#[test]
fn keys_of_other_files_are_refused_for_folders_of_images() {
    let png = encoded(&gradient(4, 4), ImageFormat::Png);
    let folder = Folder::of(&[("p/a/1.png", &png)]);
    let error = |keys: &str| folder.error(&format!("{CLASSES}train: {{ file: p, {keys} }}"), &[3, 4, 4]);
    expect!["p: `layout`: not supported for folders of images"].assert_eq(&error("layout: samples"));
    expect!["p: `target`: supported for folders of images only in segmentation"]
        .assert_eq(&error("target: masks"));
    expect!["p: `group`: expected `file` or `folder` for images, found `subject`"]
        .assert_eq(&error("group: subject"));
}

#[test]
fn a_folder_that_contains_itself_is_refused() {
    if !cfg!(unix) {
        return;
    }
    let png = encoded(&gradient(4, 4), ImageFormat::Png);
    let folder = Folder::of(&[("p/a/1.png", &png)]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("p"), folder.path().join("p/a/again")).unwrap();
    let error = folder.error(&format!("{CLASSES}train: p"), &[3, 4, 4]);
    expect!["p: File system loop found: p/a/again points to an ancestor p"].assert_eq(&error);
}
