//! Rules for every crate: its manifest, its README and its first line.

use super::Finding;
use super::tree::{Member, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.members().iter().flat_map(|member| [manifest(tree, member), texts(tree, member)]).flatten().collect()
}

/// No crate is published by accident, and all share the same lints.
fn manifest(tree: &Tree, member: &Member<'_>) -> Vec<Finding> {
    let place = format!("{}/Cargo.toml", member.folder);
    let mut findings = Vec::new();
    let publish = |table: Option<&toml::Value>| table.and_then(|table| table.get("publish")).cloned();
    let own = publish(member.manifest.get("package"));
    let inherited = own.as_ref().and_then(|value| value.get("workspace")).is_some();
    let workspace = tree.workspace();
    let shared = publish(workspace.get("workspace").and_then(|table| table.get("package")));
    let value = if inherited { shared } else { own };
    if value.and_then(|value| value.as_bool()) != Some(false) {
        let rule = "set `publish = false`, because several of the names are taken on the registry";
        findings.push(Finding::new(&place, "may be published", rule));
    }
    let lints = member.manifest.get("lints").and_then(|lints| lints.get("workspace"));
    if lints.and_then(toml::Value::as_bool) != Some(true) {
        let rule = "set `[lints] workspace = true`, so that all crates share one list";
        findings.push(Finding::new(&place, "does not inherit the workspace's lints", rule));
    }
    findings
}

/// The README and the first line explain what the crate is for.
fn texts(tree: &Tree, member: &Member<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let readme = format!("{}/README.md", member.folder);
    let lines =
        tree.text(&readme).map_or(0, |text| text.lines().filter(|line| !line.trim().is_empty()).count());
    if lines < 3 {
        let rule = "explain what the crate is for";
        findings.push(Finding::new(
            readme,
            format!("expected at least 3 lines of text, found {lines}"),
            rule,
        ));
    }
    let source = format!("{}/src/", member.folder);
    for file in tree.sources() {
        let Some(name) = file.path.strip_prefix(&source) else { continue };
        let is_root = matches!(name, "lib.rs" | "main.rs") || name.starts_with("bin/");
        if is_root && !file.text.starts_with("//!") {
            let rule = "begin with a `//!` line that explains what the crate is for";
            findings.push(Finding::new(&file.path, "does not begin with `//!`", rule));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const ROOT: (&str, &str) = ("Cargo.toml", "[workspace.package]\npublish = false");
    const MANIFEST: (&str, &str) =
        ("x/Cargo.toml", "[package]\npublish.workspace = true\n[lints]\nworkspace = true");
    const README: (&str, &str) = ("x/README.md", "# x\n\nA crate.\n\nIts use.\n");
    const LIBRARY: (&str, &str) = ("x/src/lib.rs", "//! A crate.\n");

    fn tidy(files: &[(&str, &str)], expected: &Expect) {
        let findings = check(&Tree::of(files));
        expected.assert_eq(&findings.iter().map(|finding| format!("{finding}\n")).collect::<String>());
    }

    #[test]
    fn allowed() {
        tidy(&[ROOT, MANIFEST, README, LIBRARY], &expect![]);
        let own = ("x/Cargo.toml", "[package]\npublish = false\n[lints]\nworkspace = true");
        tidy(&[own, README, LIBRARY], &expect![]);
    }

    #[test]
    fn a_crate_that_may_be_published() {
        let open = ("Cargo.toml", "[workspace.package]\nversion = '0.1.0'");
        tidy(
            &[open, MANIFEST, README, LIBRARY],
            &expect![[r#"
            x/Cargo.toml: may be published; set `publish = false`, because several of the names are taken on the registry
        "#]],
        );
    }

    #[test]
    fn a_crate_with_lints_of_its_own() {
        tidy(
            &[("x/Cargo.toml", "[package]\npublish = false"), README, LIBRARY],
            &expect![[r#"
            x/Cargo.toml: does not inherit the workspace's lints; set `[lints] workspace = true`, so that all crates share one list
        "#]],
        );
    }

    #[test]
    fn a_crate_that_explains_nothing() {
        tidy(
            &[ROOT, MANIFEST, ("x/README.md", "# x\n\n"), ("x/src/bin/y.rs", "fn main() {}")],
            &expect![[r#"
            x/README.md: expected at least 3 lines of text, found 1; explain what the crate is for
            x/src/bin/y.rs: does not begin with `//!`; begin with a `//!` line that explains what the crate is for
        "#]],
        );
        tidy(
            &[ROOT, MANIFEST],
            &expect![[r#"
            x/README.md: expected at least 3 lines of text, found 0; explain what the crate is for
        "#]],
        );
    }
}
