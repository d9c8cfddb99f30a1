//! Weights under other packages' names and layouts.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::{Layout, Rename, RenameError, Rows, from_native, to_native};
use graph::{Array, Weights};

fn counted(shape: &[usize]) -> Array {
    let mut next = 0.0;
    Array::from_fn(shape, |_| {
        next += 1.0;
        next
    })
}

fn one(layout: Layout, theirs: &[usize], ours: &[usize]) -> Result<Weights, RenameError> {
    let mut weights = Weights::default();
    weights.insert("theirs", counted(theirs));
    let rename = Rename { theirs: "theirs".into(), ours: "ours".into(), layout };
    to_native(weights, &[rename], |_| Some(ours.to_vec()))
}

/// The permutations of the Keras layouts: HWIO to OIHW is `permute(3, 2, 0, 1)`, HWCM with one
/// multiplier `permute(2, 3, 0, 1)`, dense a transpose.
#[test]
fn keras_layouts_are_permuted() {
    let (h, w, i, o) = (2, 3, 4, 5);
    let hwio = |a: usize, b: usize, c: usize, d: usize| (((a * w + b) * i + c) * o + d + 1) as f32;
    let renamed = one(Layout::Convolution(Rows::Ours), &[h, w, i, o], &[o, i, h, w]).unwrap();
    let expected: Vec<f32> =
        (0..o * i * h * w).map(|n| hwio(n / w % h, n % w, n / (h * w) % i, n / (h * w * i))).collect();
    assert_eq!(renamed.get("ours").unwrap().data(), expected);

    let renamed = one(Layout::Depthwise(Rows::Ours), &[2, 2, 3, 1], &[3, 1, 2, 2]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [1., 4., 7., 10., 2., 5., 8., 11., 3., 6., 9., 12.]);

    let renamed = one(Layout::Dense, &[2, 3], &[3, 2]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [1., 4., 2., 5., 3., 6.]);

    // At each position of a series.
    let renamed = one(Layout::Dense, &[2, 3], &[3, 2, 1]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [1., 4., 2., 5., 3., 6.]);

    let renamed = one(Layout::Convolution(Rows::Ours), &[3, 1, 2], &[2, 1, 3]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [1., 3., 5., 2., 4., 6.]);

    let renamed = one(Layout::Reshaped, &[1, 4], &[4]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [1., 2., 3., 4.]);
}

#[test]
fn of_a_series_run_as_an_image_the_row_that_meets_data_is_taken() {
    let rows = Rows::Image { row: 1, of: 3 };
    let renamed = one(Layout::Depthwise(rows), &[3, 2, 2, 1], &[2, 1, 2]).unwrap();
    assert_eq!(renamed.get("ours").unwrap().data(), [5., 7., 6., 8.]);
}

#[test]
fn there_and_back_is_the_same() {
    for (layout, ours) in [
        (Layout::Convolution(Rows::Ours), vec![4, 3, 2, 5]),
        (Layout::Convolution(Rows::Image { row: 2, of: 5 }), vec![4, 3, 5]),
        (Layout::Depthwise(Rows::Ours), vec![4, 1, 3, 3]),
        (Layout::Depthwise(Rows::Image { row: 0, of: 1 }), vec![4, 1, 3]),
        (Layout::Dense, vec![4, 6]),
        (Layout::Same, vec![4, 6, 2]),
    ] {
        let renames = [Rename { theirs: "theirs".into(), ours: "ours".into(), layout }];
        let mut weights = Weights::default();
        weights.insert("ours", counted(&ours));
        weights.insert("other", counted(&[2]));
        let there = from_native(weights.clone(), &renames);
        assert!(there.get("theirs").is_some() && there.get("ours").is_none(), "{layout:?}");
        let back = to_native(there, &renames, |_| Some(ours.clone())).unwrap();
        assert_eq!(back, weights, "{layout:?}");
    }
}

#[test]
fn a_tensor_of_another_shape_is_named() {
    let error = one(Layout::Dense, &[2, 3], &[2, 3]).unwrap_err();
    assert_eq!(error.to_string(), "`theirs`: expected shape [3, 2] for `ours`, found [2, 3]");
}
