//! Who may depend on whom: `graph ← layers ← architectures ← factory, benches`, and libtorch at one door,
//! which data, reports and generated files do not need.

use super::Finding;
use super::tree::{Member, Tree};

/// The crates of one family each.
const ARCHITECTURES: [&str; 6] = ["tcn", "unet", "unext", "efficientnetv2", "mobileone", "resnet"];
/// The only crates, tests aside, that may know an architecture.
const KNOW_ARCHITECTURES: [&str; 3] = ["factory", "dialects", "benches"];
/// The crates in which every dependency on libtorch begins.
const NEED_TORCH: [&str; 3] = ["torch", "train", "benches"];
/// Crates that link none.
const WITHOUT_TORCH: [&str; 6] = ["data", "report", "factory", "dialects", "emit", "codegen"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let members = tree.members();
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut findings: Vec<Finding> = members.iter().flat_map(|member| directions(member, &names)).collect();
    findings.extend(members.iter().flat_map(bindings));
    findings.extend(defaults(tree));
    findings
}

/// One entry of a dependency table.
struct Dependency<'a> {
    name: &'a str,
    optional: bool,
    development: bool,
}

/// A crate depends only on crates that come before it in reading order.
fn directions(member: &Member<'_>, names: &[&str]) -> Vec<Finding> {
    let place = format!("{}/Cargo.toml", member.folder);
    let architecture = |name: &str| ARCHITECTURES.contains(&name);
    let mut findings = Vec::new();
    // Tests may use any crate.
    for dependency in dependencies(member).into_iter().filter(|dependency| !dependency.development) {
        let name = dependency.name;
        let mut refuse = |needed| findings.push(Finding::new(&place, format!("depends on `{name}`"), needed));
        if !names.contains(&name) {
            continue;
        }
        match member.name.as_str() {
            "graph" => refuse("`graph` must know no other crate of the workspace, as all build on it"),
            "layers" if name == "graph" => {}
            "layers" => refuse("`layers` may know `graph` only, as architectures build on it"),
            own if architecture(own) => match name {
                "graph" | "layers" => {}
                "torch" if dependency.optional => {}
                "torch" => refuse("it must be optional, so that summary and export need no libtorch"),
                _ => refuse(
                    "only `graph`, `layers` and `torch` are allowed, so that a user pays for one family",
                ),
            },
            own if architecture(name) && !KNOW_ARCHITECTURES.contains(&own) => {
                refuse(
                    "only `factory`, `dialects`, `benches` and tests may, so that a user pays for one family only",
                );
            }
            "xtask" if NEED_TORCH.contains(&name) => {
                refuse("`xtask` must link no libtorch, for it is what finds one");
            }
            own if WITHOUT_TORCH.contains(&own) && NEED_TORCH.contains(&name) => {
                refuse("it must link no libtorch, so that it works where there is none");
            }
            "cli" if NEED_TORCH.contains(&name) && !dependency.optional => {
                refuse("it must be optional, so that models are built without libtorch");
            }
            _ => {}
        }
    }
    findings
}

/// tch enters through one crate.
fn bindings(member: &Member<'_>) -> Vec<Finding> {
    if member.name == "torch" {
        return Vec::new();
    }
    let binding = |dependency: &Dependency<'_>| matches!(dependency.name, "tch" | "torch-sys");
    let found = dependencies(member).into_iter().filter(binding).map(|dependency| {
        let found = format!("depends on `{}`", dependency.name);
        let needed = "only `torch` may, and re-exports it, so that the version is chosen in one place";
        Finding::new(format!("{}/Cargo.toml", member.folder), found, needed)
    });
    found.collect()
}

