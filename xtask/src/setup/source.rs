//! The choice of libtorch: the user's variables first, then the cache.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::SetupError;
use super::wheels::VERSION;

/// The environment variables of a process, as a value for tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment(pub(crate) BTreeMap<OsString, OsString>);

impl Environment {
    /// The variables of this process.
    pub(crate) fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of a variable, if set.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

/// The origin of the libtorch to use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The user's `LIBTORCH`.
    Folder(PathBuf),
    /// The user's `LIBTORCH_USE_PYTORCH`.
    Pytorch,
    /// The cache, which is filled if necessary.
    Cache,
}

/// The source that the environment asks for.
///
/// Cargo passes the `[env]` of its configuration on to the programs it runs, including this one. So a `LIBTORCH`
/// equal to the `configured` value was not set by the user. A folder that the user set is configured in another
/// spelling (see [`super::config::marked`]), which tells the two apart.
pub(crate) fn choose(environment: &Environment, configured: Option<&str>) -> Source {
    if environment.get("LIBTORCH_USE_PYTORCH").is_some() {
        return Source::Pytorch; // torch-sys reads it first
    }
    match environment.get("LIBTORCH") {
        Some(value) if configured.is_none_or(|configured| value != configured) => {
            Source::Folder(PathBuf::from(value))
        }
        _ => Source::Cache,
    }
}

/// A libtorch to build with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Libtorch {
    /// The folder that contains `include/`.
    pub(crate) root: PathBuf,
    /// The folder of the libraries.
    pub(crate) libraries: PathBuf,
    /// True if the user chose it.
    pub(crate) own: bool,
}

/// The user's own libtorch in `root`, after a check that it is one.
pub(crate) fn own(
    environment: &Environment,
    variable: &'static str,
    root: &Path,
) -> Result<Libtorch, SetupError> {
    let named = |found: String| SetupError::Named { variable, folder: root.to_owned(), found };
    if !root.is_absolute() {
        return Err(named("which is not an absolute path".into()));
    }
    // As torch-sys does: the variable replaces the root, not the library folder.
    let libraries = environment.get("LIBTORCH_LIB").map_or(root, Path::new).join("lib");
    let is_torch = |name: &OsStr| name.to_string_lossy().trim_start_matches("lib").starts_with("torch_cpu.");
    let mut entries = libraries.read_dir().into_iter().flatten().flatten();
    if !entries.any(|entry| is_torch(&entry.file_name())) {
        return Err(named(format!("but `{}` contains no libtorch_cpu", libraries.display())));
    }
    if environment.get("LIBTORCH_BYPASS_VERSION_CHECK").is_none()
        && let Ok(version) = std::fs::read_to_string(root.join("build-version"))
        && version.trim().split('+').next() != Some(VERSION)
    {
        return Err(named(format!("which is version {}", version.trim())));
    }
    Ok(Libtorch { root: root.to_owned(), libraries, own: true })
}

/// The folder of the PyTorch that Python would import; its layout is that of a libtorch.
pub(crate) fn pytorch(environment: &Environment) -> Result<PathBuf, SetupError> {
    // The same interpreter as torch-sys uses.
    let python = match environment.get("VIRTUAL_ENV") {
        _ if cfg!(windows) => "python.exe",
        Some(_) => "python",
        None => "python3",
    };
    let find = "import importlib.util as u; print(u.find_spec('torch').submodule_search_locations[0])";
    let output = Command::new(python).args(["-c", find]).env_clear().envs(&environment.0).output();
    let output = output.ok().filter(|output| output.status.success()).ok_or(SetupError::NoPytorch)?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// The folder of the fetched libtorch.
pub(crate) fn cache(environment: &Environment, os: &str) -> Result<PathBuf, SetupError> {
    let folder = |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = match os {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => folder("HOME").map(|home| home.join("Library/Caches")),
        _ => folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache"))),
    };
    cache.map(|cache| cache.join("model-factory")).ok_or(SetupError::NoCache)
}
