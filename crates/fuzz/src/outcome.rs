//! The result of one case.

use std::fmt::Display;

/// The responses of the code under test to an input.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Whether at least one reader accepted the input.
    pub(crate) accepted: bool,
    /// The messages of the refusals.
    pub(crate) messages: Vec<String>,
    /// The violated properties, such as that a file that is written and read again is the same.
    pub(crate) wrong: Vec<String>,
    /// Number of times that the input was read. The limit of CPU time is for one of them.
    pub(crate) readings: u32,
}

impl Outcome {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn accept(&mut self) {
        self.accepted = true;
    }

    pub(crate) fn refuse(&mut self, error: impl Display) {
        self.messages.push(error.to_string());
    }

    /// Records a refusal, or marks the input as accepted and returns the value.
    pub(crate) fn result<T, E: Display>(&mut self, result: Result<T, E>) -> Option<T> {
        self.readings += 1;
        match result {
            Ok(value) => {
                self.accept();
                Some(value)
            }
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    /// Records a refusal; success does not mark the input as accepted.
    pub(crate) fn part<T, E: Display>(&mut self, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(error);
                None
            }
        }
    }

    /// Records a violated property unless it holds. `promise` is the same text for all inputs.
    pub(crate) fn require(&mut self, holds: bool, promise: &str) {
        if !holds {
            self.wrong.push(promise.to_owned());
        }
    }
}
