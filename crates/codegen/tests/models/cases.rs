//! Made by `cargo xtask codegen`: ready models as Rust source.

mod activity_efficientnetv2;
mod activity_mobileone;
mod activity_resnet;
mod activity_tcn;
mod ecg_denoiser;
mod image_mobileone;
mod image_resnet;
mod image_unet;
mod image_unet_mobileone;
mod image_unext;

use crate::Case;

/// Each model's name and function.
pub(crate) const CASES: [Case; 10] = [
    ("activity-efficientnetv2", |input| activity_efficientnetv2::graph(input)),
    ("activity-mobileone", |input| activity_mobileone::graph(input)),
    ("activity-resnet", |input| activity_resnet::graph(input)),
    ("activity-tcn", |input| activity_tcn::graph(input)),
    ("ecg-denoiser", |input| ecg_denoiser::graph(input)),
    ("image-mobileone", |input| image_mobileone::graph(input)),
    ("image-resnet", |input| image_resnet::graph(input)),
    ("image-unet", |input| image_unet::graph(input)),
    ("image-unet-mobileone", |input| image_unet_mobileone::graph(input)),
    ("image-unext", |input| image_unext::graph(input)),
];
