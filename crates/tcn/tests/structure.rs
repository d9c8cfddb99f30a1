//! The graphs of config options.

use expect_test::{Expect, expect};
use graph::{Activation, BuildError, Graph, Op, Padding};
use layers::{Norm, OutputActivation};
use tcn::{Block, Config, Kind, Output, Skips};

fn series(config: &Config) -> Graph {
    let graph = tcn::graph(config, [6, 40]).expect("a valid config");
    graph.verify().expect("a graph that was built is valid");
    graph
}

fn check(graph: &Graph, expected: &Expect) {
    expected.assert_eq(&graph.text());
}

/// Keeps only the first blocks.
fn truncated(config: &Config, blocks: usize) -> Config {
    Config { blocks: config.blocks[..blocks].to_vec(), ..config.clone() }
}

#[test]
fn a_small_block_is_depthwise_and_pointwise() {
    check(
        &series(&Config { classes: Some(3), ..truncated(&Config::sm(), 2) }),
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 6, 40]
            %1 = conv "network.0.0.depthwise.conv" (%0) out=6 kernel=7 groups=6 padding=causal : [N, 6, 40]
            %2 = batch_norm "network.0.0.depthwise.norm" (%1) : [N, 6, 40]
            %3 = activation "network.0.0.depthwise.act" (%2) relu6 : [N, 6, 40]
            %4 = conv "network.0.0.pointwise.conv" (%3) out=16 kernel=1 padding=symmetric : [N, 16, 40]
            %5 = batch_norm "network.0.0.pointwise.norm" (%4) : [N, 16, 40]
            %6 = activation "network.0.0.pointwise.act" (%5) relu6 : [N, 16, 40]
            %7 = conv "network.1.0.depthwise.conv" (%6) out=16 kernel=7 dilation=2 groups=16 padding=causal : [N, 16, 40]
            %8 = batch_norm "network.1.0.depthwise.norm" (%7) : [N, 16, 40]
            %9 = activation "network.1.0.depthwise.act" (%8) relu6 : [N, 16, 40]
            %10 = conv "network.1.0.pointwise.conv" (%9) out=24 kernel=1 padding=symmetric : [N, 24, 40]
            %11 = batch_norm "network.1.0.pointwise.norm" (%10) : [N, 24, 40]
            %12 = activation "network.1.0.pointwise.act" (%11) relu6 : [N, 24, 40]
            %13 = conv "projection_out" (%12) out=3 kernel=1 padding=causal bias : [N, 3, 40]
            output "logits" = %13
        "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn an_mb_block_expands_from_its_output_channels_and_has_one_residual_connection() {
    let block = Block {
        depth: 2,
        branches: 2,
        expand_ratio: 1.5,
        se_divisor: Some(2.5),
        dropout: 0.1,
        ..Block::new(Kind::Mb, 6, 4, 3)
    };
    check(
        &series(&Config { blocks: vec![block], ..Config::mb() }),
        &expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 40]
        %1 = conv "encoder.conv" (%0) out=6 kernel=3 groups=6 padding=same : [N, 6, 40]
        %2 = batch_norm "encoder.norm" (%1) eps=0.001 momentum=0.01 : [N, 6, 40]
        %3 = conv "network.0.0.expand.conv" (%2) out=9 kernel=1 padding=symmetric : [N, 9, 40]
        %4 = batch_norm "network.0.0.expand.norm" (%3) eps=0.001 momentum=0.01 : [N, 9, 40]
        %5 = activation "network.0.0.expand.act" (%4) relu6 : [N, 9, 40]
        %6 = conv "network.0.0.depthwise.conv_kxk.0.conv" (%5) out=9 kernel=4 dilation=3 groups=9 padding=same : [N, 9, 40]
        %7 = batch_norm "network.0.0.depthwise.conv_kxk.0.bn" (%6) eps=0.001 momentum=0.01 : [N, 9, 40]
        %8 = conv "network.0.0.depthwise.conv_kxk.1.conv" (%5) out=9 kernel=4 dilation=3 groups=9 padding=same : [N, 9, 40]
        %9 = batch_norm "network.0.0.depthwise.conv_kxk.1.bn" (%8) eps=0.001 momentum=0.01 : [N, 9, 40]
        %10 = add "network.0.0.depthwise.reparam_conv" (%7, %9) : [N, 9, 40]
        %11 = activation "network.0.0.depthwise.act" (%10) relu6 : [N, 9, 40]
        %12 = global_mean "network.0.0.se.mean" (%11) : [N, 9, 1]
        %13 = conv "network.0.0.se.fc1" (%12) out=3 kernel=1 padding=symmetric bias : [N, 3, 1]
        %14 = activation "network.0.0.se.act" (%13) relu6 : [N, 3, 1]
        %15 = conv "network.0.0.se.fc2" (%14) out=9 kernel=1 padding=symmetric bias : [N, 9, 1]
        %16 = activation "network.0.0.se.gate" (%15) hard_sigmoid : [N, 9, 1]
        %17 = multiply "network.0.0.se.scale" (%11, %16) : [N, 9, 40]
        %18 = conv "network.0.0.pointwise.conv_kxk.0.conv" (%17) out=6 kernel=1 padding=symmetric : [N, 6, 40]
        %19 = batch_norm "network.0.0.pointwise.conv_kxk.0.bn" (%18) eps=0.001 momentum=0.01 : [N, 6, 40]
        %20 = conv "network.0.0.pointwise.conv_kxk.1.conv" (%17) out=6 kernel=1 padding=symmetric : [N, 6, 40]
        %21 = batch_norm "network.0.0.pointwise.conv_kxk.1.bn" (%20) eps=0.001 momentum=0.01 : [N, 6, 40]
        %22 = add "network.0.0.pointwise.reparam_conv" (%19, %21) : [N, 6, 40]
        %23 = activation "network.0.0.pointwise.act" (%22) relu6 : [N, 6, 40]
        %24 = conv "network.0.1.expand.conv" (%23) out=9 kernel=1 padding=symmetric : [N, 9, 40]
        %25 = batch_norm "network.0.1.expand.norm" (%24) eps=0.001 momentum=0.01 : [N, 9, 40]
        %26 = activation "network.0.1.expand.act" (%25) relu6 : [N, 9, 40]
        %27 = conv "network.0.1.depthwise.conv_kxk.0.conv" (%26) out=9 kernel=4 dilation=3 groups=9 padding=same : [N, 9, 40]
        %28 = batch_norm "network.0.1.depthwise.conv_kxk.0.bn" (%27) eps=0.001 momentum=0.01 : [N, 9, 40]
        %29 = conv "network.0.1.depthwise.conv_kxk.1.conv" (%26) out=9 kernel=4 dilation=3 groups=9 padding=same : [N, 9, 40]
        %30 = batch_norm "network.0.1.depthwise.conv_kxk.1.bn" (%29) eps=0.001 momentum=0.01 : [N, 9, 40]
        %31 = add "network.0.1.depthwise.reparam_conv" (%28, %30) : [N, 9, 40]
        %32 = activation "network.0.1.depthwise.act" (%31) relu6 : [N, 9, 40]
        %33 = global_mean "network.0.1.se.mean" (%32) : [N, 9, 1]
        %34 = conv "network.0.1.se.fc1" (%33) out=3 kernel=1 padding=symmetric bias : [N, 3, 1]
        %35 = activation "network.0.1.se.act" (%34) relu6 : [N, 3, 1]
        %36 = conv "network.0.1.se.fc2" (%35) out=9 kernel=1 padding=symmetric bias : [N, 9, 1]
        %37 = activation "network.0.1.se.gate" (%36) hard_sigmoid : [N, 9, 1]
        %38 = multiply "network.0.1.se.scale" (%32, %37) : [N, 9, 40]
        %39 = conv "network.0.1.pointwise.conv_kxk.0.conv" (%38) out=6 kernel=1 padding=symmetric : [N, 6, 40]
        %40 = batch_norm "network.0.1.pointwise.conv_kxk.0.bn" (%39) eps=0.001 momentum=0.01 : [N, 6, 40]
        %41 = conv "network.0.1.pointwise.conv_kxk.1.conv" (%38) out=6 kernel=1 padding=symmetric : [N, 6, 40]
        %42 = batch_norm "network.0.1.pointwise.conv_kxk.1.bn" (%41) eps=0.001 momentum=0.01 : [N, 6, 40]
        %43 = add "network.0.1.pointwise.reparam_conv" (%40, %42) : [N, 6, 40]
        %44 = activation "network.0.1.pointwise.act" (%43) relu6 : [N, 6, 40]
        %45 = add "network.0.add" (%44, %2) : [N, 6, 40]
        %46 = dropout "network.0.dropout" (%45) p=0.1 channel : [N, 6, 40]
        %47 = conv "projection_out" (%46) out=5 kernel=3 padding=same bias : [N, 5, 40]
        output "logits" = %47
    "#]],
    );
}

