//! Runs a model file on samples as they arrive, without libtorch: a line for each sample on
//! standard input, with numbers between commas, and a line for each position of the output.
//!
//! `cargo run --release -p engine --example stream_series -- MODEL.safetensors < samples.csv`

use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

use engine::{Engine, Options, Stream};
use model::Model;

type Outcome = Result<(), Box<dyn Error>>;

#[allow(dead_code, reason = "the tests call `run` with input of their own")]
fn main() -> Outcome {
    let path = std::env::args().nth(1).ok_or("expected the path of a model file")?;
    run(&Model::read(path)?, stdin().lock(), stdout().lock())
}

pub(crate) fn run(model: &Model, input: impl BufRead, mut output: impl Write) -> Outcome {
    let mut stream = Engine::new(model, Options::default())?.stream()?;
    let channels = model.graph.output_shape().channels;
    let mut write = |stream: &Stream| -> std::io::Result<()> {
        for position in stream.output(0).chunks(channels) {
            let numbers: Vec<String> = position.iter().map(ToString::to_string).collect();
            writeln!(output, "{}", numbers.join(","))?;
        }
        output.flush()
    };
    for line in input.lines() {
        let sample: Vec<f64> =
            line?.split(',').map(|number| number.trim().parse()).collect::<Result<_, _>>()?;
        stream.push(&model.normalization.apply(&sample))?;
        write(&stream)?;
    }
    // The last outputs have waited for samples that do not come.
    stream.finish()?;
    write(&stream)?;
    Ok(())
}
