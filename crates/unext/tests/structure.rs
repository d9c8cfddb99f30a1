//! The graph of the smallest preset, and configs as JSON.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use unext::{Block, Config};

fn check(config: &Config, input: impl Into<graph::Shape>, expected: &Expect) {
    expected.assert_eq(&unext::graph(config, input).unwrap().text());
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
            %1 = conv "stem.conv" (%0) out=8 kernel=3 padding=same : [N, 8, 100]
            %2 = batch_norm "stem.norm" (%1) eps=0.001 : [N, 8, 100]
            %3 = activation "stem.act" (%2) relu6 : [N, 8, 100]
            %4 = conv "enc1.0.conv_pw" (%3) out=16 kernel=1 padding=symmetric : [N, 16, 100]
            %5 = batch_norm "enc1.0.bn1" (%4) eps=0.001 : [N, 16, 100]
            %6 = activation "enc1.0.act1" (%5) relu6 : [N, 16, 100]
            %7 = conv "enc1.0.conv_dw" (%6) out=16 kernel=3 groups=16 padding=same : [N, 16, 100]
            %8 = batch_norm "enc1.0.bn2" (%7) eps=0.001 : [N, 16, 100]
            %9 = activation "enc1.0.act2" (%8) relu6 : [N, 16, 100]
            %10 = global_mean "enc1.0.se.mean" (%9) : [N, 16, 1]
            %11 = conv "enc1.0.se.conv_reduce" (%10) out=2 kernel=1 padding=symmetric bias : [N, 2, 1]
            %12 = activation "enc1.0.se.act" (%11) relu6 : [N, 2, 1]
            %13 = conv "enc1.0.se.conv_expand" (%12) out=16 kernel=1 padding=symmetric bias : [N, 16, 1]
            %14 = activation "enc1.0.se.gate" (%13) sigmoid : [N, 16, 1]
            %15 = multiply "enc1.0.se.scale" (%9, %14) : [N, 16, 100]
            %16 = conv "enc1.0.conv_pwl" (%15) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %17 = batch_norm "enc1.0.bn3" (%16) eps=0.001 : [N, 8, 100]
            %18 = add "enc1.0.add" (%17, %3) : [N, 8, 100]
            %19 = max_pool "enc1.pool" (%18) kernel=2 stride=2 padding=same : [N, 8, 50]
            %20 = conv "enc2.0.conv_pw" (%19) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %21 = batch_norm "enc2.0.bn1" (%20) eps=0.001 : [N, 16, 50]
            %22 = activation "enc2.0.act1" (%21) relu6 : [N, 16, 50]
            %23 = conv "enc2.0.conv_dw" (%22) out=16 kernel=3 groups=16 padding=same : [N, 16, 50]
            %24 = batch_norm "enc2.0.bn2" (%23) eps=0.001 : [N, 16, 50]
            %25 = activation "enc2.0.act2" (%24) relu6 : [N, 16, 50]
            %26 = global_mean "enc2.0.se.mean" (%25) : [N, 16, 1]
            %27 = conv "enc2.0.se.conv_reduce" (%26) out=2 kernel=1 padding=symmetric bias : [N, 2, 1]
            %28 = activation "enc2.0.se.act" (%27) relu6 : [N, 2, 1]
            %29 = conv "enc2.0.se.conv_expand" (%28) out=16 kernel=1 padding=symmetric bias : [N, 16, 1]
            %30 = activation "enc2.0.se.gate" (%29) sigmoid : [N, 16, 1]
            %31 = multiply "enc2.0.se.scale" (%25, %30) : [N, 16, 50]
            %32 = conv "enc2.0.conv_pwl" (%31) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %33 = batch_norm "enc2.0.bn3" (%32) eps=0.001 : [N, 16, 50]
            %34 = max_pool "enc2.pool" (%33) kernel=2 stride=2 padding=same : [N, 16, 25]
            %35 = conv "enc3.0.conv_pw" (%34) out=32 kernel=1 padding=symmetric : [N, 32, 25]
            %36 = batch_norm "enc3.0.bn1" (%35) eps=0.001 : [N, 32, 25]
            %37 = activation "enc3.0.act1" (%36) relu6 : [N, 32, 25]
            %38 = conv "enc3.0.conv_dw" (%37) out=32 kernel=3 groups=32 padding=same : [N, 32, 25]
            %39 = batch_norm "enc3.0.bn2" (%38) eps=0.001 : [N, 32, 25]
            %40 = activation "enc3.0.act2" (%39) relu6 : [N, 32, 25]
            %41 = global_mean "enc3.0.se.mean" (%40) : [N, 32, 1]
            %42 = conv "enc3.0.se.conv_reduce" (%41) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
            %43 = activation "enc3.0.se.act" (%42) relu6 : [N, 4, 1]
            %44 = conv "enc3.0.se.conv_expand" (%43) out=32 kernel=1 padding=symmetric bias : [N, 32, 1]
            %45 = activation "enc3.0.se.gate" (%44) sigmoid : [N, 32, 1]
            %46 = multiply "enc3.0.se.scale" (%40, %45) : [N, 32, 25]
            %47 = conv "enc3.0.conv_pwl" (%46) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %48 = batch_norm "enc3.0.bn3" (%47) eps=0.001 : [N, 24, 25]
            %49 = max_pool "enc3.pool" (%48) kernel=2 stride=2 padding=same : [N, 24, 13]
            %50 = conv "enc4.0.conv_pw" (%49) out=48 kernel=1 padding=symmetric : [N, 48, 13]
            %51 = batch_norm "enc4.0.bn1" (%50) eps=0.001 : [N, 48, 13]
            %52 = activation "enc4.0.act1" (%51) relu6 : [N, 48, 13]
            %53 = conv "enc4.0.conv_dw" (%52) out=48 kernel=3 groups=48 padding=same : [N, 48, 13]
            %54 = batch_norm "enc4.0.bn2" (%53) eps=0.001 : [N, 48, 13]
            %55 = activation "enc4.0.act2" (%54) relu6 : [N, 48, 13]
            %56 = global_mean "enc4.0.se.mean" (%55) : [N, 48, 1]
            %57 = conv "enc4.0.se.conv_reduce" (%56) out=6 kernel=1 padding=symmetric bias : [N, 6, 1]
            %58 = activation "enc4.0.se.act" (%57) relu6 : [N, 6, 1]
            %59 = conv "enc4.0.se.conv_expand" (%58) out=48 kernel=1 padding=symmetric bias : [N, 48, 1]
            %60 = activation "enc4.0.se.gate" (%59) sigmoid : [N, 48, 1]
            %61 = multiply "enc4.0.se.scale" (%55, %60) : [N, 48, 13]
            %62 = conv "enc4.0.conv_pwl" (%61) out=32 kernel=1 padding=symmetric : [N, 32, 13]
            %63 = batch_norm "enc4.0.bn3" (%62) eps=0.001 : [N, 32, 13]
            %64 = upsample "dec1.up" (%63) factor=2 nearest : [N, 32, 26]
            %65 = crop_or_pad "dec1.crop_or_pad" (%64, %48) : [N, 32, 25]
            %66 = concat "dec1.concat" (%48, %65) : [N, 56, 25]
            %67 = conv "dec1.0.conv_pw" (%66) out=112 kernel=1 padding=symmetric : [N, 112, 25]
            %68 = batch_norm "dec1.0.bn1" (%67) eps=0.001 : [N, 112, 25]
            %69 = activation "dec1.0.act1" (%68) relu6 : [N, 112, 25]
            %70 = conv "dec1.0.conv_dw" (%69) out=112 kernel=3 groups=112 padding=same : [N, 112, 25]
            %71 = batch_norm "dec1.0.bn2" (%70) eps=0.001 : [N, 112, 25]
            %72 = activation "dec1.0.act2" (%71) relu6 : [N, 112, 25]
            %73 = global_mean "dec1.0.se.mean" (%72) : [N, 112, 1]
            %74 = conv "dec1.0.se.conv_reduce" (%73) out=14 kernel=1 padding=symmetric bias : [N, 14, 1]
            %75 = activation "dec1.0.se.act" (%74) relu6 : [N, 14, 1]
            %76 = conv "dec1.0.se.conv_expand" (%75) out=112 kernel=1 padding=symmetric bias : [N, 112, 1]
            %77 = activation "dec1.0.se.gate" (%76) sigmoid : [N, 112, 1]
            %78 = multiply "dec1.0.se.scale" (%72, %77) : [N, 112, 25]
            %79 = conv "dec1.0.conv_pwl" (%78) out=24 kernel=1 padding=symmetric : [N, 24, 25]
            %80 = batch_norm "dec1.0.bn3" (%79) eps=0.001 : [N, 24, 25]
            %81 = upsample "dec2.up" (%80) factor=2 nearest : [N, 24, 50]
            %82 = crop_or_pad "dec2.crop_or_pad" (%81, %33) : [N, 24, 50]
            %83 = concat "dec2.concat" (%33, %82) : [N, 40, 50]
            %84 = conv "dec2.0.conv_pw" (%83) out=80 kernel=1 padding=symmetric : [N, 80, 50]
            %85 = batch_norm "dec2.0.bn1" (%84) eps=0.001 : [N, 80, 50]
            %86 = activation "dec2.0.act1" (%85) relu6 : [N, 80, 50]
            %87 = conv "dec2.0.conv_dw" (%86) out=80 kernel=3 groups=80 padding=same : [N, 80, 50]
            %88 = batch_norm "dec2.0.bn2" (%87) eps=0.001 : [N, 80, 50]
            %89 = activation "dec2.0.act2" (%88) relu6 : [N, 80, 50]
            %90 = global_mean "dec2.0.se.mean" (%89) : [N, 80, 1]
            %91 = conv "dec2.0.se.conv_reduce" (%90) out=10 kernel=1 padding=symmetric bias : [N, 10, 1]
            %92 = activation "dec2.0.se.act" (%91) relu6 : [N, 10, 1]
            %93 = conv "dec2.0.se.conv_expand" (%92) out=80 kernel=1 padding=symmetric bias : [N, 80, 1]
            %94 = activation "dec2.0.se.gate" (%93) sigmoid : [N, 80, 1]
            %95 = multiply "dec2.0.se.scale" (%89, %94) : [N, 80, 50]
            %96 = conv "dec2.0.conv_pwl" (%95) out=16 kernel=1 padding=symmetric : [N, 16, 50]
            %97 = batch_norm "dec2.0.bn3" (%96) eps=0.001 : [N, 16, 50]
            %98 = upsample "dec3.up" (%97) factor=2 nearest : [N, 16, 100]
            %99 = crop_or_pad "dec3.crop_or_pad" (%98, %18) : [N, 16, 100]
            %100 = concat "dec3.concat" (%18, %99) : [N, 24, 100]
            %101 = conv "dec3.0.conv_pw" (%100) out=48 kernel=1 padding=symmetric : [N, 48, 100]
            %102 = batch_norm "dec3.0.bn1" (%101) eps=0.001 : [N, 48, 100]
            %103 = activation "dec3.0.act1" (%102) relu6 : [N, 48, 100]
            %104 = conv "dec3.0.conv_dw" (%103) out=48 kernel=3 groups=48 padding=same : [N, 48, 100]
            %105 = batch_norm "dec3.0.bn2" (%104) eps=0.001 : [N, 48, 100]
            %106 = activation "dec3.0.act2" (%105) relu6 : [N, 48, 100]
            %107 = global_mean "dec3.0.se.mean" (%106) : [N, 48, 1]
            %108 = conv "dec3.0.se.conv_reduce" (%107) out=6 kernel=1 padding=symmetric bias : [N, 6, 1]
            %109 = activation "dec3.0.se.act" (%108) relu6 : [N, 6, 1]
            %110 = conv "dec3.0.se.conv_expand" (%109) out=48 kernel=1 padding=symmetric bias : [N, 48, 1]
            %111 = activation "dec3.0.se.gate" (%110) sigmoid : [N, 48, 1]
            %112 = multiply "dec3.0.se.scale" (%106, %111) : [N, 48, 100]
            %113 = conv "dec3.0.conv_pwl" (%112) out=8 kernel=1 padding=symmetric : [N, 8, 100]
            %114 = batch_norm "dec3.0.bn3" (%113) eps=0.001 : [N, 8, 100]
            %115 = conv "outc.conv" (%114) out=2 kernel=1 padding=same bias : [N, 2, 100]
            output "logits" = %115
        "#]],
    );
}

#[test]
fn configs_round_trip_through_json() {
    for (name, config) in unext::PRESETS {
        let text = serde_json::to_string(&config()).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config(), "{name}");
    }
}

#[test]
fn a_config_file_states_only_changed_fields() {
    let text = r#"{ "kind": "mbconv", "classes": 4, "skip": "add", "blocks": [{ "channels": 8 }] }"#;
    let config: Config = serde_json::from_str(text).unwrap();
    let expected =
        Config { classes: Some(4), skip: layers::Skip::Add, blocks: vec![Block::new(8)], ..Config::small() };
    assert_eq!(config, expected);
}
