//! A table whose rows are recordings.

use super::Table;
use super::roles::Roles;
use super::rows::Row;
use crate::error::expected;
use crate::read::names::Names;
use crate::read::{Wanted, origin};
use crate::{DataError, Recording, Target, Values};

/// Returns the recording in a row.
pub(super) fn of_row(
    table: &Table<'_>,
    roles: &Roles,
    names: &mut Names,
    row: &Row,
) -> Result<Recording, DataError> {
    let request = table.request;
    request.budget.charge_recording(row.len()).map_err(|message| request.refuse(message))?;
    let input = input(table, roles, row)?;
    let target = match request.wanted {
        Wanted::Classes => Target::Class(table.known_class(roles, names, row)?),
        Wanted::Labels => Target::Labels(table.labels(roles, row)?),
        Wanted::Numbers | Wanted::Signal => Target::Numbers(table.numbers(roles, row)?),
        Wanted::Nothing => Target::None,
    };
    let mut recording =
        Recording::new(format!("{}: row {}", origin(request.path), row.number), input, target);
    recording.group = table.group(row, roles)?;
    Ok(recording)
}

/// Returns the input in a row. If recordings may differ in length, it ends before the positions at the end that are
/// missing in all channels.
fn input(table: &Table<'_>, roles: &Roles, row: &Row) -> Result<Values, DataError> {
    let request = table.request;
    let refuse = |message: String| request.refuse_at(format!("row {}", row.number), message);
    let values =
        roles.inputs.iter().map(|&column| table.value(row, column)).collect::<Result<Vec<_>, _>>()?;
    let (channels, found) = (request.input.channels, values.len());
    let mut shape = request.input.dims();
    let has_any_length = table.inputs_needed().is_none();
    if has_any_length {
        if !found.is_multiple_of(channels) || found == 0 {
            return Err(refuse(expected(format!("a multiple of {channels} values, one per channel"), found)));
        }
        shape[1] = found / channels;
    }
    if shape.iter().product::<usize>() != found {
        let product: Vec<_> = shape.iter().map(ToString::to_string).collect();
        return Err(refuse(expected(format!("{} values", product.join(" x ")), found)));
    }
    let samples = found / channels;
    let is_missing = |sample: usize| (0..channels).all(|channel| values[channel * samples + sample].is_nan());
    let mut end = samples;
    while has_any_length && end > 0 && is_missing(end - 1) {
        end -= 1;
    }
    let is_kept_and_missing = |i: &usize| i % samples < end && values[*i].is_nan();
    if !request.reads_missing
        && let Some(first) = (0..found).find(is_kept_and_missing)
    {
        return Err(table.refuse_cell(row, roles.inputs[first]));
    }
    if end == 0 {
        return Err(refuse(expected("at least one value", "none")));
    }
    let input = Values::new(shape, values).expect("as many values as the shape has");
    Ok(if end < samples { input.cut(0, end) } else { input })
}
