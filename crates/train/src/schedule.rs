//! The learning rate of each step.

use std::f64::consts::PI;

use crate::{Config, ScheduleConfig};

/// Share of the steps of a one-cycle schedule in which the rate rises.
const UP: f64 = 0.3;
/// Peak rate of a one-cycle schedule divided by its first rate.
const START: f64 = 25.0;
/// First rate of a one-cycle schedule divided by its last.
const END: f64 = 1e4;

/// The learning rate of step `step` (from 0) of an epoch's `per_epoch` steps.
pub(crate) fn rate(config: &Config, step: u64, per_epoch: u64) -> f64 {
    let total = config.epochs as f64 * per_epoch as f64;
    let warmup = config.warmup * per_epoch as f64;
    let step = step as f64;
    if step < warmup {
        return config.learning_rate * (step + 1.0) / (warmup + 1.0);
    }
    let progress = (step - warmup) / (total - warmup).max(1.0);
    let factor = match config.schedule {
        ScheduleConfig::Constant => 1.0,
        ScheduleConfig::Step(decay) => {
            let epoch = (step / per_epoch as f64).floor();
            decay.factor.powf((epoch / decay.epochs as f64).floor())
        }
        ScheduleConfig::Cosine => cosine(1.0, 0.0, progress),
        ScheduleConfig::OneCycle if progress < UP => cosine(1.0 / START, 1.0, progress / UP),
        ScheduleConfig::OneCycle => cosine(1.0, 1.0 / (START * END), (progress - UP) / (1.0 - UP)),
    };
    config.learning_rate * factor
}

/// Half a cosine from one number to another.
fn cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) * 0.5 * (1.0 + (PI * progress.clamp(0.0, 1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StepDecay;

    /// 10 epochs of 10 steps at a rate of 1.
    fn rates(config: &Config, steps: &[u64]) -> Vec<f64> {
        let config = Config { epochs: 10, learning_rate: 1.0, ..config.clone() };
        steps.iter().map(|step| (rate(&config, *step, 10) * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn rates_over_100_steps() {
        let with = |schedule| Config { schedule, ..Config::default() };
        assert_eq!(rates(&with(ScheduleConfig::Constant), &[0, 50, 99]), [1.0, 1.0, 1.0]);
        let step = ScheduleConfig::Step(StepDecay { epochs: 4, factor: 0.5 });
        assert_eq!(rates(&with(step), &[0, 39, 40, 79, 80, 99]), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!(rates(&with(ScheduleConfig::Cosine), &[0, 50, 100]), [1.0, 0.5, 0.0]);
        assert_eq!(
            rates(&with(ScheduleConfig::OneCycle), &[0, 30, 65, 100]),
            [0.04, 1.0, 0.500002, 0.000004]
        );
        let warm = Config { warmup: 2.0, ..with(ScheduleConfig::Constant) };
        assert_eq!(rates(&warm, &[0, 9, 19, 20]), [0.047619, 0.47619, 0.952381, 1.0]);
    }
}
