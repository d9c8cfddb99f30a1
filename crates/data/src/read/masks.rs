//! A folder of images and a folder of masks, which are images of labels with the same names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use graph::{Shape, quoted, shown_path};

use super::crop::Crop;
use super::folder::Contents;
use super::images::{Groups, check_keys, selected};
use super::mask::Mask;
use super::names::Names;
use super::picture::{picture_and_size, size};
use super::{Request, origin};
use crate::classes::unknown;
use crate::error::expected;
use crate::labels::Labels;
use crate::{Column, DataError, Description, Recording, Source, Target, classes, parallel};

/// Images with a label for each pixel. Each is decoded only when it is read.
pub(super) struct MaskedImages {
    pairs: Vec<Pair>,
    classes: Vec<String>,
    labels: Labels,
    input: Shape,
    notes: Vec<String>,
}

struct Pair {
    image: PathBuf,
    mask: PathBuf,
    group: Option<String>,
}

impl MaskedImages {
    /// Lists the images in a folder. Their masks have the same paths relative to the folder `target`, apart from
    /// extensions. `folder` is the folder that paths in the config are relative to.
    /// `classes` are those of all masks, if they are known.
    pub(super) fn open(
        request: &Request<'_>,
        folder: &Path,
        threads: usize,
        classes: Option<&[String]>,
    ) -> Result<Self, DataError> {
        check_keys(request, &["target"])?;
        let targets = request.file.target.as_ref().map(|columns| &columns.0[..]);
        let Some([Column::Name(target)]) = targets else {
            return Err(request.refuse("`target`: expected the folder of the masks"));
        };
        let target = folder.join(target);
        let (images, masks) = (Contents::of(request.path, Some(&target))?, Contents::of(&target, None)?);
        let mut notes: Vec<String> =
            images.note(request.path).into_iter().chain(masks.note(&target)).collect();
        let groups = Groups::of(request)?;
        let mut masks = by_name(&target, &masks)?;
        let mut pairs = Vec::new();
        for (name, image) in by_name(request.path, &images)? {
            let group = groups.of_image(image);
            let image = request.path.join(image);
            let Some(mask) = masks.remove(&name) else {
                let name = quoted(&name.display().to_string());
                let found = format!("no image called {name} in {}", shown_path(&target));
                return Err(DataError::new(shown_path(&image), expected("a mask", found)));
            };
            pairs.push(Pair { image, mask: target.join(mask), group });
        }
        match masks.len() {
            0 => {}
            1 => notes.push(format!("{}: 1 mask has no image", shown_path(&target))),
            count => notes.push(format!("{}: {count} masks have no image", shown_path(&target))),
        }
        let pairs = selected(request, pairs)?;
        let (labels, input) = (request.labels.clone(), request.input.clone());
        let classes = match (labels.listed(), classes) {
            ([], None) => found_classes(&pairs, &labels, threads)?,
            ([], Some(known)) => known.to_vec(),
            (listed, _) => listed.to_vec(),
        };
        Ok(Self { pairs, classes, labels, input, notes })
    }

    /// Returns the class of each pixel of the scaled mask.
    fn positions(&self, pair: &Pair, image: [u32; 2]) -> Result<Vec<Option<usize>>, DataError> {
        let mask = Mask::read(&pair.mask)?;
        let refuse = |message: String| DataError::new(shown_path(&pair.mask), message);
        if mask.size != image {
            let shown = |[height, width]: [u32; 2]| format!("{width} x {height} pixels");
            let wanted = format!("{} as {}", shown(image), shown_path(&pair.image));
            return Err(refuse(expected(wanted, shown(mask.size))));
        }
        let scaled = size(&self.input).map_err(refuse)?;
        let crop = Crop::of(mask.size, scaled).map_err(refuse)?;
        let index = classes::indices(&self.classes);
        let mut known: BTreeMap<u16, Option<usize>> = BTreeMap::new();
        let mut positions = Vec::new();
        for row in 0..scaled[0] {
            for column in 0..scaled[1] {
                let label = mask.label(crop.nearest([row, column], scaled));
                if let Some(class) = known.get(&label) {
                    positions.push(*class);
                    continue;
                }
                let text = label.to_string();
                let class = match self.labels.name(&text) {
                    None => None,
                    Some(name) => match index.get(name.as_ref()) {
                        Some(class) => Some(*class),
                        None => {
                            let advice = "to ignore it, add it to `ignore_classes`";
                            return Err(refuse(format!("{}; {advice}", unknown(&name, &self.classes))));
                        }
                    },
                };
                known.insert(label, class);
                positions.push(class);
            }
        }
        Ok(positions)
    }
}

/// Returns the images by their paths without extensions.
fn by_name<'a>(folder: &Path, contents: &'a Contents) -> Result<BTreeMap<PathBuf, &'a Path>, DataError> {
    let mut images: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    for image in &contents.images {
        if let Some(other) = images.insert(image.with_extension(""), image) {
            let found = format!("{} and {}", shown_path(other), shown_path(image));
            let place = shown_path(&folder.join(image));
            return Err(DataError::new(place, expected("one image with this name", found)));
        }
    }
    Ok(images)
}

/// Returns the classes of all masks.
fn found_classes(pairs: &[Pair], labels: &Labels, threads: usize) -> Result<Vec<String>, DataError> {
    let found =
        parallel::map(threads, pairs.len(), |i| Mask::read(&pairs[i].mask).map(|mask| mask.labels()))?;
    let mut names = Names::default();
    for (pair, found) in pairs.iter().zip(found) {
        for label in found {
            let class = names.label(&label.to_string(), labels);
            class.map_err(|message| DataError::new(shown_path(&pair.mask), message))?;
        }
    }
    Ok(names.sorted().0)
}

impl Source for MaskedImages {
    fn len(&self) -> usize {
        self.pairs.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        let pair = &self.pairs[index];
        let (input, size) = picture_and_size(&pair.image, &self.input)?;
        let target = Target::Positions(self.positions(pair, size)?);
        let recording = Recording::new(origin(&pair.image), input, target);
        Ok(Recording { group: pair.group.clone(), ..recording })
    }

    fn description(&self) -> Description {
        Description { notes: self.notes.clone(), ..Description::default() }
    }
}
