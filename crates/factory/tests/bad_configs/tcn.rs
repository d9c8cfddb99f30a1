//! Bad configs of tcn.

use expect_test::{Expect, expect};

use crate::check;

const TCN: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 4
architecture: tcn
params:
  encoder: { kernel: 5, norm: batch }
  blocks:
    - { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }
    - { kind: residual, channels: 16, depth: 2, kernel: 5, dilation: 2 }
  stacks: 1
";

#[test]
#[rustfmt::skip]
fn tcn() {
    let check = |from: &str, to: &str, expected: Expect| check(TCN, from, to, &expected);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 0 }", expect!["params.blocks[0].channels: expected 1 to 16777216 channels, found 0"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 1000000000 }", expect!["params.blocks[0].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { filters: 12 }", expect!["params.blocks[0].filters: unknown key; use `channels`"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, expand_ratio: 1e300 }", expect!["params.blocks[0].expand_ratio: expected 1 to 16777216 expanded channels, found 18446744073709551615"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, branches: 1000000000 }", expect!["params.blocks[0].branches: expected 1 to 64 branches, found 1000000000"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, branches: 0 }", expect!["params.blocks[0].branches: expected 1 to 64 branches, found 0"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, kernel: [5, 5] }", expect!["params.blocks[0].kernel: expected one number, or [1, n], because the input is a series, found [5, 5]"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, kernel: 1000000000 }", expect!["params.blocks[0].kernel: expected 1 to 16777216, found 1000000000"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, weight_norm: true }", expect!["params.blocks[0].norm: expected `none` because `weight_norm` is true, found `batch`"]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, gate: yes }", expect![[r#"params.blocks[0].gate: expected `true` or `false`, found "yes""#]]);
    check("- { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }", "- { channels: 12, norm: { group: 5 } }", expect!["params.blocks[0].norm: expected a string, found a mapping"]);
    check("se_divisor: 4", "se_divisor: -4", expect!["params.blocks[0].se_divisor: expected a finite, positive number, found -4"]);
    check("se_divisor: 4", "se_divisor: .nan", expect!["params.blocks[0].se_divisor: expected a finite number, found .nan"]);
    check("dropout: 0.1", "dropout: 1", expect!["params.blocks[0].dropout: expected a probability in [0, 1), found 1"]);
    check("dropout: 0.1", "dropout: none", expect![[r#"params.blocks[0].dropout: expected a number, found "none""#]]);
    check("depth: 2", "depth: 0", expect!["params.blocks[1].depth: expected at least 1, found 0"]);
    check("depth: 2", "depth: 1000000000", expect!["params.blocks[1].depth: expected at most 1000 in total, found 1000000001"]);
    check("dilation: 2", "dilation: 1000000000", expect!["params.blocks[1].dilation: expected 1 to 16777216, found 1000000000"]);
    check("dilation: 2", "dilation: [2, 2]", expect!["params.blocks[1].dilation: expected one number, or [1, n], because the input is a series, found [2, 2]"]);
    check("dilation: 2", "dilation: 18446744073709551615", expect!["params.blocks[1].dilation: expected 1 to 16777216, found 18446744073709551615"]);
    check("kind: residual", "kind: dense", expect!["params.blocks[1].kind: expected one of `mb`, `lg`, `sm`, `residual`, found `dense`"]);
    check("kind: residual", "kind: residual, weight_norm: true", expect!["params.blocks[1].norm: expected `none` because `weight_norm` is true, found `batch`"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { norm: batch }", expect!["params.encoder.kernel: missing"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { kernel: 5, nrom: batch }", expect!["params.encoder.nrom: unknown key; use `norm`"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { kernel: 0 }", expect!["params.encoder.kernel: expected 1 to 16777216, found 0"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: 5", expect!["params.encoder: expected a mapping, found 5"]);
    check("stacks: 1", "stacks: 0", expect!["params.stacks: expected 1 to 1000 stacks, found 0"]);
    check("stacks: 1", "stacks: 1000000000", expect!["params.stacks: expected 1 to 1000 stacks, found 1000000000"]);
    check("stacks: 1", "skips: branches", expect!["params.skips: expected residual blocks only, found `blocks[0]` of kind `mb`"]);
    check("stacks: 1", "double_activation: true", expect!["params.double_activation: expected residual blocks only, found `blocks[0]` of kind `mb`"]);
    check("stacks: 1", "output: frist", expect!["params.output: expected one of `every_sample`, `last`, `middle`, `mean`, found `frist`"]);
    check("stacks: 1", "output: mean\n  head_kernel: 3", expect!["params.head_kernel: expected 1 because `output` reduces the series to one step, found 3"]);
    check("stacks: 1", "head_kernel: 1000000000", expect!["params.head_kernel: expected 1 to 16777216, found 1000000000"]);
    check("stacks: 1", "norm_momentum: .nan", expect!["params.norm_momentum: expected a finite number, found .nan"]);
    check("stacks: 1", "norm_momentum: 2", expect!["params.norm_momentum: expected a number in [0, 1], found 2"]);
    check("stacks: 1", "norm_eps: .inf", expect!["params.norm_eps: expected a finite number, found .inf"]);
    check("stacks: 1", "output_activation: sofmax", expect!["params.output_activation: expected an activation, found `sofmax`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish, softmax"]);
    check("stacks: 1", "padding: valid", expect!["params: network.1.add: add of [N, 16, 76] and [N, 16, 92]: expected equal shapes, found [N, 16, 76] and [N, 16, 92]"]);
    check("stacks: 1", "backwards: 1", expect!["params.backwards: expected `true` or `false`, found 1"]);
    check("architecture: tcn", "architecture: tcn\npreset: baii", expect![[r#"preset: unknown preset "baii"; did you mean "bai"?"#]]);
    check("se_divisor: 4", "norm: group(5)", expect!["params: network.0.0.depthwise.norm: group_norm of [N, 6, 100]: 6 channels are not divisible by 5 groups"]);
}
