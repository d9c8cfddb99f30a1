//! The best classical filter for a denoising task, to stand beside a network in a report.
//!
//! A band-pass filter has no knowledge of the signal but its spectrum; what a network gains beyond it
//! is what it has learnt.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use crate::number::single;
use crate::{DataError, ExampleTarget, Examples, Order};

/// Orders that are tried.
const ORDERS: [u32; 4] = [1, 2, 3, 4];
/// Windows that the coarse grid is tried on; the fine one is on all.
const COARSE: usize = 128;

/// A zero-phase band-pass filter: the magnitude of a Butterworth filter run forwards and backwards, over
/// the window continued by its own reflection through its end points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandPass {
    /// Samples per second.
    pub rate: f64,
    /// Lower cut-off in hertz, where the gain is one half; 0 for none.
    pub low: f64,
    /// Upper cut-off in hertz; infinite for none.
    pub high: f64,
    /// Order of the Butterworth filter.
    pub order: u32,
    /// Mean gain in decibels over the windows that it was fitted on.
    pub gain_db: f64,
}

/// The filter with the best mean gain over the windows of a denoising part, in order: cut-offs half an
/// octave apart and orders 1 to 4, then cut-offs an eighth of an octave apart about the best.
///
/// # Errors
/// Examples without a clean signal of the input's shape, or that cannot be read; a `rate` that is none.
pub fn fit(examples: &Examples, rate: f64) -> Result<BandPass, DataError> {
    if !(rate.is_finite() && rate > 0.0) {
        return Err(DataError::new("rate", format!("{rate}; a finite number above 0 is needed")));
    }
    let windows = windows(examples)?;
    let length = windows.first().map_or(0, |window| window.clean.len());
    let band = Band::new(length);
    let spectra: Vec<_> = windows.iter().map(|window| band.spectrum(&window.noisy)).collect();
    let mut best = BandPass { rate, low: 0.0, high: f64::INFINITY, order: 1, gain_db: 0.0 };
    let attempt = |best: &mut BandPass, step: usize, [low, high]: [f64; 2], order| {
        if low >= high {
            return;
        }
        let tried = BandPass { low, high, order, ..*best };
        let response = band.response(&tried);
        let gains = windows.iter().zip(&spectra).step_by(step).filter_map(|(window, spectrum)| {
            let denoised = band.filtered(spectrum, &response);
            Some(gain_db(&window.noisy, &window.clean, &denoised)).filter(|gain| gain.is_finite())
        });
        let (sum, count) = gains.fold((0.0, 0usize), |(sum, count), gain| (sum + gain, count + 1));
        let gain_db = sum / count.max(1) as f64;
        if gain_db > best.gain_db {
            *best = BandPass { gain_db, ..tried };
        }
    };
    // From a quarter of a period in the window up to half the rate.
    let slowest = rate / length.max(1) as f64 / 4.0;
    let count = (0..).take_while(|&k| slowest * 2f64.powf(f64::from(k) / 2.0) < rate / 2.0).count();
    let cuts: Vec<f64> = (0..count).map(|k| slowest * 2f64.powf(k as f64 / 2.0)).collect();
    let (lows, highs) = ([&[0.0], &cuts[..]].concat(), [&cuts[..], &[f64::INFINITY]].concat());
    for order in ORDERS {
        for low in &lows {
            highs
                .iter()
                .for_each(|high| attempt(&mut best, windows.len().div_ceil(COARSE), [*low, *high], order));
        }
    }
    let coarse = BandPass { gain_db: 0.0, ..best };
    best = coarse;
    let near = |cut: f64| (-3..=3).map(move |k| cut * 2f64.powf(f64::from(k) / 8.0));
    for low in near(coarse.low) {
        near(coarse.high).for_each(|high| attempt(&mut best, 1, [low, high], coarse.order));
    }
    Ok(best)
}

impl BandPass {
    /// The filtered samples of one channel.
    pub fn apply(&self, samples: &[f32]) -> Vec<f32> {
        if samples.is_empty() {
            return Vec::new();
        }
        let band = Band::new(samples.len());
        let spectrum = band.spectrum(samples);
        let response = band.response(self);
        band.filtered(&spectrum, &response)
    }

    /// Gain at a frequency in hertz.
    pub fn response(&self, frequency: f64) -> f64 {
        let power = 2.0 * f64::from(self.order);
        let below = if self.low > 0.0 { 1.0 / (1.0 + (self.low / frequency).powf(power)) } else { 1.0 };
        below / (1.0 + (frequency / self.high).powf(power))
    }
}

