//! An independent reader, `rten`, computes from exported files what the reference interpreter computes from the graph.

mod agreement;
mod interpreter;
mod outputs;
mod presets;
mod units;
