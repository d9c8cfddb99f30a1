//! The graphs of config options.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Graph, Weights};
use layers::{Factorization, Norm, OutputActivation, Pooling, Skip, Upsample};
use unet::{Block, Config, Kind};

fn check(config: &Config, input: impl Into<graph::Shape>, expected: &Expect) {
    expected.assert_eq(&unet::graph(config, input).unwrap().text());
}

/// A network of two levels with one convolution each.
fn tiny(kind: Kind, upsample: Upsample, change: impl Fn(&mut Block)) -> Config {
    let block = |channels| {
        let mut block = Block { depth: 1, ..Block::new(channels) };
        change(&mut block);
        block
    };
    Config { kind, blocks: vec![block(4), block(6)], upsample, ..Config::unet() }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn the_smallest_preset() {
    check(
        &Config::micro(),
        [1, 100],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 1, 100]
            %1 = conv "inc.double_conv.0.depthwise" (%0) out=1 kernel=3 padding=same : [N, 1, 100]
            %2 = conv "inc.double_conv.0.pointwise" (%1) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %3 = batch_norm "inc.double_conv.1" (%2) : [N, 8, 100]
            %4 = activation "inc.double_conv.2" (%3) relu6 : [N, 8, 100]
            %5 = conv "inc.double_conv.3.depthwise" (%4) out=8 kernel=3 groups=8 padding=same : [N, 8, 100]
            %6 = conv "inc.double_conv.3.pointwise" (%5) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %7 = batch_norm "inc.double_conv.4" (%6) : [N, 8, 100]
            %8 = activation "inc.double_conv.5" (%7) relu6 : [N, 8, 100]
            %9 = max_pool "down1.maxpool_conv.0" (%8) kernel=2 stride=2 padding=same : [N, 8, 50]
            %10 = conv "down1.maxpool_conv.1.double_conv.0.depthwise" (%9) out=8 kernel=3 groups=8 padding=same : [N, 8, 50]
            %11 = conv "down1.maxpool_conv.1.double_conv.0.pointwise" (%10) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %12 = batch_norm "down1.maxpool_conv.1.double_conv.1" (%11) : [N, 16, 50]
            %13 = activation "down1.maxpool_conv.1.double_conv.2" (%12) relu6 : [N, 16, 50]
            %14 = conv "down1.maxpool_conv.1.double_conv.3.depthwise" (%13) out=16 kernel=3 groups=16 padding=same : [N, 16, 50]
            %15 = conv "down1.maxpool_conv.1.double_conv.3.pointwise" (%14) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %16 = batch_norm "down1.maxpool_conv.1.double_conv.4" (%15) : [N, 16, 50]
            %17 = activation "down1.maxpool_conv.1.double_conv.5" (%16) relu6 : [N, 16, 50]
            %18 = max_pool "down2.maxpool_conv.0" (%17) kernel=2 stride=2 padding=same : [N, 16, 25]
            %19 = conv "down2.maxpool_conv.1.double_conv.0.depthwise" (%18) out=16 kernel=3 groups=16 padding=same : [N, 16, 25]
            %20 = conv "down2.maxpool_conv.1.double_conv.0.pointwise" (%19) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %21 = batch_norm "down2.maxpool_conv.1.double_conv.1" (%20) : [N, 24, 25]
            %22 = activation "down2.maxpool_conv.1.double_conv.2" (%21) relu6 : [N, 24, 25]
            %23 = conv "down2.maxpool_conv.1.double_conv.3.depthwise" (%22) out=24 kernel=3 groups=24 padding=same : [N, 24, 25]
            %24 = conv "down2.maxpool_conv.1.double_conv.3.pointwise" (%23) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %25 = batch_norm "down2.maxpool_conv.1.double_conv.4" (%24) : [N, 24, 25]
            %26 = activation "down2.maxpool_conv.1.double_conv.5" (%25) relu6 : [N, 24, 25]
            %27 = max_pool "down3.maxpool_conv.0" (%26) kernel=2 stride=2 padding=same : [N, 24, 13]
            %28 = conv "down3.maxpool_conv.1.double_conv.0.depthwise" (%27) out=24 kernel=3 groups=24 padding=same : [N, 24, 13]
            %29 = conv "down3.maxpool_conv.1.double_conv.0.pointwise" (%28) out=32 kernel=1 padding=symmetric : [N, 32, 13]
            %30 = batch_norm "down3.maxpool_conv.1.double_conv.1" (%29) : [N, 32, 13]
            %31 = activation "down3.maxpool_conv.1.double_conv.2" (%30) relu6 : [N, 32, 13]
            %32 = conv "down3.maxpool_conv.1.double_conv.3.depthwise" (%31) out=32 kernel=3 groups=32 padding=same : [N, 32, 13]
            %33 = conv "down3.maxpool_conv.1.double_conv.3.pointwise" (%32) out=32 kernel=1 padding=symmetric : [N, 32, 13]
            %34 = batch_norm "down3.maxpool_conv.1.double_conv.4" (%33) : [N, 32, 13]
            %35 = activation "down3.maxpool_conv.1.double_conv.5" (%34) relu6 : [N, 32, 13]
            %36 = upsample "up1.up" (%35) factor=2 nearest : [N, 32, 26]
            %37 = crop_or_pad "up1.crop_or_pad" (%36, %26) : [N, 32, 25]
            %38 = concat "up1.concat" (%26, %37) : [N, 56, 25]
            %39 = conv "up1.conv.double_conv.0.depthwise" (%38) out=56 kernel=3 groups=56 padding=same : [N, 56, 25]
            %40 = conv "up1.conv.double_conv.0.pointwise" (%39) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %41 = batch_norm "up1.conv.double_conv.1" (%40) : [N, 24, 25]
            %42 = activation "up1.conv.double_conv.2" (%41) relu6 : [N, 24, 25]
            %43 = conv "up1.conv.double_conv.3.depthwise" (%42) out=24 kernel=3 groups=24 padding=same : [N, 24, 25]
            %44 = conv "up1.conv.double_conv.3.pointwise" (%43) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %45 = batch_norm "up1.conv.double_conv.4" (%44) : [N, 24, 25]
            %46 = activation "up1.conv.double_conv.5" (%45) relu6 : [N, 24, 25]
            %47 = upsample "up2.up" (%46) factor=2 nearest : [N, 24, 50]
            %48 = crop_or_pad "up2.crop_or_pad" (%47, %17) : [N, 24, 50]
            %49 = concat "up2.concat" (%17, %48) : [N, 40, 50]
            %50 = conv "up2.conv.double_conv.0.depthwise" (%49) out=40 kernel=3 groups=40 padding=same : [N, 40, 50]
            %51 = conv "up2.conv.double_conv.0.pointwise" (%50) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %52 = batch_norm "up2.conv.double_conv.1" (%51) : [N, 16, 50]
            %53 = activation "up2.conv.double_conv.2" (%52) relu6 : [N, 16, 50]
            %54 = conv "up2.conv.double_conv.3.depthwise" (%53) out=16 kernel=3 groups=16 padding=same : [N, 16, 50]
            %55 = conv "up2.conv.double_conv.3.pointwise" (%54) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %56 = batch_norm "up2.conv.double_conv.4" (%55) : [N, 16, 50]
            %57 = activation "up2.conv.double_conv.5" (%56) relu6 : [N, 16, 50]
            %58 = upsample "up3.up" (%57) factor=2 nearest : [N, 16, 100]
            %59 = crop_or_pad "up3.crop_or_pad" (%58, %8) : [N, 16, 100]
            %60 = concat "up3.concat" (%8, %59) : [N, 24, 100]
            %61 = conv "up3.conv.double_conv.0.depthwise" (%60) out=24 kernel=3 groups=24 padding=same : [N, 24, 100]
            %62 = conv "up3.conv.double_conv.0.pointwise" (%61) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %63 = batch_norm "up3.conv.double_conv.1" (%62) : [N, 8, 100]
            %64 = activation "up3.conv.double_conv.2" (%63) relu6 : [N, 8, 100]
            %65 = conv "up3.conv.double_conv.3.depthwise" (%64) out=8 kernel=3 groups=8 padding=same : [N, 8, 100]
            %66 = conv "up3.conv.double_conv.3.pointwise" (%65) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %67 = batch_norm "up3.conv.double_conv.4" (%66) : [N, 8, 100]
            %68 = activation "up3.conv.double_conv.5" (%67) relu6 : [N, 8, 100]
            %69 = conv "outc.conv" (%68) out=2 kernel=1 padding=same bias : [N, 2, 100]
            output "logits" = %69
        "#]],
    );
}

