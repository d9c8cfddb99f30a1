//! Numbers that are functions of a name and an index.

/// A reproducible sequence of numbers named by a string: `splitmix64(fnv1a64(name) + i)`
/// (Fowler, Noll and Vo; Steele, Lea and Flood 2014). No state, so any element can be had first.
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

    /// Element `i`, standard normal (Box and Muller 1958).
    pub fn normal(self, i: u64) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform(2 * i)).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform(2 * i + 1)).cos()
    }
}
