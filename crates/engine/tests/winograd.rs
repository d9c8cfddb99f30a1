//! Winograd convolutions agree with direct ones, alone and over whole networks.

use engine::{Engine, Level, Options};
use graph::{Activation, Array, BuildError, Conv, Graph, Noise, Shape, Value, Weights};
use model::Model;

/// The difference that [`Options::winograd`] states, relative to the largest magnitude.
const TOLERANCE: f32 = 5e-5;

/// The largest difference between the outputs with and without Winograd convolutions, relative to the largest
/// magnitude, and the number of Winograd convolutions.
fn difference(graph: &Graph, level: Level) -> (f32, usize) {
    let model = Model::new(graph.clone(), Weights::initial(graph, 0));
    let shapes: Vec<Shape> = graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    let noise = Noise::of("input");
    #[allow(clippy::cast_possible_truncation, reason = "rounding to f32")]
    let input = Array::from_fn(shapes[0].dims(), |index| noise.normal(index as u64) as f32);
    let mut count = 0;
    let [expected, found] = [false, true].map(|winograd| {
        let options = Options { level: Some(level), winograd, ..Options::default() };
        let engine = Engine::new(&model, options).expect("weights match");
        let mut session = engine.session(&shapes).expect("the shapes are the graph's");
        count = session.kernels().filter(|(_, kernel)| kernel.starts_with("Winograd")).count();
        let mut output = vec![0.0; session.outputs()[0].elements()];
        session.run(&[input.data()], &mut [&mut output]).expect("sizes match");
        output
    });
    let largest = expected.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    let differences = expected.iter().zip(&found).map(|(a, b)| (a - b).abs());
    (differences.fold(0.0, f32::max) / largest, count)
}

#[test]
fn every_geometry_agrees_with_direct_convolution() {
    for level in Level::all() {
        let mut forms = 0;
        for kernel in [3, 5, 7] {
            for dilation in [1, 2, 5] {
                for space in [vec![61], vec![18, 21]] {
                    let graph = Graph::build(|g| {
                        let x = g.input("x", Shape { channels: 40, space: space.clone() })?;
                        let conv = Conv { dilation: dilation.into(), ..Conv::new(72, kernel) };
                        let x = g.conv("conv", x, conv)?;
                        let x = g.activation("silu", x, Activation::Silu)?;
                        g.output("y", x)
                    });
                    let (difference, count) = difference(&graph.expect("the graph is valid"), level);
                    forms += count;
                    assert!(difference < 1e-5, "{level}, kernel {kernel}, {space:?}: {difference:e}");
                }
            }
        }
        // 7 x 7 has no form, and with large dilations most tiles would be incomplete.
        assert!(forms >= 8, "expected at least 8 Winograd convolutions, found {forms}");
    }
}

/// A residual network of `depth` blocks.
fn residual(g: graph::Scope<'_>, mut x: Value, depth: usize) -> Result<Value, BuildError> {
    for block in 0..depth {
        let scope = g / block;
        let y = scope.conv("conv1", x, Conv::new(64, 3))?;
        let y = scope.activation("relu1", y, Activation::Relu)?;
        let y = scope.conv("conv2", y, Conv::new(64, 3))?;
        let y = scope.add("add", &[x, y])?;
        x = scope.activation("relu2", y, Activation::Relu)?;
    }
    Ok(x)
}

#[test]
fn the_error_of_a_deep_network_is_within_the_stated_bound() {
    for level in Level::all() {
        for space in [vec![120], vec![24, 24]] {
            let graph = Graph::build(|g| {
                let x = g.input("x", Shape { channels: 64, space: space.clone() })?;
                let x = residual(g, x, 12)?;
                g.output("y", x)
            });
            let (difference, count) = difference(&graph.expect("the graph is valid"), level);
            assert_eq!(count, 24);
            assert!(difference < TOLERANCE, "{level}, {space:?}: {difference:e}");
        }
    }
}
