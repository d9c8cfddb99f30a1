//! The best band-pass filter for a denoising task, a baseline for networks.
//!
//! A filter knows nothing of the signal except its spectrum.

use std::sync::Arc;

use data::{DataError, ExampleTarget, Examples, Order};
use graph::single;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// The orders to try.
const ORDERS: [u32; 4] = [1, 2, 3, 4];
/// Number of windows for the coarse search; the fine search uses all.
const COARSE: usize = 128;

/// A zero-phase band-pass filter: the magnitude of a Butterworth filter run forwards and backwards. The
/// window is extended by its point reflections at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BandPass {
    /// Samples per second.
    pub(crate) sampling_rate: f64,
    /// Lower cut-off in hertz, where the gain is one half; 0 for a low-pass filter.
    pub(crate) low: f64,
    /// Upper cut-off in hertz; infinite for a high-pass filter.
    pub(crate) high: f64,
    /// Order of the Butterworth filter.
    pub(crate) order: u32,
    /// Mean gain in decibels over the windows of the search.
    pub(crate) gain_db: f64,
}

/// Searches the filter with the best mean gain over the windows of denoising examples, in order: cut-offs
/// half an octave apart and orders 1 to 4, then cut-offs an eighth of an octave apart around the best.
///
/// # Errors
/// If an example has no clean series as target, or cannot be read.
pub(crate) fn search(examples: &Examples, sampling_rate: f64) -> Result<BandPass, DataError> {
    let search = Search::new(examples)?;
    let length = search.transform.length;
    let mut best = BandPass { sampling_rate, low: 0.0, high: f64::INFINITY, order: 1, gain_db: 0.0 };
    // From a quarter of a period per window up to half the sampling rate.
    let slowest = sampling_rate / length.max(1) as f64 / 4.0;
    let mut cuts = Vec::new();
    for k in 0.. {
        let cut = slowest * 2f64.powf(f64::from(k) / 2.0);
        if cut >= sampling_rate / 2.0 {
            break;
        }
        cuts.push(cut);
    }
    let (lows, highs) = ([&[0.0], &cuts[..]].concat(), [&cuts[..], &[f64::INFINITY]].concat());
    let step = search.windows.len().div_ceil(COARSE);
    for order in ORDERS {
        for &low in &lows {
            for &high in &highs {
                let filter = BandPass { low, high, order, ..best };
                search.attempt(&mut best, step, filter);
            }
        }
    }
    let coarse = BandPass { gain_db: 0.0, ..best };
    best = coarse;
    let near = |cut: f64| (-3..=3).map(move |k| cut * 2f64.powf(f64::from(k) / 8.0));
    for low in near(coarse.low) {
        for high in near(coarse.high) {
            search.attempt(&mut best, 1, BandPass { low, high, ..coarse });
        }
    }
    Ok(best)
}

/// The windows that filters are tried on.
struct Search {
    windows: Vec<Row>,
    transform: Transform,
    /// The spectrum of each noisy window.
    spectra: Vec<Spectrum>,
}

impl Search {
    fn new(examples: &Examples) -> Result<Self, DataError> {
        let windows = windows(examples)?;
        let transform = Transform::new(windows.first().map_or(0, |window| window.clean.len()));
        let spectra = windows.iter().map(|window| transform.spectrum(&window.noisy)).collect();
        Ok(Self { windows, transform, spectra })
    }

    /// Replaces `best` by `filter` if its mean gain over every `step`th window is larger.
    fn attempt(&self, best: &mut BandPass, step: usize, filter: BandPass) {
        if filter.low >= filter.high {
            return;
        }
        let response = self.transform.response(&filter);
        let (mut sum, mut count) = (0.0, 0usize);
        for (window, spectrum) in self.windows.iter().zip(&self.spectra).step_by(step) {
            let denoised = self.transform.filtered(spectrum, &response);
            let gain = gain_db(&window.noisy, &window.clean, &denoised);
            if gain.is_finite() {
                sum += gain;
                count += 1;
            }
        }
        let gain_db = sum / count.max(1) as f64;
        if gain_db > best.gain_db {
            *best = BandPass { gain_db, ..filter };
        }
    }
}

impl BandPass {
    /// Filters the samples of one channel.
    pub(crate) fn apply(&self, samples: &[f32]) -> Vec<f32> {
        if samples.is_empty() {
            return Vec::new();
        }
        let transform = Transform::new(samples.len());
        let spectrum = transform.spectrum(samples);
        let response = transform.response(self);
        transform.filtered(&spectrum, &response)
    }

    /// The gain at a frequency in hertz.
    fn response(&self, frequency: f64) -> f64 {
        let power = 2.0 * f64::from(self.order);
        let below = if self.low > 0.0 { 1.0 / (1.0 + (self.low / frequency).powf(power)) } else { 1.0 };
        below / (1.0 + (frequency / self.high).powf(power))
    }
}