/// How much nearer to `clean` a signal has become, in decibels: the power of what was wrong before
/// over that of what is wrong now.
///
/// ```
/// let gain = data::filter::gain_db(&[1.0, -1.0], &[0.0, 0.0], &[0.1, -0.1]);
/// assert!((gain - 20.0).abs() < 1e-5);
/// ```
pub fn gain_db(noisy: &[f32], clean: &[f32], denoised: &[f32]) -> f64 {
    let wrong = |signal: &[f32]| -> f64 {
        signal.iter().zip(clean).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
    };
    10.0 * (wrong(noisy) / wrong(denoised)).log10()
}

/// One channel of one window.
struct Row {
    noisy: Vec<f32>,
    clean: Vec<f32>,
}

fn windows(examples: &Examples) -> Result<Vec<Row>, DataError> {
    let mut rows = Vec::new();
    for index in 0..examples.len() {
        let example = examples.example(index, Order::InOrder)?;
        let clean = match &example.target {
            ExampleTarget::Values(clean)
                if clean.shape() == example.input.shape() && clean.shape().len() == 2 =>
            {
                clean
            }
            ExampleTarget::Class(_) | ExampleTarget::Positions(_) | ExampleTarget::Values(_) => {
                let message = "no clean series to compare with; the task must be denoising of series";
                return Err(DataError::new(example.origin, message));
            }
        };
        let samples = example.input.shape()[1].max(1);
        let pairs = example.input.data().chunks(samples).zip(clean.data().chunks(samples));
        rows.extend(pairs.map(|(noisy, clean)| Row { noisy: noisy.to_vec(), clean: clean.to_vec() }));
    }
    Ok(rows)
}

type Spectrum = Vec<realfft::num_complex::Complex<f64>>;

/// Transforms of windows of one length, continued by half of it at both ends.
struct Band {
    length: usize,
    margin: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl Band {
    fn new(length: usize) -> Self {
        let margin = length / 2;
        let mut planner = RealFftPlanner::new();
        let size = (length + 2 * margin).max(1);
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        Self { length, margin, forward, inverse }
    }

    fn spectrum(&self, samples: &[f32]) -> Spectrum {
        let at = |i: usize| f64::from(samples[i]);
        let last = self.length - 1;
        let before = (1..=self.margin).rev().map(|i| 2.0 * at(0) - at(i.min(last)));
        let after = (1..=self.margin).map(|i| 2.0 * at(last) - at(last.saturating_sub(i)));
        let mut padded: Vec<f64> = before.chain((0..self.length).map(at)).chain(after).collect();
        let mut spectrum = self.forward.make_output_vec();
        let done = self.forward.process(&mut padded, &mut spectrum);
        done.expect("both vectors have the transform's lengths");
        spectrum
    }

    /// The filter's gain at each frequency of a spectrum.
    fn response(&self, filter: &BandPass) -> Vec<f64> {
        let size = self.forward.len();
        let frequency = |k: usize| filter.rate * k as f64 / size as f64;
        (0..=size / 2).map(|k| filter.response(frequency(k)) / size as f64).collect()
    }

    fn filtered(&self, spectrum: &Spectrum, response: &[f64]) -> Vec<f32> {
        let mut spectrum: Spectrum =
            spectrum.iter().zip(response).map(|(value, gain)| value * gain).collect();
        let mut padded = self.inverse.make_output_vec();
        let done = self.inverse.process(&mut spectrum, &mut padded);
        done.expect("a spectrum of real samples, of the transform's length");
        padded[self.margin..][..self.length].iter().map(|&value| single(value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands() {
        let filter = BandPass { rate: 200.0, low: 1.0, high: 20.0, order: 2, gain_db: 0.0 };
        for (frequency, gain) in [(0.0, 0.0), (1.0, 0.5), (4.5, 0.99), (20.0, 0.5), (100.0, 0.0)] {
            assert!((filter.response(frequency) - gain).abs() < 0.01, "{frequency}");
        }
        let all = BandPass { low: 0.0, high: f64::INFINITY, ..filter };
        let samples: Vec<f32> = (0..301).map(|i| (i % 17) as f32).collect();
        assert!(all.apply(&samples).iter().zip(&samples).all(|(a, b)| (a - b).abs() < 1e-4));
        assert_eq!((filter.apply(&[]).len(), filter.apply(&[3.0]).len()), (0, 1));
        // A slow ramp under a tone in the band: the tone is left, where it was.
        let tone = |i: usize| (i as f64 / 200.0 * 5.0 * std::f64::consts::TAU).sin();
        let ramp: Vec<f32> = (0..400).map(|i| single(tone(i) + i as f64 / 100.0)).collect();
        let found = filter.apply(&ramp);
        assert!((100..300).all(|i| (f64::from(found[i]) - tone(i)).abs() < 0.05));
    }
}
