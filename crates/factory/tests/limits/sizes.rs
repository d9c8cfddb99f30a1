//! Networks that are larger than any in use are refused before they take memory.

use expect_test::{Expect, expect};
use factory::{Factory, Overrides};

use crate::memory::peak;
use crate::{MOST, check};

/// Four activities from a watch, with a million channels in the first block.
const MILLION_CHANNELS: &str = "
name: activity-tcn
input: { channels: 6, length: 100 }
classes: 4
architecture: tcn
params:
  padding: same
  output: mean
  head_kernel: 1
  blocks:
    - { channels: 1048576, depth: 2, kernel: 7, dilation: 1, se_divisor: 4, dropout: 0.1 }
    - { channels: 24, depth: 2, kernel: 7, dilation: 2, se_divisor: 4, dropout: 0.1 }
";

#[test]
fn parameters_beyond_memory_are_refused() {
    check(
        MILLION_CHANNELS,
        &expect![
            "params: network.0.1.se.fc1: expected at most 1073741824 parameters in a graph, found 274878169088 in this node and 22020181 before it"
        ],
    );
    let encoder = "
        name: a
        input: { channels: 3, height: 64, width: 64 }
        architecture: unet
        params: { blocks: [{ channels: 8, skip: none }, { channels: 8 }, { channels: 8 }] }
        encoder:
          architecture: resnet
          params: { stages: [{ channels: 1048576, depth: 2, stride: 2 }], stem_pool: none }
    ";
    check(
        encoder,
        &expect![
            "encoder.params: encoder.layer1.0.conv2: expected at most 1073741824 parameters in a graph, found 9895604649984 in this node and 608183744 before it"
        ],
    );
}

#[test]
fn parameters_beyond_memory_are_refused_for_channels_of_the_command_line() {
    let config = factory::models::get("activity-tcn").unwrap();
    let refused = |channels| {
        let overrides = Overrides { channels: Some(channels), ..Overrides::default() };
        let (error, peak) = peak(|| Factory::builtin().build_with(config, overrides).unwrap_err());
        assert!(peak < MOST, "{peak} bytes for {channels} channels");
        error.to_string()
    };
    expect!["params: network.0.0.se.fc1: expected at most 1073741824 parameters in a graph, found 70368748371968 in this node and 184549376 before it"].assert_eq(&refused(1 << 24));
    expect!["input.channels: expected 1 to 16777216, found 18446744073709551615"]
        .assert_eq(&refused(usize::MAX));
}

/// A config of one family with `count` copies of a block.
#[track_caller]
fn check_blocks(family: &str, key: &str, block: &str, count: usize, expected: &Expect) {
    let blocks = format!("{{ {block} }}, ").repeat(count);
    let input = "{ channels: 3, height: 64, width: 64 }";
    let text =
        format!("{{ name: a, input: {input}, architecture: {family}, params: {{ {key}: [{blocks}] }} }}");
    check(&text, expected);
}

#[test]
#[rustfmt::skip]
fn any_number_of_blocks_is_refused_before_they_are_built() {
    let block = "channels: 8, depth: 16";
    check_blocks("resnet", "stages", block, 5000, &expect!["params.stages[62].depth: expected at most 1000 in total, found 1008"]);
    check_blocks("resnet", "stages", "channels: 8, depth: 1", 30_000, &expect!["params.stages[1000].depth: expected at most 1000 in total, found 1001"]);
    check_blocks("resnet", "stem", "channels: 8, kernel: 3, stride: 1", 5000, &expect!["params.stem: expected at most 16 convolutions, found 5000"]);
    check_blocks("efficientnetv2", "stages", block, 5000, &expect!["params.stages[62].depth: expected at most 1000 in total, found 1008"]);
    check_blocks("mobileone", "stages", block, 5000, &expect!["params.stages[62].depth: expected at most 1000 in total, found 1008"]);
    check_blocks("mobileone", "stages", "channels: 8, depth: 20, branches: 64", 1, &expect!["params.stages[0].branches: expected at most 1000 in total, found 1280"]);
    check_blocks("tcn", "blocks", "channels: 8, depth: 16, kernel: 3, dilation: 1", 5000, &expect!["params.blocks[62].depth: expected at most 1000 in total, found 1008"]);
    check_blocks("unet", "blocks", block, 5000, &expect!["params.blocks: expected 1 to 16 blocks, found 5000"]);
    check_blocks("unet", "blocks", "channels: 8, decoder_depth: 999", 8, &expect!["params.blocks[1].decoder_depth: expected at most 1000 in total, found 1998"]);
    check_blocks("unext", "blocks", "channels: 8, decoder_depth: 999", 8, &expect!["params.blocks[1].decoder_depth: expected at most 1000 in total, found 1998"]);
    check_blocks("resnet", "stages", "channels: 8, depth: 1099511627776", 1, &expect!["params.stages[0].depth: expected at most 1000 in total, found 1099511627776"]);
}
