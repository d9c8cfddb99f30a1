//! The Keras packages' names: every parameter has one, and one only.

use std::collections::BTreeSet;

use dialects::{Dialect, Rename};
use expect_test::{Expect, expect};
use graph::{Activation, Graph, Shape};
use layers::Norm;
use tcn::{Block, Config, Kind, Output, Skips};

use super::names;

fn check(graph: &Graph, renames: &[Rename], expected: &Expect) {
    let lines =
        renames.iter().map(|Rename { theirs, ours, layout }| format!("{theirs} = {ours} {layout:?}\n"));
    expected.assert_eq(&lines.collect::<String>());
    let theirs: BTreeSet<&str> = renames.iter().map(|rename| rename.theirs.as_str()).collect();
    assert_eq!(theirs.len(), renames.len(), "a name stands for one parameter");
    let ours: BTreeSet<String> = renames.iter().map(|rename| rename.ours.clone()).collect();
    assert_eq!(
        ours,
        graph.parameters().map(|parameter| parameter.name).collect(),
        "every parameter has a name"
    );
}

fn ambiq(config: &Config, dialect: Dialect, input: impl Into<Shape>, expected: &Expect) {
    let input = input.into();
    let renames = names(config, input.clone(), dialect).expect("the packages have these layers");
    let config = if input.rank() == 1 { config.of_series() } else { config.clone() };
    check(&tcn::graph(&config, input).expect("the config is right"), &renames, expected);
}

