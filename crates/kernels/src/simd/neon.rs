//! NEON: four registers per block.

#![allow(unsafe_code, reason = "intrinsics require a proof that the machine has the instruction set")]

use core::arch::aarch64::{
    float32x4_t, vaddq_f32, vaddq_s32, vaddvq_f32, vbslq_f32, vcgtq_f32, vcltq_f32, vcvtnq_s32_f32,
    vdivq_f32, vdupq_n_f32, vdupq_n_s32, vfmaq_f32, vld1q_f32, vmulq_f32, vreinterpretq_f32_s32, vrndnq_f32,
    vshlq_n_s32, vsqrtq_f32, vst1q_f32, vsubq_f32,
};

use super::{Kernel, Simd};
use crate::Lanes;

/// The proof that the machine has NEON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Neon(());

type Quarters = [float32x4_t; 4];

impl Neon {
    /// The proof, if the machine has the instruction set.
    pub(super) fn new() -> Option<Self> {
        #[cfg(feature = "std")]
        let has = std::arch::is_aarch64_feature_detected!("neon");
        #[cfg(not(feature = "std"))]
        let has = cfg!(target_feature = "neon");
        if has { Some(Self(())) } else { None }
    }

    /// Applies a function to all registers.
    #[inline(always)]
    fn each(
        self,
        a: Quarters,
        b: Quarters,
        function: impl Fn(float32x4_t, float32x4_t) -> float32x4_t,
    ) -> Quarters {
        [function(a[0], b[0]), function(a[1], b[1]), function(a[2], b[2]), function(a[3], b[3])]
    }
}

// SAFETY of all intrinsics: `self` exists only if the machine has the instruction set. Pointers come from references
// to as many numbers as are read or written.
impl Simd for Neon {
    type Vector = Quarters;
    const ACCUMULATORS: usize = 6;

    #[inline(always)]
    fn splat(self, number: f32) -> Quarters {
        unsafe { [vdupq_n_f32(number); 4] }
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> Quarters {
        let (quarters, _) = lanes.0.as_chunks::<4>();
        core::array::from_fn(|quarter| unsafe { vld1q_f32(quarters[quarter].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, vector: Quarters, lanes: &mut Lanes) {
        let (quarters, _) = lanes.0.as_chunks_mut::<4>();
        for (quarter, vector) in quarters.iter_mut().zip(vector) {
            unsafe { vst1q_f32(quarter.as_mut_ptr(), vector) }
        }
    }

    #[inline(always)]
    fn add(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vaddq_f32(a, b) })
    }

    #[inline(always)]
    fn sub(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vsubq_f32(a, b) })
    }

    #[inline(always)]
    fn mul(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vmulq_f32(a, b) })
    }

    #[inline(always)]
    fn div(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vdivq_f32(a, b) })
    }

    #[inline(always)]
    fn mul_add(self, a: Quarters, b: Quarters, c: Quarters) -> Quarters {
        core::array::from_fn(|quarter| unsafe { vfmaq_f32(c[quarter], a[quarter], b[quarter]) })
    }

    #[inline(always)]
    fn min(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vbslq_f32(vcltq_f32(a, b), a, b) })
    }

    #[inline(always)]
    fn max(self, a: Quarters, b: Quarters) -> Quarters {
        self.each(a, b, |a, b| unsafe { vbslq_f32(vcgtq_f32(a, b), a, b) })
    }

    #[inline(always)]
    fn sqrt(self, a: Quarters) -> Quarters {
        a.map(|quarter| unsafe { vsqrtq_f32(quarter) })
    }

    #[inline(always)]
    fn round(self, a: Quarters) -> Quarters {
        a.map(|quarter| unsafe { vrndnq_f32(quarter) })
    }

    #[inline(always)]
    fn scale(self, a: Quarters, integer: Quarters) -> Quarters {
        self.each(a, integer, |a, integer| unsafe {
            let biased = vaddq_s32(vcvtnq_s32_f32(integer), vdupq_n_s32(127));
            vmulq_f32(a, vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased)))
        })
    }

    #[inline(always)]
    fn select_greater(self, a: Quarters, b: Quarters, then: Quarters, otherwise: Quarters) -> Quarters {
        core::array::from_fn(|quarter| unsafe {
            vbslq_f32(vcgtq_f32(a[quarter], b[quarter]), then[quarter], otherwise[quarter])
        })
    }

    #[inline(always)]
    fn sum(self, a: Quarters) -> f32 {
        unsafe { vaddvq_f32(vaddq_f32(vaddq_f32(a[0], a[1]), vaddq_f32(a[2], a[3]))) }
    }

    #[inline(always)]
    fn sums(self, vectors: [Quarters; 4]) -> [f32; 4] {
        vectors.map(|vector| self.sum(vector))
    }

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "neon")]
        fn run<K: Kernel>(kernel: K, simd: Neon) -> K::Output {
            kernel.run(simd)
        }
        // SAFETY: `self` exists only if the machine has the instruction set.
        unsafe { run(kernel, self) }
    }
}
