//! Every preset survives as text: the graph that is parsed is the graph that was written.

use factory::Factory;
use graph::Graph;

#[test]
fn the_text_of_every_preset_parses_to_the_same_graph() {
    let factory = Factory::builtin();
    for family in factory.list() {
        for preset in family.presets() {
            let classes = family.classes(preset);
            let model = factory.preset(family.name(), preset, family.input().clone(), classes);
            let graph = model.unwrap_or_else(|error| panic!("{}/{preset}: {error}", family.name())).graph;
            let text = graph.text();
            let parsed: Graph =
                text.parse().unwrap_or_else(|error| panic!("{}/{preset}: {error}", family.name()));
            assert!(parsed == graph, "{}/{preset}", family.name());
            assert_eq!(parsed.text(), text, "{}/{preset}", family.name());
        }
    }
}
