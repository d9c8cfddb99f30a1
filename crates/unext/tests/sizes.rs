//! Networks work for any input size.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::Weights;
use graph::reference::{Tensor, run};
use layers::{Pooling, Skip, Upsample};
use unext::{Config, PRESETS};

fn check(config: &Config, built: &[usize], sizes: &[&[usize]]) {
    let graph = unext::graph(config, graph::Shape::new(3, built)).unwrap();
    let weights = Weights::initial(&graph, 1);
    for &size in sizes {
        let shape = graph::Shape::new(3, size);
        let input = Tensor::noise("input", 2, shape.clone());
        let output = run(&graph, &weights, std::slice::from_ref(&input)).unwrap().remove(0);
        assert_eq!(output.shape.space, size);
        let rebuilt = unext::graph(config, shape).unwrap();
        assert_eq!(run(&rebuilt, &weights, &[input]).unwrap().remove(0), output, "{size:?}");
    }
}

#[test]
fn sizes_that_strides_do_not_divide() {
    let micro = Config::micro;
    let mut configs: Vec<Config> =
        PRESETS.iter().filter(|(name, _)| *name != "small").map(|(_, config)| config()).collect();
    configs.push(Config { pooling: Pooling::Stride, upsample: Upsample::Transposed, ..micro() });
    configs.push(Config { skip: Skip::Add, upsample: Upsample::Linear, ..micro() });
    let mut uneven = micro();
    uneven.blocks[1].stride = 3.into();
    uneven.blocks[2].skip = false;
    configs.push(uneven);
    for config in &configs {
        check(config, &[48], &[&[37], &[1], &[101]]);
        check(config, &[16, 16], &[&[13, 22], &[1, 5]]);
    }
}
