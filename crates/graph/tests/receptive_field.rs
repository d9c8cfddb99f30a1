//! Receptive fields against the literature, by formula, and by perturbing inputs.

use graph::reference::{self, Tensor};
use graph::{
    Activation, Array, BatchNorm, BuildError, Causality, Conv, ConvTranspose, Crop, Field, Graph, GroupNorm,
    Noise, Padding, Pool, Scope, TimeStep, UpsampleMode, Value, Weights,
};

type Built = Result<Value, BuildError>;

fn series(length: usize, model: impl FnOnce(Scope<'_>, Value) -> Built) -> Graph {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [2, length])?;
        let y = model(g, x)?;
        g.output("y", y)
    });
    let graph = graph.expect("the graph can be built");
    graph.verify().expect("a graph that is built is legal");
    graph
}

fn image(size: usize, model: impl FnOnce(Scope<'_>, Value) -> Built) -> Graph {
    let graph = Graph::build(|g| {
        let x = g.input("image", [3, size, size])?;
        let y = model(g, x)?;
        g.output("y", y)
    });
    graph.expect("the graph can be built")
}

fn steps(field: &Field) -> usize {
    match field {
        Field::Steps { steps, .. } => *steps,
        Field::Whole { .. } => usize::MAX,
    }
}

fn strided(out: usize, kernel: usize, stride: usize) -> Conv {
    Conv { stride: stride.into(), ..Conv::new(out, kernel) }
}

fn pool(kernel: usize, stride: usize) -> Pool {
    Pool { kernel: kernel.into(), stride: stride.into(), padding: Padding::Symmetric }
}

/// The convolutions of a ResNet; each block is a list of kernels and strides.
fn resnet(blocks: &[&[(usize, usize)]]) -> Graph {
    image(224, |g, x| {
        let x = g.conv("conv1", x, strided(4, 7, 2))?;
        let mut x = g.max_pool("maxpool", x, pool(3, 2))?;
        for (i, block) in blocks.iter().enumerate() {
            let g = g / i;
            let mut y = x;
            for (j, &(kernel, stride)) in block.iter().enumerate() {
                y = g.conv(format!("conv{j}"), y, strided(4, kernel, stride))?;
            }
            let stride = block.iter().map(|(_, stride)| stride).product();
            let skip = g.conv("downsample", x, strided(4, 1, stride))?;
            x = g.add("sum", &[y, skip])?;
        }
        Ok(x)
    })
}

/// Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks",
/// distill.pub/2019/computing-receptive-fields: VGG-16 212, ResNet-50 483.
#[test]
fn published_fields() {
    let vgg16 = image(224, |g, mut x| {
        for (stage, depth) in [2, 2, 3, 3, 3].into_iter().enumerate() {
            for i in 0..depth {
                x = g.conv(format!("{stage}.{i}"), x, Conv::new(4, 3))?;
            }
            let pool = Pool { padding: Padding::Valid, ..pool(2, 2) };
            x = g.max_pool(format!("{stage}.pool"), x, pool)?;
        }
        Ok(x)
    });
    let bottleneck = |depths: [usize; 4], down: &'static [(usize, usize)]| {
        let same: &[(usize, usize)] = &[(1, 1), (3, 1), (1, 1)];
        let stages = depths.into_iter().enumerate();
        let blocks = stages.flat_map(|(stage, depth)| {
            (0..depth).map(move |i| if stage > 0 && i == 0 { down } else { same })
        });
        resnet(&blocks.collect::<Vec<_>>())
    };
    // The paper's stride is in the first 1x1 convolution, torchvision's in the 3x3 one.
    let resnet50 = bottleneck([3, 4, 6, 3], &[(1, 2), (3, 1), (1, 1)]);
    let resnet50_torchvision = bottleneck([3, 4, 6, 3], &[(1, 1), (3, 2), (1, 1)]);
    let (same, down): (&[_], &[_]) = (&[(3, 1), (3, 1)], &[(3, 2), (3, 1)]);
    let resnet18 = resnet(&[same, same, down, same, down, same, down, same]);
    for (graph, field) in [(vgg16, 212), (resnet50, 483), (resnet50_torchvision, 427), (resnet18, 435)] {
        let found = graph.receptive_field();
        assert_eq!(found.axes.iter().map(steps).collect::<Vec<_>>(), [field, field]);
        assert_eq!(found.causal, None);
    }
}

