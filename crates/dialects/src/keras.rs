//! Names and layouts of Keras's variables, for weights of Keras models.

use graph::{BuildError, Conv, ErrorKind, Extent, LARGEST_EXTENT, Padding, Window};

use crate::{Layout, Rename, Rows};

/// Maximum number of rows of a kernel for a series that runs as an image. All rows are stored, but only one of them
/// meets data.
const MOST_ROWS: usize = 1024;

/// The variables of a Keras model, collected layer by layer.
///
/// Models of SleepKit and its kin run a series as an image of height 1: a k×k kernel has rows that
/// only ever meet padding, and the one that meets data is the kernel here.
///
/// ```
/// use dialects::{Keras, Layout, Rows};
/// use graph::{Conv, Padding};
/// let mut series = Keras::new(1);
/// series.conv("stem.conv", "conv_stem", Conv { padding: Padding::Same, ..Conv::new(16, 7) })?;
/// let renames = series.renames();
/// assert_eq!(renames[0].theirs, "stem.conv/kernel");
/// assert_eq!(renames[0].ours, "conv_stem.weight");
/// assert_eq!(renames[0].layout, Layout::Convolution(Rows::Image { row: 3, of: 7 }));
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Keras {
    rank: usize,
    renames: Vec<Rename>,
}

impl Keras {
    /// No variables yet, of a package that runs a series as a series.
    pub fn as_it_is() -> Self {
        Self::new(2)
    }

    /// No variables yet; `rank` is 1 for series, 2 for images.
    pub fn new(rank: usize) -> Self {
        Self { rank, renames: Vec::new() }
    }

    /// The collected names.
    pub fn renames(self) -> Vec<Rename> {
        self.renames
    }

    /// A convolution with the window and bias of `conv`, its kernel as the configuration of the
    /// other package has it: one number for k×k. The stride does not matter.
    ///
    /// # Errors
    /// A kernel of a series none of whose rows, or more than one, meets data.
    pub fn conv(&mut self, theirs: &str, ours: &str, conv: Conv) -> Result<(), BuildError> {
        let rows = self.rows(ours, conv)?;
        self.kernel(theirs, ours, Layout::Convolution(rows), conv.bias);
        Ok(())
    }

    /// As [`Keras::conv`], for Keras's depthwise convolution.
    ///
    /// # Errors
    /// As [`Keras::conv`].
    pub fn depthwise(&mut self, theirs: &str, ours: &str, conv: Conv) -> Result<(), BuildError> {
        let rows = self.rows(ours, conv)?;
        self.kernel(theirs, ours, Layout::Depthwise(rows), conv.bias);
        Ok(())
    }

    /// Keras's separable convolution, whose factors are `ours.depthwise` and `ours.pointwise`, the
    /// names of [`factorized`](layers::factorized). The bias is the pointwise one's.
    ///
    /// # Errors
    /// As [`Keras::conv`].
    pub fn separable(&mut self, theirs: &str, ours: &str, conv: Conv) -> Result<(), BuildError> {
        let (depthwise, pointwise) = (format!("{ours}.depthwise"), format!("{ours}.pointwise"));
        let rows = self.rows(&depthwise, conv)?;
        self.push(theirs, "depthwise_kernel", &depthwise, "weight", Layout::Depthwise(rows));
        let rows = self.pointwise_rows();
        self.push(theirs, "pointwise_kernel", &pointwise, "weight", Layout::Convolution(rows));
        if conv.bias {
            self.push(theirs, "bias", &pointwise, "bias", Layout::Same);
        }
        Ok(())
    }

    /// A 1×1 convolution.
    pub fn pointwise(&mut self, theirs: &str, ours: &str, bias: bool) {
        self.kernel(theirs, ours, Layout::Convolution(self.pointwise_rows()), bias);
    }

    /// A batch norm.
    pub fn batch_norm(&mut self, theirs: &str, ours: &str) {
        let variables = [
            ("gamma", "weight"),
            ("beta", "bias"),
            ("moving_mean", "running_mean"),
            ("moving_variance", "running_var"),
        ];
        for (variable, parameter) in variables {
            self.push(theirs, variable, ours, parameter, Layout::Same);
        }
    }

    /// A layer norm over positions, which is a position norm here.
    pub fn position_norm(&mut self, theirs: &str, ours: &str) {
        self.push(theirs, "gamma", ours, "weight", Layout::Reshaped);
        self.push(theirs, "beta", ours, "bias", Layout::Reshaped);
    }

    /// A layer norm over channels.
    pub fn layer_norm(&mut self, theirs: &str, ours: &str) {
        self.push(theirs, "gamma", ours, "weight", Layout::Same);
        self.push(theirs, "beta", ours, "bias", Layout::Same);
    }

    /// A dense layer with bias; at each position, a 1×1 convolution here.
    pub fn dense(&mut self, theirs: &str, ours: &str) {
        self.kernel(theirs, ours, Layout::Dense, true);
    }

    fn kernel(&mut self, theirs: &str, ours: &str, layout: Layout, bias: bool) {
        self.push(theirs, "kernel", ours, "weight", layout);
        if bias {
            self.push(theirs, "bias", ours, "bias", Layout::Same);
        }
    }

    fn push(&mut self, theirs: &str, variable: &str, ours: &str, parameter: &str, layout: Layout) {
        let (theirs, ours) = (format!("{theirs}/{variable}"), format!("{ours}.{parameter}"));
        self.renames.push(Rename { theirs, ours, layout });
    }

    fn pointwise_rows(&self) -> Rows {
        if self.rank == 1 { Rows::Image { row: 0, of: 1 } } else { Rows::Ours }
    }

    fn rows(&self, ours: &str, conv: Conv) -> Result<Rows, BuildError> {
        if self.rank != 1 {
            return Ok(Rows::Ours);
        }
        let refused = |message: String| Err(BuildError::new(ours, ErrorKind::Attribute, message));
        let Conv { kernel, dilation, padding, .. } = conv;
        let (of, apart) = (kernel.at(0), dilation.at(0));
        if !(1..=MOST_ROWS).contains(&of) || !(1..=LARGEST_EXTENT).contains(&apart) {
            return refused(format!(
                "expected a kernel of 1 to {MOST_ROWS} rows and a dilation of 1 to {LARGEST_EXTENT}, found \
                 {kernel} and {dilation}"
            ));
        }
        if let Padding::Explicit { before, after } = padding
            && before.at(0).max(after.at(0)) > LARGEST_EXTENT
        {
            return refused(format!("expected a padding of at most {LARGEST_EXTENT}, found {padding}"));
        }
        let window = Window { kernel, stride: Extent::All(1), dilation, padding };
        let (before, _) = window.pads(0, 1);
        match window.steps(0, 1) {
            Some(1) if before % apart == 0 => Ok(Rows::Image { row: before / apart, of }),
            Some(1) => refused(format!(
                "no row of a kernel {kernel} with dilation {dilation} and {padding} padding meets a series \
                 of height 1; use an odd kernel or no dilation"
            )),
            _ => refused(format!(
                "a kernel {kernel} with {padding} padding changes the height of a series of height 1; use a \
                 padding that keeps it"
            )),
        }
    }
}