#[test]
fn a_large_block_has_a_residual_connection_in_each_repetition() {
    let block = Block { depth: 2, se_divisor: Some(2.0), norm: Norm::None, ..Block::new(Kind::Lg, 8, 3, 2) };
    check(
        &series(&Config { blocks: vec![block], ..Config::lg() }),
        &expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 40]
        %1 = conv "network.0.0.conv1" (%0) out=8 kernel=3 dilation=2 padding=causal : [N, 8, 40]
        %2 = conv "network.0.0.conv2" (%1) out=8 kernel=3 dilation=2 padding=causal bias : [N, 8, 40]
        %3 = activation "network.0.0.act" (%2) relu6 : [N, 8, 40]
        %4 = global_mean "network.0.0.se.mean" (%3) : [N, 8, 1]
        %5 = conv "network.0.0.se.fc1" (%4) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
        %6 = activation "network.0.0.se.act" (%5) relu6 : [N, 4, 1]
        %7 = conv "network.0.0.se.fc2" (%6) out=8 kernel=1 padding=symmetric bias : [N, 8, 1]
        %8 = activation "network.0.0.se.gate" (%7) hard_sigmoid : [N, 8, 1]
        %9 = multiply "network.0.0.se.scale" (%3, %8) : [N, 8, 40]
        %10 = conv "network.0.1.conv1" (%9) out=8 kernel=3 dilation=2 padding=causal : [N, 8, 40]
        %11 = conv "network.0.1.conv2" (%10) out=8 kernel=3 dilation=2 padding=causal bias : [N, 8, 40]
        %12 = add "network.0.1.add" (%11, %9) : [N, 8, 40]
        %13 = activation "network.0.1.act" (%12) relu6 : [N, 8, 40]
        %14 = global_mean "network.0.1.se.mean" (%13) : [N, 8, 1]
        %15 = conv "network.0.1.se.fc1" (%14) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
        %16 = activation "network.0.1.se.act" (%15) relu6 : [N, 4, 1]
        %17 = conv "network.0.1.se.fc2" (%16) out=8 kernel=1 padding=symmetric bias : [N, 8, 1]
        %18 = activation "network.0.1.se.gate" (%17) hard_sigmoid : [N, 8, 1]
        %19 = multiply "network.0.1.se.scale" (%13, %18) : [N, 8, 40]
        output "features" = %19
    "#]],
    );
}

