//! Connections between the levels of a U-Net.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{BuildError, Graph, Pool, Scope, Value};
use layers::{LevelPool, LevelUpsample, Norm, Pooling, Skip, Upsample, join_skip, pool, upsample};

fn check(build: impl Fn(Scope<'_>, Value) -> Result<Value, BuildError>, expected: &Expect) {
    let graph = Graph::build(|g| {
        let x = g.input("x", [4, 7])?;
        g.output("y", build(g, x)?)
    });
    let text = graph.map_or_else(|error| format!("{error}\n"), |graph| graph.text());
    expected.assert_eq(&text);
}

fn by_two(pooling: Pooling) -> LevelPool {
    let window = Pool { kernel: 3.into(), stride: 2.into(), padding: graph::Padding::Same };
    LevelPool { pooling, window, norm: Norm::Batch.into() }
}

#[test]
fn down_and_up_restore_the_size() {
    check(
        |g, x| {
            let y = pool(g / "down", "pool", x, by_two(Pooling::Max))?;
            let y = upsample(
                g / "up",
                y,
                x,
                LevelUpsample { upsample: Upsample::Nearest, stride: 2.into(), channels: 4 },
            )?;
            join_skip(g / "up", y, x, Skip::Concat)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 7]
            %1 = max_pool "down.pool" (%0) kernel=3 stride=2 padding=same : [N, 4, 4]
            %2 = upsample "up.up" (%1) factor=2 nearest : [N, 4, 8]
            %3 = crop_or_pad "up.crop_or_pad" (%2, %0) : [N, 4, 7]
            %4 = concat "up.concat" (%0, %3) : [N, 8, 7]
            output "y" = %4
        "#]],
    );
}

#[test]
fn strided_pooling_transposed_upsampling_and_an_added_skip_with_other_channels() {
    check(
        |g, x| {
            let y = pool(g / "down", "pool", x, by_two(Pooling::Stride))?;
            let y = upsample(
                g / "up",
                y,
                x,
                LevelUpsample { upsample: Upsample::Transposed, stride: 2.into(), channels: 6 },
            )?;
            join_skip(g / "up", y, x, Skip::Add)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 7]
            %1 = conv "down.pool.conv" (%0) out=4 kernel=3 stride=2 padding=same : [N, 4, 4]
            %2 = batch_norm "down.pool.norm" (%1) : [N, 4, 4]
            %3 = conv_transpose "up.up" (%2) out=6 kernel=2 stride=2 crop=same bias : [N, 6, 8]
            %4 = crop_or_pad "up.crop_or_pad" (%3, %0) : [N, 6, 7]
            %5 = conv "up.reduce" (%4) out=4 kernel=1 padding=symmetric bias : [N, 4, 7]
            %6 = add "up.add" (%0, %5) : [N, 4, 7]
            output "y" = %6
        "#]],
    );
}

#[test]
fn interpolation_and_no_skip() {
    for (upsample, name) in
        [(Upsample::Linear, "\"linear\""), (Upsample::LinearAligned, "\"linear_aligned\"")]
    {
        assert_eq!(serde_json::to_string(&upsample).unwrap(), name);
    }
    check(
        |g, x| {
            let y = upsample(
                g / "up",
                x,
                x,
                LevelUpsample { upsample: Upsample::LinearAligned, stride: 1.into(), channels: 0 },
            )?;
            join_skip(g / "up", y, x, Skip::None)
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 4, 7]
            %1 = crop_or_pad "up.crop_or_pad" (%0, %0) : [N, 4, 7]
            output "y" = %1
        "#]],
    );
}
