//! Journals after a resume look as if the run had never stopped.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare its files has failed")]

use std::fs;
use std::path::Path;

use expect_test::expect;
use report::Journal;

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("metrics.jsonl")).unwrap()
}

fn write(journal: &mut Journal, steps: impl IntoIterator<Item = u64>) {
    for step in steps {
        let x = step as f64;
        journal.write(step, [("train/loss", 1.0 / x), ("learning_rate", 1e-3 * x)]).unwrap();
    }
}

#[test]
fn lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), 0).unwrap();
    journal.write(1, [("b", 0.1), ("a \"quoted\"", 1.0), ("tiny", 5e-324)]).unwrap();
    journal.write(2, [("b", f64::NAN), ("c", f64::INFINITY)]).unwrap();
    journal.write(3, [("none", 0.0)].into_iter().take(0)).unwrap();
    expect![[r#"
        {"step":1,"b":0.1,"a \"quoted\"":1.0,"tiny":5e-324}
        {"step":2,"b":null,"c":null}
        {"step":3}
    "#]]
    .assert_eq(&text(folder.path()));
}

#[test]
fn read_back() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Journal::entries(folder.path()).unwrap(), []);
    let mut journal = Journal::open(folder.path(), 0).unwrap();
    let values = [f64::MIN_POSITIVE, f64::MAX, 0.1 + 0.2, -1.0 / 3.0, 123_456_789.123_456_78, -0.0];
    for (step, value) in (0..).zip(values) {
        journal.write(step, [("value", value)]).unwrap();
    }
    journal.write(u64::MAX, [("value", f64::NEG_INFINITY)]).unwrap();
    let entries = Journal::entries(folder.path()).unwrap();
    for (entry, value) in entries.iter().zip(values) {
        assert_eq!(entry.values["value"].to_bits(), value.to_bits());
    }
    let last = entries.last().unwrap();
    assert_eq!(last.step, u64::MAX);
    assert!(last.values["value"].is_nan());
}

#[test]
fn a_resumed_journal_equals_that_of_an_unbroken_run() {
    let whole = tempfile::tempdir().unwrap();
    write(&mut Journal::open(whole.path(), 0).unwrap(), 1..=6);
    let expected = text(whole.path());
    // Killed after any byte; the last checkpoint was at step 2.
    let two = expected.lines().take(2).map(|line| line.len() + 1).sum::<usize>();
    for killed in two..=expected.len() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("metrics.jsonl"), &expected[..killed]).unwrap();
        let mut journal = Journal::open(folder.path(), 2).unwrap();
        assert_eq!(text(folder.path()), expected[..two]);
        write(&mut journal, 3..=6);
        assert_eq!(text(folder.path()), expected);
    }
}

#[test]
fn a_new_run_begins_empty() {
    let folder = tempfile::tempdir().unwrap();
    write(&mut Journal::open(folder.path(), 0).unwrap(), 1..=3);
    write(&mut Journal::create(folder.path()).unwrap(), 1..=1);
    assert_eq!(text(folder.path()).lines().count(), 1);
}

#[test]
fn a_damaged_journal_is_truncated_to_the_lines_before_the_damage() {
    let folder = tempfile::tempdir().unwrap();
    let mut messages = String::new();
    let wrong =
        ["step 2", "{\"loss\":1}", "{\"step\":1.5}", "{\"step\":2,\"loss\":\"low\"}", "{\"step\":2,\"lo"];
    for line in wrong {
        fs::write(folder.path().join("metrics.jsonl"), format!("{{\"step\":1}}\n{line}\n{{\"step\":3}}\n"))
            .unwrap();
        let error = Journal::entries(folder.path()).unwrap_err().to_string();
        let mut journal = Journal::open(folder.path(), 9).unwrap();
        assert_eq!(journal.damage().unwrap().to_string(), error);
        assert_eq!(journal.records(), 1);
        journal.write(3, [("loss", 0.5)]).unwrap();
        assert_eq!(text(folder.path()), "{\"step\":1}\n{\"step\":3,\"loss\":0.5}\n");
        messages += &format!("{error}\n").replace(folder.path().to_str().unwrap(), "run");
    }
    expect![[r#"
        run/metrics.jsonl: line 2: expected an object of numbers with an integer `step`, found other text
        run/metrics.jsonl: line 2: expected an object of numbers with an integer `step`, found an object without `step`
        run/metrics.jsonl: line 2: expected an object of numbers with an integer `step`, found the step 1.5
        run/metrics.jsonl: line 2: expected an object of numbers with an integer `step`, found `loss` as "low"
        run/metrics.jsonl: line 2: expected an object of numbers with an integer `step`, found other text
    "#]].assert_eq(&messages);
}

#[test]
fn a_missing_folder_is_an_error() {
    let error = Journal::open("no/such", 0).unwrap_err();
    expect![[r#"no/such/metrics.jsonl: No such file or directory (os error 2)"#]]
        .assert_eq(&error.to_string());
}
