//! Everything but convolutions.

use fastrand::Rng;
use kernels::{
    BLOCK, Lanes, Level, Neighbors, Size, View, Windows, add, affine, average_pool, blocks, copy,
    copy_channels, flatten, from_blocks, global_mean, group_statistics, interpolate, layer_norm, max_pool,
    multiply, position_norm, reverse, softmax, to_blocks,
};

use crate::value::{Value, at, call, cases, numbers};

type Input<'a> = (&'a [Lanes], View);
type Output<'a> = (&'a mut [Lanes], View);

call!(Add { size: Size, a: Input<'a>, b: Input<'a>, y: Output<'a> }, simd => add(simd, size, a, b, y));
call!(Multiply { size: Size, a: Input<'a>, b: Input<'a>, y: Output<'a> }, simd => multiply(simd, size, a, b, y));
call!(Scale { size: Size, x: Input<'a>, of: (&'a [Lanes], &'a [Lanes]), y: Output<'a> },
    simd => affine(simd, size, x, of, y));
call!(LayerNorm { channels: usize, size: Size, x: Input<'a>, of: (&'a [Lanes], &'a [Lanes]), y: Output<'a> },
    simd => layer_norm(simd, channels, size, EPS, x, of, y));
call!(GroupStatistics { groups: (usize, usize), size: Size, x: Input<'a>, of: (&'a [Lanes], &'a [Lanes]), y: (&'a mut [Lanes], &'a mut [Lanes]) },
    simd => group_statistics(simd, groups, size, EPS, x, of, y));
call!(PositionNorm { size: Size, x: Input<'a>, of: (&'a [f32], &'a [f32]), y: Output<'a> },
    simd => position_norm(simd, size, EPS, x, of, y));
call!(GlobalMean { size: Size, x: Input<'a>, y: Output<'a> }, simd => global_mean(simd, size, x, y));
call!(MaxPool { size: Size, windows: (Windows, Windows), x: Input<'a>, y: Output<'a> },
    simd => max_pool(simd, size, windows, x, y));
call!(AveragePool { size: Size, windows: (Windows, Windows), count_padding: bool, x: Input<'a>, y: Output<'a> },
    simd => average_pool(simd, size, windows, count_padding, x, y));
call!(Interpolate { blocks: usize, neighbors: (&'a [Neighbors], &'a [Neighbors]), x: Input<'a>, y: Output<'a> },
    simd => interpolate(simd, blocks, neighbors, x, y));

const EPS: f32 = 1e-3;

fn dims(rng: &mut Rng) -> [usize; 3] {
    [rng.usize(1..50), rng.usize(1..8), rng.usize(1..90)]
}

fn size([channels, height, width]: [usize; 3]) -> Size {
    Size { blocks: blocks(channels), height, width }
}

/// The mean and variance of numbers.
fn statistics(numbers: &[f64]) -> (f64, f64) {
    let share = 1.0 / numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() * share;
    (mean, numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() * share)
}

fn normal((mean, variance): (f64, f64), x: f64) -> f64 {
    (x - mean) / (variance + f64::from(EPS)).sqrt()
}

#[test]
fn elementwise_operations_equal_plain_loops() {
    for mut rng in cases(200) {
        let dims = dims(&mut rng);
        let size = size(dims);
        let (a, b, empty) =
            (Value::random(&mut rng, dims), Value::random(&mut rng, dims), Value::empty(&mut rng, dims));
        let of = (numbers(&mut rng, size.blocks), numbers(&mut rng, size.blocks));
        for level in Level::all() {
            let mut y = empty.clone();
            level.run(Add { size, a: a.read(), b: b.read(), y: y.write() });
            y.check_all("add", |c, row, column| (a.get(c, row, column) + b.get(c, row, column), 1.0));

            let mut y = empty.clone();
            level.run(Multiply { size, a: a.read(), b: b.read(), y: y.write() });
            y.check_all("multiply", |c, row, column| (a.get(c, row, column) * b.get(c, row, column), 1.0));

            let mut y = empty.clone();
            let gate = (b.read().0, View { pitch: 0, step: 0, ..b.view });
            level.run(Multiply { size, a: a.read(), b: gate, y: y.write() });
            y.check_all("gate", |c, row, column| (a.get(c, row, column) * b.get(c, 0, 0), 1.0));

            let mut y = empty.clone();
            level.run(Scale { size, x: a.read(), of: (&of.0, &of.1), y: y.write() });
            y.check_all("affine", |c, row, column| {
                (a.get(c, row, column) * at(&of.0, c) + at(&of.1, c), 1.0)
            });
        }
    }
}

#[test]
fn norms_over_channels_equal_plain_loops() {
    for mut rng in cases(100) {
        let dims = dims(&mut rng);
        let (channels, size) = (dims[0], size(dims));
        let (x, empty) = (Value::random(&mut rng, dims), Value::empty(&mut rng, dims));
        let of = (numbers(&mut rng, size.blocks), numbers(&mut rng, size.blocks));
        for level in Level::all() {
            let mut y = empty.clone();
            level.run(LayerNorm { channels, size, x: x.read(), of: (&of.0, &of.1), y: y.write() });
            y.check_all(&format!("{level} layer norm {dims:?}"), |c, row, column| {
                let numbers: Vec<f64> = (0..channels).map(|c| x.get(c, row, column)).collect();
                let normal = normal(statistics(&numbers), x.get(c, row, column));
                (normal * at(&of.0, c) + at(&of.1, c), 30.0)
            });
        }
        let mut y = empty.clone();
        softmax(channels, size, x.read(), y.write(), f32::exp);
        y.check_all("softmax", |c, row, column| {
            let sum: f64 = (0..channels).map(|c| x.get(c, row, column).exp()).sum();
            (x.get(c, row, column).exp() / sum, 1.0)
        });
    }
}

/// The numbers of some channels at all positions.
fn all_positions(x: &Value, channels: std::ops::Range<usize>) -> Vec<f64> {
    let mut numbers = Vec::new();
    for channel in channels {
        for row in 0..x.height {
            numbers.extend((0..x.width).map(|column| x.get(channel, row, column)));
        }
    }
    numbers
}

#[test]
fn norms_over_positions_equal_plain_loops() {
    for mut rng in cases(100) {
        let groups = rng.usize(1..6);
        let [_, height, width] = dims(&mut rng);
        let dims = [groups * rng.usize(1..9), height, width];
        let (channels, size) = (dims[0], size(dims));
        let (x, empty) = (Value::random(&mut rng, dims), Value::empty(&mut rng, dims));
        let of = (numbers(&mut rng, size.blocks), numbers(&mut rng, size.blocks));
        let scales: Vec<f32> = (0..height * width).map(|_| rng.f32()).collect();
        let shifts: Vec<f32> = (0..height * width).map(|_| rng.f32()).collect();
        let own: Vec<(f64, f64)> = (0..channels).map(|c| statistics(&all_positions(&x, c..c + 1))).collect();
        for level in Level::all() {
            let mut result = (vec![Lanes::ZERO; size.blocks], vec![Lanes::ZERO; size.blocks]);
            let (of, y) = ((&of.0[..], &of.1[..]), (&mut result.0[..], &mut result.1[..]));
            level.run(GroupStatistics { groups: (channels, groups), size, x: x.read(), of, y });
            for c in 0..channels {
                let members = channels / groups;
                let start = c / members * members;
                let statistics = statistics(&all_positions(&x, start..start + members));
                let expected = normal(statistics, 0.5) * at(of.0, c) + at(of.1, c);
                let found = 0.5 * at(&result.0, c) + at(&result.1, c);
                assert!((found - expected).abs() < 1e-4, "{level} group norm: {found}, {expected}");
            }

            let mut y = empty.clone();
            level.run(PositionNorm { size, x: x.read(), of: (&scales, &shifts), y: y.write() });
            y.check_all("position norm", |c, row, column| {
                let index = row * width + column;
                let normal = normal(own[c], x.get(c, row, column));
                (normal * f64::from(scales[index]) + f64::from(shifts[index]), 30.0)
            });

            let mut y = Value::empty(&mut rng, [channels, 1, 1]);
            level.run(GlobalMean { size, x: x.read(), y: y.write() });
            y.check_all("mean", |c, _, _| (own[c].0, 1.0));
        }
    }
}

#[test]
fn poolings_equal_plain_loops() {
    for mut rng in cases(200) {
        let mut axis = |size: usize| {
            let kernel = rng.usize(1..6);
            let (stride, before, after) = (rng.usize(1..4), rng.usize(0..kernel), rng.usize(0..kernel));
            let kernel = kernel.min(size + before + after);
            let before = before.min(kernel - 1);
            let out = (size + before + after.min(kernel - 1)).saturating_sub(kernel) / stride + 1;
            (Windows { kernel, stride, before, size }, out)
        };
        let (down, across) = (axis(1 + 6), axis(9));
        let [rows, columns] = [down.0, across.0];
        let channels = rng.usize(1..40);
        let x = Value::random(&mut rng, [channels, rows.size, columns.size]);
        let dims = [channels, down.1, across.1];
        let (size, empty, count_padding) = (size(dims), Value::empty(&mut rng, dims), rng.bool());
        let window = |windows: Windows, index: usize| {
            let start = (index * windows.stride).cast_signed() - windows.before.cast_signed();
            (start..start + windows.kernel.cast_signed()).filter_map(move |at| {
                let at = usize::try_from(at).ok()?;
                if at < windows.size { Some(at) } else { None }
            })
        };
        let x_of = &x;
        let members = |c: usize, row: usize, column: usize| -> Vec<f64> {
            let members =
                window(rows, row).flat_map(|row| window(columns, column).map(move |column| (row, column)));
            members.map(|(row, column)| x_of.get(c, row, column)).collect()
        };
        for level in Level::all() {
            let mut y = empty.clone();
            level.run(MaxPool { size, windows: (rows, columns), x: x.read(), y: y.write() });
            y.check_all("max pool", |c, row, column| {
                (members(c, row, column).into_iter().fold(f64::NEG_INFINITY, f64::max), 1.0)
            });
            let mut y = empty.clone();
            let windows = (rows, columns);
            level.run(AveragePool { size, windows, count_padding, x: x.read(), y: y.write() });
            y.check_all("average pool", |c, row, column| {
                let members = members(c, row, column);
                let count = if count_padding { rows.kernel * columns.kernel } else { members.len() };
                (members.iter().sum::<f64>() / count as f64, 1.0)
            });
        }
    }
}

#[test]
fn interpolation_equals_plain_loops() {
    for mut rng in cases(100) {
        let dims = dims(&mut rng);
        let x = Value::random(&mut rng, dims);
        let mut neighbors = |size: usize| -> Vec<Neighbors> {
            let one = |_| Neighbors { before: rng.usize(..size), after: rng.usize(..size), share: rng.f32() };
            (0..2 * size).map(one).collect()
        };
        let (rows, columns) = (neighbors(dims[1]), neighbors(dims[2]));
        let empty = Value::empty(&mut rng, [dims[0], rows.len(), columns.len()]);
        for level in Level::all() {
            let mut y = empty.clone();
            let neighbors = (&rows[..], &columns[..]);
            level.run(Interpolate { blocks: blocks(dims[0]), neighbors, x: x.read(), y: y.write() });
            y.check_all("interpolation", |c, row, column| {
                let (down, across) = (rows[row], columns[column]);
                let end = |row: usize| {
                    let (left, right) = (x.get(c, row, across.before), x.get(c, row, across.after));
                    left + (right - left) * f64::from(across.share)
                };
                let (upper, lower) = (end(down.before), end(down.after));
                (upper + (lower - upper) * f64::from(down.share), 1.0)
            });
        }
    }
}

#[test]
fn copies_equal_plain_loops() {
    for mut rng in cases(200) {
        let dims = dims(&mut rng);
        let [channels, height, width] = dims;
        let x = Value::random(&mut rng, dims);

        let mut y = Value::empty(&mut rng, dims);
        copy(size(dims), x.read(), y.write());
        y.check_all("copy", |c, row, column| (x.get(c, row, column), 0.0));

        let mut y = Value::empty(&mut rng, dims);
        reverse(size(dims), x.read(), y.write());
        y.check_all("reverse", |c, row, column| (x.get(c, row, width - 1 - column), 0.0));

        let mut rows = vec![0.0; channels * height * width];
        from_blocks(dims.into(), x.read(), &mut rows);
        let index = |c: usize, row: usize, column: usize| (c * height + row) * width + column;
        let mut y = Value::empty(&mut rng, dims);
        to_blocks(dims.into(), &rows, y.write());
        y.check_all("to and from blocks", |c, row, column| {
            assert_eq!(x.get(c, row, column).to_bits(), f64::from(rows[index(c, row, column)]).to_bits());
            (x.get(c, row, column), 0.0)
        });

        let mut y = Value::empty(&mut rng, [channels * height * width, 1, 1]);
        flatten(dims.into(), x.read(), y.write());
        y.check_all("flatten", |i, _, _| (x.get(i / (height * width), i / width % height, i % width), 0.0));

        let (from, before) = (rng.usize(..channels), if rng.bool() { 16 } else { rng.usize(..40) });
        let from = if rng.bool() { from / BLOCK * BLOCK } else { from };
        let count = rng.usize(1..=channels - from);
        let parts = [before + count, height, width];
        let old = Value::random(&mut rng, parts);
        let mut y = old.clone();
        copy_channels((count, from, before), (height, width), x.read(), y.write());
        y.check_all("copy of channels", |c, row, column| {
            let expected =
                if c < before { old.get(c, row, column) } else { x.get(c - before + from, row, column) };
            (expected, 0.0)
        });
    }
}
