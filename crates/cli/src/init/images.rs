//! Conclusions about folders of images.

use std::path::Path;

use data::{Column, Columns, File, ImagesContent, Split, Task};
use graph::Shape;

use super::draft::Draft;
use super::files::relative;
use crate::failure::Failure;

/// Names of folders of masks.
const MASKS: [&str; 9] =
    ["mask", "masks", "label", "labels", "annotations", "segmentation", "segmentations", "gt", "targets"];
/// Larger images are scaled to this size.
const LARGEST: u32 = 128;
/// Images of different sizes are scaled to this size, unless they are smaller.
const USUAL: u32 = 64;
const SMALLEST: u32 = 8;

/// Adds the conclusions about the images in a folder to a draft. `base` is the folder of the config.
pub(super) fn conclude(
    draft: &mut Draft,
    images: &ImagesContent,
    task: Option<Task>,
    (folder, base): (&Path, &Path),
) -> Result<(), Failure> {
    let shown = graph::shown_path(folder);
    let folders: Vec<&String> = images.folders.keys().collect();
    let is_mask = |name: &&&String| MASKS.contains(&name.to_lowercase().as_str());
    let masks = folders.iter().find(is_mask);
    let pictures = folders.iter().find(|name| !is_mask(name));
    let mut settings = File { file: relative(folder, base), ..File::default() };
    match (masks, pictures, folders.len()) {
        (Some(masks), Some(pictures), 2) if task.is_none_or(|task| task == Task::Segmentation) => {
            settings.file = relative(&folder.join(pictures), base);
            let target = relative(&folder.join(masks), base).to_string_lossy().into_owned();
            settings.target = Some(Columns(vec![Column::Name(target)]));
            draft.data.task = Task::Segmentation;
            draft.remarks.because("task", format!("The folder {masks} holds a mask for each image."));
            draft.remarks.or(
                "ignore_classes",
                "ignore_classes: 255",
                "labels in masks that stand for no class",
            );
            draft.data.train = Split(vec![settings]);
        }
        (_, _, count) if count > 1 && images.loose == 0 => {
            draft.data.task = task.unwrap_or(Task::Classification);
            let counts: Vec<String> =
                images.folders.iter().map(|(name, count)| format!("{name} {count}")).collect();
            draft.remarks.because("task", format!("Each folder is a class: {}.", graph::listed(&counts)));
            draft.remarks.or(
                "augment",
                "augment: { flip: true, crop: 4 }",
                "if a mirrored image has the same class",
            );
        }
        _ => {
            let message = "expected a folder of images for each class, or the folders `images` and `masks`, found images without either";
            return Err(Failure::input(format!("{shown}: {message}")));
        }
    }
    draft.input = size(draft, images, &shown)?;
    Ok(())
}

fn size(draft: &mut Draft, images: &ImagesContent, shown: &str) -> Result<Shape, Failure> {
    let Some([least, most]) = images.sizes else {
        return Err(Failure::input(format!("{shown}: expected at least one image, found none")));
    };
    let shown = |[height, width]: [u32; 2]| format!("{width} x {height}");
    let [height, width] = if least == most && most[0].max(most[1]) <= LARGEST {
        draft.remarks.because("input", format!("All images have {} pixels.", shown(least)));
        least
    } else {
        let side = least[0].min(least[1]).clamp(SMALLEST, USUAL);
        let found = if least == most { shown(least) } else { format!("{} to {}", shown(least), shown(most)) };
        draft
            .remarks
            .because("input", format!("Images of {found} pixels are cropped and scaled to this size."));
        [side, side]
    };
    let channels = if images.has_colors { 3 } else { 1 };
    let colors = if images.has_colors { "Some images have colors." } else { "All images are gray." };
    draft.remarks.because("input", colors);
    Ok(Shape::new(channels, [height as usize, width as usize]))
}
