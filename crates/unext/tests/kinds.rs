//! The networks that helia-edge and SleepKit actually compute.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use layers::Norm;
use unext::{Block, Config};

fn check(config: &Config, input: impl Into<graph::Shape>, expected: &Expect) {
    expected.assert_eq(&unext::graph(config, input).unwrap().text());
}

/// The first two levels of a config, with squeeze-excite.
fn two_levels(mut config: Config, change: impl Fn(&mut Block)) -> Config {
    config.blocks.truncate(2);
    for block in &mut config.blocks {
        *block = Block { se_divisor: Some(2.0), depth: 1, decoder_depth: None, ..block.clone() };
        change(block);
    }
    config
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn the_helia_edge_kind() {
    let config = two_levels(Config::helia_edge(), |block| {
        block.expand_ratio = 2.0;
        block.norm = Norm::Position;
        block.dropout = 0.1;
    });
    check(
        &config,
        [2, 32],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 2, 32]
            %1 = conv "enc1.0.depthwise" (%0) out=2 kernel=5 groups=2 padding=same : [N, 2, 32]
            %2 = position_norm "enc1.0.norm" (%1) eps=0.001 : [N, 2, 32]
            %3 = conv "enc1.0.expand" (%2) out=4 kernel=1 groups=2 padding=symmetric : [N, 4, 32]
            %4 = activation "enc1.0.act" (%3) relu6 : [N, 4, 32]
            %5 = global_mean "enc1.0.se.mean" (%4) : [N, 4, 1]
            %6 = conv "enc1.0.se.reduce" (%5) out=2 kernel=1 padding=symmetric bias : [N, 2, 1]
            %7 = activation "enc1.0.se.act" (%6) relu6 : [N, 2, 1]
            %8 = conv "enc1.0.se.expand" (%7) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
            %9 = activation "enc1.0.se.gate" (%8) hard_sigmoid : [N, 4, 1]
            %10 = multiply "enc1.0.se.scale" (%4, %9) : [N, 4, 32]
            %11 = conv "enc1.0.project" (%10) out=12 kernel=1 padding=symmetric : [N, 12, 32]
            %12 = conv "enc1.pool.conv" (%11) out=12 kernel=2 stride=2 padding=same : [N, 12, 16]
            %13 = position_norm "enc1.pool.norm" (%12) eps=0.001 : [N, 12, 16]
            %14 = conv "enc2.0.depthwise" (%13) out=12 kernel=5 groups=12 padding=same : [N, 12, 16]
            %15 = position_norm "enc2.0.norm" (%14) eps=0.001 : [N, 12, 16]
            %16 = conv "enc2.0.expand" (%15) out=24 kernel=1 groups=12 padding=symmetric : [N, 24, 16]
            %17 = activation "enc2.0.act" (%16) relu6 : [N, 24, 16]
            %18 = global_mean "enc2.0.se.mean" (%17) : [N, 24, 1]
            %19 = conv "enc2.0.se.reduce" (%18) out=12 kernel=1 padding=symmetric bias : [N, 12, 1]
            %20 = activation "enc2.0.se.act" (%19) relu6 : [N, 12, 1]
            %21 = conv "enc2.0.se.expand" (%20) out=24 kernel=1 padding=symmetric bias : [N, 24, 1]
            %22 = activation "enc2.0.se.gate" (%21) hard_sigmoid : [N, 24, 1]
            %23 = multiply "enc2.0.se.scale" (%17, %22) : [N, 24, 16]
            %24 = conv "enc2.0.project" (%23) out=24 kernel=1 padding=symmetric : [N, 24, 16]
            %25 = conv "enc2.pool.conv" (%24) out=24 kernel=2 stride=2 padding=same : [N, 24, 8]
            %26 = position_norm "enc2.pool.norm" (%25) eps=0.001 : [N, 24, 8]
            %27 = conv "dec1.0.depthwise" (%26) out=24 kernel=5 groups=24 padding=same : [N, 24, 8]
            %28 = position_norm "dec1.0.norm" (%27) eps=0.001 : [N, 24, 8]
            %29 = conv "dec1.0.expand" (%28) out=48 kernel=1 groups=24 padding=symmetric : [N, 48, 8]
            %30 = activation "dec1.0.act" (%29) relu6 : [N, 48, 8]
            %31 = global_mean "dec1.0.se.mean" (%30) : [N, 48, 1]
            %32 = conv "dec1.0.se.reduce" (%31) out=24 kernel=1 padding=symmetric bias : [N, 24, 1]
            %33 = activation "dec1.0.se.act" (%32) relu6 : [N, 24, 1]
            %34 = conv "dec1.0.se.expand" (%33) out=48 kernel=1 padding=symmetric bias : [N, 48, 1]
            %35 = activation "dec1.0.se.gate" (%34) hard_sigmoid : [N, 48, 1]
            %36 = multiply "dec1.0.se.scale" (%30, %35) : [N, 48, 8]
            %37 = conv "dec1.0.project" (%36) out=24 kernel=1 padding=symmetric : [N, 24, 8]
            %38 = dropout "dec1.0.dropout" (%37) p=0.1 element : [N, 24, 8]
            %39 = add "dec1.0.add" (%26, %38) : [N, 24, 8]
            %40 = conv "dec1.conv" (%39) out=24 kernel=2 padding=same : [N, 24, 8]
            %41 = upsample "dec1.up" (%40) factor=2 nearest : [N, 24, 16]
            %42 = crop_or_pad "dec1.crop_or_pad" (%41, %24) : [N, 24, 16]
            %43 = add "dec1.merge.sum" (%42, %24) : [N, 24, 16]
            %44 = conv "dec1.merge.conv" (%43) out=24 kernel=1 padding=symmetric : [N, 24, 16]
            %45 = position_norm "dec1.merge.norm" (%44) eps=0.001 : [N, 24, 16]
            %46 = activation "dec1.merge.act" (%45) relu6 : [N, 24, 16]
            %47 = conv "dec1.last.depthwise" (%46) out=24 kernel=5 groups=24 padding=same : [N, 24, 16]
            %48 = position_norm "dec1.last.norm" (%47) eps=0.001 : [N, 24, 16]
            %49 = conv "dec1.last.expand" (%48) out=48 kernel=1 groups=24 padding=symmetric : [N, 48, 16]
            %50 = activation "dec1.last.act" (%49) relu6 : [N, 48, 16]
            %51 = global_mean "dec1.last.se.mean" (%50) : [N, 48, 1]
            %52 = conv "dec1.last.se.reduce" (%51) out=24 kernel=1 padding=symmetric bias : [N, 24, 1]
            %53 = activation "dec1.last.se.act" (%52) relu6 : [N, 24, 1]
            %54 = conv "dec1.last.se.expand" (%53) out=48 kernel=1 padding=symmetric bias : [N, 48, 1]
            %55 = activation "dec1.last.se.gate" (%54) hard_sigmoid : [N, 48, 1]
            %56 = multiply "dec1.last.se.scale" (%50, %55) : [N, 48, 16]
            %57 = conv "dec1.last.project" (%56) out=24 kernel=1 padding=symmetric : [N, 24, 16]
            %58 = dropout "dec1.last.dropout" (%57) p=0.1 element : [N, 24, 16]
            %59 = add "dec1.last.add" (%46, %58) : [N, 24, 16]
            %60 = conv "dec2.0.depthwise" (%59) out=24 kernel=5 groups=24 padding=same : [N, 24, 16]
            %61 = position_norm "dec2.0.norm" (%60) eps=0.001 : [N, 24, 16]
            %62 = conv "dec2.0.expand" (%61) out=48 kernel=1 groups=24 padding=symmetric : [N, 48, 16]
            %63 = activation "dec2.0.act" (%62) relu6 : [N, 48, 16]
            %64 = global_mean "dec2.0.se.mean" (%63) : [N, 48, 1]
            %65 = conv "dec2.0.se.reduce" (%64) out=24 kernel=1 padding=symmetric bias : [N, 24, 1]
            %66 = activation "dec2.0.se.act" (%65) relu6 : [N, 24, 1]
            %67 = conv "dec2.0.se.expand" (%66) out=48 kernel=1 padding=symmetric bias : [N, 48, 1]
            %68 = activation "dec2.0.se.gate" (%67) hard_sigmoid : [N, 48, 1]
            %69 = multiply "dec2.0.se.scale" (%63, %68) : [N, 48, 16]
            %70 = conv "dec2.0.project" (%69) out=12 kernel=1 padding=symmetric : [N, 12, 16]
            %71 = conv "dec2.conv" (%70) out=12 kernel=2 padding=same : [N, 12, 16]
            %72 = upsample "dec2.up" (%71) factor=2 nearest : [N, 12, 32]
            %73 = crop_or_pad "dec2.crop_or_pad" (%72, %11) : [N, 12, 32]
            %74 = add "dec2.merge.sum" (%73, %11) : [N, 12, 32]
            %75 = conv "dec2.merge.conv" (%74) out=12 kernel=1 padding=symmetric : [N, 12, 32]
            %76 = position_norm "dec2.merge.norm" (%75) eps=0.001 : [N, 12, 32]
            %77 = activation "dec2.merge.act" (%76) relu6 : [N, 12, 32]
            %78 = conv "dec2.last.depthwise" (%77) out=12 kernel=5 groups=12 padding=same : [N, 12, 32]
            %79 = position_norm "dec2.last.norm" (%78) eps=0.001 : [N, 12, 32]
            %80 = conv "dec2.last.expand" (%79) out=24 kernel=1 groups=12 padding=symmetric : [N, 24, 32]
            %81 = activation "dec2.last.act" (%80) relu6 : [N, 24, 32]
            %82 = global_mean "dec2.last.se.mean" (%81) : [N, 24, 1]
            %83 = conv "dec2.last.se.reduce" (%82) out=12 kernel=1 padding=symmetric bias : [N, 12, 1]
            %84 = activation "dec2.last.se.act" (%83) relu6 : [N, 12, 1]
            %85 = conv "dec2.last.se.expand" (%84) out=24 kernel=1 padding=symmetric bias : [N, 24, 1]
            %86 = activation "dec2.last.se.gate" (%85) hard_sigmoid : [N, 24, 1]
            %87 = multiply "dec2.last.se.scale" (%81, %86) : [N, 24, 32]
            %88 = conv "dec2.last.project" (%87) out=12 kernel=1 padding=symmetric : [N, 12, 32]
            %89 = dropout "dec2.last.dropout" (%88) p=0.1 element : [N, 12, 32]
            %90 = add "dec2.last.add" (%77, %89) : [N, 12, 32]
            %91 = conv "outc.conv" (%90) out=5 kernel=5 padding=same bias : [N, 5, 32]
            output "logits" = %91
        "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a snapshot of a graph")]
