//! The roles of the columns of a table that is read for prediction: its target may be absent.

use super::Table;
use super::number::{Content, content};
use super::roles::{Assignment, Roles};
use crate::config::{Column, Columns};
use crate::error::expected;
use crate::read::ForPrediction;
use crate::{DataError, File, TableLayout};

/// Returns the roles of the columns. Columns that the model's config lists and that are not inputs may be absent.
pub(super) fn assign(table: &Table<'_>, facts: ForPrediction<'_>, width: usize) -> Result<Roles, DataError> {
    if let Some(roles) = by_names(table, facts, width)? {
        return Ok(roles);
    }
    let with_target = Variant::new(table, facts, width, true)?;
    let without_target = Variant::new(table, facts, width, false)?;
    Ok(choose(table, facts, width, with_target, without_target)?.roles)
}

/// Returns the roles if the header contains the names of all channels of the model or, if rows are recordings, of all
/// input columns.
fn by_names(table: &Table<'_>, facts: ForPrediction<'_>, width: usize) -> Result<Option<Roles>, DataError> {
    let names = match table.layout {
        TableLayout::Samples => facts.channels,
        TableLayout::Recordings => facts.columns,
    };
    let Some(header) = table.header() else { return Ok(None) };
    if names.is_empty() {
        return Ok(None);
    }
    if names.iter().any(|name| table.position(name).is_none()) {
        let columns = graph::listed(names);
        let message = expected(format!("the columns {columns} of the model"), graph::listed(&header.names));
        return Err(table.refuse_names(format!("{message}; list the inputs in `--channels`")));
    }
    let mut columns = Assignment::new(table, width);
    let names = names.iter().map(|name| Column::Name(name.clone()));
    let inputs = columns.take_all("channels", Some(&Columns(names.collect())))?;
    let file = present(table, table.request.file);
    let group = columns.take_one("group", file.group.as_ref())?;
    let time = columns.take_one("time", file.time.as_ref())?;
    Ok(Some(Roles { width, inputs, group, time, ..Roles::default() }))
}

/// Returns the settings of a file without the columns that are not in the header.
fn present(table: &Table<'_>, file: &File) -> File {
    let is_present = |column: &Column| match column {
        Column::Name(name) => table.position(name).is_some(),
        Column::Number(_) => true,
    };
    let columns = |columns: &Option<Columns>| {
        let mut found = columns.clone()?;
        found.0.retain(is_present);
        Some(found)
    };
    File {
        ignore: columns(&file.ignore),
        target: columns(&file.target),
        group: file.group.clone().filter(is_present),
        time: file.time.clone().filter(is_present),
        ..file.clone()
    }
}

/// The roles if the target is present or absent.
struct Variant {
    roles: Roles,
    /// The columns of the target whose presence is not known from their names.
    assumed: Vec<usize>,
}

impl Variant {
    /// Returns `None` if the table has too few columns.
    fn new(
        table: &Table<'_>,
        facts: ForPrediction<'_>,
        width: usize,
        has_target: bool,
    ) -> Result<Option<Self>, DataError> {
        let mut file = present(table, table.request.file);
        let is_named = |column: &Column| matches!(column, Column::Name(_));
        let listed = file.target.clone().unwrap_or(Columns(Vec::new())).0;
        let assumed: Vec<usize> = listed.iter().filter_map(number).collect();
        if !has_target {
            let shift = |column: &mut Column| {
                if let Column::Number(number) = column {
                    *number -= assumed.iter().filter(|target| *target < number).count();
                }
            };
            let lists = [&mut file.ignore, &mut file.channels].into_iter().flatten();
            lists
                .flat_map(|columns| &mut columns.0)
                .chain(&mut file.group)
                .chain(&mut file.time)
                .for_each(shift);
            file.target = Some(Columns(listed.iter().filter(|column| is_named(column)).cloned().collect()));
        }
        let numbers = [&file.ignore, &file.channels, &file.target].into_iter().flatten();
        let numbers =
            numbers.flat_map(|columns| &columns.0).chain(&file.group).chain(&file.time).filter_map(number);
        if numbers.into_iter().any(|number| number >= width) {
            return Ok(None);
        }
        let mut columns = Assignment::new(table, width);
        let mut ignored = columns.take_all("ignore", file.ignore.as_ref())?;
        let group = columns.take_one("group", file.group.as_ref())?;
        let time = columns.take_one("time", file.time.as_ref())?;
        columns.take_all("target", file.target.as_ref())?;
        let mut inputs = columns.take_all("channels", file.channels.as_ref())?;
        let mut empty = None;
        let mut assumed = if has_target { assumed } else { Vec::new() };
        if file.channels.is_none() {
            ignored.extend(columns.pass_index());
            empty = columns.pass_empty(table.inputs_needed());
            inputs = columns.rest();
            if has_target && facts.last_is_target {
                assumed.extend(inputs.pop());
            }
        }
        let roles = Roles {
            width,
            inputs,
            targets: assumed.clone(),
            group,
            time,
            ignored,
            empty,
            is_default: has_target && facts.last_is_target,
            notes: columns.notes,
        };
        Ok(Some(Self { roles, assumed }))
    }
}

fn number(column: &Column) -> Option<usize> {
    match column {
        Column::Number(number) => Some(*number),
        Column::Name(_) => None,
    }
}

/// Chooses the variant by the number of inputs that the network needs.
fn choose(
    table: &Table<'_>,
    facts: ForPrediction<'_>,
    width: usize,
    with_target: Option<Variant>,
    without_target: Option<Variant>,
) -> Result<Variant, DataError> {
    let dims = table.request.input.dims();
    let fits = |variant: &Variant| {
        let count = variant.roles.inputs.len();
        table
            .inputs_needed()
            .map_or_else(|| count > 0 && count.is_multiple_of(dims[0]), |needed| count == needed)
    };
    let count = without_target.as_ref().map_or(width, |variant| variant.roles.inputs.len());
    let with_target = with_target.filter(|variant| fits(variant));
    let without_target = without_target.filter(|variant| fits(variant));
    match (with_target, without_target) {
        (Some(one), None) | (None, Some(one)) => Ok(one),
        (Some(with), Some(without)) => {
            if with.assumed.is_empty() {
                return Ok(without);
            }
            let is_text = |column: &usize| {
                let mut cells =
                    table.sample.iter().filter(|row| *column < row.len()).map(|row| row.cell(*column));
                cells.any(|cell| content(cell, table.dialect.decimal) == Content::Text)
            };
            if with.assumed.iter().any(is_text) {
                return Ok(with);
            }
            Err(table.request.refuse(
                "expected a header, because rows of any length may or may not contain the target, found none; add a first row with the names of the columns",
            ))
        }
        (None, None) if !facts.knows_layout && table.request.file.layout.is_none() && count == dims[0] => {
            let message = format!(
                "expected a layout for rows of {count} values and an input of shape {dims:?}, found none; set \
                 `--layout samples` if a row is a sample, or `--layout recordings` if it is a recording of length 1"
            );
            Err(table.request.refuse(message))
        }
        (None, None) => {
            let row = table.first.number;
            let needed = match (table.layout, table.inputs_needed()) {
                (TableLayout::Samples, _) => format!("{} channels", dims[0]),
                (TableLayout::Recordings, Some(_)) => {
                    let product: Vec<_> = dims.iter().map(ToString::to_string).collect();
                    format!("{} values", product.join(" x "))
                }
                (TableLayout::Recordings, None) => {
                    format!("a multiple of {} values, one per channel", dims[0])
                }
            };
            Err(table.request.refuse_at(format!("row {row}"), expected(needed, count)))
        }
    }
}
