//! The program behind `cargo xtask fuzz`.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    fuzz::main()
}

#[cfg(not(unix))]
fn main() -> Result<(), &'static str> {
    Err("expected a Unix system, because the fuzzer uses its limits and signals")
}
