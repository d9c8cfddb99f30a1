//! Keras's kernels of series: which row meets data.

use dialects::{Keras, Layout, Rows};
use expect_test::expect;
use graph::{Conv, Extent, Padding};

fn rows(kernel: impl Into<Extent>, dilation: usize, padding: Padding) -> Result<(usize, usize), String> {
    let mut keras = Keras::new(1);
    let conv = Conv { dilation: dilation.into(), padding, ..Conv::new(4, kernel) };
    keras.depthwise("theirs", "ours", conv).map_err(|error| error.to_string())?;
    match keras.renames()[0].layout {
        Layout::Depthwise(Rows::Image { row, of }) => Ok((row, of)),
        other => Err(format!("{other:?}")),
    }
}

#[test]
fn the_row_that_meets_data() {
    assert_eq!(rows([1, 7], 1, Padding::Same), Ok((0, 1)));
    assert_eq!(rows(7, 1, Padding::Same), Ok((3, 7)));
    assert_eq!(rows(4, 1, Padding::Same), Ok((1, 4)));
    assert_eq!(rows(3, 4, Padding::Same), Ok((1, 3)));
    assert_eq!(rows(3, 1, Padding::both(1)), Ok((1, 3)));
    assert_eq!(rows([1, 5], 1, Padding::both([0, 2])), Ok((0, 1)));
    expect!["ours: no row of a kernel 2 with dilation 2 and same padding meets a series of height 1; use an odd kernel or no dilation"]
        .assert_eq(&rows(2, 2, Padding::Same).unwrap_err());
    expect!["ours: a kernel 3 with 2 padding changes the height of a series of height 1; use a padding that keeps it"]
        .assert_eq(&rows(3, 1, Padding::both(2)).unwrap_err());
    expect!["ours: expected a kernel of 1 to 1024 rows and a dilation of 1 to 16777216, found 0 and 1"]
        .assert_eq(&rows(0, 1, Padding::Same).unwrap_err());
}

#[test]
fn images_keep_their_kernels_and_norms_have_four_variables() {
    let mut keras = Keras::new(2);
    keras.conv("conv", "a.conv", Conv { bias: true, ..Conv::new(4, 3) }).unwrap();
    keras.batch_norm("bn", "a.bn");
    keras.position_norm("ln", "b.norm");
    keras.layer_norm("ln1", "b.norm1");
    keras.pointwise("pw", "b.pw", false);
    keras.dense("top", "fc");
    let renames = keras.renames();
    let lines: Vec<_> =
        renames.iter().map(|r| format!("{} = {} {:?}\n", r.theirs, r.ours, r.layout)).collect();
    expect![[r#"
        conv/kernel = a.conv.weight Convolution(Ours)
        conv/bias = a.conv.bias Same
        bn/gamma = a.bn.weight Same
        bn/beta = a.bn.bias Same
        bn/moving_mean = a.bn.running_mean Same
        bn/moving_variance = a.bn.running_var Same
        ln/gamma = b.norm.weight Reshaped
        ln/beta = b.norm.bias Reshaped
        ln1/gamma = b.norm1.weight Same
        ln1/beta = b.norm1.bias Same
        pw/kernel = b.pw.weight Convolution(Ours)
        top/kernel = fc.weight Dense
        top/bias = fc.bias Same
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_series_that_is_run_as_one_has_kernels_of_one_axis() {
    let mut keras = Keras::as_it_is();
    keras.conv("conv", "conv", Conv::new(4, 3)).unwrap();
    assert_eq!(keras.renames()[0].layout, Layout::Convolution(Rows::Ours));
}

#[test]
fn a_separable_convolution_of_keras_has_two_kernels_and_one_bias() {
    let mut keras = Keras::new(1);
    let conv = Conv { bias: true, ..Conv::new(4, [1, 5]) };
    keras.separable("D1.conv", "conv1", conv).unwrap();
    let row = Rows::Image { row: 0, of: 1 };
    let found: Vec<_> = keras.renames().into_iter().map(|r| (r.theirs, r.ours, r.layout)).collect();
    let needed = [
        ("D1.conv/depthwise_kernel", "conv1.depthwise.weight", Layout::Depthwise(row)),
        ("D1.conv/pointwise_kernel", "conv1.pointwise.weight", Layout::Convolution(row)),
        ("D1.conv/bias", "conv1.pointwise.bias", Layout::Same),
    ];
    assert_eq!(found, needed.map(|(theirs, ours, layout)| (theirs.to_owned(), ours.to_owned(), layout)));
}
