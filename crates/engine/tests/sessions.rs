//! Promises to users of an engine: independent samples, threads, unusual graphs and sizes, clear refusals.

use engine::{Engine, Level, Options, Session};
use graph::random::{self, Problem};
use graph::reference::Tensor;
use graph::{
    Activation, Conv, ConvTranspose, Graph, GroupNorm, Linear, Padding, Pool, Scope, Shape, Weights, testing,
};
use model::Model;

fn options(level: Level) -> Options {
    Options { level: Some(level), ..Options::default() }
}

/// One problem for each operation and kind.
fn problems() -> impl Iterator<Item = Problem> {
    (0..random::cells().len()).map(|cell| random::problem(cell, 1))
}

fn engine(problem: &Problem, level: Level) -> Engine {
    Engine::new(&Model::new(problem.graph.clone(), problem.weights.clone()), options(level))
        .expect("weights match")
}

fn noise(name: &str, batch: usize, shape: &Shape) -> Vec<f32> {
    Tensor::noise(name, batch, shape.clone()).data.iter().map(|number| graph::single(*number)).collect()
}

/// The bits of all outputs.
fn run(session: &mut Session, inputs: &[&[f32]], batch: usize) -> Vec<Vec<u32>> {
    let mut outputs: Vec<Vec<f32>> =
        session.outputs().iter().map(|shape| vec![0.0; batch * shape.elements()]).collect();
    let mut places: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    session.run(inputs, &mut places).expect("slices match the shapes");
    outputs.iter().map(|output| output.iter().map(|number| number.to_bits()).collect()).collect()
}

#[test]
fn engines_are_shared_between_threads_and_sessions_are_sent() {
    fn is_shared<T: Send + Sync>() {}
    fn is_sent<T: Send>() {}
    is_shared::<Engine>();
    is_sent::<Session>();
}

#[test]
fn ten_threads_on_one_engine_give_the_bytes_of_one() {
    for problem in problems().step_by(10) {
        let engine = engine(&problem, Level::best());
        let shape = &problem.sizes[0];
        let x = noise("x", 1, shape);
        let expected = run(&mut engine.session(std::slice::from_ref(shape)).unwrap(), &[&x], 1);
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    let mut session = engine.session(std::slice::from_ref(shape)).unwrap();
                    for _ in 0..5 {
                        assert_eq!(run(&mut session, &[&x], 1), expected, "{}", engine.graph());
                    }
                });
            }
        });
    }
}

/// A network whose layers are large enough to be divided, with its input's shape: each kind of convolution, and numbers
/// of blocks that are not multiples of the number of threads.
fn wide() -> (Model, Shape) {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 40, 36])?;
        let x = g.conv("stem", x, Conv { stride: 2.into(), ..Conv::new(40, 3) })?;
        let x = g.activation("stem.act", x, Activation::Silu)?;
        let skip = x;
        let x = g.conv("winograd", x, Conv::new(120, 3))?;
        let x = g.activation("winograd.act", x, Activation::Silu)?;
        let x = g.conv("depthwise", x, Conv { groups: 120, ..Conv::new(120, 5) })?;
        let x = g.conv("groups", x, Conv { groups: 3, ..Conv::new(120, 3) })?;
        let x = g.conv("pointwise", x, Conv::new(40, 1))?;
        let x = g.add("add", &[x, skip])?;
        let narrow = g.conv("narrow", x, Conv { dilation: 2.into(), ..Conv::new(16, 3) })?;
        let narrow = g.conv("narrower", narrow, Conv::new(5, 3))?;
        let x = g.concat("concat", &[x, narrow])?;
        let gate = g.global_mean("squeeze", x)?;
        let gate = g.conv("reduce", gate, Conv::new(33, 1))?;
        let gate = g.activation("reduce.act", gate, Activation::Relu)?;
        let gate = g.conv("expand", gate, Conv::new(45, 1))?;
        let gate = g.activation("expand.act", gate, Activation::Sigmoid)?;
        let x = g.multiply("gate", x, gate)?;
        let x = g.max_pool("pool", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Same })?;
        let x = g.conv_transpose("transpose", x, ConvTranspose::new(72, 4, 2))?;
        g.output("y", x)
    })
    .expect("the graph is valid");
    let shape = graph.inputs().next().expect("there is an input").1.shape.clone();
    let weights = Weights::initial(&graph, 0);
    (Model::new(graph, weights), shape)
}