/// U-Net's bottom sees 140 x 140 pixels (Ronneberger et al. 2015, arXiv 1505.04597, by formula).
#[test]
fn u_net() {
    let graph = image(64, |g, mut x| {
        let two = |name: &str, x| {
            let x = g.conv(format!("{name}.0"), x, Conv::new(4, 3))?;
            g.conv(format!("{name}.1"), x, Conv::new(4, 3))
        };
        let mut skips = Vec::new();
        for level in 0..4 {
            x = two(&format!("down{level}"), x)?;
            skips.push(x);
            x = g.max_pool(format!("pool{level}"), x, pool(2, 2))?;
        }
        x = two("bottom", x)?;
        for level in (0..4).rev() {
            x = g.conv_transpose(format!("up{level}"), x, ConvTranspose::new(4, 2, 2))?;
            let skip = skips[level];
            x = g.concat(format!("concat{level}"), &[skip, x])?;
            x = two(&format!("decoder{level}"), x)?;
        }
        Ok(x)
    });
    let bottom = graph.find("bottom.1").unwrap();
    assert_eq!(steps(&graph.receptive_field_of(bottom).axes[0]), 140);
    // Two 3x3 convolutions reach 2 elements to each side at every level of the decoder. Output 2
    // thus sees -2 to 4 of the finest level below it, -3 to 4 of the next, -4 to 4 of the next, and
    // at the bottom, 16 pixels apart, elements -2 to 2. Output 0 sees one less of those.
    assert_eq!(steps(&graph.receptive_field().axes[0]), 140 + 4 * 16);
}

#[test]
fn tcn_sees_1_plus_the_sum_of_reaches() {
    for kernel in [2, 3, 7] {
        let dilations = [1, 2, 4, 8];
        let graph = series(50, |g, mut x| {
            for d in dilations {
                let g = g / format!("block{d}");
                let conv = Conv { dilation: d.into(), padding: Padding::Causal, ..Conv::new(2, kernel) };
                let y = g.conv("conv1", x, conv)?;
                let y = g.batch_norm("norm1", y, BatchNorm::default())?;
                let y = g.conv("conv2", y, conv)?;
                let y = g.layer_norm("norm2", y, 1e-5)?;
                x = g.add("sum", &[x, y])?;
            }
            g.select("last", x, TimeStep::Last)
        });
        let look_back = 2 * (kernel - 1) * dilations.iter().sum::<usize>();
        let field = graph.receptive_field();
        assert_eq!(field.axes, [Field::Steps { steps: look_back + 1, look_back, look_ahead: 0 }]);
        assert_eq!(field.causal, Some(Causality::Yes));
        assert_eq!(field.to_string(), format!("{} ({look_back} back, 0 ahead); causal: yes", look_back + 1));
    }
}

/// A squeeze-excite after a causal convolution, and what comes after it.
#[test]
fn squeeze_excite_sees_everything_and_is_named() {
    let graph = series(40, |g, x| {
        let x = g.conv("conv", x, Conv { padding: Padding::Causal, ..Conv::new(4, 3) })?;
        let gate = g.global_mean("se.mean", x)?;
        let gate = g.conv("se.fc", gate, Conv::new(4, 1))?;
        let gate = g.activation("se.sigmoid", gate, Activation::Sigmoid)?;
        let x = g.multiply("se.scale", x, gate)?;
        g.group_norm("norm", x, GroupNorm { groups: 2, eps: 1e-5, affine: true })
    });
    let field = graph.receptive_field();
    assert_eq!(field.axes, [Field::Whole { cause: "se.mean".to_owned() }]);
    assert_eq!(field.causal, Some(Causality::No { cause: "se.mean".to_owned() }));
    assert_eq!(field.to_string(), "the whole input, because of se.mean; causal: no, because of se.mean");
    let before = graph.receptive_field_of(graph.find("conv").unwrap());
    assert_eq!(before.to_string(), "3 (2 back, 0 ahead); causal: yes");
}

