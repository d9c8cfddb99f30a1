//! Reading the contents of files of which nothing is known.

use std::path::{Path, PathBuf};

use graph::{Shape, shown_path};
use image::{ImageDecoder, ImageReader};

use super::archive::Archive;
use super::budget::Budget;
use super::folder::Contents;
use super::foreign::sentence;
use super::kind::Kind;
use super::paths::{Found, find};
use super::unpacked::UnpackedArrays;
use super::{Request, Wanted, array_extension, decoding, table};
use crate::error::expected;
use crate::inspect::{ArrayContent, Content, ImagesContent, Inspection, TableContent};
use crate::labels::Labels;
use crate::{DataError, File};

/// The number of images whose size is read.
const IMAGES: usize = 100;

pub(crate) fn inspect(path: &Path) -> Result<Inspection, DataError> {
    let files = match find(Path::new(""), path)? {
        Found::Images(folder) => {
            let content = Content::Images(images(&folder)?);
            return Ok(Inspection { files: vec![folder], content });
        }
        Found::File(file) => vec![file],
        Found::Files { files, .. } => files,
    };
    let content = content(&files)?;
    Ok(Inspection { files, content })
}

/// Returns the contents of files of one kind.
fn content(files: &[PathBuf]) -> Result<Content, DataError> {
    let Some(first) = files.first() else { return Ok(Content::Ts) };
    let kind = Kind::of(first);
    if let Some(other) = files.iter().find(|file| Kind::of(file) != kind) {
        let found = format!("{} and {}", shown_path(first), shown_path(other));
        let message = expected("files of one kind", format!("{found}; name the files of one kind"));
        let folder = other.parent().unwrap_or(other);
        return Err(DataError::new(shown_path(folder), message));
    }
    match kind {
        Some(Kind::Table) => {
            let mut content = TableContent::default();
            for file in files {
                with_request(file, |request| table::inspect(request, &mut content))?;
            }
            Ok(Content::Tables(content))
        }
        Some(Kind::Arrays) => with_request(first, arrays).map(Content::Arrays),
        Some(Kind::Ts) => Ok(Content::Ts),
        // The reader of files names the known kinds.
        Some(Kind::Image) | None => with_request(first, |request| request.memory()).map(|_| Content::Ts),
    }
}

/// Calls `read` with a request for a file without any settings.
fn with_request<T>(
    path: &Path,
    read: impl FnOnce(&Request<'_>) -> Result<T, DataError>,
) -> Result<T, DataError> {
    let (file, input) = (File::default(), Shape::new(1, [1]));
    read(&Request {
        path,
        folder: Path::new(""),
        file: &file,
        input: &input,
        wanted: Wanted::Nothing,
        labels: Labels::default(),
        any_length: true,
        budget: Budget::unlimited(),
        reads_missing: true,
        drops_short: false,
        prediction: None,
        unpacked: &UnpackedArrays::Memory,
    })
}

fn arrays(request: &Request<'_>) -> Result<Vec<ArrayContent>, DataError> {
    let extension = array_extension(request.path).unwrap_or("npy");
    let refuse = |message: String| request.refuse(message);
    let mut archive = Archive::open(request.path, extension).map_err(refuse)?;
    let mut names = archive.names();
    if extension == "npy" {
        names = vec![String::new()];
    }
    let mut arrays = Vec::new();
    for name in names {
        let Some(array) = request.array(&mut archive, &name).map_err(refuse)? else { continue };
        let (is_text, is_integer) = (array.elements.is_text(), array.elements.is_integer());
        arrays.push(ArrayContent { name, shape: array.shape, is_text, is_integer });
    }
    Ok(arrays)
}

fn images(folder: &Path) -> Result<ImagesContent, DataError> {
    let contents = Contents::of(folder, None)?;
    let mut found = ImagesContent::default();
    for subfolder in &contents.folders {
        found.folders.insert(subfolder.to_string_lossy().into_owned(), 0);
    }
    for image in &contents.images {
        let first = image.iter().next().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match found.folders.get_mut(&first) {
            Some(count) => *count += 1,
            None => found.loose += 1,
        }
    }
    let step = contents.images.len().div_ceil(IMAGES).max(1);
    for image in contents.images.iter().step_by(step) {
        let path = folder.join(image);
        let (size, has_colors) = size(&path).map_err(|message| DataError::new(shown_path(&path), message))?;
        found.has_colors |= has_colors;
        found.sizes = Some(match found.sizes {
            None => [size, size],
            Some([least, most]) => {
                [[least[0].min(size[0]), least[1].min(size[1])], [most[0].max(size[0]), most[1].max(size[1])]]
            }
        });
    }
    Ok(found)
}

/// Returns the height and width of an image, and whether it has colors.
fn size(path: &Path) -> Result<([u32; 2], bool), String> {
    let bytes = graph::file::read(path).map_err(|error| sentence(&error))?;
    let format = decoding::format(&bytes)?;
    let reader = ImageReader::with_format(std::io::Cursor::new(&bytes), format);
    let decoder = reader.into_decoder().map_err(|error| decoding::damaged(&error))?;
    let (width, height) = decoder.dimensions();
    let has_colors = decoder.color_type().has_color();
    Ok(([height, width], has_colors))
}
