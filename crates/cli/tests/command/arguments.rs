//! Arguments of all commands: settings, standard input, names of models, the amount of output.

use std::process::Command;

use expect_test::{Expect, expect};
use graph::{Array, Weights};
use serde_json::Value;

use crate::place::{Place, TINY};

#[test]
fn settings_change_the_config() {
    let place = Place::new();
    let parameters = |arguments: &str| {
        let (code, text, error) = place.run(arguments);
        assert_eq!(code, 0, "{error}");
        let summary: Value = serde_json::from_str(&text).unwrap();
        summary["totals"]["trainable"].as_u64().unwrap()
    };
    let before = parameters("summary tiny.yaml --json");
    std::fs::write(place.path("wide.yaml"), TINY.replace("channels: 8", "channels: 16")).unwrap();
    let wide = parameters("summary tiny.yaml --json --set params.stages[0].channels=16");
    assert_eq!(wide, parameters("summary wide.yaml --json"));
    assert_ne!(wide, before);
    // The last setting of a field counts; a setting applies to presets and ready models, too.
    assert_eq!(parameters("summary tiny.yaml --json --set classes=7 --set classes=4"), before);
    let changed = parameters("summary resnet/micro --json --set classes=7");
    assert_eq!(changed, parameters("summary resnet/micro --json --classes 7"));
    assert_eq!(
        parameters("summary activity-resnet --json --set classes=7"),
        parameters("summary activity-resnet --json --classes 7")
    );
}

