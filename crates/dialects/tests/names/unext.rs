//! Names of U-NeXts.

use dialects::Dialect;
use expect_test::expect;
use layers::{Norm, Pooling, Skip, Upsample};
use unext::{Block, Config};

use super::names;

/// The first two levels, with squeeze-excite.
fn two(mut config: Config, change: impl Fn(&mut Block)) -> Config {
    config.blocks.truncate(2);
    for block in &mut config.blocks {
        *block = Block { se_divisor: Some(2.0), depth: 1, decoder_depth: None, ..block.clone() };
        change(block);
    }
    config
}

#[test]
fn keras_names_cover_every_parameter_once() {
    let helia = two(Config::helia_edge(), |block| block.expand_ratio = 2.0);
    let plain = two(Config::helia_edge(), |block| block.norm = Norm::None);
    let sleepkit = two(Config::sleepkit(), |block| block.skip = block.channels == 12);
    for (config, expected) in [
        (
            helia,
            expect![[r#"
        ENC1_D1_dwconv/kernel = enc1.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        ENC1_D1_expand/kernel = enc1.0.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1_se_sq/kernel = enc1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1_se_ex/kernel = enc1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1_project/kernel = enc1.0.project.weight Convolution(Image { row: 0, of: 1 })
        ENC1_pool/kernel = enc1.pool.conv.weight Convolution(Image { row: 0, of: 2 })
        ENC2_D1_dwconv/kernel = enc2.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        ENC2_D1_expand/kernel = enc2.0.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_se_sq/kernel = enc2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_se_ex/kernel = enc2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_project/kernel = enc2.0.project.weight Convolution(Image { row: 0, of: 1 })
        ENC2_pool/kernel = enc2.pool.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC1_D1_dwconv/kernel = dec1.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC1_D1_expand/kernel = dec1.0.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_se_sq/kernel = dec1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_se_ex/kernel = dec1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_project/kernel = dec1.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC1_conv/kernel = dec1.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC1_S1_conv/kernel = dec1.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_dwconv/kernel = dec1.last.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC1_D2_expand/kernel = dec1.last.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_se_sq/kernel = dec1.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_se_ex/kernel = dec1.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_project/kernel = dec1.last.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_dwconv/kernel = dec2.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC2_D1_expand/kernel = dec2.0.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_se_sq/kernel = dec2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_se_ex/kernel = dec2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_project/kernel = dec2.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2_conv/kernel = dec2.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC2_S1_conv/kernel = dec2.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_dwconv/kernel = dec2.last.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC2_D2_expand/kernel = dec2.last.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_se_sq/kernel = dec2.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_se_ex/kernel = dec2.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_project/kernel = dec2.last.project.weight Convolution(Image { row: 0, of: 1 })
        NECK_conv/kernel = outc.conv.weight Convolution(Image { row: 2, of: 5 })
    "#]],
        ),
        (
            plain,
            expect![[r#"
        ENC1_D1_dwconv/kernel = enc1.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        ENC1_D1_se_sq/kernel = enc1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1_se_ex/kernel = enc1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC1_D1_project/kernel = enc1.0.project.weight Convolution(Image { row: 0, of: 1 })
        ENC1_pool/kernel = enc1.pool.conv.weight Convolution(Image { row: 0, of: 2 })
        ENC2_D1_dwconv/kernel = enc2.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        ENC2_D1_se_sq/kernel = enc2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_se_ex/kernel = enc2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC2_D1_project/kernel = enc2.0.project.weight Convolution(Image { row: 0, of: 1 })
        ENC2_pool/kernel = enc2.pool.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC1_D1_dwconv/kernel = dec1.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC1_D1_se_sq/kernel = dec1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_se_ex/kernel = dec1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D1_project/kernel = dec1.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC1_conv/kernel = dec1.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC1_S1_conv/kernel = dec1.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_dwconv/kernel = dec1.last.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC1_D2_se_sq/kernel = dec1.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_se_ex/kernel = dec1.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1_D2_project/kernel = dec1.last.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_dwconv/kernel = dec2.0.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC2_D1_se_sq/kernel = dec2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_se_ex/kernel = dec2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D1_project/kernel = dec2.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2_conv/kernel = dec2.conv.weight Convolution(Image { row: 0, of: 2 })
        DEC2_S1_conv/kernel = dec2.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_dwconv/kernel = dec2.last.depthwise.weight Convolution(Image { row: 2, of: 5 })
        DEC2_D2_se_sq/kernel = dec2.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_se_ex/kernel = dec2.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2_D2_project/kernel = dec2.last.project.weight Convolution(Image { row: 0, of: 1 })
        NECK_conv/kernel = outc.conv.weight Convolution(Image { row: 2, of: 5 })
    "#]],
        ),
        (
            sleepkit,
            expect![[r#"
        ENC1.D1.DW/kernel = enc1.0.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        ENC1.D1.SE.sq/kernel = enc1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC1.D1.SE.ex/kernel = enc1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC1.D1.RD/kernel = enc1.0.project.weight Convolution(Image { row: 0, of: 1 })
        ENC2.D1.DW/kernel = enc2.0.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        ENC2.D1.SE.sq/kernel = enc2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        ENC2.D1.SE.ex/kernel = enc2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        ENC2.D1.RD/kernel = enc2.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D1.DW/kernel = dec1.0.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC1.D1.SE.sq/kernel = dec1.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D1.SE.ex/kernel = dec1.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D1.RD/kernel = dec1.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D2.DW/kernel = dec1.last.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC1.D2.SE.sq/kernel = dec1.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D2.SE.ex/kernel = dec1.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC1.D2.RD/kernel = dec1.last.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D1.DW/kernel = dec2.0.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC2.D1.SE.sq/kernel = dec2.0.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D1.SE.ex/kernel = dec2.0.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D1.RD/kernel = dec2.0.project.weight Convolution(Image { row: 0, of: 1 })
        DEC2.SL.CONV/kernel = dec2.merge.conv.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D2.DW/kernel = dec2.last.depthwise.weight Depthwise(Image { row: 2, of: 5 })
        DEC2.D2.SE.sq/kernel = dec2.last.se.reduce.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D2.SE.ex/kernel = dec2.last.se.expand.weight Convolution(Image { row: 0, of: 1 })
        DEC2.D2.RD/kernel = dec2.last.project.weight Convolution(Image { row: 0, of: 1 })
        NECK.conv/kernel = outc.conv.weight Convolution(Image { row: 2, of: 5 })
    "#]],
        ),
    ] {
        let renames = names(&config, [4, 40], Dialect::HeliaEdge).unwrap();
        let kernels = renames.iter().filter(|r| r.theirs.ends_with("/kernel"));
        let lines: Vec<_> = kernels.map(|r| format!("{} = {} {:?}\n", r.theirs, r.ours, r.layout)).collect();
        expected.assert_eq(&lines.concat());
        let mut ours: Vec<_> = renames.into_iter().map(|rename| rename.ours).collect();
        let graph = unext::graph(&config, [4, 40]).unwrap();
        let mut parameters: Vec<_> = graph.parameters().map(|parameter| parameter.name).collect();
        ours.sort();
        parameters.sort();
        assert_eq!(ours, parameters);
    }
}

fn blocks(mut config: Config, change: impl FnOnce(&mut Vec<Block>)) -> Config {
    change(&mut config.blocks);
    config
}

#[test]
fn networks_that_the_packages_do_not_have_get_no_names_of_theirs() {
    let refused = |config: &Config| names(config, [6, 64, 64], Dialect::HeliaEdge).unwrap_err().to_string();
    let helia = Config::helia_edge;
    expect!["kind: expected helia_edge or sleepkit; other networks have no names in Keras"]
        .assert_eq(&refused(&Config::micro()));
    expect!["pooling: expected stride; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { pooling: Pooling::Max, ..helia() }));
    expect!["pooling: expected max; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { pooling: Pooling::Stride, ..Config::sleepkit() }));
    expect!["skip: expected add; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { skip: Skip::Concat, ..helia() }));
    expect!["upsample: expected nearest; other networks have no names in Keras"]
        .assert_eq(&refused(&Config { upsample: Upsample::Transposed, ..helia() }));
    expect!["blocks[1].norm: expected batch, position or none; other networks have no names in Keras"]
        .assert_eq(&refused(&blocks(helia(), |blocks| blocks[1].norm = Norm::Instance)));
    expect!["blocks[1].decoder_depth: the packages give two layers one name where this is above depth, 2; no weights exist"].assert_eq(&refused(&blocks(helia(), |blocks| blocks[1].decoder_depth = Some(3))));
}
