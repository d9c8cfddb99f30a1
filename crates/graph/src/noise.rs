//! Numbers that are functions of a name and an index.

/// A reproducible sequence of numbers named by a string: `splitmix64(fnv1a64(name) + i)`
/// (Fowler, Noll and Vo; Steele, Lea and Flood 2014). It has no state, so any element can be computed on its own.
///
/// ```
/// use graph::Noise;
/// let noise = Noise::of("input");
/// assert_eq!(2.0 * noise.uniform(0) - 1.0, -0.804_363_314_684_923_6);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Noise(u64);

impl Noise {
    /// The sequence called `name`.
    pub fn of(name: &str) -> Self {
        Self(
            name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            }),
        )
    }

    /// Element `i`, all 64 bits random.
    pub fn bits(self, i: u64) -> u64 {
        let z = self.0.wrapping_add(i).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Element `i`, uniform in `[0, 1)`.
    pub fn uniform(self, i: u64) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.bits(i) >> 11) as f64 * STEP
    }

    /// Element `i`, standard normal to seven digits.
    pub fn normal(self, i: u64) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 52) as f64;
        // In the middle of its step, so never 0 or 1.
        quantile(((self.bits(i) >> 12) as f64 + 0.5) * STEP)
    }
}

/// The standard normal value that a fraction `p` of values lies below (Wichura 1988, algorithm
/// AS 241, `PPND7`). For most `p` a quotient of polynomials, so faster than Box and Muller's.
fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        let [above, below] = [
            polynomial([3.387_132_717_9, 50.434_271_938, 159.291_132_02, 59.109_374_72], r),
            polynomial([1.0, 17.895_169_469, 78.757_757_664, 67.187_563_6], r),
        ];
        return q * above / below;
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-tail.ln()).sqrt();
    let [above, below] = if r <= 5.0 {
        [
            polynomial([1.423_437_277_7, 2.756_815_39, 1.306_728_481_6, 0.170_238_211_03], r - 1.6),
            polynomial([1.0, 0.737_001_642_5, 0.120_211_329_75], r - 1.6),
        ]
    } else {
        [
            polynomial([6.657_905_115, 3.081_226_386, 0.428_682_943_37, 0.017_337_203_997], r - 5.0),
            polynomial([1.0, 0.241_978_942_25, 0.012_258_202_635], r - 5.0),
        ]
    };
    (above / below).copysign(q)
}

/// The polynomial of these coefficients, the constant first.
fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    coefficients.into_iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles() {
        // From Python's `statistics.NormalDist().inv_cdf`, near each end of each of the three parts.
        let expected = [
            (1e-16, -8.222082216130),
            (1e-12, -7.034483825301),
            (1.3e-11, -6.667611456511),
            (1.5e-11, -6.646570887477),
            (1e-06, -4.753424308823),
            (0.01, -2.326347874041),
            (0.0749, -1.440238267528),
            (0.0751, -1.438825392753),
            (0.2, -0.841621233573),
            (0.4, -0.253347103136),
            (0.499, -0.002506630900),
        ];
        for (p, expected) in expected {
            let found = quantile(p);
            assert!((found - expected).abs() <= 3e-7 * expected.abs(), "{p}: {found}, not {expected}");
        }
        for p in [0.01, 0.25, 0.5, 0.9] {
            assert!((quantile(p) + quantile(1.0 - p)).abs() < 1e-9, "{p}");
        }
    }
}