#[test]
#[rustfmt::skip]
fn wrong_settings_are_named() {
    let place = Place::new();
    let check = |settings: &str, expected: &Expect| place.fails(&format!("summary tiny.yaml {settings}"), 3, expected);
    check("--set train.epoch=3", &expect![[r#"
        error: --set train.epoch: unknown key; use `epochs`
    "#]]);
    check("--set classes=many", &expect![[r#"
        error: --set classes: expected a non-negative integer, found "many"
    "#]]);
    check("--set params.stages[0].kernle=3", &expect![[r#"
        error: --set params.stages[0].kernle: unknown key; use `kernel`
    "#]]);
    check("--set params.stages[4].channels=3", &expect![[r#"
        error: --set params.stages: expected an index below 1, found 4
    "#]]);
    // Errors of other fields name the file.
    check("--set classes=3 --channels 0", &expect![[r#"
        error: tiny.yaml: input.channels: expected 1 to 16777216, found 0
    "#]]);
    place.fails("summary tiny.safetensors --set classes=3", 2, &expect![[r#"
        error: --set: expected a config, found the model file tiny.safetensors, whose network is fixed
    "#]]);
}

/// A config is read once, so a pipe serves commands that need it several times.
#[test]
fn configs_on_standard_input() {
    let place = Place::new();
    let (_, expected, _) = place.run("summary tiny.yaml");
    assert_eq!(place.run_on(TINY, "summary -"), (0, expected, String::new()));
    for (command, output) in [
        ("merge CONFIG tiny.safetensors -o", "merged.safetensors"),
        ("export CONFIG tiny.safetensors -o", "tiny.onnx"),
        ("convert CONFIG tiny.safetensors --to torchvision -o", "converted.safetensors"),
        ("adapt CONFIG tiny.safetensors --classes 7 -o", "adapted.safetensors"),
        ("adapt CONFIG tiny.safetensors --to resnet/micro -o", "other.safetensors"),
    ] {
        let (_, text, _) = place.run(&format!("{} {output}", command.replace("CONFIG", "tiny.yaml")));
        let expected = std::fs::read(place.path(output)).ok();
        for standard_input in ["-", "/dev/stdin"] {
            let arguments = format!("{} {output}", command.replace("CONFIG", standard_input));
            let (_, piped, _) = place.run_on(TINY, &arguments);
            assert_eq!(piped, text, "{arguments}");
            // A merged model names the folder of its config, too.
            if output != "merged.safetensors" {
                assert!(std::fs::read(place.path(output)).ok() == expected, "{arguments}");
            }
        }
    }
    let (code, _, error) = place.run_on(&TINY.replace("kernel: 3", "kernle: 3"), "summary -");
    assert_eq!(code, 3);
    assert_eq!(error, "error: standard input: params.stages[0].kernle: unknown key; use `kernel`\n");
}

#[test]
#[rustfmt::skip]
fn models_are_found_by_unique_name() {
    let place = Place::new();
    for (short, whole) in [("resnet18", "resnet/resnet18"), ("s0", "mobileone/mobileone_s0"), ("mobileone/s0", "mobileone/mobileone_s0")] {
        let [short, whole] = [short, whole].map(|name| place.run(&format!("summary {name} --depth 1")));
        assert_eq!(short, whole);
        assert_eq!(short.0, 0, "{}", short.2);
    }
    let check = |name: &str, expected: &Expect| place.fails(&format!("summary {name}"), 3, expected);
    check("resent/resnet18", &expect![[r#"
        error: unknown model `resent/resnet18`; did you mean `resnet/resnet18`?
    "#]]);
    check("activity-tnc", &expect![[r#"
        error: unknown model `activity-tnc`; did you mean `activity-tcn`?
    "#]]);
    let (_, _, error) = place.run("summary micro");
    assert!(error.starts_with("error: expected one preset, found ") && error.contains("resnet/micro"), "{error}");
}

#[test]
fn inputs_of_configs_can_be_replaced() {
    let place = Place::new();
    let (code, text, _) = place.run("summary tiny.yaml --input 3x64");
    assert!(code == 0 && text.contains("[N, 3, 64]"), "{text}");
}

/// Long lists of names are folded to five.
#[test]
fn names_are_folded() {
    let place = Place::new();
    let mut weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    for i in 0..8 {
        weights.insert(format!("extra.{i}"), Array::new([1], vec![0.0]).unwrap());
    }
    weights.write(place.path("more.safetensors")).unwrap();
    let command = "convert tiny.yaml more.safetensors --partial -o out.safetensors";
    place.prints(
        command,
        &expect![[r#"
            22 matched, 0 missing, 8 unexpected, 0 of another shape
            unexpected  extra.0
            unexpected  extra.1
            unexpected  extra.2
            unexpected  extra.3
            unexpected  extra.4
            unexpected  and 3 more (--verbose lists all)
        "#]],
    );
    let (_, text, _) = place.run(&format!("{command} --verbose"));
    assert!(text.contains("extra.7") && !text.contains("more ("), "{text}");
    let (_, text, _) = place.run("merge tiny.yaml tiny.safetensors -o out.safetensors -v");
    assert!(!text.contains(" more"), "{text}");
}

#[test]
fn the_list_as_json() {
    let place = Place::new();
    let (code, text, error) = place.run("list --json");
    assert_eq!((code, error.as_str()), (0, ""));
    let models: Vec<Value> = serde_json::from_str(&text).unwrap();
    let find = |name: &str| models.iter().find(|model| model["name"] == name).unwrap();
    let tcn = find("activity-tcn");
    assert_eq!(tcn["task"], "classification");
    assert_eq!((&tcn["trains"], &tcn["architecture"]), (&Value::Bool(true), &Value::from("tcn")));
    assert_eq!(tcn["input"], serde_json::json!([6, 100]));
    let sleep = find("sa-2-tcn-sm");
    assert_eq!((&sleep["task"], &sleep["trains"]), (&Value::Null, &Value::Bool(false)));
    for name in factory::models::names() {
        let description = find(name)["description"].as_str().unwrap();
        assert!(description.ends_with('.'), "{name}: {description}");
    }
    let (_, text, _) = place.run("list sa-2-tcn-sm --verbose");
    assert!(text.contains("Apnea"), "{text}");
}

#[test]
fn completions_of_every_shell() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script, error) = place.run(&format!("completions {shell}"));
        assert_eq!((code, error.as_str()), (0, ""), "{shell}");
        assert!(script.contains("summary") && script.contains("verbose"), "{shell}: {script}");
    }
}

/// Errors are colored as those of other commands are: on a terminal, or if it is forced, unless it is forbidden.
#[test]
fn colors_of_errors() {
    let place = Place::new();
    let error = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.args(["summary", "missing.yaml"]).current_dir(place.path(""));
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let plain = "error: missing.yaml: No such file or directory (os error 2)\n";
    assert_eq!(error(&[]), plain);
    assert!(error(&[("CLICOLOR_FORCE", "1")]).starts_with("\u{1b}["));
    assert_eq!(error(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
#[cfg(all(target_os = "linux", feature = "torch"))]
fn the_version_names_libtorch() {
    let (_, text, _) = Place::new().run("--version");
    assert!(text.starts_with(&format!("factory {} (libtorch ", env!("CARGO_PKG_VERSION"))), "{text}");
}

#[cfg(not(feature = "mpi"))]
#[test]
fn a_program_without_mpi_refuses_to_be_one_of_several_processes() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.arg("list").envs(variables.iter().copied()).output().unwrap()
    };
    let slurm = ("SLURM_STEP_NUM_TASKS", "2");
    for variables in
        [&[("OMPI_COMM_WORLD_SIZE", "2")][..], &[("PMI_SIZE", "2")], &[("PMIX_RANK", "0"), slurm]]
    {
        let output = run(variables);
        assert_eq!(output.status.code(), Some(2), "{variables:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "error: expected a `factory` built with the feature `mpi`, found one without it, started in 2 processes\n"
        );
    }
    assert!(run(&[slurm]).status.success(), "a step of Slurm without MPI");
}
