//! Weights there and back in every dialect that a model has.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::collections::BTreeMap;

use dialects::{Dialect, convert};
use factory::Factory;
use graph::{Array, LARGEST_PARAMETER_COUNT, Weights};

#[test]
fn there_and_back() {
    let factory = Factory::builtin();
    let mut seen: BTreeMap<Dialect, usize> = BTreeMap::new();
    let presets = factory.presets("*/micro").into_iter().chain(factory.presets("tcn/*"));
    let presets = presets.chain(factory.presets("*/sleepkit")).chain(factory.presets("*/s0"));
    let configs = presets.flat_map(|preset| {
        let (family, preset) = preset.split_once('/').unwrap();
        ["length: 96", "height: 32, width: 32"].map(|space| {
            format!("{{ name: m, input: {{ channels: 6, {space} }}, classes: 4, architecture: {family}, preset: {preset} }}")
        })
    });
    let ready = factory::models::names().map(|name| factory::models::get(name).unwrap().to_owned());
    let residual = "
name: residual
input: { channels: 6, length: 96 }
classes: 4
architecture: tcn
params: { encoder: null, output: last, blocks: [{ kind: residual, channels: 8, kernel: 3, norm: layer }] }
";
    for config in configs.chain(ready).chain([residual.to_owned()]) {
        let Ok(model) = factory.build(&config) else { continue };
        let weights = Weights::initial(&model.graph, 0);
        for dialect in Dialect::ALL {
            let Ok(there) = convert(&model, &weights, Dialect::Native, dialect) else { continue };
            assert!(there.report.is_exact(), "{config} as {dialect}: {}", there.report);
            let back = convert(&model, &there.weights, dialect, Dialect::Native).unwrap();
            assert!(back.report.is_exact(), "{config} as {dialect}: {}", back.report);
            assert_eq!(back.weights, weights, "{config} as {dialect}");
            *seen.entry(dialect).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), Dialect::ALL.len(), "{seen:?}");
}

#[test]
fn mismatches_have_the_names_of_the_input() {
    let model = Factory::builtin()
        .build("{ name: m, input: { channels: 1, length: 96 }, classes: 4, architecture: tcn, preset: mb }")
        .unwrap();
    let weights = Weights::initial(&model.graph, 0);
    let mut keras = convert(&model, &weights, Dialect::Native, Dialect::HeliaEdge).unwrap().weights;
    keras.remove("ENC_CN/kernel");
    keras.insert("NECK_conv/bias", Array::new([5], vec![0.0; 5]).unwrap());
    keras.insert("Variable", Array::new([1], vec![0.0]).unwrap());
    let fit = convert(&model, &keras, Dialect::HeliaEdge, Dialect::Native).unwrap().report;
    assert_eq!(fit.missing, ["ENC_CN/kernel"]);
    assert_eq!(fit.unexpected, ["Variable"]);
    assert_eq!((fit.misshapen.len(), fit.misshapen[0].name.as_str()), (1, "NECK_conv/bias"));
}

#[test]
fn a_package_without_the_model_is_refused() {
    let model = Factory::builtin().build_ready("activity-resnet").unwrap();
    let error = convert(&model, &Weights::default(), Dialect::Apple, Dialect::Native).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`apple` has no resnet; expected one of native, torchvision, timm, helia-edge, sleepkit"
    );
}

/// In this dialect, a series is an image of height 1, so a kernel of 1023 has 1023 rows, all but one of them zeros.
#[test]
fn weights_that_become_too_large_in_another_package_are_refused() {
    let block = "{ kind: lg, channels: 128, kernel: 1023 }";
    let text = format!(
        "{{ name: m, input: {{ channels: 1, length: 96 }}, architecture: tcn, params: {{ padding: same, blocks: [{block}] }} }}"
    );
    let model = Factory::builtin().build(&text).unwrap();
    let error = convert(&model, &Weights::default(), Dialect::Native, Dialect::HeliaEdge).unwrap_err();
    // Two kernels of 1023 rows, and two norms of four vectors.
    let stored = 1023_u64.pow(2) * (128 + 128 * 128) + 2 * 4 * 128;
    assert_eq!(
        error.to_string(),
        format!("`helia-edge`: expected at most {LARGEST_PARAMETER_COUNT} parameters, found {stored}")
    );
}
