//! The option `--set`.

use clap::Args;
use factory::{ConfigError, Setting, with_settings};

use crate::shell;

/// Settings that replace fields of a config.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Replace a field of the config, such as `train.epochs=3` or `params.blocks[0].channels=8`; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    settings: Vec<Setting>,
}

impl Settings {
    pub(crate) fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// The text of a config with these settings.
    pub(crate) fn apply(&self, config: &str) -> Result<String, ConfigError> {
        with_settings(config, &self.settings)
    }

    /// Whether a message is about a field that a setting replaces.
    pub(crate) fn concern(&self, message: &str) -> bool {
        self.settings.iter().any(|setting| {
            message.strip_prefix(setting.field()).is_some_and(|rest| rest.starts_with([':', '.', '[']))
        })
    }

    /// The options that repeat the settings, each after a space.
    pub(crate) fn options(&self) -> String {
        let option = |setting: &Setting| format!(" --set {}", shell::word(setting.to_string()));
        self.settings.iter().map(option).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_commands_name_the_settings() {
        let settings = ["train.epochs=3", "params.blocks=[{ channels: 8 }]"];
        let settings = Settings { settings: settings.map(|text| text.parse().unwrap()).into() };
        for message in ["train.epochs: x", "params.blocks[0].channels: x"] {
            assert!(settings.concern(message), "{message}");
        }
        for message in ["train.epochs_x: x", "train: x", "data.train: x"] {
            assert!(!settings.concern(message), "{message}");
        }
        assert_eq!(settings.options(), " --set train.epochs=3 --set 'params.blocks=[{ channels: 8 }]'");
    }
}
