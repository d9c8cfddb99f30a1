//! The names of other packages.

use std::collections::BTreeSet;

use dialects::{Dialect, Rename};
use expect_test::{Expect, expect};
use graph::Graph;
use mobileone::{Config, PRESETS, Stage};

use super::names;

fn ours(renames: &[Rename]) -> BTreeSet<&str> {
    renames.iter().map(|rename| rename.ours.as_str()).collect()
}

fn parameters(graph: &Graph) -> Vec<String> {
    graph.parameters().map(|parameter| parameter.name).collect()
}

#[test]
fn every_parameter_has_a_name_everywhere() {
    for (name, config) in PRESETS {
        for inference in [false, true] {
            let config = Config { inference, ..config() };
            let graph = mobileone::graph(&config, [6, 100]).unwrap();
            let parameters = parameters(&graph);
            let dialects = [
                names(&config, [6, 100], Dialect::Apple).unwrap(),
                names(&config, [6, 100], Dialect::HeliaEdge).unwrap(),
                names(&config, [6, 100], Dialect::SleepKit).unwrap(),
            ];
            for renames in dialects {
                assert_eq!(ours(&renames), parameters.iter().map(String::as_str).collect(), "{name}");
                let theirs: BTreeSet<&str> = renames.iter().map(|rename| rename.theirs.as_str()).collect();
                assert_eq!(theirs.len(), parameters.len(), "{name}");
            }
        }
    }
}

#[test]
fn names_of_a_block() {
    let stage =
        Stage { branches: 2, kernel: 5.into(), se_divisor: Some(4.0), se_depth: 1, ..Stage::new(16, 1) };
    let config = Config { classes: None, stages: vec![stage], ..Config::micro() };
    let lines = |renames: &[Rename]| -> String {
        let kept = renames.iter().filter(|rename| rename.ours.starts_with("stages.0.0"));
        let kept = kept.filter(|rename| {
            !["bias", "running_mean", "running_var"].iter().any(|end| rename.ours.ends_with(end))
        });
        kept.map(|rename| format!("{} = {} {:?}\n", rename.theirs, rename.ours, rename.layout)).collect()
    };
    let apple: Expect = expect![[r#"
        stage1.0.rbr_conv.0.conv.weight = stages.0.0.conv_kxk.0.conv.weight Same
        stage1.0.rbr_conv.0.bn.weight = stages.0.0.conv_kxk.0.bn.weight Same
        stage1.0.rbr_conv.1.conv.weight = stages.0.0.conv_kxk.1.conv.weight Same
        stage1.0.rbr_conv.1.bn.weight = stages.0.0.conv_kxk.1.bn.weight Same
        stage1.0.rbr_scale.conv.weight = stages.0.0.conv_scale.conv.weight Same
        stage1.0.rbr_scale.bn.weight = stages.0.0.conv_scale.bn.weight Same
        stage1.0.rbr_skip.weight = stages.0.0.identity.weight Same
        stage1.0.se.reduce.weight = stages.0.0.attn.fc1.weight Same
        stage1.0.se.expand.weight = stages.0.0.attn.fc2.weight Same
    "#]];
    apple.assert_eq(&lines(&names(&config, [6, 100], Dialect::Apple).unwrap()));
    let helia: Expect = expect![[r#"
        M1_B1_D1_DW_branch1_conv/kernel = stages.0.0.conv_kxk.0.conv.weight Depthwise(Image { row: 2, of: 5 })
        M1_B1_D1_DW_branch1_bn/gamma = stages.0.0.conv_kxk.0.bn.weight Same
        M1_B1_D1_DW_branch2_conv/kernel = stages.0.0.conv_kxk.1.conv.weight Depthwise(Image { row: 2, of: 5 })
        M1_B1_D1_DW_branch2_bn/gamma = stages.0.0.conv_kxk.1.bn.weight Same
        M1_B1_D1_DW_scale_conv/kernel = stages.0.0.conv_scale.conv.weight Depthwise(Image { row: 0, of: 1 })
        M1_B1_D1_DW_scale_bn/gamma = stages.0.0.conv_scale.bn.weight Same
        M1_B1_D1_DW_skip_bn/gamma = stages.0.0.identity.weight Same
        M1_B1_D1_DW_se_sq/kernel = stages.0.0.attn.fc1.weight Convolution(Image { row: 0, of: 1 })
        M1_B1_D1_DW_se_ex/kernel = stages.0.0.attn.fc2.weight Convolution(Image { row: 0, of: 1 })
    "#]];
    helia.assert_eq(&lines(&names(&config, [6, 100], Dialect::HeliaEdge).unwrap()));
    let sleepkit: Expect = expect![[r#"
        M1.B1.D1.DW.conv/kernel = stages.0.0.reparam_conv.weight Convolution(Ours)
        M1.B1.D1.DW.se.sq.conv/kernel = stages.0.0.attn.fc1.weight Convolution(Ours)
        M1.B1.D1.DW.se.ex.conv/kernel = stages.0.0.attn.fc2.weight Convolution(Ours)
    "#]];
    sleepkit.assert_eq(&lines(
        &names(&Config { inference: true, ..config }, [6, 64, 64], Dialect::SleepKit).unwrap(),
    ));
}