#[test]
fn the_papers_network_with_two_levels() {
    check(
        &tiny(Kind::Plain, Upsample::Transposed, |block| block.depth = 2),
        [3, 32, 32],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 3, 32, 32]
            %1 = conv "inc.double_conv.0" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 32, 32]
            %2 = batch_norm "inc.double_conv.1" (%1) : [N, 4, 32, 32]
            %3 = activation "inc.double_conv.2" (%2) relu : [N, 4, 32, 32]
            %4 = conv "inc.double_conv.3" (%3) out=4 kernel=3 padding=symmetric : [N, 4, 32, 32]
            %5 = batch_norm "inc.double_conv.4" (%4) : [N, 4, 32, 32]
            %6 = activation "inc.double_conv.5" (%5) relu : [N, 4, 32, 32]
            %7 = max_pool "down1.maxpool_conv.0" (%6) kernel=2 stride=2 padding=symmetric : [N, 4, 16, 16]
            %8 = conv "down1.maxpool_conv.1.double_conv.0" (%7) out=6 kernel=3 padding=symmetric : [N, 6, 16, 16]
            %9 = batch_norm "down1.maxpool_conv.1.double_conv.1" (%8) : [N, 6, 16, 16]
            %10 = activation "down1.maxpool_conv.1.double_conv.2" (%9) relu : [N, 6, 16, 16]
            %11 = conv "down1.maxpool_conv.1.double_conv.3" (%10) out=6 kernel=3 padding=symmetric : [N, 6, 16, 16]
            %12 = batch_norm "down1.maxpool_conv.1.double_conv.4" (%11) : [N, 6, 16, 16]
            %13 = activation "down1.maxpool_conv.1.double_conv.5" (%12) relu : [N, 6, 16, 16]
            %14 = conv_transpose "up1.up" (%13) out=4 kernel=2 stride=2 crop=same bias : [N, 4, 32, 32]
            %15 = crop_or_pad "up1.crop_or_pad" (%14, %6) : [N, 4, 32, 32]
            %16 = concat "up1.concat" (%6, %15) : [N, 8, 32, 32]
            %17 = conv "up1.conv.double_conv.0" (%16) out=4 kernel=3 padding=symmetric : [N, 4, 32, 32]
            %18 = batch_norm "up1.conv.double_conv.1" (%17) : [N, 4, 32, 32]
            %19 = activation "up1.conv.double_conv.2" (%18) relu : [N, 4, 32, 32]
            %20 = conv "up1.conv.double_conv.3" (%19) out=4 kernel=3 padding=symmetric : [N, 4, 32, 32]
            %21 = batch_norm "up1.conv.double_conv.4" (%20) : [N, 4, 32, 32]
            %22 = activation "up1.conv.double_conv.5" (%21) relu : [N, 4, 32, 32]
            %23 = conv "outc.conv" (%22) out=2 kernel=1 padding=symmetric bias : [N, 2, 32, 32]
            output "logits" = %23
        "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn a_residual_network() {
    let config = tiny(Kind::Residual, Upsample::Nearest, |block| {
        block.dropout = 0.1;
        block.dilation = 2.into();
        block.decoder_dilation = 3.into();
        block.depth = 3;
        block.decoder_depth = Some(1);
    });
    check(
        &Config { features: true, ..config },
        [3, 32],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 3, 32]
            %1 = conv "enc1.conv1" (%0) out=4 kernel=3 padding=symmetric : [N, 4, 32]
            %2 = batch_norm "enc1.norm1" (%1) : [N, 4, 32]
            %3 = activation "enc1.act1" (%2) relu : [N, 4, 32]
            %4 = conv "enc1.conv2" (%3) out=4 kernel=3 dilation=2 padding=symmetric : [N, 4, 32]
            %5 = batch_norm "enc1.norm2" (%4) : [N, 4, 32]
            %6 = activation "enc1.act2" (%5) relu : [N, 4, 32]
            %7 = conv "enc1.conv3" (%6) out=4 kernel=3 dilation=4 padding=symmetric : [N, 4, 32]
            %8 = batch_norm "enc1.norm3" (%7) : [N, 4, 32]
            %9 = activation "enc1.act3" (%8) relu : [N, 4, 32]
            %10 = dropout "enc1.dropout" (%9) p=0.1 element : [N, 4, 32]
            %11 = conv "enc1.shortcut" (%0) out=4 kernel=1 padding=symmetric bias : [N, 4, 32]
            %12 = add "enc1.add" (%10, %11) : [N, 4, 32]
            %13 = max_pool "enc1.pool" (%12) kernel=2 stride=2 padding=symmetric : [N, 4, 16]
            %14 = conv "enc2.conv1" (%13) out=6 kernel=3 padding=symmetric : [N, 6, 16]
            %15 = batch_norm "enc2.norm1" (%14) : [N, 6, 16]
            %16 = activation "enc2.act1" (%15) relu : [N, 6, 16]
            %17 = conv "enc2.conv2" (%16) out=6 kernel=3 dilation=2 padding=symmetric : [N, 6, 16]
            %18 = batch_norm "enc2.norm2" (%17) : [N, 6, 16]
            %19 = activation "enc2.act2" (%18) relu : [N, 6, 16]
            %20 = conv "enc2.conv3" (%19) out=6 kernel=3 dilation=4 padding=symmetric : [N, 6, 16]
            %21 = batch_norm "enc2.norm3" (%20) : [N, 6, 16]
            %22 = activation "enc2.act3" (%21) relu : [N, 6, 16]
            %23 = dropout "enc2.dropout" (%22) p=0.1 element : [N, 6, 16]
            %24 = conv "enc2.shortcut" (%13) out=6 kernel=1 padding=symmetric bias : [N, 6, 16]
            %25 = add "enc2.add" (%23, %24) : [N, 6, 16]
            %26 = max_pool "enc2.pool" (%25) kernel=2 stride=2 padding=symmetric : [N, 6, 8]
            %27 = conv "dec1.conv1" (%26) out=6 kernel=3 dilation=3 padding=symmetric : [N, 6, 8]
            %28 = batch_norm "dec1.norm1" (%27) : [N, 6, 8]
            %29 = activation "dec1.act1" (%28) relu : [N, 6, 8]
            %30 = upsample "dec1.up" (%29) factor=2 nearest : [N, 6, 16]
            %31 = crop_or_pad "dec1.crop_or_pad" (%30, %25) : [N, 6, 16]
            %32 = concat "dec1.merge.concat" (%31, %25) : [N, 12, 16]
            %33 = conv "dec1.merge.conv" (%32) out=6 kernel=1 padding=symmetric : [N, 6, 16]
            %34 = batch_norm "dec1.merge.norm" (%33) : [N, 6, 16]
            %35 = activation "dec1.merge.act" (%34) relu : [N, 6, 16]
            %36 = conv "dec1.last.conv" (%35) out=6 kernel=3 padding=symmetric : [N, 6, 16]
            %37 = batch_norm "dec1.last.norm" (%36) : [N, 6, 16]
            %38 = activation "dec1.last.act" (%37) relu : [N, 6, 16]
            %39 = conv "dec1.shortcut" (%35) out=6 kernel=1 padding=symmetric bias : [N, 6, 16]
            %40 = add "dec1.add" (%38, %39) : [N, 6, 16]
            %41 = conv "dec2.conv1" (%40) out=4 kernel=3 dilation=3 padding=symmetric : [N, 4, 16]
            %42 = batch_norm "dec2.norm1" (%41) : [N, 4, 16]
            %43 = activation "dec2.act1" (%42) relu : [N, 4, 16]
            %44 = upsample "dec2.up" (%43) factor=2 nearest : [N, 4, 32]
            %45 = crop_or_pad "dec2.crop_or_pad" (%44, %12) : [N, 4, 32]
            %46 = concat "dec2.merge.concat" (%45, %12) : [N, 8, 32]
            %47 = conv "dec2.merge.conv" (%46) out=4 kernel=1 padding=symmetric : [N, 4, 32]
            %48 = batch_norm "dec2.merge.norm" (%47) : [N, 4, 32]
            %49 = activation "dec2.merge.act" (%48) relu : [N, 4, 32]
            %50 = conv "dec2.last.conv" (%49) out=4 kernel=3 padding=symmetric : [N, 4, 32]
            %51 = batch_norm "dec2.last.norm" (%50) : [N, 4, 32]
            %52 = activation "dec2.last.act" (%51) relu : [N, 4, 32]
            %53 = conv "dec2.shortcut" (%49) out=4 kernel=1 padding=symmetric bias : [N, 4, 32]
            %54 = add "dec2.add" (%52, %53) : [N, 4, 32]
            %55 = conv "outc.conv" (%54) out=2 kernel=1 padding=symmetric bias : [N, 2, 32]
            output "logits" = %55
            output "stage1" = %12
            output "stage2" = %25
        "#]],
    );
}

