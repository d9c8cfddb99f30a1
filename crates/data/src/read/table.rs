//! Tables: CSV and TSV files, plain or gzipped.

use csv::StringRecord;
use graph::Array;

use super::names::Names;
use super::{Request, Wanted, shown};
use crate::config::{Column, Columns};
use crate::{DataError, Layout, Memory, Recording, Target};

/// Which columns are which.
struct Layouts {
    width: usize,
    inputs: Vec<usize>,
    targets: Vec<usize>,
}

pub(super) fn read(request: &Request<'_>, delimiter: u8) -> Result<Memory, DataError> {
    let rows = rows(request, delimiter)?;
    let Some((_, first)) = rows.first() else {
        return Err(request.refuse("no rows; at least one is needed"));
    };
    let (columns, has_header) = columns(request, first)?;
    let rows = &rows[usize::from(has_header)..];
    if let Some((row, cells)) = rows.iter().find(|(_, cells)| cells.len() != columns.width) {
        let message = format!("{} columns; the first row has {}", cells.len(), columns.width);
        return Err(request.refuse_at(format!("row {row}"), message));
    }
    let mut names = Names::default();
    let recordings = match request.file.layout.unwrap_or_default() {
        Layout::Recordings => {
            let recording = |(row, cells)| recording(request, &columns, &mut names, row, cells);
            rows.iter().map(|(row, cells)| (*row, cells)).map(recording).collect::<Result<_, _>>()?
        }
        Layout::Samples if rows.is_empty() => Vec::new(),
        Layout::Samples => vec![samples(request, &columns, &mut names, rows)?],
    };
    Ok(names.with(request.select(recordings)?))
}

/// All rows, each with its number in the file from 1.
fn rows(request: &Request<'_>, delimiter: u8) -> Result<Vec<(u64, StringRecord)>, DataError> {
    let bytes = request.unpacked()?;
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(delimiter).trim(csv::Trim::All);
    let mut rows = Vec::new();
    for cells in reader.from_reader(&bytes[..]).into_records() {
        let cells = cells.map_err(|error| request.refuse(error.to_string()))?;
        rows.push((cells.position().map_or(0, csv::Position::line), cells));
    }
    Ok(rows)
}

/// Whether a cell names a column. A row with one number among its names is no header but a row with
/// mistakes, and they are to be said.
fn is_name(cell: &str) -> bool {
    !is_number(cell) && cell.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn is_number(cell: &str) -> bool {
    cell.is_empty() || cell == "?" || cell.parse::<f64>().is_ok()
}

/// Which columns are which, by the first row, and whether that is a header.
fn columns(request: &Request<'_>, first: &StringRecord) -> Result<(Layouts, bool), DataError> {
    let width = first.len();
    let targets = match (&request.file.target, request.wanted) {
        (Some(Columns(columns)), _) => {
            columns.iter().map(|column| find(request, first, column)).collect::<Result<Vec<_>, _>>()?
        }
        (None, Wanted::Nothing) => Vec::new(),
        (None, Wanted::Signal) => {
            return Err(request.refuse("no target; denoising needs `noise`, or `target` with columns"));
        }
        (None, Wanted::Classes | Wanted::Numbers) => vec![width - 1],
    };
    let inputs: Vec<usize> = (0..width).filter(|column| !targets.contains(column)).collect();
    let named = matches!(&request.file.target, Some(Columns(columns))
        if columns.iter().any(|column| matches!(column, Column::Name(_))));
    let has_header = named || inputs.iter().all(|&column| is_name(&first[column]));
    Ok((Layouts { width, inputs, targets }, has_header))
}

fn find(request: &Request<'_>, first: &StringRecord, column: &Column) -> Result<usize, DataError> {
    let found = match column {
        Column::Name(name) => first.iter().position(|cell| cell == name),
        Column::Number(number) => Some(*number).filter(|number| *number < first.len()),
    };
    found.ok_or_else(|| match column {
        Column::Name(name) => {
            let names: Vec<String> = first.iter().map(str::to_owned).collect();
            let known = crate::joined::listed(&names);
            request.refuse_at("row 1", format!("no column `{name}`; the columns are {known}"))
        }
        Column::Number(number) => {
            let message = format!("no column {number}; there are {} and the first is 0", first.len());
            request.refuse_at("row 1", message)
        }
    })
}

impl Request<'_> {
    fn cell(&self, row: u64, cells: &StringRecord, column: usize) -> Result<f32, DataError> {
        match cells[column].parse::<f32>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                let place = format!("row {row}, column {}", column + 1);
                Err(self.refuse_at(place, format!("`{}`; a finite number is needed", &cells[column])))
            }
        }
    }

    fn cells(&self, row: u64, cells: &StringRecord, columns: &[usize]) -> Result<Vec<f32>, DataError> {
        columns.iter().map(|&column| self.cell(row, cells, column)).collect()
    }

    /// The class in a row, none where it is empty or `?`.
    fn class(
        &self,
        (row, cells): (u64, &StringRecord),
        columns: &[usize],
        names: &mut Names,
    ) -> Result<Option<usize>, DataError> {
        let [column] = *columns else {
            let message = format!("{} target columns; a class needs one", columns.len());
            return Err(self.refuse_at(format!("row {row}"), message));
        };
        Ok(Some(&cells[column]).filter(|name| !matches!(*name, "" | "?")).and_then(|name| names.index(name)))
    }
}

