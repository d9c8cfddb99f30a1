//! A stream computes exactly the outputs of the whole series, in whatever chunks the samples arrive.

use engine::{Engine, EngineError, Level, Options, Stream};
use graph::random::{self, moving_weights};
use graph::reference::Tensor;
use graph::{
    Activation, BuildError, Conv, ConvTranspose, Crop, ErrorKind, Graph, Lengths, Noise, Padding, Pool,
    Scope, Shape, UpsampleMode, Value, single,
};
use model::Model;

#[path = "../examples/stream_series.rs"]
mod example;

/// The lengths of chunks that are pushed; 0 stands for random ones.
const CHUNKS: [usize; 4] = [1, 7, 64, 0];

/// A series, sample by sample.
struct Series {
    channels: usize,
    samples: Vec<f32>,
}

impl Series {
    fn new(channels: usize, length: usize) -> Self {
        let noise = Tensor::noise("series", 1, [length, channels]);
        Self { channels, samples: noise.data.iter().map(|number| single(*number)).collect() }
    }

    /// Channel by channel, as a session reads it.
    fn rows(&self) -> Vec<f32> {
        transposed(&self.samples, self.channels)
    }
}

/// Positions of `channels` elements each, as rows.
fn transposed(positions: &[f32], channels: usize) -> Vec<f32> {
    let length = positions.len() / channels;
    (0..positions.len()).map(|index| positions[index % length * channels + index / length]).collect()
}

/// The outputs of a whole run; `None` if the graph does not accept the length.
fn whole(engine: &Engine, series: &Series) -> Option<Vec<Vec<f32>>> {
    let shape = Shape::new(series.channels, [series.samples.len() / series.channels]);
    let mut session = engine.session(&[shape]).ok()?;
    let mut outputs: Vec<Vec<f32>> =
        session.outputs().iter().map(|shape| vec![0.0; shape.elements()]).collect();
    let mut places: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    session.run(&[&series.rows()], &mut places).expect("slices of the right lengths");
    Some(outputs)
}

/// The outputs of a stream, which is saved and restored at random moments.
fn streamed(engine: &Engine, stream: &mut Stream, series: &Series, chunk: usize) -> Vec<Vec<f32>> {
    let noise = Noise::of(&format!("chunks {chunk}"));
    let mut outputs = vec![Vec::new(); engine.graph().outputs().len()];
    let mut rest = &series.samples[..];
    let mut drawn = 0;
    while !rest.is_empty() {
        drawn += 1;
        let random = usize::try_from(noise.bits(drawn) % 23).expect("a small number");
        let samples = if chunk == 0 { random } else { chunk };
        let (now, later) = rest.split_at((samples * series.channels).min(rest.len()));
        rest = later;
        stream.push(now).expect("whole samples");
        append(&mut outputs, stream);
        if random == 0 {
            let state = stream.save();
            *stream = engine.stream().expect("it was made before");
            stream.restore(&state).expect("a state of the same graph");
        }
    }
    stream.finish().expect("a length that a session accepts");
    append(&mut outputs, stream);
    outputs
}

fn append(outputs: &mut [Vec<f32>], stream: &Stream) {
    for (index, output) in outputs.iter_mut().enumerate() {
        output.extend_from_slice(stream.output(index));
    }
}

/// Compares a stream with whole runs at several lengths. Returns the number of lengths that the graph accepts.
fn check(engine: &Engine, lengths: &[usize]) -> usize {
    let graph = engine.graph();
    let mut stream = engine.stream().expect("the graph can be streamed");
    let Lengths { multiple, remainder } = stream.facts().lengths();
    let channels = graph.inputs().next().expect("an input").1.shape.channels;
    let mut accepted = 0;
    for length in lengths {
        let series = Series::new(channels, length.next_multiple_of(multiple) + remainder);
        let Some(expected) = whole(engine, &series) else { continue };
        accepted += 1;
        for chunk in CHUNKS {
            let found = streamed(engine, &mut stream, &series, chunk);
            for ((output, expected), found) in graph.outputs().iter().zip(&expected).zip(found) {
                let found = transposed(&found, graph.node(output.value).shape.channels);
                let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert!(
                    bits(&found) == bits(expected),
                    "length {length}, chunks of {chunk}: expected {expected:?}, found {found:?}\n{graph}"
                );
            }
        }
    }
    accepted
}

