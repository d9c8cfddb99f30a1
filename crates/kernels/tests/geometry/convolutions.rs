//! Convolutions.

use fastrand::Rng;
use kernels::{
    BLOCK, Conv, Depthwise, Epilogue, Function, Lanes, Level, PLANAR_STRIDES, Part, Residual, View, blocks,
    conv, conv_planar, depthwise,
};

use crate::value::{Value, at, call, cases, numbers};

/// Output channels and columns of a problem are below these.
const MOST_OUTPUTS: usize = if cfg!(miri) { 40 } else { 150 };
const MOST_COLUMNS: usize = if cfg!(miri) { 9 } else { 35 };

type Input<'a> = (&'a [Lanes], View);
type Output<'a> = (&'a mut [Lanes], View);

call!(CallConv { conv_of: &'a Conv, x: Input<'a>, weights: &'a [[Lanes; BLOCK]], epilogue: &'a Epilogue<'a>, y: Output<'a>, part: &'a Part },
    simd => conv(simd, conv_of, x, weights, epilogue, y, part));
call!(CallPlanar { conv_of: &'a Conv, x: (&'a [f32], View), weights: &'a [[Lanes; BLOCK]], epilogue: &'a Epilogue<'a>, y: Output<'a>, part: &'a Part },
    simd => conv_planar(simd, conv_of, x, weights, epilogue, y, part));
call!(CallDepthwise { conv_of: &'a Depthwise, x: Input<'a>, weights: &'a [Lanes], epilogue: &'a Epilogue<'a>, y: Output<'a>, part: &'a Part },
    simd => depthwise(simd, conv_of, x, weights, epilogue, y, part));

/// A convolution's operands, for both kinds.
struct Problem {
    taps: [usize; 2],
    dilation: [usize; 2],
    stride: [usize; 2],
    out: usize,
    x: Value,
    bias: Vec<Lanes>,
    residual: Option<Value>,
    function: Function,
    y: Value,
    part: Part,
}

impl Problem {
    fn random(rng: &mut Rng, is_depthwise: bool) -> Self {
        let channels = rng.usize(1..40);
        let out = if is_depthwise { channels } else { rng.usize(1..MOST_OUTPUTS) };
        let is_series = rng.bool();
        let axis = |rng: &mut Rng, size: usize| (rng.usize(1..6), rng.usize(1..5), rng.usize(1..5), size);
        let (height, width) = (rng.usize(1..6), rng.usize(1..MOST_COLUMNS));
        let down = if is_series { (1, 1, 1, 1) } else { axis(rng, height) };
        let across = axis(rng, width);
        let [taps, dilation, stride] = [[down.0, across.0], [down.1, across.1], [down.2, across.2]];
        let size = [down.3, across.3];
        let read = [0, 1].map(|a| (size[a] - 1) * stride[a] + (taps[a] - 1) * dilation[a] + 1);
        let functions = [Function::Identity, Function::Clamp { low: -0.5, high: 0.75 }, Function::Silu];
        let dims = [out, size[0], size[1]];
        let range = |rng: &mut Rng, end: usize| {
            let start = if rng.bool() { 0 } else { rng.usize(0..end) };
            start..if rng.bool() { end } else { rng.usize(start..=end) }
        };
        Self {
            taps,
            dilation,
            stride,
            out,
            x: Value::random(rng, [channels, read[0], read[1]]),
            bias: numbers(rng, blocks(out)),
            residual: if rng.bool() { Some(Value::random(rng, dims)) } else { None },
            function: functions[rng.usize(..3)],
            y: Value::empty(rng, dims),
            part: Part { blocks: range(rng, blocks(out)), rows: range(rng, size[0]), width: size[1] },
        }
    }

    fn epilogue(&self) -> Epilogue<'_> {
        let residual = self.residual.as_ref().map(|value| Residual { x: &value.lanes, view: value.view });
        Epilogue { bias: &self.bias, residual, function: self.function }
    }

    /// Compares an output with the sum over taps of `term`.
    fn check(&self, y: &Value, level: Level, term: impl Fn(usize, [usize; 2], [usize; 2]) -> (f64, f64)) {
        let Part { blocks, rows, .. } = self.part.clone();
        let what = format!("{level} {:?} {:?} {:?} {:?}", self.taps, self.dilation, self.stride, self.part);
        let is_written = |block: usize, row: usize| blocks.contains(&block) && rows.contains(&row);
        y.check(&what, is_written, |channel, row, column| {
            let mut sum = at(&self.bias, channel);
            let mut magnitude = sum.abs();
            for tap_row in 0..self.taps[0] {
                for tap_column in 0..self.taps[1] {
                    let at = [
                        row * self.stride[0] + tap_row * self.dilation[0],
                        column * self.stride[1] + tap_column * self.dilation[1],
                    ];
                    let (number, size) = term(channel, [tap_row, tap_column], at);
                    sum += number;
                    magnitude += size;
                }
            }
            if let Some(residual) = &self.residual {
                sum += residual.get(channel, row, column);
            }
            let y = match self.function {
                Function::Clamp { low, high } => sum.clamp(low.into(), high.into()),
                Function::Silu => sum / (1.0 + (-sum).exp()),
                _ => sum,
            };
            (y, magnitude + 1.0)
        });
    }
}

#[test]
fn convolutions_equal_plain_loops() {
    for mut rng in cases(600) {
        let problem = Problem::random(&mut rng, false);
        let Problem { taps, dilation, stride, out, .. } = problem;
        let channels = problem.x.channels;
        let count = blocks(channels);
        let geometry =
            Conv { blocks: count, last_lanes: channels - (count - 1) * BLOCK, taps, dilation, stride };
        let all = blocks(out) * count * taps[0] * taps[1];
        let weights: Vec<[Lanes; BLOCK]> =
            (0..all).map(|_| std::array::from_fn(|_| numbers(&mut rng, 1)[0])).collect();
        for level in Level::all() {
            let mut y = problem.y.clone();
            let epilogue = &problem.epilogue();
            let part = &problem.part;
            level.run(CallConv {
                conv_of: &geometry,
                x: problem.x.read(),
                weights: &weights,
                epilogue,
                y: y.write(),
                part,
            });
            problem.check(&y, level, |channel, tap, [row, column]| {
                let (mut sum, mut magnitude) = (0.0, 0.0);
                for input in 0..channels {
                    let block = channel / BLOCK * count + input / BLOCK;
                    let weights = &weights[(block * taps[0] + tap[0]) * taps[1] + tap[1]];
                    let product = at(&weights[input % BLOCK..][..1], channel % BLOCK)
                        * problem.x.get(input, row, column);
                    sum += product;
                    magnitude += product.abs();
                }
                (sum, magnitude)
            });
        }
    }
}

#[test]
fn an_input_may_be_stored_channel_by_channel() {
    let mut tested = 0;
    for mut rng in cases(1000) {
        let problem = Problem::random(&mut rng, false);
        let Problem { taps, dilation, stride, out, ref x, ref part, .. } = problem;
        if x.channels > BLOCK || !PLANAR_STRIDES.contains(&stride[1]) {
            continue;
        }
        tested += 1;
        let geometry = Conv { blocks: 1, last_lanes: x.channels, taps, dilation, stride };
        let weights: Vec<[Lanes; BLOCK]> = (0..blocks(out) * taps[0] * taps[1])
            .map(|_| std::array::from_fn(|_| numbers(&mut rng, 1)[0]))
            .collect();
        let mut planes = Vec::new();
        for channel in 0..x.channels {
            for row in 0..x.height {
                planes.extend((0..x.width).map(|column| x.lanes[x.view.index(0, row, column)].0[channel]));
            }
        }
        for level in Level::all() {
            let (mut expected, mut found) = (problem.y.clone(), problem.y.clone());
            let (conv_of, weights, epilogue) = (&geometry, &weights[..], &problem.epilogue());
            level.run(CallConv { conv_of, x: x.read(), weights, epilogue, y: expected.write(), part });
            let planes = (&planes[..], View::plain(x.height, x.width));
            level.run(CallPlanar { conv_of, x: planes, weights, epilogue, y: found.write(), part });
            assert!(bits(&expected) == bits(&found), "{level} {geometry:?} {part:?}");
        }
    }
    assert!(tested > if cfg!(miri) { 0 } else { 100 });
}

#[test]
fn depthwise_convolutions_equal_plain_loops() {
    for mut rng in cases(600) {
        let problem = Problem::random(&mut rng, true);
        let Problem { taps, dilation, stride, out, .. } = problem;
        let geometry = Depthwise { taps, dilation, stride };
        let weights = numbers(&mut rng, blocks(out) * taps[0] * taps[1]);
        for level in Level::all() {
            let mut y = problem.y.clone();
            level.run(CallDepthwise {
                conv_of: &geometry,
                x: problem.x.read(),
                weights: &weights,
                epilogue: &problem.epilogue(),
                y: y.write(),
                part: &problem.part,
            });
            problem.check(&y, level, |channel, tap, [row, column]| {
                let index = (channel / BLOCK * taps[0] + tap[0]) * taps[1] + tap[1];
                let weight = f64::from(weights[index].0[channel % BLOCK]);
                let product = weight * problem.x.get(channel, row, column);
                (product, product.abs())
            });
        }
    }
}

fn bits(value: &Value) -> Vec<u32> {
    // The bits of a computed NaN are not defined.
    let of_number = |number: f32| if number.is_nan() { f32::NAN.to_bits() } else { number.to_bits() };
    value.lanes.iter().flat_map(|lanes| lanes.0.map(of_number)).collect()
}

/// The numbers of an element must be the same in whichever tile it is computed, so that a stream and a whole series
/// have equal bits.
#[test]
fn an_element_does_not_depend_on_the_part_that_is_computed() {
    for mut rng in cases(300) {
        let mut problem = Problem::random(&mut rng, false);
        let channels = problem.x.channels;
        let count = blocks(channels);
        let Problem { taps, dilation, stride, out, .. } = problem;
        let geometry =
            Conv { blocks: count, last_lanes: channels - (count - 1) * BLOCK, taps, dilation, stride };
        let all = blocks(out) * count * taps[0] * taps[1];
        let weights: Vec<[Lanes; BLOCK]> =
            (0..all).map(|_| std::array::from_fn(|_| numbers(&mut rng, 1)[0])).collect();
        let width = problem.y.width;
        problem.part = Part { blocks: 0..blocks(out), rows: 0..problem.y.height, width };
        let depthwise_weights = numbers(&mut rng, count * taps[0] * taps[1]);
        let (x, x_view) = problem.x.read();
        for level in Level::all() {
            for is_depthwise in [false, true] {
                let all_blocks = if is_depthwise { count.min(blocks(out)) } else { blocks(out) };
                let run = |y: &mut Value, block: std::ops::Range<usize>, column: usize, width: usize| {
                    let part = &Part { blocks: block, rows: 0..y.height, width };
                    let x = (x, View { origin: x_view.index(0, 0, column * stride[1]), ..x_view });
                    let residual = problem.residual.as_ref().map(|value| Residual {
                        x: &value.lanes,
                        view: View { origin: value.view.index(0, 0, column), ..value.view },
                    });
                    let epilogue = &Epilogue { residual, ..problem.epilogue() };
                    let view = View { origin: y.view.index(0, 0, column), ..y.view };
                    let y = (&mut y.lanes[..], view);
                    if is_depthwise {
                        let conv_of = &Depthwise { taps, dilation, stride };
                        let weights = &depthwise_weights;
                        level.run(CallDepthwise { conv_of, x, weights, epilogue, y, part });
                    } else {
                        level.run(CallConv { conv_of: &geometry, x, weights: &weights, epilogue, y, part });
                    }
                };
                let (mut whole, mut parts) = (problem.y.clone(), problem.y.clone());
                run(&mut whole, 0..all_blocks, 0, width);
                for block in 0..all_blocks {
                    let cut = rng.usize(0..width);
                    run(&mut parts, block..block + 1, cut, width - cut);
                    if cut > 0 {
                        run(&mut parts, block..block + 1, 0, cut);
                    }
                }
                assert!(bits(&whole) == bits(&parts), "{level} {taps:?} {dilation:?} {stride:?}");
            }
        }
    }
}