#[test]
fn factorized_blocks() {
    let mb = Block {
        expand_ratio: 2.0,
        se_divisor: Some(4.0),
        branches: 2,
        ..Block::new(Kind::Mb, 8, [3, 5], [4, 2])
    };
    let sm = Block { se_divisor: Some(2.0), norm: Norm::Position, ..Block::new(Kind::Sm, 8, 3, 1) };
    let lg = Block { depth: 2, norm: Norm::None, ..Block::new(Kind::Lg, 8, [1, 4], 3) };
    let config = Config { blocks: vec![mb, sm, lg], ..Config::mb() };
    ambiq(
        &config,
        Dialect::HeliaEdge,
        [4, 20],
        &expect![[r#"
        ENC_CN/kernel = encoder.conv.weight Depthwise(Image { row: 1, of: 3 })
        ENC_BN/gamma = encoder.norm.weight Same
        ENC_BN/beta = encoder.norm.bias Same
        ENC_BN/moving_mean = encoder.norm.running_mean Same
        ENC_BN/moving_variance = encoder.norm.running_var Same
        B1_D1_EX_CN/kernel = network.0.0.expand.conv.weight Convolution(Image { row: 0, of: 1 })
        B1_D1_EX_BN/gamma = network.0.0.expand.norm.weight Same
        B1_D1_EX_BN/beta = network.0.0.expand.norm.bias Same
        B1_D1_EX_BN/moving_mean = network.0.0.expand.norm.running_mean Same
        B1_D1_EX_BN/moving_variance = network.0.0.expand.norm.running_var Same
        B1_D1_DW_B1_CN/kernel = network.0.0.depthwise.conv_kxk.0.conv.weight Depthwise(Image { row: 1, of: 3 })
        B1_D1_DW_B1_BN/gamma = network.0.0.depthwise.conv_kxk.0.bn.weight Same
        B1_D1_DW_B1_BN/beta = network.0.0.depthwise.conv_kxk.0.bn.bias Same
        B1_D1_DW_B1_BN/moving_mean = network.0.0.depthwise.conv_kxk.0.bn.running_mean Same
        B1_D1_DW_B1_BN/moving_variance = network.0.0.depthwise.conv_kxk.0.bn.running_var Same
        B1_D1_DW_B2_CN/kernel = network.0.0.depthwise.conv_kxk.1.conv.weight Depthwise(Image { row: 1, of: 3 })
        B1_D1_DW_B2_BN/gamma = network.0.0.depthwise.conv_kxk.1.bn.weight Same
        B1_D1_DW_B2_BN/beta = network.0.0.depthwise.conv_kxk.1.bn.bias Same
        B1_D1_DW_B2_BN/moving_mean = network.0.0.depthwise.conv_kxk.1.bn.running_mean Same
        B1_D1_DW_B2_BN/moving_variance = network.0.0.depthwise.conv_kxk.1.bn.running_var Same
        B1_D1_SE_sq/kernel = network.0.0.se.fc1.weight Convolution(Image { row: 0, of: 1 })
        B1_D1_SE_sq/bias = network.0.0.se.fc1.bias Same
        B1_D1_SE_ex/kernel = network.0.0.se.fc2.weight Convolution(Image { row: 0, of: 1 })
        B1_D1_SE_ex/bias = network.0.0.se.fc2.bias Same
        B1_D1_PW_B1_CN/kernel = network.0.0.pointwise.conv_kxk.0.conv.weight Convolution(Image { row: 0, of: 1 })
        B1_D1_PW_B1_BN/gamma = network.0.0.pointwise.conv_kxk.0.bn.weight Same
        B1_D1_PW_B1_BN/beta = network.0.0.pointwise.conv_kxk.0.bn.bias Same
        B1_D1_PW_B1_BN/moving_mean = network.0.0.pointwise.conv_kxk.0.bn.running_mean Same
        B1_D1_PW_B1_BN/moving_variance = network.0.0.pointwise.conv_kxk.0.bn.running_var Same
        B1_D1_PW_B2_CN/kernel = network.0.0.pointwise.conv_kxk.1.conv.weight Convolution(Image { row: 0, of: 1 })
        B1_D1_PW_B2_BN/gamma = network.0.0.pointwise.conv_kxk.1.bn.weight Same
        B1_D1_PW_B2_BN/beta = network.0.0.pointwise.conv_kxk.1.bn.bias Same
        B1_D1_PW_B2_BN/moving_mean = network.0.0.pointwise.conv_kxk.1.bn.running_mean Same
        B1_D1_PW_B2_BN/moving_variance = network.0.0.pointwise.conv_kxk.1.bn.running_var Same
        B2_D1_DW_B1_CN/kernel = network.1.0.depthwise.conv.weight Depthwise(Image { row: 1, of: 3 })
        B2_D1_DW_B1_LN/gamma = network.1.0.depthwise.norm.weight Reshaped
        B2_D1_DW_B1_LN/beta = network.1.0.depthwise.norm.bias Reshaped
        B2_D1_PW_B1_CN/kernel = network.1.0.pointwise.conv.weight Convolution(Image { row: 0, of: 1 })
        B2_D1_PW_B1_LN/gamma = network.1.0.pointwise.norm.weight Reshaped
        B2_D1_PW_B1_LN/beta = network.1.0.pointwise.norm.bias Reshaped
        B2_SE_sq/kernel = network.1.se.fc1.weight Convolution(Image { row: 0, of: 1 })
        B2_SE_sq/bias = network.1.se.fc1.bias Same
        B2_SE_ex/kernel = network.1.se.fc2.weight Convolution(Image { row: 0, of: 1 })
        B2_SE_ex/bias = network.1.se.fc2.bias Same
        B3_D1_CN1/kernel = network.2.0.conv1.weight Convolution(Image { row: 0, of: 1 })
        B3_D1_CN2/kernel = network.2.0.conv2.weight Convolution(Image { row: 0, of: 1 })
        B3_D1_CN2/bias = network.2.0.conv2.bias Same
        B3_D2_CN1/kernel = network.2.1.conv1.weight Convolution(Image { row: 0, of: 1 })
        B3_D2_CN2/kernel = network.2.1.conv2.weight Convolution(Image { row: 0, of: 1 })
        B3_D2_CN2/bias = network.2.1.conv2.bias Same
        NECK_conv/kernel = projection_out.weight Convolution(Image { row: 1, of: 3 })
        NECK_conv/bias = projection_out.bias Same
    "#]],
    );
    ambiq(
        &Config { blocks: vec![sm], ..Config::mb() },
        Dialect::SleepKit,
        [4, 6, 8],
        &expect![[r#"
        ENC.CN/kernel = encoder.conv.weight Depthwise(Ours)
        ENC.BN/gamma = encoder.norm.weight Same
        ENC.BN/beta = encoder.norm.bias Same
        ENC.BN/moving_mean = encoder.norm.running_mean Same
        ENC.BN/moving_variance = encoder.norm.running_var Same
        B1.D1.DW.B1.CN/kernel = network.0.0.depthwise.conv.weight Depthwise(Ours)
        B1.D1.DW.B1.LN/gamma = network.0.0.depthwise.norm.weight Reshaped
        B1.D1.DW.B1.LN/beta = network.0.0.depthwise.norm.bias Reshaped
        B1.D1.PW.B1.CN/kernel = network.0.0.pointwise.conv.weight Convolution(Ours)
        B1.D1.PW.B1.LN/gamma = network.0.0.pointwise.norm.weight Reshaped
        B1.D1.PW.B1.LN/beta = network.0.0.pointwise.norm.bias Reshaped
        B1.SE.sq.conv/kernel = network.0.se.fc1.weight Convolution(Ours)
        B1.SE.sq.conv/bias = network.0.se.fc1.bias Same
        B1.SE.ex.conv/kernel = network.0.se.fc2.weight Convolution(Ours)
        B1.SE.ex.conv/bias = network.0.se.fc2.bias Same
        NECK.conv/kernel = projection_out.weight Convolution(Ours)
        NECK.conv/bias = projection_out.bias Same
    "#]],
    );
}

#[test]
fn residual_blocks() {
    let block = |channels, norm| Block {
        norm,
        activation: Some(Activation::Relu),
        ..Block::new(Kind::Residual, channels, 2, 1)
    };
    let config = |norm, output| Config {
        classes: Some(3),
        blocks: vec![block(4, norm), block(4, norm)],
        skips: Skips::Branches,
        output,
        ..Config::sm()
    };
    let check = |config: &Config, expected: &Expect| {
        let renames = names(config, [2, 20], Dialect::KerasTcn).expect("keras-tcn has these layers");
        check(&tcn::graph(config, [2, 20]).expect("the config is right"), &renames, expected);
    };
    check(
        &config(Norm::Batch, Output::EverySample),
        &expect![[r#"
        tcn/residual_block_0/conv1D_0/kernel = network.0.conv1.weight Convolution(Ours)
        tcn/residual_block_0/conv1D_0/bias = network.0.conv1.bias Same
        tcn/residual_block_0/batch_normalization/gamma = network.0.norm1.weight Same
        tcn/residual_block_0/batch_normalization/beta = network.0.norm1.bias Same
        tcn/residual_block_0/batch_normalization/moving_mean = network.0.norm1.running_mean Same
        tcn/residual_block_0/batch_normalization/moving_variance = network.0.norm1.running_var Same
        tcn/residual_block_0/conv1D_1/kernel = network.0.conv2.weight Convolution(Ours)
        tcn/residual_block_0/conv1D_1/bias = network.0.conv2.bias Same
        tcn/residual_block_0/batch_normalization_1/gamma = network.0.norm2.weight Same
        tcn/residual_block_0/batch_normalization_1/beta = network.0.norm2.bias Same
        tcn/residual_block_0/batch_normalization_1/moving_mean = network.0.norm2.running_mean Same
        tcn/residual_block_0/batch_normalization_1/moving_variance = network.0.norm2.running_var Same
        tcn/residual_block_0/matching_conv1D/kernel = network.0.downsample.weight Convolution(Ours)
        tcn/residual_block_0/matching_conv1D/bias = network.0.downsample.bias Same
        tcn/residual_block_1/conv1D_0/kernel = network.1.conv1.weight Convolution(Ours)
        tcn/residual_block_1/conv1D_0/bias = network.1.conv1.bias Same
        tcn/residual_block_1/batch_normalization_2/gamma = network.1.norm1.weight Same
        tcn/residual_block_1/batch_normalization_2/beta = network.1.norm1.bias Same
        tcn/residual_block_1/batch_normalization_2/moving_mean = network.1.norm1.running_mean Same
        tcn/residual_block_1/batch_normalization_2/moving_variance = network.1.norm1.running_var Same
        tcn/residual_block_1/conv1D_1/kernel = network.1.conv2.weight Convolution(Ours)
        tcn/residual_block_1/conv1D_1/bias = network.1.conv2.bias Same
        tcn/residual_block_1/batch_normalization_3/gamma = network.1.norm2.weight Same
        tcn/residual_block_1/batch_normalization_3/beta = network.1.norm2.bias Same
        tcn/residual_block_1/batch_normalization_3/moving_mean = network.1.norm2.running_mean Same
        tcn/residual_block_1/batch_normalization_3/moving_variance = network.1.norm2.running_var Same
        head/kernel = projection_out.weight Dense
        head/bias = projection_out.bias Same
    "#]],
    );
    check(
        &config(Norm::Layer, Output::Last),
        &expect![[r#"
        tcn/residual_block_0/conv1D_0/kernel = network.0.conv1.weight Convolution(Ours)
        tcn/residual_block_0/conv1D_0/bias = network.0.conv1.bias Same
        tcn/residual_block_0/layer_normalization/gamma = network.0.norm1.weight Same
        tcn/residual_block_0/layer_normalization/beta = network.0.norm1.bias Same
        tcn/residual_block_0/conv1D_1/kernel = network.0.conv2.weight Convolution(Ours)
        tcn/residual_block_0/conv1D_1/bias = network.0.conv2.bias Same
        tcn/residual_block_0/layer_normalization_1/gamma = network.0.norm2.weight Same
        tcn/residual_block_0/layer_normalization_1/beta = network.0.norm2.bias Same
        tcn/residual_block_0/matching_conv1D/kernel = network.0.downsample.weight Convolution(Ours)
        tcn/residual_block_0/matching_conv1D/bias = network.0.downsample.bias Same
        tcn/residual_block_1/conv1D_0/kernel = network.1.conv1.weight Convolution(Ours)
        tcn/residual_block_1/conv1D_0/bias = network.1.conv1.bias Same
        tcn/residual_block_1/layer_normalization_2/gamma = network.1.norm1.weight Same
        tcn/residual_block_1/layer_normalization_2/beta = network.1.norm1.bias Same
        tcn/residual_block_1/conv1D_1/kernel = network.1.conv2.weight Convolution(Ours)
        tcn/residual_block_1/conv1D_1/bias = network.1.conv2.bias Same
        tcn/residual_block_1/layer_normalization_3/gamma = network.1.norm2.weight Same
        tcn/residual_block_1/layer_normalization_3/beta = network.1.norm2.bias Same
        head/kernel = linear.weight Dense
        head/bias = linear.bias Same
    "#]],
    );
}

fn block(change: impl FnOnce(&mut Block)) -> Config {
    let mut config = Config::mb();
    change(&mut config.blocks[1]);
    config
}

#[test]
fn layers_that_keras_packages_lack_are_refused() {
    let error = names(&Config::bai(), [1, 64], Dialect::HeliaEdge).unwrap_err();
    expect!["network.0.conv1: no counterpart in this package"].assert_eq(&error.to_string());
    let error = names(&Config::bai(), [1, 64], Dialect::KerasTcn).unwrap_err();
    expect!["network.0.conv1: no counterpart in this package"].assert_eq(&error.to_string());
    let error = names(&Config::sm(), [1, 64], Dialect::KerasTcn).unwrap_err();
    expect!["network.0.0.depthwise.conv: no counterpart in this package"].assert_eq(&error.to_string());
    let wide = Config {
        classes: Some(2),
        head_kernel: 3.into(),
        blocks: vec![Block::new(Kind::Residual, 4, 3, 1)],
        ..Config::sm()
    };
    let error = names(&wide, [1, 64], Dialect::KerasTcn).unwrap_err();
    expect!["projection_out: no counterpart in this package"].assert_eq(&error.to_string());
    let layer = block(|b| b.norm = Norm::Layer);
    expect!["network.1.0.depthwise.norm: no counterpart in this package"]
        .assert_eq(&names(&layer, [1, 64], Dialect::SleepKit).unwrap_err().to_string());
    let mut config = Config::mb();
    config.blocks[2].kernel = 4.into();
    let error = names(&config, [1, 64], Dialect::SleepKit).unwrap_err();
    expect!["network.2.0.depthwise.conv: no row of a kernel 4 with dilation 4 and same padding meets a series of height 1; use an odd kernel or no dilation"].assert_eq(&error.to_string());
    config.blocks[2].kernel = [1, 4].into();
    assert!(names(&config, [1, 64], Dialect::SleepKit).is_ok());
}
