//! The files that the runtimes read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use graph::Array;
use model::Model;
use serde::{Deserialize, Serialize};

use super::network::{Network, input};
use super::runtime::{Contender, Runtime};
use crate::environment;

/// Creates model files in a folder, and converts them with the packages of LiteRT's environment.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// The Python with LiteRT and the converter.
    pub(super) litert: PathBuf,
}

/// The file of an array's f32 values in the machine's byte order, and its shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ArrayFile {
    pub(super) file: PathBuf,
    pub(super) shape: Vec<usize>,
}

impl ArrayFile {
    /// Reads the values.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn read(&self) -> Result<Vec<f32>> {
        read(&self.file)
    }
}

/// Reads f32 values.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn read(file: &Path) -> Result<Vec<f32>> {
    let bytes = fs::read(file).with_context(|| format!("could not read `{}`", file.display()))?;
    let (values, _) = bytes.as_chunks();
    Ok(values.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect())
}

/// Writes f32 values.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(file: &Path, values: &[f32]) -> Result<()> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_ne_bytes()).collect();
    fs::write(file, bytes).with_context(|| format!("could not write `{}`", file.display()))
}

impl Files {
    /// Files in `folder`, which is created.
    ///
    /// # Errors
    /// If the folder or LiteRT's environment cannot be created.
    pub(super) fn new(folder: PathBuf, tell: &mut impl FnMut(&str)) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let [all, alone] = ["", "-alone"]
            .map(|kind| crate::folder("latency").join(format!("requirements-litert{kind}.txt")));
        let litert = environment::prepare("latency-litert", [&all, &alone], "2 GB", tell)
            .context("could not install LiteRT")?;
        Ok(Self { folder, litert })
    }

    /// The path of a file of a network.
    pub(super) fn path(&self, network: &Network, ending: &str) -> PathBuf {
        self.folder.join(format!("{}{ending}", network.name.replace('/', "-")))
    }

    /// Writes the input: for an image of height 1 the same values in another shape.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn input(&self, network: &Network, model: &Model, as_image: bool) -> Result<ArrayFile> {
        let mut shape = [vec![network.batch], input(&model.graph).dims()].concat();
        if as_image {
            shape.insert(2, 1);
        }
        let file = self.path(network, ".input.f32");
        let values = Array::from_fn(shape.clone(), |i| (i * 7919 % 2001) as f32 / 1000.0 - 1.0);
        write(&file, values.data())?;
        Ok(ArrayFile { file, shape })
    }

    /// The model in the form that the contender reads.
    ///
    /// # Errors
    /// If the network cannot be exported or converted.
    pub(super) fn model(&self, network: &Network, model: &Model, contender: Contender) -> Result<PathBuf> {
        if contender.runtime == Runtime::Engine {
            let path = self.path(network, ".safetensors");
            model.write(&path)?;
            return Ok(path);
        }
        let form = if contender.as_image { "-image" } else { "" };
        let path = self.path(network, &format!("{form}.onnx"));
        let options = onnx::Options {
            sizes: onnx::Sizes::Static { batch: network.batch },
            as_image: contender.as_image,
            ..onnx::Options::default()
        };
        let bytes = onnx::export(model, &options)?.to_bytes();
        let converted = path.with_extension("tflite");
        if !fs::read(&path).is_ok_and(|known| known == bytes) {
            // The earlier conversion is removed first, so that an interruption does not leave a stale one.
            if converted.exists() {
                fs::remove_file(&converted)?;
            }
            fs::write(&path, &bytes).with_context(|| format!("could not write `{}`", path.display()))?;
        }
        if contender.runtime != Runtime::LiteRt {
            return Ok(path);
        }
        if !converted.exists() {
            self.convert(&bytes, &converted)?;
        }
        Ok(converted)
    }

    /// Converts an ONNX file to TFLite. The converter gets a copy, because it writes names into the file that it reads.
    fn convert(&self, onnx: &[u8], to: &Path) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let from = folder.path().join("network.onnx");
        fs::write(&from, onnx)?;
        let mut command = Command::new(&self.litert);
        command.arg("-B").arg(crate::folder("latency").join("to_tflite.py")).arg(&from).arg(to);
        let output = command.stdin(Stdio::null()).output().context("could not run Python")?;
        if output.status.success() {
            return Ok(());
        }
        let messages = String::from_utf8_lossy(&output.stderr);
        bail!("onnx2tf: {}", messages.trim_end().lines().last().unwrap_or("no message"))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A converter that counts its runs and changes the file that it reads, as onnx2tf does.
    const CONVERTER: &str = "#!/bin/sh\necho converted >> \"$0.log\"\necho changed >> \"$3\"\ntouch \"$4\"\n";

    #[test]
    fn a_network_is_converted_once() {
        let folder = tempfile::tempdir().unwrap();
        let litert = folder.path().join("converter");
        fs::write(&litert, CONVERTER).unwrap();
        fs::set_permissions(&litert, fs::Permissions::from_mode(0o755)).unwrap();
        let files = Files { folder: folder.path().to_owned(), litert };
        let network = super::super::networks(Some("activity-resnet")).remove(0);
        let conversions = || {
            for contender in Contender::peers(true) {
                files.model(&network, &network.model().unwrap(), contender).unwrap();
            }
            fs::read_to_string(folder.path().join("converter.log")).unwrap().lines().count()
        };
        assert_eq!(conversions(), 2, "the series and the image");
        let exported = fs::read(files.path(&network, ".onnx")).unwrap();
        assert_eq!(conversions(), 2);
        assert_eq!(fs::read(files.path(&network, ".onnx")).unwrap(), exported);
        fs::write(files.path(&network, ".onnx"), "another network").unwrap();
        assert_eq!(conversions(), 3);
    }
}
