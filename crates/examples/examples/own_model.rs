//! A network of one's own, from blocks of three families, for series and images.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use graph::{BuildError, Conv, Graph, Shape, Weights, merge};
use layers::{MBConv, MultiBranch, classifier, mbconv, multi_branch};
use tcn::{Block, Kind};

/// `[N, C, …]` to `[N, 4]`.
pub fn model(input: impl Into<Shape>) -> Result<Graph, BuildError> {
    Graph::build(|g| {
        let x = g.input("input", input)?;
        // MobileOne: three parallel branches, a 1×1 one, and one convolution once merged.
        let stem = Conv { stride: 2.into(), ..Conv::new(16, 3) };
        let x = multi_branch(g / "stem", x, MultiBranch::new(stem, 3))?;
        // EfficientNetV2: expand, depthwise, project.
        let x = mbconv(g / "block", x, MBConv { stride: 2.into(), ..MBConv::new(24, 4.0) })?;
        // TCN: two dilated convolutions and a shortcut.
        let dilated = Block::new(Kind::Residual, 32, 3, 4);
        let config = tcn::Config { blocks: vec![dilated], ..tcn::Config::sm() };
        let x = tcn::features(g / "dilated", x, &config)?[0];
        let y = classifier(g / "head", "fc", x, Some(4), 0.1)?;
        g.output("logits", y)
    })
}

pub fn main() -> Result<(), BuildError> {
    let graph = model([6, 100])?;
    println!("{}", graph.cost()?);
    println!("as an image: {} parameters", model([6, 64, 64])?.cost()?.trainable);
    let merged = merge(&graph, &Weights::initial(&graph, 0));
    println!("merged: {} parameters", merged.graph.cost()?.trainable);
    Ok(())
}
