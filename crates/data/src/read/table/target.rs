//! The targets in the rows of a table.

use super::Table;
use super::number::{Content, content};
use super::roles::Roles;
use super::rows::Row;
use crate::DataError;
use crate::error::{expected, quoted};
use crate::read::label;
use crate::read::names::Names;

impl Table<'_> {
    /// Returns the class in a row, or `None` if it is unknown.
    pub(super) fn class(
        &self,
        roles: &Roles,
        names: &mut Names,
        row: &Row,
    ) -> Result<Option<usize>, DataError> {
        let Some(&column) = roles.targets.first() else { return Ok(None) };
        names
            .label(row.cell(column), &self.request.labels)
            .map_err(|message| self.refuse_at(row, column, message))
    }

    /// Returns the class in a row, which must be known.
    pub(super) fn known_class(
        &self,
        roles: &Roles,
        names: &mut Names,
        row: &Row,
    ) -> Result<usize, DataError> {
        match (self.class(roles, names, row)?, roles.targets.first()) {
            (Some(class), _) => Ok(class),
            (None, Some(&column)) => {
                let message = self.request.labels.unknown_class(row.cell(column));
                Err(self.refuse_at(row, column, message))
            }
            (None, None) => Err(self.request.refuse(expected("a target column", "none"))),
        }
    }

    /// Returns whether a row belongs to each class.
    pub(super) fn labels(&self, roles: &Roles, row: &Row) -> Result<Vec<bool>, DataError> {
        roles.targets.iter().map(|&column| self.label(row, column)).collect()
    }

    fn label(&self, row: &Row, column: usize) -> Result<bool, DataError> {
        let cell = row.cell(column);
        for (word, value) in [("true", true), ("yes", true), ("false", false), ("no", false)] {
            if cell.eq_ignore_ascii_case(word) {
                return Ok(value);
            }
        }
        match content(cell, self.dialect.decimal) {
            Content::Number(value) => label(value).map_err(|message| self.refuse_at(row, column, message)),
            Content::Missing | Content::Text => {
                let message = expected("0 or 1 for whether the recording belongs to the class", quoted(cell));
                Err(self.refuse_at(row, column, message))
            }
        }
    }

    /// Returns the numbers in the target columns of a row.
    pub(super) fn numbers(&self, roles: &Roles, row: &Row) -> Result<Vec<f64>, DataError> {
        roles.targets.iter().map(|&column| self.target_number(row, column)).collect()
    }

    fn target_number(&self, row: &Row, column: usize) -> Result<f64, DataError> {
        match content(row.cell(column), self.dialect.decimal) {
            Content::Number(value) => Ok(value),
            Content::Missing if self.request.reads_missing => Ok(f64::NAN),
            Content::Missing | Content::Text => {
                let message = expected("a finite number", quoted(row.cell(column)));
                Err(self.refuse_at(row, column, message))
            }
        }
    }

    /// Returns the names of the classes whose columns are the targets.
    pub(super) fn label_names(&self, roles: &Roles) -> Vec<String> {
        let labels = &self.request.labels;
        let listed = labels.listed();
        let name = |(place, column): (usize, &usize)| match self.header() {
            Some(header) => {
                let name = header.names.get(*column).cloned().unwrap_or_default();
                labels.declared_name(&name).unwrap_or(name)
            }
            None if listed.len() == roles.targets.len() => listed[place].clone(),
            None => column.to_string(),
        };
        roles.targets.iter().enumerate().map(name).collect()
    }

    fn refuse_at(&self, row: &Row, column: usize, message: String) -> DataError {
        self.request.refuse_at(format!("row {}, column {}", row.number, column + 1), message)
    }
}
