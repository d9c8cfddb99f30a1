//! Dependencies between crates: `graph ← layers ← architectures ← factory`, downward in reading order, and
//! libtorch only where it computes.

use super::Finding;
use super::tree::{Member, Tree};

/// The crates of one family each.
const ARCHITECTURES: [&str; 6] = ["tcn", "unet", "unext", "efficientnetv2", "mobileone", "resnet"];
/// The only crates that may depend on an architecture, apart from tests.
const KNOW_ARCHITECTURES: [&str; 3] = ["factory", "dialects", "benches"];
/// Crates that always link libtorch.
const LINK_TORCH: [&str; 2] = ["torch", "benches"];
/// Crates that link libtorch with their feature `torch`.
const OPTIONAL_TORCH: [&str; 2] = ["train", "cli"];
/// Crates that must not link libtorch.
const WITHOUT_TORCH: [&str; 13] = [
    "model", "data", "report", "emit", "onnx", "kernels", "engine", "predict", "factory", "dialects",
    "codegen", "fuzz", "xtask",
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let order = reading_order(tree);
    let mut findings = Vec::new();
    for member in &members {
        findings.extend(directions(member, &names, &order));
        findings.extend(bindings(member));
    }
    findings.extend(defaults(tree));
    findings
}

/// The crates in the order of the root manifest, which is the order to read them in.
fn reading_order(tree: &Tree) -> Vec<&str> {
    let mut order = Vec::new();
    for line in tree.text("Cargo.toml").unwrap_or_default().lines() {
        if let Some((name, _)) = line.split_once(" = { path = ") {
            order.push(name);
        }
    }
    order
}

/// One entry of a dependency table.
struct Dependency<'a> {
    name: &'a str,
    optional: bool,
    /// True if its feature `torch` is on.
    torch: bool,
    development: bool,
}

/// The reasons why a crate must not depend on others of the workspace.
fn directions(member: &Member<'_>, names: &[&str], order: &[&str]) -> Vec<Finding> {
    let place = format!("{}/Cargo.toml", member.folder);
    let mut findings = Vec::new();
    // Tests may use any crate.
    for dependency in dependencies(member) {
        if dependency.development || !names.contains(&dependency.name) {
            continue;
        }
        if let Some(reason) = refusal(&member.name, &dependency, order) {
            findings.push(Finding::new(&place, format!("depends on `{}`", dependency.name), reason));
        }
    }
    findings
}

