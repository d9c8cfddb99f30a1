//! A table whose rows are the samples of one series.

use csv::StringRecord;

use super::ColumnRoles;
use crate::read::names::Names;
use crate::read::{Request, Wanted, origin};
use crate::{DataError, Recording, Target, Values};

/// All rows as one recording, with one sample per row.
pub(super) struct Series {
    /// The values of each input column.
    inputs: Vec<Vec<f64>>,
    /// The values of each target column, unless the targets are classes.
    targets: Vec<Vec<f64>>,
    classes: Vec<Option<usize>>,
}

impl Series {
    pub(super) fn new(columns: &ColumnRoles) -> Self {
        Self {
            inputs: vec![Vec::new(); columns.inputs.len()],
            targets: vec![Vec::new(); columns.targets.len()],
            classes: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        request: &Request<'_>,
        columns: &ColumnRoles,
        names: &mut Names,
        row: u64,
        cells: &StringRecord,
    ) -> Result<(), DataError> {
        let charge = size_of::<f64>() * cells.len() + size_of::<Option<usize>>();
        request.budget.charge(charge).map_err(|message| request.refuse(message))?;
        for (values, &column) in self.inputs.iter_mut().zip(&columns.inputs) {
            values.push(request.cell(row, cells, column)?);
        }
        match request.wanted {
            Wanted::Classes => self.classes.push(request.class((row, cells), &columns.targets, names)?),
            Wanted::Numbers | Wanted::Signal => {
                for (values, &column) in self.targets.iter_mut().zip(&columns.targets) {
                    values.push(request.cell(row, cells, column)?);
                }
            }
            Wanted::Nothing | Wanted::Labels => {}
        }
        Ok(())
    }

    /// Returns the recording, or an empty list if there were no rows.
    pub(super) fn recording(self, request: &Request<'_>) -> Vec<Recording> {
        let target = match request.wanted {
            Wanted::Classes => Some(Target::Positions(self.classes)),
            Wanted::Numbers | Wanted::Signal => series(&self.targets).map(Target::Signal),
            Wanted::Nothing | Wanted::Labels => Some(Target::None),
        };
        match (series(&self.inputs), target) {
            (Some(input), Some(target)) if !input.data().is_empty() => {
                vec![Recording::new(origin(request.path), input, target)]
            }
            _ => Vec::new(),
        }
    }
}

/// Returns columns of equal length as an array, `[C, T]`.
fn series(columns: &[Vec<f64>]) -> Option<Values> {
    let samples = columns.first().map_or(0, Vec::len);
    Values::new([columns.len(), samples], columns.concat())
}