/// Each operation that looks ahead or sees everything, after a causal convolution.
#[test]
fn causes() {
    type Model = fn(Scope<'_>, Value) -> Built;
    #[rustfmt::skip]
    let cases: [(Model, &str); 19] = [
        (|g, x| g.conv("conv", x, Conv::new(2, 3)), "5 (3 back, 1 ahead); causal: no, because of conv"),
        (|g, x| g.conv("conv", x, Conv { padding: Padding::Same, ..Conv::new(2, 2) }), "4 (2 back, 1 ahead); causal: no, because of conv"),
        (|g, x| g.conv("conv", x, Conv { padding: Padding::Valid, ..Conv::new(2, 2) }), "4 (2 back, 1 ahead); causal: no, because of conv"),
        (|g, x| g.conv("conv", x, Conv { padding: Padding::Causal, ..strided(2, 4, 2) }), "6 (5 back, 0 ahead); causal: yes"),
        (|g, x| g.conv("conv", x, strided(2, 1, 2)), "3 (2 back, 0 ahead); causal: yes"),
        (|g, x| g.max_pool("pool", x, Pool { padding: Padding::Valid, ..pool(2, 2) }), "4 (2 back, 1 ahead); causal: no, because of pool"),
        (|g, x| g.average_pool("pool", x, Pool { padding: Padding::Causal, ..pool(2, 2) }, false), "4 (3 back, 0 ahead); causal: yes"),
        (|g, x| g.conv_transpose("up", x, ConvTranspose::new(2, 4, 2)), "4 (3 back, 1 ahead); causal: no, because of up"),
        (|g, x| g.conv_transpose("up", x, ConvTranspose { crop: Crop::Causal, ..ConvTranspose::new(2, 4, 2) }), "4 (3 back, 0 ahead); causal: yes"),
        (|g, x| g.upsample("up", x, 3, UpsampleMode::Nearest), "3 (2 back, 0 ahead); causal: yes"),
        (|g, x| g.upsample("up", x, 2, UpsampleMode::Linear { align_corners: false }), "4 (3 back, 1 ahead); causal: no, because of up"),
        (|g, x| g.upsample("up", x, 2, UpsampleMode::Linear { align_corners: true }), "4 (3 back, 1 ahead); causal: no, because of up"),
        (|g, x| g.reverse("reverse", x), "the whole input, because of reverse; causal: no, because of reverse"),
        (|g, x| g.position_norm("norm", x, 1e-5), "the whole input, because of norm; causal: no, because of norm"),
        (|g, x| g.group_norm("norm", x, GroupNorm { groups: 2, eps: 1e-5, affine: false }), "the whole input, because of norm; causal: no, because of norm"),
        (|g, x| g.flatten("flat", x), "the whole input, because of flat; causal: no, because of flat"),
        (|g, x| g.softmax("softmax", x), "3 (2 back, 0 ahead); causal: yes"),
        (|g, x| g.select("middle", x, TimeStep::Middle), "3 (2 back, 0 ahead); causal: yes"),
        (|g, x| {
            let y = g.conv("valid", x, Conv { padding: Padding::Valid, ..Conv::new(2, 5) })?;
            let longer = g.crop_or_pad("longer", y, x)?;
            g.crop_or_pad("shorter", longer, y)
        }, "7 (2 back, 4 ahead); causal: no, because of valid"),
    ];
    for (model, expected) in cases {
        let graph = series(40, |g, x| {
            let x = g.conv("causal", x, Conv { padding: Padding::Causal, ..Conv::new(2, 3) })?;
            model(g, x)
        });
        assert_eq!(graph.receptive_field().to_string(), expected, "{graph}");
    }
}

/// The second input of a crop-or-pad gives its size only: here it would be the whole input.
#[test]
fn crop_or_pad_does_not_see_what_it_is_like() {
    let graph = series(40, |g, x| {
        let y = g.conv("valid", x, Conv { padding: Padding::Valid, ..Conv::new(2, 3) })?;
        let like = g.group_norm("norm", x, GroupNorm { groups: 1, eps: 1e-5, affine: false })?;
        g.crop_or_pad("crop_or_pad", y, like)
    });
    // Padding one element before takes the look-ahead of the valid convolution back by one.
    let field = graph.receptive_field();
    assert_eq!(field.to_string(), "3 (1 back, 1 ahead); causal: no, because of valid");
    let shorter = series(40, |g, x| {
        let y = g.conv("valid", x, Conv { padding: Padding::Valid, ..Conv::new(2, 3) })?;
        g.crop_or_pad("crop_or_pad", x, y)
    });
    let field = shorter.receptive_field();
    assert_eq!(field.to_string(), "1 (0 back, 1 ahead); causal: no, because of crop_or_pad");
}

/// Attributes of a size no machine can hold.
#[test]
fn giants_do_not_overflow() {
    let graph = series(1 << 20, |g, mut x| {
        for i in 0..20 {
            let giant: usize = 1 << 24;
            let padding = Padding::Causal;
            let conv = Conv { dilation: giant.into(), padding, ..strided(1, giant, giant) };
            x = g.conv(i, x, conv)?;
        }
        Ok(x)
    });
    assert_eq!(steps(&graph.receptive_field().axes[0]), usize::MAX);
}

/// A random stack of operations on a series, all monotone, so that no two changes cancel.
struct Stack<'a> {
    random: &'a dyn Fn(usize) -> usize,
    /// Input elements per element, as a fraction.
    stride: (usize, usize),
}

