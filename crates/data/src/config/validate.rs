//! What a config's numbers must be, before any file is read.

use graph::{BuildError, ErrorKind, Shape};

use super::{AddedNoise, Augment, ClassWeights, Config, Held, Window};
use crate::Task;

/// More threads than any machine has use for.
const MOST_THREADS: usize = 256;

impl Config {
    /// Checks what can be known before a file is read, for a network of this input.
    ///
    /// # Errors
    /// Names the field below `data`, such as `augment.jitter`.
    pub fn validate(&self, input: &Shape) -> Result<(), BuildError> {
        if !matches!(input.rank(), 1 | 2) || input.elements() == 0 {
            return Err(refused("task", format!("an input of {input}; a series or an image is needed")));
        }
        if let Some(Held::Share(share)) = self.validation.as_ref().filter(|held| !is_share(held)) {
            return Err(refused("validation", format!("{share}; a share above 0 and below 1 is needed")));
        }
        if self.threads.is_some_and(|threads| !(1..=MOST_THREADS).contains(&threads)) {
            let threads = self.threads.unwrap_or_default();
            return Err(refused("threads", format!("{threads}; 1 to {MOST_THREADS} are supported")));
        }
        self.labels()?;
        if let Some(window) = &self.window {
            window.validate(input)?;
        }
        if let (Some(_), 2) = (&self.stitch, input.rank()) {
            return Err(refused("stitch", "the input is an image; only series can be laid end to end"));
        }
        if let Some(noise) = &self.noise {
            if self.task != Task::Denoising {
                return Err(refused(
                    "noise",
                    "the task is not denoising; noise in training is `augment.jitter`",
                ));
            }
            noise.validate(input)?;
        }
        self.augment.validate(input)
    }

    fn labels(&self) -> Result<(), BuildError> {
        let has_classes = matches!(self.task, Task::Classification | Task::Segmentation);
        if self.class_weights.is_some() && !has_classes {
            return Err(refused("class_weights", "the task has no classes"));
        }
        if let Some(ClassWeights::List(weights)) = &self.class_weights
            && let Some(i) = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0))
        {
            let message = format!("{}; a finite number from 0 is needed", weights[i]);
            return Err(refused(format!("class_weights[{i}]"), message));
        }
        let Some(classes) = &self.classes else { return Ok(()) };
        if !has_classes {
            return Err(refused("classes", "the task has no classes"));
        }
        if classes.is_empty() {
            return Err(refused("classes", "the list is empty; at least one class is needed"));
        }
        match (1..classes.len()).find(|&i| classes[..i].contains(&classes[i])) {
            Some(i) => Err(refused(format!("classes[{i}]"), format!("`{}` is there twice", classes[i]))),
            None => Ok(()),
        }
    }
}

impl Window {
    fn validate(&self, input: &Shape) -> Result<(), BuildError> {
        let [samples] = input.space[..] else {
            return Err(refused("window", "the input is an image; only series are cut into windows"));
        };
        if self.length != samples {
            let message = format!("{}; the network's input has {samples} samples", self.length);
            return Err(refused("window.length", message));
        }
        for (field, step) in [("step", self.step), ("evaluation_step", self.evaluation_step)] {
            if step == Some(0) {
                return Err(refused(format!("window.{field}"), "0; at least 1 is needed"));
            }
        }
        Ok(())
    }
}

impl AddedNoise {
    fn validate(&self, input: &Shape) -> Result<(), BuildError> {
        let [samples] = input.space[..] else {
            return Err(refused("noise", "the input is an image; noise is added to series only"));
        };
        if !(-200.0..=200.0).contains(&self.snr) {
            return Err(refused("noise.snr", format!("{}; -200 to 200 dB are supported", self.snr)));
        }
        for (field, part) in [("white", self.white), ("wander", self.wander)] {
            if !(part.is_finite() && part >= 0.0) {
                return Err(refused(
                    format!("noise.{field}"),
                    format!("{part}; a finite number from 0 is needed"),
                ));
            }
        }
        if self.white + self.wander <= 0.0 {
            return Err(refused("noise", "white and wander are both 0; at least one must be above"));
        }
        if self.wander <= 0.0 {
            return Ok(());
        }
        if samples < 2 {
            return Err(refused("noise.wander", "the input has 1 sample; wander needs at least 2"));
        }
        let Some(rate) = self.rate else {
            return Err(refused("noise.rate", "missing; wander needs the number of samples per second"));
        };
        if !(rate.is_finite() && rate > 0.0) {
            return Err(refused("noise.rate", format!("{rate}; a finite number above 0 is needed")));
        }
        let [low, high] = self.wander_band;
        if !(low > 0.0 && low <= high && high <= rate / 2.0) {
            let message = format!("{low} to {high} Hz; a band above 0 and up to {} Hz is needed", rate / 2.0);
            return Err(refused("noise.wander_band", message));
        }
        Ok(())
    }
}

impl Augment {
    fn validate(&self, input: &Shape) -> Result<(), BuildError> {
        let amounts = [("jitter", self.jitter), ("scale", self.scale), ("wander", self.wander)];
        for (field, amount) in amounts {
            if let Some(amount) = amount.filter(|amount| !(amount.is_finite() && *amount >= 0.0)) {
                let message = format!("{amount}; a finite number from 0 is needed");
                return Err(refused(format!("augment.{field}"), message));
            }
        }
        for (field, share) in [("channel_dropout", self.channel_dropout), ("mask", self.mask)] {
            if let Some(share) = share.filter(|share| !(0.0..1.0).contains(share)) {
                let message = format!("{share}; 0 to below 1 is needed");
                return Err(refused(format!("augment.{field}"), message));
            }
        }
        let of_series = [
            ("channel_dropout", self.channel_dropout.is_some()),
            ("mask", self.mask.is_some()),
            ("wander", self.wander.is_some()),
        ];
        let of_images = [("flip", self.flip), ("crop", self.crop.is_some())];
        let (others, input_is, it_is_for) = match input.rank() {
            2 => (&of_series[..], "an image", "series"),
            _ => (&of_images[..], "a series", "images"),
        };
        if let Some((field, _)) = others.iter().find(|(_, set)| *set) {
            let message = format!("the input is {input_is}; it is for {it_is_for} only");
            return Err(refused(format!("augment.{field}"), message));
        }
        if self.channel_dropout.is_some() && input.channels == 1 {
            return Err(refused("augment.channel_dropout", "the input has 1 channel; at least 2 are needed"));
        }
        let smallest = input.space.iter().copied().min().unwrap_or_default();
        if let Some(shift) = self.shift.filter(|&shift| shift >= smallest) {
            let message = format!("{shift}; less than the input's {smallest} is needed");
            return Err(refused("augment.shift", message));
        }
        if let Some(crop) = self.crop.filter(|&crop| crop >= smallest.div_ceil(2)) {
            let message = format!("{crop}; less than half of the input's {smallest} is needed");
            return Err(refused("augment.crop", message));
        }
        Ok(())
    }
}

fn is_share(held: &Held) -> bool {
    match held {
        Held::Share(share) => *share > 0.0 && *share < 1.0,
        Held::Files(_) => true,
    }
}

fn refused(field: impl Into<String>, message: impl Into<String>) -> BuildError {
    BuildError::new(field, ErrorKind::Attribute, message)
}
