//! Sentences about the columns of a table.

use data::ColumnContent;
use graph::listed;

use super::{Assignment, RoleKind};

/// More channels than this share a sentence.
const MOST_SENTENCES: usize = 12;
/// A column that changes in fewer than one row in this many may not be a signal.
const RARE_CHANGES: usize = 20;

impl Assignment<'_> {
    /// A sentence about each column. Many channels share one.
    pub(super) fn sentences(&self) -> Vec<String> {
        let channels = self.with(RoleKind::Channel);
        let mut sentences = Vec::new();
        for (i, role) in self.roles.iter().enumerate() {
            let Some(role) = role else { continue };
            if role.kind == RoleKind::Channel && channels.len() > MOST_SENTENCES {
                continue;
            }
            let column = &self.table.columns[i];
            let because = match role.kind {
                RoleKind::NotRead => format!("not read ({})", role.because),
                RoleKind::Channel if RARE_CHANGES * column.changes < self.table.rows => {
                    format!("{}, although it rarely changes", role.because)
                }
                _ => role.because.clone(),
            };
            sentences.push(format!("{}: {because}; {}", self.shown(i), describe(column, role.kind)));
        }
        if channels.len() > MOST_SENTENCES {
            sentences.push(format!(
                "{} columns of values, from {} to {}",
                channels.len(),
                self.shown(channels[0]),
                self.shown(channels[channels.len() - 1])
            ));
        }
        sentences
    }
}

/// Describes the cells of a column.
fn describe(column: &ColumnContent, kind: RoleKind) -> String {
    let missing = if column.missing == 0 { String::new() } else { format!(", {} missing", column.missing) };
    let is_label = matches!(kind, RoleKind::Target | RoleKind::Group) && column.integers == column.numbers;
    match (&column.labels, column.range) {
        (Some(labels), _) if is_label => {
            let labels = labels.iter().filter(|(label, _)| !label.is_empty());
            let counts: Vec<String> = labels.map(|(label, count)| format!("{label} {count}")).collect();
            format!("{}{missing}", listed(&counts))
        }
        (_, Some([least, most])) => format!("numbers from {least} to {most}{missing}"),
        (_, None) if column.times > 0 => format!("dates or times{missing}"),
        (_, None) => format!("text{missing}"),
    }
}
