//! A config with every default written out.

use crate::config::Config;
use crate::{ConfigError, Document, Factory, Overrides};

impl Factory {
    /// The config with every default of its networks written out. The fields of a preset are in `params`, and
    /// the sections `data` and `train` are as they were.
    ///
    /// ```
    /// use factory::{Document, Factory, Overrides};
    /// let config = Document::parse("{ name: a, input: [6, 100], classes: 4, architecture: resnet }")?;
    /// let full = Factory::builtin().full_config(&config, Overrides::default())?;
    /// let text = full.to_string();
    /// assert!(text.starts_with("name: a\ninput: { channels: 6, length: 100 }\nclasses: 4\n"));
    /// assert!(text.contains("  base_width: 64\n"));
    /// # Ok::<(), factory::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Factory::build`].
    pub fn full_config(&self, document: &Document, overrides: Overrides) -> Result<Document, ConfigError> {
        self.build_document(document, overrides)?;
        let Config { name, input, classes, network, encoder } = Config::read(document, overrides)?;
        let mut sizes = Document::default();
        let axes: &[&str] = if input.rank() == 1 { &["length"] } else { &["height", "width"] };
        for (axis, size) in std::iter::once(&"channels").chain(axes).zip(input.dims()) {
            sizes.insert(axis, &size)?;
        }
        let mut full = Document::default();
        full.insert("name", &name)?;
        full.insert_document("input", sizes);
        full.insert("classes", &classes)?;
        full.insert("architecture", &network.architecture)?;
        match encoder {
            None => full.insert_document("params", self.network(network, classes, input.rank())?.params()?),
            Some(encoder) => {
                let pair = self.encoder_and_decoder(encoder, network, classes, &input)?;
                full.insert_document("params", pair.decoder.0.params()?);
                let mut section = Document::default();
                section.insert("architecture", &pair.encoder.1)?;
                section.insert_document("params", pair.encoder.0.params()?);
                full.insert_document("encoder", section);
            }
        }
        for section in ["data", "train"] {
            full.copy(document, section);
        }
        Ok(full)
    }
}