#[test]
fn a_residual_block_reads_like_the_paper() {
    check(
        &series(&truncated(&Config::bai(), 2)),
        &expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 40]
        %1 = conv "network.0.conv1" (%0) out=25 kernel=7 padding=causal bias weight_norm : [N, 25, 40]
        %2 = activation "network.0.act1" (%1) relu : [N, 25, 40]
        %3 = dropout "network.0.dropout1" (%2) p=0.05 element : [N, 25, 40]
        %4 = conv "network.0.conv2" (%3) out=25 kernel=7 padding=causal bias weight_norm : [N, 25, 40]
        %5 = activation "network.0.act2" (%4) relu : [N, 25, 40]
        %6 = dropout "network.0.dropout2" (%5) p=0.05 element : [N, 25, 40]
        %7 = conv "network.0.downsample" (%0) out=25 kernel=1 padding=symmetric bias : [N, 25, 40]
        %8 = add "network.0.add" (%6, %7) : [N, 25, 40]
        %9 = activation "network.0.act" (%8) relu : [N, 25, 40]
        %10 = conv "network.1.conv1" (%9) out=25 kernel=7 dilation=2 padding=causal bias weight_norm : [N, 25, 40]
        %11 = activation "network.1.act1" (%10) relu : [N, 25, 40]
        %12 = dropout "network.1.dropout1" (%11) p=0.05 element : [N, 25, 40]
        %13 = conv "network.1.conv2" (%12) out=25 kernel=7 dilation=2 padding=causal bias weight_norm : [N, 25, 40]
        %14 = activation "network.1.act2" (%13) relu : [N, 25, 40]
        %15 = dropout "network.1.dropout2" (%14) p=0.05 element : [N, 25, 40]
        %16 = add "network.1.add" (%15, %9) : [N, 25, 40]
        %17 = activation "network.1.act" (%16) relu : [N, 25, 40]
        %18 = select "select" (%17) last : [N, 25]
        %19 = linear "linear" (%18) out=10 bias : [N, 10]
        output "logits" = %19
    "#]],
    );
}

