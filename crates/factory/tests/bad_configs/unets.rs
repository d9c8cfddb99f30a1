//! Bad configs of unet and unext, and a U-Net on another family's encoder.

use expect_test::{Expect, expect};

use crate::check;

const UNET: &str = "
name: bad
input: { channels: 3, height: 64, width: 64 }
classes: 2
architecture: unet
params:
  blocks:
    - { channels: 8 }
    - { channels: 16, stride: 2 }
  pooling: max
";

#[test]
#[rustfmt::skip]
fn unet() {
    let check = |from: &str, to: &str, expected: Expect| check(UNET, from, to, &expected);
    check("- { channels: 8 }", "- { channels: 0 }", expect!["params.blocks[0].channels: expected 1 to 16777216 channels, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 0 }", expect!["params.blocks[0].depth: expected at least 1, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 1000000000 }", expect!["params.blocks[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, decoder_depth: 1000000000 }", expect!["params.blocks[0].decoder_depth: expected 1 to 1000 convolutions, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, decoder_channels: 0 }", expect!["params.blocks[0].decoder_channels: expected 1 to 16777216 channels, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, dilation: 1000000000 }", expect!["params.blocks[0].dilation: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 1000, dilation: 3 }", expect!["params.blocks[1].depth: expected at most 1000 in total, found 1002"]);
    check("- { channels: 8 }", "- { channels: 8, pool: 0 }", expect!["params.blocks[0].pool: expected 1 to 16777216, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, pool: 1000000000 }", expect!["params.blocks[0].pool: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, stride: 1000000000 }", expect!["params.blocks[0].stride: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, stride: 0 }", expect!["params.blocks[0].stride: expected 1 to 16777216, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, kernel: 0 }", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, kernel: 1000000000 }", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8 }", "- { channels: 8, factorization: full }", expect!["params.blocks[0].factorization: expected one of `plain`, `separable`, `depthwise_separable`, found `full`"]);
    check("- { channels: 8 }", "- { channels: 8, skip: sum }", expect!["params.blocks[0].skip: expected one of `concat`, `add`, `none`, found `sum`"]);
    check("- { channels: 8 }", "- { channels: 8, skip: nothing }", expect!["params.blocks[0].skip: expected one of `concat`, `add`, `none`, found `nothing`"]);
    check("- { channels: 8 }", "- { channels: 8, norm: { group: 3 } }", expect!["params.blocks[0].norm: expected a string, found a mapping"]);
    check("- { channels: 8 }", "- { channels: 8, activation: none }", expect!["params.blocks[0].activation: expected an activation, found `none`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("- { channels: 8 }", "- { channels: 8, dropout: -.inf }", expect!["params.blocks[0].dropout: expected a finite number, found -.inf"]);
    check("- { channels: 8 }", "- [8]", expect!["params.blocks[0]: expected a mapping, found a list of 1"]);
    check("    - { channels: 8 }\n    - { channels: 16, stride: 2 }\n", "    []\n", expect!["params.blocks: expected 1 to 16 blocks, found 0"]);
    check("- { channels: 8 }\n    ", &"- { channels: 8 }\n    ".repeat(20), expect!["params.blocks: expected 1 to 16 blocks, found 21"]);
    check("pooling: max", "pooling: mean", expect!["params.pooling: expected one of `max`, `stride`, found `mean`"]);
    check("pooling: max", "upsample: bicubic", expect!["params.upsample: expected one of `nearest`, `linear`, `linear_aligned`, `transposed`, found `bicubic`"]);
    check("pooling: max", "kind: resdual", expect!["params.kind: expected one of `plain`, `residual`, found `resdual`"]);
    check("pooling: max", "padding: valid", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check("pooling: max", "padding: [1, 1]", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `[1, 1]`"]);
    check("pooling: max", "head_kernel: 0", expect!["params.head_kernel: expected 1 to 16777216, found 0"]);
    check("pooling: max", "final_activation: softmax", expect!["params.final_activation: unknown key; use `output_activation`"]);
    check("pooling: max", "output_activation: 3", expect!["params.output_activation: expected a string, found 3"]);
    check("pooling: max", "features: maybe", expect![[r#"params.features: expected `true` or `false`, found "maybe""#]]);
    check("height: 64, width: 64", "height: 1, width: 1", expect!["params: down1.maxpool_conv.0: max_pool of [N, 8, 1, 1]: a window of 2 does not fit on the height axis: 1 elements, padding 0 before and 0 after"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, preset: resnet18 }\n", expect!["params.blocks: expected 6 blocks, one for each level of features, found 2"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, preset: resnet19 }\n", expect![[r#"encoder.preset: unknown preset "resnet19"; did you mean "resnet18"?"#]]);
    check("  pooling: max\n", "encoder: { architecture: unet }\n", expect!["params.blocks: expected 6 blocks, one for each level of features, found 2"]);
    check("  pooling: max\n", "encoder: { architecture: resnt }\n", expect![[r#"encoder.architecture: unknown architecture "resnt"; did you mean "resnet"?"#]]);
    check("  pooling: max\n", "encoder: { preset: resnet18 }\n", expect!["encoder.architecture: missing"]);
    check("  pooling: max\n", "encoder: resnet\n", expect![[r#"encoder: expected a mapping, found "resnet""#]]);
    check("  pooling: max\n", "encoder: { architecture: resnet, parms: {} }\n", expect!["encoder.parms: unknown key; use `params`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [] } }\n", expect!["encoder.params.stages: expected at least one element, found an empty list"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [{ chanels: 3 }] } }\n", expect!["encoder.params.stages[0].chanels: unknown key; use `channels`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [{ channels: 8, depth: 1000000000 }] } }\n", expect!["encoder.params.stages[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { classes: 3 } }\n", expect!["encoder.params.classes: unknown key; use `classes` at the top level, beside `input`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stem: [{ channels: 8, kernel: 0 }] } }\n", expect!["encoder.params.stem[0].kernel: expected 1 to 16777216, found 0"]);
    check("- { channels: 8 }", "- { channels: 8, norm: group(3) }", expect!["params: inc.double_conv.1: group_norm of [N, 8, 64, 64]: 8 channels are not divisible by 3 groups"]);
    check("pooling: max", "norm_momentum: -1", expect!["params.norm_momentum: expected a number in [0, 1], found -1"]);
}

const UNET_ON_ENCODER: &str = "
name: bad
input: { channels: 3, length: 100 }
classes: 2
architecture: unet
params:
  blocks:
    - { channels: 8, skip: none }
    - { channels: 16 }
    - { channels: 16 }
encoder: { architecture: resnet, params: { stages: [{ channels: 8, depth: 1, stride: 2 }], stem_pool: none } }
";

#[test]
#[rustfmt::skip]
fn unet_on_encoder() {
    let check = |from: &str, to: &str, expected: Expect| check(UNET_ON_ENCODER, from, to, &expected);
    check("    - { channels: 8, skip: none }\n", "    - { channels: 8, skip: none }\n    - { channels: 8 }\n", expect!["params.blocks: expected 3 blocks, one for each level of features, found 4"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 2, kernel: [3, 3]", expect!["encoder.params.stages[0].kernel: expected one number, or [1, n], because the input is a series, found [3, 3]"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 0", expect!["encoder.params.stages[0].stride: expected 1 to 16777216, found 0"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 1000000000", expect!["encoder.params.stages[0].stride: expected 1 to 16777216, found 1000000000"]);
    check("channels: 8, skip: none", "channels: 8, kernel: [3, 3], skip: none", expect!["params.blocks[0].kernel: expected one number, or [1, n], because the input is a series, found [3, 3]"]);
    check("channels: 8, skip: none", "channels: 8, kernel: 0, skip: none", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 0"]);
    check("architecture: unet", "architecture: unext", expect![[r#"params.blocks[0].skip: expected `true` or `false`, found "none""#]]);
    check("architecture: unet", "architecture: mobileone", expect!["params.blocks: unknown key; known keys: classes, pool, stem, stages, se_activation, se_gate, activation, norm_eps, norm_momentum, dropout, output_activation, inference and 1 more"]);
    check("{ architecture: resnet,", "{ architecture: tcn, preset: sm }\n#", expect!["params.blocks: expected 5 blocks, one for each level of features, found 3"]);
    check("classes: 2", "classes: 0", expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
}

const UNEXT: &str = "
name: bad
input: { channels: 3, length: 100 }
classes: 2
architecture: unext
params:
  blocks:
    - { channels: 8, depth: 1 }
    - { channels: 16, depth: 1, expand_ratio: 2, se_divisor: 4 }
";

#[test]
#[rustfmt::skip]
fn unext() {
    let check = |from: &str, to: &str, expected: Expect| check(UNEXT, from, to, &expected);
    check("- { channels: 8, depth: 1 }", "- { channels: 0, depth: 1 }", expect!["params.blocks[0].channels: expected 1 to 16777216 channels, found 0"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 1000000000, depth: 1 }", expect!["params.blocks[0].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: -1 }", expect!["params.blocks[0].depth: expected a non-negative integer, found -1"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000 }", expect!["params.blocks[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 0 }", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 0"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 1000000000 }", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: [3, 3] }", expect!["params.blocks[0].kernel: expected one number, or [1, n], because the input is a series, found [3, 3]"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, stride: 1000000000 }", expect!["params.blocks[0].stride: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, stride: 0 }", expect!["params.blocks[0].stride: expected 1 to 16777216, found 0"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, se_divisro: 4 }", expect!["params.blocks[0].se_divisro: unknown key; use `se_divisor`"]);
    check("expand_ratio: 2", "expand_ratio: 0", expect!["params.blocks[1].expand_ratio: expected a finite, positive number, found 0"]);
    check("expand_ratio: 2", "expand_ratio: .nan", expect!["params.blocks[1].expand_ratio: expected a finite number, found .nan"]);
    check("expand_ratio: 2", "expand_ratio: 1e18", expect!["params: enc2.0.conv_pw: conv of [N, 8, 50]: output channels: expected at most 16777216, found 8000000000000000000"]);
    check("expand_ratio: 2", "expand_ratio: -1", expect!["params.blocks[1].expand_ratio: expected a finite, positive number, found -1"]);
    check("expand_ratio: 2", "expand_ratio: two", expect![[r#"params.blocks[1].expand_ratio: expected a number, found "two""#]]);
    check("se_divisor: 4", "se_divisor: 0", expect!["params.blocks[1].se_divisor: expected a finite, positive number, found 0"]);
    check("se_divisor: 4", "se_divisor: 1e9", expect!["params: enc2.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: input channels / 1000000000, with 8 input and 16 expanded channels"]);
    check("se_divisor: 4", "decoder_depth: 0", expect!["params.blocks[1].decoder_depth: expected 1 to 1000 blocks, found 0"]);
    check("architecture: unext", "architecture: unext\npreset: unet", expect![[r#"preset: unknown preset "unet"; known: small, micro, helia_edge, sleepkit"#]]);
    check("params:\n", "params:\n  kind: sleepkit\n", expect!["params.blocks[0].norm: expected `none` because `kind` is `sleepkit`, found `batch`"]);
    check("params:\n", "params:\n  kind: mlp\n", expect!["params.kind: expected one of `mbconv`, `helia_edge`, `sleepkit`, found `mlp`"]);
    check("params:\n", "params:\n  padding: valid\n", expect!["params.padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check("params:\n", "params:\n  poling: max\n", expect!["params.poling: unknown key; use `pooling`"]);
    check("    - { channels: 8, depth: 1 }\n    - { channels: 16, depth: 1, expand_ratio: 2, se_divisor: 4 }\n", "    { channels: 8 }\n", expect!["params.blocks: expected a list, found a mapping"]);
}
