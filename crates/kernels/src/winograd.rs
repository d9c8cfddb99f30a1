//! Winograd convolution: few multiplications for several outputs at once.
//!
//! The `n = m + k - 1` inputs that `m` outputs of a kernel of `k` taps read are transformed to `n` numbers, which are
//! multiplied with the `n` numbers of the transformed kernel, summed over input channels, and transformed to the `m`
//! outputs: `n` multiplications instead of `m * k`, along each axis. Transforms are sums over positions, so that a
//! block of 16 channels is transformed at once; the products are pointwise convolutions.
//!
//! Inputs, kernels and outputs are polynomials of which products are evaluated at the points 0, plus and minus each
//! of [`pairs`], and infinity. Points come in pairs of opposite sign because even and odd powers are then shared. They
//! are chosen for the smallest rounding errors among those whose powers are exact in f32.

use core::ops::Range;

use crate::epilogue::{Epilogue, Place};
use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;

/// The most points along an axis.
const MOST_ALONG: usize = 8;

/// A Winograd convolution: the taps of its kernel and the outputs of a tile, down and across. An axis of one tap and
/// one output is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    taps: [usize; 2],
    outputs: [usize; 2],
}

impl Form {
    /// All forms that have kernels.
    pub const ALL: [Self; 8] = [
        Self { taps: [3, 3], outputs: [4, 4] },
        Self { taps: [3, 3], outputs: [2, 2] },
        Self { taps: [5, 5], outputs: [2, 2] },
        Self { taps: [1, 3], outputs: [1, 4] },
        Self { taps: [1, 3], outputs: [1, 2] },
        Self { taps: [1, 5], outputs: [1, 4] },
        Self { taps: [1, 5], outputs: [1, 2] },
        Self { taps: [1, 7], outputs: [1, 2] },
    ];

    /// Taps down and across.
    pub fn taps(self) -> [usize; 2] {
        self.taps
    }

    /// Outputs of a tile down and across.
    pub fn outputs(self) -> [usize; 2] {
        self.outputs
    }

    /// Points down and across, which are also the inputs of a tile.
    pub fn along(self) -> [usize; 2] {
        [0, 1].map(|axis| self.taps[axis] + self.outputs[axis] - 1)
    }

    /// The number of points.
    pub fn points(self) -> usize {
        let [down, across] = self.along();
        down * across
    }

    /// Transforms the 16 kernels in the lanes of `taps`, row by row, to one block for each point.
    pub fn transform(self, taps: &[Lanes], points: &mut [Lanes]) {
        let [down, across] = self.along();
        let (rows, columns) = (kernel_transform(self.taps[0], down), kernel_transform(self.taps[1], across));
        for (point, result) in points.iter_mut().enumerate().take(down * across) {
            let mut sums = [0.0; BLOCK];
            for row in 0..self.taps[0] {
                for column in 0..self.taps[1] {
                    let factor = rows[point / across][row] * columns[point % across][column];
                    for (sum, tap) in sums.iter_mut().zip(taps[row * self.taps[1] + column].0) {
                        *sum += factor * f64::from(tap);
                    }
                }
            }
            #[allow(clippy::cast_possible_truncation, reason = "rounding to f32")]
            let rounded = sums.map(|sum| sum as f32);
            *result = Lanes(rounded);
        }
    }
}

/// The positive points; the first `n / 2 - 1` are used.
const fn pairs(points: usize) -> [f32; 3] {
    match points {
        4 => [1.0, 0.0, 0.0],
        6 => [0.625, 1.5, 0.0],
        _ => [0.5, 1.0, 2.0],
    }
}

