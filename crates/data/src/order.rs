//! The order of channels, columns and outputs: that of the first file, by their names.

use crate::error::expected;
use crate::{DataError, Description, Recording, Source, Target, Values};

/// For each list of names, where each value comes from in the recordings of a source. `None` if the order is
/// the same, or if there are no names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    channels: Option<Vec<usize>>,
    columns: Option<Vec<usize>>,
    outputs: Option<Vec<usize>>,
}

impl Orders {
    /// Returns the orders that bring the recordings of `source` into the order of `expected`. Names that only one of
    /// them has are not compared.
    ///
    /// # Errors
    /// If the names differ in more than their order.
    pub(crate) fn of(source: &dyn Source, expected: &Description) -> Result<Self, DataError> {
        let found = source.description();
        let order = |what: &str, expected: &[String], found: &[String]| {
            order(expected, found).map_err(|()| refused(source, what, expected, found))
        };
        Ok(Self {
            channels: order("channels", &expected.channels, &found.channels)?,
            columns: order("columns", &expected.columns, &found.columns)?,
            outputs: order("outputs", &expected.outputs, &found.outputs)?,
        })
    }

    /// Returns whether nothing changes.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Returns whether reordering a part of a recording takes the whole recording.
    pub(crate) fn needs_whole(&self) -> bool {
        self.columns.is_some()
    }

    pub(crate) fn apply(&self, mut recording: Recording) -> Result<Recording, DataError> {
        if let Some(order) = &self.columns {
            if recording.input.data().len() != order.len() {
                let message =
                    expected(format!("{} values, one per column", order.len()), recording.input.data().len());
                return Err(DataError::new(&recording.origin, message));
            }
            let values = recording.input.data();
            recording.input = Values::from_fn(recording.input.shape(), |i| values[order[i]]);
        }
        if let Some(order) = &self.channels {
            recording.input = rows(&recording.input, order);
        }
        if let Some(order) = &self.outputs {
            recording.target = match recording.target {
                Target::Numbers(numbers) if numbers.len() == order.len() => {
                    Target::Numbers(order.iter().map(|place| numbers[*place]).collect())
                }
                Target::Signal(signal) => Target::Signal(rows(&signal, order)),
                other => other,
            };
        }
        Ok(recording)
    }
}

/// Returns the place of each expected name among those found, or `None` if they are in the same order or unknown.
fn order(expected: &[String], found: &[String]) -> Result<Option<Vec<usize>>, ()> {
    if expected.is_empty() || found.is_empty() || expected == found {
        return Ok(None);
    }
    if expected.len() != found.len() {
        return Err(());
    }
    let place = |name: &String| found.iter().position(|found| found == name).ok_or(());
    expected.iter().map(place).collect::<Result<_, _>>().map(Some)
}

fn refused(source: &dyn Source, what: &str, wanted: &[String], found: &[String]) -> DataError {
    let origin = match source.recording(0) {
        Ok(recording) => recording.origin,
        Err(error) => return error,
    };
    let [wanted, found] = [wanted, found].map(graph::listed);
    DataError::new(origin, expected(format!("the {what} {wanted} as in the first file"), found))
}

/// Returns the rows of `[C, …]` in another order.
fn rows(values: &Values, order: &[usize]) -> Values {
    let size = values.data().len() / order.len().max(1);
    Values::from_fn(values.shape(), |i| values.data()[order[i / size.max(1)] * size + i % size.max(1)])
}
