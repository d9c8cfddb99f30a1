//! One model, trained by several processes.

use std::path::Path;

use crate::{ended, ended_with_input, errors, mpirun, place, printed, result, text};

#[test]
fn the_same_number_of_ranks_gives_the_same_bytes() {
    let (folder, config) = place("{ epochs: 4, batch_size: 12, ema: 0.9 }");
    let train = |ranks: usize, name: &str| {
        let out = folder.path().join(name);
        let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", out.to_str().unwrap()];
        let text = printed(ranks, &words);
        assert_eq!(text.matches("trained for").count(), 1, "rank 0 alone prints: {text}");
        assert!(out.join("report.html").is_file());
        (result(&out), text.lines().filter(|line| !line.contains(name)).collect::<Vec<_>>().join("\n"))
    };
    for ranks in [2, 4] {
        let [first, again] = ["first", "again"].map(|name| train(ranks, &format!("{name}-{ranks}")));
        assert!(first == again, "{ranks} ranks");
    }
    // One process under `mpirun` is one process.
    let out = folder.path().join("launched");
    let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", out.to_str().unwrap()];
    assert!(ended(1, &words).status.success());
    assert!(result(&out) == train(1, "alone").0);
}

/// The gradient norms and losses of all steps, as they are in the journal.
fn norms(folder: &Path) -> Vec<[f64; 2]> {
    let text = std::fs::read_to_string(folder.join("metrics.jsonl")).unwrap();
    let numbers = text.lines().filter_map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        Some([record["train/gradient_norm"].as_f64()?, record["train/loss"].as_f64()?])
    });
    numbers.collect()
}

#[test]
fn ranks_are_accumulated_batches() {
    let (folder, config) = place("{ epochs: 4, batch_size: 8 }");
    let train = |ranks: usize, size: &str, accumulated: &str| {
        let out = folder.path().join(format!("{ranks}-{size}"));
        let words = [
            &["train", config.to_str().unwrap(), "--threads", "1", "--set", "params.dropout=0"][..],
            &["--set", size, "--set", accumulated, "--output", out.to_str().unwrap()],
        ];
        printed(ranks, &words.concat());
        norms(&out)
    };
    let expected = train(1, "train.batch_size=4", "train.accumulation_steps=2");
    let found = train(2, "train.batch_size=8", "train.accumulation_steps=1");
    assert!(expected.len() >= 10 && found.len() == expected.len());
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        assert!((found - expected).abs() <= 1e-6 * expected, "{found}, not {expected}");
    }
}

#[test]
fn a_refusal_is_one_sentence() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let out = folder.path().join("run");
    let words = ["train", config.to_str().unwrap(), "--output", out.to_str().unwrap()];
    let check = |words: &[&str], code: i32, expected: &str| {
        let output = ended(2, words);
        let (errors, all) = (errors(&output), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{all}");
        assert!(errors.len() == 1 && errors[0].contains(expected), "{words:?}: {all}");
    };
    check(&["train", "--epoch"], 2, "unexpected argument");
    check(&[&words[..], &["--set", "train.epochs=0"]].concat(), 3, "train.epochs: expected a number from 1");
    check(&[&words[..], &["--data", "nowhere"]].concat(), 3, "BasicMotions_TRAIN.ts");
    check(
        &[&words[..], &["--set", "train.batch_size=1"]].concat(),
        3,
        "one for each rank, found a batch of 1",
    );
    printed(2, &words);
    check(&words, 3, "the folder contains a run; continue it with --resume");
}

#[test]
fn ranks_with_other_configs_are_refused() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let other = folder.path().join("other.yaml");
    std::fs::write(&other, text("{ epochs: 1, batch_size: 8, learning_rate: 0.5 }")).unwrap();
    let out = folder.path().join("run");
    let mut command = mpirun(1, &["train", config.to_str().unwrap(), "--output", out.to_str().unwrap()]);
    let second = ["train", other.to_str().unwrap(), "--output", out.to_str().unwrap()];
    let output = command.args([":", "-n", "1", env!("CARGO_BIN_EXE_factory")]).args(second).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let expected = "error: rank 1: expected the same on every rank; train.learning_rate: was 0.001, now 0.5";
    assert_eq!(errors(&output), [expected]);
    assert!(!out.exists());
}

#[test]
fn commands_for_one_process_print_once() {
    assert_eq!(printed(3, &["list", "--json"]), printed(1, &["list", "--json"]));
}

#[test]
fn a_config_on_standard_input_is_that_of_all_ranks() {
    let settings = "{ epochs: 1, batch_size: 8 }";
    let (folder, config) = place(settings);
    let [file, input] = ["file", "input"].map(|name| folder.path().join(name));
    let train = |config: &str, out: &Path, input: &str| {
        let words = ["train", config, "--threads", "1", "--output", out.to_str().unwrap()];
        ended_with_input(2, &words, input)
    };
    let output = train("-", &input, &text(settings));
    assert!(output.status.success(), "{:?}", errors(&output));
    assert!(train(config.to_str().unwrap(), &file, "").status.success());
    // The model has the folder of its config; the metrics are the same.
    assert!(result(&input)[1] == result(&file)[1]);

    let output = train("-", &folder.path().join("refused"), "");
    let errors = errors(&output);
    assert_eq!(output.status.code(), Some(3), "{errors:?}");
    assert!(errors.len() == 1 && errors[0].starts_with("error: standard input: "), "{errors:?}");
}