#[test]
fn strided_pooling_added_skips_and_group_norms() {
    let config = tiny(Kind::Plain, Upsample::Linear, |block| {
        block.skip = Skip::Add;
        block.norm = Norm::Group { groups: 2 };
        block.factorization = Factorization::DepthwiseSeparable;
        block.decoder_depth = Some(2);
        block.decoder_channels = Some(8);
    });
    let config =
        Config { pooling: Pooling::Stride, output_activation: Some(OutputActivation::Softmax), ..config };
    check(
        &config,
        [4, 32],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 4, 32]
            %1 = conv "inc.double_conv.0.depthwise" (%0) out=4 kernel=3 groups=4 padding=symmetric : [N, 4, 32]
            %2 = group_norm "inc.double_conv.0.norm" (%1) groups=2 eps=1e-5 : [N, 4, 32]
            %3 = activation "inc.double_conv.0.act" (%2) relu : [N, 4, 32]
            %4 = conv "inc.double_conv.0.pointwise" (%3) out=4 kernel=1 padding=symmetric : [N, 4, 32]
            %5 = group_norm "inc.double_conv.1" (%4) groups=2 eps=1e-5 : [N, 4, 32]
            %6 = activation "inc.double_conv.2" (%5) relu : [N, 4, 32]
            %7 = conv "down1.maxpool_conv.0.conv" (%6) out=4 kernel=2 stride=2 padding=symmetric : [N, 4, 16]
            %8 = group_norm "down1.maxpool_conv.0.norm" (%7) groups=2 eps=1e-5 : [N, 4, 16]
            %9 = conv "down1.maxpool_conv.1.double_conv.0.depthwise" (%8) out=4 kernel=3 groups=4 padding=symmetric : [N, 4, 16]
            %10 = group_norm "down1.maxpool_conv.1.double_conv.0.norm" (%9) groups=2 eps=1e-5 : [N, 4, 16]
            %11 = activation "down1.maxpool_conv.1.double_conv.0.act" (%10) relu : [N, 4, 16]
            %12 = conv "down1.maxpool_conv.1.double_conv.0.pointwise" (%11) out=6 kernel=1 padding=symmetric : [N, 6, 16]
            %13 = group_norm "down1.maxpool_conv.1.double_conv.1" (%12) groups=2 eps=1e-5 : [N, 6, 16]
            %14 = activation "down1.maxpool_conv.1.double_conv.2" (%13) relu : [N, 6, 16]
            %15 = upsample "up1.up" (%14) factor=2 linear : [N, 6, 32]
            %16 = crop_or_pad "up1.crop_or_pad" (%15, %6) : [N, 6, 32]
            %17 = conv "up1.reduce" (%16) out=4 kernel=1 padding=symmetric bias : [N, 4, 32]
            %18 = add "up1.add" (%6, %17) : [N, 4, 32]
            %19 = conv "up1.conv.double_conv.0.depthwise" (%18) out=4 kernel=3 groups=4 padding=symmetric : [N, 4, 32]
            %20 = group_norm "up1.conv.double_conv.0.norm" (%19) groups=2 eps=1e-5 : [N, 4, 32]
            %21 = activation "up1.conv.double_conv.0.act" (%20) relu : [N, 4, 32]
            %22 = conv "up1.conv.double_conv.0.pointwise" (%21) out=4 kernel=1 padding=symmetric : [N, 4, 32]
            %23 = group_norm "up1.conv.double_conv.1" (%22) groups=2 eps=1e-5 : [N, 4, 32]
            %24 = activation "up1.conv.double_conv.2" (%23) relu : [N, 4, 32]
            %25 = conv "up1.conv.double_conv.3.depthwise" (%24) out=4 kernel=3 groups=4 padding=symmetric : [N, 4, 32]
            %26 = group_norm "up1.conv.double_conv.3.norm" (%25) groups=2 eps=1e-5 : [N, 4, 32]
            %27 = activation "up1.conv.double_conv.3.act" (%26) relu : [N, 4, 32]
            %28 = conv "up1.conv.double_conv.3.pointwise" (%27) out=8 kernel=1 padding=symmetric : [N, 8, 32]
            %29 = group_norm "up1.conv.double_conv.4" (%28) groups=2 eps=1e-5 : [N, 8, 32]
            %30 = activation "up1.conv.double_conv.5" (%29) relu : [N, 8, 32]
            %31 = conv "outc.conv" (%30) out=2 kernel=1 padding=symmetric bias : [N, 2, 32]
            %32 = softmax "outc.act" (%31) : [N, 2, 32]
            output "logits" = %32
        "#]],
    );
}