fn engine(graph: &Graph, level: Level) -> Engine {
    let model = Model::new(graph.clone(), moving_weights(graph, 1));
    // A stream has no Winograd convolutions.
    let options = Options { level: Some(level), winograd: false, ..Options::default() };
    Engine::new(&model, options).expect("weights of the graph")
}

fn refusal(engine: &Engine) -> Option<BuildError> {
    match engine.stream() {
        Ok(_) => None,
        Err(EngineError::Input(error)) => Some(error),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn random_graphs_are_streamed_exactly() {
    for level in Level::all() {
        let (mut checked, mut refused) = (0, 0);
        for (index, cell) in random::cells().iter().enumerate() {
            if cell.rank != 1 {
                continue;
            }
            for seed in 0..6 {
                let graph = random::problem(index, seed).graph;
                let engine = engine(&graph, level);
                match refusal(&engine) {
                    Some(error) => {
                        assert_eq!(error.kind(), ErrorKind::Stream, "{error}\n{graph}");
                        refused += 1;
                    }
                    None => checked += check(&engine, &[1, 5, 13, 40, 161]),
                }
            }
        }
        println!("{level}: {checked} series, {refused} graphs refused");
        assert!(checked > 1000, "{checked} series, {refused} graphs refused");
    }
}

type Built = Result<Value, BuildError>;

fn series(channels: usize, model: impl FnOnce(Scope<'_>, Value) -> Built) -> Graph {
    let built = Graph::build(|g| {
        let x = g.input("signal", [channels, 64])?;
        let y = model(g, x)?;
        g.output("y", y)
    });
    built.expect("the graph can be built")
}

/// Residual blocks of dilated convolutions.
fn tcn(padding: Padding) -> Graph {
    series(3, |g, x| {
        let mut x = g.conv("stem", x, Conv { padding, ..Conv::new(24, 1) })?;
        for level in 0..4 {
            let g = g / level;
            let conv = Conv { dilation: (1 << level).into(), padding, bias: true, ..Conv::new(24, 5) };
            let y = g.activation("act1", g.conv("conv1", x, conv)?, Activation::Relu)?;
            let y = g.conv("conv2", y, Conv { groups: 24, ..conv })?;
            x = g.activation("act2", g.add("sum", &[y, x])?, Activation::Gelu)?;
        }
        g.conv("head", x, Conv { bias: true, ..Conv::new(2, 1) })
    })
}

/// Two levels of pooling, and enlargement joined with skips.
fn unet(padding: Padding, pool: Padding) -> Graph {
    series(2, |g, x| {
        let conv = Conv { padding, ..Conv::new(8, 3) };
        let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: pool };
        let first = g.conv("down0", x, conv)?;
        let second = g.conv("down1", g.max_pool("pool0", first, pool)?, conv)?;
        let x = g.conv("down2", g.max_pool("pool1", second, pool)?, conv)?;
        let x =
            g.conv_transpose("up1", x, ConvTranspose { crop: Crop::Same, ..ConvTranspose::new(8, 4, 2) })?;
        let x = g.op("like1", graph::Op::CropOrPad, &[x, second])?;
        let x = g.concat("join1", &[x, second])?;
        let mode = UpsampleMode::Linear { align_corners: false };
        let x = g.op("up0", graph::Op::Upsample { factor: 2.into(), mode }, &[x])?;
        let x = g.op("like0", graph::Op::CropOrPad, &[x, first])?;
        let x = g.concat("join0", &[first, x])?;
        g.conv("head", x, Conv::new(3, 1))
    })
}

#[test]
fn networks_are_streamed_exactly() {
    let paddings = [Padding::Causal, Padding::Same, Padding::Symmetric, Padding::Valid];
    for level in Level::all() {
        for padding in [Padding::Causal, Padding::Same, Padding::Symmetric] {
            assert_eq!(check(&engine(&tcn(padding), level), &[1, 50, 333]), 3);
        }
        for padding in paddings {
            for pool in [Padding::Same, Padding::Symmetric, Padding::Valid] {
                assert!(check(&engine(&unet(padding, pool), level), &[60, 64, 71, 202, 300]) > 0);
            }
        }
    }
}

#[test]
fn memory_does_not_grow() {
    let engine = engine(&tcn(Padding::Same), Level::best());
    let mut stream = engine.stream().expect("the graph can be streamed");
    let series = Series::new(3, 500);
    stream.push(&series.samples).expect("whole samples");
    let state = stream.save().len();
    for _ in 0..200 {
        stream.push(&series.samples).expect("whole samples");
        assert_eq!(stream.save().len(), state);
    }
    assert_eq!(stream.samples(), 201 * 500);
}

#[test]
fn a_node_that_reads_the_whole_series_is_named() {
    let graph = series(3, |g, x| {
        let squeezed = g.global_mean("se.pool", x)?;
        g.op("se.scale", graph::Op::Multiply, &[x, squeezed])
    });
    let error = refusal(&engine(&graph, Level::best())).expect("a refusal");
    assert_eq!(
        error.to_string(),
        "se.pool: expected an operation that can be streamed, found global_mean, which reads the whole series"
    );
}

#[test]
fn a_length_that_the_padding_cannot_have_is_refused() {
    let conv = Conv { stride: 2.into(), padding: Padding::Same, ..Conv::new(4, 5) };
    let graph = series(1, |g, x| g.conv("conv", x, conv));
    let mut stream = engine(&graph, Level::best()).stream().expect("the graph can be streamed");
    assert_eq!(stream.facts().lengths(), Lengths { multiple: 2, remainder: 0 });
    stream.push(&[0.5; 9]).expect("whole samples");
    let error = stream.finish().expect_err("an odd length");
    assert_eq!(
        error.to_string(),
        "graph: expected a series whose length is a multiple of 2, found 9 samples"
    );
    stream.push(&[0.5]).expect("whole samples");
    stream.finish().expect("an even length");
}

#[test]
fn only_a_state_of_the_same_graph_is_restored() {
    let mut stream = engine(&tcn(Padding::Causal), Level::best()).stream().expect("a causal graph");
    stream.push(&[0.5; 30]).expect("whole samples");
    let state = stream.save();
    let mut other = engine(&tcn(Padding::Same), Level::best()).stream().expect("a bounded delay");
    let message = |error: EngineError| error.to_string();
    assert_eq!(
        other.restore(&state).map_err(message),
        Err("state: expected the state of a stream of this model, found one of another".to_owned())
    );
    assert_eq!(
        stream.restore(&state[..20]).map_err(message),
        Err("state: expected the state of a stream, found 20 bytes".to_owned())
    );
    assert!(stream.restore(&state[..state.len() - 4]).is_err());
    assert!(stream.restore(&vec![0; 1000]).is_err());
    assert_eq!(stream.samples(), 10);
    stream.restore(&state).expect("its own state");
    assert_eq!(stream.save(), state);
}

#[test]
fn the_example_writes_a_line_for_each_position() {
    let graph = tcn(Padding::Same);
    let model = Model::new(graph.clone(), moving_weights(&graph, 1));
    let samples: String = (0..40).map(|t| format!("{t}, {}, 0.5\n", t % 7)).collect();
    let mut output = Vec::new();
    example::run(&model, samples.as_bytes(), &mut output).expect("lines of three numbers");
    let output = String::from_utf8(output).expect("text");
    assert_eq!(output.lines().count(), 40, "{output}");
    assert!(output.lines().all(|line| line.split(',').count() == 2), "{output}");
}

#[test]
fn presets_are_streamed_exactly_or_refused_by_name() {
    let mut graphs = Vec::new();
    for (name, preset) in tcn::PRESETS {
        for padding in [Padding::Causal, Padding::Same] {
            let config = tcn::Config { padding, ..preset() };
            graphs.push((format!("tcn {name} {padding}"), tcn::graph(&config, [6, 100]).expect("a preset")));
        }
    }
    for (name, preset) in unet::PRESETS {
        graphs.push((format!("unet {name}"), unet::graph(&preset(), [3, 128]).expect("a preset")));
    }
    let mut streamed = 0;
    for (name, graph) in graphs {
        let engine = engine(&graph, Level::best());
        if let Some(error) = refusal(&engine) {
            println!("{name}: {error}");
            assert!(graph.find(error.node()).is_some(), "{name}: {error}");
            continue;
        }
        let delay = engine.stream().expect("it was made before");
        let delay = delay.facts().node(engine.graph().main_output().value).map(|node| node.delay);
        println!("{name}: delay {delay:?}");
        assert_eq!(check(&engine, &[96, 256]), 2, "{name}");
        streamed += 1;
    }
    assert!(streamed >= 4, "{streamed} presets");
}
