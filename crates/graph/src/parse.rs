//! Graphs read from their text.

mod line;

use std::fmt;
use std::str::FromStr;

use crate::text::VERSION_LINE;
use crate::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, DropUnit, Graph, GroupNorm, Linear, Op,
    Pool, Shape, TimeStep, UpsampleMode, Value, quoted,
};
use line::Line;

/// A text that is not a graph: the place in the text, and what was expected and found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    line: usize,
    column: usize,
    message: String,
}

impl ParseError {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character in the line, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The message, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Graph {
    type Err = ParseError;

    /// Reads what [`Graph::text`] writes. The graph is built node by node,
    /// with the checks of [`Graph::build`].
    ///
    /// ```
    /// use graph::Graph;
    /// let text = r#"graph 1
    /// %0 = input "signal" : [N, 6, 100]
    /// %1 = conv "conv1" (%0) out=16 kernel=3 stride=3 padding=same : [N, 16, 34]
    /// output "features" = %1
    /// "#;
    /// let graph: Graph = text.parse()?;
    /// assert_eq!(graph.text(), text);
    ///
    /// let error = text.replace("kernel=3", "kernel=0").parse::<Graph>().unwrap_err();
    /// assert_eq!((error.line(), error.column()), (3, 6));
    /// # Ok::<(), graph::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// Names line and column.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut lines = text.lines().zip(1..).map(|(text, number)| Line::new(number, text));
        let mut last = lines.next().unwrap_or(Line::new(1, ""));
        last.expect(VERSION_LINE)?;
        last.end()?;
        let mut graph = Self::default();
        for mut line in lines {
            if line.is_blank() {
                continue;
            }
            if line.take("output") {
                output(&mut graph, &mut line)?;
            } else {
                node(&mut graph, &mut line)?;
            }
            last = line;
        }
        graph.complete().map_err(|error| last.refuse(error.message()))
    }
}

/// `"logits" = %7`
fn output(graph: &mut Graph, line: &mut Line<'_>) -> Result<(), ParseError> {
    let start = line.clone();
    let name = line.name()?;
    line.expect("=")?;
    let value = value(graph, line)?;
    line.end()?;
    graph.add_output(name.to_owned(), value).map_err(|error| start.refuse(&error.to_string()))
}

/// `%1 = conv "conv1" (%0) out=16 kernel=3 padding=same : [N, 16, 34]`
fn node(graph: &mut Graph, line: &mut Line<'_>) -> Result<(), ParseError> {
    line.expect(&format!("%{}", graph.nodes.len()))?;
    line.expect("=")?;
    let start = line.clone();
    let op_name = line.word();
    let name = line.name()?;
    if op_name == "input" {
        let (_, shape) = shape(line)?;
        return built(graph.push_input(name.to_owned(), &shape), &start).map(drop);
    }
    let inputs = inputs(graph, line)?;
    let op = operation(op_name, &start, line)?;
    let (place, shape) = shape(line)?;
    let value = built(graph.push(name.to_owned(), op, inputs), &start)?;
    let computed = &graph.node(value).shape;
    if shape != *computed {
        return Err(
            place.refuse(&format!("expected {computed}, which the operation computes, found {shape}"))
        );
    }
    Ok(())
}

fn built(value: Result<Value, BuildError>, start: &Line<'_>) -> Result<Value, ParseError> {
    value.map_err(|error| start.refuse(&error.to_string()))
}

/// `(%0, %1)`; nothing for no inputs.
fn inputs(graph: &Graph, line: &mut Line<'_>) -> Result<Vec<Value>, ParseError> {
    let mut inputs = Vec::new();
    if !line.take("(") {
        return Ok(inputs);
    }
    loop {
        inputs.push(value(graph, line)?);
        if !line.take(",") {
            break;
        }
    }
    line.expect(")")?;
    Ok(inputs)
}

fn value(graph: &Graph, line: &mut Line<'_>) -> Result<Value, ParseError> {
    let start = line.clone();
    line.expect("%")?;
    let index = line.whole()?;
    if index >= graph.nodes.len() {
        return Err(start.refuse(&format!("expected a value of an earlier line, found %{index}")));
    }
    Ok(Value::at(index))
}

/// `: [N, 16, 34]` at the end of a line, and the place of the shape.
fn shape<'t>(line: &mut Line<'t>) -> Result<(Line<'t>, Shape), ParseError> {
    line.expect(":")?;
    let place = line.clone();
    line.expect("[N,")?;
    let channels = line.whole()?;
    let mut space = Vec::new();
    while line.take(",") {
        space.push(line.whole()?);
    }
    line.expect("]")?;
    line.end()?;
    Ok((place, Shape::new(channels, space)))
}