#[test]
fn the_number_of_threads_does_not_change_the_bytes() {
    let (model, shape) = wide();
    let x = noise("x", 2, &shape);
    for level in Level::all() {
        let mut results = [1, 2, 3, 5].map(|threads| {
            let engine = Engine::new(&model, Options { threads, ..options(level) }).expect("weights match");
            let mut session = engine.session(std::slice::from_ref(&shape)).expect("the shape is the graph's");
            run(&mut session, &[&x], 2)
        });
        let expected = results[0].clone();
        for (index, result) in results.iter_mut().enumerate() {
            assert!(*result == expected, "{level}, {index}");
        }
    }
}

#[test]
fn sessions_share_the_threads_of_an_engine() {
    let (model, shape) = wide();
    let x = noise("x", 1, &shape);
    for threads in [2, 4] {
        let engine = Engine::new(&model, Options { threads, ..Options::default() }).expect("weights match");
        let session = || engine.session(std::slice::from_ref(&shape)).expect("the shape is the graph's");
        let expected = run(&mut session(), &[&x], 1);
        let run_often = || {
            let mut session = session();
            for _ in 0..20 {
                assert!(run(&mut session, &[&x], 1) == expected, "{threads} threads");
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(run_often);
            }
        });
    }
}

#[test]
fn a_sample_does_not_depend_on_the_others_even_if_they_are_not_finite() {
    for problem in problems() {
        for level in Level::all() {
            let engine = engine(&problem, level);
            for shape in &problem.sizes {
                let count = shape.elements();
                let samples = [
                    noise("a", 1, shape),
                    vec![f32::NAN; count],
                    noise("b", 1, shape),
                    vec![f32::INFINITY; count],
                    noise("c", 1, shape),
                ];
                let mut session = engine.session(std::slice::from_ref(shape)).unwrap();
                let together = run(&mut session, &[&samples.concat()], samples.len());
                for (index, sample) in samples.iter().enumerate().step_by(2) {
                    let alone = run(&mut engine.session(std::slice::from_ref(shape)).unwrap(), &[sample], 1);
                    for (together, alone) in together.iter().zip(&alone) {
                        let own = &together[index * alone.len()..][..alone.len()];
                        assert_eq!(own, alone, "sample {index} with {level} at {shape}\n{}", engine.graph());
                    }
                }
            }
        }
    }
}

