//! Ready models and presets by name.

use std::fmt;

use graph::{listed, quoted};

use crate::{Factory, Family, input_section, keys, models};

/// A ready model or a preset.
#[derive(Clone, Copy, Debug)]
pub enum NamedModel<'f> {
    /// A ready model, such as `activity-tcn`.
    Ready(&'static str),
    /// A preset of a family.
    Preset(&'f Family, &'static str),
}

/// A name that stands for no model, or for several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// An unknown name.
    Unknown {
        /// The name that was given.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
        /// The presets of the family, if the name begins with one.
        known: Vec<&'static str>,
    },
    /// The name of presets of several families.
    Ambiguous {
        /// The presets, each with its family.
        models: Vec<String>,
    },
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, nearest, known } => {
                write!(f, "unknown model {}", quoted(name))?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
                    None if known.is_empty() => Ok(()),
                    None => write!(f, "; known presets: {}", listed(known)),
                }
            }
            Self::Ambiguous { models } => {
                write!(f, "expected one preset, found {} of this name: {}", models.len(), models.join(", "))
            }
        }
    }
}

impl std::error::Error for NameError {}

impl NamedModel<'_> {
    /// The whole name, such as `activity-tcn` or `resnet/resnet18`.
    pub fn name(&self) -> String {
        match self {
            Self::Ready(name) => (*name).to_owned(),
            Self::Preset(family, preset) => format!("{}/{preset}", family.name()),
        }
    }

    /// The config in YAML. A preset has the usual input of its family and its own number of classes.
    pub fn config(&self) -> String {
        let (family, preset) = match self {
            Self::Ready(name) => return models::get(name).unwrap_or_default().to_owned(),
            Self::Preset(family, preset) => (family, preset),
        };
        let mut text = format!("name: {preset}\ninput: {}\n", input_section(family.input()));
        if let Some(classes) = family.classes(preset) {
            text.push_str(&format!("classes: {classes}\n"));
        }
        text.push_str(&format!("architecture: {}\npreset: {preset}\n", family.name()));
        text
    }
}

impl Factory {
    /// Finds a ready model or a preset: `activity-tcn`, `resnet/resnet18`, `mobileone/s0` for
    /// `mobileone/mobileone_s0`, or `resnet18` if only one family has a preset of that name.
    ///
    /// ```
    /// let factory = factory::Factory::builtin();
    /// assert_eq!(factory.find("resnet18")?.name(), "resnet/resnet18");
    /// let error = factory.find("resent/resnet18").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown model `resent/resnet18`; did you mean `resnet/resnet18`?");
    /// # Ok::<(), factory::NameError>(())
    /// ```
    ///
    /// # Errors
    /// An unknown name, with the nearest name if it is near, or the name of presets of several families.
    pub fn find(&self, name: &str) -> Result<NamedModel<'_>, NameError> {
        if let Some(ready) = models::names().find(|ready| *ready == name) {
            return Ok(NamedModel::Ready(ready));
        }
        let (family, preset) = match name.split_once('/') {
            Some((family, preset)) => (self.get(family), preset),
            None => (None, name),
        };
        let candidates: Vec<&Family> = match family {
            Some(family) => vec![family],
            None if name.contains('/') => Vec::new(),
            None => self.list().collect(),
        };
        let mut found = Vec::new();
        for candidate in candidates {
            found.extend(candidate.preset_name(preset).map(|preset| NamedModel::Preset(candidate, preset)));
        }
        match found.as_slice() {
            [model] => Ok(*model),
            [] => Err(NameError::Unknown {
                name: name.to_owned(),
                nearest: self.nearest(name),
                known: family.map(|family| family.presets().collect()).unwrap_or_default(),
            }),
            models => Err(NameError::Ambiguous { models: models.iter().map(NamedModel::name).collect() }),
        }
    }

    /// The nearest name of a ready model or a preset, if it is near.
    fn nearest(&self, name: &str) -> Option<String> {
        let presets = self.presets("*");
        let mut names: Vec<&str> = models::names().collect();
        for preset in &presets {
            names.push(preset);
            names.extend(preset.split_once('/').map(|(_, preset)| preset));
        }
        keys::near(name, &names).map(str::to_owned)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn find(name: &str) -> Result<String, String> {
        Factory::builtin().find(name).map(|model| model.name()).map_err(|error| error.to_string())
    }

    #[test]
    fn unique_and_short_names() {
        for (name, expected) in [
            ("activity-tcn", "activity-tcn"),
            ("resnet18", "resnet/resnet18"),
            ("resnet/resnet18", "resnet/resnet18"),
            ("s0", "mobileone/mobileone_s0"),
            ("mobileone/s0", "mobileone/mobileone_s0"),
            ("bai", "tcn/bai"),
        ] {
            assert_eq!(find(name).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn every_model_is_found_by_its_whole_name_and_its_config_builds_it() {
        let factory = Factory::builtin();
        for name in models::names().map(str::to_owned).chain(factory.presets("*")) {
            let model = factory.find(&name).unwrap();
            assert_eq!(model.name(), name);
            let built = factory.build(&model.config()).unwrap();
            if let NamedModel::Preset(family, preset) = model {
                let classes = family.classes(preset);
                let expected = factory.preset(family.name(), preset, family.input().clone(), classes);
                assert_eq!(built.graph, expected.unwrap().graph, "{name}");
            }
        }
    }

    #[test]
    fn unknown_and_ambiguous_names() {
        assert_eq!(
            find("activity-tnc").unwrap_err(),
            "unknown model `activity-tnc`; did you mean `activity-tcn`?"
        );
        assert_eq!(find("resnet19").unwrap_err(), "unknown model `resnet19`; did you mean `resnet18`?");
        assert_eq!(find("vgg16").unwrap_err(), "unknown model `vgg16`");
        let error = find("unet/enormous").unwrap_err();
        assert!(error.starts_with("unknown model `unet/enormous`; known presets: "), "{error}");
        let error = find("micro").unwrap_err();
        assert!(
            error.starts_with("expected one preset, found ") && error.contains("resnet/micro"),
            "{error}"
        );
    }
}