fn residual(channels: &[usize]) -> Vec<Block> {
    let block = |(i, &channels): (usize, &usize)| Block {
        activation: Some(Activation::Relu),
        ..Block::new(Kind::Residual, channels, 3, 1 << i)
    };
    channels.iter().enumerate().map(block).collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn gates_skips_and_double_activations() {
    let mut blocks = residual(&[8, 6]);
    for block in &mut blocks {
        block.gate = true;
    }
    let config = Config { skips: Skips::BranchesAndOutput, ..Config { blocks, ..Config::sm() } };
    check(
        &series(&config),
        &expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 40]
        %1 = conv "network.0.conv1" (%0) out=16 kernel=3 padding=causal bias : [N, 16, 40]
        %2 = batch_norm "network.0.norm1" (%1) : [N, 16, 40]
        %3 = slice "network.0.gate.value" (%2) start=0 length=8 : [N, 8, 40]
        %4 = slice "network.0.gate.gate" (%2) start=8 length=8 : [N, 8, 40]
        %5 = activation "network.0.gate.sigmoid" (%4) sigmoid : [N, 8, 40]
        %6 = multiply "network.0.gate.product" (%3, %5) : [N, 8, 40]
        %7 = conv "network.0.conv2" (%6) out=8 kernel=3 padding=causal bias : [N, 8, 40]
        %8 = batch_norm "network.0.norm2" (%7) : [N, 8, 40]
        %9 = activation "network.0.act2" (%8) relu : [N, 8, 40]
        %10 = conv "network.0.downsample" (%0) out=8 kernel=1 padding=symmetric bias : [N, 8, 40]
        %11 = add "network.0.add" (%9, %10) : [N, 8, 40]
        %12 = activation "network.0.act" (%11) relu : [N, 8, 40]
        %13 = conv "network.1.conv1" (%12) out=12 kernel=3 dilation=2 padding=causal bias : [N, 12, 40]
        %14 = batch_norm "network.1.norm1" (%13) : [N, 12, 40]
        %15 = slice "network.1.gate.value" (%14) start=0 length=6 : [N, 6, 40]
        %16 = slice "network.1.gate.gate" (%14) start=6 length=6 : [N, 6, 40]
        %17 = activation "network.1.gate.sigmoid" (%16) sigmoid : [N, 6, 40]
        %18 = multiply "network.1.gate.product" (%15, %17) : [N, 6, 40]
        %19 = conv "network.1.conv2" (%18) out=6 kernel=3 dilation=2 padding=causal bias : [N, 6, 40]
        %20 = batch_norm "network.1.norm2" (%19) : [N, 6, 40]
        %21 = activation "network.1.act2" (%20) relu : [N, 6, 40]
        %22 = conv "network.1.downsample" (%12) out=6 kernel=1 padding=symmetric bias : [N, 6, 40]
        %23 = add "network.1.add" (%21, %22) : [N, 6, 40]
        %24 = activation "network.1.act" (%23) relu : [N, 6, 40]
        %25 = conv "downsample_skip_connection.0" (%9) out=6 kernel=1 padding=symmetric bias : [N, 6, 40]
        %26 = add "skip_add" (%25, %24) : [N, 6, 40]
        %27 = activation "skip_act" (%26) relu : [N, 6, 40]
        output "features" = %27
    "#]],
    );

    let blocks = residual(&[6, 6]);
    let config = Config { blocks, skips: Skips::Branches, double_activation: true, ..Config::sm() };
    check(
        &series(&config),
        &expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 40]
        %1 = conv "network.0.conv1" (%0) out=6 kernel=3 padding=causal bias : [N, 6, 40]
        %2 = batch_norm "network.0.norm1" (%1) : [N, 6, 40]
        %3 = activation "network.0.act1" (%2) relu : [N, 6, 40]
        %4 = conv "network.0.conv2" (%3) out=6 kernel=3 padding=causal bias : [N, 6, 40]
        %5 = batch_norm "network.0.norm2" (%4) : [N, 6, 40]
        %6 = activation "network.0.act2" (%5) relu : [N, 6, 40]
        %7 = activation "network.0.act3" (%6) relu : [N, 6, 40]
        %8 = add "network.0.add" (%7, %0) : [N, 6, 40]
        %9 = activation "network.0.act" (%8) relu : [N, 6, 40]
        %10 = conv "network.1.conv1" (%9) out=6 kernel=3 dilation=2 padding=causal bias : [N, 6, 40]
        %11 = batch_norm "network.1.norm1" (%10) : [N, 6, 40]
        %12 = activation "network.1.act1" (%11) relu : [N, 6, 40]
        %13 = conv "network.1.conv2" (%12) out=6 kernel=3 dilation=2 padding=causal bias : [N, 6, 40]
        %14 = batch_norm "network.1.norm2" (%13) : [N, 6, 40]
        %15 = activation "network.1.act2" (%14) relu : [N, 6, 40]
        %16 = activation "network.1.act3" (%15) relu : [N, 6, 40]
        %17 = add "skip_add" (%7, %16) : [N, 6, 40]
        output "features" = %17
    "#]],
    );
}

