//! Loads weights of timm and gives them a head for another number of classes.
//!
//! In Python, with `model = timm.create_model("mobileone_s0", pretrained=True)`:
//! `safetensors.torch.save_file(model.state_dict(), "mobileone_s0.safetensors")`.

#![allow(clippy::print_stdout, missing_docs, reason = "an example prints its results")]

use std::error::Error;
use std::path::Path;

use graph::adapt;
use mobileone::Config;
use torch::Net;
use torch::tch::{Device, nn};

#[allow(dead_code, reason = "the tests call `load` with a file of their own")]
fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("expected a file of mobileone_s0's weights")?;
    load(Path::new(&file))
}

pub fn load(file: &Path) -> Result<(), Box<dyn Error>> {
    // Names and layouts of several packages are recognized, also after a prefix such as `module.`
    let published = mobileone::graph(&Config::s0(), [3, 224, 224])?;
    let weights = dialects::load_file(&Config::s0(), &published, file)?;

    // Four classes instead of 1000: the head starts anew, everything else is kept.
    let own = mobileone::graph(&Config { classes: Some(4), ..Config::s0() }, [3, 96, 96])?;
    let adapted = adapt(&weights, &published, &own, 0)?;
    println!("{} kept, new: {:?}", adapted.kept.len(), adapted.fresh);
    let store = nn::VarStore::new(Device::Cpu);
    let mut net = Net::with_weights(&store.root(), own, &adapted.weights)?;

    // Train the head alone at first.
    net.freeze("")?;
    println!("to train: {}", net.unfreeze("head")?);
    Ok(())
}
