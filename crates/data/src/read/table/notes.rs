//! Notes for the user about the dialect of a table.

use super::Table;
use super::dialect::Settings;
use super::header::HeaderKind;
use super::rows::Rows;

/// Returns a sentence about unusual properties of a table that the config does not set.
pub(super) fn of_dialect(table: &Table<'_>, settings: &Settings<'_>, rows: &Rows<'_>) -> Option<String> {
    let dialect = &table.dialect;
    let mut facts = Vec::new();
    if settings.separator.is_none() && dialect.separator != settings.usual_separator {
        facts.push(match dialect.separator {
            '\t' => "tabs as separators".to_owned(),
            ' ' => "blanks as separators".to_owned(),
            separator => format!("separator `{separator}`"),
        });
    }
    if settings.decimal.is_none() && dialect.decimal == ',' {
        facts.push("decimal comma".to_owned());
    }
    let mut comments = rows.comments;
    let mut units = dialect.leading_rows;
    if let Some(header) = &dialect.header {
        let row = header.row;
        match header.kind {
            HeaderKind::Names if row > 1 && settings.skip.is_none() => {
                facts.push(format!("header in row {row}"));
            }
            HeaderKind::Names => {}
            HeaderKind::Numbers => facts.push(format!("row {row} is a header that numbers the columns")),
            HeaderKind::Comment => facts.push(format!("header in the comment in row {row}")),
        }
        match header.kind {
            HeaderKind::Comment => comments -= 1,
            HeaderKind::Names | HeaderKind::Numbers => units -= 1,
        }
    }
    let skipped = if settings.skip.is_some() { 0 } else { dialect.skipped };
    let counts = [
        (skipped, "line that names the separator", "lines that name the separator"),
        (comments, "comment line", "comment lines"),
        (units, "row of units", "rows of units"),
        (rows.empty_at_end, "empty row at the end", "empty rows at the end"),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    let skipped = if counts.is_empty() { None } else { Some(format!("{} skipped", counts.join(" and "))) };
    let parts = [if facts.is_empty() { None } else { Some(facts.join(", ")) }, skipped];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}
