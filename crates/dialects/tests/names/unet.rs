//! Names of U-Nets.

use dialects::Dialect;
use expect_test::expect;
use graph::Shape;
use layers::{Factorization, Norm};
use unet::{Block, Config};

use super::names;

#[test]
fn keras_names_cover_every_parameter_once() {
    let mut config = Config::sleepkit();
    config.blocks.truncate(2);
    config.blocks[0].norm = Norm::Position;
    config.blocks[1].factorization = Factorization::Plain;
    config.blocks[1].kernel = [1, 5].into();
    let renames = names(&config, [1, 40], Dialect::HeliaEdge).unwrap();
    let lines: Vec<_> =
        renames.iter().map(|r| format!("{} = {} {:?}\n", r.theirs, r.ours, r.layout)).collect();
    expect![[r#"
        ENC1_D1_conv/depthwise_kernel = enc1.conv1.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        ENC1_D1_conv/pointwise_kernel = enc1.conv1.pointwise.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1.ln/gamma = enc1.norm1.weight Reshaped
        ENC1_D1.ln/beta = enc1.norm1.bias Reshaped
        ENC1_D2_conv/depthwise_kernel = enc1.conv2.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        ENC1_D2_conv/pointwise_kernel = enc1.conv2.pointwise.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D2.ln/gamma = enc1.norm2.weight Reshaped
        ENC1_D2.ln/beta = enc1.norm2.bias Reshaped
        ENC1_skip/kernel = enc1.shortcut.weight Convolution(Image { row: 0, of: 1 })
        ENC1_skip/bias = enc1.shortcut.bias Same
        ENC2_D1_conv/kernel = enc2.conv1.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_bn/gamma = enc2.norm1.weight Same
        ENC2_D1_bn/beta = enc2.norm1.bias Same
        ENC2_D1_bn/moving_mean = enc2.norm1.running_mean Same
        ENC2_D1_bn/moving_variance = enc2.norm1.running_var Same
        ENC2_D2_conv/kernel = enc2.conv2.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D2_bn/gamma = enc2.norm2.weight Same
        ENC2_D2_bn/beta = enc2.norm2.bias Same
        ENC2_D2_bn/moving_mean = enc2.norm2.running_mean Same
        ENC2_D2_bn/moving_variance = enc2.norm2.running_var Same
        ENC2_skip/kernel = enc2.shortcut.weight Convolution(Image { row: 0, of: 1 })
        ENC2_skip/bias = enc2.shortcut.bias Same
        DEC1_D1_conv/kernel = dec1.conv1.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_bn/gamma = dec1.norm1.weight Same
        DEC1_D1_bn/beta = dec1.norm1.bias Same
        DEC1_D1_bn/moving_mean = dec1.norm1.running_mean Same
        DEC1_D1_bn/moving_variance = dec1.norm1.running_var Same
        DEC1_D3_conv/kernel = dec1.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D3_bn/gamma = dec1.merge.norm.weight Same
        DEC1_D3_bn/beta = dec1.merge.norm.bias Same
        DEC1_D3_bn/moving_mean = dec1.merge.norm.running_mean Same
        DEC1_D3_bn/moving_variance = dec1.merge.norm.running_var Same
        DEC1_D4_conv/kernel = dec1.last.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D4_bn/gamma = dec1.last.norm.weight Same
        DEC1_D4_bn/beta = dec1.last.norm.bias Same
        DEC1_D4_bn/moving_mean = dec1.last.norm.running_mean Same
        DEC1_D4_bn/moving_variance = dec1.last.norm.running_var Same
        DEC1_skip/kernel = dec1.shortcut.weight Convolution(Image { row: 0, of: 1 })
        DEC1_skip/bias = dec1.shortcut.bias Same
        DEC2_D1_conv/depthwise_kernel = dec2.conv1.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC2_D1_conv/pointwise_kernel = dec2.conv1.pointwise.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1.ln/gamma = dec2.norm1.weight Reshaped
        DEC2_D1.ln/beta = dec2.norm1.bias Reshaped
        DEC2_D3_conv/kernel = dec2.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D3.ln/gamma = dec2.merge.norm.weight Reshaped
        DEC2_D3.ln/beta = dec2.merge.norm.bias Reshaped
        DEC2_D4_conv/depthwise_kernel = dec2.last.conv.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC2_D4_conv/pointwise_kernel = dec2.last.conv.pointwise.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D4.ln/gamma = dec2.last.norm.weight Reshaped
        DEC2_D4.ln/beta = dec2.last.norm.bias Reshaped
        DEC2_skip/kernel = dec2.shortcut.weight Convolution(Image { row: 0, of: 1 })
        DEC2_skip/bias = dec2.shortcut.bias Same
        NECK_conv/kernel = outc.conv.weight Convolution(Image { row: 2, of: 5 })
        NECK_conv/bias = outc.conv.bias Same
    "#]]
    .assert_eq(&lines.concat());
    let mut ours: Vec<_> = renames.into_iter().map(|rename| rename.ours).collect();
    let graph = unet::graph(&config.of_series(), [1, 40]).unwrap();
    let mut parameters: Vec<_> = graph.parameters().map(|parameter| parameter.name).collect();
    ours.sort();
    parameters.sort();
    assert_eq!(ours, parameters);
    let dots = names(&config, [1, 40], Dialect::SleepKit).unwrap();
    assert_eq!(dots[0].theirs, "ENC1.D1.conv/depthwise_kernel");
    assert_eq!(dots[2].theirs, "ENC1.D1.ln/gamma");
}

#[test]
fn networks_that_the_packages_do_not_have_get_no_names_of_theirs() {
    let refused = |config: &Config, rank: usize| {
        let input = if rank == 1 { Shape::from([6, 64]) } else { [6, 64, 64].into() };
        names(config, input, Dialect::HeliaEdge).unwrap_err().to_string()
    };
    let residual = |change: fn(&mut Block)| {
        let mut config = Config::sleepkit();
        change(&mut config.blocks[1]);
        config
    };
    expect!["kind: expected residual; other networks have no names in Keras"]
        .assert_eq(&refused(&Config::unet(), 2));
    expect!["pooling: expected max; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { pooling: layers::Pooling::Stride, ..Config::sleepkit() }, 2));
    expect!["upsample: expected nearest; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { upsample: layers::Upsample::Transposed, ..Config::sleepkit() }, 2));
    expect!["blocks[1].norm: expected batch, position or none; other networks have no names in Keras"]
        .assert_eq(&refused(&residual(|block| block.norm = layers::Norm::Layer), 2));
    expect!["blocks[1].decoder_depth: the origin gives two layers one name where this is above 2; no weights exist"].assert_eq(&refused(&residual(|block| block.decoder_depth = Some(3)), 2));
    expect!["blocks[1].factorization: expected plain or separable; other networks have no names in Keras"]
        .assert_eq(&refused(&residual(|block| block.factorization = Factorization::DepthwiseSeparable), 2));
    let dilated = residual(|block| {
        block.kernel = 4.into();
        block.dilation = 2.into();
    });
    expect!["enc2.conv2.depthwise: no row of a kernel 4 with dilation 2 and same padding meets a series of height 1; use an odd kernel or no dilation"].assert_eq(&refused(&dilated, 1));
    assert!(names(&dilated, [6, 64, 64], Dialect::HeliaEdge).is_ok());
}
