//! The gradients of a step: batches forward and backward, on this rank's shares of them.

use data::{MessageReader, MessageWriter};
use torch::tch::Tensor;

use super::Trainer;
use crate::TrainError;
use crate::communicator::agree_with;
use crate::loss::{loss, weight_of};
use crate::tensors::Pair;

impl Trainer {
    /// Runs the batches of a step forward and backward. Returns their mean loss and the number that the sum of all
    /// gradients is to be divided by, at least 1.
    pub(super) fn accumulate_gradients(&mut self) -> Result<(f64, u32), TrainError> {
        let (mut losses, mut batches) = (0.0, 0u32);
        for _ in 0..self.config.accumulation_steps {
            let Some(batch) = self.batches.as_mut().and_then(Iterator::next) else { break };
            let pair =
                batch.map_err(TrainError::from).and_then(|batch| Ok(Pair::new(&batch, self.net.device())?));
            let (pair, factor) = self.shared(pair)?;
            losses += if self.config.sync_norm && self.communicator.size() > 1 {
                self.pass_synced(&pair, factor)?
            } else {
                self.pass(&pair, factor)?
            };
            batches += 1;
        }
        let ranks = u32::try_from(self.communicator.size()).unwrap_or(u32::MAX);
        let passes = batches.max(1).saturating_mul(ranks);
        Ok((self.sum_of_losses(losses) / f64::from(passes), passes))
    }

    /// Runs a batch forward and backward. Returns its loss.
    fn pass(&self, pair: &Pair, factor: f64) -> Result<f64, TrainError> {
        let outputs = self.net.run(&pair.input, true)?;
        let loss = self.scaled_loss(&outputs, pair, factor)?;
        loss.f_backward()?;
        Ok(loss.f_double_value(&[])?)
    }

    /// As [`Self::pass`], with batch norms over the shares of all ranks.
    fn pass_synced(&self, pair: &Pair, factor: f64) -> Result<f64, TrainError> {
        let mut gather = |values: &[f32]| {
            let mut message = MessageWriter::default();
            message.singles(values);
            let gathered = self.communicator.gather(&message.into_bytes());
            let values = |bytes: &Vec<u8>| MessageReader::new(bytes).singles().unwrap_or_default();
            gathered.iter().map(values).collect()
        };
        let pass = self.net.run_synced(&pair.input, &mut gather)?;
        let loss = self.scaled_loss(pass.output(), pair, factor)?;
        loss.f_backward()?;
        pass.backward(&mut gather)?;
        Ok(loss.f_double_value(&[])?)
    }

    fn scaled_loss(&self, outputs: &Tensor, pair: &Pair, factor: f64) -> Result<Tensor, TrainError> {
        let loss = loss(outputs, &pair.target, self.class_weights.as_ref(), self.loss)?;
        let is_one = (factor - 1.0).abs() <= 0.0;
        Ok(if is_one { loss } else { loss.f_mul_scalar(factor)? })
    }

    /// This rank's share of a batch, and the factor of its mean loss that makes the mean over all ranks that of the
    /// batch: the weight of the share's known targets, relative to the mean weight of the shares.
    fn shared(&self, pair: Result<Pair, TrainError>) -> Result<(Pair, f64), TrainError> {
        if self.communicator.size() == 1 {
            return Ok((pair?, 1.0));
        }
        let weighed = pair.and_then(|pair| {
            let weight = weight_of(&pair.target, self.class_weights.as_ref())?;
            Ok((pair, weight))
        });
        let (pair, weight) = match weighed {
            Ok((pair, weight)) => (Ok(pair), Ok(weight.to_le_bytes().to_vec())),
            Err(error) => (Err(()), Err(error)),
        };
        let weights = numbers(&agree_with(self.communicator.as_ref(), weight)?);
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let own = weights[self.communicator.rank()];
        let factor = if mean > 0.0 { own / mean } else { 1.0 };
        Ok((pair.expect("a rank without a pair has an error"), factor))
    }

    /// The sum over all ranks.
    fn sum_of_losses(&self, losses: f64) -> f64 {
        numbers(&self.communicator.gather(&losses.to_le_bytes())).iter().sum()
    }
}

/// The number of each rank.
fn numbers(gathered: &[Vec<u8>]) -> Vec<f64> {
    let number = |bytes: &Vec<u8>| bytes.as_slice().try_into().map_or(f64::NAN, f64::from_le_bytes);
    gathered.iter().map(number).collect()
}
