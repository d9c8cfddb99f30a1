//! Curves of a chart.

use crate::Entry;

/// A chart of curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// The quantity on the horizontal axis.
    pub x: String,
    /// The quantity on the vertical axis, with its unit; may be empty.
    pub y: String,
    /// Whether the vertical axis is logarithmic; values that are not positive are then gaps.
    pub log_y: bool,
    /// The curves.
    pub series: Vec<Series>,
}

/// A curve of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The name in the legend.
    pub name: String,
    /// The points in order of x. A point that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The values called `key` in a journal, over the steps. Entries without such a value are skipped; a
    /// value that was not finite is a gap.
    pub fn of(entries: &[Entry], key: &str, name: impl Into<String>) -> Self {
        let mut points = Vec::new();
        for entry in entries {
            if let Some(value) = entry.values.get(key) {
                points.push((entry.step as f64, *value));
            }
        }
        Self { name: name.into(), points }
    }
}
