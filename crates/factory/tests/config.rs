//! Configs: what they build, and every wrong one with its path.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use factory::{BuiltModel, ConfigError, Document, Factory, Family, Overrides};
use graph::{BuildError, FieldError, Graph, Shape};
use layers::Architecture;
use serde::{Deserialize, Serialize};

const GOOD: &str = "
name: activity
input: { channels: 6, length: 100 }
classes: 4
architecture: resnet
preset: micro
params: { dropout: 0.1 }
";

/// The message of `GOOD` with one text replaced.
fn check(from: &str, to: &str, expected: &Expect) {
    assert!(GOOD.contains(from), "{from:?}");
    expected.assert_eq(&Factory::builtin().build(&GOOD.replace(from, to)).unwrap_err().to_string());
}

#[test]
fn a_config_builds_its_model() {
    let model = Factory::builtin().build(GOOD).unwrap();
    assert_eq!((model.name.as_str(), model.architecture.as_str()), ("activity", "resnet"));
    assert_eq!(model.graph.cost().unwrap().trainable, 45_124);
    let features = Factory::builtin().build(&GOOD.replace("classes: 4", "")).unwrap();
    assert_eq!(features.graph.main_output().name, "features");
}

#[test]
fn every_ready_config_builds() {
    let factory = Factory::builtin();
    for name in factory::models::names() {
        let model = factory.build_ready(name).unwrap();
        assert_eq!(model.name, name, "a ready config is called what its file is");
        model.graph.verify().unwrap();
    }
}

