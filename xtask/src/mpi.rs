//! Requirements of the feature `mpi`.

use std::path::{Path, PathBuf};

/// Returns what this machine lacks to build the feature `mpi` and to start several processes, or `None` if it has
/// everything.
pub(crate) fn missing() -> Option<&'static str> {
    if !is_on_path("mpirun") {
        return Some("`mpirun`, for example that of the Debian package openmpi-bin");
    }
    if !is_on_path("mpicc") {
        return Some("`mpicc`, for example that of the Debian package libopenmpi-dev");
    }
    // On other systems, libclang comes with the compiler.
    if cfg!(target_os = "linux") && !has_libclang() {
        return Some("libclang, for example that of the Debian package libclang-dev");
    }
    None
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether libclang is in one of the folders where distributions put it.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let mut folders: Vec<PathBuf> = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).into();
    for entry in entries(Path::new("/usr/lib")) {
        folders.push(entry.join("lib"));
        folders.push(entry);
    }
    folders.iter().any(|folder| entries(folder).iter().any(|file| is_libclang(file)))
}

fn is_libclang(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let has_version = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(".so");
    name.starts_with("libclang.so") || name.strip_prefix("libclang-").is_some_and(has_version)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libclang() {
        for name in ["libclang.so", "libclang.so.1", "libclang-14.so.14.0.6"] {
            assert!(is_libclang(Path::new(name)), "{name}");
        }
        // The C++ interface, which bindgen does not use.
        for name in ["libclang-cpp.so.14", "libclang.a", "libclangAST.so"] {
            assert!(!is_libclang(Path::new(name)), "{name}");
        }
    }
}
