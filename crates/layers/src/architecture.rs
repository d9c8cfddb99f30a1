//! The trait that makes a config a family of networks.

use graph::{BuildError, FieldError, Graph, Scope, Shape, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The names and configs of a family's presets.
pub type Presets<C> = &'static [(&'static str, fn() -> C)];

/// A family of networks, implemented by the family's config.
///
/// A config file is read by serde, on top of a preset or of the config's serde defaults.
///
/// ```
/// use graph::{BuildError, FieldError, Graph, Shape};
/// use layers::{Architecture, Presets, classifier, fields};
/// use serde::{Deserialize, Serialize};
///
/// /// A linear classifier of the mean.
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
/// assert_eq!(graph.node(graph.main_output().value).shape, [4].into());
/// # Ok::<(), BuildError>(())
/// ```
pub trait Architecture: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name of the family, such as `resnet`.
    const NAME: &'static str;

    /// The presets.
    const PRESETS: Presets<Self>;

    /// The input that presets are built for unless another is given.
    fn default_input() -> Shape {
        [3, 224, 224].into()
    }

    /// The number of classes; `None` if the network outputs features.
    fn classes(&self) -> Option<usize>;

    /// Checks the config.
    ///
    /// # Errors
    /// Names the first field that no network can be built from.
    fn validate(&self) -> Result<(), FieldError>;

    /// Builds the network for an input of this shape.
    ///
    /// # Errors
    /// Names the config field or the node at fault.
    fn graph(&self, input: Shape) -> Result<Graph, BuildError>;

    /// Adds the network as an encoder; returns its features, from fine to coarse. `None` if the
    /// family has no encoder.
    fn features(&self, g: Scope<'_>, x: Value) -> Option<Result<Vec<Value>, BuildError>> {
        let _ = (g, x);
        None
    }

    /// Adds the network as a decoder of another network's features, from fine to coarse, the first of
    /// which is the input; returns the output. `None` if the family has no decoder.
    fn decode(&self, g: Scope<'_>, features: &[Value]) -> Option<Result<Value, BuildError>> {
        let _ = (g, features);
        None
    }
}
