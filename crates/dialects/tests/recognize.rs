//! Weights of any model, in the names of any package, after any prefix.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::{Dialect, Origin, OriginFilter, RecognizeError, Recognized, convert, recognize};
use factory::{BuiltModel, Factory};
use graph::{Array, Noise, Weights};

/// Prefixes of wrappers, and some that look like the names themselves.
const PREFIXES: [&str; 10] = [
    "",
    "module.",
    "_orig_mod.",
    "model.",
    "module._orig_mod.model.encoder.",
    "functional_1/",
    "conv1.",
    "stages.0.",
    "ä b\n",
    "weight",
];

/// Models of all families: ready ones and small presets, of series and of images.
fn models() -> Vec<BuiltModel> {
    let factory = Factory::builtin();
    let presets = ["*/micro", "tcn/*", "*/sleepkit", "*/s0", "efficientnetv2/efficientnet_v2_s"];
    let presets = presets.into_iter().flat_map(|pattern| factory.presets(pattern));
    let configs = presets.flat_map(|preset| {
        let (family, preset) = preset.split_once('/').unwrap();
        ["length: 96", "height: 32, width: 32"].map(|space| {
            format!("{{ name: m, input: {{ channels: 6, {space} }}, classes: 4, architecture: {family}, preset: {preset} }}")
        })
    });
    let ready = factory::models::names().map(|name| factory::models::get(name).unwrap().to_owned());
    let models = configs.chain(ready).filter_map(|config| factory.build(&config).ok());
    models.collect()
}

fn prefixed(weights: &Weights, prefix: &str) -> Weights {
    weights.iter().map(|(name, array)| (format!("{prefix}{name}"), array.clone())).collect()
}

fn find(model: &BuiltModel, weights: &Weights) -> Result<Recognized, RecognizeError> {
    recognize(model, &model.graph, weights, &OriginFilter::default())
}

fn mobileone() -> BuiltModel {
    let config =
        "{ name: m, input: { channels: 6, length: 96 }, classes: 4, architecture: mobileone, preset: micro }";
    Factory::builtin().build(config).unwrap()
}

fn resnet() -> BuiltModel {
    Factory::builtin().build_ready("activity-resnet").unwrap()
}

