//! The error messages of the checks of config fields.

use expect_test::{Expect, expect};
use graph::{FieldError, Padding};
use layers::fields;

#[test]
#[rustfmt::skip]
fn messages_of_all_checks() {
    fn check(found: Result<(), FieldError>, expected: &Expect) {
        expected.assert_eq(&found.unwrap_err().to_string());
    }
    check(fields::classes(Some(0)), &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(fields::classes(Some(1_000_000_000)), &expect!["classes: expected 1 to 16777216 classes, found 1000000000"]);
    check(fields::pooled_classes(Some(4), false), &expect!["classes: expected no classes because `pool` is false, found 4"]);
    check(fields::pooled_classes(Some(0), false), &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(fields::probability("dropout", 1.0), &expect!["dropout: expected a probability in [0, 1), found 1"]);
    check(fields::fraction("round_limit", 1.5), &expect!["round_limit: expected a number in [0, 1], found 1.5"]);
    check(fields::channels("stem.channels", 0), &expect!["stem.channels: expected 1 to 16777216 channels, found 0"]);
    check(fields::positive("se_divisor", 0.0), &expect!["se_divisor: expected a finite, positive number, found 0"]);
    check(fields::positive("expand_ratio", f64::NAN), &expect!["expand_ratio: expected a finite, positive number, found NaN"]);
    check(fields::norm_eps(-1.0), &expect!["norm_eps: expected a finite, non-negative number, found -1"]);
    check(fields::padding(&Padding::Valid), &expect!["padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check(fields::depths("stages", [2, 0]), &expect!["stages[1].depth: expected at least 1, found 0"]);
    check(fields::depths("stages", [2, 1_000_000_000]), &expect!["stages[1].depth: expected at most 1000 in total, found 1000000002"]);
    check(fields::depths("stages", []), &expect!["stages: expected at least one element, found an empty list"]);
    check(fields::each("blocks", &[0.5, 2.0], |p| fields::probability("dropout", *p)), &expect!["blocks[1].dropout: expected a probability in [0, 1), found 2"]);
    assert_eq!(fields::depths("stages", [999, 1]), Ok(()));
    assert_eq!(fields::classes(None), Ok(()));
    assert_eq!(fields::pooled_classes(None, false), Ok(()));
}
