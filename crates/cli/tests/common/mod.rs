//! A config that the tests of training share.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder with a config of its own, small and quick, on the watch's recordings.
pub(crate) fn place(train: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("watch.yaml");
    std::fs::write(&config, text(train)).unwrap();
    (folder, config)
}

/// The config with these settings of the training.
pub(crate) fn text(train: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    format!(
        "name: watch\n\
         input: {{ channels: 6, length: 100 }}\n\
         classes: 4\n\
         architecture: resnet\n\
         params:\n\
         \x20 stem: [{{ channels: 8, kernel: 7, stride: 4 }}]\n\
         \x20 stem_pool: none\n\
         \x20 dropout: 0.2\n\
         \x20 stages: [{{ channels: 8, depth: 1 }}]\n\
         data:\n\
         \x20 task: classification\n\
         \x20 folder: {}\n\
         \x20 train: BasicMotions_TRAIN.ts\n\
         \x20 validation: 0.2\n\
         \x20 test: BasicMotions_TEST.ts\n\
         \x20 augment: {{ jitter: 0.05, shift: 10 }}\n\
         train: {train}\n",
        data.display()
    )
}