/// A workspace dependency's default features cannot be turned off by the crate that uses it.
fn defaults(tree: &Tree) -> Vec<Finding> {
    let workspace = tree.workspace();
    let entries = workspace.get("workspace").and_then(|table| table.get("dependencies"));
    let entries = entries.and_then(toml::Value::as_table).into_iter().flatten();
    let open = entries.filter(|(name, entry)| {
        let off = entry.get("default-features").and_then(toml::Value::as_bool) == Some(false);
        ARCHITECTURES.contains(&name.as_str()) && !off
    });
    let found = open.map(|(name, _)| {
        let needed = "it must say `default-features = false`, so that others can use it without libtorch";
        Finding::new("Cargo.toml", format!("`{name}` has its default features on"), needed)
    });
    found.collect()
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

    /// A workspace of crates with these dependencies, and what is found in it.
    fn tidy(crates: &[(&str, &str)], expected: &Expect) {
        let file = |(name, text): &(&str, &str)| (format!("crates/{name}/Cargo.toml"), (*text).to_owned());
        let files: Vec<_> = crates.iter().map(file).collect();
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let lines = check(&Tree::of(&files)).iter().map(|finding| format!("{finding}\n")).collect::<String>();
        expected.assert_eq(&lines);
    }

    #[test]
    fn what_is_allowed() {
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
                ("train", "[dependencies]\ndata.workspace = true\ntorch.workspace = true"),
                (
                    "cli",
                    "[dependencies]\nfactory.workspace = true\ntrain = { workspace = true, optional = true }",
                ),
                ("unet", "[dev-dependencies]\nresnet.workspace = true\ntorch.workspace = true"),
            ],
            &expect![],
        );
    }

    #[test]
    fn graph_knows_nobody() {
        tidy(
            &[("graph", "[dependencies]\nlayers.workspace = true"), ("layers", "")],
            &expect![[r#"
                crates/graph/Cargo.toml: depends on `layers`; `graph` must know no other crate of the workspace, as all build on it
            "#]],
        );
    }

    #[test]
    fn layers_know_graph_only() {
        let layers = "[target.'cfg(unix)'.dependencies]\nt = { package = 'torch', path = '../torch' }";
        tidy(
            &[("layers", layers), ("torch", "")],
            &expect![[r#"
                crates/layers/Cargo.toml: depends on `torch`; `layers` may know `graph` only, as architectures build on it
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
                crates/unet/Cargo.toml: depends on `torch`; it must be optional, so that summary and export need no libtorch
            "#]],
        );
    }

    #[test]
    fn few_know_an_architecture() {
        tidy(
            &[("engine", "[build-dependencies]\nresnet.workspace = true"), ("resnet", "")],
            &expect![[r#"
            crates/engine/Cargo.toml: depends on `resnet`; only `factory`, `dialects`, `benches` and tests may, so that a user pays for one family only
        "#]],
        );
    }

    #[test]
    fn setup_links_no_libtorch() {
        tidy(
            &[("xtask", "[dependencies]\ntorch.workspace = true"), ("torch", "")],
            &expect![[r#"
            crates/xtask/Cargo.toml: depends on `torch`; `xtask` must link no libtorch, for it is what finds one
        "#]],
        );
    }

    #[test]
    fn data_and_reports_need_no_libtorch() {
        tidy(
            &[
                ("data", "[dependencies]\ntorch.workspace = true"),
                ("report", "[dependencies]\ntrain.workspace = true"),
                ("cli", "[dependencies]\ntrain.workspace = true"),
                ("torch", ""),
                ("train", ""),
            ],
            &expect![[r#"
                crates/data/Cargo.toml: depends on `torch`; it must link no libtorch, so that it works where there is none
                crates/report/Cargo.toml: depends on `train`; it must link no libtorch, so that it works where there is none
                crates/cli/Cargo.toml: depends on `train`; it must be optional, so that models are built without libtorch
            "#]],
        );
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
        expect!["Cargo.toml: `resnet` has its default features on; it must say `default-features = false`, so that others can use it without libtorch"].assert_eq(&findings[0].to_string());
        assert_eq!(findings.len(), 1);
    }
}
