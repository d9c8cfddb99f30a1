//! The evaluation of ranks is, to the byte, that of one process.

use data::Task;
use torch::Net;
use torch::tch::{Device, nn};
use train::{Config, TaskInfo, evaluate_in_detail, evaluate_in_detail_on_ranks};

use crate::common::{data_config, graph, splits_of, turn, waves};
use crate::threads::on_ranks;

#[test]
fn batches_are_counted_in_order() {
    let _turn = turn();
    assert_eq!(data_config().task, Task::Classification);
    let splits = splits_of(&data_config(), waves(0..12), Some(waves(100..131)));
    let (examples, info) = (splits.validation.as_ref().unwrap(), TaskInfo::from(&splits));
    // Batches of 4, the last of 3 examples: 8 batches, for which 3 ranks need 3 rounds.
    let config = Config { batch_size: 4, ..Config::default() };
    let net = || Net::new(&nn::VarStore::new(Device::Cpu).root(), graph()).unwrap();
    let expected = evaluate_in_detail(&net(), examples, &info, &config).unwrap();
    for ranks in [2, 3, 9] {
        let found = on_ranks(ranks, |communicator| {
            evaluate_in_detail_on_ranks(communicator.as_ref(), &net(), examples, &info, &config).unwrap()
        });
        assert!(found.iter().all(|found| *found == expected), "{ranks} ranks");
    }
}