/// The gain of denoising in decibels: the power of the error before over the power of the error after.
pub(crate) fn gain_db(noisy: &[f32], clean: &[f32], denoised: &[f32]) -> f64 {
    let error = |signal: &[f32]| -> f64 {
        signal.iter().zip(clean).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
    };
    10.0 * (error(noisy) / error(denoised)).log10()
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
            ExampleTarget::Class(_)
            | ExampleTarget::Positions(_)
            | ExampleTarget::Labels(_)
            | ExampleTarget::Values(_) => {
                let message = "expected a clean series as target, as in denoising of series";
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

/// The Fourier transform of windows of one length, extended by half of it at both ends.
struct Transform {
    length: usize,
    margin: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl Transform {
    fn new(length: usize) -> Self {
        let margin = length / 2;
        let mut planner = RealFftPlanner::new();
        let size = (length + 2 * margin).max(1);
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        Self { length, margin, forward, inverse }
    }

    fn spectrum(&self, samples: &[f32]) -> Spectrum {
        let sample = |i: usize| f64::from(samples[i]);
        let last = self.length - 1;
        let before = (1..=self.margin).rev().map(|i| 2.0 * sample(0) - sample(i.min(last)));
        let after = (1..=self.margin).map(|i| 2.0 * sample(last) - sample(last.saturating_sub(i)));
        let mut padded: Vec<f64> = before.chain((0..self.length).map(sample)).chain(after).collect();
        let mut spectrum = self.forward.make_output_vec();
        let done = self.forward.process(&mut padded, &mut spectrum);
        done.expect("both vectors have the transform's lengths");
        spectrum
    }

    /// The gain of a filter at each frequency of a spectrum.
    fn response(&self, filter: &BandPass) -> Vec<f64> {
        let size = self.forward.len();
        let frequency = |k: usize| filter.sampling_rate * k as f64 / size as f64;
        (0..=size / 2).map(|k| filter.response(frequency(k)) / size as f64).collect()
    }

    fn filtered(&self, spectrum: &Spectrum, response: &[f64]) -> Vec<f32> {
        let mut spectrum: Spectrum =
            spectrum.iter().zip(response).map(|(value, gain)| value * gain).collect();
        let mut padded = self.inverse.make_output_vec();
        let done = self.inverse.process(&mut spectrum, &mut padded);
        done.expect("a spectrum of real samples, of the length of the transform");
        padded[self.margin..][..self.length].iter().map(|&value| single(value)).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn bands() {
        let filter = BandPass { sampling_rate: 200.0, low: 1.0, high: 20.0, order: 2, gain_db: 0.0 };
        for (frequency, gain) in [(0.0, 0.0), (1.0, 0.5), (4.5, 0.99), (20.0, 0.5), (100.0, 0.0)] {
            assert!((filter.response(frequency) - gain).abs() < 0.01, "{frequency}");
        }
        let all = BandPass { low: 0.0, high: f64::INFINITY, ..filter };
        let samples: Vec<f32> = (0..301).map(|i| (i % 17) as f32).collect();
        assert!(all.apply(&samples).iter().zip(&samples).all(|(a, b)| (a - b).abs() < 1e-4));
        assert_eq!((filter.apply(&[]).len(), filter.apply(&[3.0]).len()), (0, 1));
        // Of a tone in the band on a slow ramp, the tone is left in place.
        let tone = |i: usize| (i as f64 / 200.0 * 5.0 * std::f64::consts::TAU).sin();
        let ramp: Vec<f32> = (0..400).map(|i| single(tone(i) + i as f64 / 100.0)).collect();
        let found = filter.apply(&ramp);
        assert!((100..300).all(|i| (f64::from(found[i]) - tone(i)).abs() < 0.05));
    }

    #[test]
    fn gains() {
        let gain = gain_db(&[1.0, -1.0], &[0.0, 0.0], &[0.1, -0.1]);
        assert!((gain - 20.0).abs() < 1e-5);
    }

    /// The gain of the best filter for the first four minutes of an ECG: 6.5 dB for windows with their
    /// means subtracted; only 2.3 dB otherwise, because the band below 1 Hz is then signal, too.
    #[test]
    fn ecg() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
        for (center, expected) in [(true, 6.5), (false, 2.3)] {
            let text = format!(
                "task: denoising
train: {{ file: ecg-mitbih-208-360hz.npy, from: 0, to: 86400 }}
test: {{ file: ecg-mitbih-208-360hz.npy, from: 86400, to: 108000 }}
window: {{ length: 720, step: 180 }}
noise: {{ snr: 0, white: 1, wander: 1, sampling_rate: 360, center: {center} }}
"
            );
            let config: data::Config = serde_yaml::from_str(&text).unwrap();
            let splits = config.open(&[1, 720].into(), &folder).unwrap();
            let filter = search(&splits.train, 360.0).unwrap();
            let test = splits.test.unwrap();
            let gains = (0..test.len()).map(|i| {
                let example = test.example(i, Order::InOrder).unwrap();
                let ExampleTarget::Values(clean) = example.target else {
                    panic!("the clean signal is the target")
                };
                gain_db(example.input.data(), clean.data(), &filter.apply(example.input.data()))
            });
            let gain = gains.sum::<f64>() / 30.0;
            assert!((gain - expected).abs() < 0.05, "{filter:?}: {gain} dB");
        }
    }
}
