//! Bad configs of resnet.

use expect_test::{Expect, expect};

use crate::check;

const RESNET: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 4
architecture: resnet
params:
  stem: [{ channels: 16, kernel: 7, stride: 2 }]
  stages:
    - { channels: 16, depth: 1, kernel: 3 }
    - { block: bottleneck, channels: 16, depth: 1, stride: 2 }
  groups: 1
  base_width: 64
";

#[test]
#[rustfmt::skip]
fn resnet() {
    let check = |from: &str, to: &str, expected: Expect| check(RESNET, from, to, &expected);
    check("input: { channels: 6, length: 100 }", "input: { channels: 6, length: 1000000000 }", expect!["input.length: 1000000000; 1 to 16777216 is needed"]);
    check("length: 100", "length: -1", expect!["input.length: the number -1 found, a whole number of at least 0 is needed"]);
    check("length: 100", "length: 0", expect!["input.length: 0; 1 to 16777216 is needed"]);
    check("length: 100", "length: .inf", expect!["input.length: .inf is not a finite number"]);
    check("length: 100", "length: 1e9", expect!["input.length: the number 1000000000.0 found, a whole number of at least 0 is needed"]);
    check("length: 100", "length: 10000000000000000000000", expect!["input.length: 10000000000000000000000 is out of range"]);
    check("length: 100", "length: 1, frames: 2", expect!["input.frames: unknown key; the nearest valid one is `channels`"]);
    check("classes: 4", "classes: 1000000000", expect!["classes: expected 1 to 16777216 classes, found 1000000000"]);
    check("classes: 4", "classes: -4", expect!["classes: the number -4 found, a whole number of at least 0 is needed"]);
    check("classes: 4", "classes: [4]", expect!["classes: a list found, a whole number of at least 0 is needed"]);
    check("classes: 4", "classes: four", expect![[r#"classes: the text "four" found, a whole number of at least 0 is needed"#]]);
    check("classes: 4", "clases: 4", expect!["clases: unknown key; the nearest valid one is `classes`"]);
    check("architecture: resnet", "architecture: 7", expect!["architecture: the number 7 found, a text is needed"]);
    check("architecture: resnet", "architecture: resnet\npreset: resnet19", expect![[r#"preset: no preset "resnet19"; there are resnet10t, resnet14t, resnet18, resnet18d, resnet26, resnet26d, resnet34, resnet34d, resnet50, resnet50d, resnet50t, resnet101, resnet101d, resnet152, resnet152d, resnet200d, seresnet50, resnetrs50, resnext50_32x4d, resnext101_32x8d, resnext101_64x4d, wide_resnet50_2, wide_resnet101_2, micro"#]]);
    check("architecture: resnet", "architecture: resnet\npreset: 18", expect!["preset: the number 18 found, a text is needed"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: [{ channels: 0, kernel: 7 }]", expect!["params.stem[0].channels: expected 1 to 16777216 channels, found 0"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: [{ channels: 16 }]", expect!["params.stem[0].kernel: missing"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: { channels: 16, kernel: 7 }", expect!["params.stem: a mapping found, a list is needed"]);
    check("kernel: 7", "kernel: 1000000000", expect!["params.stem[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("kernel: 7", "kernel: 0", expect!["params.stem[0].kernel: 0; 1 to 16777216 is needed"]);
    check("kernel: 7", "kernel: -7", expect!["params.stem[0].kernel: -7 is negative"]);
    check("kernel: 7", "kernel: seven", expect![[r#"params.stem[0].kernel: the text "seven" found, a whole number, or a list of one or two of them is needed"#]]);
    check("kernel: 7", "kernel: [7, 7]", expect!["params.stem[0].kernel: [7, 7] is for images; a series needs one number, or [1, n]"]);
    check("kernel: 7", "kernel: []", expect!["params.stem[0].kernel: a list of 0 found, a whole number, or a list of one or two of them is needed"]);
    check("kernel: 7", "kernel: 3.5", expect!["params.stem[0].kernel: the number 3.5 found, a whole number, or a list of one or two of them is needed"]);
    check("kernel: 7", "kernel: { height: 7 }", expect!["params.stem[0].kernel: a mapping found, a whole number, or a list of one or two of them is needed"]);
    check("kernel: 7", "kernal: 7", expect!["params.stem[0].kernal: unknown key; the nearest valid one is `kernel`"]);
    check("stride: 2 }]", "stride: 0 }]", expect!["params.stem[0].stride: 0; 1 to 16777216 is needed"]);
    check("stride: 2 }\n", "stride: 1000000000 }\n", expect!["params.stages[1].stride: 1000000000; 1 to 16777216 is needed"]);
    check("stride: 2 }\n", "stride: 0 }\n", expect!["params.stages[1].stride: 0; 1 to 16777216 is needed"]);
    check("kernel: 3", "kernel: 3, dilation: 1000000000", expect!["params.stages[0].dilation: 1000000000; 1 to 16777216 is needed"]);
    check("kernel: 3", "kernel: 3, dilation: 0", expect!["params.stages[0].dilation: 0; 1 to 16777216 is needed"]);
    check("kernel: 3", "kernel: 3, first_dilation: -1", expect!["params.stages[0].first_dilation: -1 is negative"]);
    check("kernel: 3", "kernel: 3, activation: rellu", expect!["params.stages[0].activation: expected an activation, found `rellu`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("- { channels: 16, depth: 1", "- { channels: 1000000000, depth: 1", expect!["params.stages[0].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check("- { channels: 16, depth: 1", "- { channels: -16, depth: 1", expect!["params.stages[0].channels: the number -16 found, a whole number of at least 0 is needed"]);
    check("block: bottleneck", "block: bottlneck", expect!["params.stages[1].block: `bottlneck` is unknown; known are basic, bottleneck, unreduced"]);
    check("block: bottleneck", "block: [bottleneck]", expect!["params.stages[1].block: a list found, a name is needed"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- basic", expect![[r#"params.stages[0]: the text "basic" found, a mapping of keys is needed"#]]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1000 }", expect!["params.stages[1].depth: expected at most 1000 in all, found 1001"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1, kernel: 3, stride: 2, squeeze: 4 }", expect!["params.stages[0].squeeze: unknown key; the nearest valid one is `stride`"]);
    check("groups: 1", "groups: 0", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("groups: 1", "groups: 2", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("groups: 1", "groups: 1000000000", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("base_width: 64", "base_width: 0", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("base_width: 64", "norm_eps: .nan", expect!["params.norm_eps: .nan is not a finite number"]);
    check("base_width: 64", "norm_eps: -1", expect!["params.norm_eps: expected a finite, non-negative number, found -1"]);
    check("base_width: 64", "norm_eps: tiny", expect![[r#"params.norm_eps: the text "tiny" found, a number is needed"#]]);
    check("base_width: 64", "se_divisor: 0", expect!["params.se_divisor: expected a finite, positive number, found 0"]);
    check("base_width: 64", "se_divisor: .inf", expect!["params.se_divisor: .inf is not a finite number"]);
    check("base_width: 64", "se_divisor: 1e-12", expect!["params: layer1.0.se.fc1: conv of [N, 16, 1]: output channels is 16000000000000, at most 16777216 is supported"]);
    check("base_width: 64", "dropout: .nan", expect!["params.dropout: .nan is not a finite number"]);
    check("base_width: 64", "dropout: -0.1", expect!["params.dropout: expected a probability in [0, 1), found -0.1"]);
    check("base_width: 64", "drop_path: 1", expect!["params.drop_path: expected a probability in [0, 1), found 1"]);
    check("base_width: 64", "drop_path: .inf", expect!["params.drop_path: .inf is not a finite number"]);
    check("base_width: 64", "pool: false", expect!["classes: expected no classes because `pool` is false, found 4"]);
    check("base_width: 64", "pool: 1", expect!["params.pool: the number 1 found, true or false is needed"]);
    check("base_width: 64", "norm: batchnorm", expect!["params.norm: expected a norm, found `batchnorm`; known norms: batch, layer, group, instance, position, none"]);
    check("base_width: 64", "norm: { group: 3 }", expect!["params.norm: a mapping found, a text is needed"]);
    check("base_width: 64", "norm: { group: 0 }", expect!["params.norm: a mapping found, a text is needed"]);
    check("base_width: 64", "norm: group", expect!["params.norm: expected a number of groups, such as `group(8)`, found `group`"]);
    check("base_width: 64", "padding: samee", expect![[r#"params.padding: the text "samee" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("base_width: 64", "padding: 1", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `1`"]);
    check("base_width: 64", "padding: valid", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check("base_width: 64", "activation: { leaky_relu: .nan }", expect!["params.activation.leaky_relu: .nan is not a finite number"]);
    check("base_width: 64", "activation: 1", expect!["params.activation: the number 1 found, a text is needed"]);
    check("base_width: 64", "stem_pool: max_pool", expect!["params.stem_pool: `max_pool` is unknown; known are max, conv, none"]);
    check("base_width: 64", "shortcut: null", expect!["params.shortcut: nothing found, a name is needed"]);
    check("base_width: 64", "Base_Width: 64", expect!["params.Base_Width: unknown key; the nearest valid one is `base_width`"]);
    check("base_width: 64", "classes: 4", expect!["params.classes: stands at the top level of a config, beside `input`"]);
    check("base_width: 64", "1: 2", expect!["params: the number 1 found as a key, a text is needed"]);
    check("  base_width: 64\n", "encoder: { architecture: resnet }\n", expect!["encoder: resnet takes no encoder"]);
    check("base_width: 64", "norm: group(5)", expect!["params: bn1: group_norm of [N, 16, 50]: 16 channels cannot be divided into 5 groups of equal size"]);
    check("base_width: 64", "norm: group(0)", expect!["params.norm: expected a positive number of groups, such as `group(8)`, found `group(0)`"]);
    check("base_width: 64", "norm: position(3)", expect!["params.norm: expected `position`, which has no parameter, found `position(3)`"]);
    check("base_width: 64", "norm: [batch]", expect!["params.norm: a list found, a text is needed"]);
}

const RESNET_GROUPED: &str = "
name: bad
input: { channels: 3, height: 64, width: 64 }
classes: 4
architecture: resnet
params:
  stages: [{ block: bottleneck, channels: 24, depth: 1 }]
  groups: 7
  base_width: 4
";

#[test]
#[rustfmt::skip]
fn resnet_grouped() {
    let check = |from: &str, to: &str, expected: Expect| check(RESNET_GROUPED, from, to, &expected);
    check("groups: 7", "groups: 1000000000", expect!["params.stages[0].channels: expected an inner width of 1 to 16777216, found 24 channels * 4 / 64 * 1000000000 groups"]);
    check("groups: 7", "groups: 0", expect!["params.stages[0].channels: expected an inner width of 1 to 16777216, found 24 channels * 4 / 64 * 0 groups"]);
    check("base_width: 4", "base_width: 0", expect!["params.stages[0].channels: expected an inner width of 1 to 16777216, found 24 channels * 0 / 64 * 7 groups"]);
    check("base_width: 4", "base_width: 1", expect!["params.stages[0].channels: expected an inner width of 1 to 16777216, found 24 channels * 1 / 64 * 7 groups"]);
    check("groups: 7", "groups: -7", expect!["params.groups: the number -7 found, a whole number of at least 0 is needed"]);
    check("height: 64", "height: 0", expect!["input.height: 0; 1 to 16777216 is needed"]);
    check("width: 64", "width: 1000000000", expect!["input.width: 1000000000; 1 to 16777216 is needed"]);
    check("height: 64, ", "", expect!["input: either `length` (a series) or `height` and `width` (an image) is needed"]);
    check("block: bottleneck", "block: unreduced", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `unreduced`"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [{ channels: 24, depth: 1, kernel: [1, 3, 3] }]", expect!["params.stages[0].kernel: a list of 3 found, a whole number, or a list of one or two of them is needed"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [[24, 1]]", expect!["params.stages[0]: a list found, a mapping of keys is needed"]);
}
