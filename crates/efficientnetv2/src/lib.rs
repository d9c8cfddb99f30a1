//! efficientnetv2
