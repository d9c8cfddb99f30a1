//! Published models that are composed of the blocks have the exact published parameter counts.
//!
//! The counts are the trainable parameters in timm and torchvision for 1000 classes. The same functions
//! build the models for series.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::{Activation, BuildError, Conv, Extent, Graph, Pool, Scope, Shape, Value};
use layers::{
    Form, MBConv, MultiBranch, Norm, SqueezeExcite, classifier, conv_norm, conv_norm_act, depthwise,
    fused_mbconv, linear_rise, mbconv, multi_branch, squeeze_excite,
};

type Built = Result<Value, BuildError>;

fn build(input: impl Into<Shape>, model: impl Fn(Scope<'_>, Value) -> Built) -> Graph {
    let graph = Graph::build(|g| {
        let x = g.input("x", input)?;
        let y = model(g, x)?;
        g.output("logits", y)
    });
    graph.unwrap()
}

fn trainable(graph: &Graph) -> usize {
    graph.parameters().filter(|p| p.role.is_trainable()).map(|p| p.elements()).sum()
}

/// Checks the parameter count for images, and that the model for series has the same parameter names.
fn check(model: impl Fn(Scope<'_>, Value) -> Built, count: usize) {
    let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
    let (image, series) = (build([3, 64, 64], &model), build([3, 256], &model));
    image.verify().unwrap();
    assert_eq!(trainable(&image), count);
    assert_eq!(names(&series), names(&image));
}

fn strided(stride: usize, conv: Conv) -> Conv {
    Conv { stride: Extent::All(stride), ..conv }
}

/// Tan and Le 2021 (arXiv 2104.00298), Table 4.
fn efficientnetv2_s(g: Scope<'_>, x: Value) -> Built {
    #[rustfmt::skip]
    let stages = [
        // fused, expand, out, stride, depth
        (true,       1.0,  24,      1,     2),
        (true,       4.0,  48,      2,     4),
        (true,       4.0,  64,      2,     4),
        (false,      4.0, 128,      2,     6),
        (false,      6.0, 160,      1,     9),
        (false,      6.0, 256,      2,    15),
    ];
    let stem = strided(2, Conv::new(24, 3));
    let mut x = conv_norm_act(g, ["conv_stem", "bn1", "act1"], x, stem, Norm::Batch, Activation::Silu)?;
    let mut index = 0;
    for (s, (fused, expand, out, stride, depth)) in stages.into_iter().enumerate() {
        for b in 0..depth {
            let g = g / "blocks" / s / b;
            let stride = Extent::All(if b == 0 { stride } else { 1 });
            let drop_path = linear_rise(0.2, index, 40);
            let block = MBConv { stride, drop_path, ..MBConv::new(out, expand) };
            x = if fused {
                fused_mbconv(g, x, block)?
            } else {
                let squeeze_excite = Some(SqueezeExcite::EFFICIENTNET);
                mbconv(g, x, MBConv { squeeze_excite, ..block })?
            };
            index += 1;
        }
    }
    let x =
        conv_norm_act(g, ["conv_head", "bn2", "act2"], x, Conv::new(1280, 1), Norm::Batch, Activation::Silu)?;
    classifier(g, "classifier", x, Some(1000), 0.2)
}

#[test]
fn efficientnetv2() {
    check(efficientnetv2_s, 21_458_488);
    let drops = build([3, 64, 64], efficientnetv2_s).text().matches(" path ").count();
    assert_eq!(
        drops, 34,
        "40 blocks, minus 5 without a residual connection, minus the first, whose probability is 0"
    );
}

/// Vasu et al. 2023 (arXiv 2206.04040), Table 2.
fn mobileone(
    widths: [usize; 5],
    branches: usize,
    excited: [usize; 4],
    form: Form,
) -> impl Fn(Scope<'_>, Value) -> Built {
    move |g, x| {
        let block = |conv, branches| MultiBranch { form, ..MultiBranch::new(conv, branches) };
        let mut x = multi_branch(g / "stem", x, block(strided(2, Conv::new(widths[0], 3)), 1))?;
        for (s, depth) in [2, 8, 10, 1].into_iter().enumerate() {
            for pair in 0..depth {
                let g = g / "stages" / s;
                let is_excited = pair + excited[s] >= depth;
                let squeeze_excite = if is_excited { Some(SqueezeExcite::MOBILEONE) } else { None };
                let stride = if pair == 0 { 2 } else { 1 };
                let large = block(strided(stride, depthwise(g.channels(x), 3)), branches);
                x = multi_branch(g / (2 * pair), x, MultiBranch { squeeze_excite, ..large })?;
                let point = block(Conv::new(widths[s + 1], 1), branches);
                x = multi_branch(g / (2 * pair + 1), x, MultiBranch { squeeze_excite, ..point })?;
            }
        }
        classifier(g / "head", "fc", x, Some(1000), 0.0)
    }
}

#[test]
fn mobileones() {
    let (s0, s1, s4) = ([48, 48, 128, 256, 1024], [64, 96, 192, 512, 1280], [64, 192, 448, 896, 2048]);
    #[rustfmt::skip]
    let cases = [
        // widths, branches, excited, training,   merged
        (s0,              4, [0; 4],        5_293_272,  2_078_504),
        (s1,              1, [0; 4],        4_825_192,  4_764_840),
        (s4,              1, [0, 0, 5, 1], 14_951_248, 14_838_352),
    ];
    for (widths, branches, excited, training, merged) in cases {
        check(mobileone(widths, branches, excited, Form::Branches), training);
        check(mobileone(widths, branches, excited, Form::Merged), merged);
    }
}

/// He et al. 2015 (arXiv 1512.03385), Table 1, with the stride on the 3×3 convolution.
fn resnet50(se: Option<SqueezeExcite>) -> impl Fn(Scope<'_>, Value) -> Built {
    move |g, x| {
        let relu = Activation::Relu;
        let stem = strided(2, Conv::new(64, 7));
        let x = conv_norm_act(g, ["conv1", "bn1", "act1"], x, stem, Norm::Batch, relu)?;
        let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: graph::Padding::Symmetric };
        let mut x = g.max_pool("maxpool", x, pool)?;
        for (s, (width, depth)) in [(64, 3), (128, 4), (256, 6), (512, 3)].into_iter().enumerate() {
            for b in 0..depth {
                let g = g / format!("layer{}", s + 1) / b;
                let stride = if b == 0 && s > 0 { 2 } else { 1 };
                let inner = strided(stride, Conv::new(width, 3));
                let y =
                    conv_norm_act(g, ["conv1", "bn1", "act1"], x, Conv::new(width, 1), Norm::Batch, relu)?;
                let y = conv_norm_act(g, ["conv2", "bn2", "act2"], y, inner, Norm::Batch, relu)?;
                let mut y = conv_norm(g, ["conv3", "bn3"], y, Conv::new(4 * width, 1), Norm::Batch)?;
                if let Some(se) = se {
                    y = squeeze_excite(g, y, g.channels(x), se)?;
                }
                if b == 0 {
                    let project = strided(stride, Conv::new(4 * width, 1));
                    x = conv_norm(g, ["downsample.0", "downsample.1"], x, project, Norm::Batch)?;
                }
                let sum = g.add("add", &[y, x])?;
                x = g.activation("act3", sum, relu)?;
            }
        }
        classifier(g, "fc", x, Some(1000), 0.0)
    }
}

#[test]
fn resnets() {
    check(resnet50(None), 25_557_032);
    check(resnet50(Some(SqueezeExcite::RESNET)), 28_088_024);
}
