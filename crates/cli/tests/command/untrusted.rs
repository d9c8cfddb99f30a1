//! Untrusted text in arguments and files: no command prints its control characters, and every error is one
//! short line.

use graph::{Array, Weights};
use model::{Model, Source};

use crate::place::{Place, TINY};

/// Clears the screen, breaks the line, and reverses the text direction.
const ODD: &str = "\u{1b}[2J\n\u{202e}";

fn run(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_factory"));
    let output = command.args(arguments).current_dir(place.path("")).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), out, err)
}

#[track_caller]
fn check_clean(text: &str) {
    let is_odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(is_odd), "{text:?}");
}

/// The first line of an error.
#[track_caller]
fn error(place: &Place, arguments: &[&str]) -> String {
    let (code, _, error) = run(place, arguments);
    let refused_by_clap = error.contains("try '--help'");
    assert_eq!(code, Some(if refused_by_clap { 2 } else { 3 }), "{arguments:?}: {error}");
    check_clean(&error);
    let (first, rest) = error.split_once('\n').unwrap();
    assert!(first.starts_with("error: ") && first.len() <= 500, "{} bytes: {error}", first.len());
    // Only errors in arguments are followed by the usage.
    assert!(rest.is_empty() || rest.starts_with('\n') || rest.starts_with("  "), "{error}");
    first.to_owned()
}

#[test]
fn arguments_are_escaped_and_truncated() {
    let place = Place::new();
    for odd in [ODD.to_owned(), ODD.repeat(1000)] {
        let odd = odd.as_str();
        for arguments in [
            ["knit", odd].as_slice(),
            &[odd],
            &["list", odd],
            &["list", "x", "--input", odd],
            &["list", "x", &format!("--{odd}")],
            &["summary", odd],
            &["summary", &format!("resnet/{odd}")],
            &["summary", &format!("{odd}.yaml")],
            &["summary", "tiny.yaml", "--depth", odd],
            &["merge", "tiny.yaml", odd, "-o", "out"],
            &["convert", "tiny.yaml", "tiny.safetensors", "--from", odd, "-o", "out"],
            &["adapt", "tiny.yaml", "tiny.safetensors", "--to", odd, "-o", "out"],
        ] {
            error(&place, arguments);
        }
    }
}

/// Files with control characters in their names, keys and values.
#[test]
fn text_from_files_is_escaped_and_truncated() {
    let place = Place::new();
    let quoted = |text: &str| format!("{text:?}").replace("\\u{1b}", "\\e").replace("\\u{202e}", "\\u202e");
    for odd in [ODD.to_owned(), ODD.repeat(3000)] {
        for (from, to) in [
            ("name: tiny", format!("name: {}", quoted(&odd))),
            ("architecture: resnet", format!("architecture: {}", quoted(&odd))),
            ("preset: micro", format!("preset: {}", quoted(&odd))),
            ("classes: 4", format!("classes: {}", quoted(&odd))),
            ("classes: 4", format!("{}: 4", quoted(&odd))),
        ] {
            std::fs::write(place.path("odd.yaml"), TINY.replace(from, &to)).unwrap();
            error(&place, &["summary", "odd.yaml"]);
        }
    }
    let name = format!("{}.yaml", "\u{1b}[2J\u{202e}\n".repeat(9));
    std::fs::write(place.path(&name), "name: 3").unwrap();
    error(&place, &["summary", &name]);

    std::fs::write(place.path("rows.csv"), "1,2,3,a\n".repeat(60_000)).unwrap();
    let message = error(&place, &["summary", "rows.csv"]);
    assert!(message.len() < 120 && message.contains("rows.csv: expected a config file"), "{message}");
    std::fs::write(place.path("rows.yaml"), "1,2,3,a\n".repeat(60_000)).unwrap();
    error(&place, &["summary", "rows.yaml"]);
    std::fs::write(place.path("large.yaml"), "# \n".repeat(400_000)).unwrap();
    assert!(error(&place, &["summary", "large.yaml"]).contains("large.yaml: expected at most 1048576 bytes"));
}

/// Names of weights and the name in a model file's config.
#[test]
fn names_in_results_are_escaped() {
    let place = Place::new();
    let mut weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    let graph = factory::Factory::builtin().build(TINY).unwrap().graph;
    let config = TINY.replace("name: tiny", "name: \"a\\e[2J\\u202e\"");
    let source = Some(Source { config, folder: None, fold: None });
    let named = Model { source, ..Model::new(graph, weights.clone()) };
    named.write(place.path("named.safetensors")).unwrap();
    for arguments in
        [["summary", "named.safetensors"].as_slice(), &["merge", "named.safetensors", "-o", "out"]]
    {
        let (_, text, error) = run(&place, arguments);
        check_clean(&text);
        check_clean(&error);
    }
    weights.insert(ODD, Array::new([1], vec![0.0]).unwrap());
    weights.write(place.path("odd.safetensors")).unwrap();
    let arguments = ["convert", "tiny.yaml", "odd.safetensors", "-o", "out"];
    let (code, text, error) = run(&place, &arguments);
    assert_eq!(code, Some(3), "{error}");
    assert!(text.contains("unexpected  \\u{1b}[2J\\n\\u{202e}\n"), "{text}");
    check_clean(&text);
    check_clean(&error);
    let (code, text, _) = run(&place, &[arguments.as_slice(), &["--partial"]].concat());
    assert_eq!(code, Some(0));
    check_clean(&text);
}

/// Every command reports errors in the sections `data` and `train`.
#[test]
fn sections_that_are_not_mappings() {
    let place = Place::new();
    for (section, expected) in [
        ("data: 3", "odd.yaml: data: expected a mapping, found 3"),
        ("train: 3", "odd.yaml: train: expected a mapping, found 3"),
        ("train: { epoch: 3 }", "odd.yaml: train.epoch: unknown key"),
        ("data: { task: sorting, train: x.csv }", "odd.yaml: data.task: expected one of"),
    ] {
        std::fs::write(place.path("odd.yaml"), format!("{TINY}{section}\n")).unwrap();
        for arguments in [
            ["summary", "odd.yaml"].as_slice(),
            &["merge", "odd.yaml", "tiny.safetensors", "-o", "out"],
            &["convert", "odd.yaml", "tiny.safetensors", "-o", "out"],
            &["adapt", "odd.yaml", "tiny.safetensors", "--classes", "3", "-o", "out"],
        ] {
            let message = error(&place, arguments);
            assert!(message.contains(expected), "{arguments:?}: {message}");
        }
    }
}

/// A config may come from another program.
#[cfg(unix)]
#[test]
fn a_config_on_standard_input() {
    let place = Place::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_factory"));
    let config = std::fs::File::open(place.path("tiny.yaml")).unwrap();
    let from_file = command.args(["summary", "/dev/stdin"]).stdin(config).output().unwrap();
    let expected = run(&place, &["summary", "tiny.yaml"]).1;
    assert_eq!(String::from_utf8(from_file.stdout).unwrap(), expected);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "cat tiny.yaml | \"$0\" summary /dev/stdin", env!("CARGO_BIN_EXE_factory")]);
    let from_pipe = shell.current_dir(place.path("")).output().unwrap();
    assert_eq!(String::from_utf8(from_pipe.stdout).unwrap(), expected);
}

/// Backtracking over every star would take exponential time.
#[test]
fn a_pattern_of_many_stars() {
    let place = Place::new();
    assert!(error(&place, &["list", &format!("{}z", "*".repeat(200))]).contains("no model matches"));
}
