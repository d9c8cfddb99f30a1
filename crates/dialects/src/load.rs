//! Reads the weights of a model from a file of any package.

use std::path::{Path, PathBuf};

use graph::{FileError, Graph, LoadReport, Weights, shown_path};

use crate::{Names, Origin, OriginFilter, RecognizeError, recognize};

/// A file that does not contain exactly the weights of a model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A file that cannot be read, is not a safetensors file, or has weights that are not finite.
    #[error(transparent)]
    File(#[from] FileError),
    /// Weights that match in several ways.
    #[error("weights file {}: {source}", shown_path(path))]
    Recognize {
        /// The file.
        path: PathBuf,
        /// The possible origins.
        source: RecognizeError,
    },
    /// Weights of another model.
    #[error(
        "weights file {}: expected the weights of the model in {origin}, found: {report}",
        shown_path(path)
    )]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// The origin with the most matches.
        origin: Origin,
        /// The comparison with the model.
        report: Box<LoadReport>,
    },
}

/// Reads exactly the weights of a model from a safetensors file, in the names and layouts of any package, after any
/// prefix. `graph` is the graph of the config `model`.
///
/// ```no_run
/// let config = mobileone::Config::s0();
/// let graph = mobileone::graph(&config, [3, 224, 224])?;
/// let weights = dialects::load_file(&config, &graph, "mobileone_s0.safetensors")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Names the file, and lists what is missing, unexpected, or of a different shape. [`recognize`] also accepts weights
/// that match in part.
pub fn load_file(
    model: &(impl Names + ?Sized),
    graph: &Graph,
    path: impl AsRef<Path>,
) -> Result<Weights, LoadError> {
    let path = path.as_ref();
    let weights = Weights::read(path)?;
    let found = recognize(model, graph, &weights, &OriginFilter::default())
        .map_err(|source| LoadError::Recognize { path: path.to_owned(), source })?;
    if !found.report.is_exact() {
        let (origin, report) = (found.origin, Box::new(found.report));
        return Err(LoadError::Mismatch { path: path.to_owned(), origin, report });
    }
    Ok(found.weights)
}