/// The factors of a kernel's taps in each point: the point's powers, divided by its distances from the other points.
fn kernel_transform(taps: usize, points: usize) -> [[f64; MOST_ALONG]; MOST_ALONG] {
    let mut factors = [[0.0; MOST_ALONG]; MOST_ALONG];
    let finite = points - 1;
    let mut values = [0.0; MOST_ALONG];
    for (index, pair) in pairs(points).into_iter().enumerate().take((points / 2).saturating_sub(1)) {
        values[1 + 2 * index] = f64::from(pair);
        values[2 + 2 * index] = -f64::from(pair);
    }
    for point in 0..finite {
        let others = (0..finite).filter(|other| *other != point);
        let mut power = 1.0 / others.map(|other| values[point] - values[other]).product::<f64>();
        for factor in factors[point].iter_mut().take(taps) {
            *factor = power;
            power *= values[point];
        }
    }
    factors[finite][taps - 1] = 1.0;
    factors
}

/// The coefficients of the product of `z - p^2` over all pairs except `without`, from the constant on.
const fn coefficients(points: usize, without: usize) -> [f32; 4] {
    let mut product = [1.0, 0.0, 0.0, 0.0];
    let mut pair = 0;
    while pair + 1 < points / 2 {
        if pair != without {
            let square = pairs(points)[pair] * pairs(points)[pair];
            let mut power = 3;
            while power > 0 {
                product[power] = product[power - 1] - square * product[power];
                power -= 1;
            }
            product[0] *= -square;
        }
        pair += 1;
    }
    product
}

/// The sum of `terms` of every second element from `start` on.
#[inline(always)]
fn dot<S: Simd, const N: usize>(
    simd: S,
    x: &[S::Vector; N],
    start: usize,
    factors: [f32; 4],
    terms: usize,
) -> S::Vector {
    let last = terms - 1;
    // The factor of the highest power is 1.
    let mut sum = x[start + 2 * last];
    for term in (0..last).rev() {
        sum = simd.mul_add(simd.splat(factors[term]), x[start + 2 * term], sum);
    }
    sum
}

/// The transform of `N` inputs.
#[inline(always)]
fn spread<S: Simd, const N: usize>(simd: S, x: [S::Vector; N]) -> [S::Vector; N] {
    if N < 4 {
        return x;
    }
    let pairs_count = N / 2 - 1;
    let mut y = x;
    let all = const { coefficients(N, usize::MAX) };
    y[0] = dot(simd, &x, 0, all, pairs_count + 1);
    y[N - 1] = dot(simd, &x, 1, all, pairs_count + 1);
    let others = const { [coefficients(N, 0), coefficients(N, 1), coefficients(N, 2)] };
    for pair in 0..pairs_count {
        let even = dot(simd, &x, 2, others[pair], pairs_count);
        let odd = dot(simd, &x, 1, others[pair], pairs_count);
        let point = simd.splat(const { pairs(N) }[pair]);
        y[1 + 2 * pair] = simd.mul_add(point, odd, even);
        y[2 + 2 * pair] = simd.sub(even, simd.mul(point, odd));
    }
    y
}

/// The transform to `M` outputs.
#[inline(always)]
fn gather<S: Simd, const N: usize, const M: usize>(simd: S, x: [S::Vector; N]) -> [S::Vector; M] {
    let mut y = [x[0]; M];
    if N < 4 {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x;
        }
        return y;
    }
    let mut powers = [1.0; 3];
    for (index, y) in y.iter_mut().enumerate() {
        let mut sum = simd.splat(0.0);
        if index == 0 {
            sum = x[0];
        } else if index + 1 == M {
            sum = x[N - 1];
        }
        for pair in 0..N / 2 - 1 {
            let (plus, minus) = (x[1 + 2 * pair], x[2 + 2 * pair]);
            let both = if index % 2 == 0 { simd.add(plus, minus) } else { simd.sub(plus, minus) };
            sum = simd.mul_add(simd.splat(powers[pair]), both, sum);
            powers[pair] *= const { pairs(N) }[pair];
        }
        *y = sum;
    }
    y
}

