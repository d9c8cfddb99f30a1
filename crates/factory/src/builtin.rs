//! The families of this project.

use crate::Family;

/// A family whose crate has the usual parts: `PRESETS`, `Config`, `graph`, `features`.
macro_rules! family {
    ($family:ident) => {
        Family::new(
            stringify!($family),
            $family::PRESETS.to_vec(),
            $family::Config::validate,
            |config, input| $family::graph(config, input),
        )
        .with_features($family::PRESETS.to_vec(), $family::Config::validate, $family::features)
    };
}

pub(crate) fn families() -> Vec<Family> {
    vec![
        family!(efficientnetv2),
        family!(mobileone),
        family!(resnet),
        family!(tcn).with_input([6, 100]),
        family!(unet).with_decoder(unet::PRESETS.to_vec(), unet::Config::validate, |g, features, config| {
            unet::head(g, unet::decoder(g, features, config)?, config)
        }),
        family!(unext).with_decoder(
            unext::PRESETS.to_vec(),
            unext::Config::validate,
            |g, features, config| unext::head(g, unext::decoder(g, features, config)?, config),
        ),
    ]
}
