//! Settings for the export to TensorFlow Lite, in configs of SleepKit and heartKIT.

use std::collections::BTreeMap;

use factory::{ConfigError, Document};
use graph::quoted;
use serde::Deserialize;
use serde_json::Value as Json;

use super::form::{Keys, is_foreign};

/// The settings with which SleepKit or heartKIT would export a network.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportSettings {
    /// The numbers of weights and activations.
    pub format: NumberFormat,
    /// The type of the input and the output.
    pub io_type: IoType,
    /// Whether operations without integer arithmetic stay in floating point.
    pub fallback: bool,
    /// Whether statistics of each layer are requested.
    pub debug: bool,
    /// Whether a softmax follows the network.
    pub softmax: bool,
    /// The name of the variable in the C header, `tflm_var_name`.
    pub variable: Option<String>,
    /// The path of the C header, `tflm_file`.
    pub header: Option<String>,
    /// The metric that is compared before and after quantization.
    pub metric: Option<MetricGate>,
    /// The keys of the config that matter only to an export to TensorFlow Lite, such as `quantization`.
    pub keys: Vec<&'static str>,
    /// Notes about keys that the packages ignore, or that do not mean what their names suggest.
    pub notes: Vec<String>,
}

/// The numbers of weights and activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum NumberFormat {
    /// 32-bit floating point.
    Fp32,
    /// 16-bit floating point.
    Fp16,
    /// 8-bit integers.
    Int8,
    /// 16-bit activations and 8-bit weights.
    Int16x8,
}

/// The type of the input and the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IoType {
    /// 32-bit floating point.
    Float32,
    /// 16-bit floating point.
    Float16,
    /// 8-bit integers.
    Int8,
    /// Unsigned 8-bit integers.
    Uint8,
    /// 16-bit integers.
    Int16,
}

/// A metric, and how much of it may be lost or must remain after quantization.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricGate {
    /// `loss`, `acc` or `f1`.
    pub name: String,
    /// The threshold.
    pub threshold: Option<f64>,
}

/// The keys of an export.
#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    quantization: Quantization,
    use_logits: Option<bool>,
    tflm_var_name: Option<String>,
    tflm_file: Option<String>,
    test_metric: Option<String>,
    test_metric_threshold: Option<f64>,
    val_acc_threshold: Option<f64>,
}

/// `quantization`, in all forms.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Quantization {
    format: Option<NumberFormat>,
    mode: Option<NumberFormat>,
    io_type: Option<IoType>,
    fallback: bool,
    debug: bool,
    qat: bool,
    enabled: bool,
    input_type: Option<IoType>,
    output_type: Option<IoType>,
}

/// Keys of `quantization` without a note. `conversion` only matters to TensorFlow Lite.
const KNOWN: [&str; 11] = [
    "format",
    "mode",
    "io_type",
    "conversion",
    "fallback",
    "debug",
    "qat",
    "enabled",
    "ptq",
    "input_type",
    "output_type",
];

/// Keys that matter only to an export to TensorFlow Lite.
const LITE_KEYS: [&str; 6] = [
    "quantization",
    "tflm_var_name",
    "tflm_file",
    "test_metric",
    "test_metric_threshold",
    "val_acc_threshold",
];

/// Returns the export settings in a config of SleepKit or heartKIT, and `None` for a config of this project.
///
/// ```
/// use dialects::{NumberFormat, export_settings};
/// let config = r#"{ "frame_size": 240, "architecture": { "name": "tcn" },
///     "quantization": { "format": "INT8", "io_type": "int8" }, "tflm_var_name": "g_stage" }"#;
/// let settings = export_settings(config)?.expect("a config of SleepKit");
/// assert_eq!((settings.format, settings.variable.as_deref()), (NumberFormat::Int8, Some("g_stage")));
/// # Ok::<(), factory::ConfigError>(())
/// ```
///
/// # Errors
/// Names the field of the config, what was expected, and what was found.
pub fn export_settings(text: &str) -> Result<Option<ExportSettings>, ConfigError> {
    let document = Document::parse(text)?;
    if !is_foreign(&document) {
        return Ok(None);
    }
    let export: Export = document.read()?;
    let top = Keys::of(&document);
    let is_old = top.is_old();
    let (format, io_type) = export.quantization.numbers(is_old);
    let mut notes = export.quantization.notes(is_old);
    let keys: BTreeMap<String, Json> = document.section("quantization")?.unwrap_or_default();
    for key in keys.keys().filter(|key| !KNOWN.contains(&key.as_str())) {
        notes.push(format!("quantization: the key {} is not supported", quoted(key)));
    }
    Ok(Some(ExportSettings {
        format,
        io_type,
        fallback: export.quantization.fallback,
        debug: export.quantization.debug,
        softmax: export.use_logits == Some(false),
        metric: export.metric(is_old),
        variable: export.tflm_var_name,
        header: export.tflm_file,
        keys: LITE_KEYS.into_iter().filter(|key| top.has(key)).collect(),
        notes,
    }))
}

impl Export {
    fn metric(&self, is_old: bool) -> Option<MetricGate> {
        if is_old {
            let threshold = self.val_acc_threshold?;
            return Some(MetricGate { name: "acc".to_owned(), threshold: Some(threshold) });
        }
        let name = self.test_metric.clone()?;
        Some(MetricGate { name, threshold: self.test_metric_threshold })
    }
}

impl Quantization {
    /// The formats of the network and of its input and output.
    fn numbers(&self, is_old: bool) -> (NumberFormat, IoType) {
        if is_old {
            let io_type = self.input_type.or(self.output_type).unwrap_or(IoType::Float32);
            let format = if self.enabled { NumberFormat::Int8 } else { NumberFormat::Fp32 };
            return (format, io_type);
        }
        let format = self.format.or(self.mode).unwrap_or(NumberFormat::Int8);
        (format, self.io_type.unwrap_or(IoType::Int8))
    }

    fn notes(&self, is_old: bool) -> Vec<String> {
        let mut notes = Vec::new();
        if self.mode.is_some() && !is_old {
            let instead = "SleepKit and heartKIT ignore this key and export INT8 unless `format` is set";
            let read = if self.format.is_some() { "`format` is used" } else { "it is read as `format`" };
            notes.push(format!("quantization.mode: {instead}; {read}"));
        }
        if self.qat {
            notes.push("quantization.qat: SleepKit and heartKIT do not train with quantization".to_owned());
        }
        if is_old && self.output_type.is_some() && self.output_type != self.input_type {
            notes.push("quantization.output_type: differs from `input_type`, which is used".to_owned());
        }
        notes
    }
}
