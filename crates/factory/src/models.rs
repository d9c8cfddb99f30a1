//! The ready configs, embedded, by name.

const READY: [(&str, &str); 1] = [("activity-resnet", include_str!("../models/activity-resnet.yaml"))];

/// The names of the ready configs.
pub fn names() -> impl Iterator<Item = &'static str> {
    READY.iter().map(|(name, _)| *name)
}

/// The text of a ready config.
pub fn get(name: &str) -> Option<&'static str> {
    READY.iter().find(|(ready, _)| *ready == name).map(|(_, text)| *text)
}
