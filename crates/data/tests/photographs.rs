//! A photograph is cropped to the aspect ratio of the input before it is scaled, with almost the same result as
//! scaling it first.
#![allow(clippy::unwrap_used, reason = "tests")]

use data::read_inputs;
use graph::Shape;
use image::imageops::FilterType;

/// The mean and maximum difference from the photograph scaled as a whole and then cropped, in steps of 1/255.
fn differences(name: &str, height: usize, width: usize) -> (f32, f32) {
    let path = format!("{}/../../benches/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let read = read_inputs(&path, &Shape::new(3, [height, width])).unwrap()[0].input.rounded();
    let [size_y, size_x] = [height, width].map(|size| u32::try_from(size).unwrap());
    let whole = image::open(&path).unwrap().resize_to_fill(size_x, size_y, FilterType::Triangle).into_rgb8();
    let differences: Vec<f32> = (0..3 * height * width)
        .map(|i| {
            let expected = f32::from(whole.as_raw()[3 * (i % (height * width)) + i / (height * width)]);
            (read.data()[i] * 255.0 - expected).abs()
        })
        .collect();
    let mean = differences.iter().sum::<f32>() / differences.len() as f32;
    (mean, differences.iter().copied().fold(0.0, f32::max))
}

#[test]
fn photographs_differ_little_from_those_scaled_first() {
    for name in ["china.jpg", "flower.jpg"] {
        for (height, width) in [(96, 96), (32, 32), (48, 96), (64, 32)] {
            let (mean, largest) = differences(name, height, width);
            // Cropping at whole pixels shifts the center by up to half a pixel of the photograph.
            assert!(mean < 2.0, "{name} {height}x{width}: {mean} on average, {largest} at most");
        }
    }
}

#[test]
fn a_photograph_with_the_aspect_ratio_of_the_input_is_only_scaled() {
    for name in ["china.jpg", "flower.jpg"] {
        assert_eq!(differences(name, 427, 640), (0.0, 0.0));
    }
}
