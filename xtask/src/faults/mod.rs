//! `cargo xtask faults`: disturbs tiny training runs and compares their results.
//!
//! Each case trains in a folder of its own and is disturbed on the way: killed, out of disk space, with damaged files or
//! changed data. It must end with the same bytes as an undisturbed run, or be refused in one sentence. Case `N` is
//! determined by `N`, except for the time that processes take.

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
