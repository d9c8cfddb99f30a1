//! Limits of known readers that a file exceeds.

use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Graph, GroupNorm, Op, Padding, Pool, Scope,
    Shape, UpsampleMode, Value, Weights,
};
use model::Model;
use onnx::{Options, Sizes};

type Build<'b> = &'b dyn Fn(Scope<'_>, Value) -> Result<Value, BuildError>;

/// The limits of one block as `reader: reason`, in order.
fn limits(input: impl Into<Shape>, options: &Options, build: Build<'_>) -> Vec<String> {
    let graph = Graph::build(|g| {
        let x = g.input("x", input)?;
        g.output("y", build(g, x)?)
    });
    let graph = graph.expect("a valid graph");
    let weights = Weights::initial(&graph, 0);
    let exported = onnx::export(&Model::new(graph, weights), options).expect("an export");
    exported.limits().iter().map(|limit| format!("{}: {}", limit.reader, limit.reason)).collect()
}

fn fixed() -> Options {
    Options::default()
}

fn dynamic() -> Options {
    Options { sizes: Sizes::Dynamic, ..Options::default() }
}

/// A convolution, a max pool and an activation.
fn pooled(activation: Activation) -> impl Fn(Scope<'_>, Value) -> Result<Value, BuildError> {
    move |g, x| {
        let x = g.conv("conv", x, Conv::new(4, 3))?;
        let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
        g.activation("act", g.op("pool", Op::MaxPool(pool), &[x])?, activation)
    }
}

#[test]
fn openvino_swaps_a_max_pool_and_an_activation_that_falls() {
    let wrong = "OpenVINO 2026.4: computes a wrong result for GELU, SiLU or Mish after a max pool after a convolution";
    for activation in Activation::ALL {
        let falls = matches!(
            activation,
            Activation::Gelu | Activation::GeluTanh | Activation::Silu | Activation::Mish
        );
        let found = limits([2, 8, 8], &fixed(), &pooled(activation));
        assert_eq!(found.iter().any(|limit| limit == wrong), falls, "{}: {found:?}", activation.name());
    }
}

#[test]
fn openvino_loses_the_padding_of_a_strided_convolution_with_kernel_1() {
    let wrong = "OpenVINO 2026.4: computes a wrong size for a strided convolution with kernel 1 and padding";
    let padding = Padding::Explicit { before: 0.into(), after: 1.into() };
    let strided = Conv { stride: 3.into(), padding, ..Conv::new(2, 1) };
    let is_wrong = |options: &Options, activation, conv: Conv| {
        let build: Build<'_> = &|g, x| g.conv("conv", g.activation("act", x, activation)?, conv);
        limits([2, 13], options, build).iter().any(|limit| limit == wrong)
    };
    for activation in Activation::ALL {
        // It moves strides to operations of its own from a list.
        let stays =
            matches!(activation, Activation::LeakyRelu { .. } | Activation::HardSigmoid | Activation::Silu);
        assert_eq!(is_wrong(&fixed(), activation, strided), !stays, "{}", activation.name());
    }
    assert!(is_wrong(&Options { as_image: true, ..fixed() }, Activation::Relu, strided));
    assert!(!is_wrong(&dynamic(), Activation::Relu, strided));
    assert!(!is_wrong(&fixed(), Activation::Relu, Conv { groups: 2, ..strided }));
    assert!(!is_wrong(&fixed(), Activation::Relu, Conv { padding: Padding::Valid, ..strided }));
    assert!(limits([2, 13], &fixed(), &|g, x| g.conv("conv", x, strided)).is_empty());
}

#[test]
fn openvino_fuses_a_sum_with_a_depthwise_convolution_of_one_position() {
    let is_wrong = |options: &Options, groups, length| {
        let build: Build<'_> = &|g, x| {
            let conv = Conv { groups, padding: Padding::Valid, ..Conv::new(4, 3) };
            // It keeps the size, which must be known behind it, too.
            let x = g.conv_transpose("before", x, ConvTranspose::new(4, 2, 1))?;
            let sum = g.add("sum", &[g.conv("a", x, conv)?, g.conv("b", x, conv)?])?;
            g.batch_norm("norm", sum, BatchNorm::default())
        };
        let options = Options { merged: false, ..options.clone() };
        let found = limits([4, length], &options, build);
        found.iter().any(|limit| limit.starts_with("OpenVINO"))
    };
    assert!(is_wrong(&fixed(), 4, 3));
    assert!(is_wrong(&dynamic(), 4, 5));
    assert!(!is_wrong(&fixed(), 4, 4));
    assert!(!is_wrong(&fixed(), 2, 3));
    assert!(!is_wrong(&fixed(), 1, 3));
    assert!(!is_wrong(&Options { sizes: Sizes::Static { batch: 1 }, ..fixed() }, 4, 3));
}

