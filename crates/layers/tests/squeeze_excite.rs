//! Squeeze-and-excite: widths in reference models, structure and errors.

use expect_test::{Expect, expect};
use graph::{Activation, BuildError, ErrorKind, Graph, Shape};
use layers::{Rounding, SqueezeExcite, SqueezeWidth, squeeze_excite};

fn build(shape: impl Into<Shape>, input: usize, options: SqueezeExcite) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("x", shape)?;
        let y = squeeze_excite(g / "block", x, input, options)?;
        g.output("y", y)
    })
}

/// The widths are those in the state dicts and configs of the reference models.
#[test]
fn widths_of_reference_models() {
    let sleepkit =
        |divisor| SqueezeExcite { width: SqueezeWidth::expanded(divisor), ..SqueezeExcite::RESNET };
    #[rustfmt::skip]
    let cases = [
        // options,                  input, expanded, width
        (SqueezeExcite::RESNET,         64,  256,  16), // seresnet50 layer1.0
        (SqueezeExcite::RESNET,        256,  512,  32), // seresnet50 layer2.0
        (SqueezeExcite::RESNET,       1024, 2048, 128), // seresnet50 layer4.0
        (SqueezeExcite::RESNET,         64,   64,   8), // seresnet18 layer1.0: a sixteenth would be 4
        (SqueezeExcite::MOBILEONE,     896,  896,  56), // mobileone_s4 stages.2.11
        (SqueezeExcite::MOBILEONE,     896, 2048, 128), // mobileone_s4 stages.3.1
        (SqueezeExcite::EFFICIENTNET,   64,  256,  16), // efficientnetv2_s blocks.3.0
        (SqueezeExcite::EFFICIENTNET,  128,  512,  32), // efficientnetv2_s blocks.3.1
        (SqueezeExcite::EFFICIENTNET,   48,  192,  12), // efficientnetv2_rw_t blocks.3.0
        (SqueezeExcite::EFFICIENTNET,  104,  624,  26), // efficientnetv2_rw_t blocks.4.0
        (sleepkit(2.5),                 11,   16,   6), // SleepKit TCN, fractional ratios
        (sleepkit(3.5),                 16,   20,   5),
        (sleepkit(2.0 * 4.0),           24,   96,  12), // helia-edge MBConv: se_ratio * ex_ratio
    ];
    for (options, input, expanded, width) in cases {
        assert_eq!(options.width.channels(input, expanded), Some(width));
        for shape in [Shape::from([expanded, 50]), Shape::from([expanded, 7, 5])] {
            let kernel = vec![1; shape.rank()];
            let graph = build(shape, input, options).unwrap();
            let [block, reduce, expand] = options.names;
            let name = |conv, parameter| format!("block.{block}.{conv}.{parameter}");
            let expected = [
                (name(reduce, "weight"), [vec![width, expanded], kernel.clone()].concat()),
                (name(reduce, "bias"), vec![width]),
                (name(expand, "weight"), [vec![expanded, width], kernel].concat()),
                (name(expand, "bias"), vec![expanded]),
            ];
            let found: Vec<_> = graph.parameters().map(|p| (p.name, p.shape)).collect();
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn structure() {
    let check = |shape: Shape, options: SqueezeExcite, text: &Expect| {
        text.assert_eq(&build(shape, 16, options).unwrap().text());
    };
    check(
        [64, 14, 14].into(),
        SqueezeExcite::EFFICIENTNET,
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 64, 14, 14]
            %1 = global_mean "block.se.mean" (%0) : [N, 64, 1, 1]
            %2 = conv "block.se.conv_reduce" (%1) out=4 kernel=1 padding=symmetric bias : [N, 4, 1, 1]
            %3 = activation "block.se.act" (%2) silu : [N, 4, 1, 1]
            %4 = conv "block.se.conv_expand" (%3) out=64 kernel=1 padding=symmetric bias : [N, 64, 1, 1]
            %5 = activation "block.se.gate" (%4) sigmoid : [N, 64, 1, 1]
            %6 = multiply "block.se.scale" (%0, %5) : [N, 64, 14, 14]
            output "y" = %6
        "#]],
    );
    check(
        [64, 100].into(),
        SqueezeExcite {
            names: ["attn", "sq", "ex"],
            width: SqueezeWidth::Exact(3),
            activation: Activation::Relu6,
            gate: Activation::HardSigmoid,
            skip_below: 3,
        },
        &expect![[r#"
            graph 1
            %0 = input "x" : [N, 64, 100]
            %1 = global_mean "block.attn.mean" (%0) : [N, 64, 1]
            %2 = conv "block.attn.sq" (%1) out=3 kernel=1 padding=symmetric bias : [N, 3, 1]
            %3 = activation "block.attn.act" (%2) relu6 : [N, 3, 1]
            %4 = conv "block.attn.ex" (%3) out=64 kernel=1 padding=symmetric bias : [N, 64, 1]
            %5 = activation "block.attn.gate" (%4) hard_sigmoid : [N, 64, 1]
            %6 = multiply "block.attn.scale" (%0, %5) : [N, 64, 100]
            output "y" = %6
        "#]],
    );
}

/// SleepKit's `mb` block omits squeeze-excite of width 0, and its `sm` block also that of width 1.
#[test]
fn squeeze_excite_is_omitted_below_a_width() {
    let built = |channels: usize, skip_below: usize| {
        let options =
            SqueezeExcite { width: SqueezeWidth::expanded(4.0), skip_below, ..SqueezeExcite::EFFICIENTNET };
        build([channels, 20], channels, options).map(|graph| graph.nodes().len() > 1)
    };
    assert_eq!((built(3, 1), built(7, 1)), (Ok(false), Ok(true)));
    assert_eq!((built(7, 2), built(8, 2)), (Ok(false), Ok(true)));
    assert!(built(3, 0).is_err());
}

#[test]
fn errors_name_the_node() {
    let with_width = |width| SqueezeExcite { width, skip_below: 0, ..SqueezeExcite::RESNET };
    let huge = SqueezeWidth::Input { divisor: 1e-30, rounding: Rounding::Nearest };
    let cases = [
        (
            with_width(SqueezeWidth::input(32.0)),
            "block.se.fc1: expected a squeeze width of at least 1, found 0: input channels / 32, with 16 input and 64 expanded channels",
        ),
        (
            with_width(SqueezeWidth::Exact(0)),
            "block.se.fc1: expected a squeeze width of at least 1, found 0: 0, with 16 input and 64 expanded channels",
        ),
        (
            with_width(SqueezeWidth::expanded(0.0)),
            "block.se.fc1: expected a squeeze width with a finite, positive divisor, found expanded channels / 0",
        ),
        (
            SqueezeExcite { skip_below: 1, ..with_width(SqueezeWidth::expanded(f64::NAN)) },
            "block.se.fc1: expected a squeeze width with a finite, positive divisor, found expanded channels / NaN",
        ),
    ];
    for (options, message) in cases {
        assert_eq!(build([64, 20], 16, options).unwrap_err().to_string(), message);
    }
    // Errors of the graph itself.
    let cases = [(with_width(huge), "block.se.fc1", ErrorKind::Attribute)];
    for (options, node, kind) in cases {
        let error = build([64, 20], 16, options).unwrap_err();
        assert_eq!((error.node(), error.kind()), (node, kind), "{error}");
    }
    let vector = Graph::build(|g| {
        let x = g.input("x", [64, 20])?;
        let x = g.flatten("flat", x)?;
        squeeze_excite(g, x, 64, SqueezeExcite::RESNET).map(drop)
    });
    let error = vector.unwrap_err();
    assert_eq!((error.node(), error.kind()), ("se.mean", ErrorKind::Rank), "{error}");
}
