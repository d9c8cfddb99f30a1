//! Parts of the data: files, rows of files, shares of another part.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One or several files: a file's name, a mapping (see [`File`]), or a list of either.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part(pub Vec<File>);

/// Held-out data: files, or a share of the training recordings.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// This share of the training recordings, above 0 and below 1: whole recordings, chosen by a hash
    /// of their number, of each class the same share.
    Share(f64),
    /// Files of their own.
    Files(Part),
}

/// A file, or a folder of images with one folder per class, and what of it is read.
///
/// Numbers of columns and rows count from 0 here, as indices do; messages count from 1, as editors do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The file's name below the config's `folder`. Its ending says its kind: `.ts`, `.csv`, `.tsv`
    /// (both also `.gz`), `.npy`, `.npz`, `.safetensors`; a folder is one of images.
    pub file: PathBuf,
    /// The first recording read; of a file with one recording, the first sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<usize>,
    /// The recording, or sample, before which reading ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<usize>,
    /// What a row of a table is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// The array of inputs in an archive; without, `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Columns of targets in a table (without, the last one), or the array of targets in an archive
    /// (without, `target`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Columns>,
}

/// What a row of a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A recording: its values channel by channel, then its target.
    #[default]
    Recordings,
    /// A sample of the file's one recording: a column for each channel, then the sample's target.
    Samples,
}

/// Columns of a table, by name or number: one or a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns(pub Vec<Column>);

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By its name in the first row; of an archive, an array.
    Name(String),
    /// By its number, from 0.
    Number(usize),
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
    /// All of `file`.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into(), ..Self::default() }
    }
}

impl From<&str> for Part {
    fn from(file: &str) -> Self {
        Self(vec![File::new(file)])
    }
}

impl From<File> for Part {
    fn from(file: File) -> Self {
        Self(vec![file])
    }
}

/// A file in either of its two forms, by name or as a mapping.
struct NameOrMapping(File);

impl<'de> Deserialize<'de> for NameOrMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = NameOrMapping;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file's name or a mapping with the key `file`")
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

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [file] if *file == File::new(&file.file) => file.file.serialize(serializer),
            [file] => file.serialize(serializer),
            files => files.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Forms { share: false })? {
            Held::Files(part) => Ok(part),
            Held::Share(_) => Err(D::Error::custom("a share is for validation only")),
        }
    }
}

impl Serialize for Held {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Share(share) => share.serialize(serializer),
            Self::Files(part) => part.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Forms { share: true })
    }
}

/// The forms of a part, and whether a share is one.
struct Forms {
    share: bool,
}

impl<'de> Visitor<'de> for Forms {
    type Value = Held;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.share { "a share of the training recordings, " } else { "" })?;
        f.write_str("a file's name, a mapping with the key `file`, or a list of them")
    }

    fn visit_f64<E: Error>(self, share: f64) -> Result<Held, E> {
        if self.share {
            return Ok(Held::Share(share));
        }
        Err(E::invalid_type(serde::de::Unexpected::Float(share), &self))
    }

    fn visit_u64<E: Error>(self, share: u64) -> Result<Held, E> {
        if self.share {
            return Ok(Held::Share(share as f64));
        }
        Err(E::invalid_type(serde::de::Unexpected::Unsigned(share), &self))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Held, E> {
        Ok(Held::Files(name.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Held, A::Error> {
        let file = File::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Held::Files(file.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Held, A::Error> {
        let mut files = Vec::new();
        while let Some(NameOrMapping(file)) = list.next_element()? {
            files.push(file);
        }
        Ok(Held::Files(Part(files)))
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
                f.write_str("a column's name or its number from 0")
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
                f.write_str("a column's name, its number from 0, or a list of them")
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
