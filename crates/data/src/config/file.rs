//! The files of the splits: whole files, parts of files, or a share of the training set.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The files of a split: a file name, a mapping (see [`File`]), or a list of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split(pub Vec<File>);

/// The validation set: files, or a share of the training recordings.
#[derive(Clone, Debug, PartialEq)]
pub enum Validation {
    /// A share of the training recordings, between 0 and 1. Whole recordings are chosen by a hash of their
    /// index, with the same share of each class.
    Share(f64),
    /// Separate files.
    Files(Split),
}

/// A file, or a folder of images with one folder per class, and which part of it to read.
///
/// Columns and rows are numbered from 0 here, but from 1 in messages, as in editors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The path, relative to the config's `folder`. The extension determines the format: `.ts`, `.csv`, `.tsv` or
    /// `.txt` (each optionally with `.gz`), `.npy`, `.npz` or `.safetensors`. A folder contains such files, or one
    /// folder of images per class. `*`, `?` and `**` match several files.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub file: PathBuf,
    /// The first recording to read or, if the file has a single recording, the first sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<usize>,
    /// The recording or sample before which to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    /// The contents of a row of a table. By default, `recordings`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<TableLayout>,
    /// The columns of the input channels, by name or number. By default, all columns that have no other role. For
    /// arrays and `.ts` files, the names of the channels, or the numbers of the channels to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Columns>,
    /// The columns of a table that are not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<Columns>,
    /// The column or array that contains the group of each recording, such as a subject; `file` if each file is a
    /// group of its own, or `folder` if each folder is. A split never divides a group. In a table of
    /// samples, a recording ends where the group changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Column>,
    /// The column of a table of samples that contains times: seconds, or dates and times in ISO 8601. A recording
    /// ends at a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Column>,
    /// The character between the columns of a table. By default, it is determined from the first rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// The decimal character of a table: `.` or `,`. By default, it is determined from the first rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// Whether the first row of a table contains the names of the columns. By default, it is determined from the
    /// first rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The number of lines before the header or the first row of a table. By default, lines that begin with `#`
    /// and rows of units are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<usize>,
    /// The name of the array of inputs in an archive. By default, `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The columns of the targets in a table (by default, the last column), or the name of the array of targets
    /// in an archive (by default, `target`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Columns>,
}

/// The contents of a row of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TableLayout {
    /// A recording: its values, channel by channel, then its target.
    #[default]
    Recordings,
    /// A sample of the file's only recording: a column for each channel, then the target.
    Samples,
}

/// Columns of a table, by name or number: a single column or a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns(pub Vec<Column>);

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name of a column in the first row or, in an archive, of an array.
    Name(String),
    /// The index, from 0.
    Number(usize),
}

fn is_empty(path: &std::path::Path) -> bool {
    path.as_os_str().is_empty()
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl File {
    /// The whole file.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), ..Self::default() }
    }

    /// Returns the keys that are set, in order, except for `file`, `from`, `to` and `group`, which apply to all kinds of
    /// files.
    pub(crate) fn set_keys(&self) -> impl Iterator<Item = &'static str> {
        let Self { file: _, from: _, to: _, group: _, layout, channels, ignore, time, .. } = self;
        let Self { separator, decimal, header, skip, input, target, .. } = self;
        let keys = [
            ("layout", layout.is_some()),
            ("channels", channels.is_some()),
            ("ignore", ignore.is_some()),
            ("time", time.is_some()),
            ("separator", separator.is_some()),
            ("decimal", decimal.is_some()),
            ("header", header.is_some()),
            ("skip", skip.is_some()),
            ("input", input.is_some()),
            ("target", target.is_some()),
        ];
        keys.into_iter().filter(|(_, is_set)| *is_set).map(|(key, _)| key)
    }

    /// Returns the file with its own settings and, by default, those of `format`.
    #[must_use]
    pub(crate) fn with_format(&self, format: &Self) -> Self {
        let Self { layout, input, target, channels, ignore, group, time, .. } = format.clone();
        let own = self.clone();
        Self {
            layout: own.layout.or(layout),
            input: own.input.or(input),
            target: own.target.or(target),
            channels: own.channels.or(channels),
            ignore: own.ignore.or(ignore),
            group: own.group.or(group),
            time: own.time.or(time),
            separator: own.separator.or(format.separator),
            decimal: own.decimal.or(format.decimal),
            header: own.header.or(format.header),
            skip: own.skip.or(format.skip),
            file: own.file,
            from: own.from,
            to: own.to,
        }
    }
}

