//! Predictions on libtorch.

use expect_test::expect;
use graph::{Array, Forward};
use torch::Net;
use torch::tch::{self, Device, nn};

use crate::arrays::Entry;
use crate::models::{self, ACTIVITY, CAUSAL, EXCITED, NUMBERS, normalized, series};
use crate::place::{Place, lines};

/// The outputs of the library on libtorch.
fn library(config: &str, inputs: &Array, merged: bool) -> Array {
    tch::set_num_threads(1);
    let model = models::model(config);
    let store = nn::VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights).unwrap();
    let mut net = if merged { net.merged().unwrap().net } else { net };
    net.forward(&[normalized(&model, inputs)]).unwrap().remove(0)
}

/// Outputs are those of the library, bit for bit, and those of the engine up to rounding.
#[test]
fn outputs_are_the_librarys_and_the_engines() {
    for config in [ACTIVITY, CAUSAL, EXCITED, NUMBERS] {
        let place = Place::new(config);
        let one = series(2, 40);
        place.input("in.safetensors", &one);
        for (option, merged) in [("", true), (" --unmerged", false)] {
            place.prints(&format!(". in.safetensors -o torch.npz --with torch{option}"), "");
            place.prints(&format!(". in.safetensors -o engine.npz{option}"), "");
            let [torch, engine] =
                ["torch.npz", "engine.npz"].map(|name| Entry::read(&place.path(name), "outputs").floats());
            let expected = library(config, &Array::new([1, 2, 40], one.data().to_vec()).unwrap(), merged);
            assert_eq!(torch, expected.data(), "{config}");
            let largest = torch.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
            for (torch, engine) in torch.iter().zip(&engine) {
                assert!((torch - engine).abs() <= 1e-5 * largest, "{config}: {engine}, not {torch}");
            }
        }
    }
}

#[test]
fn a_stream() {
    let place = Place::new(CAUSAL);
    let samples = lines(&series(2, 60), ",").concat();
    let torch = place.prints(". - --with torch", &samples);
    assert_eq!(torch.lines().count(), 61);
    let classes = |table: &str| -> Vec<String> {
        table.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect()
    };
    assert_eq!(classes(&torch), classes(&place.prints(". -", &samples)));
}

#[test]
fn an_unknown_interpreter_is_refused() {
    let place = Place::new(CAUSAL);
    place.is_misused(
        ". - --with engines",
        "",
        &expect![[r#"
        error: invalid value 'engines' for '--with <INTERPRETER>'
          [possible values: engine, torch]

          tip: a similar value exists: 'engine'

        For more information, try '--help'.
    "#]],
    );
}
