//! `show` and `source`.

use expect_test::expect;

use crate::place::Place;

#[test]
fn show() {
    let place = Place::new();
    let write = |name: &str, text: &str| std::fs::write(place.path(name), text).unwrap();
    write(
        "own.yaml",
        "name: own\ninput: [2, 16]\nclasses: 2\narchitecture: tcn\n\
         params: { blocks: [{ channels: 4 }] }\ndata: { task: segmentation, train: a.npz }\ntrain:\n",
    );
    place.prints("show own.yaml --set params.blocks[0].kernel=5", &expect![[r#""#]]);
    // What is printed is a config.
    let shown = place.run("show resnet18 --input 6x100 --classes 4").1;
    assert!(
        shown.starts_with("# Every default written out by `factory show resnet18`.\nname: resnet18\n"),
        "{shown}"
    );
    write("resnet18.yaml", &shown);
    let [preset, config] = ["resnet18 --input 6x100 --classes 4", "resnet18.yaml"];
    assert_eq!(
        place.run(&format!("source {preset}")).1.lines().nth(1),
        place.run(&format!("source {config}")).1.lines().nth(1)
    );
    let summary = |model: &str| place.run(&format!("summary {model}")).1;
    assert_eq!(summary(preset), summary(config));
}

#[test]
fn source() {
    let place = Place::new();
    let (code, printed, error) = place.run("source activity-tcn");
    assert_eq!(code, 0, "{error}");
    assert!(
        printed
            .starts_with("//! Made by `factory source activity-tcn`, and yours to change: activity-tcn.\n"),
        "{printed}"
    );
    let (code, nothing, _) = place.run("source activity-tcn -o activity.rs");
    assert_eq!((code, nothing.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(place.path("activity.rs")).unwrap(), printed);
}
