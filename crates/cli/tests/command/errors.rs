//! Errors of the command: input that it cannot use, output that it cannot write.

use expect_test::{Expect, expect};

use crate::place::{Place, TINY};

/// Bad input ends with 3 and one sentence, invalid arguments end with 2.
#[test]
#[rustfmt::skip]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn bad_input() {
    let place = Place::new();
    std::fs::write(place.path("bad.yaml"), TINY.replace("kernel: 3", "kernle: 3")).unwrap();
    std::fs::write(place.path("huge.yaml"), TINY.replace("depth: 1", "depth: 1000000000")).unwrap();
    std::fs::write(place.path("text.safetensors"), "no weights").unwrap();
    std::fs::write(place.path("other.yaml"), TINY.replace("classes: 4", "classes: 5")).unwrap();
    let check = |arguments: &str, expected: &Expect| place.fails(arguments, 3, expected);
    let misuse = |arguments: &str, expected: &Expect| place.fails(arguments, 2, expected);
    check("list vgg*", &expect![[r#"
        error: no model matches `vgg*`
    "#]]);
    check("summary vgg16", &expect![[r#"
        error: expected a config file, a ready model, a preset, a model file or a run's folder, found `vgg16`; `factory list` shows the names
    "#]]);
    check("summary missing.yaml", &expect![[r#"
        error: missing.yaml: No such file or directory (os error 2)
    "#]]);
    check("summary bad.yaml", &expect![[r#"
        error: bad.yaml: params.stages[0].kernle: unknown key; use `kernel`
    "#]]);
    check("summary huge.yaml", &expect![[r#"
        error: huge.yaml: params.stages[0].depth: expected at most 1000 in total, found 1000000000
    "#]]);
    check("summary tiny.safetensors", &expect![[r#"
        error: tiny.safetensors: expected a model file, found only weights; `factory convert CONFIG WEIGHTS -o FILE` writes a model file
    "#]]);
    misuse("summary tiny.yaml --set train.epochs", &expect![[r#"
        error: invalid value 'train.epochs' for '--set <FIELD=VALUE>': expected FIELD=VALUE, such as train.epochs=3

        For more information, try '--help'.
    "#]]);
    misuse("list -q -v", &expect![[r#"
        error: the argument '--quiet' cannot be used with '--verbose'

        Usage: factory list --quiet [PATTERN]

        For more information, try '--help'.
    "#]]);
    check("summary tiny.yaml --classes 0", &expect![[r#"
        error: tiny.yaml: classes: expected at least 1 class, found 0; omit `classes` to output features
    "#]]);
    check("summary tiny.yaml --channels 100000000000", &expect![[r#"
        error: tiny.yaml: input.channels: expected 1 to 16777216, found 100000000000
    "#]]);
    misuse("summary tiny.yaml --depth 0", &expect![[r#"
        error: invalid value '0' for '--depth <PARTS>': expected at least 1

        For more information, try '--help'.
    "#]]);
    check("summary resnet/resnet19", &expect![[r#"
        error: unknown model `resnet/resnet19`; did you mean `resnet/resnet18`?
    "#]]);
    misuse("summary resnet/resnet18 --input 3", &expect![[r#"
        error: invalid value '3' for '--input <SHAPE>': expected channels and length (6x100) or channels, height and width (3x224x224)

        For more information, try '--help'.
    "#]]);
    check("summary resnet/resnet18 --input 3x0x7", &expect![[r#"
        error: input.height: expected 1 to 16777216, found 0
    "#]]);
    check("merge tiny.yaml missing.safetensors -o out", &expect![[r#"
        error: weights file missing.safetensors: No such file or directory (os error 2)
    "#]]);
    check("merge tiny.yaml text.safetensors -o out", &expect![[r#"
        error: weights file text.safetensors: expected a complete safetensors file, found plain text
    "#]]);
    check("merge other.yaml tiny.safetensors -o out", &expect![[r#"
        error: weights file tiny.safetensors does not match other.yaml: 20 weights match, 2 of another shape (first `fc.weight`: expected [5, 8], found [4, 8]); the weights are for 4 classes: use --classes 4
    "#]]);
    misuse("merge tiny.yaml tiny.safetensors", &expect![[r#"
        error: the following required arguments were not provided:
          --output <FILE>

        Usage: factory merge --output <FILE> <MODEL> <WEIGHTS>

        For more information, try '--help'.
    "#]]);
    misuse("convert tiny.yaml tiny.safetensors --from caffe -o out", &expect![[r#"
        error: invalid value 'caffe' for '--from <PACKAGE>'
          [possible values: native, torchvision, timm, apple, helia-edge, sleepkit, pytorch-tcn, keras-tcn]

        For more information, try '--help'.
    "#]]);
    check("convert tiny.yaml tiny.safetensors --from apple -o out", &expect![[r#"
            error: `apple` has no resnet; expected one of native, torchvision, timm, helia-edge, sleepkit
        "#]]);
    misuse("adapt tiny.yaml tiny.safetensors -o out", &expect![[r#"
        error: the following required arguments were not provided:
          <--to <MODEL>|--classes <N>|--channels <N>>

        Usage: factory adapt --output <FILE> <--to <MODEL>|--classes <N>|--channels <N>> <MODEL> <WEIGHTS>

        For more information, try '--help'.
    "#]]);
    check("adapt other.yaml tiny.safetensors --classes 3 -o out", &expect![[r#"
        error: weights file tiny.safetensors does not match other.yaml: 20 weights match, 2 of another shape (first `fc.weight`: expected [5, 8], found [4, 8]); the weights are for 4 classes: use --old-classes 4
    "#]]);
    misuse("frobnicate tiny.yaml", &expect![[r#"
        error: unrecognized subcommand 'frobnicate'

        Usage: factory [OPTIONS] <COMMAND>

        For more information, try '--help'.
    "#]]);
    assert!(!place.path("out").exists());
}

/// Output that cannot be written ends the command with 1.
#[test]
fn a_missing_folder() {
    let place = Place::new();
    let (code, _, error) = place.run("merge tiny.yaml tiny.safetensors -o no/such/folder.safetensors");
    assert_eq!(code, 1);
    assert_eq!(error, "error: no/such/folder.safetensors: cannot write: no such folder\n");
}
