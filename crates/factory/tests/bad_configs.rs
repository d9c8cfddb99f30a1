//! Wrong configs of every family, at every level: each gives one sentence that begins with the place
//! in the config, and none costs memory before it is refused.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]
#![allow(unsafe_code, reason = "an allocator that counts is one of unsafe functions")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use expect_test::{Expect, expect};
use factory::Factory;

/// What a config that is refused may have allocated at most, in bytes.
const MOST: usize = 100_000_000;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts the bytes of each thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get().saturating_add(layout.size()));
        PEAK.set(PEAK.get().max(LIVE.get()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get().saturating_sub(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The message of a config with one text replaced, and that neither time nor memory went into it.
fn check(config: &str, from: &str, to: &str, expected: &Expect) {
    assert!(config.contains(from), "{from:?}");
    let text = config.replacen(from, to, 1);
    let before = LIVE.get();
    PEAK.set(before);
    let message = Factory::builtin().build(&text).unwrap_err().to_string();
    let peak = PEAK.get() - before;
    assert!(peak < MOST, "{to:?} takes {peak} bytes before it is refused");
    let jargon = ["\n", "invalid type", ", expected", "variant", "struct ", "Value::", "usize", "u64", "f64"];
    assert!(!jargon.iter().any(|word| message.contains(word)), "{message}");
    expected.assert_eq(&message);
}

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
    check("classes: 4", "classes: 1000000000", expect!["classes: 1000000000 classes; at most 1048576 are supported"]);
    check("classes: 4", "classes: -4", expect!["classes: the number -4 found, a whole number of at least 0 is needed"]);
    check("classes: 4", "classes: [4]", expect!["classes: a list found, a whole number of at least 0 is needed"]);
    check("classes: 4", "classes: four", expect![[r#"classes: the text "four" found, a whole number of at least 0 is needed"#]]);
    check("classes: 4", "clases: 4", expect!["clases: unknown key; the nearest valid one is `classes`"]);
    check("architecture: resnet", "architecture: 7", expect!["architecture: the number 7 found, a text is needed"]);
    check("architecture: resnet", "architecture: resnet\npreset: resnet19", expect![[r#"preset: no preset "resnet19"; there are resnet10t, resnet14t, resnet18, resnet18d, resnet26, resnet26d, resnet34, resnet34d, resnet50, resnet50d, resnet50t, resnet101, resnet101d, resnet152, resnet152d, resnet200d, seresnet50, resnetrs50, resnext50_32x4d, resnext101_32x8d, resnext101_64x4d, wide_resnet50_2, wide_resnet101_2, micro"#]]);
    check("architecture: resnet", "architecture: resnet\npreset: 18", expect!["preset: the number 18 found, a text is needed"]);
    check("stem: [{ channels: 16, kernel: 7, stride: 2 }]", "stem: [{ channels: 0, kernel: 7 }]", expect!["params.stem[0].channels: 0 channels; 1 to 1048576 are supported"]);
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
    check("kernel: 3", "kernel: 3, activation: rellu", expect!["params.stages[0].activation: unknown activation `rellu`; known are relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("- { channels: 16, depth: 1", "- { channels: 1000000000, depth: 1", expect!["params.stages[0].channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check("- { channels: 16, depth: 1", "- { channels: -16, depth: 1", expect!["params.stages[0].channels: the number -16 found, a whole number of at least 0 is needed"]);
    check("block: bottleneck", "block: bottlneck", expect!["params.stages[1].block: `bottlneck` is unknown; known are basic, bottleneck, unreduced"]);
    check("block: bottleneck", "block: [bottleneck]", expect!["params.stages[1].block: a list found, a name is needed"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- basic", expect![[r#"params.stages[0]: the text "basic" found, a mapping of keys is needed"#]]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1000 }", expect!["params.stages[1].depth: 1001 blocks so far; at most 1000 are supported"]);
    check("- { channels: 16, depth: 1, kernel: 3 }", "- { channels: 16, depth: 1, kernel: 3, stride: 2, squeeze: 4 }", expect!["params.stages[0].squeeze: unknown key; the nearest valid one is `stride`"]);
    check("groups: 1", "groups: 0", expect!["params.stages[0].block: a basic block has neither groups nor another base_width than 64; a bottleneck is needed"]);
    check("groups: 1", "groups: 2", expect!["params.stages[0].block: a basic block has neither groups nor another base_width than 64; a bottleneck is needed"]);
    check("groups: 1", "groups: 1000000000", expect!["params.stages[0].block: a basic block has neither groups nor another base_width than 64; a bottleneck is needed"]);
    check("base_width: 64", "base_width: 0", expect!["params.stages[0].block: a basic block has neither groups nor another base_width than 64; a bottleneck is needed"]);
    check("base_width: 64", "norm_eps: .nan", expect!["params.norm_eps: .nan is not a finite number"]);
    check("base_width: 64", "norm_eps: -1", expect!["params: bn1: batch_norm of [N, 16, 50]: eps -1.0 is not a finite number of at least 0"]);
    check("base_width: 64", "norm_eps: tiny", expect![[r#"params.norm_eps: the text "tiny" found, a number is needed"#]]);
    check("base_width: 64", "se_ratio: 0", expect!["params.se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check("base_width: 64", "se_ratio: .inf", expect!["params.se_ratio: .inf is not a finite number"]);
    check("base_width: 64", "se_ratio: 1e-12", expect!["params: layer1.0.se.fc1: conv of [N, 16, 1]: output channels is 16000000000000, at most 16777216 is supported"]);
    check("base_width: 64", "dropout: .nan", expect!["params.dropout: .nan is not a finite number"]);
    check("base_width: 64", "dropout: -0.1", expect!["params.dropout: -0.1 is no probability; 0 to below 1 is needed"]);
    check("base_width: 64", "drop_path: 1", expect!["params.drop_path: 1 is no probability; 0 to below 1 is needed"]);
    check("base_width: 64", "drop_path: .inf", expect!["params.drop_path: .inf is not a finite number"]);
    check("base_width: 64", "pool: false", expect!["classes: 4 classes of features that are not pooled; pool is needed"]);
    check("base_width: 64", "pool: 1", expect!["params.pool: the number 1 found, true or false is needed"]);
    check("base_width: 64", "norm: batchnorm", expect!["params.norm: unknown norm `batchnorm`; known are batch, layer, group, instance, position, none"]);
    check("base_width: 64", "norm: { group: 3 }", expect!["params.norm: a mapping found, a text is needed"]);
    check("base_width: 64", "norm: { group: 0 }", expect!["params.norm: a mapping found, a text is needed"]);
    check("base_width: 64", "norm: group", expect!["params.norm: `group` needs a number of groups, as `group(8)`"]);
    check("base_width: 64", "padding: samee", expect![[r#"params.padding: the text "samee" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("base_width: 64", "padding: 1", expect!["params: layer2.0.add: add of [N, 64, 15] and [N, 64, 13]: [N, 64, 15] and [N, 64, 13] cannot be added; equal shapes are needed"]);
    check("base_width: 64", "padding: valid", expect!["params: layer1.0.add: add of [N, 16, 19] and [N, 16, 23]: [N, 16, 19] and [N, 16, 23] cannot be added; equal shapes are needed"]);
    check("base_width: 64", "activation: { leaky_relu: .nan }", expect!["params.activation.leaky_relu: .nan is not a finite number"]);
    check("base_width: 64", "activation: 1", expect!["params.activation: the number 1 found, a text is needed"]);
    check("base_width: 64", "stem_pool: max_pool", expect!["params.stem_pool: `max_pool` is unknown; known are max, conv, none"]);
    check("base_width: 64", "shortcut: null", expect!["params.shortcut: nothing found, a name is needed"]);
    check("base_width: 64", "Base_Width: 64", expect!["params.Base_Width: unknown key; the nearest valid one is `base_width`"]);
    check("base_width: 64", "classes: 4", expect!["params.classes: stands at the top level of a config, beside `input`"]);
    check("base_width: 64", "1: 2", expect!["params: the number 1 found as a key, a text is needed"]);
    check("  base_width: 64\n", "encoder: { architecture: resnet }\n", expect!["encoder: resnet takes no encoder"]);
    check("base_width: 64", "norm: group(5)", expect!["params: bn1: group_norm of [N, 16, 50]: 16 channels cannot be divided into 5 groups of equal size"]);
    check("base_width: 64", "norm: group(0)", expect!["params.norm: `group(0)` needs a number of groups, as `group(8)`"]);
    check("base_width: 64", "norm: position(3)", expect!["params.norm: `position(3)`: position takes no parameter"]);
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
    check("groups: 7", "groups: 1000000000", expect!["params.stages[0].channels: 24 channels with 1000000000 groups of base_width 4 give no width of 1 to 2^24"]);
    check("groups: 7", "groups: 0", expect!["params.stages[0].channels: 24 channels with 0 groups of base_width 4 give no width of 1 to 2^24"]);
    check("base_width: 4", "base_width: 0", expect!["params.stages[0].channels: 24 channels with 7 groups of base_width 0 give no width of 1 to 2^24"]);
    check("base_width: 4", "base_width: 1", expect!["params.stages[0].channels: 24 channels with 7 groups of base_width 1 give no width of 1 to 2^24"]);
    check("groups: 7", "groups: -7", expect!["params.groups: the number -7 found, a whole number of at least 0 is needed"]);
    check("height: 64", "height: 0", expect!["input.height: 0; 1 to 16777216 is needed"]);
    check("width: 64", "width: 1000000000", expect!["input.width: 1000000000; 1 to 16777216 is needed"]);
    check("height: 64, ", "", expect!["input: either `length` (a series) or `height` and `width` (an image) is needed"]);
    check("block: bottleneck", "block: unreduced", expect!["params.stages[0].block: a basic block has neither groups nor another base_width than 64; a bottleneck is needed"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [{ channels: 24, depth: 1, kernel: [1, 3, 3] }]", expect!["params.stages[0].kernel: a list of 3 found, a whole number, or a list of one or two of them is needed"]);
    check("stages: [{ block: bottleneck, channels: 24, depth: 1 }]", "stages: [[24, 1]]", expect!["params.stages[0]: a list found, a mapping of keys is needed"]);
}

const TCN: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 4
architecture: tcn
params:
  encoder: { kernel: 5, norm: batch }
  blocks:
    - { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }
    - { kind: residual, channels: 16, depth: 2, kernel: 5, dilation: 2 }
  stacks: 1
";

#[test]
#[rustfmt::skip]
fn tcn() {
    let check = |from: &str, to: &str, expected: Expect| check(TCN, from, to, &expected);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 0 }", expect!["params.blocks[0].channels: 0 channels; 1 to 1048576 are supported"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 1000000000 }", expect!["params.blocks[0].channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { filters: 12 }", expect!["params.blocks[0].filters: unknown key; the nearest valid one is `dilation`"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, expand_ratio: 1e300 }", expect!["params.blocks[0].expand_ratio: 12 channels times 1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000; 1 to 1048576 are supported"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, branches: 1000000000 }", expect!["params.blocks[0].branches: 1000000000 branches so far, in all stacks; at most 1000 are supported"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, branches: 0 }", expect!["params.blocks[0].branches: 0 branches; at least 1 is needed"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, kernel: [5, 5] }", expect!["params.blocks[0].kernel: [5, 5] is for images; a series needs one number, or [1, n]"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, kernel: 1000000000 }", expect!["params.blocks[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, weight_norm: true }", expect!["params.blocks[0].norm: batch beside weight_norm; none is needed"]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, gate: yes }", expect![[r#"params.blocks[0].gate: the text "yes" found, true or false is needed"#]]);
    check("- { channels: 12, kernel: 5, se_ratio: 4, dropout: 0.1 }", "- { channels: 12, norm: { group: 5 } }", expect!["params.blocks[0].norm: a mapping found, a text is needed"]);
    check("se_ratio: 4", "se_ratio: -4", expect!["params.blocks[0].se_ratio: -4 divides nothing; a finite number above 0 is needed"]);
    check("se_ratio: 4", "se_ratio: .nan", expect!["params.blocks[0].se_ratio: .nan is not a finite number"]);
    check("dropout: 0.1", "dropout: 1", expect!["params.blocks[0].dropout: 1 is no probability; 0 to below 1 is needed"]);
    check("dropout: 0.1", "dropout: none", expect![[r#"params.blocks[0].dropout: the text "none" found, a number is needed"#]]);
    check("depth: 2", "depth: 0", expect!["params.blocks[1].depth: 0 blocks; at least 1 is needed"]);
    check("depth: 2", "depth: 1000000000", expect!["params.blocks[1].depth: 1000000001 blocks so far; at most 1000 are supported"]);
    check("dilation: 2", "dilation: 1000000000", expect!["params.blocks[1].dilation: 1000000000; 1 to 16777216 is needed"]);
    check("dilation: 2", "dilation: [2, 2]", expect!["params.blocks[1].dilation: [2, 2] is for images; a series needs one number, or [1, n]"]);
    check("dilation: 2", "dilation: 18446744073709551615", expect!["params.blocks[1].dilation: 18446744073709551615; 1 to 16777216 is needed"]);
    check("kind: residual", "kind: dense", expect!["params.blocks[1].kind: `dense` is unknown; known are mb, lg, sm, residual"]);
    check("kind: residual", "kind: residual, weight_norm: true", expect!["params.blocks[1].norm: batch beside weight_norm; none is needed"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { norm: batch }", expect!["params.encoder.kernel: missing"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { kernel: 5, nrom: batch }", expect!["params.encoder.nrom: unknown key; the nearest valid one is `norm`"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: { kernel: 0 }", expect!["params.encoder.kernel: 0; 1 to 16777216 is needed"]);
    check("encoder: { kernel: 5, norm: batch }", "encoder: 5", expect!["params.encoder: the number 5 found, a mapping of keys is needed"]);
    check("stacks: 1", "stacks: 0", expect!["params.stacks: 0; 1 to 1000 are supported"]);
    check("stacks: 1", "stacks: 1000000000", expect!["params.stacks: 1000000000; 1 to 1000 are supported"]);
    check("stacks: 1", "skips: branches", expect!["params.skips: blocks[0] has no branch to add up; only residual blocks have"]);
    check("stacks: 1", "double_activation: true", expect!["params.double_activation: blocks[0] is not residual; only those can"]);
    check("stacks: 1", "output: frist", expect!["params.output: `frist` is unknown; known are every_sample, last, middle, mean"]);
    check("stacks: 1", "output: mean\n  head_kernel: 3", expect!["params.head_kernel: 3 samples of the one that is put out; 1 is needed"]);
    check("stacks: 1", "head_kernel: 1000000000", expect!["params.head_kernel: 1000000000; 1 to 16777216 is needed"]);
    check("stacks: 1", "norm_momentum: .nan", expect!["params.norm_momentum: .nan is not a finite number"]);
    check("stacks: 1", "norm_momentum: 2", expect!["params: encoder.norm: batch_norm of [N, 6, 100]: momentum 2 is not within 0 and 1"]);
    check("stacks: 1", "norm_eps: .inf", expect!["params.norm_eps: .inf is not a finite number"]);
    check("stacks: 1", "output_activation: sofmax", expect!["params.output_activation: unknown activation `sofmax`; known are relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish, softmax"]);
    check("stacks: 1", "padding: valid", expect!["params: network.1.add: add of [N, 16, 76] and [N, 16, 92]: [N, 16, 76] and [N, 16, 92] cannot be added; equal shapes are needed"]);
    check("stacks: 1", "backwards: 1", expect!["params.backwards: the number 1 found, true or false is needed"]);
    check("architecture: tcn", "architecture: tcn\npreset: baii", expect![[r#"preset: no preset "baii"; there are bai, lg, mb, sm"#]]);
    check("se_ratio: 4", "norm: group(5)", expect!["params: network.0.0.depthwise.norm: group_norm of [N, 6, 100]: 6 channels cannot be divided into 5 groups of equal size"]);
}

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
    check("- { channels: 8 }", "- { channels: 0 }", expect!["params.blocks[0].channels: 0 channels; 1 to 1048576 are supported"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 0 }", expect!["params.blocks[0].depth: 0 blocks; at least 1 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 1000000000 }", expect!["params.blocks[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check("- { channels: 8 }", "- { channels: 8, decoder_depth: 1000000000 }", expect!["params.blocks[0].decoder_depth: 1000000000 convolutions; 1 to 1000 are supported"]);
    check("- { channels: 8 }", "- { channels: 8, decoder_channels: 0 }", expect!["params.blocks[0].decoder_channels: 0 channels; 1 to 1048576 are supported"]);
    check("- { channels: 8 }", "- { channels: 8, dilation: 1000000000 }", expect!["params.blocks[0].dilation: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, depth: 1000, dilation: 3 }", expect!["params.blocks[1].depth: 1002 blocks so far; at most 1000 are supported"]);
    check("- { channels: 8 }", "- { channels: 8, pool: 0 }", expect!["params.blocks[0].pool: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, pool: 1000000000 }", expect!["params.blocks[0].pool: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, stride: 1000000000 }", expect!["params.blocks[0].stride: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, stride: 0 }", expect!["params.blocks[0].stride: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, kernel: 0 }", expect!["params.blocks[0].kernel: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, kernel: 1000000000 }", expect!["params.blocks[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, factorization: full }", expect!["params.blocks[0].factorization: `full` is unknown; known are plain, separable, depthwise_separable"]);
    check("- { channels: 8 }", "- { channels: 8, skip: sum }", expect!["params.blocks[0].skip: `sum` is unknown; known are concat, add, none"]);
    check("- { channels: 8 }", "- { channels: 8, skip: nothing }", expect!["params.blocks[0].skip: `nothing` is unknown; known are concat, add, none"]);
    check("- { channels: 8 }", "- { channels: 8, norm: { group: 3 } }", expect!["params.blocks[0].norm: a mapping found, a text is needed"]);
    check("- { channels: 8 }", "- { channels: 8, activation: none }", expect!["params.blocks[0].activation: unknown activation `none`; known are relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("- { channels: 8 }", "- { channels: 8, dropout: -.inf }", expect!["params.blocks[0].dropout: -.inf is not a finite number"]);
    check("- { channels: 8 }", "- [8]", expect!["params.blocks[0]: a list found, a mapping of keys is needed"]);
    check("    - { channels: 8 }\n    - { channels: 16, stride: 2 }\n", "    []\n", expect!["params.blocks: 0 blocks; 1 to 16 are supported"]);
    check("- { channels: 8 }\n    ", &"- { channels: 8 }\n    ".repeat(20), expect!["params.blocks: 21 blocks; 1 to 16 are supported"]);
    check("pooling: max", "pooling: mean", expect!["params.pooling: `mean` is unknown; known are max, stride"]);
    check("pooling: max", "upsample: bicubic", expect!["params.upsample: `bicubic` is unknown; known are nearest, linear, linear_aligned, transposed"]);
    check("pooling: max", "kind: resdual", expect!["params.kind: `resdual` is unknown; known are plain, residual"]);
    check("pooling: max", "padding: valid", expect!["params.padding: valid padding changes the size; symmetric, same or causal is needed"]);
    check("pooling: max", "padding: [1, 1]", expect!["params.padding: [1, 1] padding changes the size; symmetric, same or causal is needed"]);
    check("pooling: max", "head_kernel: 0", expect!["params.head_kernel: 0; 1 to 16777216 is needed"]);
    check("pooling: max", "final_activation: 3", expect!["params.final_activation: the number 3 found, a text is needed"]);
    check("pooling: max", "features: maybe", expect![[r#"params.features: the text "maybe" found, true or false is needed"#]]);
    check("height: 64, width: 64", "height: 1, width: 1", expect!["params: down1.maxpool_conv.0: max_pool of [N, 8, 1, 1]: a window of 2 does not fit on the height axis: 1 elements, padding 0 before and 0 after"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, preset: resnet18 }\n", expect!["params.blocks: 2 blocks for 6 levels of features; as many are needed"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, preset: resnet19 }\n", expect![[r#"encoder.preset: no preset "resnet19"; there are resnet10t, resnet14t, resnet18, resnet18d, resnet26, resnet26d, resnet34, resnet34d, resnet50, resnet50d, resnet50t, resnet101, resnet101d, resnet152, resnet152d, resnet200d, seresnet50, resnetrs50, resnext50_32x4d, resnext101_32x8d, resnext101_64x4d, wide_resnet50_2, wide_resnet101_2, micro"#]]);
    check("  pooling: max\n", "encoder: { architecture: unet }\n", expect!["params.blocks: 2 blocks for 6 levels of features; as many are needed"]);
    check("  pooling: max\n", "encoder: { architecture: resnt }\n", expect![[r#"encoder.architecture: no family "resnt"; there are efficientnetv2, mobileone, resnet, tcn, unet, unext"#]]);
    check("  pooling: max\n", "encoder: { preset: resnet18 }\n", expect!["encoder.architecture: missing"]);
    check("  pooling: max\n", "encoder: resnet\n", expect![[r#"encoder: the text "resnet" found, a mapping of keys is needed"#]]);
    check("  pooling: max\n", "encoder: { architecture: resnet, parms: {} }\n", expect!["encoder.parms: unknown key; the nearest valid one is `params`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [] } }\n", expect!["encoder.params.stages: the list is empty; at least one stage is needed"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [{ chanels: 3 }] } }\n", expect!["encoder.params.stages[0].chanels: unknown key; the nearest valid one is `channels`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stages: [{ channels: 8, depth: 1000000000 }] } }\n", expect!["encoder.params.stages[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { classes: 3 } }\n", expect!["encoder.params.classes: stands at the top level of a config, beside `input`"]);
    check("  pooling: max\n", "encoder: { architecture: resnet, params: { stem: [{ channels: 8, kernel: 0 }] } }\n", expect!["encoder.params.stem[0].kernel: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8 }", "- { channels: 8, norm: group(3) }", expect!["params: inc.double_conv.1: group_norm of [N, 8, 64, 64]: 8 channels cannot be divided into 3 groups of equal size"]);
    check("pooling: max", "norm_momentum: -1", expect!["params: inc.double_conv.1: batch_norm of [N, 8, 64, 64]: momentum -1 is not within 0 and 1"]);
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
    check("    - { channels: 8, skip: none }\n", "    - { channels: 8, skip: none }\n    - { channels: 8 }\n", expect!["params.blocks: 4 blocks for 3 levels of features; as many are needed"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 2, kernel: [3, 3]", expect!["encoder.params.stages[0].kernel: [3, 3] is for images; a series needs one number, or [1, n]"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 0", expect!["encoder.params.stages[0].stride: 0; 1 to 16777216 is needed"]);
    check("channels: 8, depth: 1, stride: 2", "channels: 8, depth: 1, stride: 1000000000", expect!["encoder.params.stages[0].stride: 1000000000; 1 to 16777216 is needed"]);
    check("channels: 8, skip: none", "channels: 8, kernel: [3, 3], skip: none", expect!["params.blocks[0].kernel: [3, 3] is for images; a series needs one number, or [1, n]"]);
    check("channels: 8, skip: none", "channels: 8, kernel: 0, skip: none", expect!["params.blocks[0].kernel: 0; 1 to 16777216 is needed"]);
    check("architecture: unet", "architecture: unext", expect![[r#"params.blocks[0].skip: the text "none" found, true or false is needed"#]]);
    check("architecture: unet", "architecture: mobileone", expect!["encoder: mobileone takes no encoder"]);
    check("{ architecture: resnet,", "{ architecture: tcn, preset: sm }\n#", expect!["params.blocks: 3 blocks for 5 levels of features; as many are needed"]);
    check("classes: 2", "classes: 0", expect!["classes: 0 classes; at least 1 is needed, or none at all for features"]);
}

const UNEXT: &str = "
name: bad
input: { channels: 3, length: 100 }
classes: 2
architecture: unext
params:
  blocks:
    - { channels: 8, depth: 1 }
    - { channels: 16, depth: 1, expand: 2, se_ratio: 4 }
";

#[test]
#[rustfmt::skip]
fn unext() {
    let check = |from: &str, to: &str, expected: Expect| check(UNEXT, from, to, &expected);
    check("- { channels: 8, depth: 1 }", "- { channels: 0, depth: 1 }", expect!["params.blocks[0].channels: 0 channels; 1 to 1048576 are supported"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 1000000000, depth: 1 }", expect!["params.blocks[0].channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: -1 }", expect!["params.blocks[0].depth: the number -1 found, a whole number of at least 0 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000 }", expect!["params.blocks[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 0 }", expect!["params.blocks[0].kernel: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 1000000000 }", expect!["params.blocks[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: [3, 3] }", expect!["params.blocks[0].kernel: [3, 3] is for images; a series needs one number, or [1, n]"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, stride: 1000000000 }", expect!["params.blocks[0].stride: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, stride: 0 }", expect!["params.blocks[0].stride: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, se_raito: 4 }", expect!["params.blocks[0].se_raito: unknown key; the nearest valid one is `se_ratio`"]);
    check("expand: 2", "expand: 0", expect!["params.blocks[1].expand: 0 is no factor; a finite number above 0 is needed"]);
    check("expand: 2", "expand: .nan", expect!["params.blocks[1].expand: .nan is not a finite number"]);
    check("expand: 2", "expand: 1e18", expect!["params: enc2.0.conv_pw: conv of [N, 8, 50]: output channels is 8000000000000000000, at most 16777216 is supported"]);
    check("expand: 2", "expand: -1", expect!["params.blocks[1].expand: -1 is no factor; a finite number above 0 is needed"]);
    check("expand: 2", "expand: two", expect![[r#"params.blocks[1].expand: the text "two" found, a number is needed"#]]);
    check("se_ratio: 4", "se_ratio: 0", expect!["params.blocks[1].se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check("se_ratio: 4", "se_ratio: 1e9", expect!["params: enc2.0.se.conv_reduce: the squeeze width input channels / 1000000000 is 0 for 8 input and 16 expanded channels; at least 1 is needed"]);
    check("se_ratio: 4", "decoder_depth: 0", expect!["params.blocks[1].decoder_depth: 0 blocks; 1 to 1000 are supported"]);
    check("architecture: unext", "architecture: unext\npreset: unet", expect![[r#"preset: no preset "unet"; there are small, micro, helia_edge, sleepkit"#]]);
    check("params:\n", "params:\n  kind: sleepkit\n", expect!["params.blocks[0].norm: batch, but SleepKit's blocks have no norm; none is needed"]);
    check("params:\n", "params:\n  kind: mlp\n", expect!["params.kind: `mlp` is unknown; known are mbconv, helia_edge, sleepkit"]);
    check("params:\n", "params:\n  padding: valid\n", expect!["params.padding: valid padding changes the size; symmetric, same or causal is needed"]);
    check("params:\n", "params:\n  poling: max\n", expect!["params.poling: unknown key; the nearest valid one is `pooling`"]);
    check("    - { channels: 8, depth: 1 }\n    - { channels: 16, depth: 1, expand: 2, se_ratio: 4 }\n", "    { channels: 8 }\n", expect!["params.blocks: a mapping found, a list is needed"]);
}

const EFFICIENTNETV2: &str = "
name: bad
input: { channels: 3, height: 64, width: 64 }
classes: 2
architecture: efficientnetv2
params:
  stem: { channels: 8, stride: 2 }
  stages:
    - { block: fused_mbconv, channels: 8, depth: 1, expand: 1 }
    - { channels: 16, depth: 2, expand: 4, stride: 2, se_ratio: 4 }
  head: { channels: 32 }
  width_multiplier: 1.0
  depth_multiplier: 1.0
";

#[test]
#[rustfmt::skip]
fn efficientnetv2() {
    let check = |from: &str, to: &str, expected: Expect| check(EFFICIENTNETV2, from, to, &expected);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 1000000000 }", expect!["params.stem.channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, stride: 0 }", expect!["params.stem.stride: 0; 1 to 16777216 is needed"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernal: 3 }", expect!["params.stem.kernal: unknown key; the nearest valid one is `kernel`"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: 1000000000 }", expect!["params.stem.kernel: 1000000000; 1 to 16777216 is needed"]);
    check("stem: { channels: 8, stride: 2 }", "stem: [8, 2]", expect!["params.stem: a list found, a mapping of keys is needed"]);
    check("head: { channels: 32 }", "head: { channels: 0 }", expect!["params.head.channels: 0 channels; 1 to 1048576 are supported"]);
    check("head: { channels: 32 }", "head: { chanels: 32 }", expect!["params.head.chanels: unknown key; the nearest valid one is `channels`"]);
    check("head: { channels: 32 }", "head: 32", expect!["params.head: the number 32 found, a mapping of keys is needed"]);
    check("block: fused_mbconv", "block: fused", expect!["params.stages[0].block: `fused` is unknown; known are mbconv, fused_mbconv, fused_mbconv_projected"]);
    check("block: fused_mbconv", "block: 3", expect!["params.stages[0].block: the number 3 found, a name is needed"]);
    check("expand: 1 }", "expand: 1, stride: 1000000000 }", expect!["params.stages[0].stride: 1000000000; 1 to 16777216 is needed"]);
    check("expand: 1 }", "expand: 1, dilation: 2 }", expect!["params.stages[0].dilation: unknown key; the nearest valid one is `activation`"]);
    check("expand: 1 }", "expand: 1, kernel: [3, 3, 3] }", expect!["params.stages[0].kernel: a list of 3 found, a whole number, or a list of one or two of them is needed"]);
    check("expand: 4", "expand: 0", expect!["params.stages[1].expand: 0 is no factor; a finite number above 0 is needed"]);
    check("expand: 4", "expand: 1e9", expect!["params: blocks.1.0.conv_pw: conv of [N, 8, 32, 32]: output channels is 8000000000, at most 16777216 is supported"]);
    check("expand: 4", "expand: .inf", expect!["params.stages[1].expand: .inf is not a finite number"]);
    check("se_ratio: 4", "se_ratio: 0", expect!["params.stages[1].se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check("se_ratio: 4", "se_ratio: 1e9", expect!["params: blocks.1.0.se.conv_reduce: the squeeze width input channels / 1000000000 is 0 for 8 input and 32 expanded channels; at least 1 is needed"]);
    check("depth: 2", "depth: 0", expect!["params.stages[1].depth: 0 blocks; at least 1 is needed"]);
    check("depth: 2", "depth: 1000000000", expect!["params.stages[1].depth: 1000000001 blocks so far; at most 1000 are supported"]);
    check("width_multiplier: 1.0", "width_multiplier: 0", expect!["params.width_multiplier: 0 is no factor; a finite number above 0 is needed"]);
    check("width_multiplier: 1.0", "width_multiplier: .nan", expect!["params.width_multiplier: .nan is not a finite number"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e9", expect!["params.stem.channels: 8000000000 channels; 1 to 1048576 are supported"]);
    check("width_multiplier: 1.0", "width_multiplier: 1e300", expect!["params.stem.channels: 18446744073709551615 channels; 1 to 1048576 are supported"]);
    check("width_multiplier: 1.0", "round_limit: 2", expect!["params.round_limit: 2 is no part of a number; 0 to 1 is needed"]);
    check("width_multiplier: 1.0", "drop_path: -1", expect!["params.drop_path: -1 is no probability; 0 to below 1 is needed"]);
    check("width_multiplier: 1.0", "squeeze_of: output", expect!["params.squeeze_of: unknown key; the nearest valid one is `se_of`"]);
    check("width_multiplier: 1.0", "width_multipler: 1", expect!["params.width_multipler: unknown key; the nearest valid one is `width_multiplier`"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e9", expect!["params.stages[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check("depth_multiplier: 1.0", "depth_multiplier: -1", expect!["params.depth_multiplier: -1 is no factor; a finite number above 0 is needed"]);
    check("depth_multiplier: 1.0", "depth_multiplier: 1e300", expect!["params.stages[0].depth: 18446744073709551615 blocks so far; at most 1000 are supported"]);
    check("depth_multiplier: 1.0", "pool: false", expect!["classes: 2 classes of features that are not pooled; pool is needed"]);
    check("depth_multiplier: 1.0", "norm_eps: -.inf", expect!["params.norm_eps: -.inf is not a finite number"]);
    check("depth_multiplier: 1.0", "padding: causal_", expect![[r#"params.padding: the text "causal_" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv3", expect![[r#"architecture: no family "efficientnetv3"; there are efficientnetv2, mobileone, resnet, tcn, unet, unext"#]]);
    check("architecture: efficientnetv2", "architecture: efficientnetv2\npreset: b9", expect![[r#"preset: no preset "b9"; there are efficientnetv2_s, efficientnetv2_m, efficientnetv2_l, efficientnetv2_xl, efficientnetv2_b0, efficientnetv2_b1, efficientnetv2_b2, efficientnetv2_b3, efficientnetv2_rw_t, efficientnetv2_rw_s, efficientnetv2_rw_m, tf_efficientnetv2_s, tf_efficientnetv2_m, tf_efficientnetv2_l, tf_efficientnetv2_xl, tf_efficientnetv2_b0, tf_efficientnetv2_b1, tf_efficientnetv2_b2, tf_efficientnetv2_b3, efficientnet_v2_s, efficientnet_v2_m, efficientnet_v2_l, micro"#]]);
    check("    - { block: fused_mbconv, channels: 8, depth: 1, expand: 1 }\n    - { channels: 16, depth: 2, expand: 4, stride: 2, se_ratio: 4 }\n", "    []\n", expect!["params.stages: the list is empty; at least one stage is needed"]);
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
    - { channels: 16, depth: 2, stride: 2, branches: 2, se_ratio: 4, se_depth: 1 }
  inference: false
";

#[test]
#[rustfmt::skip]
fn mobileone() {
    let check = |from: &str, to: &str, expected: Expect| check(MOBILEONE, from, to, &expected);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, branches: 0 }", expect!["params.stem.branches: 0 branches; 1 to 64 are supported"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, branches: 1000000000 }", expect!["params.stem.branches: 1000000000 branches; 1 to 64 are supported"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, kernel: [7, 7] }", expect!["params.stem.kernel: [7, 7] is for images; a series needs one number, or [1, n]"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { stride: 2 }", expect!["params.stem.channels: missing"]);
    check("stem: { channels: 8, stride: 2 }", "stem: { channels: 8, padding: same_ }", expect![[r#"params.stem.padding: the text "same_" found, same, symmetric, causal, valid, a whole number, a list of one or two of them, or before and after is needed"#]]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 1000000000 }", expect!["params.stages[0].kernel: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, kernel: 4 }", expect!["params: stages.0.0.reparam_conv: no tap of a kernel 4 with stride 1, dilation 1 and symmetric padding sees what a 1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 1000000000 }", expect!["params.stages[0].dilation: 1000000000; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, dilation: 0 }", expect!["params.stages[0].dilation: 0; 1 to 16777216 is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000 }", expect!["params.stages[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1000000000000000000000 }", expect!["params.stages[0].depth: 1000000000000000000000 is out of range"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid }", expect!["params: stages.0.0.reparam_conv: no tap of a kernel 3 with stride 1, dilation 1 and valid padding sees what a 1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, padding: valid, kernel: 99 }", expect!["params: stages.0.0.conv_kxk.0.conv: conv of [N, 8, 50]: a window of 99 does not fit on the time axis: 50 elements, padding 0 before and 0 after"]);
    check("- { channels: 8, depth: 1 }", "- { channels: 8, depth: 1, downsample: pool }", expect!["params.stages[0].downsample: `pool` is unknown; known are stride, max_pool"]);
    check("branches: 2", "branches: -1", expect!["params.stages[1].branches: the number -1 found, a whole number of at least 0 is needed"]);
    check("branches: 2", "branches: 65", expect!["params.stages[1].branches: 65 branches; 1 to 64 are supported"]);
    check("branches: 2", "num_conv_branches: 4", expect!["params.stages[1].num_conv_branches: unknown key; the nearest valid one is `branches`"]);
    check("se_ratio: 4, ", "", expect!["params.stages[1].se_depth: squeeze-excite in 1 pairs needs se_ratio"]);
    check("se_ratio: 4", "se_ratio: 0.0", expect!["params.stages[1].se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check("se_ratio: 4", "se_ratio: 1e-300", expect!["params: stages.1.2.attn.fc1: conv of [N, 16, 1]: output channels is 18446744073709551615, at most 16777216 is supported"]);
    check("inference: false", "inference: 0", expect!["params.inference: the number 0 found, true or false is needed"]);
    check("inference: false", "inferrence: true", expect!["params.inferrence: unknown key; the nearest valid one is `inference`"]);
    check("inference: false", "activation: [relu]", expect!["params.activation: a list found, a text is needed"]);
    check("inference: false", "dropout: 2", expect!["params.dropout: 2 is no probability; 0 to below 1 is needed"]);
    check("inference: false", "se_gate: sigmod", expect!["params.se_gate: unknown activation `sigmod`; known are relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("architecture: mobileone", "architecture: mobileone\npreset: s9", expect![[r#"preset: no preset "s9"; there are mobileone_s0, mobileone_s1, mobileone_s2, mobileone_s3, mobileone_s4, mobileone_u0, micro"#]]);
    check("architecture: mobileone", "architecture: mobileone\npreset: [s1]", expect!["preset: a list found, a text is needed"]);
    check("    - { channels: 8, depth: 1 }\n    - { channels: 16, depth: 2, stride: 2, branches: 2, se_ratio: 4, se_depth: 1 }\n", "    []\n", expect!["params.stages: the list is empty; at least one stage is needed"]);
}

const TOP: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 4
architecture: resnet
params: { dropout: 0.1 }
";

#[test]
#[rustfmt::skip]
fn top() {
    let check = |from: &str, to: &str, expected: Expect| check(TOP, from, to, &expected);
    check("name: bad", "name: { a: 1 }", expect!["name: a mapping found, a text is needed"]);
    check("name: bad", "name: null", expect!["name: missing"]);
    check("input: { channels: 6, length: 100 }\n", "", expect!["input: missing"]);
    check("input: { channels: 6, length: 100 }", "input: 6x100", expect![[r#"input: the text "6x100" found, a mapping of keys is needed"#]]);
    check("length: 100", "length: 100, height: 1, width: 3", expect!["input: either `length` (a series) or `height` and `width` (an image) is needed"]);
    check("channels: 6", "channels: 0", expect!["input.channels: 0; 1 to 16777216 is needed"]);
    check("params: { dropout: 0.1 }", "params: []", expect!["params: a list of 0 found, a mapping of keys is needed"]);
    check("params: { dropout: 0.1 }", "params: resnet18", expect![[r#"params: the text "resnet18" found, a mapping of keys is needed"#]]);
    check("params: { dropout: 0.1 }", "train: { epochs: 3 }", expect!["train: unknown key; the nearest valid one is `params`"]);
    check("params: { dropout: 0.1 }", "encoder: []", expect!["encoder: a list of 0 found, a mapping of keys is needed"]);
    check("classes: 4", "classes: !large 4", expect!["classes: the tag !large means nothing here"]);
    check("classes: 4", "2: 4", expect!["the number 2 found as a key, a text is needed"]);
    check("channels: 6", "channels: .nan", expect!["input.channels: .nan is not a finite number"]);
    check("name: bad", "name: bad\nlist: [a", expect!["not YAML: did not find expected ',' or ']' at line 4 column 6, while parsing a flow sequence at line 3 column 7"]);
    check("name: bad\n", "name: bad\n---\n", expect!["not YAML: deserializing from YAML containing more than one document is not supported"]);
    check("name: bad", "name: bad\nname: good", expect![[r#"not YAML: duplicate entry with key "name" at line 2 column 1"#]]);
    check("name: bad", &format!("name: {}{}", "[".repeat(200), "]".repeat(200)), expect!["not YAML: recursion limit exceeded at line 2 column 134"]);
    check("name: bad", &repeated(), expect!["not YAML: repetition limit exceeded"]);
}

/// A list of ten lists of ten lists ..., ten million numbers from a few lines.
fn repeated() -> String {
    let list = |name: char| vec![format!("*{name}"); 10].join(", ");
    let lists = ('b'..='g').zip('a'..).map(|(name, of)| format!("{name}: &{name} [{}]\n", list(of)));
    format!("a: &a [{}]\n{}name: [{}]", ["1"; 10].join(", "), lists.collect::<String>(), list('g'))
}
