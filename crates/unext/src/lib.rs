//! unext