#[test]
fn stacks_repeat_the_blocks_with_new_weights() {
    let written_out = Config { blocks: residual(&[6, 8]).repeat(2), ..Config::sm() };
    let stacked = Config { blocks: residual(&[6, 8]), stacks: 2, ..Config::sm() };
    assert_eq!(series(&stacked), series(&written_out));
    // A residual block of depth n is n residual blocks.
    let deep = Block { depth: 2, ..residual(&[6])[0] };
    let deep = Config { blocks: vec![deep], ..Config::sm() };
    let twice = Config { blocks: residual(&[6]).repeat(2), ..Config::sm() };
    assert_eq!(series(&deep), series(&twice));
}

#[test]
fn shapes_of_all_outputs() -> Result<(), BuildError> {
    let shape = |output, input: &[usize]| {
        let config = Config { classes: Some(3), output, ..Config::sm() };
        let input = graph::Shape::new(input[0], &input[1..]);
        let graph = tcn::graph(&config, input)?;
        Ok::<_, graph::BuildError>(graph.output_shape().to_string())
    };
    assert_eq!(shape(Output::EverySample, &[6, 40])?, "[N, 3, 40]");
    assert_eq!(shape(Output::EverySample, &[6, 9, 12])?, "[N, 3, 9, 12]");
    assert_eq!(shape(Output::Last, &[6, 40])?, "[N, 3]");
    assert_eq!(shape(Output::Middle, &[6, 40])?, "[N, 3]");
    assert_eq!(shape(Output::Mean, &[6, 40])?, "[N, 3]");
    assert_eq!(shape(Output::Mean, &[6, 9, 12])?, "[N, 3]");
    Ok(())
}

