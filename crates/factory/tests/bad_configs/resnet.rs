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
    check("input: { channels: 6, length: 100 }", "input: { channels: 6, length: 1000000000 }", expect!["input.length: expected 1 to 16777216, found 1000000000"]);
    check("length: 100", "length: -1", expect!["input.length: expected a non-negative integer, found -1"]);
    check("length: 100", "length: 0", expect!["input.length: expected 1 to 16777216, found 0"]);
    check("length: 100", "length: .inf", expect!["input.length: expected a finite number, found .inf"]);
    check("length: 100", "length: 1e9", expect!["input.length: expected a non-negative integer, found 1000000000.0"]);
    check("length: 100", "length: 10000000000000000000000", expect!["input.length: expected a non-negative integer, found 1e22"]);
    check("length: 100", "length: 1, frames: 2", expect!["input.frames: unknown key; known keys: channels, length, height, width"]);
    check("classes: 4", "classes: 1000000000", expect!["classes: expected 1 to 16777216 classes, found 1000000000"]);
    check("classes: 4", "classes: -4", expect!["classes: expected a non-negative integer, found -4"]);
    check("classes: 4", "classes: [4]", expect!["classes: expected a non-negative integer, found a list of 1"]);
    check("classes: 4", "classes: four", expect![[r#"classes: expected a non-negative integer, found "four""#]]);
    check("classes: 4", "clases: 4", expect!["clases: unknown key; use `classes`"]);
    check("architecture: resnet", "architecture: 7", expect!["architecture: expected a string, found 7"]);
    check("architecture: resnet", "architecture: resnet\npreset: resnet19", expect![[r#"preset: unknown preset "resnet19"; did you mean "resnet18"?"#]]);
    check("architecture: resnet", "architecture: resnet\npreset: 18", expect!["preset: expected a string, found 18"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: [{ channels: 0, kernel: 7 }]", expect!["params.stem[0].channels: expected 1 to 16777216 channels, found 0"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: [{ channels: 16 }]", expect!["params.stem[0].kernel: missing"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: { channels: 16, kernel: 7 }", expect!["params.stem: expected a list, found a mapping"]);
    check("kernel: 7", "kernel: 1000000000", expect!["params.stem[0].kernel: expected 1 to 16777216, found 1000000000"]);
    check("kernel: 7", "kernel: 0", expect!["params.stem[0].kernel: expected 1 to 16777216, found 0"]);
    check("kernel: 7", "kernel: -7", expect!["params.stem[0].kernel: -7 is negative"]);
    check("kernel: 7", "kernel: seven", expect![[r#"params.stem[0].kernel: expected a whole number, or a list of one or two of them, found "seven""#]]);
    check("kernel: 7", "kernel: [7, 7]", expect!["params.stem[0].kernel: expected one number, or [1, n], because the input is a series, found [7, 7]"]);
    check("kernel: 7", "kernel: []", expect!["params.stem[0].kernel: expected a whole number, or a list of one or two of them, found a list of 0"]);
    check("kernel: 7", "kernel: 3.5", expect!["params.stem[0].kernel: expected a whole number, or a list of one or two of them, found 3.5"]);
    check("kernel: 7", "kernel: { height: 7 }", expect!["params.stem[0].kernel: expected a whole number, or a list of one or two of them, found a mapping"]);
    check("kernel: 7", "kernal: 7", expect!["params.stem[0].kernal: unknown key; use `kernel`"]);
    check("stride: 2 }]", "stride: 0 }]", expect!["params.stem[0].stride: expected 1 to 16777216, found 0"]);
    check("stride: 2 }\n", "stride: 1000000000 }\n", expect!["params.stages[1].stride: expected 1 to 16777216, found 1000000000"]);
    check("stride: 2 }\n", "stride: 0 }\n", expect!["params.stages[1].stride: expected 1 to 16777216, found 0"]);
    check("kernel: 3", "kernel: 3, dilation: 1000000000", expect!["params.stages[0].dilation: expected 1 to 16777216, found 1000000000"]);
    check("kernel: 3", "kernel: 3, dilation: 0", expect!["params.stages[0].dilation: expected 1 to 16777216, found 0"]);
    check("kernel: 3", "kernel: 3, first_dilation: -1", expect!["params.stages[0].first_dilation: -1 is negative"]);
    check("kernel: 3", "kernel: 3, activation: rellu", expect!["params.stages[0].activation: expected an activation, found `rellu`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("- { channels: 16, depth: 1", "- { channels: 1000000000, depth: 1", expect!["params.stages[0].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check("- { channels: 16, depth: 1", "- { channels: -16, depth: 1", expect!["params.stages[0].channels: expected a non-negative integer, found -16"]);
    check("block: bottleneck", "block: bottlneck", expect!["params.stages[1].block: expected one of `basic`, `bottleneck`, `unreduced`, found `bottlneck`"]);
    check("block: bottleneck", "block: [bottleneck]", expect!["params.stages[1].block: expected a name, found a list of 1"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- basic", expect![[r#"params.stages[0]: expected a mapping, found "basic""#]]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1000 }", expect!["params.stages[1].depth: expected at most 1000 in total, found 1001"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1, kernel: 3, stride: 2, squeeze: 4 }", expect!["params.stages[0].squeeze: unknown key; known keys: block, channels, depth, kernel, stride, dilation, first_dilation, activation"]);
    check("groups: 1", "groups: 0", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("groups: 1", "groups: 2", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("groups: 1", "groups: 1000000000", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("base_width: 64", "base_width: 0", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check("base_width: 64", "norm_eps: .nan", expect!["params.norm_eps: expected a finite number, found .nan"]);
    check("base_width: 64", "norm_eps: -1", expect!["params.norm_eps: expected a finite, non-negative number, found -1"]);
    check("base_width: 64", "norm_eps: tiny", expect![[r#"params.norm_eps: expected a number, found "tiny""#]]);
    check("base_width: 64", "se_divisor: 0", expect!["params.se_divisor: expected a finite, positive number, found 0"]);
    check("base_width: 64", "se_divisor: .inf", expect!["params.se_divisor: expected a finite number, found .inf"]);
    check("base_width: 64", "se_divisor: 1e-12", expect!["params: layer1.0.se.fc1: conv of [N, 16, 1]: output channels: expected at most 16777216, found 16000000000000"]);
    check("base_width: 64", "dropout: .nan", expect!["params.dropout: expected a finite number, found .nan"]);
    check("base_width: 64", "dropout: -0.1", expect!["params.dropout: expected a probability in [0, 1), found -0.1"]);
    check("base_width: 64", "drop_path: 1", expect!["params.drop_path: expected a probability in [0, 1), found 1"]);
    check("base_width: 64", "drop_path: .inf", expect!["params.drop_path: expected a finite number, found .inf"]);
    check("base_width: 64", "pool: false", expect!["classes: expected no classes because `pool` is false, found 4"]);
    check("base_width: 64", "pool: 1", expect!["params.pool: expected `true` or `false`, found 1"]);
    check("base_width: 64", "norm: batchnorm", expect!["params.norm: expected a norm, found `batchnorm`; known norms: batch, layer, group, instance, position, none"]);
    check("base_width: 64", "norm: { group: 3 }", expect!["params.norm: expected a string, found a mapping"]);
    check("base_width: 64", "norm: { group: 0 }", expect!["params.norm: expected a string, found a mapping"]);
    check("base_width: 64", "norm: group", expect!["params.norm: expected a number of groups, such as `group(8)`, found `group`"]);
    check("base_width: 64", "padding: samee", expect![[r#"params.padding: expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`, found "samee""#]]);
    check("base_width: 64", "padding: 1", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `1`"]);
    check("base_width: 64", "padding: valid", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check("base_width: 64", "activation: { leaky_relu: .nan }", expect!["params.activation.leaky_relu: expected a finite number, found .nan"]);
    check("base_width: 64", "activation: 1", expect!["params.activation: expected a string, found 1"]);
    check("base_width: 64", "stem_pool: max_pool", expect!["params.stem_pool: expected one of `max`, `conv`, `none`, found `max_pool`"]);
    check("base_width: 64", "shortcut: null", expect!["params.shortcut: expected a name, found null"]);
    check("base_width: 64", "Base_Width: 64", expect!["params.Base_Width: unknown key; use `base_width`"]);
    check("base_width: 64", "classes: 4", expect!["params.classes: unknown key; use `classes` at the top level, beside `input`"]);
    check("base_width: 64", "1: 2", expect!["params.1: unknown key; known keys: classes, pool, stem, stem_activation, stem_pool, stages, shortcut, groups, base_width, se_divisor, activation, norm and 7 more"]);
    check("  base_width: 64\n", "encoder: { architecture: resnet }\n", expect!["encoder: resnet takes no encoder"]);
    check("base_width: 64", "norm: group(5)", expect!["params: bn1: group_norm of [N, 16, 50]: 16 channels are not divisible by 5 groups"]);
    check("base_width: 64", "norm: group(0)", expect!["params.norm: expected a positive number of groups, such as `group(8)`, found `group(0)`"]);
    check("base_width: 64", "norm: position(3)", expect!["params.norm: expected `position`, which has no parameter, found `position(3)`"]);
    check("base_width: 64", "norm: [batch]", expect!["params.norm: expected a string, found a list of 1"]);
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
    check("groups: 7", "groups: -7", expect!["params.groups: expected a non-negative integer, found -7"]);
    check("height: 64", "height: 0", expect!["input.height: expected 1 to 16777216, found 0"]);
    check("width: 64", "width: 1000000000", expect!["input.width: expected 1 to 16777216, found 1000000000"]);
    check("height: 64, ", "", expect!["input: expected either `length` (a series) or `height` and `width` (an image)"]);
    check("block: bottleneck", "block: unreduced", expect!["params.stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `unreduced`"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [{ channels: 24, depth: 1, kernel: [1, 3, 3] }]", expect!["params.stages[0].kernel: expected a whole number, or a list of one or two of them, found a list of 3"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [[24, 1]]", expect!["params.stages[0]: expected a mapping, found a list of 2"]);
}
