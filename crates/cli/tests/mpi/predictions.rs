//! Predictions and evaluations that several processes share equal those of one process.

use std::fmt::Write;

use crate::{ended, ended_with_input, errors, mpirun, place, printed};

#[test]
fn of_many_files() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let run = folder.path().join("run");
    let run = run.to_str().unwrap();
    printed(1, &["train", config.to_str().unwrap(), "--threads", "1", "--output", run]);
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    for file in 0..5 {
        let mut text = String::new();
        for row in 0..=file {
            let values = (0..600).map(|i| ((i * (file + 2) + row) % 17).to_string());
            writeln!(text, "{}", values.collect::<Vec<_>>().join(",")).unwrap();
        }
        std::fs::write(files.join(format!("{file}.csv")), text).unwrap();
    }
    let pattern = files.join("*.csv");
    let (files, pattern) = (files.to_str().unwrap(), pattern.to_str().unwrap());
    let words = ["predict", run, files, pattern, "--layout", "recordings"];
    let expected = printed(1, &words);
    assert_eq!(expected.lines().count(), 1 + 2 * 15, "{expected}");
    for ranks in [2, 4] {
        assert_eq!(printed(ranks, &words), expected, "{ranks} ranks");
    }
    let words = ["evaluate", run, "--json"];
    assert_eq!(printed(3, &words), printed(1, &words));

    // More files than are read at once.
    let words = [&["predict", run, "--layout", "recordings"], &[files; 15][..]].concat();
    assert_eq!(printed(2, &words), printed(1, &words));

    // The first rank alone predicts a series on standard input.
    let series = "1,2,3,4,5,6\n".repeat(250);
    let [one, two] = [1, 2].map(|ranks| ended_with_input(ranks, &["predict", run, "-"], &series));
    assert!(two.status.success() && two.stdout == one.stdout);
    assert_eq!(String::from_utf8_lossy(&two.stdout).lines().count(), 1 + 2);

    // Ranks that find other files.
    let mut command = mpirun(1, &["predict", run, pattern]);
    let second = ["predict", run, files, files, "--layout", "recordings"];
    let output = command.args([":", "-n", "1", env!("CARGO_BIN_EXE_factory")]).args(second).output().unwrap();
    let expected = "error: rank 1: expected the same files on every rank, found other files than on rank 0";
    assert_eq!(errors(&output), [expected]);

    // An error in a file of any rank.
    std::fs::write(folder.path().join("files/4.csv"), "1,2\n").unwrap();
    let output = ended(2, &["predict", run, files, "--layout", "recordings"]);
    let errors = errors(&output);
    assert_eq!(output.status.code(), Some(3), "{errors:?}");
    assert!(
        errors.len() == 1 && errors[0].starts_with("error: rank 1: ") && errors[0].contains("4.csv"),
        "{errors:?}"
    );
}
