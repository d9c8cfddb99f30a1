//! Every number of a config is replaced by extreme ones: each model is built, or refused in one line and with little
//! memory.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

#[path = "../../../factory/tests/common/memory.rs"]
mod memory;

use std::fs;
use std::path::Path;

use dialects::{Dialect, reference};
use expect_test::{Expect, expect};
use factory::{BuiltModel, Factory, Overrides};
use graph::Graph;
use serde_json::Value as Json;

/// Limit of the bytes allocated for a model, or for a refusal.
const MOST: usize = 100_000_000;

/// Numbers at which arithmetic overflows or changes, and values that are not numbers.
const EXTREMES: [&str; 18] = [
    "0",
    "1",
    "-1",
    "1000",
    "32768",
    "16777216",
    "16777217",
    "1073741824",
    "4294967296",
    "1099511627776",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e-308",
    "1.5",
    "1e308",
    "null",
    "[18446744073709551615, 2]",
];

/// A generator of numbers below a bound, the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The places of the numbers in the text of a config.
fn numbers(text: &str) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices() {
        let is_part = character.is_ascii_alphanumeric() || "-_.\"#".contains(character);
        match (is_part, start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                if text[first..at].parse::<f64>().is_ok() {
                    places.push((first, at));
                }
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    places
}

/// The text with one to three of its numbers replaced.
fn extreme(text: &str, random: &mut Numbers) -> String {
    let mut changed = text.to_owned();
    for _ in 0..=random.below(3) {
        let places = numbers(&changed);
        let Some(&(start, end)) = places.get(random.below(places.len().max(1))) else { break };
        changed.replace_range(start..end, EXTREMES[random.below(EXTREMES.len())]);
    }
    changed
}

/// Builds a model and analyzes it; checks the message if it is refused.
fn build<T>(text: &str, build: impl FnOnce() -> Result<T, String>, look: impl FnOnce(&T)) -> bool {
    let (result, peak) = memory::peak(build);
    assert!(peak < MOST, "{peak} bytes for {text}");
    match result {
        Ok(model) => {
            look(&model);
            true
        }
        Err(message) => {
            let is_line = message.len() <= 500 && !message.contains(char::is_control);
            assert!(is_line, "{message:?} of {text}");
            false
        }
    }
}

fn look(graph: &Graph) {
    // Sums that overflow are refused, too, without a panic.
    let _ = graph.cost();
    let _ = graph.receptive_field().to_string();
}

fn look_at_model(model: &BuiltModel) {
    look(&model.graph);
    for dialect in Dialect::ALL {
        let _ = dialects::renames(model, dialect);
    }
}

fn config(text: &str) -> bool {
    let factory = Factory::builtin();
    let model = || dialects::build(&factory, text, Overrides::default()).map_err(|error| error.to_string());
    build(text, model, look_at_model)
}

#[test]
fn ready_configs() {
    let mut random = Numbers(1);
    let (mut built, mut refused) = (0, 0);
    for name in factory::models::names() {
        let text = factory::models::get(name).unwrap();
        for _ in 0..60 {
            if config(&extreme(text, &mut random)) {
                built += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(built > 50 && refused > 50, "{built} built, {refused} refused");
}

/// The models of other packages that this project is compared with: `{system, family, spec, input_shape}`.
fn foreign() -> Vec<Json> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/parity");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let cases = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    let cases = cases.map(|file| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap());
    cases.filter(|case: &Json| case["spec"].is_object()).collect()
}

#[test]
fn models_of_other_packages() {
    let mut random = Numbers(2);
    let (mut built, mut refused) = (0, 0);
    for case in foreign() {
        let (system, family) = (case["system"].as_str().unwrap(), case["family"].as_str().unwrap());
        let input: Vec<usize> = serde_json::from_value(case["input_shape"].clone()).unwrap();
        let spec = case["spec"].to_string();
        for _ in 0..25 {
            let text = extreme(&spec, &mut random);
            let spec: Json = serde_json::from_str(&text).unwrap();
            let model = || reference::graph(system, family, &spec, &input).map_err(|error| error.to_string());
            let text = format!("{system} {family}: {text}");
            if build(&text, model, |model| look(&model.graph)) {
                built += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(built > 50 && refused > 50, "{built} built, {refused} refused");
}

#[test]
fn config_files_of_sleepkit() {
    let mut random = Numbers(3);
    let (mut built, mut refused) = (0, 0);
    for case in foreign() {
        let origin = case["system"].as_str().unwrap();
        if case["spec"].get("params").is_none() {
            continue;
        }
        let (family, params) = (&case["family"], &case["spec"]["params"]);
        let text = format!(
            "{{\"datasets\": [], \"frame_size\": 64, \"num_classes\": 3, \"origin\": \"{origin}\", \
             \"architecture\": {{\"name\": {family}, \"params\": {params}}}}}"
        );
        for _ in 0..15 {
            if config(&extreme(&text, &mut random)) {
                built += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(built > 50 && refused > 50, "{built} built, {refused} refused");
}

fn check(text: &str, expected: &Expect) {
    let error = dialects::build(&Factory::builtin(), text, Overrides::default()).unwrap_err();
    expected.assert_eq(&error.to_string());
}

/// The smallest configs that made sums of numbers overflow.
#[test]
fn sums_that_overflowed() {
    let mobileone = "
        name: a
        input: { channels: 3, height: 64, width: 64 }
        classes: 2
        architecture: mobileone
        params: { stages: [{ channels: 16, depth: 2, se_divisor: 2, se_depth: DEPTH }] }
    ";
    let graph = |depth: &str| Factory::builtin().build(&mobileone.replace("DEPTH", depth)).unwrap().graph;
    assert_eq!(graph("18446744073709551615"), graph("2"), "squeeze-excite in all pairs");
    let padding = "{ datasets: [], frame_size: 64, num_classes: 3, origin: sleepkit, architecture: { name: mobileone, params: {
        input_filters: 8, input_kernel_size: [1, 3], input_strides: [1, 1], input_padding: 18446744073709551615,
        include_top: false, blocks: [{ filters: 16, kernel_size: [1, 3] }] } } }";
    check(
        padding,
        &expect![
            "architecture.params: stem.conv_kxk.0.conv: conv of [N, 1, 64]: padding: expected at most 16777216, found 18446744073709551615"
        ],
    );
    let kernel =
        "{ datasets: [], frame_size: 64, num_classes: 3, architecture: { name: tcn, params: { block_type: mb,
        blocks: [{ filters: 8, kernel: [18446744073709551615, 2], dilation: [3, 1], depth: 1 }] } } }";
    check(
        kernel,
        &expect![
            "architecture.params: network.0.0.depthwise.conv: expected a kernel of 1 to 1024 rows and a dilation of 1 to 16777216, found [18446744073709551615, 2] and [3, 1]"
        ],
    );
}