#[test]
fn without_classes_the_output_is_the_features() {
    let graph = series(&Config { output: Output::Last, ..Config::sm() });
    assert_eq!(graph.main_output().name, "features");
    assert_eq!(*graph.output_shape(), [32].into());
}

#[test]
fn reversed_series_and_output_activation() {
    let softmax = Some(OutputActivation::Softmax);
    let graph = series(&Config { backwards: true, output_activation: softmax, ..Config::sm() });
    let ops: Vec<_> = graph.nodes().map(|(_, node)| node.op.name()).collect();
    assert_eq!((ops[1], ops[ops.len() - 1]), ("reverse", "softmax"));
}

#[test]
fn only_position_norm_binds_a_network_to_one_length() {
    let check_other_length = |graph: &Graph| match graph.shapes_for(&[[6, 97].into()]) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    };
    for (name, config) in tcn::PRESETS {
        assert_eq!(check_other_length(&series(&config())), Ok(()), "{name}");
    }
    let mut config = Config::mb();
    config.blocks[0].norm = Norm::Position;
    expect!["network.0.0.depthwise.norm: position_norm of [N, 6, 97]: expected [N, 6, 40], the size the graph was built for, to which the parameters are bound"].assert_eq(&check_other_length(&series(&config)).unwrap_err());
}

/// Branches of equal geometry become one convolution.
#[test]
fn merging_leaves_no_norm_and_one_branch() {
    let block = Block { branches: 3, expand_ratio: 2.0, ..Block::new(Kind::Mb, 8, 4, 2) };
    let small = Block { branches: 2, ..Block::new(Kind::Sm, 8, 5, 4) };
    let config = Config { blocks: vec![block, small], padding: Padding::Causal, ..Config::mb() };
    for config in [config, Config::bai(), Config::lg(), Config::mb(), Config::sm()] {
        let graph = series(&config);
        let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
        merged.graph.verify().unwrap();
        assert_eq!(merged.refusals, []);
        let unmerged = merged.graph.nodes().filter(|(_, node)| match node.op {
            Op::BatchNorm(_) => true,
            Op::Conv(conv) => conv.weight_norm,
            Op::Add => !node.name.ends_with(".add"),
            _ => false,
        });
        assert_eq!(unmerged.count(), 0);
        assert!(merged.graph.nodes().all(|(_, node)| graph.find(&node.name).is_some()));
    }
}

#[test]
fn configs_round_trip_through_json() {
    for (name, config) in tcn::PRESETS {
        let config = Config {
            stacks: 2,
            output: Output::Mean,
            output_activation: Some(Activation::Sigmoid.into()),
            ..config()
        };
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config, "{name}");
    }
}

#[test]
fn a_config_file_states_only_changed_fields() {
    let text = r#"{ "classes": 4, "blocks": [
        { "channels": 16, "depth": 2, "kernel": 7, "dilation": 1, "se_divisor": 4, "dropout": 0.1 },
        { "kind": "residual", "channels": 16, "activation": null }
    ] }"#;
    let first = Block { depth: 2, se_divisor: Some(4.0), dropout: 0.1, ..Block::new(Kind::Mb, 16, 7, 1) };
    let second = Block { activation: None, ..Block::new(Kind::Residual, 16, 3, 1) };
    let expected = Config { classes: Some(4), blocks: vec![first, second], ..Config::sm() };
    assert_eq!(serde_json::from_str::<Config>(text).unwrap(), expected);
}