#[test]
#[rustfmt::skip]
fn wrong_configs() {
    check("name: activity", "nmae: activity", &expect!["nmae: unknown key; use `name`"]);
    check("name: activity", "", &expect!["name: missing"]);
    check("name: activity", "name: [1]", &expect!["name: expected a string, found a list of 1"]);
    check("input:", "inputs:", &expect!["inputs: unknown key; use `input`"]);
    check("channels: 6", "channels: 0", &expect!["input.channels: expected 1 to 16777216, found 0"]);
    check("channels: 6", "channels: 1000000000", &expect!["input.channels: expected 1 to 16777216, found 1000000000"]);
    check("channels: 6", "channels: six", &expect![[r#"input.channels: expected a non-negative integer, found "six""#]]);
    check("channels: 6", "channels: -6", &expect!["input.channels: expected a non-negative integer, found -6"]);
    check("channels: 6, ", "", &expect!["input.channels: missing"]);
    check("length: 100", "lenght: 100", &expect!["input.lenght: unknown key; use `length`"]);
    check("length: 100", "height: 100", &expect!["input: expected either `length` (a series) or `height` and `width` (an image)"]);
    check("length: 100", "length: 100, width: 2", &expect!["input: expected either `length` (a series) or `height` and `width` (an image)"]);
    check("{ channels: 6, length: 100 }", "[6]", &expect!["input: expected `[channels, length]` or `[channels, height, width]`, found a list of 1"]);
    check("{ channels: 6, length: 100 }", "6x100", &expect![[r#"input: expected sizes, such as `{ channels: 6, length: 100 }` or `[6, 100]`, found "6x100""#]]);
    check("classes: 4", "classes: 0", &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check("classes: 4", "classes: 4.5", &expect!["classes: expected a non-negative integer, found 4.5"]);
    check("resnet", "resnext", &expect![[r#"architecture: unknown architecture "resnext"; did you mean "resnet"?"#]]);
    check("architecture: resnet", "", &expect!["architecture: missing"]);
    check("micro", "macro", &expect![[r#"preset: unknown preset "macro"; did you mean "micro"?"#]]);
    check("dropout", "dropuot", &expect!["params.dropuot: unknown key; use `dropout`"]);
    check("dropout: 0.1", "dropout: 1.5", &expect!["params.dropout: expected a probability in [0, 1), found 1.5"]);
    check("dropout: 0.1", "dropout: true", &expect!["params.dropout: expected a number, found `true`"]);
    check("dropout: 0.1", "classes: 4", &expect!["params.classes: unknown key; use `classes` at the top level, beside `input`"]);
    check("dropout: 0.1", "stages: []", &expect!["params.stages: expected at least one element, found an empty list"]);
    check("dropout: 0.1", "stages: [{ channels: 8, depth: 1, dilatoin: 2 }]", &expect!["params.stages[0].dilatoin: unknown key; use `dilation`"]);
    check("dropout: 0.1", "stages: [{ channels: 8, depth: 1, kernel: [3, 5] }]", &expect!["params.stages[0].kernel: expected one number, or [1, n], because the input is a series, found [3, 5]"]);
    check("dropout: 0.1", "stages: [{ channels: 8, depth: 1, kernel: [3, 5, 7] }]", &expect!["params.stages[0].kernel: expected a whole number, or a list of one or two of them, found a list of 3"]);
    check("dropout: 0.1", "stages: [{ channels: 8, depth: 1000000000 }]", &expect!["params.stages[0].depth: expected at most 1000 in total, found 1000000000"]);
    check("dropout: 0.1", "stages: [{ channels: 8 }]", &expect!["params.stages[0].depth: missing"]);
    check("dropout: 0.1", "stages: 3", &expect!["params.stages: expected a list, found 3"]);
    check("dropout: 0.1", "activation: rellu", &expect!["params.activation: expected an activation, found `rellu`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish"]);
    check("{ dropout: 0.1 }", "0.1", &expect!["params: expected a mapping, found 0.1"]);
    check("{ dropout: 0.1 }", "{ dropout: 0.1", &expect!["invalid YAML: did not find expected ',' or '}' at line 8 column 1, while parsing a flow mapping at line 7 column 9"]);
    check("{ dropout: 0.1 }", "{ dropout: 0.1, dropout: 0.2 }", &expect![[r#"invalid YAML: line 7, column 9: the key "dropout" is given twice"#]]);
    check("preset: micro", "encoder: { architecture: resnet }", &expect!["encoder: resnet takes no encoder"]);
    check("preset: micro", "encoder: { architecture: resnet, perset: x }", &expect!["encoder.perset: unknown key; use `preset`"]);
}

/// Trainable parameters of SleepKit's models, counted in helia-edge 0.6.2.
#[test]
fn sleepkits_models_have_their_parameters() {
    let counts = [
        ("sd-2-tcn-sm", 8_832),
        ("ss-2-tcn-sm", 9_797),
        ("ss-3-tcn-sm", 10_693),
        ("ss-4-tcn-sm", 26_449),
        ("ss-5-tcn-sm", 26_898),
        ("sa-2-tcn-sm", 8_599),
    ];
    for (name, trainable) in counts {
        let model = Factory::builtin().build_ready(name).unwrap();
        assert_eq!(model.graph.cost().unwrap().trainable, trainable, "{name}");
    }
}

const SEGMENTATION: &str = "
name: segmentation
input: { channels: 3, height: 50, width: 70 }
classes: 2
architecture: unet
params:
  blocks:
    - { channels: 8, skip: none }
    - { channels: 16 }
    - { channels: 16 }
encoder: { architecture: resnet, params: { stages: [{ channels: 8, depth: 1, stride: 2 }], stem_pool: none } }
";

#[test]
fn a_decoder_takes_another_familys_features() {
    let model = Factory::builtin().build(SEGMENTATION).unwrap();
    model.graph.verify().unwrap();
    assert_eq!(*model.graph.output_shape(), [2, 50, 70].into());
    assert!(model.graph.find("encoder.layer1.0.conv1").is_some());
    let series = SEGMENTATION.replace("height: 50, width: 70", "length: 101");
    let model = Factory::builtin().build(&series).unwrap();
    assert_eq!(*model.graph.output_shape(), [2, 101].into());
    let wrong = |from, to| Factory::builtin().build(&SEGMENTATION.replace(from, to)).unwrap_err().to_string();
    expect!["params.blocks: expected 3 blocks, one for each level of features, found 2"]
        .assert_eq(&wrong("    - { channels: 8, skip: none }\n", ""));
    expect!["encoder.params.stages[0].depth: expected at least 1, found 0"]
        .assert_eq(&wrong("depth: 1", "depth: 0"));
    expect![[r#"encoder.architecture: unknown architecture "restnet"; did you mean "resnet"?"#]]
        .assert_eq(&wrong("architecture: resnet", "architecture: restnet"));
    expect!["params.blocks[0].skip: unknown key; known keys: kind, channels, depth, kernel, dilation, branches, expand_ratio, se_divisor, gate, weight_norm, norm, activation and 1 more"].assert_eq(&wrong("architecture: unet", "architecture: tcn"));
    expect!["encoder.parms: unknown key; use `params`"]
        .assert_eq(&wrong("params: { stages", "parms: { stages"));
}

#[test]
fn a_decoder_without_blocks_has_one_for_each_level_of_features() {
    let factory = Factory::builtin();
    for (decoder, input) in
        [("unet", "[3, 64, 48]"), ("unext", "[3, 64, 48]"), ("unet", "[6, 101]"), ("unext", "[6, 101]")]
    {
        let encoders = [
            "mobileone, preset: s1",
            "resnet, preset: resnet18",
            "efficientnetv2",
            "unext",
            "tcn, preset: mb",
        ];
        for encoder in encoders {
            let text = format!(
                "{{ name: a, input: {input}, classes: 2, architecture: {decoder}, encoder: {{ architecture: {encoder} }} }}"
            );
            let model = factory.build(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let output = model.graph.output_shape();
            assert_eq!((output.channels, &output.space), (2, &model.input.space), "{text}");
        }
    }
    let text = "{ name: a, input: [3, 64, 48], classes: 2, architecture: unet, encoder: { architecture: mobileone, preset: s1 } }";
    let config = Document::parse(text).unwrap();
    let full = factory.full_config(&config, Overrides::default()).unwrap();
    let params: Params = full.section("params").unwrap().unwrap();
    let channels: Vec<usize> = params.blocks.iter().map(|block| block.channels).collect();
    assert_eq!(channels, [16, 32, 64, 128, 256, 512]);
}

/// The part of a U-Net's `params` that a test looks at.
#[derive(Deserialize)]
struct Params {
    blocks: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    channels: usize,
}

#[test]
fn an_input_may_be_a_list() {
    let build = |text: &str| Factory::builtin().build(text).unwrap().input;
    assert_eq!(build(&GOOD.replace("{ channels: 6, length: 100 }", "[6, 100]")), [6, 100].into());
    assert_eq!(build(&GOOD.replace("{ channels: 6, length: 100 }", "[3, 32, 24]")), [3, 32, 24].into());
}

#[test]
fn merge_keys_take_entries_of_other_mappings() {
    let stages = |stages: &str| {
        let text = GOOD.replace("{ dropout: 0.1 }", &format!("{{ stages: {stages} }}"));
        Factory::builtin().build(&text).map(|model| model.graph.text()).map_err(|error| error.to_string())
    };
    let written =
        stages("[{ channels: 8, depth: 1, kernel: 5 }, { channels: 16, depth: 1, kernel: 5 }]").unwrap();
    for merged in [
        "[&a { channels: 8, depth: 1, kernel: 5 }, { <<: *a, channels: 16 }]",
        "[&a { channels: 8, depth: 1, kernel: 5 }, { channels: 16, <<: *a }]",
        "[&a { channels: 8, depth: 1, kernel: 5 }, { <<: [{ channels: 16 }, *a] }]",
        "[&b { <<: &a { depth: 1, kernel: 5 }, channels: 8 }, { <<: *b, channels: 16 }]",
    ] {
        assert_eq!(stages(merged).unwrap(), written, "{merged}");
    }
    let error = stages("[{ <<: 8, channels: 8 }]").unwrap_err();
    expect!["invalid YAML: line 7, column 20: expected a mapping or a list of mappings below `<<`, found 8"]
        .assert_eq(&error);
}

#[test]
fn keys_that_begin_with_x_are_a_place_for_anchors() {
    let text = format!("x-blocks: &stage {{ depth: 1, kernel: 5 }}\nx-note: anything\n{GOOD}");
    let text = text.replace("dropout: 0.1", "stages: [{ <<: *stage, channels: 8 }], dropout: 0.1");
    let model = Factory::builtin().build(&text).unwrap();
    let plain = GOOD.replace("dropout: 0.1", "stages: [{ channels: 8, depth: 1, kernel: 5 }], dropout: 0.1");
    assert_eq!(model.graph.text(), Factory::builtin().build(&plain).unwrap().graph.text());
    // Only at the top level.
    check(
        "dropout: 0.1",
        "x-a: 1",
        &expect![
            "params.x-a: unknown key; known keys: classes, pool, stem, stem_activation, stem_pool, stages, shortcut, groups, base_width, se_divisor, activation, norm and 7 more"
        ],
    );
}

#[test]
fn a_preset_may_leave_out_its_familys_name() {
    let text = |preset| {
        format!(
            "
        name: x
        input: {{ channels: 3, height: 64, width: 64 }}
        architecture: mobileone
        preset: {preset}
    "
        )
    };
    let factory = Factory::builtin();
    assert_eq!(
        factory.build(&text("s1")).unwrap().graph,
        factory.build(&text("mobileone_s1")).unwrap().graph
    );
}

/// A family outside this project: ResNets under another name.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Own(resnet::Config);

impl Architecture for Own {
    const NAME: &'static str = "own";
    const PRESETS: &'static [(&'static str, fn() -> Self)] = &[("micro", || Self(resnet::Config::micro()))];

    fn classes(&self) -> Option<usize> {
        self.0.classes
    }

    fn validate(&self) -> Result<(), FieldError> {
        self.0.validate()
    }

    fn graph(&self, input: Shape) -> Result<Graph, BuildError> {
        resnet::graph(&self.0, input)
    }
}

#[test]
fn factories_models_and_configs_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Factory>();
    shared::<Family>();
    shared::<BuiltModel>();
    shared::<Document>();
    shared::<Overrides>();
    shared::<ConfigError>();
    shared::<Graph>();
    shared::<efficientnetv2::Config>();
    shared::<mobileone::Config>();
    shared::<resnet::Config>();
    shared::<tcn::Config>();
    shared::<unet::Config>();
    shared::<unext::Config>();
}

#[test]
fn a_factory_builds_on_two_threads() {
    let factory = Factory::builtin();
    std::thread::scope(|scope| {
        let build = || factory.preset("resnet", "micro", [6, 100], Some(4)).unwrap();
        let models = [scope.spawn(build), scope.spawn(build)].map(|thread| thread.join().unwrap());
        assert_eq!(models[0].graph, models[1].graph);
        assert_eq!(
            models[0].graph,
            factory.build(&GOOD.replace("params: { dropout: 0.1 }", "")).unwrap().graph
        );
    });
}

#[test]
fn families_come_and_go_by_name() {
    let mut factory = Factory::builtin();
    assert!(factory.has("resnet"));
    let six: Vec<_> = factory.list().map(Family::name).collect();
    assert_eq!(six, ["efficientnetv2", "mobileone", "resnet", "tcn", "unet", "unext"]);
    assert_eq!(factory.presets("resnet/resnet18*"), ["resnet/resnet18", "resnet/resnet18d"]);
    assert!(factory.register(Family::of::<Own>()).is_none());
    assert!(factory.register(Family::of::<Own>()).is_some());
    let model = factory.build(&GOOD.replace("resnet", "own")).unwrap();
    assert_eq!(model.architecture, "own");
    assert!(factory.unregister("own").is_some());
    assert!(!factory.has("own") && factory.get("own").is_none());
}

#[test]
fn a_missing_file_is_named() {
    let error = Factory::builtin()
        .build_file("no/such/file.yaml".as_ref(), Overrides::default())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "no/such/file.yaml: No such file or directory (os error 2)");
}
