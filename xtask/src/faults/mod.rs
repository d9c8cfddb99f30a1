//! `cargo xtask faults`: disturbs tiny trainings and compares what they end with.
//!
//! Each case trains in a folder of its own and is killed, starved, damaged or contradicted on the way. It must end
//! with the bytes of an undisturbed training, or be refused in one sentence. Case `N` is a function of `N`, apart
//! from the time that processes take.

mod case;
mod change;
mod damage;
mod disk;
mod ended;
mod files;
mod folder;
mod kill;
mod occupied;
mod output;
mod process;
mod reference;
mod run;
mod scenario;
mod signal;
mod table;
mod two;

pub(crate) use self::run::{each_kind_once, run};
