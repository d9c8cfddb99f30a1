//! The trait that a family's config implements.

use graph::{BuildError, FieldError, Graph, Scope, Shape, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A family's presets: each a name and a function that returns the config.
pub type Presets<C> = &'static [(&'static str, fn() -> C)];

/// A family of networks, implemented by the family's config.
///
/// Config files are read by serde, as changes to a preset or to the config's serde defaults.
///
/// ```
/// use graph::{BuildError, FieldError, Graph, Shape};
/// use layers::{Architecture, Presets, classifier, fields};
/// use serde::{Deserialize, Serialize};
///
/// /// A linear classifier on the mean over all positions.
/// #[derive(Serialize, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Linear {
///     classes: Option<usize>,
/// }
///
/// impl Architecture for Linear {
///     const NAME: &'static str = "linear";
///     const PRESETS: Presets<Self> = &[("ten", || Self { classes: Some(10) })];
///
///     fn classes(&self) -> Option<usize> {
///         self.classes
///     }
///
///     fn validate(&self) -> Result<(), FieldError> {
///         fields::classes(self.classes)
///     }
///
///     fn graph(&self, input: Shape) -> Result<Graph, BuildError> {
///         self.validate()?;
///         Graph::build(|g| {
///             let x = g.input("input", input)?;
///             let y = classifier(g, "fc", x, self.classes, 0.0)?;
///             g.output("logits", y)
///         })
///     }
/// }
///
/// let graph = Linear { classes: Some(4) }.graph(Linear::default_input())?;
/// assert_eq!(*graph.output_shape(), [4].into());
/// # Ok::<(), BuildError>(())
/// ```
pub trait Architecture: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of the family, such as `resnet`.
    const NAME: &'static str;

    /// The family's presets.
    const PRESETS: Presets<Self>;

    /// The input shape that presets are built for by default.
    fn default_input() -> Shape {
        [3, 224, 224].into()
    }

    /// The number of classes, or `None` if the network outputs features.
    fn classes(&self) -> Option<usize>;

    /// Checks the config.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field.
    fn validate(&self) -> Result<(), FieldError>;

    /// Builds the network for an input of this shape.
    ///
    /// # Errors
    /// Returns an error that names the offending config field or node.
    fn graph(&self, input: Shape) -> Result<Graph, BuildError>;

    /// Adds the network as an encoder and returns its features, from fine to coarse. Returns `None` if
    /// the family has no encoder.
    fn features(&self, g: Scope<'_>, x: Value) -> Option<Result<Vec<Value>, BuildError>> {
        let _ = (g, x);
        None
    }

    /// Adds the network as a decoder of another network's features and returns the output. The features
    /// are ordered from fine to coarse, and the first is the input. Returns `None` if the family has no
    /// decoder.
    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>> {
        let _ = (g, features);
        None
    }

    /// Returns this config with levels for a decoder of features of these shapes. The features are ordered
    /// from fine to coarse, and the first is the input. Returns `None` if the family has no decoder.
    fn decoder_for(&self, features: &[Shape]) -> Option<Self> {
        let _ = features;
        None
    }
}
