//! The consistency of a model's parts.

use crate::Model;

impl Model {
    /// Checks that the parts agree: the weights with the graph, the normalization with the input's channels,
    /// and the classes with the output's channels. The error is a message without the file name.
    pub(crate) fn check(&self) -> Result<(), String> {
        let report = self.weights.compare(&self.graph);
        if !report.is_exact() {
            return Err(format!("the weights do not match the graph: {report}"));
        }
        if let Some((name, found)) = self.weights.first_not_finite() {
            return Err(format!("{}: expected finite weights, found {found}", graph::quoted(name)));
        }
        self.check_normalization()?;
        self.check_classes()
    }

    fn check_normalization(&self) -> Result<(), String> {
        let Some((_, input)) = self.graph.inputs().next() else {
            return Err("graph: expected an input, found none".to_owned());
        };
        let channels = input.shape.channels;
        let [means, deviations] = [&self.normalization.mean, &self.normalization.deviation];
        for (name, values) in [("mean", means), ("deviation", deviations)] {
            if values.len() != channels {
                let found = values.len();
                return Err(format!(
                    "normalization.{name}: expected {channels} values, one for each channel of `{}`, found {found}",
                    input.name
                ));
            }
        }
        if let Some(mean) = means.iter().find(|mean| !mean.is_finite()) {
            return Err(format!("normalization.mean: expected finite numbers, found {mean}"));
        }
        if let Some(deviation) =
            deviations.iter().find(|deviation| !(deviation.is_finite() && **deviation > 0.0))
        {
            return Err(format!("normalization.deviation: expected positive numbers, found {deviation}"));
        }
        Ok(())
    }

    fn check_classes(&self) -> Result<(), String> {
        let found = self.classes.len();
        if found == 0 {
            return Ok(());
        }
        if let Some(task) = self.task
            && !task.has_classes()
        {
            return Err(format!("classes: expected no classes for {task}, found {found}"));
        }
        let output = self.graph.node(self.graph.main_output().value);
        let expected = match output.shape.channels {
            // A single output distinguishes two classes.
            1 => 2,
            channels => channels,
        };
        if found != expected {
            return Err(format!(
                "classes: expected {expected} names for the output `{}` {}, found {found}",
                output.name, output.shape
            ));
        }
        Ok(())
    }
}