impl From<&str> for Split {
    fn from(file: &str) -> Self {
        Self(vec![File::new(file)])
    }
}

impl From<File> for Split {
    fn from(file: File) -> Self {
        Self(vec![file])
    }
}

/// A file, deserialized from a name or from a mapping.
struct NameOrMapping(File);

impl<'de> Deserialize<'de> for NameOrMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = NameOrMapping;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file name or a mapping with the key `file`")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<NameOrMapping, E> {
                Ok(NameOrMapping(File::new(name)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NameOrMapping, A::Error> {
                File::deserialize(MapAccessDeserializer::new(map)).map(NameOrMapping)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl Serialize for Split {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [file] if *file == File::new(&file.file) => file.file.serialize(serializer),
            [file] => file.serialize(serializer),
            files => files.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Forms { allows_share: false })? {
            Validation::Files(split) => Ok(split),
            Validation::Share(_) => Err(D::Error::custom("only `validation` can be a share")),
        }
    }
}

impl Serialize for Validation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => share.serialize(serializer),
            Self::Files(split) => split.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Validation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms { allows_share: true })
    }
}

/// The visitor for all forms of a split. A share is accepted only if `allows_share`.
struct Forms {
    allows_share: bool,
}

impl<'de> Visitor<'de> for Forms {
    type Value = Validation;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.allows_share {
            f.write_str("a share of the training recordings, ")?;
        }
        f.write_str("a file name, a mapping with the key `file`, or a list of them")
    }

    fn visit_f64<E: Error>(self, share: f64) -> Result<Validation, E> {
        if self.allows_share {
            return Ok(Validation::Share(share));
        }
        Err(E::invalid_type(serde::de::Unexpected::Float(share), &self))
    }

    fn visit_u64<E: Error>(self, share: u64) -> Result<Validation, E> {
        if self.allows_share {
            return Ok(Validation::Share(share as f64));
        }
        Err(E::invalid_type(serde::de::Unexpected::Unsigned(share), &self))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Validation, E> {
        Ok(Validation::Files(name.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Validation, A::Error> {
        let file = File::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Validation::Files(file.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Validation, A::Error> {
        let mut files = Vec::new();
        while let Some(NameOrMapping(file)) = list.next_element()? {
            files.push(file);
        }
        Ok(Validation::Files(Split(files)))
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => name.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
        }
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [column] => column.serialize(serializer),
            columns => columns.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNumber;

        impl Visitor<'_> for NameOrNumber {
            type Value = Column;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name or an index from 0")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Column, E> {
                Ok(Column::Name(name.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Column, E> {
                usize::try_from(number).map(Column::Number).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NameOrNumber)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrList;

        impl<'de> Visitor<'de> for OneOrList {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name, an index from 0, or a list of them")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Columns, E> {
                Ok(Columns(vec![Column::Name(name.to_owned())]))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Columns, E> {
                usize::try_from(number).map(|number| Columns(vec![Column::Number(number)])).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Columns, A::Error> {
                let mut columns = Vec::new();
                while let Some(column) = list.next_element()? {
                    columns.push(column);
                }
                if columns.is_empty() {
                    return Err(A::Error::invalid_length(0, &self));
                }
                Ok(Columns(columns))
            }
        }

        deserializer.deserialize_any(OneOrList)
    }
}
