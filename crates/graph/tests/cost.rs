//! Cost against numbers known from papers, formulas and by hand.

use expect_test::expect;
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, Graph, GroupNorm, Padding, Pool, Scope,
    Shape, TimeStep, Value,
};

fn build(model: impl FnOnce(Scope<'_>) -> Result<(), BuildError>) -> Graph {
    let graph = Graph::build(model).expect("the graph can be built");
    graph.verify().expect("a graph that is built is legal");
    graph
}

fn conv_norm(g: Scope<'_>, names: [&str; 2], x: Value, conv: Conv) -> Result<Value, BuildError> {
    let x = g.conv(names[0], x, conv)?;
    g.batch_norm(names[1], x, BatchNorm::default())
}

/// ResNet-18 (He et al. 2015, arXiv 1512.03385), as torchvision builds it.
fn resnet18(g: Scope<'_>) -> Result<(), BuildError> {
    let relu = |g: Scope<'_>, name: &str, x| g.activation(name, x, Activation::Relu);
    let x = g.input("image", [3, 224, 224])?;
    let x = conv_norm(g, ["conv1", "bn1"], x, Conv { stride: 2.into(), ..Conv::new(64, 7) })?;
    let x = relu(g, "relu", x)?;
    let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Symmetric };
    let mut x = g.max_pool("maxpool", x, pool)?;
    for (stage, width) in [64, 128, 256, 512].into_iter().enumerate() {
        for block in 0..2 {
            let g = g / format!("layer{}.{block}", stage + 1);
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let conv = Conv { stride: stride.into(), ..Conv::new(width, 3) };
            let y = conv_norm(g, ["conv1", "bn1"], x, conv)?;
            let y = relu(g, "relu1", y)?;
            let y = conv_norm(g, ["conv2", "bn2"], y, Conv::new(width, 3))?;
            if stride > 1 {
                let conv = Conv { stride: stride.into(), ..Conv::new(width, 1) };
                x = conv_norm(g, ["downsample.0", "downsample.1"], x, conv)?;
            }
            let sum = g.add("sum", &[y, x])?;
            x = relu(g, "relu2", sum)?;
        }
    }
    let x = g.global_mean("avgpool", x)?;
    let x = g.flatten("flatten", x)?;
    let x = g.linear("fc", x, 1000)?;
    g.output("logits", x)
}

/// Parameters and multiply-adds as torchvision's documentation lists them.
#[test]
fn resnet18_costs_what_torchvision_says() {
    let graph = build(resnet18);
    let cost = graph.cost().unwrap();
    assert_eq!(cost.trainable, 11_689_512);
    assert_eq!(cost.statistics, 9_600);
    assert_eq!(cost.macs, 1_814_073_344);
    // The stem's output, normalized and activated in place, and what is pooled from it.
    let peak = 64 * 112 * 112 + 64 * 56 * 56;
    assert_eq!((cost.peak_elements, cost.peak_node.as_str()), (peak, "maxpool"));
    let half = graph.cost_at(&[[3, 112, 112].into()]).unwrap();
    assert_eq!(half.trainable, cost.trainable);
    assert!(half.macs < cost.macs / 3);
}

