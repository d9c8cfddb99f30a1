//! The families of this project.

use crate::Family;

pub(crate) fn families() -> Vec<Family> {
    vec![
        Family::new("resnet", resnet::PRESETS.to_vec(), resnet::Config::validate, |config, input| {
            resnet::graph(config, input)
        })
        .with_features(resnet::PRESETS.to_vec(), resnet::Config::validate, resnet::features),
    ]
}
