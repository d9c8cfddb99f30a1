//! Configs with every default written out: they are read as the same model and the same sections.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use factory::{Document, Factory, Overrides};

/// Writes a config out in full, reads the text, and checks that nothing has changed and that writing it out once
/// more changes nothing.
fn check(text: &str) {
    let factory = Factory::builtin();
    let document = Document::parse(text).unwrap();
    let full = factory.full_config(&document, Overrides::default()).unwrap().to_string();
    let read = Document::parse(&full).unwrap_or_else(|error| panic!("{error}\n{full}"));
    let [old, new] = [text, full.as_str()].map(|text| factory.build(text).unwrap());
    assert_eq!((old.name, old.input, old.architecture), (new.name, new.input, new.architecture));
    assert_eq!(old.graph.text(), new.graph.text(), "{full}");
    for document in [&document, &read] {
        assert_eq!(document.section::<data::Config>("data").unwrap(), read.section("data").unwrap());
        assert_eq!(document.section::<train::Config>("train").unwrap(), read.section("train").unwrap());
    }
    assert_eq!(factory.full_config(&read, Overrides::default()).unwrap().to_string(), full);
}

#[test]
fn every_ready_config_in_full_is_the_same_config() {
    for name in factory::models::names() {
        check(factory::models::get(name).unwrap());
    }
}

#[test]
fn every_preset_in_full_is_the_same_model() {
    let factory = Factory::builtin();
    for family in factory.list() {
        for preset in family.presets() {
            let sizes: Vec<String> = family.input().dims().iter().map(ToString::to_string).collect();
            let classes = family.classes(preset).map_or("null".to_owned(), |classes| classes.to_string());
            check(&format!(
                "{{ name: a, input: [{}], classes: {classes}, architecture: {}, preset: {preset} }}",
                sizes.join(", "),
                family.name()
            ));
        }
    }
}

#[test]
fn sections_in_full_are_the_same_sections() {
    let text = factory::models::get("activity-tcn").unwrap();
    let mut document = Document::parse(text).unwrap();
    let data: data::Config = document.section("data").unwrap().unwrap();
    let train: train::Config = document.section("train").unwrap().unwrap();
    document.insert("data", &data).unwrap();
    document.insert("train", &train).unwrap();
    let read = Document::parse(&document.to_string()).unwrap();
    assert_eq!(read.section::<data::Config>("data").unwrap(), Some(data));
    assert_eq!(read.section::<train::Config>("train").unwrap(), Some(train));
    assert!(document.to_string().contains("\n  best: null\n"), "{document}");
}
