//! Messages about arrays in the temporary file of a process, for others that read them there.

use std::sync::Arc;

use super::{Content, StoredArray};
use crate::npy::{Elements, Kind};
use crate::read::temporary::TemporaryFile;
use crate::{MessageReader, MessageWriter};

impl StoredArray {
    /// Adds everything but the values to a message.
    pub(in crate::read) fn write_message(&self, message: &mut MessageWriter) {
        let offset = match self.content {
            Content::Temporary { offset, .. } => offset,
            Content::File { .. } | Content::Memory(_) => 0,
        };
        let (kind, size) = match self.elements.kind {
            Kind::Unsigned(size) => (0, size),
            Kind::Signed(size) => (1, size),
            Kind::Float(size) => (2, size),
            Kind::Bfloat16 => (3, 2),
            Kind::Text(points) => (4, points),
            Kind::Bytes(size) => (5, size),
        };
        message.integers(&[offset.cast_signed()]);
        message.sizes(&[&[kind, size, usize::from(self.elements.big_endian)][..], &self.shape].concat());
    }

    /// Reads the message of a process whose values are in this file.
    pub(in crate::read) fn read_message(
        message: &mut MessageReader<'_>,
        file: &Arc<TemporaryFile>,
    ) -> Option<Self> {
        let [offset] = message.integers()?.try_into().ok()?;
        let sizes = message.sizes()?;
        let [kind, size, big_endian, shape @ ..] = &sizes[..] else { return None };
        let kind = match kind {
            0 => Kind::Unsigned(*size),
            1 => Kind::Signed(*size),
            2 => Kind::Float(*size),
            3 => Kind::Bfloat16,
            4 => Kind::Text(*size),
            5 => Kind::Bytes(*size),
            _ => return None,
        };
        let content = Content::Temporary { file: Arc::clone(file), offset: offset.cast_unsigned() };
        Some(Self {
            elements: Elements { kind, big_endian: *big_endian == 1 },
            shape: shape.to_vec(),
            content,
        })
    }
}
