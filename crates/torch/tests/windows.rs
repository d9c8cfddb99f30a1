//! Sliding windows: where they start, what they see, how padding counts.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{check, enlarge, flat, net, one, ramp};
use graph::{Array, Conv, Crop, Graph, Padding, Pool};
use tch::Tensor;
use torch::{Load, Net};

const SAME: Padding = Padding::Same;

/// A convolution of one channel with this kernel.
fn series(kernel: &[f32], conv: Conv, x: &[f32]) -> Tensor {
    let net = with_weight(one(&[1, x.len()], |g, v| g.conv("conv", v, conv)), "conv.weight", kernel);
    net.run(&Tensor::from_slice(x).reshape([1, 1, -1]), false).unwrap()
}

fn with_weight(mut net: Net, name: &str, values: &[f32]) -> Net {
    let mut weights = net.weights();
    let shape = weights.get(name).unwrap().shape().to_vec();
    weights.insert(name, Array::new(shape, values.to_vec()).unwrap());
    net.load(&weights, Load::Strict).unwrap();
    net
}

fn max(shape: &[usize], pool: Pool, x: &Tensor) -> Tensor {
    one(shape, |g, v| g.max_pool("pool", v, pool)).run(x, false).unwrap()
}

fn average(shape: &[usize], pool: Pool, count_padding: bool, x: &Tensor) -> Tensor {
    one(shape, |g, v| g.average_pool("pool", v, pool, count_padding)).run(x, false).unwrap()
}

fn pool(kernel: usize, stride: usize, padding: Padding) -> Pool {
    Pool { kernel: kernel.into(), stride: stride.into(), padding }
}

#[test]
fn same_padding_puts_the_smaller_half_first() {
    let conv = Conv { stride: 2.into(), padding: SAME, ..Conv::new(1, 3) };
    // 4 elements, 2 windows: one zero, after.
    check(&series(&[1., 10., 100.], conv, &[1., 2., 3., 4.]), &[1, 1, 2], &[321., 43.]);
    // 5 elements, 3 windows: one zero on each side.
    check(&series(&[1., 10., 100.], conv, &[1., 2., 3., 4., 5.]), &[1, 1, 3], &[210., 432., 54.]);
}

#[test]
fn symmetric_padding_of_an_even_kernel_is_rounded_down() {
    let conv = Conv::new(1, 2);
    check(&series(&[1., 10.], conv, &[1., 2., 3.]), &[1, 1, 2], &[21., 32.]);
}

#[test]
fn a_causal_convolution_sees_no_later_element() {
    let conv = Conv { padding: Padding::Causal, dilation: 2.into(), ..Conv::new(1, 3) };
    check(&series(&[100., 10., 1.], conv, &[1., 2., 3., 4., 5.]), &[1, 1, 5], &[1., 2., 13., 24., 135.]);
}

#[test]
fn explicit_padding_may_differ_on_every_side() {
    let padding = Padding::Explicit { before: [1, 0].into(), after: [0, 2].into() };
    let conv = Conv { padding, ..Conv::new(1, [2, 3]) };
    let net = with_weight(
        one(&[1, 2, 2], |g, v| g.conv("conv", v, conv)),
        "conv.weight",
        &[0., 0., 0., 1., 10., 100.],
    );
    // Row 0 of the result meets row 0 of the input with the kernel's last row; columns 0 and 1 begin there.
    let x = Tensor::from_slice(&[1f32, 2., 3., 4.]).reshape([1, 1, 2, 2]);
    check(&net.run(&x, false).unwrap(), &[1, 1, 2, 2], &[21., 2., 43., 4.]);
}

#[test]
fn a_series_may_be_written_as_an_image_of_height_one() {
    let conv = Conv { padding: SAME, ..Conv::new(1, [1, 3]) };
    check(&series(&[1., 10., 100.], conv, &[1., 2., 3.]), &[1, 1, 3], &[210., 321., 32.]);
}

#[test]
fn weight_norm_separates_length_from_direction() {
    let conv = Conv { weight_norm: true, padding: Padding::Valid, ..Conv::new(1, 2) };
    let net = one(&[1, 2], |g, v| g.conv("conv", v, conv));
    let net = with_weight(net, "conv.parametrizations.weight.original1", &[3., 4.]);
    let net = with_weight(net, "conv.parametrizations.weight.original0", &[10.]);
    check(&net.run(&Tensor::from_slice(&[1f32, 1.]).reshape([1, 1, 2]), false).unwrap(), &[1, 1, 1], &[14.]);
}