/// Builds a graph and compares it with the reference at these sizes of its only input, with each instruction set.
fn check(sizes: &[Shape], build: impl Fn(Scope<'_>, graph::Value) -> Result<(), graph::BuildError>) {
    let graph = Graph::build(|g| {
        let x = g.input("x", sizes[0].clone())?;
        build(g, x)
    })
    .expect("the graph is valid");
    let problem = Problem { weights: random::moving_weights(&graph, 7), graph, sizes: sizes.to_vec() };
    for level in Level::all() {
        testing::check(&problem, &mut |graph, weights| {
            Ok(Box::new(Engine::new(&Model::new(graph.clone(), weights.clone()), options(level))?))
        });
    }
}

#[test]
fn an_output_can_be_an_input_and_a_value_can_be_several_outputs() {
    check(&[[3, 9].into(), [3, 1].into()], |g, x| {
        g.output("same", x)?;
        let y = g.conv("conv", x, Conv::new(5, 3))?;
        g.output("first", y)?;
        let z = g.activation("relu", y, Activation::Relu)?;
        g.output("last", z)?;
        g.output("again", x)
    });
}

#[test]
fn a_value_can_be_all_operands_of_an_operation() {
    check(&[[20, 6, 5].into()], |g, x| {
        let x = g.conv("conv", x, Conv { bias: true, ..Conv::new(20, 3) })?;
        let sum = g.add("sum", &[x, x, x])?;
        let product = g.multiply("product", sum, sum)?;
        let like = g.crop_or_pad("like", product, product)?;
        let joined = g.concat("joined", &[like, x, like])?;
        g.output("y", joined)
    });
}

#[test]
fn sizes_of_one_and_dilations_beyond_the_input() {
    for dilation in [1, 7, 100, 1000] {
        for padding in [Padding::Same, Padding::Causal, Padding::Symmetric] {
            for groups in [1, 6] {
                check(&[[6, 1].into(), [6, 2].into(), [6, 50].into()], |g, x| {
                    let conv =
                        Conv { dilation: dilation.into(), padding, groups, bias: true, ..Conv::new(6, 3) };
                    let x = g.conv("conv", x, conv)?;
                    g.output("y", x)
                });
            }
        }
    }
    check(&[[1, 1, 1].into(), [1, 1, 40].into(), [1, 40, 1].into()], |g, x| {
        let x = g.conv("conv", x, Conv { stride: 2.into(), ..Conv::new(17, 7) })?;
        let x = g.max_pool("pool", x, Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Same })?;
        let x = g.conv_transpose("up", x, ConvTranspose::new(3, [2, 5], [2, 3]))?;
        g.output("y", x)
    });
}

#[test]
fn a_norm_without_weights_accepts_any_number_of_channels() {
    check(&[[6, 10].into(), [6, 3].into(), [6, 50].into()], |g, x| {
        let x = g.flatten("flatten", x)?;
        let x = g.group_norm("norm", x, GroupNorm { groups: 3, eps: 1e-3, affine: false })?;
        g.output("y", x)
    });
}

#[test]
fn groups_that_do_not_match_the_blocks_of_kernels() {
    for (channels, out, groups) in [
        (6, 9, 3),
        (34, 34, 17),
        (48, 24, 3),
        (40, 80, 5),
        (33, 66, 33),
        (32, 96, 32),
        (20, 10, 10),
        (17, 17, 17),
    ] {
        check(&[[channels, 21].into(), [channels, 3].into()], |g, x| {
            let x = g.conv("conv", x, Conv { groups, bias: true, ..Conv::new(out, 5) })?;
            let x = g.activation("silu", x, Activation::Silu)?;
            let x =
                g.conv_transpose("up", x, ConvTranspose { groups, ..ConvTranspose::new(channels, 4, 2) })?;
            g.output("y", x)
        });
    }
}

/// Groups of whole blocks are computed apart, so that zero times infinity of another group is never added.
#[test]
fn groups_of_whole_blocks_keep_numbers_that_are_not_finite_to_themselves() {
    let shape = Shape::new(64, [12]);
    for groups in [2, 4, 64] {
        let graph = Graph::build(|g| {
            let x = g.input("x", shape.clone())?;
            let x = g.conv("conv", x, Conv { groups, bias: true, ..Conv::new(64, 3) })?;
            g.output("y", x)
        })
        .unwrap();
        let problem =
            Problem { weights: random::moving_weights(&graph, 7), graph, sizes: vec![shape.clone()] };
        for level in Level::all() {
            let mut session = engine(&problem, level).session(std::slice::from_ref(&shape)).unwrap();
            let mut x = noise("x", 1, &shape);
            let expected = run(&mut session, &[&x], 1);
            let first = 64 / groups * 12;
            x[..first].fill(f32::INFINITY);
            let found = run(&mut session, &[&x], 1);
            assert_eq!(found[0][first..], expected[0][first..], "{level}: {groups} groups");
        }
    }
}

