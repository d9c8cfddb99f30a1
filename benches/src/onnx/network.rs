//! An interpreter that exports a model and runs the file in a reader.

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use graph::{Array, Forward, ForwardError, Graph, Shape, batch_and_shapes};
use model::Model;
use onnx::Options;
use tempfile::TempDir;

use super::readers::{Answer, Reader, Readers};

/// A model that is exported for each new size of its input, with a dynamic batch, and run by a reader.
#[derive(Debug)]
pub struct Network {
    model: Model,
    reader: Reader,
    readers: Rc<RefCell<Readers>>,
    folder: TempDir,
    /// The sizes that the file is exported for.
    sizes: Option<Vec<Shape>>,
}

impl Network {
    /// Runs `model` in `reader`.
    ///
    /// # Errors
    /// If no temporary folder can be made.
    pub fn new(model: Model, reader: Reader, readers: Rc<RefCell<Readers>>) -> std::io::Result<Self> {
        Ok(Self { model, reader, readers, folder: tempfile::tempdir()?, sizes: None })
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("model.onnx")
    }

    /// Exports the model for inputs of these shapes, unless the file is for them.
    fn export(&mut self, shapes: Vec<Shape>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.sizes.as_ref() == Some(&shapes) {
            return Ok(());
        }
        let options = Options { merged: false, input: shapes.first().cloned(), ..Options::default() };
        fs::write(self.file(), onnx::export(&self.model, &options)?.to_bytes())?;
        self.sizes = Some(shapes);
        Ok(())
    }
}

impl Forward for Network {
    fn graph(&self) -> &Graph {
        &self.model.graph
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let (_, shapes) = batch_and_shapes(inputs)?;
        self.model.graph.shapes_for(&shapes)?;
        self.export(shapes).map_err(ForwardError::Interpreter)?;
        let runs = [inputs.to_vec()];
        let answer = self.readers.borrow_mut().run(self.reader, &self.file(), &runs);
        let failed = |message: String| ForwardError::Interpreter(message.into());
        match answer.map_err(|error| failed(format!("{error:#}")))? {
            Answer::Outputs(mut outputs) => outputs.pop().ok_or_else(|| failed("no outputs".to_owned())),
            Answer::Refused(message) => Err(failed(format!("{}: {message}", self.reader.name()))),
        }
    }
}
