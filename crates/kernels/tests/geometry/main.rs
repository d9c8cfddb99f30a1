//! Kernels on values of random size and place against plain loops, with each instruction set.

mod companions;
mod convolutions;
mod excite;
mod instruction_sets;
mod value;
