//! The operations of each instruction set.

use fastrand::Rng;
use kernels::{Kernel, Lanes, Level, Simd};

use crate::value::cases;

/// The results of all operations, and the sums of the lanes of `c`.
struct All<'a>(&'a [Lanes; 4]);

impl Kernel for All<'_> {
    type Output = (Vec<(&'static str, Lanes)>, [f32; 5]);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Output {
        let [a, b, c, integer] = [0, 1, 2, 3].map(|index| simd.load(&self.0[index]));
        let results = [
            ("add", simd.add(a, b)),
            ("sub", simd.sub(a, b)),
            ("mul", simd.mul(a, b)),
            ("div", simd.div(a, b)),
            ("min", simd.min(a, b)),
            ("max", simd.max(a, b)),
            ("sqrt", simd.sqrt(a)),
            ("select_greater", simd.select_greater(a, b, c, integer)),
            ("scale", simd.scale(a, integer)),
            ("round", simd.round(simd.mul(simd.splat(1000.0), c))),
            ("mul_add", simd.mul_add(a, b, c)),
        ];
        let mut found = Vec::new();
        for (name, vector) in results {
            let mut lanes = Lanes::ZERO;
            simd.store(vector, &mut lanes);
            found.push((name, lanes));
        }
        let [first, second, third, fourth] = simd.sums([simd.splat(0.0), c, simd.sub(c, c), c]);
        (found, [simd.sum(c), second, fourth, first, third])
    }
}

/// Mostly numbers, sometimes NaN, an infinity or zero.
fn number(rng: &mut Rng) -> f32 {
    match rng.u8(..20) {
        0 => f32::NAN,
        1 => f32::INFINITY,
        2 => f32::NEG_INFINITY,
        3 => 0.0,
        _ => (rng.f32() * 2.0 - 1.0) * 2f32.powi(rng.i32(-20..20)),
    }
}

/// 2 to the power of an integer, exactly.
fn power_of_two(integer: f32) -> f32 {
    let factor = if integer < 0.0 { 0.5 } else { 2.0 };
    (0u8..).take_while(|step| f32::from(*step) < integer.abs()).fold(1.0, |power, _| power * factor)
}

/// The result of an operation in one lane.
fn expected(level: Level, name: &str, [a, b, c, integer]: [f32; 4]) -> f32 {
    match name {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "min" if a < b => a,
        "max" if a > b => a,
        "min" | "max" => b,
        "sqrt" => a.sqrt(),
        "select_greater" if a > b => c,
        "select_greater" => integer,
        "scale" => a * power_of_two(integer),
        "round" => (1000.0 * c).round_ties_even(),
        "mul_add" if level.name() == "portable" => a * b + c,
        "mul_add" => a.mul_add(b, c),
        _ => panic!("an operation without expectation: {name}"),
    }
}

#[test]
fn operations_equal_those_of_the_standard_library() {
    for mut rng in cases(3000) {
        let random = |make: &mut dyn FnMut() -> f32| Lanes(std::array::from_fn(|_| make()));
        let operands = [
            random(&mut || number(&mut rng)),
            random(&mut || number(&mut rng)),
            random(&mut || rng.f32() * 2.0 - 1.0),
            random(&mut || rng.i16(-126..=127).into()),
        ];
        for level in Level::all() {
            let (results, sums) = level.run(All(&operands));
            for (name, lanes) in results {
                for (lane, found) in lanes.0.into_iter().enumerate() {
                    let operands = operands.map(|lanes| lanes.0[lane]);
                    // Negative zero equals zero.
                    let (found, expected) = (found + 0.0, expected(level, name, operands) + 0.0);
                    let is_equal =
                        found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
                    assert!(is_equal, "{level} {name} of {operands:?}: expected {expected}, found {found}");
                }
            }
            let expected: f64 = operands[2].0.iter().map(|number| f64::from(*number)).sum();
            for (sum, expected) in sums.into_iter().zip([expected, expected, expected, 0.0, 0.0]) {
                assert!(
                    (f64::from(sum) - expected).abs() < 1e-5,
                    "{level} sum: expected {expected}, found {sum}"
                );
            }
        }
    }
}

#[test]
fn the_portable_instruction_set_is_the_last_and_every_one_has_a_name_of_its_own() {
    let names: Vec<&str> = Level::all().map(Level::name).collect();
    assert_eq!(names.last(), Some(&"portable"));
    assert_eq!(names.first(), Some(&Level::best().name()));
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len());
}
