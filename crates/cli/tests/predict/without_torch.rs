//! The command without libtorch.

use expect_test::expect;

use crate::models::CAUSAL;
use crate::place::Place;

#[test]
fn what_needs_libtorch_is_refused() {
    let place = Place::new(CAUSAL);
    place.is_misused(
        ". - --with torch",
        "1,2\n",
        &expect![[r#"
        error: --with torch: this program was built without libtorch; omit the option to use the engine
    "#]],
    );
    place.is_misused(". - --device cuda", "1,2\n", &expect![[r#"
        error: invalid value 'cuda' for '--device <DEVICE>': expected cpu, found `cuda`; this program was built without libtorch

        For more information, try '--help'.
    "#]]);
    assert_eq!(place.prints(". - --with engine --device cpu", "1,2\n").lines().count(), 2);
}
