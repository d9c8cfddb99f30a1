//! Samples on standard input, for which networks of every form predict line by line.

use std::io::Cursor;
use std::path::Path;

use anyhow::Result;
use graph::{BuildError, Conv, Graph, Padding, Weights};
use model::{Model, Task};
use predict::Predictor;

use super::{Kind, base};
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Streams {
    models: Vec<Model>,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    let dense = Graph::build(|g| {
        let x = g.input("signal", [2, 8])?;
        let x = g.conv("smooth", x, Conv { padding: Padding::Same, ..Conv::new(2, 3) })?;
        g.output("denoised", x)
    })?;
    let strided = Graph::build(|g| {
        let x = g.input("signal", [2, 8])?;
        let y = g.conv("down", x, Conv { stride: 2.into(), padding: Padding::Causal, ..Conv::new(3, 4) })?;
        let y = g.upsample("up", y, 2, graph::UpsampleMode::Nearest)?;
        let y = g.crop_or_pad("same", y, x)?;
        g.output("classes", y)
    })?;
    let model = |graph: Graph, task| {
        let weights = Weights::initial(&graph, 0);
        Model { task: Some(task), ..Model::new(graph, weights) }
    };
    let models = vec![
        model(dense, Task::Denoising),
        model(strided, Task::Segmentation),
        model(pooled()?, Task::Classification),
    ];
    let lines = |separator: &str| {
        (0..30).map(|i| format!("{i}{separator}-{i}.5e-1\n")).collect::<String>().into_bytes()
    };
    let bases = vec![lines(","), lines(" "), lines("\t, "), b"1,2\r\n3,4\r\n".to_vec(), b"1 2".to_vec()];
    Ok(Box::new(Streams { models, bases }))
}

/// A classifier of whole windows.
fn pooled() -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("signal", [2, 8])?;
        let x = g.conv("conv", x, Conv::new(4, 3))?;
        let x = g.flatten("flatten", g.global_mean("mean", x)?)?;
        let x = g.linear("head", x, 3)?;
        g.output("logits", x)
    })
}

impl Kind for Streams {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, &self.bases);
        if random.one_in(100) {
            // An endless line, or an endless stream.
            let copies = random.length(100_000);
            return start
                .iter()
                .filter(|byte| **byte != b'\n')
                .copied()
                .cycle()
                .take(start.len() + copies)
                .collect();
        }
        mutate::text(random, start, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        for model in &self.models {
            for step in [None, Some(1), Some(5), Some(usize::MAX)] {
                let Some(mut predictor) = outcome.part(Predictor::new(model)) else { continue };
                let mut output = Vec::new();
                let result = predictor.predict_stream(step, Cursor::new(input), &mut output);
                outcome.result(result);
                let rows = output.split(|byte| *byte == b'\n').filter(|row| !row.is_empty());
                let widths: Vec<usize> =
                    rows.map(|row| row.iter().filter(|byte| **byte == b',').count()).collect();
                outcome.require(widths.windows(2).all(|pair| pair[0] == pair[1]), "rows have one length");
            }
        }
        outcome
    }
}
