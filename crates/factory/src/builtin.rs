//! The families of this project.

use crate::{Family, renames};

pub(crate) fn families() -> Vec<Family> {
    vec![
        Family::new("resnet", resnet::PRESETS.to_vec(), resnet::Config::validate, |config, input| {
            resnet::graph(config, input)
        })
        .with_features(resnet::PRESETS.to_vec(), resnet::Config::validate, resnet::features)
        .with_renames(resnet::PRESETS.to_vec(), renames::resnet),
    ]
}
