//! The configuration of a project outside the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::project::{Written, configure};
use super::source::Libtorch;

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn libtorch(root: &str) -> Libtorch {
    Libtorch { root: root.into(), libraries: Path::new(root).join("lib"), own: true }
}

/// A project whose `.cargo/config.toml` has this text.
fn project(config: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join(".cargo")).unwrap();
    fs::write(folder.path().join(".cargo/config.toml"), config).unwrap();
    folder
}

fn read(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).unwrap_or_default()
}

#[test]
fn an_empty_project_gets_two_files() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| Some(folder.path().join(name));
    let written = configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
    assert_eq!(
        written,
        Written { libtorch: file(".cargo/libtorch.toml"), config: file(".cargo/config.toml") }
    );
    expect![[r#"
        include = [{ path = "libtorch.toml", optional = true }] # written by `cargo xtask setup --for`
    "#]]
    .assert_eq(&read(&folder, ".cargo/config.toml"));
    expect![[r#"
        # Written by `cargo xtask setup`: where libtorch is. To change it, run that again.
        [env]
        LIBTORCH = { value = "/torch", force = false }

        [target.x86_64-unknown-linux-gnu]
        rustflags = ["-C", "link-arg=-Wl,--enable-new-dtags", "-C", "link-arg=-Wl,-rpath,/torch/lib"]
        rustdocflags = ["-C", "link-arg=-Wl,--enable-new-dtags", "-C", "link-arg=-Wl,-rpath,/torch/lib"]
    "#]]
    .assert_eq(&read(&folder, ".cargo/libtorch.toml"));
}

#[test]
fn another_setup_changes_only_what_differs() {
    let folder = TempDir::new().unwrap();
    let file = Some(folder.path().join(".cargo/libtorch.toml"));
    configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
    let config = read(&folder, ".cargo/config.toml");
    let again = configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
    assert_eq!(again, Written { libtorch: None, config: None });
    let moved = configure(folder.path(), &libtorch("/elsewhere"), TARGET).unwrap();
    assert_eq!(moved, Written { libtorch: file, config: None });
    assert_eq!(read(&folder, ".cargo/config.toml"), config);
    assert!(read(&folder, ".cargo/libtorch.toml").contains("/elsewhere"), "the old folder is still named");
}

#[test]
fn the_users_configuration_is_kept_to_the_byte() {
    let config = "# mine\r\n[alias]\r\nr = \"run\"  \r\n\r\n[env]\r\nRUST_LOG = 'info'\r\n\
                  [target.x86_64-unknown-linux-gnu]\r\nrustflags = ['-Ctarget-cpu=native']";
    let folder = project(config);
    configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
    let written = read(&folder, ".cargo/config.toml");
    let (first, rest) = written.split_once('\n').unwrap();
    assert!(first.starts_with("include = "), "the first line is `{first}`");
    assert_eq!(rest, config);
    assert_eq!(fs::read_dir(folder.path().join(".cargo")).unwrap().count(), 2);
}

#[test]
fn an_included_file_is_not_included_twice() {
    let texts = [
        "include = 'libtorch.toml'\n",
        "include = ['mine.toml', './libtorch.toml']\n",
        "include = [{ path = 'libtorch.toml' }]\n",
    ];
    for text in texts {
        let folder = project(text);
        configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
        assert_eq!(read(&folder, ".cargo/config.toml"), text);
    }
}

#[test]
fn cargos_old_name_of_the_file_is_used_if_it_exists() {
    let folder = project("");
    let rename = |from: &str, to: &str| fs::rename(folder.path().join(from), folder.path().join(to));
    rename(".cargo/config.toml", ".cargo/config").unwrap();
    configure(folder.path(), &libtorch("/torch"), TARGET).unwrap();
    assert!(read(&folder, ".cargo/config").starts_with("include = "), "cargo ignores the other file");
    assert_eq!(read(&folder, ".cargo/config.toml"), "");
}

/// Asserts that the configuration is refused and left as it is.
fn refused(config: &str, sentence: &Expect) {
    let folder = project(config);
    let error = configure(folder.path(), &libtorch("/torch"), TARGET).unwrap_err();
    let message = format!("{error:#}\n").replace(folder.path().to_str().unwrap(), "DIR");
    sentence.assert_eq(&message);
    assert_eq!(read(&folder, ".cargo/config.toml"), config);
    assert!(!folder.path().join(".cargo/libtorch.toml").exists(), "half of the setup was written");
}

#[test]
fn a_configuration_that_contradicts_is_refused_and_kept() {
    refused(
        "[env]\nLIBTORCH = '/mine'\n",
        &expect![[r#"
        `DIR/.cargo/config.toml`: env.LIBTORCH: expected no such key, because it replaces the folder that setup found; remove it
    "#]],
    );
    refused(
        "[build]\nrustflags = ['-Ctarget-cpu=native']\n",
        &expect![[r#"
        `DIR/.cargo/config.toml`: build.rustflags: cargo ignores these flags if there are any for the target, as for libtorch; move them to `[target.x86_64-unknown-linux-gnu]`
    "#]],
    );
    refused(
        "[target.x86_64-unknown-linux-gnu]\nrustflags = '-Ctarget-cpu=native'\n",
        &expect![[r#"
        `DIR/.cargo/config.toml`: target.x86_64-unknown-linux-gnu.rustflags: expected an array, which cargo joins with the flags for libtorch
    "#]],
    );
    refused(
        "include = ['mine.toml']\n",
        &expect![[r#"
        `DIR/.cargo/config.toml`: include: expected an entry `{ path = "libtorch.toml", optional = true }`; add it
    "#]],
    );
    refused(
        "[alias\n",
        &expect![[r#"
        `DIR/.cargo/config.toml`: expected valid TOML, found an error: unclosed table, expected `]`
    "#]],
    );
}

#[test]
fn a_missing_folder_is_refused() {
    let folder = PathBuf::from("/nowhere/project");
    let error = configure(&folder, &libtorch("/torch"), TARGET).unwrap_err();
    expect!["--for: expected a folder, found `/nowhere/project`"].assert_eq(&error.to_string());
}
