//! Bad configs of efficientnetv2 and mobileone.

use expect_test::{Expect, expect};

use crate::check;

const EFFICIENTNETV2: &str = "
name: bad
input: { channels: 3, height: 64, width: 64 }
classes: 2
architecture: efficientnetv2
params:
  stem: { channels: 8, stride: 2 }
  stages:
    - { block: fused_mbconv, channels: 8, depth: 1, expand_ratio: 1 }
    - { channels: 16, depth: 2, expand_ratio: 4, stride: 2, se_divisor: 4 }
  head: { channels: 32 }
  width_multiplier: 1.0
  depth_multiplier: 1.0
";

#[test]
#[rustfmt::skip]
fn efficientnetv2() {
    let check = |from: &str, to: &str, expected: Expect| check(EFFICIENTNETV2, from, to, &expected);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 1000000000 }", expect!["params.stem.channels: expected 1 to 16777216 channels, found 1000000000"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, stride: 0 }", expect!["params.stem.stride: expected 1 to 16777216, found 0"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernal: 3 }", expect!["params.stem.kernal: unknown key; use `kernel`"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: 1000000000 }", expect!["params.stem.kernel: expected 1 to 16777216, found 1000000000"]);
    check("stem: { channels: 8, stride: 2 }", "stem: [8, 2]", expect!["params.stem: expected a mapping, found a list of 2"]);
    check("head: { channels: 32 }", "head: { channels: 0 }", expect!["params.head.channels: expected 1 to 16777216 channels, found 0"]);
    check("head: { channels: 32 }", "head: { chanels: 32 }", expect!["params.head.chanels: unknown key; use `channels`"]);
    check("head: { channels: 32 }", "head: 32", expect!["params.head: expected a mapping, found 32"]);
    check("block: fused_mbconv", "block: fused", expect!["params.stages[0].block: expected one of `mbconv`, `fused_mbconv`, `fused_mbconv_projected`, found `fused`"]);
    check("block: fused_mbconv", "block: 3", expect!["params.stages[0].block: expected a name, found 3"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, stride: 1000000000 }", expect!["params.stages[0].stride: expected 1 to 16777216, found 1000000000"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, dilation: 2 }", expect!["params.stages[0].dilation: unknown key; known keys: block, expand_ratio, channels, depth, kernel, stride, downsample, se_divisor, activation"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, kernel: [3, 3, 3] }", expect!["params.stages[0].kernel: expected a whole number, or a list of one or two of them, found a list of 3"]);
    check("expand_ratio: 4", "expand_ratio: 0", expect!["params.stages[1].expand_ratio: expected a finite, positive number, found 0"]);
    check("expand_ratio: 4", "expand_ratio: 1e9", expect!["params: blocks.1.0.conv_pw: conv of [N, 8, 32, 32]: output channels: expected at most 16777216, found 8000000000"]);
    check("expand_ratio: 4", "expand_ratio: .inf", expect!["params.stages[1].expand_ratio: expected a finite number, found .inf"]);
    check("se_divisor: 4", "se_ratio: 4", expect!["params.stages[1].se_ratio: unknown key; use `se_divisor`"]);
    check("expand_ratio: 4", "expand: 4", expect!["params.stages[1].expand: unknown key; use `expand_ratio`"]);
    check("se_divisor: 4", "se_divisor: 0", expect!["params.stages[1].se_divisor: expected a finite, positive number, found 0"]);
    check("se_divisor: 4", "se_divisor: 1e9", expect!["params: blocks.1.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: input channels / 1000000000, with 8 input and 32 expanded channels"]);
    check("depth: 2", "depth: 0", expect!["params.stages[1].depth: expected at least 1, found 0"]);
    check("depth: 2", "depth: 1000000000", expect!["params.stages[1].depth: expected at most 1000 in total, found 1000000001"]);
    check("width_multiplier: 1.0", "width_multiplier: 0", expect!["params.width_multiplier: expected a finite, positive number, found 0"]);
    check("width_multiplier: 1.0", "width_multiplier: .nan", expect!["params.width_multiplier: expected a finite number, found .nan"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e9", expect!["params.stem.channels: expected 1 to 16777216 channels, found 8000000000"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e300", expect!["params.stem.channels: expected 1 to 16777216 channels, found 18446744073709551615"]);
    check("width_multiplier: 1.0", "round_limit: 2", expect!["params.round_limit: expected a number in [0, 1], found 2"]);
    check("width_multiplier: 1.0", "drop_path: -1", expect!["params.drop_path: expected a probability in [0, 1), found -1"]);
    check("width_multiplier: 1.0", "squeeze_of: output", expect!["params.squeeze_of: unknown key; known keys: classes, pool, stem, stages, head, width_multiplier, depth_multiplier, round_limit, se_of, se_activation, se_gate, activation and 8 more"]);
    check("width_multiplier: 1.0", "width_multipler: 1", expect!["params.width_multipler: unknown key; use `width_multiplier`"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e9", expect!["params.stages[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("depth_multiplier: 1.0", "depth_multiplier: -1", expect!["params.depth_multiplier: expected a finite, positive number, found -1"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e300", expect!["params.stages[0].depth: expected at most 1000 in total, found 18446744073709551615"]);
    check("depth_multiplier: 1.0", "pool: false", expect!["classes: expected no classes because `pool` is false, found 2"]);
    check("depth_multiplier: 1.0", "norm_eps: -.inf", expect!["params.norm_eps: expected a finite number, found -.inf"]);
    check("depth_multiplier: 1.0", "padding: causal_", expect![[r#"params.padding: expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`, found "causal_""#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv3", expect![[r#"architecture: unknown architecture "efficientnetv3"; did you mean "efficientnetv2"?"#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv2\npreset: b9", expect![[r#"preset: unknown preset "b9"; known: efficientnetv2_s, efficientnetv2_m, efficientnetv2_l, efficientnetv2_xl, efficientnetv2_b0, efficientnetv2_b1, efficientnetv2_b2, efficientnetv2_b3, efficientnetv2_rw_t, efficientnetv2_rw_s, efficientnetv2_rw_m, tf_efficientnetv2_s and 11 more"#]]);
    check("    - { block: fused_mbconv, channels: 8, depth: 1, expand_ratio: 1 }\n    - { channels: 16, depth: 2, expand_ratio: 4, stride: 2, se_divisor: 4 }\n", "    []\n", expect!["params.stages: expected at least one element, found an empty list"]);
}

const MOBILEONE: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 2
architecture: mobileone
params:
  stem: { channels: 8, stride: 2 }
  stages:
    - { channels: 8, depth: 1 }
    - { channels: 16, depth: 2, stride: 2, branches: 2, se_divisor: 4, se_depth: 1 }
  inference: false
";

#[test]
#[rustfmt::skip]
fn mobileone() {
    let check = |from: &str, to: &str, expected: Expect| check(MOBILEONE, from, to, &expected);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, branches: 0 }", expect!["params.stem.branches: expected 1 to 64 branches, found 0"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, branches: 1000000000 }", expect!["params.stem.branches: expected 1 to 64 branches, found 1000000000"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: [7, 7] }", expect!["params.stem.kernel: expected one number, or [1, n], because the input is a series, found [7, 7]"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { stride: 2 }", expect!["params.stem.channels: missing"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, padding: same_ }", expect![[r#"params.stem.padding: expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`, found "same_""#]]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 1000000000 }", expect!["params.stages[0].kernel: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 4 }", expect!["params: stages.0.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 4 with stride 1, dilation 1 and symmetric padding"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 1000000000 }", expect!["params.stages[0].dilation: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 0 }", expect!["params.stages[0].dilation: expected 1 to 16777216, found 0"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000 }", expect!["params.stages[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000000000000000 }", expect!["params.stages[0].depth: expected a non-negative integer, found 1e21"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid }", expect!["params: stages.0.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 3 with stride 1, dilation 1 and valid padding"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid, kernel: 99 }", expect!["params: stages.0.0.conv_kxk.0.conv: conv of [N, 8, 50]: a window of 99 does not fit on the time axis: 50 elements, padding 0 before and 0 after"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, downsample: pool }", expect!["params.stages[0].downsample: expected one of `stride`, `max_pool`, found `pool`"]);
    check("branches: 2", "branches: -1", expect!["params.stages[1].branches: expected a non-negative integer, found -1"]);
    check("branches: 2", "branches: 65", expect!["params.stages[1].branches: expected 1 to 64 branches, found 65"]);
    check("branches: 2", "num_conv_branches: 4", expect!["params.stages[1].num_conv_branches: unknown key; known keys: channels, depth, kernel, stride, dilation, padding, downsample, branches, se_divisor, se_depth"]);
    check("se_divisor: 4, ", "", expect!["params.stages[1].se_depth: expected 0 because `se_divisor` is not set, found 1"]);
    check("se_divisor: 4", "se_divisor: 0.0", expect!["params.stages[1].se_divisor: expected a finite, positive number, found 0"]);
    check("se_divisor: 4", "se_divisor: 1e-300", expect!["params: stages.1.2.attn.fc1: conv of [N, 16, 1]: output channels: expected at most 16777216, found 18446744073709551615"]);
    check("inference: false", "inference: 0", expect!["params.inference: expected `true` or `false`, found 0"]);
    check("inference: false", "inferrence: true", expect!["params.inferrence: unknown key; use `inference`"]);
    check("inference: false", "activation: [relu]", expect!["params.activation: expected a string, found a list of 1"]);
    check("inference: false", "dropout: 2", expect!["params.dropout: expected a probability in [0, 1), found 2"]);
    check("inference: false", "se_gate: sigmod", expect!["params.se_gate: expected an activation, found `sigmod`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("architecture: mobileone", "architecture: mobileone\npreset: s9", expect![[r#"preset: unknown preset "s9"; known: mobileone_s0, mobileone_s1, mobileone_s2, mobileone_s3, mobileone_s4, mobileone_u0, micro"#]]);
    check("architecture: mobileone", "architecture: mobileone\npreset: [s1]", expect!["preset: expected a string, found a list of 1"]);
    check("    - { channels: 8, depth: 1 }\n    - { channels: 16, depth: 2, stride: 2, branches: 2, se_divisor: 4, se_depth: 1 }\n", "    []\n", expect!["params.stages: expected at least one element, found an empty list"]);
}
