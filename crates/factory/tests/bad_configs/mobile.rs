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
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, stride: 0 }", expect!["params.stem.stride: 0; 1 to 16777216 is needed"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernal: 3 }", expect!["params.stem.kernal: unknown key; the nearest valid one is `kernel`"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: 1000000000 }", expect!["params.stem.kernel: 1000000000; 1 to 16777216 is needed"]);
    check("stem: { channels: 8, stride: 2 }", "stem: [8, 2]", expect!["params.stem: a list found, a mapping of keys is needed"]);
    check("head: { channels: 32 }", "head: { channels: 0 }", expect!["params.head.channels: expected 1 to 16777216 channels, found 0"]);
    check("head: { channels: 32 }", "head: { chanels: 32 }", expect!["params.head.chanels: unknown key; the nearest valid one is `channels`"]);
    check("head: { channels: 32 }", "head: 32", expect!["params.head: the number 32 found, a mapping of keys is needed"]);
    check("block: fused_mbconv", "block: fused", expect!["params.stages[0].block: `fused` is unknown; known are mbconv, fused_mbconv, fused_mbconv_projected"]);
    check("block: fused_mbconv", "block: 3", expect!["params.stages[0].block: the number 3 found, a name is needed"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, stride: 1000000000 }", expect!["params.stages[0].stride: 1000000000; 1 to 16777216 is needed"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, dilation: 2 }", expect!["params.stages[0].dilation: unknown key; the nearest valid one is `activation`"]);
    check("expand_ratio: 1 }", "expand_ratio: 1, kernel: [3, 3, 3] }", expect!["params.stages[0].kernel: a list of 3 found, a whole number, or a list of one or two of them is needed"]);
    check("expand_ratio: 4", "expand_ratio: 0", expect!["params.stages[1].expand_ratio: expected a finite, positive number, found 0"]);
    check("expand_ratio: 4", "expand_ratio: 1e9", expect!["params: blocks.1.0.conv_pw: conv of [N, 8, 32, 32]: output channels is 8000000000, at most 16777216 is supported"]);
    check("expand_ratio: 4", "expand_ratio: .inf", expect!["params.stages[1].expand_ratio: .inf is not a finite number"]);
    check("se_divisor: 4", "se_ratio: 4", expect!["params.stages[1].se_ratio: unknown key; use `se_divisor`"]);
    check("expand_ratio: 4", "expand: 4", expect!["params.stages[1].expand: unknown key; use `expand_ratio`"]);
    check("se_divisor: 4", "se_divisor: 0", expect!["params.stages[1].se_divisor: expected a finite, positive number, found 0"]);
    check("se_divisor: 4", "se_divisor: 1e9", expect!["params: blocks.1.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: input channels / 1000000000, with 8 input and 32 expanded channels"]);
    check("depth: 2", "depth: 0", expect!["params.stages[1].depth: expected at least 1, found 0"]);
    check("depth: 2", "depth: 1000000000", expect!["params.stages[1].depth: expected at most 1000 in all, found 1000000001"]);
    check("width_multiplier: 1.0", "width_multiplier: 0", expect!["params.width_multiplier: expected a finite, positive number, found 0"]);
    check("width_multiplier: 1.0", "width_multiplier: .nan", expect!["params.width_multiplier: .nan is not a finite number"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e9", expect!["params.stem.channels: expected 1 to 16777216 channels, found 8000000000"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e300", expect!["params.stem.channels: expected 1 to 16777216 channels, found 18446744073709551615"]);
    check("width_multiplier: 1.0", "round_limit: 2", expect!["params.round_limit: expected a number in [0, 1], found 2"]);
    check("width_multiplier: 1.0", "drop_path: -1", expect!["params.drop_path: expected a probability in [0, 1), found -1"]);
    check("width_multiplier: 1.0", "squeeze_of: output", expect!["params.squeeze_of: unknown key; the nearest valid one is `se_of`"]);
    check("width_multiplier: 1.0", "width_multipler: 1", expect!["params.width_multipler: unknown key; the nearest valid one is `width_multiplier`"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e9", expect!["params.stages[0].depth: expected at most 1000 in all, found 1000000000"]);
    check("depth_multiplier: 1.0", "depth_multiplier: -1", expect!["params.depth_multiplier: expected a finite, positive number, found -1"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e300", expect!["params.stages[0].depth: expected at most 1000 in all, found 18446744073709551615"]);
    check("depth_multiplier: 1.0", "pool: false", expect!["classes: expected no classes because `pool` is false, found 2"]);
    check("depth_multiplier: 1.0", "norm_eps: -.inf", expect!["params.norm_eps: -.inf is not a finite number"]);
    check("depth_multiplier: 1.0", "padding: causal_", expect![[r#"params.padding: the text "causal_" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv3", expect![[r#"architecture: no family "efficientnetv3"; there are efficientnetv2, mobileone, resnet, tcn, unet, unext"#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv2\npreset: b9", expect![[r#"preset: no preset "b9"; there are efficientnetv2_s, efficientnetv2_m, efficientnetv2_l, efficientnetv2_xl, efficientnetv2_b0, efficientnetv2_b1, efficientnetv2_b2, efficientnetv2_b3, efficientnetv2_rw_t, efficientnetv2_rw_s, efficientnetv2_rw_m, tf_efficientnetv2_s, tf_efficientnetv2_m, tf_efficientnetv2_l, tf_efficientnetv2_xl, tf_efficientnetv2_b0, tf_efficientnetv2_b1, tf_efficientnetv2_b2, tf_efficientnetv2_b3, efficientnet_v2_s, efficientnet_v2_m, efficientnet_v2_l, micro"#]]);
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
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: [7, 7] }", expect!["params.stem.kernel: [7, 7] is for images; a series needs one number, or [1, n]"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { stride: 2 }", expect!["params.stem.channels: missing"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, padding: same_ }", expect![[r#"params.stem.padding: the text "same_" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 1000000000 }", expect!["params.stages[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 4 }", expect!["params: stages.0.0.reparam_conv: expected an odd kernel with symmetric padding, or any kernel with causal padding, because a 1x1 branch must see what a tap of the kernel sees, found kernel 4 with stride 1, dilation 1 and symmetric padding"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 1000000000 }", expect!["params.stages[0].dilation: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 0 }", expect!["params.stages[0].dilation: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000 }", expect!["params.stages[0].depth: expected at most 1000 in all, found 1000000000"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000000000000000 }", expect!["params.stages[0].depth: 1000000000000000000000 is out of range"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid }", expect!["params: stages.0.0.reparam_conv: expected an odd kernel with symmetric padding, or any kernel with causal padding, because a 1x1 branch must see what a tap of the kernel sees, found kernel 3 with stride 1, dilation 1 and valid padding"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid, kernel: 99 }", expect!["params: stages.0.0.conv_kxk.0.conv: conv of [N, 8, 50]: a window of 99 does not fit on the time axis: 50 elements, padding 0 before and 0 after"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, downsample: pool }", expect!["params.stages[0].downsample: `pool` is unknown; known are stride, max_pool"]);
    check("branches: 2", "branches: -1", expect!["params.stages[1].branches: the number -1 found, a whole number of at least 0 is needed"]);
    check("branches: 2", "branches: 65", expect!["params.stages[1].branches: expected 1 to 64 branches, found 65"]);
    check("branches: 2", "num_conv_branches: 4", expect!["params.stages[1].num_conv_branches: unknown key; the nearest valid one is `branches`"]);
    check("se_divisor: 4, ", "", expect!["params.stages[1].se_depth: expected 0 because `se_divisor` is not set, found 1"]);
    check("se_divisor: 4", "se_divisor: 0.0", expect!["params.stages[1].se_divisor: expected a finite, positive number, found 0"]);
    check("se_divisor: 4", "se_divisor: 1e-300", expect!["params: stages.1.2.attn.fc1: conv of [N, 16, 1]: output channels is 18446744073709551615, at most 16777216 is supported"]);
    check("inference: false", "inference: 0", expect!["params.inference: the number 0 found, true or false is needed"]);
    check("inference: false", "inferrence: true", expect!["params.inferrence: unknown key; the nearest valid one is `inference`"]);
    check("inference: false", "activation: [relu]", expect!["params.activation: a list found, a text is needed"]);
    check("inference: false", "dropout: 2", expect!["params.dropout: expected a probability in [0, 1), found 2"]);
    check("inference: false", "se_gate: sigmod", expect!["params.se_gate: expected an activation, found `sigmod`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("architecture: mobileone", "architecture: mobileone\npreset: s9", expect![[r#"preset: no preset "s9"; there are mobileone_s0, mobileone_s1, mobileone_s2, mobileone_s3, mobileone_s4, mobileone_u0, micro"#]]);
    check("architecture: mobileone", "architecture: mobileone\npreset: [s1]", expect!["preset: a list found, a text is needed"]);
    check("    - { channels: 8, depth: 1 }\n    - { channels: 16, depth: 2, stride: 2, branches: 2, se_divisor: 4, se_depth: 1 }\n", "    []\n", expect!["params.stages: expected at least one element, found an empty list"]);
}