/// A Winograd convolution at one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winograd {
    /// Taps and outputs of a tile.
    pub form: Form,
    /// Input rows and columns between taps. With a dilation of `d`, every `d`-th output is computed at once.
    pub dilation: [usize; 2],
    /// Output rows and columns.
    pub size: [usize; 2],
}

impl Winograd {
    /// Along an axis, the tiles for every `d`-th output.
    fn per_phase(&self, axis: usize) -> usize {
        self.size[axis].div_ceil(self.dilation[axis]).div_ceil(self.form.outputs[axis])
    }

    /// The tiles along an axis.
    fn tiles_along(&self, axis: usize) -> usize {
        self.per_phase(axis) * self.dilation[axis].min(self.size[axis])
    }

    /// The number of tiles.
    pub fn tiles(&self) -> usize {
        self.tiles_along(0) * self.tiles_along(1)
    }

    /// The first output of a tile along an axis.
    #[inline(always)]
    fn start(&self, axis: usize, tile: usize) -> usize {
        let (phase, index) = (tile / self.per_phase(axis), tile % self.per_phase(axis));
        phase + index * self.form.outputs[axis] * self.dilation[axis]
    }

    /// The number of rows or columns that all tiles read, from the first tap of the first output on.
    pub fn reach(&self, axis: usize) -> usize {
        let last = self.tiles_along(axis).saturating_sub(1);
        self.start(axis, last) + (self.form.along()[axis] - 1) * self.dilation[axis] + 1
    }

    /// The distance between the points of transformed tiles: odd, so that the points of a tile are in different sets
    /// of a cache.
    pub fn distance(tiles: usize) -> usize {
        tiles | 1
    }
}

/// Transforms some tiles of all blocks of an input, whose view begins at the first tap of the first output, to
/// `[blocks, points, tiles]` with [`Winograd::distance`] between points.
///
/// # Panics
/// If the view leaves its slice, or if the result is too short.
#[inline(always)]
pub fn winograd_spread<S: Simd>(
    simd: S,
    winograd: &Winograd,
    (blocks, tiles): (usize, Range<usize>),
    x: (&[Lanes], View),
    result: &mut [Lanes],
) {
    match winograd.form.along() {
        [6, 6] => spread_tiles::<S, 6, 6>(simd, winograd, (blocks, tiles), x, result),
        [4, 4] => spread_tiles::<S, 4, 4>(simd, winograd, (blocks, tiles), x, result),
        [1, 4] => spread_tiles::<S, 1, 4>(simd, winograd, (blocks, tiles), x, result),
        [1, 6] => spread_tiles::<S, 1, 6>(simd, winograd, (blocks, tiles), x, result),
        _ => spread_tiles::<S, 1, 8>(simd, winograd, (blocks, tiles), x, result),
    }
}

#[inline(always)]
fn spread_tiles<S: Simd, const H: usize, const W: usize>(
    simd: S,
    winograd: &Winograd,
    (blocks, tiles): (usize, Range<usize>),
    (x, view): (&[Lanes], View),
    result: &mut [Lanes],
) {
    let across = winograd.tiles_along(1);
    let distance = Winograd::distance(tiles.len());
    for tile in tiles.clone() {
        let (row, column) = (winograd.start(0, tile / across), winograd.start(1, tile % across));
        for block in 0..blocks {
            let mut points = [[simd.splat(0.0); W]; H];
            for (down, points) in points.iter_mut().enumerate() {
                let at = view.index(block, row + down * winograd.dilation[0], column);
                let step = winograd.dilation[1] * view.step;
                let x = &x[at..at + (W - 1) * step + 1];
                let mut row = [simd.splat(0.0); W];
                for (across, vector) in row.iter_mut().enumerate() {
                    *vector = simd.load(&x[across * step]);
                }
                *points = spread(simd, row);
            }
            let at = block * H * W * distance + (tile - tiles.start);
            for across in 0..W {
                let mut column = [simd.splat(0.0); H];
                for (column, points) in column.iter_mut().zip(&points) {
                    *column = points[across];
                }
                for (down, point) in spread(simd, column).into_iter().enumerate() {
                    simd.store(point, &mut result[at + (down * W + across) * distance]);
                }
            }
        }
    }
}

