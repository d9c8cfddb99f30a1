//! The classes in a config: their names, and their labels in files.

use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::labels::canonical;

/// The classes in the order of the network's outputs: a list of names, `[rest, walk]`, or a mapping from the
/// labels in the files to names, `{ 0: rest, 1: walk }`. Several labels may have the same name; they become one
/// class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassList(pub Vec<LabeledClass>);

/// A class and a label that stands for it in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabeledClass {
    /// The label. Integers are written without a fraction: `1`, not `1.0`.
    pub label: String,
    /// The name.
    pub name: String,
}

impl ClassList {
    /// Returns the names in the order of the network's outputs, each once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for class in &self.0 {
            if !names.contains(&class.name) {
                names.push(class.name.clone());
            }
        }
        names
    }

    /// Returns whether every label is the name itself.
    fn is_list(&self) -> bool {
        self.0.iter().all(|class| class.label == canonical(&class.name))
    }
}

/// Classes whose labels in files are their names.
impl<S: Into<String>> FromIterator<S> for ClassList {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let class = |name: String| LabeledClass { label: canonical(&name).into_owned(), name };
        Self(names.into_iter().map(|name| class(name.into())).collect())
    }
}

impl Serialize for ClassList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_list() {
            return serializer.collect_seq(self.0.iter().map(|class| &class.name));
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for class in &self.0 {
            map.serialize_entry(&class.label, &class.name)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ClassList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = ClassList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of class names, or a mapping from labels to class names")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClassList, A::Error> {
                let mut names = Vec::new();
                while let Some(Label(name)) = list.next_element()? {
                    names.push(name);
                }
                Ok(names.into_iter().collect())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClassList, A::Error> {
                let mut classes = Vec::new();
                while let Some(Label(label)) = map.next_key()? {
                    let Label(name) = map.next_value()?;
                    classes.push(LabeledClass { label: canonical(&label).into_owned(), name });
                }
                Ok(ClassList(classes))
            }
        }

        deserializer.deserialize_any(Form)
    }
}

/// A label or a name: text or a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label(pub(super) String);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = Label;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Label, E> {
                Ok(Label(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Label, E> {
                Ok(Label(number.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Label, E> {
                Ok(Label(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Label, E> {
                Ok(Label(number.to_string()))
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

/// Labels: a single one or a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelList(pub Vec<String>);

impl Serialize for LabelList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LabelList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrList;

        impl<'de> Visitor<'de> for OneOrList {
            type Value = LabelList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a label or a list of labels")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<LabelList, E> {
                Ok(LabelList(vec![canonical(text).into_owned()]))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<LabelList, E> {
                Ok(LabelList(vec![number.to_string()]))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<LabelList, E> {
                Ok(LabelList(vec![number.to_string()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LabelList, A::Error> {
                let mut labels = Vec::new();
                while let Some(Label(label)) = list.next_element()? {
                    labels.push(canonical(&label).into_owned());
                }
                Ok(LabelList(labels))
            }
        }

        deserializer.deserialize_any(OneOrList)
    }
}
