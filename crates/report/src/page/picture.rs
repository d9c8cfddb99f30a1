//! Images, embedded in the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use graph::Array;
use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use maud::{Markup, html};

use super::color;

/// Pixels along the longer side; larger images are subsampled.
const LONGEST: usize = 512;
/// Images with a longer side below this are shown with sharp pixels.
const SMALL: usize = 96;

/// Renders an image.
pub(super) fn one(values: &Array, what: &str) -> Markup {
    let Some(picture) = Raster::of(values) else { return shapeless(values) };
    html! { div.picture { (picture.image(what)) } }
}

/// Renders the input, the truth and the prediction.
pub(super) fn row(values: &Array, truth: Option<&Array>, predicted: &Array) -> Markup {
    let pictures = [("input", Some(values)), ("truth", truth), ("prediction", Some(predicted))];
    html! {
        div.pictures {
            @for (what, values) in pictures {
                @if let Some(values) = values { figure { (one(values, what)) figcaption { (what) } } }
            }
        }
    }
}

/// Renders the image alone, and below the true and the predicted classes.
pub(super) fn masks(
    values: &Array,
    classes: &[String],
    truth: Option<&[Option<usize>]>,
    predicted: &[usize],
) -> Markup {
    let Some(picture) = Raster::of(values) else { return shapeless(values) };
    let size = [values.shape()[1], values.shape()[2]];
    let predicted: Vec<Option<usize>> = predicted.iter().copied().map(Some).collect();
    let masks = [("image", None), ("truth", truth), ("prediction", Some(predicted.as_slice()))];
    html! {
        div.pictures {
            @for (i, (what, labels)) in masks.into_iter().enumerate() {
                @if i == 0 || labels.is_some() {
                    figure {
                        div.picture {
                            (picture.image(if i == 0 { "the input image" } else { "" }))
                            @if let Some(labels) = labels {
                                @match Raster::mask(labels, classes, size) {
                                    Some(mask) => { (mask.image(what)) }
                                    None => { p.empty { "No mask: expected one class per pixel." } }
                                }
                            }
                        }
                        figcaption { (what) }
                    }
                }
            }
        }
    }
}

/// Whether a class is not drawn.
pub(super) fn is_clear(class: &str) -> bool {
    class.eq_ignore_ascii_case("background")
}

/// An image with 8 bits each for red, green, blue and opacity.
struct Raster {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Raster {
    /// An image `[1, H, W]` or `[3, H, W]`; `None` for other shapes.
    fn of(values: &Array) -> Option<Self> {
        let &[channels @ (1 | 3), height, width] = values.shape() else { return None };
        let finite = values.data().iter().copied().filter(|value| value.is_finite());
        let low = finite.clone().fold(0.0, f32::min);
        let range = finite.fold(1.0, f32::max) - low;
        let byte = |channel: usize, pixel: usize| {
            byte((values.data()[(channel % channels) * height * width + pixel] - low) / range)
        };
        Self::new([height, width], |pixel| [byte(0, pixel), byte(1, pixel), byte(2, pixel), 255])
    }

    /// A translucent mask in the color of each pixel's class. Pixels without a label are clear.
    fn mask(labels: &[Option<usize>], classes: &[String], [height, width]: [usize; 2]) -> Option<Self> {
        if labels.len() != height * width {
            return None;
        }
        let clear = |class: usize| classes.get(class).is_some_and(|name| is_clear(name));
        Self::new([height, width], |pixel| {
            let Some(class) = labels[pixel] else { return [0; 4] };
            let [r, g, b] = color::rgb(class);
            [r, g, b, if clear(class) { 0 } else { 150 }]
        })
    }

    fn new([height, width]: [usize; 2], color: impl Fn(usize) -> [u8; 4]) -> Option<Self> {
        let stride = height.max(width).div_ceil(LONGEST).max(1);
        let rows = (0..height).step_by(stride);
        let pixels = rows.flat_map(|y| (0..width).step_by(stride).map(move |x| y * width + x));
        let pixels: Vec<u8> = pixels.flat_map(color).collect();
        let [height, width] = [height, width].map(|side| u32::try_from(side.div_ceil(stride)).unwrap_or(0));
        if pixels.is_empty() { None } else { Some(Self { width, height, pixels }) }
    }

    fn image(&self, what: &str) -> Markup {
        let Self { width, height, pixels } = self;
        let mut png = Vec::new();
        let written =
            PngEncoder::new(&mut png).write_image(pixels, *width, *height, image::ExtendedColorType::Rgba8);
        written.expect("a raster has four bytes for each pixel");
        let sharp = usize::try_from(*width.max(height)).is_ok_and(|side| side < SMALL);
        html! {
            img class=[if sharp { Some("sharp") } else { None }] width=(width) height=(height) alt=(what)
                src={ "data:image/png;base64," (STANDARD.encode(&png)) };
        }
    }
}

/// 0 to 1 as 0 to 255; NaN is black.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte's range")]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

fn shapeless(values: &Array) -> Markup {
    let shape = format!("{:?}", values.shape());
    html! { p.empty { "Not drawn: expected an image of shape [1 or 3, height, width], found " (shape) "." } }
}
