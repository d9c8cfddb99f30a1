//! Text files, which the ranks of a machine parse together.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};

use crate::open_mpi::SETTINGS;
use crate::{errors, place, printed, result, text};

/// Writes tables of recordings with 6 channels of 100 samples.
fn write_tables(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    for file in 0..5 {
        let mut text = String::new();
        for row in 0..8usize {
            for i in 0..600 {
                write!(text, "{}.{file}{row},", i * (row % 4 + 2) % 97).unwrap();
            }
            writeln!(text, "{}", ["rest", "run", "walk", "jump"][row % 4]).unwrap();
        }
        std::fs::write(folder.join(format!("{file}.csv")), text).unwrap();
    }
}

/// Runs the command in some processes with this folder of temporary files, or in one without `mpirun`.
fn ended(ranks: usize, temporary: &Path, arguments: &[&str]) -> Output {
    let factory = env!("CARGO_BIN_EXE_factory");
    if ranks == 1 {
        return Command::new(factory).args(arguments).env("TMPDIR", temporary).output().unwrap();
    }
    let variable = format!("TMPDIR={}", temporary.display());
    let mut command = Command::new("mpirun");
    command.envs(SETTINGS).args(["-n", &ranks.to_string(), "env", &variable, factory]);
    command.args(arguments).output().unwrap()
}

/// Each file is parsed by one rank or, without a folder for temporary files, by all; the bytes are the same.
#[test]
fn the_ranks_of_a_machine_share_the_work() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    write_tables(&folder.path().join("tables"));
    let with_tables = text("{ epochs: 2, batch_size: 8 }")
        .replace("  folder: ", "  folder: tables # ")
        .replace("BasicMotions_TRAIN.ts", "[0.csv, 1.csv, 2.csv, 3.csv]")
        .replace("BasicMotions_TEST.ts", "4.csv");
    std::fs::write(&config, with_tables).unwrap();
    let temporary = folder.path().join("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let missing = folder.path().join("missing");
    let train = |ranks: usize, name: &str, temporary: &Path| {
        let out = folder.path().join(name);
        let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", out.to_str().unwrap()];
        ended(ranks, temporary, &words)
    };
    for (name, temporary) in [("shared", &temporary), ("alone", &missing)] {
        let output = train(2, name, temporary);
        assert!(output.status.success(), "{:?}", errors(&output));
    }
    assert!(result(&folder.path().join("shared")) == result(&folder.path().join("alone")));

    let shared = folder.path().join("shared");
    let words = ["evaluate", shared.to_str().unwrap(), "--json"];
    let output = ended(3, &temporary, &words);
    assert_eq!(String::from_utf8_lossy(&output.stdout), printed(1, &words));

    std::fs::write(folder.path().join("tables/2.csv"), "1,2,x\n").unwrap();
    let [one, two] = [1, 2].map(|ranks| errors(&train(ranks, "refused", &temporary)));
    assert!(one.len() == 1 && one[0].contains("2.csv") && two == one, "{two:?}, not {one:?}");
    assert!(std::fs::read_dir(&temporary).unwrap().next().is_none());
}
