//! The batches of an evaluation that ranks compute and exchange.

use data::{MessageReader, MessageWriter, Targets};
use graph::Array;
use model::Task;

use crate::communicator::agree_with;
use crate::{Communicator, TrainError};

/// A batch that a network has been run on.
pub(super) struct Computed {
    pub(super) outputs: Array,
    pub(super) input: Array,
    pub(super) target: Targets,
}

/// Returns the batch of each rank that has one, in the order of the ranks.
pub(super) fn exchange(
    ranks: &dyn Communicator,
    task: Task,
    own: Result<Option<Computed>, TrainError>,
) -> Result<Vec<Computed>, TrainError> {
    if ranks.size() == 1 {
        return Ok(own?.into_iter().collect());
    }
    let bytes = own.map(|own| own.map_or(Vec::new(), |computed| computed.to_bytes(task)));
    let gathered = agree_with(ranks, bytes)?;
    let some = gathered.iter().filter(|bytes| !bytes.is_empty());
    Ok(some.map(|bytes| Computed::from_bytes(bytes).expect("as another rank wrote it")).collect())
}

impl Computed {
    fn to_bytes(&self, task: Task) -> Vec<u8> {
        let mut message = MessageWriter::default();
        add_array(&mut message, &self.outputs);
        // Only denoising compares the outputs with the inputs; otherwise, their number is enough.
        if task == Task::Denoising {
            add_array(&mut message, &self.input);
        } else {
            let count = self.input.shape().first().copied().unwrap_or(0);
            add_array(&mut message, &Array::from_fn([count, 1], |_| 0.0));
        }
        match &self.target {
            Targets::Classes(classes) => {
                message.bytes(b"classes");
                message.integers(classes);
            }
            Targets::Positions { shape, classes } => {
                message.bytes(b"positions");
                message.sizes(shape);
                message.integers(classes);
            }
            Targets::Labels(labels) => {
                message.bytes(b"labels");
                for labels in labels {
                    message.bytes(&labels.iter().map(|label| u8::from(*label)).collect::<Vec<u8>>());
                }
            }
            Targets::Values(values) => {
                message.bytes(b"values");
                add_array(&mut message, values);
            }
        }
        message.into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut message = MessageReader::new(bytes);
        let (outputs, input) = (array(&mut message)?, array(&mut message)?);
        let target = match message.bytes()? {
            b"classes" => Targets::Classes(message.integers()?),
            b"positions" => Targets::Positions { shape: message.sizes()?, classes: message.integers()? },
            b"labels" => {
                let mut labels = Vec::new();
                while !message.is_empty() {
                    labels.push(message.bytes()?.iter().map(|label| *label == 1).collect());
                }
                Targets::Labels(labels)
            }
            _ => Targets::Values(array(&mut message)?),
        };
        Some(Self { outputs, input, target })
    }
}

fn add_array(message: &mut MessageWriter, array: &Array) {
    message.sizes(array.shape());
    message.singles(array.data());
}

fn array(message: &mut MessageReader<'_>) -> Option<Array> {
    Array::new(message.sizes()?, message.singles()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_arrive_as_they_were_computed() {
        let array = |first: f32| Array::from_fn([2, 3], |i| first + i as f32);
        for target in [
            Targets::Classes(vec![-1, 2]),
            Targets::Positions { shape: vec![2, 1], classes: vec![0, -1] },
            Targets::Labels(vec![vec![true, false], vec![false, false]]),
            Targets::Values(array(0.5)),
        ] {
            for task in [Task::Denoising, Task::Regression] {
                let sent = Computed { outputs: array(1.0), input: array(7.0), target: target.clone() };
                let arrived = Computed::from_bytes(&sent.to_bytes(task)).unwrap();
                assert_eq!((&arrived.outputs, &arrived.target), (&sent.outputs, &target));
                assert_eq!(arrived.input.shape()[0], 2);
                assert_eq!(arrived.input == sent.input, task == Task::Denoising);
            }
        }
    }
}
