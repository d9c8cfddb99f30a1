//! A short program for each task that a user of the library has. They are in the folder `examples`.
//!
//! | example | task |
//! |---|---|
//! | `summary` | what a published network costs and sees, without libtorch |
//! | `own_model` | a network of one's own, from blocks of several families |
//! | `train_with_tch` | training with tch's optimizers |
//! | `train` | training on one's own recordings, with checkpoints and metrics |
//! | `features` | the features of a trained network for another task |
//! | `timm_weights` | weights of another package |
//!
//! Examples that run a model file without libtorch are in the crates `predict` and `engine`, because a package's examples
//! are built with all of its dependencies.
//!
//! `cargo run --release -p examples --example summary` runs the first. The tests run all.