/// Two inputs of different rank and size.
fn two_inputs() -> Engine {
    let graph = Graph::build(|g| {
        let series = g.input("series", [4, 30])?;
        let image = g.input("image", [3, 8, 9])?;
        let a = g.flatten("a", g.global_mean("mean_a", g.conv("conv_a", series, Conv::new(5, 3))?)?)?;
        let b = g.flatten("b", g.global_mean("mean_b", g.conv("conv_b", image, Conv::new(7, 3))?)?)?;
        let joined = g.concat("joined", &[a, b])?;
        g.output("y", g.op("linear", graph::Op::Linear(Linear { out: 3, bias: true }), &[joined])?)
    })
    .expect("the graph is valid");
    let weights = random::moving_weights(&graph, 1);
    Engine::new(&Model::new(graph, weights), Options::default()).expect("weights match")
}

#[test]
fn several_inputs() {
    let engine = two_inputs();
    let shapes: [Shape; 2] = [[4, 17].into(), [3, 5, 6].into()];
    let mut session = engine.session(&shapes).unwrap();
    let (a, b) = (noise("a", 2, &shapes[0]), noise("b", 2, &shapes[1]));
    let found = run(&mut session, &[&a, &b], 2);
    let model = two_inputs();
    let second = run(&mut model.session(&shapes).unwrap(), &[&a[68..], &b[90..]], 1);
    assert_eq!(found[0][3..], second[0][..]);
    assert!(run(&mut session, &[&[], &[]], 0)[0].is_empty());
}

#[test]
fn unsuitable_inputs_are_refused() {
    let engine = two_inputs();
    let shapes: [Shape; 2] = [[4, 17].into(), [3, 5, 6].into()];
    let refusal = |shapes: &[Shape]| engine.session(shapes).unwrap_err().to_string();
    assert!(refusal(&[[5, 17].into(), [3, 5, 6].into()]).contains("series"));
    assert!(!refusal(&[[4, 17].into()]).is_empty());
    assert!(!refusal(&[[4, 17].into(), [3, 5].into()]).is_empty());
    let mut session = engine.session(&shapes).unwrap();
    let (a, b) = (vec![0.0; 68], vec![0.0; 90]);
    for (a, b, len, message) in [
        (&a[1..], &b[..], 3, "expected 0 samples of [N, 4, 17], found a slice of 67 elements"),
        (&a[..], &b[1..], 3, "expected 1 samples of [N, 3, 5, 6], found a slice of 89 elements"),
        (&a[..], &b[..], 4, "expected 1 samples of [N, 3], found a slice of 4 elements"),
    ] {
        let error = session.run(&[a, b], &mut [&mut vec![0.0; len]]).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    assert!(session.run(&[&a], &mut [&mut [0.0; 3]]).is_err());
    assert!(session.run(&[&a, &b], &mut []).is_err());
    assert!(session.run(&[&a, &b], &mut [&mut [0.0; 3], &mut [0.0; 3]]).is_err());
}

/// Each multiply-add of the merged graph belongs to one instruction.
#[test]
fn instructions_have_the_cost_of_the_graph() {
    let config = tcn::Config { classes: Some(4), ..tcn::Config::sm() };
    for graph in [
        tcn::graph(&config, [3, 64]).expect("a preset"),
        unet::graph(&unet::Config::micro(), [2, 32, 32]).expect("a preset"),
    ] {
        let weights = Weights::initial(&graph, 0);
        let engine = Engine::new(&Model::new(graph, weights), Options::default()).expect("weights match");
        let shapes: Vec<Shape> = engine.graph().inputs().map(|(_, node)| node.shape.clone()).collect();
        let instructions = engine.session(&shapes).and_then(|session| session.instructions());
        let instructions = instructions.expect("the graph's own size");
        let macs: u64 = instructions.iter().map(|instruction| instruction.macs).sum();
        assert_eq!(macs, engine.graph().cost().expect("a legal graph").macs);
        let last = instructions.last().expect("a graph has nodes");
        assert_eq!(&last.shape, engine.graph().output_shape());
    }
}
