//! Every wrong config has its sentence.

use expect_test::{Expect, expect};
use graph::Padding;
use layers::Downsample;
use mobileone::{Config, Stage, Stem};

fn stages(change: impl FnOnce(&mut Vec<Stage>)) -> Config {
    let mut config = Config::s0();
    change(&mut config.stages);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&mobileone::graph(config, [3, 64, 64]).expect_err("a wrong config").to_string());
}

#[test]
#[rustfmt::skip]
fn wrong_configs() {
    let s0 = Config::s0;
    check(&Config { classes: Some(0), ..s0() }, &expect!["classes: 0 classes; at least 1 is needed, or none at all for features"]);
    check(&Config { pool: false, ..s0() }, &expect!["classes: 1000 classes of features that are not pooled; pool is needed"]);
    check(&Config { dropout: 1.0, ..s0() }, &expect!["dropout: 1 is no probability; 0 to below 1 is needed"]);
    check(&Config { norm_eps: -1.0, ..s0() }, &expect!["norm_eps: -1 is added to no variance; a finite number of at least 0 is needed"]);
    check(&Config { stem: Stem { channels: 1_000_000_000, ..s0().stem }, ..s0() }, &expect!["stem.channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check(&Config { stem: Stem { branches: 0, ..s0().stem }, ..s0() }, &expect!["stem.branches: 0 branches; 1 to 64 are supported"]);
    check(&stages(Vec::clear), &expect!["stages: the list is empty; at least one stage is needed"]);
    check(&stages(|stages| stages[1].channels = 0), &expect!["stages[1].channels: 0 channels; 1 to 1048576 are supported"]);
    check(&stages(|stages| stages[1].depth = 1_000_000_000), &expect!["stages[1].depth: 1000000002 blocks so far; at most 1000 are supported"]);
    check(&stages(|stages| stages[1].branches = 1_000_000_000), &expect!["stages[1].branches: 1000000000 branches; 1 to 64 are supported"]);
    check(&stages(|stages| (stages[1].se_ratio, stages[1].se_depth) = (Some(0.0), 1)), &expect!["stages[1].se_ratio: 0 divides nothing; a finite number above 0 is needed"]);
    check(&stages(|stages| (stages[1].se_ratio, stages[1].se_depth) = (Some(1000.0), 1)), &expect!["stages.1.14.attn.fc1: the squeeze width expanded channels / 1000 is 0 for 128 input and 128 expanded channels; at least 1 is needed"]);
    check(&stages(|stages| stages[1].se_depth = 1), &expect!["stages[1].se_depth: squeeze-excite in 1 pairs needs se_ratio"]);
    check(&stages(|stages| stages[2].kernel = 4.into()), &expect!["stages.2.0.reparam_conv: no tap of a kernel 4 with stride 2, dilation 1 and symmetric padding sees what a 1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"]);
    check(&stages(|stages| stages[2].padding = Padding::Valid), &expect!["stages.2.0.reparam_conv: no tap of a kernel 3 with stride 2, dilation 1 and valid padding sees what a 1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"]);
    check(&stages(|stages| stages[2].padding = Padding::Same), &expect!["stages.2.0.reparam_conv: no tap of a kernel 3 with stride 2, dilation 1 and same padding sees what a 1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"]);
    let pools = stages(|stages| stages[0].downsample = Downsample::MaxPool);
    check(&Config { inference: true, ..pools }, &expect!["stages[0].downsample: branches that max-pool have no form for inference; stride is needed"]);
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `pool`, `stem`, `stages`, `se_activation`, `se_gate`, `activation`, `norm_eps`, `norm_momentum`, `dropout`, `output_activation`, `inference`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilatoin`, expected one of `channels`, `depth`, `kernel`, `stride`, `dilation`, `padding`, `downsample`, `branches`, `se_ratio`, `se_depth` at line 1 column 52"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "dilatoin": 4 }] }"#));
}
