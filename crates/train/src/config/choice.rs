//! Config values that are a name, alone or with the settings that belong to it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value that is written as `adamw` or as `{ adamw: { eps: 1e-6 } }`.
pub(crate) trait Choice: Sized {
    /// The noun phrase for messages, such as `an optimizer`.
    const NOUN: &'static str;

    /// Reads the value called `name`; an unknown name is an error.
    fn read<'de, S: Settings<'de>>(name: &str, settings: S) -> Result<Self, S::Error>;
}

/// The settings beside a name.
pub(crate) trait Settings<'de> {
    type Error: Error;

    /// Reads the settings, or takes the defaults of a name without settings.
    fn read<T: Deserialize<'de> + Default>(self) -> Result<T, Self::Error>;

    /// Checks that there are no settings.
    fn none(self) -> Result<(), Self::Error>
    where
        Self: Sized,
    {
        self.read::<NoSettings>().map(|NoSettings {}| ())
    }
}

/// Settings of a name that has none.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoSettings {}

/// Reads a name, or a mapping of one name to its settings.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Choice>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(ChoiceVisitor(PhantomData))
}

/// Writes a name with its settings.
pub(crate) fn serialize<S: Serializer>(
    serializer: S,
    name: &'static str,
    settings: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, settings)?;
    map.end()
}

struct ChoiceVisitor<T>(PhantomData<T>);

impl<'de, T: Choice> Visitor<'de> for ChoiceVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, a name or a name with settings", T::NOUN)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        T::read(name, Defaults(PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom(format_args!("expected {}, found an empty mapping", T::NOUN)));
        };
        let value = T::read(&name, Entry(&mut map))?;
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(second) => {
                let noun = T::NOUN;
                Err(A::Error::custom(format_args!("expected {noun}, found both `{name}` and `{second}`")))
            }
        }
    }
}

/// The settings of a name alone.
struct Defaults<E>(PhantomData<E>);

impl<'de, E: Error> Settings<'de> for Defaults<E> {
    type Error = E;

    fn read<T: Deserialize<'de> + Default>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

/// The settings in a mapping, whose key has been read.
struct Entry<'a, A>(&'a mut A);

impl<'de, A: MapAccess<'de>> Settings<'de> for Entry<'_, A> {
    type Error = A::Error;

    fn read<T: Deserialize<'de> + Default>(self) -> Result<T, A::Error> {
        self.0.next_value()
    }
}
