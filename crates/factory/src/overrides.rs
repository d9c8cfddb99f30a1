//! What a command line says beside a config.

/// Numbers that a config file does not say, or that are to be others than it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Input channels.
    pub channels: Option<usize>,
    /// Classes.
    pub classes: Option<usize>,
}
