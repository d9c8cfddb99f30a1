//! The consistency of a model's parts.

use std::collections::BTreeSet;

use graph::{Array, Role, Shape, quoted, shown_path};

use crate::{Model, Normalization, Task};

impl Model {
    /// Checks that the weights are finite, that no variance is negative, and that all parts agree: the weights
    /// with the graph, the normalization with the input channels, the task with the shapes of input and output,
    /// and the classes with the output channels. [`Model::read`] and [`Model::write`] call this.
    ///
    /// # Errors
    /// Returns a message that does not name a file.
    pub fn check(&self) -> Result<(), String> {
        let report = self.weights.compare(&self.graph);
        if !report.is_exact() {
            return Err(format!("the weights do not match the graph: {report}"));
        }
        if let Some((name, found)) = self.weights.first_not_finite() {
            return Err(format!("{}: expected finite weights, found {found}", quoted(name)));
        }
        self.check_variances()?;
        let Some((_, input)) = self.graph.inputs().next() else {
            return Err("graph: expected an input, found none".to_owned());
        };
        let channels = format!("one per channel of {}", quoted(&input.name));
        check_normalization("normalization", &self.normalization, input.shape.channels, &channels)?;
        self.check_task(&input.shape)?;
        self.check_classes()?;
        self.check_outputs()?;
        if !self.channels.is_empty() {
            check_names("channels", &self.channels, input.shape.channels, &channels)?;
        }
        if let Some(rate) = self.sampling_rate
            && !(rate.is_finite() && rate > 0.0)
        {
            return Err(format!("sampling_rate: expected a positive number, found {rate:?}"));
        }
        if let Some(folder) = self.source.as_ref().and_then(|source| source.folder.as_ref())
            && folder.to_str().is_none()
        {
            return Err(format!("source.folder: expected a Unicode path, found {}", shown_path(folder)));
        }
        Ok(())
    }

    fn check_variances(&self) -> Result<(), String> {
        for parameter in self.graph.parameters().filter(|parameter| parameter.role == Role::Variance) {
            let variances = self.weights.get(&parameter.name).map_or(&[][..], Array::data);
            if let Some(found) = variances.iter().find(|variance| **variance < 0.0) {
                let name = quoted(&parameter.name);
                return Err(format!("{name}: expected variances of at least 0, found {found}"));
            }
        }
        Ok(())
    }

    /// Checks what is known about the outputs of a regression.
    fn check_outputs(&self) -> Result<(), String> {
        let output = self.graph.node(self.graph.main_output().value);
        let channels = format!("one per channel of the output {}", quoted(&output.name));
        for (field, is_set) in [
            ("outputs", !self.outputs.is_empty()),
            ("target_normalization", self.target_normalization.is_some()),
        ] {
            if let Some(task) = self.task
                && task != Task::Regression
                && is_set
            {
                return Err(format!("{field}: supported only for regression, not for {task}"));
            }
        }
        if !self.outputs.is_empty() {
            check_names("outputs", &self.outputs, output.shape.channels, &channels)?;
        }
        match &self.target_normalization {
            Some(found) => {
                check_normalization("target_normalization", found, output.shape.channels, &channels)
            }
            None => Ok(()),
        }
    }

    /// The task determines how an output is interpreted; training refuses other shapes, too.
    fn check_task(&self, input: &Shape) -> Result<(), String> {
        let Some(task) = self.task else { return Ok(()) };
        let output = self.graph.node(self.graph.main_output().value);
        let (is_right, expected) = match task {
            Task::Classification | Task::MultiLabel => (output.shape.rank() == 0, "of [N, C]"),
            Task::Segmentation | Task::Denoising => {
                (output.shape.space == input.space, "of the input's positions")
            }
            Task::Regression => (true, "of any shape"),
        };
        if is_right {
            return Ok(());
        }
        Err(format!(
            "task: expected an output {expected} for {task} of {input}, found {} {}",
            quoted(&output.name),
            output.shape
        ))
    }

    fn check_classes(&self) -> Result<(), String> {
        let found = self.classes.len();
        if found == 0 {
            return Ok(());
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = self.classes.iter().find(|name| !names.insert(*name)) {
            return Err(format!("classes: expected distinct names, found {} twice", quoted(twice)));
        }
        if let Some(task) = self.task
            && !task.has_classes()
        {
            return Err(format!("classes: expected no classes for {task}, found {found}"));
        }
        let output = self.graph.node(self.graph.main_output().value);
        let expected = match output.shape.channels {
            // A single output distinguishes two classes.
            1 if self.task != Some(Task::MultiLabel) => 2,
            channels => channels,
        };
        if found != expected {
            return Err(format!(
                "classes: expected {} for the output {} {}, found {found}",
                counted(expected, "name"),
                quoted(&output.name),
                output.shape
            ));
        }
        Ok(())
    }
}

/// Checks that there are as many names as channels.
fn check_names(field: &str, names: &[String], channels: usize, meaning: &str) -> Result<(), String> {
    if names.len() == channels {
        return Ok(());
    }
    Err(format!("{field}: expected {}, {meaning}, found {}", counted(channels, "name"), names.len()))
}

fn check_normalization(
    field: &str,
    normalization: &Normalization,
    channels: usize,
    meaning: &str,
) -> Result<(), String> {
    let [means, deviations] = [&normalization.mean, &normalization.deviation];
    for (name, values) in [("mean", means), ("deviation", deviations)] {
        if values.len() != channels {
            let found = values.len();
            let expected = counted(channels, "value");
            return Err(format!("{field}.{name}: expected {expected}, {meaning}, found {found}"));
        }
    }
    if let Some(mean) = means.iter().find(|mean| !mean.is_finite()) {
        return Err(format!("{field}.mean: expected finite numbers, found {mean}"));
    }
    if let Some(deviation) = deviations.iter().find(|deviation| !(deviation.is_normal() && **deviation > 0.0))
    {
        return Err(format!("{field}.deviation: expected positive numbers, found {deviation:?}"));
    }
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