#[test]
fn max_pool_padding_never_wins() {
    let x = Tensor::from_slice(&[-1f32, -2., -3.]).reshape([1, 1, 3]);
    check(&max(&[1, 3], pool(2, 2, SAME), &x), &[1, 1, 2], &[-1., -3.]);
    check(&max(&[1, 3], pool(3, 1, Padding::Symmetric), &x), &[1, 1, 3], &[-1., -1., -2.]);
    check(&max(&[1, 3], pool(3, 1, Padding::Causal), &x), &[1, 1, 3], &[-1., -1., -1.]);
    // libtorch pads by half of the kernel at most.
    let wide = Padding::Explicit { before: 2.into(), after: 2.into() };
    check(&max(&[1, 3], pool(3, 2, wide), &x), &[1, 1, 3], &[-1., -1., -3.]);
    let image = Tensor::from_slice(&[-1f32, -2., -3., -4.]).reshape([1, 1, 2, 2]);
    check(&max(&[1, 2, 2], pool(2, 1, SAME), &image), &[1, 1, 2, 2], &[-1., -2., -3., -4.]);
}

#[test]
fn an_average_counts_padding_only_when_asked() {
    let x = Tensor::from_slice(&[2f32, 4., 6.]).reshape([1, 1, 3]);
    check(&average(&[1, 3], pool(2, 2, SAME), false, &x), &[1, 1, 2], &[3., 6.]);
    check(&average(&[1, 3], pool(2, 2, SAME), true, &x), &[1, 1, 2], &[3., 3.]);
    check(&average(&[1, 3], pool(3, 1, Padding::Symmetric), false, &x), &[1, 1, 3], &[3., 4., 5.]);
    check(&average(&[1, 3], pool(3, 1, Padding::Symmetric), true, &x), &[1, 1, 3], &[2., 4., 10. / 3.]);
    let wide = Padding::Explicit { before: 2.into(), after: 2.into() };
    check(&average(&[1, 3], pool(3, 2, wide), false, &x), &[1, 1, 3], &[2., 4., 6.]);
    check(&average(&[1, 3], pool(3, 2, wide), true, &x), &[1, 1, 3], &[2. / 3., 4., 2.]);
}

#[test]
fn the_d_shortcut_averages_real_elements() {
    // ResNet-D's shortcut on an odd size: `same`, 2 x 2, stride 2, no counting of padding.
    let found = average(&[1, 3, 3], pool(2, 2, SAME), false, &ramp(&[1, 1, 3, 3]));
    check(&found, &[1, 1, 2, 2], &[2., 3.5, 6.5, 8.]);
}

#[test]
fn a_transposed_convolution_multiplies_the_size_by_its_stride() {
    let run = |kernel: &[f32], stride: usize, crop: Crop| {
        let net = one(&[1, 2], |g, v| g.conv_transpose("up", v, enlarge(kernel.len(), stride, crop)));
        let net = with_weight(net, "up.weight", kernel);
        flat(&net.run(&Tensor::from_slice(&[1f32, 2.]).reshape([1, 1, 2]), false).unwrap())
    };
    assert_eq!(run(&[1., 10.], 2, Crop::Same), [1., 10., 2., 20.]);
    // In full: 1, 10, 102, 20, 200; one element is surplus.
    assert_eq!(run(&[1., 10., 100.], 2, Crop::Same), [1., 10., 102., 20.]);
    assert_eq!(run(&[1., 10., 100.], 2, Crop::Causal), [1., 10., 102., 20.]);
    // In full: 1, 12, 23, 34, 8 for the kernel 1, 10, 3, 4 (2 at stride 1: 2, 20, 6, 8).
    assert_eq!(run(&[1., 10., 3., 4.], 1, Crop::Same), [12., 23.]);
    assert_eq!(run(&[1., 10., 3., 4.], 1, Crop::Causal), [1., 12.]);
}

#[test]
fn padding_is_resolved_for_each_size() {
    let conv = Conv { stride: 2.into(), padding: SAME, ..Conv::new(1, 3) };
    let net = with_weight(one(&[1, 4], |g, v| g.conv("conv", v, conv)), "conv.weight", &[1., 10., 100.]);
    for _ in 0..2 {
        check(&net.run(&(ramp(&[1, 1, 4]) + 1), false).unwrap(), &[1, 1, 2], &[321., 43.]);
        check(&net.run(&(ramp(&[1, 1, 5]) + 1), false).unwrap(), &[1, 1, 3], &[210., 432., 54.]);
    }
}

#[test]
fn windows_differ_by_axis() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [1, 4, 6])?;
        let stride = [1, 2].into();
        let x = g.max_pool("pool", x, Pool { kernel: [2, 3].into(), stride, padding: SAME })?;
        g.output("y", x)
    });
    let found = net(graph.unwrap()).run(&ramp(&[1, 1, 4, 6]), false).unwrap();
    check(&found, &[1, 1, 4, 3], &[8., 10., 11., 14., 16., 17., 20., 22., 23., 20., 22., 23.]);
}
