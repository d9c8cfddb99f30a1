//! The text of emitted sources.

#![allow(clippy::too_many_lines, reason = "tables of cases")]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use expect_test::{Expect, expect};
use graph::{
    Activation, BatchNorm, BuildError, Conv, DropUnit, Graph, Linear, Op, Padding, Pool, Scope, Value,
};

/// Compares the source after the imports.
fn check(model: impl FnOnce(Scope<'_>) -> Result<(), BuildError>, source: &Expect) {
    let graph = Graph::build(model).unwrap();
    let text = emit::rust(&graph, "a test", "cargo test");
    syn::parse_file(&text).unwrap();
    let (_, code) = text.split_once("};\n\n").unwrap();
    source.assert_eq(code);
}

fn conv_norm(g: Scope<'_>, x: Value, conv: Conv) -> Result<Value, BuildError> {
    let x = g.conv("conv", x, conv)?;
    g.batch_norm("norm", x, BatchNorm { eps: 1e-3, ..BatchNorm::default() })
}

#[test]
fn equal_parts_share_a_function() {
    check(
        |g| {
            let x = g.input("image", [3, 32, 32])?;
            let x = conv_norm(g / "stem", x, Conv { stride: 2.into(), ..Conv::new(16, 3) })?;
            let x = conv_norm(g / "middle", x, Conv::new(32, [3, 5]))?;
            let x = conv_norm(g / "last", x, Conv { padding: Padding::Same, ..Conv::new(32, 3) })?;
            g.output("features", x)
        },
        &expect![[r#"
            /// Batch norm settings that several layers share.
            const NORM: BatchNorm = BatchNorm {
                eps: 0.001,
                momentum: 0.1,
                affine: true,
            };

            /// Maps `[N, 3, 32, 32]` to `features`, `[N, 32, 16, 16]`. Accepts other input sizes.
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
                Graph::build(|g| {
                    let x = g.input("image", input)?;
                    let x = conv_norm(g / "stem", x, 16, 3.into(), 2, Padding::Symmetric)?;
                    let x = conv_norm(g / "middle", x, 32, [3, 5].into(), 1, Padding::Symmetric)?;
                    let x = conv_norm(g / "last", x, 32, 3.into(), 1, Padding::Same)?;
                    g.output("features", x)
                })
            }

            /// `stem`, `middle` and `last`.
            fn conv_norm(
                g: Scope<'_>,
                x: Value,
                channels: usize,
                kernel: Extent,
                stride: usize,
                padding: Padding,
            ) -> Result<Value, BuildError> {
                let x = g
                    .conv(
                        "conv",
                        x,
                        Conv {
                            stride: stride.into(),
                            padding,
                            ..Conv::new(channels, kernel)
                        },
                    )?;
                g.batch_norm("norm", x, NORM)
            }
        "#]],
    );
}

#[test]
fn repeated_blocks_are_loops() {
    let block = |g: Scope<'_>, x: Value, channels: usize, dilation: usize| {
        let y = g.conv("conv", x, Conv { dilation: dilation.into(), ..Conv::new(channels, 3) })?;
        let y = g.activation("act", y, Activation::Relu)?;
        g.add("add", &[y, x])
    };
    check(
        |g| {
            let mut x = g.input("signal", [8, 100])?;
            for (i, dilation) in [1, 2, 4].into_iter().enumerate() {
                x = block(g / "early" / i, x, 8, dilation)?;
            }
            let start = x;
            for i in 0..4 {
                x = block(g / "late" / i, x, 8, 1)?;
            }
            let x = g.concat("both", &[start, x])?;
            g.output("features", x)
        },
        &expect![[r#"
            /// Maps `[N, 8, 100]` to `features`, `[N, 16, 100]`. Accepts other input sizes.
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
                Graph::build(|g| {
                    let x = g.input("signal", input)?;
                    let x = stage(g / "early", x, &[1, 2, 4])?;
                    let y = stage(g / "late", x, &[1, 1, 1, 1])?;
                    let x = g.concat("both", &[x, y])?;
                    g.output("features", x)
                })
            }

            /// `early` and `late`.
            fn stage(g: Scope<'_>, mut x: Value, dilations: &[usize]) -> Result<Value, BuildError> {
                for (i, &dilation) in (0..).zip(dilations) {
                    x = conv_activation_add(g / i, x, dilation)?;
                }
                Ok(x)
            }

            /// `early.0`, `early.1` and 5 more.
            fn conv_activation_add(
                g: Scope<'_>,
                x: Value,
                dilation: usize,
            ) -> Result<Value, BuildError> {
                let y = g
                    .conv(
                        "conv",
                        x,
                        Conv {
                            dilation: dilation.into(),
                            ..Conv::new(8, 3)
                        },
                    )?;
                let y = g.activation("act", y, Activation::Relu)?;
                g.add("add", &[y, x])
            }
        "#]],
    );
}

#[test]
fn stages_of_unequal_depth_share_a_function() {
    let block = |g: Scope<'_>, x: Value, channels: usize| {
        let y = conv_norm(g, x, Conv { groups: 4, ..Conv::new(2 * channels, 3) })?;
        g.conv("out", y, Conv::new(channels, 1))
    };
    check(
        |g| {
            let mut x = g.input("signal", [4, 100])?;
            for (stage, (depth, channels)) in [(2, 8), (3, 16), (1, 32)].into_iter().enumerate() {
                for b in 0..depth {
                    x = block(g / "stages" / stage / b, x, channels)?;
                }
            }
            g.output("features", x)
        },
        &expect![[r#"
            /// Batch norm settings that several layers share.
            const NORM: BatchNorm = BatchNorm {
                eps: 0.001,
                momentum: 0.1,
                affine: true,
            };

            /// Maps `[N, 4, 100]` to `features`, `[N, 32, 100]`. Accepts other input sizes.
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
                Graph::build(|g| {
                    let x = g.input("signal", input)?;
                    let x = stages(g / "stages", x)?;
                    g.output("features", x)
                })
            }

            /// `stages`.
            fn stages(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
                let x = stage(g / "0", x, 16, 2)?;
                let x = stage(g / "1", x, 32, 3)?;
                conv_norm_conv(g / "2.0", x, 64)
            }

            /// `stages.0` and `stages.1`.
            fn stage(
                g: Scope<'_>,
                mut x: Value,
                channels: usize,
                depth: usize,
            ) -> Result<Value, BuildError> {
                for i in 0..depth {
                    x = conv_norm_conv(g / i, x, channels)?;
                }
                Ok(x)
            }

            /// `stages.0.0`, `stages.0.1` and 4 more.
            fn conv_norm_conv(g: Scope<'_>, x: Value, channels: usize) -> Result<Value, BuildError> {
                let x = g
                    .conv(
                        "conv",
                        x,
                        Conv {
                            groups: 4,
                            ..Conv::new(channels, 3)
                        },
                    )?;
                let x = g.batch_norm("norm", x, NORM)?;
                g.conv("out", x, Conv::new(g.channels(x) / 2, 1))
            }
        "#]],
    );
}

#[test]
fn several_values_pass_between_functions() {
    let split = |g: Scope<'_>, x: Value| {
        let low = g.average_pool(
            "low",
            x,
            Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid },
            true,
        )?;
        let high = g.conv("high", x, Conv { stride: 2.into(), bias: true, ..Conv::new(4, 2) })?;
        g.activation("unread", x, Activation::LeakyRelu { slope: 0.2 })?;
        Ok::<_, BuildError>([low, high])
    };
    check(
        |g| {
            let x = g.input("signal", [4, 64])?;
            let [low, high] = split(g / "first", x)?;
            let [lower, middle] = split(g / "second", low)?;
            let low = g.multiply("gated", lower, middle)?;
            let low = g.dropout("drop", low, 0.1, DropUnit::Channel)?;
            g.output("low", low)?;
            g.output("high", high)
        },
        &expect![[r#"
            /// Maps `[N, 4, 64]` to `low`, `[N, 4, 16]` and `high`, `[N, 4, 32]`. Accepts other input sizes.
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph(input: impl Into<Shape>) -> Result<Graph, BuildError> {
                Graph::build(|g| {
                    let x = g.input("signal", input)?;
                    let [x, y] = average_pool_conv_activation(g / "first", x)?;
                    let [x, z] = average_pool_conv_activation(g / "second", x)?;
                    let x = g.multiply("gated", x, z)?;
                    let x = g.dropout("drop", x, 0.1, DropUnit::Channel)?;
                    g.output("low", x)?;
                    g.output("high", y)
                })
            }

            /// `first` and `second`.
            fn average_pool_conv_activation(
                g: Scope<'_>,
                x: Value,
            ) -> Result<[Value; 2], BuildError> {
                let y = g
                    .average_pool(
                        "low",
                        x,
                        Pool {
                            kernel: 2.into(),
                            stride: 2.into(),
                            padding: Padding::Valid,
                        },
                        true,
                    )?;
                let z = g
                    .conv(
                        "high",
                        x,
                        Conv {
                            stride: 2.into(),
                            bias: true,
                            ..Conv::new(4, 2)
                        },
                    )?;
                g.activation(
                    "unread",
                    x,
                    Activation::LeakyRelu {
                        slope: 0.2,
                    },
                )?;
                Ok([y, z])
            }
        "#]],
    );
}

/// Nodes of one scope that are not consecutive keep their order, and names become Rust identifiers.
#[test]
fn unusual_names() {
    check(
        |g| {
            let x = g.input("in.signal", [2, 10])?;
            let a = g.conv("mod.Conv_0", x, Conv::new(2, 1))?;
            let b = g.conv("x.1", a, Conv::new(2, 1))?;
            let a = g.activation("mod.act", a, Activation::Elu { alpha: 0.5 })?;
            let a = g.activation("mod.act-2", a, Activation::Tanh)?;
            let b = g.activation("x.2", b, Activation::Relu)?;
            let b = g.activation("x.3", b, Activation::Relu)?;
            let y = g.add("add", &[a, b])?;
            let y = g.flatten("flat", y)?;
            let y = g.op("no_bias", Op::Linear(Linear { out: 3, bias: false }), &[y])?;
            g.output("y", y)
        },
        &expect![[r#"
            /// Maps `[N, 2, 10]` to `y`, `[N, 3]`.
            ///
            /// # Errors
            /// Names the node at fault.
            pub fn graph() -> Result<Graph, BuildError> {
                Graph::build(|g| {
                    let x = g.input("in.signal", [2, 10])?;
                    let x = g.conv("mod.Conv_0", x, Conv::new(2, 1))?;
                    let y = g.conv("x.1", x, Conv::new(2, 1))?;
                    let x = mod_2(g / "mod", x)?;
                    let y = x_part(g / "x", y)?;
                    let x = g.add("add", &[x, y])?;
                    let x = g.flatten("flat", x)?;
                    let x = g.op("no_bias", Op::Linear(Linear { out: 3, bias: false }), &[x])?;
                    g.output("y", x)
                })
            }

            /// `mod`.
            fn mod_2(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
                let x = g.activation("act", x, Activation::Elu { alpha: 0.5 })?;
                g.activation("act-2", x, Activation::Tanh)
            }

            /// `x`.
            fn x_part(g: Scope<'_>, x: Value) -> Result<Value, BuildError> {
                let x = g.activation("2", x, Activation::Relu)?;
                g.activation("3", x, Activation::Relu)
            }
        "#]],
    );
}

/// The name in a config is untrusted text. It must stay within the first line, which is a comment.
#[test]
fn text_stays_within_its_comment() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [1, 4])?;
        let x = g.conv("conv", x, graph::Conv::new(1, 3))?;
        g.output("y", x)
    })
    .unwrap();
    let plain = emit::rust(&graph, "x", "make");
    let items = |source: &str| source.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    for text in [
        "x\n\npub fn evil() {}\n//",
        "x\r\npub fn evil() {}",
        "x\rpub fn evil() {}",
        "x\u{2028}y\u{202e}z",
        "*/ x",
        "\u{1b}[2J",
    ] {
        for source in [emit::rust(&graph, text, "make"), emit::rust(&graph, "x", text)] {
            assert_eq!(items(&source), items(&plain), "{text:?}");
            assert!(
                !source
                    .contains(|c: char| (c.is_control() && c != '\n') || c == '\u{2028}' || c == '\u{202e}')
            );
            assert!(!source.contains("evil") || source.lines().next().unwrap().contains("evil"), "{source}");
        }
    }
}