fn the_sleepkit_kind() {
    check(
        &two_levels(Config::sleepkit(), |block| block.bias = false),
        [4, 16, 16],
        &expect![[r#"
            graph 1
            %0 = input "input" : [N, 4, 16, 16]
            %1 = conv "enc1.0.depthwise" (%0) out=4 kernel=5 groups=4 padding=same : [N, 4, 16, 16]
            %2 = activation "enc1.0.act" (%1) relu6 : [N, 4, 16, 16]
            %3 = global_mean "enc1.0.se.mean" (%2) : [N, 4, 1, 1]
            %4 = conv "enc1.0.se.reduce" (%3) out=2 kernel=1 padding=symmetric bias : [N, 2, 1, 1]
            %5 = activation "enc1.0.se.act" (%4) relu6 : [N, 2, 1, 1]
            %6 = conv "enc1.0.se.expand" (%5) out=4 kernel=1 padding=symmetric bias : [N, 4, 1, 1]
            %7 = activation "enc1.0.se.gate" (%6) hard_sigmoid : [N, 4, 1, 1]
            %8 = multiply "enc1.0.se.scale" (%2, %7) : [N, 4, 16, 16]
            %9 = conv "enc1.0.project" (%8) out=12 kernel=1 padding=symmetric : [N, 12, 16, 16]
            %10 = max_pool "enc1.pool" (%9) kernel=2 stride=2 padding=same : [N, 12, 8, 8]
            %11 = conv "enc2.0.depthwise" (%10) out=12 kernel=5 groups=12 padding=same : [N, 12, 8, 8]
            %12 = activation "enc2.0.act" (%11) relu6 : [N, 12, 8, 8]
            %13 = global_mean "enc2.0.se.mean" (%12) : [N, 12, 1, 1]
            %14 = conv "enc2.0.se.reduce" (%13) out=6 kernel=1 padding=symmetric bias : [N, 6, 1, 1]
            %15 = activation "enc2.0.se.act" (%14) relu6 : [N, 6, 1, 1]
            %16 = conv "enc2.0.se.expand" (%15) out=12 kernel=1 padding=symmetric bias : [N, 12, 1, 1]
            %17 = activation "enc2.0.se.gate" (%16) hard_sigmoid : [N, 12, 1, 1]
            %18 = multiply "enc2.0.se.scale" (%12, %17) : [N, 12, 8, 8]
            %19 = conv "enc2.0.project" (%18) out=24 kernel=1 padding=symmetric : [N, 24, 8, 8]
            %20 = max_pool "enc2.pool" (%19) kernel=2 stride=2 padding=same : [N, 24, 4, 4]
            %21 = conv "dec1.0.depthwise" (%20) out=24 kernel=5 groups=24 padding=same : [N, 24, 4, 4]
            %22 = activation "dec1.0.act" (%21) relu6 : [N, 24, 4, 4]
            %23 = global_mean "dec1.0.se.mean" (%22) : [N, 24, 1, 1]
            %24 = conv "dec1.0.se.reduce" (%23) out=12 kernel=1 padding=symmetric bias : [N, 12, 1, 1]
            %25 = activation "dec1.0.se.act" (%24) relu6 : [N, 12, 1, 1]
            %26 = conv "dec1.0.se.expand" (%25) out=24 kernel=1 padding=symmetric bias : [N, 24, 1, 1]
            %27 = activation "dec1.0.se.gate" (%26) hard_sigmoid : [N, 24, 1, 1]
            %28 = multiply "dec1.0.se.scale" (%22, %27) : [N, 24, 4, 4]
            %29 = conv "dec1.0.project" (%28) out=24 kernel=1 padding=symmetric : [N, 24, 4, 4]
            %30 = add "dec1.0.add" (%20, %29) : [N, 24, 4, 4]
            %31 = upsample "dec1.up" (%30) factor=2 nearest : [N, 24, 8, 8]
            %32 = crop_or_pad "dec1.crop_or_pad" (%31, %19) : [N, 24, 8, 8]
            %33 = concat "dec1.merge.concat" (%32, %19) : [N, 48, 8, 8]
            %34 = conv "dec1.merge.conv" (%33) out=24 kernel=1 padding=symmetric : [N, 24, 8, 8]
            %35 = activation "dec1.merge.act" (%34) relu6 : [N, 24, 8, 8]
            %36 = conv "dec1.last.depthwise" (%35) out=24 kernel=5 groups=24 padding=same : [N, 24, 8, 8]
            %37 = activation "dec1.last.act" (%36) relu6 : [N, 24, 8, 8]
            %38 = global_mean "dec1.last.se.mean" (%37) : [N, 24, 1, 1]
            %39 = conv "dec1.last.se.reduce" (%38) out=12 kernel=1 padding=symmetric bias : [N, 12, 1, 1]
            %40 = activation "dec1.last.se.act" (%39) relu6 : [N, 12, 1, 1]
            %41 = conv "dec1.last.se.expand" (%40) out=24 kernel=1 padding=symmetric bias : [N, 24, 1, 1]
            %42 = activation "dec1.last.se.gate" (%41) hard_sigmoid : [N, 24, 1, 1]
            %43 = multiply "dec1.last.se.scale" (%37, %42) : [N, 24, 8, 8]
            %44 = conv "dec1.last.project" (%43) out=24 kernel=1 padding=symmetric : [N, 24, 8, 8]
            %45 = add "dec1.last.add" (%35, %44) : [N, 24, 8, 8]
            %46 = conv "dec2.0.depthwise" (%45) out=24 kernel=5 groups=24 padding=same : [N, 24, 8, 8]
            %47 = activation "dec2.0.act" (%46) relu6 : [N, 24, 8, 8]
            %48 = global_mean "dec2.0.se.mean" (%47) : [N, 24, 1, 1]
            %49 = conv "dec2.0.se.reduce" (%48) out=12 kernel=1 padding=symmetric bias : [N, 12, 1, 1]
            %50 = activation "dec2.0.se.act" (%49) relu6 : [N, 12, 1, 1]
            %51 = conv "dec2.0.se.expand" (%50) out=24 kernel=1 padding=symmetric bias : [N, 24, 1, 1]
            %52 = activation "dec2.0.se.gate" (%51) hard_sigmoid : [N, 24, 1, 1]
            %53 = multiply "dec2.0.se.scale" (%47, %52) : [N, 24, 8, 8]
            %54 = conv "dec2.0.project" (%53) out=12 kernel=1 padding=symmetric : [N, 12, 8, 8]
            %55 = upsample "dec2.up" (%54) factor=2 nearest : [N, 12, 16, 16]
            %56 = crop_or_pad "dec2.crop_or_pad" (%55, %9) : [N, 12, 16, 16]
            %57 = concat "dec2.merge.concat" (%56, %9) : [N, 24, 16, 16]
            %58 = conv "dec2.merge.conv" (%57) out=12 kernel=1 padding=symmetric : [N, 12, 16, 16]
            %59 = activation "dec2.merge.act" (%58) relu6 : [N, 12, 16, 16]
            %60 = conv "dec2.last.depthwise" (%59) out=12 kernel=5 groups=12 padding=same : [N, 12, 16, 16]
            %61 = activation "dec2.last.act" (%60) relu6 : [N, 12, 16, 16]
            %62 = global_mean "dec2.last.se.mean" (%61) : [N, 12, 1, 1]
            %63 = conv "dec2.last.se.reduce" (%62) out=6 kernel=1 padding=symmetric bias : [N, 6, 1, 1]
            %64 = activation "dec2.last.se.act" (%63) relu6 : [N, 6, 1, 1]
            %65 = conv "dec2.last.se.expand" (%64) out=12 kernel=1 padding=symmetric bias : [N, 12, 1, 1]
            %66 = activation "dec2.last.se.gate" (%65) hard_sigmoid : [N, 12, 1, 1]
            %67 = multiply "dec2.last.se.scale" (%61, %66) : [N, 12, 16, 16]
            %68 = conv "dec2.last.project" (%67) out=12 kernel=1 padding=symmetric : [N, 12, 16, 16]
            %69 = add "dec2.last.add" (%59, %68) : [N, 12, 16, 16]
            %70 = conv "outc.conv" (%69) out=5 kernel=5 padding=same bias : [N, 5, 16, 16]
            output "logits" = %70
        "#]],
    );
}