/// The reason why the crate `own` must not have this dependency.
fn refusal(own: &str, dependency: &Dependency<'_>, order: &[&str]) -> Option<&'static str> {
    let name = dependency.name;
    if own == "graph" {
        return Some("`graph` must not depend on other crates of the workspace, because all depend on it");
    }
    if own == "layers" && name != "graph" {
        return Some("`layers` may depend on `graph` only, because architectures depend on it");
    }
    if ARCHITECTURES.contains(&own) {
        return match name {
            "graph" | "layers" => None,
            "torch" if dependency.optional => None,
            "torch" => Some("it must be optional, so that summary and export work without libtorch"),
            _ => Some("only `graph`, `layers` and `torch` are allowed, so that a user pays for one family"),
        };
    }
    if ARCHITECTURES.contains(&name) && !KNOW_ARCHITECTURES.contains(&own) {
        return Some(
            "only `factory`, `dialects`, `benches` and tests may, so that a user pays for one family",
        );
    }
    let links_torch = LINK_TORCH.contains(&name) || (OPTIONAL_TORCH.contains(&name) && dependency.torch);
    if links_torch && WITHOUT_TORCH.contains(&own) {
        return Some("it must not link libtorch, so that it works without one");
    }
    if links_torch && OPTIONAL_TORCH.contains(&own) && !dependency.optional {
        return Some("it must be optional, so that the rest of the crate builds without libtorch");
    }
    let position = |name: &str| order.iter().position(|known| *known == name);
    if let (Some(from), Some(to)) = (position(own), position(name))
        && from < to
    {
        return Some(
            "it comes later in the reading order of the root manifest; a dependency must come earlier",
        );
    }
    None
}

/// Only `torch` may depend on tch.
fn bindings(member: &Member<'_>) -> Vec<Finding> {
    if member.name == "torch" {
        return Vec::new();
    }
    let binding = |dependency: &Dependency<'_>| matches!(dependency.name, "tch" | "torch-sys");
    let found = dependencies(member).into_iter().filter(binding).map(|dependency| {
        let found = format!("depends on `{}`", dependency.name);
        let rule = "only `torch` may, and re-exports it, so that the version is chosen in one place";
        Finding::new(format!("{}/Cargo.toml", member.folder), found, rule)
    });
    found.collect()
}

/// A crate cannot turn off the default features of a workspace dependency.
fn defaults(tree: &Tree) -> Vec<Finding> {
    let workspace = tree.workspace();
    let entries = workspace.get("workspace").and_then(|table| table.get("dependencies"));
    let mut findings = Vec::new();
    for (name, entry) in entries.and_then(toml::Value::as_table).into_iter().flatten() {
        let is_off = entry.get("default-features").and_then(toml::Value::as_bool) == Some(false);
        if (name == "train" || ARCHITECTURES.contains(&name.as_str())) && !is_off {
            let rule = "it must have `default-features = false`, so that others can use it without libtorch";
            findings.push(Finding::new("Cargo.toml", format!("`{name}` has its default features on"), rule));
        }
    }
    findings
}

fn has_feature(entry: &toml::Value, feature: &str) -> bool {
    let features = entry.get("features").and_then(toml::Value::as_array);
    features.is_some_and(|features| features.iter().any(|given| given.as_str() == Some(feature)))
}

fn dependencies<'a>(member: &'a Member<'_>) -> Vec<Dependency<'a>> {
    let targets = member.manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table()).chain([&member.manifest]);
    let mut found = Vec::new();
    for table in tables {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let entries = table.get(kind).and_then(toml::Value::as_table).into_iter().flatten();
            found.extend(entries.map(|(key, entry)| Dependency {
                name: entry.get("package").and_then(toml::Value::as_str).unwrap_or(key),
                optional: entry.get("optional").and_then(toml::Value::as_bool) == Some(true),
                torch: has_feature(entry, "torch"),
                development: kind == "dev-dependencies",
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// Compares the findings in a workspace of crates with these manifests.
    fn tidy(crates: &[(&str, &str)], expected: &Expect) {
        let file = |(name, text): &(&str, &str)| (format!("crates/{name}/Cargo.toml"), (*text).to_owned());
        let files: Vec<_> = crates.iter().map(file).collect();
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let lines = check(&Tree::of(&files)).iter().map(|finding| format!("{finding}\n")).collect::<String>();
        expected.assert_eq(&lines);
    }

    #[test]
    fn allowed() {
        tidy(
            &[
                ("graph", "[dependencies]\nserde.workspace = true"),
                ("layers", "[dependencies]\ngraph.workspace = true"),
                (
                    "resnet",
                    "[dependencies]\nlayers.workspace = true\ntorch = { workspace = true, optional = true }",
                ),
                ("torch", "[dependencies]\ngraph.workspace = true\ntch.workspace = true\ntorch-sys = '1'"),
                (
                    "data",
                    "[dependencies]\ngraph.workspace = true\n[dev-dependencies]\ntrain.workspace = true",
                ),
                (
                    "train",
                    "[dependencies]\ndata.workspace = true\ntorch = { workspace = true, optional = true }",
                ),
                (
                    "cli",
                    "[dependencies]\nfactory.workspace = true\ntrain = { workspace = true, optional = true }",
                ),
                ("unet", "[dev-dependencies]\nresnet.workspace = true\ntorch.workspace = true"),
            ],
            &expect![""],
        );
    }

    #[test]
    fn graph_knows_nobody() {
        tidy(
            &[("graph", "[dependencies]\nlayers.workspace = true"), ("layers", "")],
            &expect![[r#"
                crates/graph/Cargo.toml: depends on `layers`; `graph` must not depend on other crates of the workspace, because all depend on it
            "#]],
        );
    }

    #[test]
    fn layers_know_graph_only() {
        let layers = "[target.'cfg(unix)'.dependencies]\nt = { package = 'torch', path = '../torch' }";
        tidy(
            &[("layers", layers), ("torch", "")],
            &expect![[r#"
                crates/layers/Cargo.toml: depends on `torch`; `layers` may depend on `graph` only, because architectures depend on it
            "#]],
        );
    }

    #[test]
    fn architectures_know_no_architecture_and_torch_optionally() {
        let unet = "[dependencies]\nresnet.workspace = true\ntorch.workspace = true";
        tidy(
            &[("unet", unet), ("resnet", ""), ("torch", "")],
            &expect![[r#"
                crates/unet/Cargo.toml: depends on `resnet`; only `graph`, `layers` and `torch` are allowed, so that a user pays for one family
                crates/unet/Cargo.toml: depends on `torch`; it must be optional, so that summary and export work without libtorch
            "#]],
        );
    }

    #[test]
    fn few_know_an_architecture() {
        tidy(
            &[("engine", "[build-dependencies]\nresnet.workspace = true"), ("resnet", "")],
            &expect![[r#"
                crates/engine/Cargo.toml: depends on `resnet`; only `factory`, `dialects`, `benches` and tests may, so that a user pays for one family
            "#]],
        );
    }

    #[test]
    fn setup_does_not_link_libtorch() {
        tidy(
            &[("xtask", "[dependencies]\ntorch.workspace = true"), ("torch", "")],
            &expect![[r#"
                crates/xtask/Cargo.toml: depends on `torch`; it must not link libtorch, so that it works without one
            "#]],
        );
    }

    #[test]
    fn data_and_reports_need_no_libtorch() {
        tidy(
            &[
                ("data", "[dependencies]\ntorch.workspace = true"),
                ("report", "[dependencies]\ntrain = { workspace = true, features = ['torch'] }"),
                ("cli", "[dependencies]\ntrain.workspace = true"),
                ("torch", ""),
                ("train", ""),
            ],
            &expect![[r#"
                crates/data/Cargo.toml: depends on `torch`; it must not link libtorch, so that it works without one
                crates/report/Cargo.toml: depends on `train`; it must not link libtorch, so that it works without one
            "#]],
        );
    }

    #[test]
    fn dependencies_point_downward() {
        let root = "[workspace.dependencies]\ngraph = { path = 'a' }\ndata = { path = 'b' }\ntrain = { path = 'c', \
                    default-features = false }";
        let files = [
            ("Cargo.toml", root),
            ("crates/graph/Cargo.toml", ""),
            ("crates/data/Cargo.toml", "[dependencies]\ngraph.workspace = true\ntrain.workspace = true"),
            ("crates/train/Cargo.toml", "[dependencies]\ndata.workspace = true"),
        ];
        let findings: String =
            check(&Tree::of(&files)).iter().map(|finding| format!("{finding}\n")).collect();
        expect![[r#"
            crates/data/Cargo.toml: depends on `train`; it comes later in the reading order of the root manifest; a dependency must come earlier
        "#]].assert_eq(&findings);
    }

    #[test]
    fn tch_enters_through_torch() {
        tidy(
            &[("benches", "[dev-dependencies]\ntch.workspace = true\ntorch-sys = '1'")],
            &expect![[r#"
            crates/benches/Cargo.toml: depends on `tch`; only `torch` may, and re-exports it, so that the version is chosen in one place
            crates/benches/Cargo.toml: depends on `torch-sys`; only `torch` may, and re-exports it, so that the version is chosen in one place
        "#]],
        );
    }

    #[test]
    fn architectures_stand_without_default_features() {
        let root = "[workspace.dependencies]\nresnet = { path = 'a' }\nunet = { path = 'b', default-features = false }";
        let findings = check(&Tree::of(&[("Cargo.toml", root)]));
        expect!["Cargo.toml: `resnet` has its default features on; it must have `default-features = false`, so that others can use it without libtorch"].assert_eq(&findings[0].to_string());
        assert_eq!(findings.len(), 1);
    }
}
