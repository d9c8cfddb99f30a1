//! The sentences of fields that every family has.

use expect_test::{Expect, expect};
use graph::BuildError;
use layers::fields;

#[test]
#[rustfmt::skip]
fn every_field_has_its_sentence() {
    fn check(found: Result<(), BuildError>, expected: &Expect) {
        expected.assert_eq(&found.unwrap_err().to_string());
    }
    check(fields::classes(Some(0), true), &expect!["classes: 0 classes; at least 1 is needed, or none at all for features"]);
    check(fields::classes(Some(1_000_000_000), true), &expect!["classes: 1000000000 classes; at most 1048576 are supported"]);
    check(fields::classes(Some(4), false), &expect!["classes: 4 classes of features that are not pooled; pool is needed"]);
    check(fields::probability("dropout", 1.0), &expect!["dropout: 1 is no probability; 0 to below 1 is needed"]);
    check(fields::channels("stem.channels", 0), &expect!["stem.channels: 0 channels; 1 to 1048576 are supported"]);
    check(fields::divisor("se_ratio", Some(0.0)), &expect!["se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check(fields::factor("expand", f64::NAN), &expect!["expand: NaN is no factor; a finite number above 0 is needed"]);
    check(fields::depths("stages", [2, 0]), &expect!["stages[1].depth: 0 blocks; at least 1 is needed"]);
    check(fields::depths("stages", [2, 1_000_000_000]), &expect!["stages[1].depth: 1000000002 blocks so far; at most 1000 are supported"]);
    check(fields::depths("stages", []), &expect!["stages: the list is empty; at least one stage is needed"]);
    assert_eq!(fields::depths("stages", [999, 1]), Ok(()));
    assert_eq!(fields::divisor("se_ratio", None), Ok(()));
    assert_eq!(fields::classes(None, false), Ok(()));
}