/// The attributes of the operation called `name`, in the order in which [`Graph::text`] writes them.
fn operation(name: &str, start: &Line<'_>, line: &mut Line<'_>) -> Result<Op, ParseError> {
    Ok(match name {
        "conv" => Op::Conv(conv(line)?),
        "conv_transpose" => Op::ConvTranspose(conv_transpose(line)?),
        "linear" => Op::Linear(Linear { out: line.attribute("out", Line::whole)?, bias: line.take("bias") }),
        "batch_norm" => Op::BatchNorm(batch_norm(line)?),
        "layer_norm" => Op::LayerNorm { eps: line.attribute("eps", Line::real)? },
        "group_norm" => Op::GroupNorm(GroupNorm {
            groups: line.attribute("groups", Line::whole)?,
            eps: line.attribute("eps", Line::real)?,
            affine: !line.take("affine=false"),
        }),
        "position_norm" => Op::PositionNorm { eps: line.attribute("eps", Line::real)? },
        "activation" => Op::Activation(activation(line)?),
        "softmax" => Op::Softmax,
        "add" => Op::Add,
        "multiply" => Op::Multiply,
        "concat" => Op::Concat,
        "slice" => Op::Slice {
            start: line.attribute("start", Line::whole)?,
            length: line.attribute("length", Line::whole)?,
        },
        "max_pool" => Op::MaxPool(pool(line)?),
        "average_pool" => Op::AveragePool { pool: pool(line)?, count_padding: line.take("count_padding") },
        "global_mean" => Op::GlobalMean,
        "upsample" => Op::Upsample { factor: line.attribute("factor", Line::extent)?, mode: mode(line)? },
        "crop_or_pad" => Op::CropOrPad,
        "select" => Op::Select(line.choice(&[
            ("first", TimeStep::First),
            ("middle", TimeStep::Middle),
            ("last", TimeStep::Last),
        ])?),
        "reverse" => Op::Reverse,
        "dropout" => Op::Dropout {
            p: line.attribute("p", Line::real)?,
            unit: line.choice(&[
                ("element", DropUnit::Element),
                ("channel", DropUnit::Channel),
                ("path", DropUnit::Path),
            ])?,
        },
        "flatten" => Op::Flatten,
        other => return Err(start.refuse(&format!("expected an operation, found {}", quoted(other)))),
    })
}

fn conv(line: &mut Line<'_>) -> Result<Conv, ParseError> {
    Ok(Conv {
        out: line.attribute("out", Line::whole)?,
        kernel: line.attribute("kernel", Line::extent)?,
        stride: line.optional("stride", Line::extent)?.unwrap_or(1.into()),
        dilation: line.optional("dilation", Line::extent)?.unwrap_or(1.into()),
        groups: line.optional("groups", Line::whole)?.unwrap_or(1),
        padding: line.attribute("padding", Line::padding)?,
        bias: line.take("bias"),
        weight_norm: line.take("weight_norm"),
    })
}

fn conv_transpose(line: &mut Line<'_>) -> Result<ConvTranspose, ParseError> {
    Ok(ConvTranspose {
        out: line.attribute("out", Line::whole)?,
        kernel: line.attribute("kernel", Line::extent)?,
        stride: line.attribute("stride", Line::extent)?,
        groups: line.optional("groups", Line::whole)?.unwrap_or(1),
        crop: line
            .attribute("crop", |line| line.choice(&[("same", Crop::Same), ("causal", Crop::Causal)]))?,
        bias: line.take("bias"),
    })
}

fn batch_norm(line: &mut Line<'_>) -> Result<BatchNorm, ParseError> {
    let default = BatchNorm::default();
    Ok(BatchNorm {
        eps: line.optional("eps", Line::real)?.unwrap_or(default.eps),
        momentum: line.optional("momentum", Line::real)?.unwrap_or(default.momentum),
        affine: !line.take("affine=false"),
    })
}

fn activation(line: &mut Line<'_>) -> Result<Activation, ParseError> {
    let start = line.clone();
    line.unspaced().parse().map_err(|error: String| start.refuse(&error))
}

fn pool(line: &mut Line<'_>) -> Result<Pool, ParseError> {
    Ok(Pool {
        kernel: line.attribute("kernel", Line::extent)?,
        stride: line.optional("stride", Line::extent)?.unwrap_or(1.into()),
        padding: line.attribute("padding", Line::padding)?,
    })
}

fn mode(line: &mut Line<'_>) -> Result<UpsampleMode, ParseError> {
    if line.take("nearest") {
        return Ok(UpsampleMode::Nearest);
    }
    line.expect("linear")?;
    Ok(UpsampleMode::Linear { align_corners: line.take("align_corners") })
}
