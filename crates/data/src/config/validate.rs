//! Config validation: everything that can be checked before a file is read. Every error names the field.

mod augment;
mod files;
mod noise;
mod reading;

use std::fmt::{Display, LowerExp};

use graph::{FieldError, LARGEST_EXTENT, Shape, quoted};
use model::Task;

use super::{ClassWeights, Config, Missing, Validation, WindowConfig};
use crate::classes;

/// Upper bound; a larger value is almost certainly a typo.
const MOST_THREADS: usize = 256;
/// Upper bound of a class weight. With larger ones, losses and gradients overflow f32.
const LARGEST_WEIGHT: f64 = 1e6;

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
            return Err(FieldError::expected("validation", "a share between 0 and 1", shown(share)));
        }
        self.validate_reading(input)?;
        self.validate_files()?;
        if let Some(threads) = self.threads
            && !(1..=MOST_THREADS).contains(&threads)
        {
            return Err(FieldError::expected("threads", format!("1 to {MOST_THREADS}"), threads));
        }
        self.validate_classes()?;
        if let Some(window) = &self.window {
            window.validate(input).map_err(|error| error.within("window"))?;
        }
        for (field, is_set) in [("stitch", self.stitch.is_some()), ("pad", self.pad.is_some())] {
            if is_set && input.rank() == 2 {
                return Err(FieldError::new(field, "supported only for series, but the input is an image"));
            }
        }
        if matches!(self.missing, Missing::Hold | Missing::Interpolate) && input.rank() == 2 {
            return Err(FieldError::expected(
                "missing",
                "`refuse`, `zero` or `mask` for images",
                "another setting",
            ));
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
        let has_classes = self.task.has_classes();
        let unsupported = "supported only for classification and segmentation";
        if self.class_weights.is_some() && !has_classes {
            return Err(FieldError::new("class_weights", unsupported));
        }
        if let Some(ClassWeights::List(weights)) = &self.class_weights {
            self.validate_weights(weights).map_err(|error| error.within("class_weights"))?;
        }
        let Some(classes) = &self.classes else { return Ok(()) };
        if !has_classes {
            return Err(FieldError::new("classes", unsupported));
        }
        if classes.0.is_empty() {
            return Err(FieldError::expected("classes", "at least one class", "an empty list"));
        }
        for (i, class) in classes.0.iter().enumerate() {
            if class.name.contains(char::is_control) {
                let error =
                    FieldError::expected("", "a name without control characters", quoted(&class.name));
                return Err(error.at_index(i).within("classes"));
            }
        }
        let labels: Vec<String> = classes.0.iter().map(|class| class.label.clone()).collect();
        classes::check(&labels).map_err(|error| error.within("classes"))
    }

    /// Checks the weights of the classes, as far as the classes are known.
    fn validate_weights(&self, weights: &[f32]) -> Result<(), FieldError> {
        for (i, weight) in weights.iter().enumerate() {
            amount("", *weight, LARGEST_WEIGHT).map_err(|error| error.at_index(i))?;
        }
        if weights.iter().all(|weight| *weight <= 0.0) {
            return Err(FieldError::expected("", "at least one positive weight", "none"));
        }
        match &self.classes {
            Some(classes) if classes.names().len() != weights.len() => {
                let expected = format!("{} weights, one per class", classes.names().len());
                Err(FieldError::expected("", expected, weights.len()))
            }
            Some(_) | None => Ok(()),
        }
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
            match step {
                Some(0) => return Err(FieldError::expected(field, "at least 1", 0)),
                Some(step) if step > LARGEST_EXTENT => {
                    return Err(FieldError::expected(field, format!("at most {LARGEST_EXTENT}"), step));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

/// Checks that an amount is a number from 0 to `most`.
fn amount<T: Copy + Into<f64> + Display + LowerExp>(
    field: &str,
    value: T,
    most: f64,
) -> Result<(), FieldError> {
    let number: f64 = value.into();
    if !(number.is_finite() && number >= 0.0) {
        return Err(FieldError::expected(field, "a finite, non-negative number", shown(value)));
    }
    if number > most {
        return Err(FieldError::expected(field, format!("at most {}", shown(most)), shown(value)));
    }
    Ok(())
}

/// Formats a number for messages, without hundreds of zeros.
fn shown<T: Copy + Into<f64> + Display + LowerExp>(value: T) -> String {
    let number: f64 = value.into();
    if !number.is_finite() || number.abs() <= 0.0 || (1e-5..1e16).contains(&number.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}
