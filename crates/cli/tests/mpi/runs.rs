//! Whole runs that several processes share: folds and seeds.

use std::path::Path;

use crate::{place, printed};

/// The files of all runs that contain no times, and the metrics of all runs, without the names of folders.
fn results(folder: &Path, runs: &[&str], metrics: &str) -> (Vec<Vec<u8>>, serde_json::Value) {
    let models = runs.iter().flat_map(|run| crate::result(&folder.join(run))).collect();
    let mut metrics: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join(metrics)).unwrap()).unwrap();
    for list in ["folds", "runs"] {
        for run in metrics[list].as_array_mut().into_iter().flatten() {
            run.as_object_mut().unwrap().remove("folder");
        }
    }
    (models, metrics)
}

#[test]
fn ranks_share_whole_runs() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    let train = |ranks: usize, options: &[&str]| {
        let out = folder.path().join(format!("{}-{ranks}", options.concat()));
        let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", out.to_str().unwrap()];
        let text = printed(ranks, &[&words[..], options].concat());
        let table: Vec<String> =
            text.lines().take_while(|line| !line.starts_with("metrics:")).map(str::to_owned).collect();
        (table, out)
    };
    let folds = ["--folds", "3"];
    let runs = ["fold-1", "fold-2", "fold-3"];
    let (expected, out) = train(1, &folds);
    let expected = (expected, results(&out, &runs, "folds.json"));
    for ranks in [2, 4] {
        let (table, out) = train(ranks, &folds);
        assert!((table, results(&out, &runs, "folds.json")) == expected, "{ranks} ranks");
    }

    let both = ["--seeds", "1,5", "--folds", "2"];
    let runs = ["seed-1/fold-1", "seed-1/fold-2", "seed-5/fold-1", "seed-5/fold-2"];
    let (table, out) = train(1, &both);
    let names: Vec<&str> = table.iter().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(
        names,
        ["run", "seed 1, 1/2", "seed 1, 2/2", "seed 5, 1/2", "seed 5, 2/2", "mean", "std", "min", "max"]
    );
    let expected = (table, results(&out, &runs, "runs.json"));
    let (table, out) = train(3, &both);
    assert!((table, results(&out, &runs, "runs.json")) == expected);

    // A seed is the run that it is alone.
    let (_, out) = train(2, &["--seeds", "1-2"]);
    let alone = folder.path().join("alone");
    let words = ["train", config.to_str().unwrap(), "--threads", "1", "--seed", "2", "--output"];
    printed(1, &[&words[..], &[alone.to_str().unwrap()]].concat());
    assert!(crate::result(&out.join("seed-2")) == crate::result(&alone));
}