#[test]
fn every_kind_of_parameter_and_multiply_add() {
    let graph = build(|g| {
        let x = g.input("signal", [6, 40])?;
        let x = g.conv("grouped", x, Conv { groups: 3, bias: true, ..Conv::new(12, 5) })?;
        let x = g.conv("normed", x, Conv { weight_norm: true, ..Conv::new(12, 3) })?;
        let x = g.conv("strided", x, Conv { stride: 2.into(), dilation: 2.into(), ..Conv::new(8, 3) })?;
        let up = ConvTranspose { groups: 2, bias: true, crop: Crop::Causal, ..ConvTranspose::new(6, 4, 2) };
        let x = g.conv_transpose("up", x, up)?;
        let x = g.layer_norm("layer", x, 1e-5)?;
        let x = g.group_norm("group", x, GroupNorm { groups: 2, eps: 1e-5, affine: false })?;
        let x = g.position_norm("position", x, 1e-5)?;
        let x = g.batch_norm("batch", x, BatchNorm::default())?;
        let x = g.select("last", x, TimeStep::Last)?;
        let x = g.linear("fc", x, 5)?;
        let x = g.softmax("softmax", x)?;
        g.output("probabilities", x)
    });
    expect![[r#"
        layer     operation       output       parameters  statistics    MACs
        signal    input           [N, 6, 40]
        grouped   conv            [N, 12, 40]         132               4,800
        normed    conv            [N, 12, 40]         444              17,280
        strided   conv            [N, 8, 20]          288               5,760
        up        conv_transpose  [N, 6, 40]          102               1,920
        layer     layer_norm      [N, 6, 40]           12
        group     group_norm      [N, 6, 40]
        position  position_norm   [N, 6, 40]           80
        batch     batch_norm      [N, 6, 40]           12          12
        last      select          [N, 6]
        fc        linear          [N, 5]               35                  30
        softmax   softmax         [N, 5]
        total                                       1,105          12  29,790
        peak memory: 3,840 bytes of activations as f32, at normed
    "#]]
    .assert_eq(&graph.cost().unwrap().to_string());
    expect!["position: position_norm of [N, 6, 80]: expected [N, 6, 40], the size the graph was built for, to which the parameters are bound"]
        .assert_eq(&graph.cost_at(&[[6, 80].into()]).unwrap_err().to_string());
}

/// The skip connection keeps the first convolution's output alive through the branch.
#[test]
fn peak_counts_what_is_alive_together() {
    let skip = build(|g| {
        let x = g.input("x", [1, 10])?;
        let a = g.conv("a", x, Conv::new(4, 1))?;
        let b = g.conv("b", a, Conv::new(2, 1))?;
        let c = g.conv("c", b, Conv::new(4, 1))?;
        let y = g.add("sum", &[a, c])?;
        g.output("y", y)
    });
    let cost = skip.cost().unwrap();
    // a + b + c; the sum is computed over one of its terms.
    assert_eq!((cost.peak_elements, cost.peak_node.as_str(), cost.peak_bytes()), (100, "c", 400));

    let early = build(|g| {
        let x = g.input("x", [1, 10])?;
        let a = g.conv("a", x, Conv::new(8, 1))?;
        let unread = g.conv("unread", a, Conv::new(1, 1))?;
        let b = g.conv("b", a, Conv::new(2, 1))?;
        let c = g.conv("c", b, Conv::new(9, 1))?;
        assert_eq!(unread.index(), 2);
        g.output("c", c)?;
        g.output("a", a)
    });
    // The output a lives on, the unread value is not computed: a + b + c.
    assert_eq!(early.cost().unwrap().peak_elements, 80 + 20 + 90);

    let inputs = build(|g| {
        let x = g.input("x", [1, 10])?;
        let a = g.conv("a", x, Conv::new(3, 1))?;
        let late = g.input("late", [3, 10])?;
        g.input("ignored", [100, 10])?;
        let y = g.add("sum", &[a, late, a])?;
        g.output("y", y)
    });
    // The second input is there from the start, the one that nothing reads is not: x + late + a.
    assert_eq!(inputs.cost().unwrap().peak_elements, 70);
}

/// Numbers that no machine can hold neither overflow nor allocate.
#[test]
fn giants_saturate() {
    let million = 1 << 20;
    let graph = build(|g| {
        let x = g.input("x", [1, million, million])?;
        let wide = Conv { kernel: (1 << 14).into(), padding: Padding::Same, ..Conv::new(1, 1) };
        let x = g.conv("giant", x, wide)?;
        g.output("y", x)
    });
    let cost = graph.cost().unwrap();
    assert_eq!((cost.trainable, cost.macs), (1 << 28, u64::MAX));
    assert_eq!(cost.peak_elements, 1 << 41);
    let smaller: Shape = [1, 1, 1].into();
    assert_eq!(graph.cost_at(&[smaller]).unwrap().peak_elements, 2);
}