#[test]
fn tract_does_not_take_some_operations_on_dynamic_sizes() {
    let reverse: Build<'_> = &|g, x| g.op("reverse", Op::Reverse, &[x]);
    assert!(limits([2, 12], &fixed(), reverse).is_empty());
    assert_eq!(
        limits([2, 12], &dynamic(), reverse),
        ["tract 0.23: does not reverse an axis of dynamic size"]
    );

    let same = Conv { stride: 2.into(), dilation: 2.into(), padding: Padding::Same, ..Conv::new(2, 3) };
    let padded: Build<'_> = &|g, x| g.conv("conv", x, same);
    assert!(limits([2, 12], &fixed(), padded).is_empty());
    let found = limits([2, 12], &dynamic(), padded);
    assert!(found[0].starts_with("tract 0.23: does not take padding that is computed"), "{found:?}");

    let flat: Build<'_> = &|g, x| g.flatten("flatten", x);
    for input in [Shape::new(2, [12]), Shape::new(2, [8, 8])] {
        assert!(limits(input.clone(), &fixed(), flat).is_empty());
        assert_eq!(limits(input, &dynamic(), flat), ["tract 0.23: does not flatten an axis of dynamic size"]);
    }
    let mean: Build<'_> = &|g, x| g.flatten("flatten", g.global_mean("mean", x)?);
    assert_eq!(limits([2, 8, 8], &dynamic(), mean), ["candle-onnx 0.11: has no GlobalAveragePool"]);
}

/// Whether tract does not take a group norm between convolutions, for this reason.
fn tract_refuses_norm(reason: &str, options: &Options, before: Conv, after: Conv) -> bool {
    let norm = GroupNorm { groups: 2, eps: 1e-5, affine: true };
    let found = limits([4, 12, 12], options, &|g, x| {
        let x = g.group_norm("norm", g.conv("before", x, before)?, norm)?;
        g.conv("after", g.activation("act", x, Activation::Silu)?, after)
    });
    found.iter().any(|limit| limit.starts_with("tract") && limit.ends_with(reason))
}

#[test]
fn tract_does_not_take_some_group_norms() {
    let same = Conv::new(4, 3);
    let (valid, strided) =
        (Conv { padding: Padding::Valid, ..same }, Conv { stride: 2.into(), ..Conv::new(4, 1) });
    let moved = "does not take a strided convolution with kernel 1 after a group norm";
    assert!(tract_refuses_norm(moved, &fixed(), same, strided));
    assert!(!tract_refuses_norm(moved, &fixed(), same, Conv { stride: 2.into(), ..same }));
    assert!(!tract_refuses_norm(moved, &fixed(), same, Conv::new(4, 1)));

    let added = "does not take a group norm after a change of a dynamic height or width by a constant";
    assert!(tract_refuses_norm(added, &dynamic(), valid, same));
    assert!(!tract_refuses_norm(added, &fixed(), valid, same));
    assert!(!tract_refuses_norm(added, &dynamic(), same, same));
    assert!(!tract_refuses_norm(added, &dynamic(), Conv { stride: 2.into(), ..same }, same));
}

#[test]
fn a_series_as_an_image_has_fewer_limits() {
    let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
    let build: Build<'_> = &|g, x| g.op("pool", Op::MaxPool(pool), &[x]);
    assert_eq!(
        limits([2, 12], &fixed(), build),
        [
            "TensorRT 10.15: pools images only, so a series must be exported as an image",
            "candle-onnx 0.11: pools images without padding only",
        ]
    );
    assert!(limits([2, 12], &Options { as_image: true, ..fixed() }, build).is_empty());
}

#[test]
fn rust_readers_do_not_take_some_operators() {
    let causal = ConvTranspose { crop: graph::Crop::Causal, ..ConvTranspose::new(2, 3, 2) };
    assert_eq!(
        limits([2, 12], &fixed(), &|g, x| g.conv_transpose("up", x, causal)),
        [
            "burn-onnx 0.22: does not take a transposed convolution whose crops before and after differ",
            "candle-onnx 0.11: has no ConvTranspose",
        ]
    );
    let norm = GroupNorm { groups: 2, eps: 1e-5, affine: true };
    let found = limits([4, 12], &fixed(), &|g, x| g.group_norm("norm", x, norm));
    assert_eq!(found, ["candle-onnx 0.11: has no InstanceNormalization"]);
    let linear = UpsampleMode::Linear { align_corners: false };
    let found = limits([2, 8, 8], &fixed(), &|g, x| g.upsample("up", x, 2, linear));
    assert_eq!(found, ["candle-onnx 0.11: enlarges images by nearest neighbors only"]);
    assert!(limits([2, 8, 8], &fixed(), &|g, x| g.upsample("up", x, 2, UpsampleMode::Nearest)).is_empty());
    let uneven = Conv { stride: [1, 2].into(), ..Conv::new(2, 3) };
    let found = limits([2, 8, 8], &fixed(), &|g, x| g.conv("conv", x, uneven));
    assert_eq!(found, ["candle-onnx 0.11: does not take strides or dilations that differ between the axes"]);
}

#[test]
fn each_reason_is_given_once_with_the_first_node_and_the_source() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [2, 12])?;
        let x = g.activation("first", x, Activation::Elu { alpha: 1.0 })?;
        g.output("y", g.activation("second", x, Activation::Elu { alpha: 1.0 })?)
    });
    let model = Model::new(graph.unwrap(), Weights::default());
    let exported = onnx::export(&model, &Options::default()).unwrap();
    let limits: Vec<String> = exported.limits().iter().map(ToString::to_string).collect();
    assert_eq!(limits, ["candle-onnx 0.11: has no Elu, first at `first` (candle-onnx 0.11.1, src/eval.rs)"]);
}
