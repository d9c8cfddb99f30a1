//! Made-up signals and pictures.

use graph::{Array, Noise};

#[allow(clippy::cast_possible_truncation, reason = "made-up signals are f32")]
fn array(shape: impl Into<Vec<usize>>, value: impl Fn(usize) -> f64) -> Array {
    Array::from_fn(shape, |i| value(i) as f32)
}

pub(crate) fn walk(samples: usize) -> Array {
    let noise = Noise::of("walk");
    array([6, samples], |i| {
        let (channel, t) = (i / samples, (i % samples) as f64 / 50.0);
        let stride = (11.0 * t + channel as f64).sin() + 0.5 * (22.0 * t + 2.0 * channel as f64).sin();
        let size = if channel < 3 { 3.0 } else { 90.0 };
        let gravity = if channel == 2 { 9.81 } else { 0.0 };
        gravity + size * (stride + 0.25 * noise.normal(i as u64))
    })
}

pub(crate) fn ecg(samples: usize) -> (Array, Array, Array) {
    let noise = Noise::of("ecg");
    let wave = |phase: f64, at: f64, width: f64, size: f64| size * (-((phase - at) / width).powi(2)).exp();
    let clean = |i: usize| {
        let phase = (i as f64 / 210.0).fract();
        wave(phase, 0.2, 0.03, 0.15)
            + wave(phase, 0.36, 0.01, -0.12)
            + wave(phase, 0.38, 0.011, 1.2)
            + wave(phase, 0.41, 0.012, -0.25)
            + wave(phase, 0.62, 0.05, 0.3)
    };
    let hum = |i: usize| 0.15 * noise.normal(i as u64) + 0.2 * (i as f64 / 130.0).sin();
    (
        array([1, samples], |i| clean(i) + hum(i)),
        array([1, samples], clean),
        array([1, samples], |i| 0.97 * clean(i) + 0.02 * noise.normal((i / 6) as u64)),
    )
}

pub(crate) fn bands(samples: usize) -> (Vec<Option<usize>>, Vec<usize>) {
    let truth = |i: usize| [2, 3, 4, 3, 1][i * 5 / samples];
    let predicted = |i: usize| match i * 1000 / samples {
        190..230 => 3,
        410..440 => 3,
        620..640 => 5,
        _ => truth(i),
    };
    // The end was not labeled.
    let known = |i: usize| if i < samples * 19 / 20 { Some(truth(i)) } else { None };
    ((0..samples).map(known).collect(), (0..samples).map(predicted).collect())
}

pub(crate) fn picture_of_eight() -> Array {
    #[rustfmt::skip]
    let rows: [[u8; 8]; 8] = [
        [0, 0,  9, 14,  8,  1, 0, 0],
        [0, 0, 12, 14, 14, 12, 0, 0],
        [0, 0,  9, 10,  0, 15, 4, 0],
        [0, 0,  3, 16, 12, 14, 2, 0],
        [0, 0,  4, 16, 16,  2, 0, 0],
        [0, 3, 16,  8, 10, 13, 2, 0],
        [0, 1, 15,  1,  3, 16, 8, 0],
        [0, 0, 11, 16, 15, 11, 1, 0],
    ];
    array([1, 8, 8], |i| f64::from(rows[i / 8][i % 8]) / 16.0)
}

const SIDE: usize = 128;

/// The distance of a pixel from the center of the nearest cell, relative to the size of the cell.
fn distance(i: usize) -> f64 {
    let (y, x) = ((i / SIDE) as f64, (i % SIDE) as f64);
    let cells = [(40.0, 38.0, 26.0), (88.0, 84.0, 30.0), (30.0, 100.0, 18.0), (104.0, 26.0, 16.0)];
    cells.iter().map(|&(cy, cx, r)| (y - cy).hypot(x - cx) / r).fold(f64::MAX, f64::min)
}

pub(crate) fn cells() -> Array {
    let noise = Noise::of("cells");
    array([3, SIDE, SIDE], |i| {
        let near = distance(i % (SIDE * SIDE));
        let tint = [0.72, 0.5, 0.62][i / (SIDE * SIDE)];
        let body = if near < 1.0 { 0.45 - 0.25 * (1.0 - near) } else { 0.0 };
        (0.9 - body - (1.0 - tint) * f64::from(u8::from(near < 1.0)) + 0.04 * noise.normal(i as u64))
            .clamp(0.0, 1.0)
    })
}

pub(crate) fn masks() -> (Vec<Option<usize>>, Vec<usize>) {
    let class = |near: f64| match near {
        ..0.45 => 1,
        0.45..1.0 => 2,
        _ => 0,
    };
    let noise = Noise::of("mask");
    let all = 0..SIDE * SIDE;
    let blurred = |i: usize| class(distance(i) + 0.06 * noise.normal((i / 5) as u64));
    (all.clone().map(|i| Some(class(distance(i)))).collect(), all.map(blurred).collect())
}
