//! docs/recipes.md, without Python. `cargo xtask recipes` runs the scripts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use benches::recipes::{PAGE, recipes};
use factory::Factory;

#[test]
fn each_recipe_has_a_script_and_a_config_that_is_read() {
    let names: Vec<&str> = recipes().iter().map(|recipe| recipe.name).collect();
    let scripts =
        ["from_hdf5.py", "from_edf.py", "from_wfdb.py", "from_parquet.py", "from_mat.py", "from_wav.py"];
    assert_eq!(names, scripts);
    for recipe in recipes() {
        let config = Factory::section::<data::Config>(recipe.config, "data");
        assert!(config.unwrap().is_some(), "{}", recipe.name);
        // No script of this name hides a package.
        assert!(recipe.name.starts_with("from_"));
    }
}

#[test]
fn each_package_is_pinned() {
    let requirements = include_str!("../recipes/requirements.txt").to_lowercase();
    for line in PAGE.lines().filter_map(|line| line.strip_prefix("import ")) {
        let package = line.split('.').next().unwrap();
        if package != "pathlib" {
            assert!(requirements.contains(&format!("{package}==")), "{package}");
        }
    }
}
