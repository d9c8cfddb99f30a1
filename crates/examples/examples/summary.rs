//! Prints what published networks cost and what they see. Needs no libtorch.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use graph::BuildError;
use report::Summary;

pub fn main() -> Result<(), BuildError> {
    let graph = resnet::graph(&resnet::Config::resnet18(), [3, 224, 224])?;
    println!("resnet18 outputs {}", graph.output_shape());

    // One row for each part of the network. With `None`, there is one for each layer.
    println!("{}", Summary::of(&graph, Some(1))?);

    let cost = graph.cost()?;
    assert_eq!(cost.trainable, 11_689_512);
    println!("{} MACs, {} bytes at {}", cost.macs, cost.peak_bytes(), cost.peak_node);

    // A network may be built for series just as well, and what it sees is counted.
    let graph = tcn::graph(&tcn::Config::sm(), [6, 240])?;
    println!("tcn: {}", graph.receptive_field());
    Ok(())
}
