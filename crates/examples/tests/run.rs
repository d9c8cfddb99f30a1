//! Every example runs.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]
#![allow(unreachable_pub, reason = "a test calls the functions of examples")]

use graph::Weights;

#[path = "../examples/features.rs"]
mod features;
#[path = "../examples/own_model.rs"]
mod own_model;
#[path = "../examples/summary.rs"]
mod summary;
#[path = "../examples/timm_weights.rs"]
mod timm_weights;
#[path = "../examples/train.rs"]
mod train_on_recordings;
#[path = "../examples/train_with_tch.rs"]
mod train_with_tch;

#[test]
fn features_of_a_trained_network_feed_a_decoder() {
    features::main().unwrap();
}

#[test]
fn a_network_of_blocks_of_three_families() {
    own_model::main().unwrap();
}

#[test]
fn a_summary() {
    summary::main().unwrap();
}

#[test]
fn weights_of_timm_are_loaded_and_adapted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mobileone_s0.safetensors");
    let published = mobileone::graph(&mobileone::Config::s0(), [3, 224, 224]).unwrap();
    Weights::initial(&published, 0).below("module").write(&path).unwrap();
    timm_weights::load(&path).unwrap();
}

#[test]
fn training_on_own_recordings() {
    train_on_recordings::main().unwrap();
}

#[test]
fn training_with_an_optimizer_of_tch() {
    train_with_tch::main().unwrap();
}
