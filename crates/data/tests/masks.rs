//! Images with masks, for segmentation.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::cast_possible_truncation,
    reason = "tests with small, exact numbers"
)]

mod files;

use std::io::Cursor;

use data::{ExampleTarget, MASKED, Order, Splits};
use expect_test::expect;
use files::{Folder, shape};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgb, RgbImage};
use png::{BitDepth, ColorType};

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A photograph of this size.
fn photo(height: u32, width: u32) -> Vec<u8> {
    encoded(RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7])), ImageFormat::Png)
}

/// A mask of gray values.
fn mask(height: u32, width: u32, label: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    encoded(GrayImage::from_fn(width, height, |x, y| Luma([label(y, x)])), ImageFormat::Png)
}

/// A PNG of 8 pixels in a row whose packed values are written as they are.
fn packed(color: ColorType, depth: BitDepth, row: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 1);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_palette((0..3 * 16).map(|i| i * 5).collect::<Vec<u8>>());
    encoder.write_header().unwrap().write_image_data(row).unwrap();
    bytes
}

const SEGMENTATION: &str = "task: segmentation\nnormalize: none\ntrain: { file: photos, target: masks }\n";

fn labels(splits: &Splits, index: usize) -> Vec<i64> {
    match splits.train.example(index, Order::InOrder).unwrap().target {
        ExampleTarget::Positions(classes) => classes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn masks_are_found_by_name_and_cropped_as_their_images() {
    // Scaled down to 2 x 2 after the middle 4 x 4 of 4 x 8 has been cut out.
    let quarters = |y, x| match (y < 2, x < 4) {
        (true, true) => 10,
        (true, false) => 9,
        (false, true) => 200,
        (false, false) => 9,
    };
    let folder = Folder::of(&[
        ("photos/b.png", &photo(4, 8)),
        ("photos/day 1/a.jpeg", &photo(4, 8)),
        ("photos/notes.txt", b"?"),
        ("masks/b.bmp", &encoded(GrayImage::from_fn(8, 4, |x, y| Luma([quarters(y, x)])), ImageFormat::Bmp)),
        ("masks/day 1/a.png", &mask(4, 8, |_, x| if x == 2 || x == 5 { 7 } else { 9 })),
        ("masks/c.png", &mask(4, 8, |_, _| 1)),
    ]);
    let splits = folder.open(SEGMENTATION, &[3, 2, 2]).unwrap();
    assert_eq!(splits.classes, ["7", "9", "10", "200"]);
    assert_eq!(labels(&splits, 0), [2, 1, 3, 1]);
    // The nearest pixels are those at columns 3 and 5.
    assert_eq!(labels(&splits, 1), [1, 0, 1, 0]);
    let input = splits.train.example(0, Order::InOrder).unwrap().input;
    assert!(input.data()[0] < input.data()[1]);
    let notes = splits.notes.join("\n").replace(&format!("{}/", folder.path().display()), "");
    expect![[r#"
        photos: 1 file was not read (1 .txt)
        masks: 1 mask has no image"#]]
    .assert_eq(&notes);
}

#[test]
fn labels_have_names_and_may_be_ignored() {
    let folder = Folder::of(&[
        ("photos/a.png", &photo(2, 2)),
        ("masks/a.png", &mask(2, 2, |y, x| [[0, 1], [255, 0]][y as usize][x as usize])),
    ]);
    let splits = folder.open(&format!("{SEGMENTATION}ignore_classes: 255"), &[1, 2, 2]).unwrap();
    assert_eq!(splits.classes, ["0", "1"]);
    assert_eq!(labels(&splits, 0), [0, 1, MASKED, 0]);
    let named = "classes: { 1: cat, 0: other, 255: cat }";
    let splits = folder.open(&format!("{SEGMENTATION}{named}"), &[1, 2, 2]).unwrap();
    assert_eq!(splits.classes, ["cat", "other"]);
    assert_eq!(labels(&splits, 0), [1, 0, 0, 1]);
    let error = folder.error(&format!("{SEGMENTATION}classes: {{ 0: other, 1: cat }}"), &[1, 2, 2]);
    expect!["masks/a.png: unknown class `255`, expected one of other, cat; to ignore it, add it to `ignore_classes`"].assert_eq(&error);
}

#[test]
fn gray_values_and_palette_indices_are_labels_at_every_depth() {
    let masks = [
        packed(ColorType::Indexed, BitDepth::Eight, &[0, 1, 2, 3, 4, 5, 6, 7]),
        packed(ColorType::Indexed, BitDepth::Four, &[0x01, 0x23, 0x45, 0x67]),
        packed(ColorType::Grayscale, BitDepth::Four, &[0x01, 0x23, 0x45, 0x67]),
        packed(ColorType::Grayscale, BitDepth::Two, &[0b0001_1011, 0b0001_1011]),
        packed(ColorType::Indexed, BitDepth::One, &[0b0101_1010]),
        encoded(ImageBuffer::from_fn(8, 1, |x, _| Luma([x as u16 * 1000])), ImageFormat::Png),
        encoded(ImageBuffer::from_fn(8, 1, |x, _| Luma([x as u16 * 1000])), ImageFormat::Tiff),
        encoded(RgbImage::from_fn(8, 1, |x, _| Rgb([x as u8; 3])), ImageFormat::WebP),
    ];
    let expected: [[i64; 8]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 0, 1, 2, 3],
        [0, 1, 0, 1, 1, 0, 1, 0],
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 4, 5, 6, 7],
        [0, 1, 2, 3, 4, 5, 6, 7],
    ];
    for (i, (mask, expected)) in masks.iter().zip(expected).enumerate() {
        // The content counts, not the name.
        let folder = Folder::of(&[("photos/a.png", &photo(1, 8)), ("masks/a.png", mask)]);
        assert_eq!(labels(&folder.open(SEGMENTATION, &[1, 1, 8]).unwrap(), 0), expected, "{i}");
    }
}

#[test]
fn what_is_not_a_mask_is_refused() {
    let error = |files: &[(&str, &[u8])], config: &str| {
        let photo = photo(4, 6);
        let files = [&[("photos/a.png", &photo[..])], files].concat();
        Folder::of(&files).error(config, &[3, 2, 2])
    };
    let whole = mask(4, 6, |_, x| x as u8);
    expect!["photos/a.png: expected a mask, found no image called `a` in masks"]
        .assert_eq(&error(&[("masks/b.png", &whole)], SEGMENTATION));
    expect!["masks/a.png: expected 6 x 4 pixels as photos/a.png, found 4 x 6 pixels"]
        .assert_eq(&error(&[("masks/a.png", &mask(6, 4, |_, _| 0))], SEGMENTATION));
    expect!["masks/a.png: expected an image of labels, found colors; save the labels as gray values or as a PNG with a palette"].assert_eq(&error(&[("masks/a.png", &photo(4, 6))], SEGMENTATION));
    let jpeg = encoded(GrayImage::new(6, 4), ImageFormat::Jpeg);
    expect!["masks/a.jpg: expected a mask in a lossless format such as PNG, found JPEG, whose compression changes labels"].assert_eq(&error(&[("masks/a.jpg", &jpeg)], SEGMENTATION));
    expect!["masks/a.png: damaged image (unexpected end of file)"]
        .assert_eq(&error(&[("masks/a.png", &whole[..whole.len() - 20])], SEGMENTATION));
    expect!["masks/a.png: expected one image with this name, found a.bmp and a.png"]
        .assert_eq(&error(&[("masks/a.png", &whole), ("masks/a.bmp", &whole)], SEGMENTATION));
    expect!["masks: No such file or directory (os error 2)"].assert_eq(&error(&[], SEGMENTATION));
    expect!["photos/a.png: expected images in one folder per class, found an image outside them; set `target` to the folder of the masks"].assert_eq(&error(&[], "task: segmentation\ntrain: photos"));
    let classes = SEGMENTATION.replace("segmentation", "classification");
    expect!["photos: `target`: supported for folders of images only in segmentation"]
        .assert_eq(&error(&[("masks/a.png", &whole)], &classes));
    let numbers = SEGMENTATION.replace("segmentation", "regression");
    expect!["photos: `target`: supported for folders of images only in segmentation"]
        .assert_eq(&error(&[("masks/a.png", &whole)], &numbers));
}

/// A few bytes that declare a huge mask take little memory.
#[test]
fn a_mask_that_is_larger_than_its_file_can_be_is_refused() {
    let lie = include_bytes!("hostile/lie-12000.png");
    let folder = Folder::of(&[("photos/a.png", &photo(4, 6)), ("masks/a.png", lie)]);
    expect!["masks/a.png: expected an image of at most 48 MB when decoded, found a larger one in a file of 69 bytes"].assert_eq(&folder.error(SEGMENTATION, &[3, 2, 2]));
    for name in ["palette-4.png", "palette-panic.png"] {
        let bytes = std::fs::read(format!("{}/tests/hostile/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let folder = Folder::of(&[("photos/a.png", &photo(4, 6)), ("masks/a.png", &bytes)]);
        let error = folder.error(SEGMENTATION, &[3, 2, 2]);
        assert!(error.starts_with("masks/a.png: "), "{error}");
    }
}

/// Masks may be in a folder of the images' folder.
#[test]
fn masks_beside_the_images_are_not_images() {
    let folder = Folder::of(&[("all/a.png", &photo(2, 2)), ("all/masks/a.png", &mask(2, 2, |_, x| x as u8))]);
    let config = "task: segmentation\ntrain: { file: all, target: all/masks, group: file }";
    let splits = folder.open(config, &[1, 2, 2]).unwrap();
    assert_eq!(splits.train.len(), 1);
    assert_eq!(splits.train.groups().iter().collect::<Vec<_>>(), ["a.png"]);
    assert_eq!(data::read_inputs(folder.path().join("all/a.png"), &shape(&[1, 2, 2])).unwrap().len(), 1);
}
