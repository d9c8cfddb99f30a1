//! `factory summary --engine`: the kernels of the engine.

use engine::Level;
use expect_test::expect;

use crate::place::Place;

/// The title names the instruction set of the machine.
fn kernels(place: &Place, arguments: &str) -> String {
    let (code, text, error) = place.run(arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{arguments}");
    text.replace(&format!("engine with {} instructions", Level::best()), "engine with LEVEL instructions")
}

#[test]
fn kernels_of_a_config() {
    let place = Place::new();
    expect![[r#"
        tiny, engine with LEVEL instructions

        node            kernel             output        MACs
        relu            convolution        [N, 16, 16]  5,376
        layer1.0.relu1  convolution        [N, 8, 16]   6,144
        layer1.0.conv2  convolution        [N, 8, 16]   3,072
        layer1.0.relu   convolution        [N, 8, 16]   2,048
        global_pool     global mean        [N, 8, 1]        0
        flatten         flatten, in place  [N, 8]           0
        fc              linear             [N, 4]          32

        7 kernels, 16,672 MACs
    "#]]
    .assert_eq(&kernels(&place, "summary tiny.yaml --engine"));
}

#[test]
fn kernels_of_other_sizes_and_of_images() {
    let place = Place::new();
    let long = kernels(&place, "summary tiny.yaml --engine --input 3x64");
    assert!(long.contains("[N, 8, 32]"), "{long}");
    let images = kernels(&place, "summary resnet18 --engine");
    assert!(images.contains("Winograd convolution"), "{images}");
    let (code, _, error) = place.run("summary tiny.yaml --engine --json");
    assert!(code == 2 && error.contains("cannot be used with"), "{error}");
}
