//! Writes the files that this project generates, and a model as Rust source.

use anyhow::{Result, bail};
use factory::Factory;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let Some(name) = words.next() else { bail!("a config is needed") };
    let factory = Factory::builtin();
    let model = if name.ends_with(".yaml") { factory.build_file(name.as_ref(), factory::Overrides::default())? } else { factory.build(&name)? };
    println!("{}", emit::rust(&model.graph, &model.name, "cargo xtask codegen model"));
    Ok(())
}
