//! Options about files that a trained model is run on.

use clap::{Args, ValueEnum};
use data::{Column, Columns, File, TableLayout};

/// Settings for reading files. By default, files are read as the model's config describes such files.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct FileSettings {
    /// Contents of a row of a table [default: from the config, or in `init` from the data]
    #[arg(long, value_enum)]
    layout: Option<Layout>,
    /// Columns of the target in a table, or the name of its array, such as `label`, `0` or `x,y` [default: from
    /// the config, or in `init` from the data]
    #[arg(long, value_name = "COLUMNS", value_parser = columns)]
    target: Option<Columns>,
    /// Columns of the channels in a table [default: from the config, or in `init` from the data]
    #[arg(long, value_name = "COLUMNS", value_parser = columns)]
    channels: Option<Columns>,
    /// Name of the array of inputs in an archive [default: from the config, or in `init` from the data; otherwise
    /// input]
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
}

/// The contents of a row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// The values of a recording, channel by channel
    Recordings,
    /// A sample of a series, with a value for each channel
    Samples,
}

impl FileSettings {
    /// The settings as those of a file in a config.
    pub(crate) fn file(&self) -> File {
        let layout = self.layout.map(|layout| match layout {
            Layout::Recordings => TableLayout::Recordings,
            Layout::Samples => TableLayout::Samples,
        });
        File {
            layout,
            target: self.target.clone(),
            channels: self.channels.clone(),
            input: self.array.clone(),
            ..File::default()
        }
    }
}

/// Reads the names or indices of columns, separated by commas.
fn columns(text: &str) -> Result<Columns, String> {
    let column = |text: &str| match text.parse() {
        Ok(number) => Column::Number(number),
        Err(_) => Column::Name(text.to_owned()),
    };
    let columns: Vec<Column> = text.split(',').map(|column_text| column(column_text.trim())).collect();
    if columns.contains(&Column::Name(String::new())) {
        return Err("expected names or indices of columns, separated by commas".to_owned());
    }
    Ok(Columns(columns))
}
