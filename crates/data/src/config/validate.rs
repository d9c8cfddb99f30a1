//! Config validation: everything that can be checked before a file is read. Every error names the field.

use std::fmt::Display;

use graph::{FieldError, Shape};
use model::Task;

use super::{AddedNoise, Augment, ClassWeights, Config, Validation, WindowConfig};

/// Upper bound; a larger value is almost certainly a typo.
const MOST_THREADS: usize = 256;

impl Config {
    /// Checks everything that can be checked before a file is read, for a network with this input.
    ///
    /// # Errors
    /// Returns an error that names the first invalid field, relative to `data`, such as `augment.jitter`.
    pub fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        if !matches!(input.rank(), 1 | 2) || input.elements() == 0 {
            return Err(FieldError::expected("task", "a series or an image as the network's input", input));
        }
        if let Some(Validation::Share(share)) = self.validation
            && !(share > 0.0 && share < 1.0)
        {
            return Err(FieldError::expected("validation", "a share between 0 and 1", share));
        }
        if let Some(threads) = self.threads
            && !(1..=MOST_THREADS).contains(&threads)
        {
            return Err(FieldError::expected("threads", format!("1 to {MOST_THREADS}"), threads));
        }
        self.validate_classes()?;
        if let Some(window) = &self.window {
            window.validate(input).map_err(|error| error.within("window"))?;
        }
        if self.stitch.is_some() && input.rank() == 2 {
            return Err(FieldError::new("stitch", "supported only for series, but the input is an image"));
        }
        if let Some(noise) = &self.noise {
            if self.task != Task::Denoising {
                let message = "supported only for denoising; use `augment.jitter` for noise in training";
                return Err(FieldError::new("noise", message));
            }
            noise.validate(input).map_err(|error| error.within("noise"))?;
        }
        self.augment.validate(input).map_err(|error| error.within("augment"))
    }

    fn validate_classes(&self) -> Result<(), FieldError> {
        let has_classes = matches!(self.task, Task::Classification | Task::Segmentation);
        let unsupported = "supported only for classification and segmentation";
        if self.class_weights.is_some() && !has_classes {
            return Err(FieldError::new("class_weights", unsupported));
        }
        if let Some(ClassWeights::List(weights)) = &self.class_weights {
            for (i, weight) in weights.iter().enumerate() {
                not_negative("", f64::from(*weight))
                    .map_err(|error| error.at_index(i).within("class_weights"))?;
            }
        }
        let Some(classes) = &self.classes else { return Ok(()) };
        if !has_classes {
            return Err(FieldError::new("classes", unsupported));
        }
        if classes.is_empty() {
            return Err(FieldError::expected("classes", "at least one class", "an empty list"));
        }
        for (i, class) in classes.iter().enumerate() {
            if classes[..i].contains(class) {
                let message = format!("the class `{class}` appears twice");
                return Err(FieldError::new(format!("classes[{i}]"), message));
            }
        }
        Ok(())
    }
}

impl WindowConfig {
    fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        let [samples] = input.space[..] else {
            return Err(FieldError::new("", "supported only for series, but the input is an image"));
        };
        if self.length != samples {
            let expected = format!("{samples}, the length of the network's input");
            return Err(FieldError::expected("length", expected, self.length));
        }
        for (field, step) in [("step", self.step), ("evaluation_step", self.evaluation_step)] {
            if step == Some(0) {
                return Err(FieldError::expected(field, "at least 1", 0));
            }
        }
        Ok(())
    }
}

impl AddedNoise {
    fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        let [samples] = input.space[..] else {
            return Err(FieldError::new("", "supported only for series, but the input is an image"));
        };
        if !(-200.0..=200.0).contains(&self.snr) {
            return Err(FieldError::expected("snr", "-200 to 200 dB", self.snr));
        }
        not_negative("white", self.white)?;
        not_negative("wander", self.wander)?;
        if self.white + self.wander <= 0.0 {
            return Err(FieldError::new("", "expected a positive `white` or `wander`, found 0 for both"));
        }
        if self.wander <= 0.0 {
            return Ok(());
        }
        if samples < 2 {
            return Err(FieldError::expected("wander", "an input of at least 2 samples", samples));
        }
        let Some(rate) = self.sampling_rate else {
            return Err(FieldError::new(
                "sampling_rate",
                "missing; set it to the samples per second, which `wander` requires",
            ));
        };
        if !(rate.is_finite() && rate > 0.0) {
            return Err(FieldError::expected("sampling_rate", "a positive number", rate));
        }
        let [low, high] = self.wander_band;
        if !(low > 0.0 && low <= high && high <= rate / 2.0) {
            let expected = format!("a band above 0 and up to {} Hz", rate / 2.0);
            return Err(FieldError::expected("wander_band", expected, format!("{low} to {high} Hz")));
        }
        Ok(())
    }
}

impl Augment {
    fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        for (field, amount) in [("jitter", self.jitter), ("scale", self.scale), ("wander", self.wander)] {
            if let Some(amount) = amount {
                not_negative(field, amount)?;
            }
        }
        for (field, share) in [("channel_dropout", self.channel_dropout), ("mask", self.mask)] {
            if let Some(share) = share
                && !(0.0..1.0).contains(&share)
            {
                return Err(FieldError::expected(field, "a number in [0, 1)", share));
            }
        }
        self.validate_kind_of_input(input)?;
        let smallest = input.space.iter().copied().min().unwrap_or_default();
        if let Some(shift) = self.shift
            && shift >= smallest
        {
            return Err(FieldError::expected("shift", below("the size", smallest), shift));
        }
        if let Some(crop) = self.crop
            && crop >= smallest.div_ceil(2)
        {
            return Err(FieldError::expected("crop", below("half the size", smallest), crop));
        }
        Ok(())
    }

    /// Checks that no option for images is set for series, and vice versa.
    fn validate_kind_of_input(&self, input: &Shape) -> Result<(), FieldError> {
        let series_only = [
            ("channel_dropout", self.channel_dropout.is_some()),
            ("mask", self.mask.is_some()),
            ("wander", self.wander.is_some()),
        ];
        let images_only = [("flip", self.flip), ("crop", self.crop.is_some())];
        let (unsupported, message) = if input.rank() == 2 {
            (&series_only[..], "supported only for series, but the input is an image")
        } else {
            (&images_only[..], "supported only for images, but the input is a series")
        };
        for (field, is_set) in unsupported {
            if *is_set {
                return Err(FieldError::new(*field, message));
            }
        }
        if self.channel_dropout.is_some() && input.channels == 1 {
            return Err(FieldError::expected("channel_dropout", "an input of at least 2 channels", 1));
        }
        Ok(())
    }
}

fn not_negative(field: &str, value: f64) -> Result<(), FieldError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(FieldError::expected(field, "a finite, non-negative number", value))
}

fn below(what: &str, size: usize) -> impl Display {
    format!("less than {what} of the input, {size}")
}
