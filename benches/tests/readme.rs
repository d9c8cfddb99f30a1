//! The README's programs: each is part of compiled code, line by line, and runs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::error::Error;

use graph::Weights;

/// A custom network of blocks from three families.
#[path = "../../crates/examples/examples/own_model.rs"]
#[allow(dead_code, unreachable_pub, reason = "the example is a separate program")]
mod compose;

const README: &str = include_str!("../../README.md");

#[test]
fn one_architecture() -> Result<(), Box<dyn Error>> {
    use resnet::Config;
    use resnet::torch::tch::{Device, Kind, Tensor, nn};

    let folder = tempfile::tempdir()?;
    std::env::set_current_dir(&folder)?;

    let store = nn::VarStore::new(Device::Cpu);
    let config = Config { classes: Some(4), ..Config::resnet18() };
    let net = resnet::net(&store.root(), &config, [6, 100])?; // six channels, 100 samples
    let logits = net.run(&Tensor::randn([8, 6, 100], (Kind::Float, Device::Cpu)), true)?;

    let merged = net.merged()?; // batch norms folded, outputs compared
    merged.net.weights().write("activity.safetensors")?;

    assert_eq!(logits.size(), [8, 4]);
    assert!(
        Weights::read(folder.path().join("activity.safetensors"))?.compare(merged.net.graph()).is_exact()
    );
    Ok(())
}

#[test]
#[allow(clippy::print_stdout, reason = "the README's program prints")]
fn without_libtorch() -> Result<(), Box<dyn Error>> {
    let graph = resnet::graph(&resnet::Config::resnet50(), [3, 224, 224])?;
    println!("{}", graph.cost()?); // one line per layer, and totals
    Ok(())
}

#[test]
fn composed() -> Result<(), Box<dyn Error>> {
    use torch::tch::{Device, Kind, Tensor, nn};

    for size in [vec![6, 100], vec![3, 32, 40]] {
        let store = nn::VarStore::new(Device::Cpu);
        let graph = compose::model(graph::Shape::new(size[0], &size[1..]))?;
        let net = torch::Net::new(&store.root(), graph)?;
        let input: Vec<i64> = [2].into_iter().chain(size.iter().map(|&n| n as i64)).collect();
        assert_eq!(net.run(&Tensor::randn(input, (Kind::Float, Device::Cpu)), true)?.size(), [2, 4]);
        let merged = net.merged()?;
        assert!(merged.net.graph().cost()?.trainable < net.graph().cost()?.trainable);
    }
    Ok(())
}

#[test]
fn every_program_is_compiled() {
    let compiled = [include_str!("readme.rs"), include_str!("../../crates/examples/examples/own_model.rs")];
    let blocks: Vec<&str> =
        README.split("```rust\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        assert!(block.lines().count() < 40);
        // Imports are at the top of their file.
        let code: Vec<&str> = block.lines().filter(|line| !line.starts_with("use ")).collect();
        let is_there = compiled.iter().any(|compiled| words(compiled).contains(&words(&code.join("\n"))));
        assert!(is_there, "not compiled anywhere:\n{block}");
    }
}

/// Normalizes white space to single spaces.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
