//! The labels in files, and the classes that they stand for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{expected, quoted};
use crate::{ClassList, Config};

/// Words for a missing label, in lower case. They are unknown unless the config names a class of this label.
const UNKNOWN: [&str; 7] = ["", "?", "nan", "na", "n/a", "none", "null"];

/// Largest magnitude below which every integer is an f64.
const LARGEST_INTEGER: f64 = 9_007_199_254_740_992.0;

/// The classes that labels in files stand for, according to a config.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    /// The class name of each label that the config lists.
    names: BTreeMap<String, String>,
    /// The labels that the config ignores.
    ignored: BTreeSet<String>,
    /// The names of the classes that the config lists, in order.
    listed: Vec<String>,
}

impl Labels {
    pub(crate) fn of(config: &Config) -> Self {
        let classes = config.classes.iter().flat_map(|classes| &classes.0);
        let ignored = config.ignore_classes.iter().flat_map(|labels| &labels.0);
        Self {
            names: classes.map(|class| (class.label.clone(), class.name.clone())).collect(),
            ignored: ignored.cloned().collect(),
            listed: config.classes.as_ref().map(ClassList::names).unwrap_or_default(),
        }
    }

    /// Returns the name of the class that `label` stands for, or `None` if the class is unknown: if the label is
    /// ignored, negative, empty, or a word such as `NaN`, and the config lists no class with this label.
    pub(crate) fn name<'a>(&'a self, label: &'a str) -> Option<Cow<'a, str>> {
        let label = canonical(label);
        if self.ignored.contains(label.as_ref()) {
            return None;
        }
        if let Some(name) = self.names.get(label.as_ref()) {
            return Some(Cow::Borrowed(name));
        }
        let is_negative = label.parse::<i64>().is_ok_and(|number| number < 0);
        if is_negative || is_missing(&label) { None } else { Some(label) }
    }

    /// Returns the name of the class that a file declares by `label`, or `None` if the config ignores the label.
    /// A declared class is known even if its label is negative.
    pub(crate) fn declared_name(&self, label: &str) -> Option<String> {
        let label = canonical(label);
        if self.ignored.contains(label.as_ref()) {
            return None;
        }
        Some(self.names.get(label.as_ref()).cloned().unwrap_or_else(|| label.into_owned()))
    }

    /// Returns whether the config ignores `label`.
    pub(crate) fn ignores(&self, label: &str) -> bool {
        self.ignored.contains(canonical(label).as_ref())
    }

    /// Returns the names of the classes that the config lists, in order.
    pub(crate) fn listed(&self) -> &[String] {
        &self.listed
    }

    /// Returns the message about a recording whose class is unknown.
    pub(crate) fn unknown_class(&self, label: &str) -> String {
        let label = label.trim();
        if self.ignores(label) {
            return expected("a class", format!("{}, which is in `ignore_classes`", quoted(label)));
        }
        if label.parse::<f64>().is_ok_and(|number| number < 0.0) {
            let advice = format!("to make it a class, set `classes: {{ {}: NAME, … }}`", canonical(label));
            return expected(
                "a class",
                format!("{}, which stands for an unknown class; {advice}", quoted(label)),
            );
        }
        expected("a class", quoted(label))
    }
}

/// Returns whether a cell or label stands for a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    UNKNOWN.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns a label without surrounding spaces, and an integer without a fraction, so that `1`, `1.0` and `1e0`
/// are the same label.
pub(crate) fn canonical(label: &str) -> Cow<'_, str> {
    let label = label.trim();
    match label.parse::<f64>() {
        Ok(number) if number.fract().abs() <= 0.0 && number.abs() < LARGEST_INTEGER => {
            // Without a sign in front of zero.
            Cow::Owned(format!("{:.0}", number + 0.0))
        }
        Ok(_) | Err(_) => Cow::Borrowed(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LabelList, Task};

    #[test]
    fn integers_are_one_label_however_they_are_written() {
        for (label, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            (" 01 ", "1"),
            ("0.000000000000000000e+00", "0"),
            ("-0.0", "0"),
            ("-1", "-1"),
            ("16777217", "16777217"),
            ("0.5", "0.5"),
            ("walk", "walk"),
            ("1e300", "1e300"),
            ("inf", "inf"),
        ] {
            assert_eq!(canonical(label), expected, "{label}");
        }
    }

    #[test]
    fn labels_are_unknown_unless_the_config_lists_them() {
        let mut config = Config::new(Task::Segmentation);
        let name = |config: &Config, label: &str| Labels::of(config).name(label).map(Cow::into_owned);
        for label in ["", "?", "NaN", "NA", "None", "null", "-1", "-1.0"] {
            assert_eq!(name(&config, label), None, "{label}");
        }
        assert_eq!(name(&config, "2.0").as_deref(), Some("2"));
        config.ignore_classes = Some(LabelList(vec!["255".to_owned()]));
        assert_eq!(name(&config, "255.0"), None);
        config.classes = Some(ClassList::from_iter(["-1", "None"]));
        assert_eq!(name(&config, "-1").as_deref(), Some("-1"));
        assert_eq!(name(&config, "None").as_deref(), Some("None"));
    }
}