/// Transforms products, `[blocks, points, tiles]` with [`Winograd::distance`] between points, to some tiles of
/// the first `blocks` blocks of the output. The epilogue's function is applied if it is the identity or a clamp.
///
/// # Panics
/// If a view leaves its slice, or if there are too few products.
#[inline(always)]
pub fn winograd_gather<S: Simd>(
    simd: S,
    winograd: &Winograd,
    (blocks, tiles): (usize, Range<usize>),
    products: &[Lanes],
    epilogue: &Epilogue<'_>,
    y: (&mut [Lanes], View),
) {
    let part = (blocks, tiles);
    match (winograd.form.along(), winograd.form.outputs) {
        ([6, 6], [4, 4]) => gather_tiles::<S, 6, 6, 4, 4>(simd, winograd, part, products, epilogue, y),
        ([6, 6], _) => gather_tiles::<S, 6, 6, 2, 2>(simd, winograd, part, products, epilogue, y),
        ([4, 4], _) => gather_tiles::<S, 4, 4, 2, 2>(simd, winograd, part, products, epilogue, y),
        ([1, 4], _) => gather_tiles::<S, 1, 4, 1, 2>(simd, winograd, part, products, epilogue, y),
        ([1, 6], [_, 4]) => gather_tiles::<S, 1, 6, 1, 4>(simd, winograd, part, products, epilogue, y),
        ([1, 6], _) => gather_tiles::<S, 1, 6, 1, 2>(simd, winograd, part, products, epilogue, y),
        (_, [_, 4]) => gather_tiles::<S, 1, 8, 1, 4>(simd, winograd, part, products, epilogue, y),
        _ => gather_tiles::<S, 1, 8, 1, 2>(simd, winograd, part, products, epilogue, y),
    }
}

#[inline(always)]
fn gather_tiles<S: Simd, const H: usize, const W: usize, const DOWN: usize, const ACROSS: usize>(
    simd: S,
    winograd: &Winograd,
    (blocks, tiles): (usize, Range<usize>),
    products: &[Lanes],
    epilogue: &Epilogue<'_>,
    (y, view): (&mut [Lanes], View),
) {
    let across = winograd.tiles_along(1);
    let distance = Winograd::distance(tiles.len());
    for block in 0..blocks {
        let bias = simd.load(&epilogue.bias[block]);
        for tile in tiles.clone() {
            let at = block * H * W * distance + (tile - tiles.start);
            let mut outputs = [[simd.splat(0.0); W]; DOWN];
            for across in 0..W {
                let mut point = [simd.splat(0.0); H];
                for (down, point) in point.iter_mut().enumerate() {
                    *point = simd.load(&products[at + (down * W + across) * distance]);
                }
                let column: [S::Vector; DOWN] = gather(simd, point);
                for (outputs, output) in outputs.iter_mut().zip(column) {
                    outputs[across] = output;
                }
            }
            let (row, column) = (winograd.start(0, tile / across), winograd.start(1, tile % across));
            for (down, outputs) in outputs.into_iter().enumerate() {
                let row = row + down * winograd.dilation[0];
                if row >= winograd.size[0] {
                    break;
                }
                let outputs: [S::Vector; ACROSS] = gather(simd, outputs);
                for (across, output) in outputs.into_iter().enumerate() {
                    let column = column + across * winograd.dilation[1];
                    if column >= winograd.size[1] {
                        break;
                    }
                    let place = Place { block, row, column, distance: 1 };
                    epilogue.write(simd, [[simd.add(output, bias)]], place, (&mut *y, view));
                }
            }
        }
    }
}
