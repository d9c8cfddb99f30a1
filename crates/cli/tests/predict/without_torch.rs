//! The command without libtorch.

use std::process::Command;

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

#[test]
fn training_says_how_to_get_it() {
    for command in ["train activity-tcn --output run --seed 1", "check config.yaml", "train --help"] {
        let output = Command::new(env!("CARGO_BIN_EXE_factory"))
            .args(command.split(' '))
            .output()
            .expect("factory starts");
        let (name, _) = command.split_once(' ').expect("a command with arguments");
        let message = format!(
            "error: `factory {name}` needs libtorch, but this program was built without libtorch; in a clone of this \
             project, `cargo xtask setup` and then `cargo install --locked --path crates/cli` install one with it\n"
        );
        assert_eq!(String::from_utf8_lossy(&output.stderr), message);
        assert_eq!(output.status.code(), Some(2));
    }
}
