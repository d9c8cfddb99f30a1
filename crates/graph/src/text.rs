//! The graph as text: one line per node, stable to the byte, made for reading and for diffs.

use std::fmt;

use crate::{
    BatchNorm, Conv, ConvTranspose, Crop, DropUnit, Extent, Graph, Node, Op, Pool, TimeStep, UpsampleMode,
};

/// The first line of a graph's text: the version of the format. It is raised when an older reader would
/// misread the text.
pub(crate) const VERSION_LINE: &str = "graph 1";

impl Graph {
    /// The graph as text: a line with the version, one line per node and one per output. Complete:
    /// graphs of equal text are equal, and [parsing](str::parse) the text gives the graph again. The
    /// same as its `Display`.
    ///
    /// ```
    /// use graph::{Conv, Graph};
    /// let graph = Graph::build(|g| {
    ///     let x = g.input("image", [3, 32, 32])?;
    ///     let x = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(16, 3) })?;
    ///     g.output("features", x)
    /// })?;
    /// let text = r#"graph 1
    /// %0 = input "image" : [N, 3, 32, 32]
    /// %1 = conv "conv1" (%0) out=16 kernel=3 stride=2 padding=symmetric : [N, 16, 16, 16]
    /// output "features" = %1
    /// "#;
    /// assert_eq!(graph.text(), text);
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    pub fn text(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{VERSION_LINE}")?;
        for (value, node) in self.nodes() {
            writeln!(f, "{value} = {node}")?;
        }
        for output in self.outputs() {
            writeln!(f, "output \"{}\" = {}", output.name, output.value)?;
        }
        Ok(())
    }
}

impl fmt::Display for Node {
    /// One line: operation, name, inputs, attributes, shape at the size the graph was built for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.op.name(), self.name)?;
        if !self.inputs.is_empty() {
            let inputs: Vec<_> = self.inputs.iter().map(ToString::to_string).collect();
            write!(f, " ({})", inputs.join(", "))?;
        }
        attributes(&self.op, f)?;
        write!(f, " : {}", self.shape)
    }
}

/// Writes the attributes that have no default or differ from it, each after a space. Numbers are
/// written in the shortest form that reads back as the same number.
fn attributes(op: &Op, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match op {
        Op::Input { .. } => Ok(()), // channels and rank are those of its shape
        Op::Conv(conv) => attributes_of_conv(conv, f),
        Op::ConvTranspose(conv) => {
            let ConvTranspose { out, kernel, stride, groups, crop, bias } = conv;
            write!(f, " out={out} kernel={kernel} stride={stride}")?;
            unless_one("groups", (*groups).into(), f)?;
            let crop = match crop {
                Crop::Same => "same",
                Crop::Causal => "causal",
            };
            write!(f, " crop={crop}")?;
            flag("bias", *bias, f)
        }
        Op::Linear(linear) => {
            write!(f, " out={}", linear.out)?;
            flag("bias", linear.bias, f)
        }
        Op::BatchNorm(BatchNorm { eps, momentum, affine }) => {
            let torch = BatchNorm::default();
            unless_equal("eps", *eps, torch.eps, f)?;
            unless_equal("momentum", *momentum, torch.momentum, f)?;
            flag("affine=false", !affine, f)
        }
        Op::LayerNorm { eps } | Op::PositionNorm { eps } => write!(f, " eps={eps:?}"),
        Op::GroupNorm(norm) => {
            write!(f, " groups={} eps={:?}", norm.groups, norm.eps)?;
            flag("affine=false", !norm.affine, f)
        }
        Op::Activation(activation) => write!(f, " {activation}"),
        Op::Slice { start, length } => write!(f, " start={start} length={length}"),
        Op::MaxPool(pool) => attributes_of_pool(pool, f),
        Op::AveragePool { pool, count_padding } => {
            attributes_of_pool(pool, f)?;
            flag("count_padding", *count_padding, f)
        }
        Op::Upsample { factor, mode } => {
            let mode = match mode {
                UpsampleMode::Nearest => "nearest",
                UpsampleMode::Linear { align_corners: false } => "linear",
                UpsampleMode::Linear { align_corners: true } => "linear align_corners",
            };
            write!(f, " factor={factor} {mode}")
        }
        Op::Select(step) => f.write_str(match step {
            TimeStep::First => " first",
            TimeStep::Middle => " middle",
            TimeStep::Last => " last",
        }),
        Op::Dropout { p, unit } => {
            let unit = match unit {
                DropUnit::Element => "element",
                DropUnit::Channel => "channel",
                DropUnit::Path => "path",
            };
            write!(f, " p={p:?} {unit}")
        }
        Op::Softmax | Op::Add | Op::Multiply | Op::Concat | Op::GlobalMean | Op::CropOrPad => Ok(()),
        Op::Reverse | Op::Flatten => Ok(()),
    }
}

fn attributes_of_conv(conv: &Conv, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Conv { out, kernel, stride, dilation, groups, padding, bias, weight_norm } = conv;
    write!(f, " out={out} kernel={kernel}")?;
    unless_one("stride", *stride, f)?;
    unless_one("dilation", *dilation, f)?;
    unless_one("groups", (*groups).into(), f)?;
    write!(f, " padding={padding}")?;
    flag("bias", *bias, f)?;
    flag("weight_norm", *weight_norm, f)
}

fn attributes_of_pool(pool: &Pool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Pool { kernel, stride, padding } = pool;
    write!(f, " kernel={kernel}")?;
    unless_one("stride", *stride, f)?;
    write!(f, " padding={padding}")
}

fn unless_one(name: &str, extent: Extent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if extent.is_one() { Ok(()) } else { write!(f, " {name}={extent}") }
}

fn unless_equal(name: &str, number: f64, default: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // By bits, so that text tells apart whatever `==` tells apart.
    if number.to_bits() == default.to_bits() { Ok(()) } else { write!(f, " {name}={number:?}") }
}

fn flag(name: &str, set: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if set { write!(f, " {name}") } else { Ok(()) }
}
