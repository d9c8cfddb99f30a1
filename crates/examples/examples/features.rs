//! Gives a trained classifier another task: a decoder of its features marks an object's pixels.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;

use graph::{Graph, Weights};
use layers::Skip;
use torch::tch::nn::{self, OptimizerConfig};
use torch::tch::{Device, Kind, Reduction, Tensor};
use torch::{Load, Net};
use unet::Block;

pub fn main() -> Result<(), Box<dyn Error>> {
    // Any network with weights would do, such as `Model::read(file)?.graph`. These are drawn.
    let classifier = resnet::graph(&resnet::Config::micro(), [3, 64, 64])?;
    let trained = Weights::initial(&classifier, 0);

    // Its features from fine to coarse; what comes after them is left out.
    let encoder = classifier.with_outputs(["relu", "layer2"])?;

    // A decoder of these features, in one graph with the encoder.
    let network = Graph::build(|g| {
        let image = g.input("image", [3, 64, 64])?;
        let levels = (g / "encoder").include(&encoder, &[image])?;
        let finest = Block { skip: Skip::None, ..Block::new(8) };
        let blocks = vec![finest, Block::new(8), Block::new(16)];
        let decoder = unet::Config { blocks, classes: Some(2), ..unet::Config::micro() };
        let y = unet::decoder(g / "decoder", &[&[image], levels.as_slice()].concat(), &decoder)?;
        g.output("logits", unet::head(g / "decoder", y, &decoder)?)
    })?;
    println!("{}", network.cost()?);

    let store = nn::VarStore::new(Device::Cpu);
    let mut net = Net::new(&store.root(), network)?;
    let report = net.load(&trained.for_graph(&encoder).below("encoder"), Load::Partial)?;
    println!("{report}");
    println!("frozen: {}", net.freeze("encoder")?);

    // Bright pixels are the object.
    let images = Tensor::rand([4, 3, 64, 64], (Kind::Float, Device::Cpu));
    let masks = images.mean_dim(1, false, None).gt(0.5).to_kind(Kind::Int64);
    let mut optimizer = nn::AdamW::default().build(&store, 1e-2)?;
    for step in 1..=10 {
        let logits = net.run(&images, true)?;
        let loss = logits.cross_entropy_loss::<Tensor>(&masks, None, Reduction::Mean, -100, 0.0);
        optimizer.backward_step(&loss);
        println!("step {step}: loss {:.4}", loss.double_value(&[]));
    }
    Ok(())
}
