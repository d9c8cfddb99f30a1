//! The arguments of another package's function, each read once.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::ReferenceError;

/// Keyword arguments, and which of them have been read.
pub(super) struct Arguments<'j> {
    spec: &'j Map<String, Json>,
    keywords: Map<String, Json>,
    read: RefCell<BTreeSet<String>>,
}

impl<'j> Arguments<'j> {
    /// The arguments of a spec `{…, kwargs: {…}}`.
    pub(super) fn of(spec: &'j Json) -> Result<Self, ReferenceError> {
        let spec = spec.as_object().ok_or_else(|| ReferenceError::expected("", "an object", spec))?;
        let keywords = match spec.get("kwargs") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(keywords)) => keywords.clone(),
            Some(other) => {
                return Err(ReferenceError::expected("kwargs", "an object", other));
            }
        };
        Ok(Self { spec, keywords, read: RefCell::default() })
    }

    /// A field of the spec beside the keyword arguments.
    pub(super) fn field(&self, name: &str) -> Option<&'j Json> {
        self.spec.get(name)
    }

    /// A keyword argument, or `default` where it is absent or null.
    pub(super) fn get<T: DeserializeOwned>(&self, name: &str, default: T) -> Result<T, ReferenceError> {
        self.read.borrow_mut().insert(name.to_owned());
        match self.keywords.get(name) {
            None | Some(Json::Null) => Ok(default),
            Some(value) => serde_json::from_value(value.clone())
                .map_err(|error| ReferenceError::invalid(name, error.to_string())),
        }
    }

    /// Returns true if a keyword argument is given as null.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.keywords.get(name).is_some_and(Json::is_null)
    }

    /// The classes that are given beside the keyword arguments.
    pub(super) fn classes(&self) -> Result<Option<usize>, ReferenceError> {
        match self.field("num_classes") {
            None | Some(Json::Null) => Ok(None),
            Some(classes) => serde_json::from_value(classes.clone())
                .map(Some)
                .map_err(|error| ReferenceError::invalid("num_classes", error.to_string())),
        }
    }

    /// Ignores arguments that only affect training from scratch.
    pub(super) fn ignore(&self, names: &[&str]) {
        self.read.borrow_mut().extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Refuses arguments that were not read.
    pub(super) fn finish(&self) -> Result<(), ReferenceError> {
        let read = self.read.borrow();
        match self.keywords.iter().find(|(name, value)| !read.contains(*name) && !value.is_null()) {
            None => Ok(()),
            Some((name, value)) => Err(ReferenceError::Unsupported(format!("the argument {name} = {value}"))),
        }
    }
}
