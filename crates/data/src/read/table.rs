//! Tables: CSV and TSV files, plain or gzipped.

mod rows;
mod series;

use csv::StringRecord;

use self::rows::Rows;
use self::series::Series;
use super::names::Names;
use super::{Request, Wanted, label, origin};
use crate::config::{Column, Columns};
use crate::error::{expected, quoted};
use crate::{DataError, Memory, Recording, TableLayout, Target, Values};

/// The roles of a table's columns.
struct ColumnRoles {
    width: usize,
    inputs: Vec<usize>,
    targets: Vec<usize>,
}

pub(super) fn read(request: &Request<'_>, delimiter: u8) -> Result<Memory, DataError> {
    let mut rows = Rows::new(request, delimiter)?;
    let mut cells = StringRecord::new();
    let Some(mut row) = rows.next(&mut cells)? else {
        return Err(request.refuse(expected("at least one row", "none")));
    };
    let (columns, has_header) = columns(request, &cells)?;
    let mut content = match request.file.layout.unwrap_or_default() {
        TableLayout::Recordings => Content::Recordings(Vec::new()),
        TableLayout::Samples => Content::Samples(Series::new(&columns)),
    };
    let mut names = Names::default();
    let mut is_header = has_header;
    loop {
        if cells.len() != columns.width {
            let message = expected(format!("{} columns as in the first row", columns.width), cells.len());
            return Err(request.refuse_at(format!("row {row}"), message));
        }
        if !is_header {
            match &mut content {
                Content::Recordings(recordings) => {
                    recordings.push(recording(request, &columns, &mut names, row, &cells)?);
                }
                Content::Samples(series) => series.add(request, &columns, &mut names, row, &cells)?,
            }
        }
        is_header = false;
        match rows.next(&mut cells)? {
            Some(next) => row = next,
            None => break,
        }
    }
    let recordings = match content {
        Content::Recordings(recordings) => recordings,
        Content::Samples(series) => series.recording(request),
    };
    Ok(names.with(request.select(recordings)?))
}

/// The content of a table, as far as it has been read.
enum Content {
    Recordings(Vec<Recording>),
    Samples(Series),
}

/// Returns whether a cell can be the name of a column. A first row that mixes names and numbers is not taken as
/// a header, but as data with mistakes, which are then reported.
fn is_name(cell: &str) -> bool {
    !is_number(cell) && cell.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn is_number(cell: &str) -> bool {
    cell.is_empty() || cell == "?" || cell.parse::<f64>().is_ok()
}

/// Returns the roles of the columns, and whether the first row is a header.
fn columns(request: &Request<'_>, first: &StringRecord) -> Result<(ColumnRoles, bool), DataError> {
    let width = first.len();
    let targets = match (&request.file.target, request.wanted) {
        (Some(Columns(columns)), _) => {
            columns.iter().map(|column| find(request, first, column)).collect::<Result<Vec<_>, _>>()?
        }
        (None, Wanted::Nothing) => Vec::new(),
        (None, Wanted::Signal) => {
            let message = "missing target for denoising; set `noise`, or set `target` to the columns of the clean signal";
            return Err(request.refuse(message));
        }
        (None, Wanted::Classes | Wanted::Labels | Wanted::Numbers) => vec![width.saturating_sub(1)],
    };
    let mut is_input = vec![true; width];
    for &target in &targets {
        is_input[target] = false;
    }
    let inputs: Vec<usize> = (0..width).filter(|&column| is_input[column]).collect();
    let target_has_name = match &request.file.target {
        Some(Columns(columns)) => columns.iter().any(|column| matches!(column, Column::Name(_))),
        None => false,
    };
    let has_header = target_has_name || inputs.iter().all(|&column| is_name(&first[column]));
    Ok((ColumnRoles { width, inputs, targets }, has_header))
}

fn find(request: &Request<'_>, first: &StringRecord, column: &Column) -> Result<usize, DataError> {
    match column {
        Column::Name(name) => first.iter().position(|cell| cell == name).ok_or_else(|| {
            let names: Vec<String> = first.iter().map(str::to_owned).collect();
            let known = graph::listed(&names);
            request.refuse_at("row 1", format!("unknown column {}, expected one of {known}", quoted(name)))
        }),
        Column::Number(number) if *number < first.len() => Ok(*number),
        Column::Number(number) => {
            let message = expected(format!("a column index below {}", first.len()), number);
            Err(request.refuse_at("row 1", message))
        }
    }
}

impl Request<'_> {
    fn cell(&self, row: u64, cells: &StringRecord, column: usize) -> Result<f64, DataError> {
        match cells[column].parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                let place = format!("row {row}, column {}", column + 1);
                Err(self.refuse_at(place, expected("a finite number", quoted(&cells[column]))))
            }
        }
    }

    fn cells(&self, row: u64, cells: &StringRecord, columns: &[usize]) -> Result<Vec<f64>, DataError> {
        columns.iter().map(|&column| self.cell(row, cells, column)).collect()
    }

    /// Returns the class in a row, or `None` if the cell is empty or `?`.
    fn class(
        &self,
        (row, cells): (u64, &StringRecord),
        columns: &[usize],
        names: &mut Names,
    ) -> Result<Option<usize>, DataError> {
        let [column] = *columns else {
            let message = expected("one target column for classes", columns.len());
            return Err(self.refuse_at(format!("row {row}"), message));
        };
        let name = &cells[column];
        names
            .label(name, &self.labels)
            .map_err(|message| self.refuse_at(format!("row {row}, column {}", column + 1), message))
    }
}

/// Returns the recording in a row.
fn recording(
    request: &Request<'_>,
    columns: &ColumnRoles,
    names: &mut Names,
    row: u64,
    cells: &StringRecord,
) -> Result<Recording, DataError> {
    let refuse = |message: String| request.refuse_at(format!("row {row}"), message);
    request.budget.charge_recording(cells.len()).map_err(|message| request.refuse(message))?;
    let values = request.cells(row, cells, &columns.inputs)?;
    let mut shape = request.input.dims();
    if request.any_length && shape.len() == 2 {
        shape[1] = values.len() / shape[0];
    }
    let found = values.len();
    let input = Values::new(shape.as_slice(), values).filter(|input| !input.data().is_empty());
    let input = input.ok_or_else(|| {
        if request.any_length {
            refuse(expected(format!("a multiple of {} values, one per channel", shape[0]), found))
        } else {
            let product: Vec<_> = request.input.dims().iter().map(ToString::to_string).collect();
            refuse(expected(format!("{} values", product.join(" x ")), found))
        }
    })?;
    let target = match request.wanted {
        Wanted::Classes => match request.class((row, cells), &columns.targets, names)? {
            Some(class) => Target::Class(class),
            None => {
                let place = format!("row {row}, column {}", columns.targets[0] + 1);
                return Err(
                    request.refuse_at(place, request.labels.unknown_class(&cells[columns.targets[0]]))
                );
            }
        },
        Wanted::Labels => {
            let values = request.cells(row, cells, &columns.targets)?;
            Target::Labels(values.into_iter().map(label).collect::<Result<_, _>>().map_err(refuse)?)
        }
        Wanted::Numbers | Wanted::Signal => Target::Numbers(request.cells(row, cells, &columns.targets)?),
        Wanted::Nothing => Target::None,
    };
    Ok(Recording::new(format!("{}: row {row}", origin(request.path)), input, target))
}
