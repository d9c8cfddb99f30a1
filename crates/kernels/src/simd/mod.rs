//! Instruction sets.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use core::fmt;

use crate::Lanes;

/// An instruction set: operations on the 16 lanes of a block.
///
/// A value of the type is the proof that the machine has the instruction set.
pub trait Simd: Copy {
    /// 16 numbers in registers.
    type Vector: Copy;
    /// The number of vectors that a kernel can keep in registers beside three others.
    const ACCUMULATORS: usize;

    /// The same number in all lanes.
    fn splat(self, number: f32) -> Self::Vector;
    /// The numbers of a block.
    fn load(self, lanes: &Lanes) -> Self::Vector;
    /// Writes the numbers to a block.
    fn store(self, vector: Self::Vector, lanes: &mut Lanes);
    /// `a + b`.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a - b`.
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b`.
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a / b`.
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `1 / a` of a finite number of at least 1, to two units in the last place, or of NaN.
    #[inline(always)]
    fn reciprocal(self, a: Self::Vector) -> Self::Vector {
        self.div(self.splat(1.0), a)
    }
    /// `a * b + c`, rounded once if the instruction set can.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The smaller number; `b` if one is NaN.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger number; `b` if one is NaN.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The square root.
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// The nearest integer; ties to even. Defined below 2^22.
    fn round(self, a: Self::Vector) -> Self::Vector;
    /// `a` times 2 to the power of an integer from -126 to 127.
    fn scale(self, a: Self::Vector, integer: Self::Vector) -> Self::Vector;
    /// In each lane `then` if `a > b`, else `otherwise`.
    fn select_greater(
        self,
        a: Self::Vector,
        b: Self::Vector,
        then: Self::Vector,
        otherwise: Self::Vector,
    ) -> Self::Vector;
    /// The sum of all lanes.
    fn sum(self, a: Self::Vector) -> f32;
    /// The sums of all lanes of four vectors.
    fn sums(self, vectors: [Self::Vector; 4]) -> [f32; 4];
    /// Runs a kernel as a function of its own: its constants take no registers of the caller.
    fn call<K: Kernel>(self, kernel: K) -> K::Output;
}

/// A computation that can be compiled for each instruction set. `run` and everything that it calls, except by
/// [`Simd::call`], must be `#[inline(always)]`, so that it becomes part of a function with the instruction set enabled.
pub trait Kernel {
    /// The result.
    type Output;

    /// Computes with an instruction set.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// An instruction set of this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Level(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Portable(portable::Portable),
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(neon::Neon),
}

impl Level {
    /// All instruction sets of this machine, the fastest first. The last is the portable one.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let fast = [avx512::Avx512::new().map(Set::Avx512), avx2::Avx2::new().map(Set::Avx2)];
        #[cfg(target_arch = "aarch64")]
        let fast = [neon::Neon::new().map(Set::Neon)];
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let fast: [Option<Set>; 0] = [];
        fast.into_iter().flatten().chain([Set::Portable(portable::Portable)]).map(Self)
    }

    /// The fastest instruction set of this machine.
    pub fn best() -> Self {
        Self::all().next().unwrap_or(Self(Set::Portable(portable::Portable)))
    }

    /// The name, such as `avx512`.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable(_) => "portable",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon(_) => "neon",
        }
    }

    /// Runs a kernel with this instruction set.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Set::Portable(simd) => simd.call(kernel),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(simd) => simd.call(kernel),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(simd) => simd.call(kernel),
            #[cfg(target_arch = "aarch64")]
            Set::Neon(simd) => simd.call(kernel),
        }
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
