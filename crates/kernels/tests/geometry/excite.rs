//! Squeeze and excitation.

use fastrand::Rng;
use kernels::{BLOCK, Function, Lanes, Layer, Level, Size, View, blocks, excite};

use crate::value::{Value, at, call, cases, numbers};

type Input<'a> = (&'a [Lanes], View);
type Output<'a> = (&'a mut [Lanes], View);

call!(Excite { size: Size, x: Input<'a>, layers: (&'a Layer<'a>, &'a Layer<'a>), scratch: &'a mut [Lanes], y: Output<'a> },
    simd => excite(simd, size, x, layers, scratch, y));

/// Weights, packed for `excite`, between this many channels.
fn weights(rng: &mut Rng, channels: usize, out: usize) -> Vec<[Lanes; BLOCK]> {
    let block = |rng: &mut Rng, first: usize| {
        std::array::from_fn(|lane| match first + lane < channels {
            true => numbers(rng, 1)[0],
            false => Lanes::ZERO,
        })
    };
    (0..blocks(out) * blocks(channels)).map(|tap| block(rng, tap % blocks(channels) * BLOCK)).collect()
}

/// The layer's sums, in f64, each with the sum of its terms' magnitudes.
fn sums(weights: &[[Lanes; BLOCK]], bias: &[Lanes], x: &[f64], out: usize) -> Vec<(f64, f64)> {
    let count = blocks(x.len());
    let sum = |channel: usize| {
        let term = |(input, x): (usize, &f64)| {
            let tap = &weights[channel / BLOCK * count + input / BLOCK][input % BLOCK];
            f64::from(tap.0[channel % BLOCK]) * x
        };
        let terms = || x.iter().enumerate().map(term).chain([at(bias, channel)]);
        (terms().sum(), terms().map(f64::abs).sum())
    };
    (0..out).map(sum).collect()
}

#[test]
fn squeeze_and_excitation_equals_plain_loops() {
    for mut rng in cases(200) {
        let [channels, hidden, out] = [100, 40, 100].map(|most| rng.usize(1..most));
        let (height, width) = (rng.usize(1..5), rng.usize(1..70));
        let x = Value::random(&mut rng, [channels, height, width]);
        let mut y = Value::empty(&mut rng, [out, 1, 1]);
        let packed = [weights(&mut rng, channels, hidden), weights(&mut rng, hidden, out)];
        let bias = [numbers(&mut rng, blocks(hidden)), numbers(&mut rng, blocks(out))];
        let mean = |channel: usize| {
            let rows = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
            rows.map(|(row, column)| x.get(channel, row, column)).sum::<f64>() / (height * width) as f64
        };
        let means: Vec<f64> = (0..channels).map(mean).collect();
        let squeezed = sums(&packed[0], &bias[0], &means, hidden);
        let squeezed: Vec<f64> = squeezed.iter().map(|(sum, _)| sum.max(0.0)).collect();
        let expected = sums(&packed[1], &bias[1], &squeezed, out);
        let layer = |index: usize, channels: usize, function: Function| Layer {
            channels,
            weights: &packed[index],
            bias: &bias[index],
            function,
        };
        let relu = Function::Clamp { low: 0.0, high: f32::INFINITY };
        let (first, last) = (layer(0, channels, relu), layer(1, hidden, Function::Identity));
        for level in Level::all() {
            let mut scratch = vec![Lanes([f32::NAN; BLOCK]); blocks(channels) + blocks(hidden)];
            let size = Size { blocks: blocks(channels), height, width };
            let layers = (&first, &last);
            level.run(Excite { size, x: x.read(), layers, scratch: &mut scratch, y: y.write() });
            y.check_all(&format!("{level}"), |channel, _, _| expected[channel]);
        }
    }
}