#[test]
fn merging_leaves_no_norm_and_changes_no_name() {
    for (name, config) in unet::PRESETS.iter().filter(|(name, _)| *name != "unet_bilinear") {
        let graph = unet::graph(&config(), [3, 64]).unwrap();
        let merged = graph::merge(&graph, &Weights::initial(&graph, 0));
        merged.graph.verify().unwrap();
        assert_eq!(merged.refusals, [], "{name}");
        let norms = |graph: &Graph| graph.nodes().filter(|(_, node)| node.op.name() == "batch_norm").count();
        assert_eq!(norms(&merged.graph), 0, "{name}");
        assert!(merged.graph.nodes().all(|(_, node)| graph.find(&node.name).is_some()), "{name}");
    }
}

#[test]
fn configs_round_trip_through_json() {
    for (name, config) in unet::PRESETS {
        let text = serde_json::to_string(&config()).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config(), "{name}");
    }
}

#[test]
fn a_config_file_states_only_changed_fields() {
    let text = r#"{ "classes": 4, "upsample": "linear", "blocks": [{ "channels": 8 }, { "channels": 12, "skip": "add" }] }"#;
    let config: Config = serde_json::from_str(text).unwrap();
    let blocks = vec![Block::new(8), Block { skip: Skip::Add, ..Block::new(12) }];
    assert_eq!(config, Config { classes: Some(4), upsample: Upsample::Linear, blocks, ..Config::unet() });
}