impl Stack<'_> {
    fn push(&mut self, g: Scope<'_>, i: usize, x: Value, first: Value) -> Built {
        let random = self.random;
        let kernel = 1 + random(4);
        let explicit = Padding::Explicit { before: random(kernel).into(), after: random(kernel).into() };
        let paddings = [Padding::Same, Padding::Symmetric, Padding::Causal, Padding::Valid, explicit];
        let padding = paddings[random(5)];
        let (stride, factor) = (1 + random(2), 1 + random(3));
        let pool = Pool { kernel: kernel.into(), stride: stride.into(), padding };
        let kind = random(11);
        match kind {
            0..=4 => self.stride.0 *= stride,
            5..=8 => self.stride.1 *= factor,
            _ => {}
        }
        let upsample = |mode| g.upsample(i, x, factor, mode);
        match kind {
            0..=2 => {
                let dilation = (1 + random(2)).into();
                g.conv(i, x, Conv { dilation, padding, ..strided(2, kernel, stride) })
            }
            3 => g.max_pool(i, x, pool),
            4 => g.average_pool(i, x, pool, random(2) == 0),
            5 => {
                let crop = if random(2) == 0 { Crop::Same } else { Crop::Causal };
                let conv = ConvTranspose::new(2, factor + random(3), factor);
                g.conv_transpose(i, x, ConvTranspose { crop, ..conv })
            }
            6 => upsample(UpsampleMode::Nearest),
            7 => upsample(UpsampleMode::Linear { align_corners: false }),
            8 => upsample(UpsampleMode::Linear { align_corners: true }),
            // A sum with the input, whose steps must be as far apart.
            9 if self.stride.0 == self.stride.1 => {
                let fitted = g.crop_or_pad(format!("{i}.fit"), x, first)?;
                g.add(i, &[fitted, first])
            }
            _ => g.activation(i, x, Activation::Softplus),
        }
    }
}

/// For each output position the input steps that it changes with.
fn influence(graph: &Graph, length: usize) -> Vec<Vec<usize>> {
    let positive = |(name, array): (&str, &Array)| {
        let data = array.data().iter().map(|value| value.abs() + 0.1).collect();
        (name.to_owned(), Array::new(array.shape(), data).expect("the shape is the same"))
    };
    let weights: Weights = Weights::initial(graph, 0).iter().map(positive).collect();
    // Sample t has step t raised, the last sample is as it was.
    let mut x = Tensor::noise("x", length + 1, [2, length]);
    let plain = x.data[..2 * length].to_vec();
    for (t, sample) in x.data.chunks_mut(2 * length).enumerate() {
        sample.copy_from_slice(&plain);
        sample
            .chunks_mut(length)
            .for_each(|channel| channel.iter_mut().skip(t).take(1).for_each(|v| *v += 1e6));
    }
    let y = &reference::run(graph, &weights, &[x]).expect("the graph runs at its own size")[0];
    let size = y.shape.space[0];
    let samples: Vec<&[f64]> = y.data.chunks(y.shape.elements()).collect();
    let differs = |t: usize, u: usize| {
        let differences =
            (0..y.shape.channels).map(|c| samples[t][c * size + u] - samples[length][c * size + u]);
        differences.into_iter().any(|difference| difference > 1e-6)
    };
    (0..size).map(|u| (0..length).filter(|&t| differs(t, u)).collect()).collect()
}

/// On random stacks no output changes with a step outside its field, and the field is attained
/// where the borders are far enough away.
#[test]
fn fields_are_what_perturbation_shows() {
    const LENGTH: usize = 90;
    let mut attained = 0;
    for case in 0..300 {
        let noise = Noise::of(&format!("stack {case}"));
        let drawn = std::cell::Cell::new(0);
        let random = |below: usize| {
            drawn.set(drawn.get() + 1);
            usize::try_from(noise.bits(drawn.get()) % below as u64).expect("it is below a usize")
        };
        let mut stack = Stack { random: &random, stride: (1, 1) };
        let graph = Graph::build(|g| {
            let first = g.input("signal", [2, LENGTH])?;
            let mut x = first;
            for i in 0..1 + random(4) {
                x = stack.push(g, i, x, first)?;
            }
            g.output("y", x)
        });
        // Some windows are larger than what strides have left.
        let Ok(graph) = graph else { continue };
        let found = graph.receptive_field();
        let Field::Steps { steps, look_back, look_ahead } = found.axes[0] else { panic!("{found}\n{graph}") };

        let (num, den) = stack.stride;
        let seen = influence(&graph, LENGTH);
        let extremes = seen.iter().enumerate().filter_map(|(u, seen)| {
            let own = u * num / den;
            let (first, last) = (*seen.first()?, *seen.last()?);
            Some((last - first + 1, own.saturating_sub(first), last.saturating_sub(own)))
        });
        let widest = extremes.fold((0, 0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1), a.2.max(b.2)));
        let allowed = (steps, look_back, look_ahead);
        let within = widest.0 <= allowed.0 && widest.1 <= allowed.1 && widest.2 <= allowed.2;
        assert!(within, "{widest:?} of {allowed:?}\n{graph}");
        // The field repeats every `den` outputs, which are `num` steps of the input.
        if look_back + steps + look_ahead + 2 * num < LENGTH && !graph.text().contains("align_corners") {
            assert_eq!(widest, allowed, "{graph}");
            attained += 1;
        }
    }
    assert!(attained > 100, "only {attained} fields are small enough to be attained");
}
