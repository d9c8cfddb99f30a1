//! libtorch computes what the reference interpreter computes, merged or not, on random graphs
//! that cover every operation × padding × rank × (stride, dilation, groups).

use torch::Net;
use torch::tch::{Device, nn};

#[test]
fn libtorch_agrees_with_the_reference() {
    // More threads only cost time on values this small.
    torch::tch::set_num_threads(1);
    let coverage = graph::testing::agreement(&mut |graph, weights| {
        let net = Net::with_weights(&nn::VarStore::new(Device::Cpu).root(), graph.clone(), weights);
        Ok(Box::new(net.map_err(|error| graph::ForwardError::Interpreter(Box::new(error)))?))
    });
    println!("{coverage}");
}