#[test]
fn any_model_in_any_names_after_any_prefix_is_recognized() {
    let mut count = 0;
    for (m, model) in models().iter().enumerate() {
        let weights = Weights::initial(&model.graph, 0);
        for dialect in Dialect::ALL {
            let Ok(there) = convert(model, &weights, Dialect::Native, dialect) else { continue };
            // Large models take turns.
            let few = if model.graph.cost().unwrap().trainable > 300_000 { 1 } else { 4 };
            for p in 0..few {
                let prefix = PREFIXES[(m + p) % PREFIXES.len()];
                let found = find(model, &prefixed(&there.weights, prefix)).unwrap();
                let context = format!("{} in {dialect} after {prefix:?}: {}", model.name, found.report);
                assert!(found.report.is_exact(), "{context}");
                assert_eq!(found.origin.prefix, prefix, "{context}");
                assert_eq!(found.weights, weights, "{context}");
                count += 1;
            }
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn random_prefixes_are_recognized() {
    let letters: Vec<char> = "abm.wgt_/1 ".chars().collect();
    let (model, noise) = (mobileone(), Noise::of("prefixes"));
    let weights = Weights::initial(&model.graph, 0);
    for n in 0..200_u64 {
        let length = 1 + n % 12;
        let letter =
            |i: u64| letters[usize::try_from(noise.bits(100 * n + i) % letters.len() as u64).unwrap()];
        let prefix: String = (0..length).map(letter).collect();
        let found = find(&model, &prefixed(&weights, &prefix)).unwrap();
        assert_eq!((found.origin.prefix.as_str(), &found.weights), (prefix.as_str(), &weights));
    }
}

/// `torch.compile` and sharded training of parts of a network insert names inside it.
#[test]
fn wrappers_inside_names_are_recognized() {
    let model = resnet();
    let weights = Weights::initial(&model.graph, 0);
    let wrapped: Weights = weights
        .iter()
        .map(|(name, array)| {
            let name =
                name.replace("layer1.", "layer1._orig_mod.").replace("fc.", "_fsdp_wrapped_module.fc.");
            (format!("model.{name}"), array.clone())
        })
        .collect();
    let found = find(&model, &wrapped).unwrap();
    assert_eq!(found.weights, weights);
    assert_eq!(
        found.origin.to_string(),
        "the names of `native` after the prefix `model.`, in an older or wrapped form"
    );
}

/// Keras 2 numbers the values of a variable.
#[test]
fn older_keras_names_are_recognized() {
    let model = resnet();
    let weights = Weights::initial(&model.graph, 0);
    let keras = convert(&model, &weights, Dialect::Native, Dialect::HeliaEdge).unwrap().weights;
    let old = keras.into_iter().map(|(name, array)| (format!("model/{name}:0"), array)).collect();
    let found = find(&model, &old).unwrap();
    assert_eq!((found.origin.dialect, found.origin.prefix.as_str()), (Dialect::HeliaEdge, "model/"));
    assert_eq!(found.weights, weights);
}

#[test]
fn files_are_read_exactly_or_refused_by_name() {
    let config = mobileone::Config::s0();
    let graph = mobileone::graph(&config, [3, 32, 32]).unwrap();
    let weights = Weights::initial(&graph, 0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("w.safetensors");
    prefixed(&weights, "module.").write(&file).unwrap();
    assert_eq!(dialects::load_file(&config, &graph, &file).unwrap(), weights);
    let mut part = weights;
    part.remove("head.fc.bias");
    part.write(&file).unwrap();
    let error = dialects::load_file(&config, &graph, &file).unwrap_err().to_string();
    let expected = "w.safetensors: expected the weights of the model in the names of `native`, found: ";
    assert!(error.contains(expected) && error.ends_with("1 missing (first `head.fc.bias`)"), "{error}");
}

#[test]
fn weight_norm_has_old_and_new_names() {
    let config = "{ name: m, input: { channels: 6, length: 96 }, classes: 4, architecture: tcn,
        params: { encoder: null, output: last, blocks: [{ kind: residual, channels: 8, kernel: 3, norm: none, weight_norm: true }] } }";
    let model = Factory::builtin().build(config).unwrap();
    let weights = Weights::initial(&model.graph, 0);
    let old: Weights = weights
        .iter()
        .map(|(name, array)| {
            let name = name.replace("parametrizations.weight.original0", "weight_g");
            (name.replace("parametrizations.weight.original1", "weight_v"), array.clone())
        })
        .collect();
    assert_ne!(old, weights);
    assert_eq!(find(&model, &old).unwrap().weights, weights);
}

#[test]
fn two_sets_of_weights_are_not_chosen_from() {
    let model = resnet();
    let [one, two] = [0, 1].map(|seed| Weights::initial(&model.graph, seed));
    let both: Weights = prefixed(&one, "ema.").into_iter().chain(prefixed(&two, "model.")).collect();
    let error = find(&model, &both).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected one set of weights, found 2: the names of `native` after the prefix `ema.`, and the names of \
         `native` after the prefix `model.`"
    );
    let filter = OriginFilter { prefix: Some("model.".to_owned()), ..OriginFilter::default() };
    let chosen = recognize(&model, &model.graph, &both, &filter).unwrap();
    assert!(chosen.report.is_exact(), "what is outside a given prefix does not matter: {}", chosen.report);
    assert_eq!(chosen.weights, two);
    // Equal values leave nothing to choose, but one of the sets is too many.
    let twice: Weights = prefixed(&one, "ema.").into_iter().chain(prefixed(&one, "model.")).collect();
    let found = find(&model, &twice).unwrap();
    assert_eq!((found.weights, found.report.unexpected.len()), (one.clone(), one.len()));
}

/// A model whose weights in another package's names are also weights in the names used here, with other values.
#[test]
fn two_packages_are_not_chosen_from() {
    struct Swapped(BuiltModel);
    impl dialects::Names for Swapped {
        fn renames(
            &self,
            input: &graph::Shape,
            dialect: Dialect,
        ) -> Option<Result<Vec<dialects::Rename>, graph::BuildError>> {
            let pair = [("layer1.0.conv1.weight", "layer1.0.conv2.weight")];
            let both = pair.into_iter().chain(pair.map(|(a, b)| (b, a)));
            match dialect {
                Dialect::Timm => Some(Ok(both.map(|(a, b)| dialects::Rename::same(a, b)).collect())),
                _ => self.0.renames(input, dialect),
            }
        }
        fn architecture(&self) -> &str {
            self.0.architecture()
        }
    }
    let config = "{ name: m, input: { channels: 1, length: 8 }, classes: 2, architecture: resnet,
        params: { stages: [{ channels: 64, depth: 1, kernel: 3 }] } }";
    let model = Swapped(Factory::builtin().build(config).unwrap());
    let graph = &model.0.graph;
    let weights = Weights::initial(graph, 0);
    let error = recognize(&model, graph, &weights, &OriginFilter::default()).unwrap_err();
    let origins = [Dialect::Native, Dialect::Timm].map(Origin::plain).to_vec();
    assert_eq!(error, RecognizeError::Ambiguous { origins });
    let filter = OriginFilter { dialect: Some(Dialect::Timm), ..OriginFilter::default() };
    let chosen = recognize(&model, graph, &weights, &filter).unwrap().weights;
    assert_eq!(chosen.get("layer1.0.conv1.weight"), weights.get("layer1.0.conv2.weight"));
}

#[test]
fn the_best_origin_is_reported_if_none_is_exact() {
    let model = mobileone();
    let weights = Weights::initial(&model.graph, 0);
    let mut apple = convert(&model, &weights, Dialect::Native, Dialect::Apple).unwrap().weights;
    apple.remove("linear.bias");
    apple.insert("linear.weight", Array::new([1], vec![0.0]).unwrap());
    let mut file = prefixed(&apple, "module.");
    file.insert("projector.weight", Array::new([1], vec![0.0]).unwrap());
    file.insert_other("module.stage0.rbr_skip.num_batches_tracked", "I64");
    file.insert_other("mask", "BOOL");
    let found = find(&model, &file).unwrap();
    assert_eq!(found.origin.to_string(), "the names of `apple` after the prefix `module.`");
    assert_eq!(found.report.missing, ["module.linear.bias"]);
    assert_eq!(found.report.misshapen[0].name, "module.linear.weight");
    assert_eq!(found.report.unexpected, ["mask", "projector.weight"]);
    assert_eq!(found.weights.len(), found.report.matched);
    let mut again = dialects::compare(&model, &model.graph, &file, &found.origin).unwrap();
    // What is outside the prefix of a given origin does not matter.
    assert!(again.unexpected.is_empty());
    again.unexpected = found.report.unexpected.clone();
    assert_eq!(again, found.report);
    assert!(found.report.to_string().len() < 250, "{}", found.report);
}

#[test]
fn weights_of_another_model_match_nothing() {
    let foreign: Weights =
        [("blocks.7.q.weight".to_owned(), Array::from_fn([2], |_| 0.0))].into_iter().collect();
    for weights in [foreign, Weights::default()] {
        let found = find(&resnet(), &weights).unwrap();
        assert_eq!((found.report.matched, found.weights.len()), (0, 0));
        assert_eq!(found.origin, Origin::plain(Dialect::Native));
    }
}

#[test]
fn a_package_without_the_model_is_refused() {
    let filter = OriginFilter { dialect: Some(Dialect::Apple), ..OriginFilter::default() };
    let (model, weights) = (resnet(), Weights::default());
    let error = recognize(&model, &model.graph, &weights, &filter).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`apple` has no resnet; expected one of native, torchvision, timm, helia-edge, sleepkit"
    );
}
