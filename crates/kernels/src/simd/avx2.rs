//! AVX2 with FMA: two registers per block.

#![allow(unsafe_code, reason = "intrinsics require a proof that the machine has the instruction set")]

use core::arch::x86_64::{
    __m256, _CMP_GT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32,
    _mm_movehl_ps, _mm_shuffle_ps, _mm_storeu_ps, _mm256_add_epi32, _mm256_add_ps, _mm256_blendv_ps,
    _mm256_castps256_ps128, _mm256_castsi256_ps, _mm256_cmp_ps, _mm256_cvtps_epi32, _mm256_div_ps,
    _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_hadd_ps, _mm256_load_ps, _mm256_max_ps, _mm256_min_ps,
    _mm256_mul_ps, _mm256_round_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_slli_epi32, _mm256_sqrt_ps,
    _mm256_store_ps, _mm256_sub_ps,
};

use super::{Kernel, Simd};
use crate::Lanes;

/// The proof that the machine has AVX2 and FMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The proof, if the machine has the instruction set.
    pub(super) fn new() -> Option<Self> {
        #[cfg(feature = "std")]
        let has = std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
        #[cfg(not(feature = "std"))]
        let has = cfg!(all(target_feature = "avx2", target_feature = "fma"));
        if has { Some(Self(())) } else { None }
    }

    /// Applies a function to both registers.
    #[inline(always)]
    fn both(self, a: Halves, b: Halves, function: impl Fn(__m256, __m256) -> __m256) -> Halves {
        [function(a[0], b[0]), function(a[1], b[1])]
    }
}

type Halves = [__m256; 2];

// SAFETY of all intrinsics: `self` exists only if the machine has the instruction set. Pointers come from references
// to as many numbers as are read or written.
impl Simd for Avx2 {
    type Vector = Halves;
    const ACCUMULATORS: usize = 6;

    #[inline(always)]
    fn splat(self, number: f32) -> Halves {
        unsafe { [_mm256_set1_ps(number); 2] }
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> Halves {
        let (halves, _) = lanes.0.as_chunks::<8>();
        unsafe { [_mm256_load_ps(halves[0].as_ptr()), _mm256_load_ps(halves[1].as_ptr())] }
    }

    #[inline(always)]
    fn store(self, vector: Halves, lanes: &mut Lanes) {
        let (halves, _) = lanes.0.as_chunks_mut::<8>();
        unsafe {
            _mm256_store_ps(halves[0].as_mut_ptr(), vector[0]);
            _mm256_store_ps(halves[1].as_mut_ptr(), vector[1]);
        }
    }

    #[inline(always)]
    fn add(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_add_ps(a, b) })
    }

    #[inline(always)]
    fn sub(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_sub_ps(a, b) })
    }

    #[inline(always)]
    fn mul(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_mul_ps(a, b) })
    }

    #[inline(always)]
    fn div(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_div_ps(a, b) })
    }

    #[inline(always)]
    fn mul_add(self, a: Halves, b: Halves, c: Halves) -> Halves {
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    fn min(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_min_ps(a, b) })
    }

    #[inline(always)]
    fn max(self, a: Halves, b: Halves) -> Halves {
        self.both(a, b, |a, b| unsafe { _mm256_max_ps(a, b) })
    }

    #[inline(always)]
    fn sqrt(self, a: Halves) -> Halves {
        unsafe { [_mm256_sqrt_ps(a[0]), _mm256_sqrt_ps(a[1])] }
    }

    #[inline(always)]
    fn round(self, a: Halves) -> Halves {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        unsafe { [_mm256_round_ps::<NEAREST>(a[0]), _mm256_round_ps::<NEAREST>(a[1])] }
    }

    #[inline(always)]
    fn scale(self, a: Halves, integer: Halves) -> Halves {
        self.both(a, integer, |a, integer| unsafe {
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(integer), _mm256_set1_epi32(127));
            _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased)))
        })
    }

    #[inline(always)]
    fn select_greater(self, a: Halves, b: Halves, then: Halves, otherwise: Halves) -> Halves {
        let select = |half: usize| unsafe {
            let mask = _mm256_cmp_ps::<_CMP_GT_OQ>(a[half], b[half]);
            _mm256_blendv_ps(otherwise[half], then[half], mask)
        };
        [select(0), select(1)]
    }

    #[inline(always)]
    fn sum(self, a: Halves) -> f32 {
        unsafe {
            let eight = _mm256_add_ps(a[0], a[1]);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            let one = _mm_add_ss(two, _mm_shuffle_ps::<1>(two, two));
            _mm_cvtss_f32(one)
        }
    }

    #[inline(always)]
    fn sums(self, vectors: [Halves; 4]) -> [f32; 4] {
        let mut sums = [0.0; 4];
        unsafe {
            let [a, b, c, d] = vectors;
            let (a, b) = (_mm256_add_ps(a[0], a[1]), _mm256_add_ps(b[0], b[1]));
            let (c, d) = (_mm256_add_ps(c[0], c[1]), _mm256_add_ps(d[0], d[1]));
            let eight = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            _mm_storeu_ps(sums.as_mut_ptr(), four);
        }
        sums
    }

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,fma")]
        fn run<K: Kernel>(kernel: K, simd: Avx2) -> K::Output {
            kernel.run(simd)
        }
        // SAFETY: `self` exists only if the machine has the instruction set.
        unsafe { run(kernel, self) }
    }
}
