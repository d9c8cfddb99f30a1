//! Values with random places, whose surroundings are NaN: what a kernel reads or writes beyond its operands shows.

use fastrand::Rng;
use kernels::{BLOCK, Lanes, View, blocks};

/// Written around every value. No kernel computes this NaN.
const GUARD: f32 = f32::from_bits(0x7fc0_1234);

/// A value in a slice with gaps between its rows, columns and blocks.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) lanes: Vec<Lanes>,
    pub(crate) view: View,
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
}

impl Value {
    /// A value without numbers yet: all of its slice is guarded.
    pub(crate) fn empty(rng: &mut Rng, [channels, height, width]: [usize; 3]) -> Self {
        let step = rng.usize(1..3);
        let pitch = step * width + rng.usize(0..3);
        let plane = pitch * height + rng.usize(0..3);
        let view = View { origin: rng.usize(0..4), plane, pitch, step };
        let len = view.index(blocks(channels) - 1, height - 1, width - 1) + 1 + rng.usize(0..3);
        Self { lanes: vec![Lanes([GUARD; BLOCK]); len], view, channels, height, width }
    }

    /// A value of numbers from -1 to 1. Lanes that are not channels stay guarded.
    pub(crate) fn random(rng: &mut Rng, dims: [usize; 3]) -> Self {
        let mut value = Self::empty(rng, dims);
        for channel in 0..dims[0] {
            for row in 0..dims[1] {
                for column in 0..dims[2] {
                    *value.number(channel, row, column) = rng.f32() * 2.0 - 1.0;
                }
            }
        }
        value
    }

    fn number(&mut self, channel: usize, row: usize, column: usize) -> &mut f32 {
        let index = self.view.index(channel / BLOCK, row, column);
        &mut self.lanes[index].0[channel % BLOCK]
    }

    pub(crate) fn get(&self, channel: usize, row: usize, column: usize) -> f64 {
        f64::from(self.lanes[self.view.index(channel / BLOCK, row, column)].0[channel % BLOCK])
    }

    /// The slice and the place, as kernels read them.
    pub(crate) fn read(&self) -> (&[Lanes], View) {
        (&self.lanes, self.view)
    }

    /// The slice and the place, as kernels write them.
    pub(crate) fn write(&mut self) -> (&mut [Lanes], View) {
        (&mut self.lanes, self.view)
    }

    /// Compares the elements of some rows of some blocks with what is expected, to a multiple of the precision of
    /// single numbers. All other elements must be guarded still.
    ///
    /// `expected` gives a number and the largest magnitude in its computation.
    pub(crate) fn check(
        &self,
        what: &str,
        is_written: impl Fn(usize, usize) -> bool,
        expected: impl Fn(usize, usize, usize) -> (f64, f64),
    ) {
        let mut rest = self.lanes.clone();
        for row in 0..self.height {
            for column in 0..self.width {
                for block in 0..blocks(self.channels) {
                    if !is_written(block, row) {
                        continue;
                    }
                    rest[self.view.index(block, row, column)] = Lanes([GUARD; BLOCK]);
                    for channel in block * BLOCK..self.channels.min((block + 1) * BLOCK) {
                        let found = self.get(channel, row, column);
                        let (expected, magnitude) = expected(channel, row, column);
                        let is_close = (found - expected).abs() <= 3e-6 * magnitude.max(1e-3);
                        assert!(
                            is_close || found.to_bits() == expected.to_bits(),
                            "{what}: channel {channel}, row {row}, column {column}: expected {expected}, found {found}"
                        );
                    }
                }
            }
        }
        let is_guarded = |lanes: &Lanes| lanes.0.iter().all(|number| number.to_bits() == GUARD.to_bits());
        assert!(rest.iter().all(is_guarded), "{what}: an element beyond the output was written");
    }

    /// As [`Self::check`], where all elements are written.
    pub(crate) fn check_all(&self, what: &str, expected: impl Fn(usize, usize, usize) -> (f64, f64)) {
        self.check(what, |_, _| true, expected);
    }
}

/// Numbers from -1 to 1 for each channel of this many blocks.
pub(crate) fn numbers(rng: &mut Rng, blocks: usize) -> Vec<Lanes> {
    (0..blocks).map(|_| Lanes(std::array::from_fn(|_| rng.f32() * 2.0 - 1.0))).collect()
}

/// The number of a channel.
pub(crate) fn at(lanes: &[Lanes], channel: usize) -> f64 {
    f64::from(lanes[channel / BLOCK].0[channel % BLOCK])
}

/// Random cases of each test; few under Miri, which is a thousand times slower.
pub(crate) fn cases(count: u64) -> impl Iterator<Item = Rng> {
    (0..if cfg!(miri) { count.div_ceil(50) } else { count }).map(Rng::with_seed)
}

/// Declares a kernel as a struct of its operands.
macro_rules! call {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }, $simd:ident => $body:expr) => {
        struct $name<'a> { $($field: $type),* }

        impl kernels::Kernel for $name<'_> {
            type Output = ();

            #[inline(always)]
            fn run<S: kernels::Simd>(self, $simd: S) {
                let Self { $($field),* } = self;
                $body
            }
        }
    };
}
pub(crate) use call;
