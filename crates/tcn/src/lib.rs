//! tcn
