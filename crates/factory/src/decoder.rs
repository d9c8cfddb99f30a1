//! A decoder of one family on the features of another.

use std::sync::Arc;

use graph::{BuildError, FieldError, Graph, Shape};

use crate::config::Network;
use crate::family::AnyConfig;
use crate::{ConfigError, Factory};

/// An encoder and its decoder, each with the name of its family.
pub(crate) struct EncoderAndDecoder {
    pub(crate) encoder: (Arc<dyn AnyConfig>, String),
    pub(crate) decoder: (Arc<dyn AnyConfig>, String),
}

impl Factory {
    /// Reads the configs of an encoder and of its decoder. A decoder whose config has neither a preset nor blocks
    /// gets a block for each level of features.
    pub(crate) fn encoder_and_decoder(
        &self,
        encoder: Network,
        decoder: Network,
        classes: Option<usize>,
        input: &Shape,
    ) -> Result<EncoderAndDecoder, ConfigError> {
        let (encoder_name, decoder_name) = (encoder.architecture.clone(), decoder.architecture.clone());
        let has_levels = decoder.has_levels();
        let mut decoder = self.network(decoder, classes, input.rank())?;
        let encoder = self.network(encoder, None, input.rank()).map_err(|error| error.within("encoder"))?;
        if !has_levels
            // Without features, building the whole network gives the error.
            && let Ok(features) = feature_shapes(encoder.as_ref(), input)
            && let Some(fitting) = decoder.decoder_for(&features)
        {
            decoder = fitting;
        }
        Ok(EncoderAndDecoder { encoder: (encoder, encoder_name), decoder: (decoder, decoder_name) })
    }
}

/// The shapes of the input and of an encoder's features.
fn feature_shapes(encoder: &dyn AnyConfig, input: &Shape) -> Result<Vec<Shape>, BuildError> {
    let mut shapes = vec![input.clone()];
    let _graph = Graph::build(|g| {
        let x = g.input("input", input.clone())?;
        let features = match encoder.features(g / "encoder", x) {
            Some(features) => features?,
            None => vec![x],
        };
        shapes.extend(features.iter().map(|feature| g.shape(*feature)));
        g.output("features", features.last().copied().unwrap_or(x))
    })?;
    Ok(shapes)
}

impl EncoderAndDecoder {
    /// The network of the decoder on the features of the encoder, whose names begin with `encoder.`.
    pub(crate) fn graph(&self, input: &Shape, output: &str) -> Result<Graph, ConfigError> {
        let Self { encoder: (encoder, encoder_name), decoder: (decoder, decoder_name) } = self;
        let unsupported = |message: String| FieldError::new("", message);
        // The part of the config that an error below is about.
        let mut place = ["encoder", "params"].as_slice();
        let graph = Graph::build(|g| {
            let x = g.input("input", input.clone())?;
            let Some(levels) = encoder.features(g / "encoder", x) else {
                place = &["encoder"];
                return Err(unsupported(format!("{encoder_name} cannot be an encoder")).into());
            };
            let levels = levels?;
            place = &["params"];
            let Some(y) = decoder.decode(g, &[&[x], levels.as_slice()].concat()) else {
                place = &["encoder"];
                return Err(unsupported(format!("{decoder_name} takes no encoder")).into());
            };
            g.output(output, y?)
        });
        graph.map_err(|error| {
            let error = match error.field() {
                Some(field) => ConfigError::from(field.clone()),
                None => ConfigError::new("", error.to_string()),
            };
            place.iter().rev().fold(error, |error, parent| error.within(parent))
        })
    }
}
