//! mobileone
