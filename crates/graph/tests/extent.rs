//! Extents, paddings and activations as configurations write them.

use std::fmt::Debug;

use expect_test::{Expect, expect};
use graph::{Activation, Conv, ConvTranspose, Extent, Graph, Op, Padding, TimeStep, Window};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn reads<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str, value: &T) {
    let found: T = serde_json::from_str(text).expect(text);
    assert_eq!(&found, value, "{text}");
    let written = serde_json::to_string(value).expect("plain values can be written");
    assert_eq!(&serde_json::from_str::<T>(&written).expect(&written), value, "{written}");
}

fn refusals<T: DeserializeOwned + Debug>(texts: &[&str], messages: &Expect) {
    let message = |text: &&str| {
        let error = serde_json::from_str::<T>(text).expect_err(text);
        let error = error.to_string();
        format!("{text}: {}\n", error.split(" at line").next().unwrap_or_default())
    };
    messages.assert_eq(&texts.iter().map(message).collect::<String>());
}

#[test]
fn an_extent_is_a_number_or_a_list() {
    reads("3", &Extent::All(3));
    reads("[3]", &Extent::All(3));
    reads("[3, 5]", &Extent::Each(3, 5));
    reads("0", &Extent::All(0));
    assert_eq!(serde_json::to_string(&Extent::Each(1, 2)).unwrap(), "[1,2]");
    assert_eq!(serde_json::to_string(&Extent::All(2)).unwrap(), "2");
    assert_eq!((Extent::All(3).to_string(), Extent::Each(3, 5).to_string()), ("3".into(), "[3, 5]".into()));
    refusals::<Extent>(
        &[
            "-1",
            "1.5",
            "\"3\"",
            "[]",
            "[1, 2, 3]",
            "[1, -2]",
            "[1, \"a\"]",
            "[[1]]",
            "null",
            "true",
            "{}",
            "99999999999999999999",
        ],
        &expect![[r#"
            -1: -1 is negative
            1.5: invalid type: floating point `1.5`, expected a whole number, or a list of one or two of them
            "3": invalid type: string "3", expected a whole number, or a list of one or two of them
            []: invalid length 0, expected a whole number, or a list of one or two of them
            [1, 2, 3]: invalid length 3, expected a whole number, or a list of one or two of them
            [1, -2]: invalid value: integer `-2`, expected usize
            [1, "a"]: invalid type: string "a", expected usize
            [[1]]: invalid type: sequence, expected usize
            null: invalid type: null, expected a whole number, or a list of one or two of them
            true: invalid type: boolean `true`, expected a whole number, or a list of one or two of them
            {}: invalid type: map, expected a whole number, or a list of one or two of them
            99999999999999999999: invalid type: floating point `1e+20`, expected a whole number, or a list of one or two of them
        "#]],
    );
}

#[test]
fn an_extent_fits_a_rank() {
    let (three, tall, wide) = (Extent::All(3), Extent::Each(3, 1), Extent::Each(1, 3));
    let cases = [
        (three, 1, Some(three)),
        (three, 2, Some(three)),
        (wide, 1, Some(three)),
        (wide, 2, Some(wide)),
        (tall, 1, None),
        (tall, 2, Some(tall)),
        (Extent::Each(3, 3), 1, Some(three)),
        (Extent::Each(3, 3), 2, Some(three)),
    ];
    for (extent, rank, fitted) in cases {
        assert_eq!(extent.for_rank(rank), fitted, "{extent} for {rank} axes");
    }
}

/// A series run as an image of height 1 in another package: `[1, k]` and padding `[0, p]`.
#[test]
fn a_series_reads_what_an_image_of_height_1_had() {
    let padding = |padding| {
        let graph = Graph::build(|g| {
            let x = g.input("x", [1, 20])?;
            let conv = Conv { stride: [1, 2].into(), padding, ..Conv::new(1, [1, 5]) };
            let x = g.conv("conv", x, conv)?;
            g.output("y", x)
        });
        let graph = graph.unwrap();
        graph.verify().unwrap();
        let Op::Conv(conv) = graph.node(graph.find("conv").unwrap()).op else { panic!("{graph}") };
        assert_eq!((conv.kernel, conv.stride), (5.into(), 2.into()));
        conv.padding
    };
    assert_eq!(padding(Padding::both([0, 3])), Padding::both(3));
    let sides = Padding::Explicit { before: [0, 4].into(), after: 1.into() };
    assert_eq!(padding(sides), Padding::Explicit { before: 4.into(), after: 1.into() });
}

#[test]
fn a_padding_is_a_name_or_numbers() {
    reads("\"same\"", &Padding::Same);
    reads("\"symmetric\"", &Padding::Symmetric);
    reads("\"causal\"", &Padding::Causal);
    reads("\"valid\"", &Padding::Valid);
    reads("3", &Padding::both(3));
    reads("[3]", &Padding::both(3));
    reads("[0, 3]", &Padding::both([0, 3]));
    reads(r#"{"before": 2, "after": [1, 0]}"#, &Padding::Explicit { before: 2.into(), after: [1, 0].into() });
    let sides = Padding::Explicit { before: 2.into(), after: 1.into() };
    assert_eq!(serde_json::to_string(&sides).unwrap(), r#"{"before":2,"after":1}"#);
    assert_eq!(serde_json::to_string(&Padding::both([0, 3])).unwrap(), "[0,3]");
    let texts = [sides, Padding::both(3), Padding::both([0, 3]), Padding::Causal].map(|p| p.to_string());
    assert_eq!(texts, ["2+1", "3", "[0, 3]", "causal"]);
    refusals::<Padding>(
        &[
            "\"full\"",
            "-1",
            "1.5",
            "[]",
            "[1, 2, 3]",
            "[1, -2]",
            "{}",
            r#"{"before": 1}"#,
            r#"{"before": 1, "behind": 2}"#,
            "null",
        ],
        &expect![[r#"
            "full": invalid value: string "full", expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`
            -1: -1 is negative
            1.5: invalid type: floating point `1.5`, expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`
            []: invalid length 0, expected a whole number, or a list of one or two of them
            [1, 2, 3]: invalid length 3, expected a whole number, or a list of one or two of them
            [1, -2]: invalid value: integer `-2`, expected usize
            {}: missing field `before`
            {"before": 1}: missing field `after`
            {"before": 1, "behind": 2}: unknown field `behind`, expected `before` or `after`
            null: invalid type: null, expected `same`, `symmetric`, `causal`, `valid`, a number, a list of one or two numbers, or `{ before, after }`
        "#]],
    );
}

#[test]
fn an_activation_is_a_name_with_its_parameter() {
    for activation in Activation::ALL {
        reads(&format!("\"{activation}\""), &activation);
        reads(&format!("\"{}\"", activation.name()), &activation);
    }
    reads("\"leaky_relu(0.2)\"", &Activation::LeakyRelu { slope: 0.2 });
    reads("\"elu( 0.5 )\"", &Activation::Elu { alpha: 0.5 });
    reads("\"swish\"", &Activation::Silu);
    reads("\"hardswish\"", &Activation::HardSwish);
    reads("\"hardsigmoid\"", &Activation::HardSigmoid);
    let slope = 0.1 + 0.2;
    reads(&format!("\"leaky_relu({slope})\""), &Activation::LeakyRelu { slope });
    refusals::<Activation>(
        &[
            "\"rleu\"",
            "\"relu(1)\"",
            "\"elu()\"",
            "\"elu(x)\"",
            "\"elu(inf)\"",
            "\"elu(1\"",
            "\"\"",
            "3",
            "null",
        ],
        &expect![[r#"
            "rleu": expected an activation, found `rleu`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish
            "relu(1)": expected `relu`, which has no parameter, found `relu(1)`
            "elu()": expected a finite number, such as `elu(1)`, found `elu()`
            "elu(x)": expected a finite number, such as `elu(1)`, found `elu(x)`
            "elu(inf)": expected a finite number, such as `elu(1)`, found `elu(inf)`
            "elu(1": expected an activation, found `elu(1`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish
            "": expected an activation, found ``; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish
            3: invalid type: integer `3`, expected a string
            null: invalid type: null, expected a string
        "#]],
    );
}

/// Sizes beyond the limits of a graph: derived values may be computed before the graph refuses them.
#[test]
fn windows_with_huge_sizes_saturate() {
    let numbers = [0, 1, 2, 3, usize::MAX / 2, usize::MAX];
    for kernel in numbers {
        for stride in numbers {
            for other in numbers {
                let paddings = [Padding::Same, Padding::Symmetric, Padding::Causal, Padding::both(other)];
                for padding in paddings {
                    let (kernel, stride, dilation) = (kernel.into(), stride.into(), other.into());
                    let window = Window { kernel, stride, dilation, padding };
                    let _ = (window.pads(0, other), window.fixed_pads(0), window.steps(0, other));
                }
                let _ = ConvTranspose::new(1, kernel, stride).cuts(0);
            }
        }
    }
    assert_eq!(TimeStep::Last.index(0), 0);
}
