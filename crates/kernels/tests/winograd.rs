//! Winograd convolutions agree with plain loops for every form, at sizes that are not multiples of their tiles.

use kernels::{
    BLOCK, Conv, Epilogue, Form, Function, Kernel, Lanes, Level, Part, Residual, Simd, View, Winograd, conv,
    winograd_gather, winograd_spread,
};

/// Input blocks, of which the last has 5 channels.
const BLOCKS: usize = if cfg!(miri) { 1 } else { 2 };
const LAST_LANES: usize = 5;
const CHANNELS: usize = (BLOCKS - 1) * BLOCK + LAST_LANES;
/// The accepted difference, relative to the largest magnitude.
const TOLERANCE: f64 = 5e-6;

/// Numbers in [-1, 1).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn lanes(&mut self, len: usize) -> Vec<Lanes> {
        (0..len).map(|_| Lanes(std::array::from_fn(|_| self.next()))).collect()
    }
}

/// A convolution to one block.
struct Problem {
    winograd: Winograd,
    x: Vec<Lanes>,
    x_view: View,
    /// For each input block and tap.
    weights: Vec<[Lanes; BLOCK]>,
    bias: Vec<Lanes>,
    residual: Vec<Lanes>,
}

impl Problem {
    fn new(winograd: Winograd, numbers: &mut Numbers) -> Self {
        let [height, width] = [0, 1].map(|axis| winograd.reach(axis));
        let [down, across] = winograd.form.taps();
        let weights = numbers.lanes(BLOCKS * down * across * BLOCK);
        Self {
            winograd,
            x: numbers.lanes(BLOCKS * height * width),
            x_view: View::plain(height, width),
            weights: weights.as_chunks().0.to_vec(),
            bias: numbers.lanes(1),
            residual: numbers.lanes(winograd.size[0] * winograd.size[1]),
        }
    }

    /// The output by plain loops in f64.
    fn expected(&self) -> Vec<f64> {
        let ([height, width], [down, across]) = (self.winograd.size, self.winograd.form.taps());
        let mut expected = Vec::new();
        for position in 0..height * width {
            let (row, column) = (position / width, position % width);
            for out in 0..BLOCK {
                let mut sum = f64::from(self.bias[0].0[out]) + f64::from(self.residual[position].0[out]);
                for (channel, tap) in (0..CHANNELS).flat_map(|c| (0..down * across).map(move |tap| (c, tap)))
                {
                    let row = row + tap / across * self.winograd.dilation[0];
                    let column = column + tap % across * self.winograd.dilation[1];
                    let x = self.x[self.x_view.index(channel / BLOCK, row, column)].0[channel % BLOCK];
                    let weights = &self.weights[channel / BLOCK * down * across + tap];
                    sum += f64::from(x) * f64::from(weights[channel % BLOCK].0[out]);
                }
                expected.push(sum.max(-1.0));
            }
        }
        expected
    }

    /// The weights of each point and input block.
    fn transformed(&self) -> Vec<[Lanes; BLOCK]> {
        let form = self.winograd.form;
        let taps = form.taps().iter().product();
        let mut transformed = vec![[Lanes::ZERO; BLOCK]; form.points() * BLOCKS];
        let mut points = vec![Lanes::ZERO; form.points()];
        for channel in 0..CHANNELS {
            let (block, lane) = (channel / BLOCK, channel % BLOCK);
            let kernel: Vec<Lanes> =
                self.weights[block * taps..][..taps].iter().map(|tap| tap[lane]).collect();
            form.transform(&kernel, &mut points);
            for (point, number) in points.iter().enumerate() {
                transformed[point * BLOCKS + block][lane] = *number;
            }
        }
        transformed
    }
}

/// Computes a problem in chunks of tiles.
struct Run<'p> {
    problem: &'p Problem,
    weights: &'p [[Lanes; BLOCK]],
    chunk: usize,
}

impl Kernel for Run<'_> {
    type Output = Vec<Lanes>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<Lanes> {
        let Problem { winograd, x, x_view, bias, residual, .. } = self.problem;
        let ([height, width], points) = (winograd.size, winograd.form.points());
        let view = View::plain(height, width);
        let mut y = vec![Lanes::ZERO; height * width];
        let mut spread = vec![Lanes::ZERO; BLOCKS * points * Winograd::distance(self.chunk)];
        let mut products = vec![Lanes::ZERO; points * Winograd::distance(self.chunk)];
        for first in (0..winograd.tiles()).step_by(self.chunk) {
            let tiles = first..winograd.tiles().min(first + self.chunk);
            let count = tiles.len();
            winograd_spread(simd, winograd, (BLOCKS, tiles.clone()), (x, *x_view), &mut spread);
            for point in 0..points {
                let distance = Winograd::distance(count);
                let at = View { origin: point * distance, plane: points * distance, pitch: count, step: 1 };
                let geometry = Conv {
                    blocks: BLOCKS,
                    last_lanes: LAST_LANES,
                    taps: [1, 1],
                    dilation: [1, 1],
                    stride: [1, 1],
                };
                let epilogue =
                    Epilogue { bias: &[Lanes::ZERO], residual: None, function: Function::Identity };
                let part = Part { blocks: 0..1, rows: 0..1, width: count };
                let weights = &self.weights[point * BLOCKS..][..BLOCKS];
                let y = (&mut products[..], at);
                conv(simd, &geometry, (&spread, at), weights, &epilogue, y, &part);
            }
            let epilogue = Epilogue {
                bias,
                residual: Some(Residual { x: residual, view }),
                function: Function::Clamp { low: -1.0, high: f32::INFINITY },
            };
            winograd_gather(simd, winograd, (1, tiles), &products, &epilogue, (&mut y, view));
        }
        y
    }
}

#[test]
fn every_form_agrees_with_plain_loops() {
    let mut numbers = Numbers(1);
    let sizes = [([3, 5], 4), ([1, 1], 1), ([7, 9], 1), ([8, 8], 1), ([10, 13], 3)];
    let sizes = if cfg!(miri) { &sizes[..2] } else { &sizes[..] };
    for form in Form::ALL {
        for &(size, dilation) in sizes {
            // Along an axis of one tap, there is one row.
            let is_image = form.taps()[0] > 1;
            let rows = if is_image { [size[0], dilation] } else { [1, 1] };
            let winograd = Winograd { form, dilation: [rows[1], dilation], size: [rows[0], size[1]] };
            let problem = Problem::new(winograd, &mut numbers);
            let (expected, weights) = (problem.expected(), problem.transformed());
            let largest = expected.iter().fold(0.0_f64, |largest, number| largest.max(number.abs()));
            for level in Level::all() {
                for chunk in [3, winograd.tiles()] {
                    let found = level.run(Run { problem: &problem, weights: &weights, chunk });
                    let found = found.iter().flat_map(|lanes| lanes.0);
                    for (found, expected) in found.zip(&expected) {
                        let error = (f64::from(found) - expected).abs() / largest;
                        assert!(error < TOLERANCE, "{level}, {winograd:?}: error {error:e}");
                    }
                }
            }
        }
    }
}
