//! Rust source of ready models, which this crate's tests compile and compare.

use std::path::Path;

use anyhow::{Context, Result};
use factory::Factory;

use crate::files::{COMMAND, File};

/// The folder of the sources; all Rust files in it are generated.
pub(crate) const FOLDER: &str = "crates/codegen/tests/models/cases";

/// One model of each family at least, for series and for images.
const MODELS: [&str; 10] = [
    "activity-efficientnetv2",
    "activity-mobileone",
    "activity-resnet",
    "activity-tcn",
    "ecg-denoiser",
    "image-mobileone",
    "image-resnet",
    "image-unet",
    "image-unet-mobileone",
    "image-unext",
];

/// The sources and the list of them.
pub(crate) fn files(factory: &Factory, root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let (mut modules, mut rows) = (String::new(), String::new());
    for name in MODELS {
        let model = factory.build_ready(name)?;
        let module = name.replace('-', "_");
        modules.push_str(&format!("mod {module};\n"));
        rows.push_str(&format!("    ({name:?}, |input| {module}::graph(input)),\n"));
        let text = emit::rust(&model.graph, name, &format!("factory source {name}"));
        let text = emit::format(&text, root).context("could not format the source")?;
        files.push(File { path: format!("{FOLDER}/{module}.rs"), text });
    }
    let text = format!(
        "//! Made by `{COMMAND}`: ready models as Rust source.\n\n{modules}\nuse crate::Case;\n\n\
         /// Each model's name and function.\npub(crate) const CASES: [Case; {}] = [\n{rows}];\n",
        MODELS.len()
    );
    files.push(File { path: format!("{FOLDER}.rs"), text });
    Ok(files)
}
