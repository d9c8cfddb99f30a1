//! Validation of augmentation.

use std::fmt::Display;

use graph::{FieldError, Shape};

use super::shown;
use crate::Augment;

/// Upper bound of amounts, in standard deviations of the signal; a larger amount would drown the signal.
const LARGEST_AMOUNT: f64 = 1000.0;

impl Augment {
    pub(super) fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        for (field, amount) in [("jitter", self.jitter), ("scale", self.scale), ("wander", self.wander)] {
            if let Some(amount) = amount {
                super::amount(field, amount, LARGEST_AMOUNT)?;
            }
        }
        for (field, share) in [("channel_dropout", self.channel_dropout), ("mask", self.mask)] {
            if let Some(share) = share
                && !(0.0..1.0).contains(&share)
            {
                return Err(FieldError::expected(field, "a number in [0, 1)", shown(share)));
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

    /// Checks that no option that is only for images is set for series, and vice versa.
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

fn below(what: &str, size: usize) -> impl Display {
    format!("less than {what} of the input, {size}")
}