/// A row as a recording.
fn recording(
    request: &Request<'_>,
    columns: &Layouts,
    names: &mut Names,
    row: u64,
    cells: &StringRecord,
) -> Result<Recording, DataError> {
    let refuse = |message: String| request.refuse_at(format!("row {row}"), message);
    let values = request.cells(row, cells, &columns.inputs)?;
    let mut shape = request.input.dims();
    if request.any_length && shape.len() == 2 {
        shape[1] = values.len() / shape[0];
    }
    let found = values.len();
    let input = Array::new(shape.as_slice(), values).filter(|input| !input.data().is_empty());
    let input = input.ok_or_else(|| {
        let product: Vec<_> = request.input.dims().iter().map(ToString::to_string).collect();
        let product = product.join(" x ");
        if request.any_length {
            refuse(format!("{found} values; a multiple of the input's {} channels is needed", shape[0]))
        } else {
            refuse(format!("{found} values; the network's input has {product}"))
        }
    })?;
    let target = match request.wanted {
        Wanted::Classes => match request.class((row, cells), &columns.targets, names)? {
            Some(class) => Target::Class(class),
            None => {
                let place = format!("row {row}, column {}", columns.targets[0] + 1);
                return Err(request.refuse_at(place, "no class; each recording needs one"));
            }
        },
        Wanted::Numbers | Wanted::Signal => Target::Numbers(request.cells(row, cells, &columns.targets)?),
        Wanted::Nothing => Target::None,
    };
    Ok(Recording { origin: format!("{}: row {row}", shown(request.path)), input, target })
}

/// All rows as one recording, a row for each sample.
fn samples(
    request: &Request<'_>,
    columns: &Layouts,
    names: &mut Names,
    rows: &[(u64, StringRecord)],
) -> Result<Recording, DataError> {
    let series = |of: &[usize]| -> Result<Array, DataError> {
        let mut data = Vec::with_capacity(of.len() * rows.len());
        for column in of {
            for (row, cells) in rows {
                data.push(request.cell(*row, cells, *column)?);
            }
        }
        Array::new([of.len(), rows.len()], data).ok_or_else(|| request.refuse("no rectangle"))
    };
    let input = series(&columns.inputs)?;
    let target = match request.wanted {
        Wanted::Classes => {
            let class =
                |(row, cells): &(u64, StringRecord)| request.class((*row, cells), &columns.targets, names);
            Target::Positions(rows.iter().map(class).collect::<Result<_, _>>()?)
        }
        Wanted::Numbers | Wanted::Signal => Target::Signal(series(&columns.targets)?),
        Wanted::Nothing => Target::None,
    };
    Ok(Recording { origin: shown(request.path), input, target })
}
