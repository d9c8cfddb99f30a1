//! Values as bytes, for other ranks.

/// Lists of values as the bytes of a message.
#[derive(Clone, Debug, Default)]
pub struct MessageWriter {
    bytes: Vec<u8>,
}

/// The lists of a message, in the order in which they were added. Each method returns `None` if the message has no such
/// list.
#[derive(Clone, Debug)]
pub struct MessageReader<'a> {
    rest: &'a [u8],
}

/// A value that processes exchange.
pub(crate) trait Message: Sized {
    /// Adds the value to a message.
    fn write(&self, message: &mut MessageWriter);

    /// Reads a value that another process has written. Returns `None` if the message has no such value.
    fn read(message: &mut MessageReader<'_>) -> Option<Self>;
}

impl MessageWriter {
    /// Adds bytes, such as those of a string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.list(bytes.len(), bytes.iter().map(|byte| [*byte]));
    }

    /// Adds strings.
    pub(crate) fn texts(&mut self, texts: &[String]) {
        self.sizes(&[texts.len()]);
        for text in texts {
            self.bytes(text.as_bytes());
        }
    }

    /// Adds a string, if there is one.
    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        self.sizes(&[usize::from(text.is_some())]);
        self.bytes(text.unwrap_or_default().as_bytes());
    }

    /// Adds sizes or indices.
    pub fn sizes(&mut self, sizes: &[usize]) {
        self.list(sizes.len(), sizes.iter().map(|size| (*size as u64).to_le_bytes()));
    }

    /// Adds integers.
    pub fn integers(&mut self, integers: &[i64]) {
        self.list(integers.len(), integers.iter().map(|integer| integer.to_le_bytes()));
    }

    /// Adds numbers of single precision, to the bit.
    pub fn singles(&mut self, numbers: &[f32]) {
        self.list(numbers.len(), numbers.iter().map(|number| number.to_le_bytes()));
    }

    /// Adds numbers of double precision, to the bit.
    pub fn doubles(&mut self, numbers: &[f64]) {
        self.list(numbers.len(), numbers.iter().map(|number| number.to_le_bytes()));
    }

    /// The bytes of the message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn list<const SIZE: usize>(&mut self, count: usize, items: impl Iterator<Item = [u8; SIZE]>) {
        self.bytes.extend((count as u64).to_le_bytes());
        self.bytes.extend(items.flatten());
    }
}

impl<'a> MessageReader<'a> {
    /// Reads the bytes of a message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether there are no more lists.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next list, of bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        self.list(1)
    }

    /// The next list, a string.
    pub(crate) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// The next strings.
    pub(crate) fn texts(&mut self) -> Option<Vec<String>> {
        let [count] = self.sizes()?.try_into().ok()?;
        (0..count).map(|_| self.text()).collect()
    }

    /// The next string, if there is one.
    pub(crate) fn optional_text(&mut self) -> Option<Option<String>> {
        let is_some = self.sizes()? == [1];
        let text = self.text()?;
        Some(if is_some { Some(text) } else { None })
    }

    /// The next list, of sizes.
    pub fn sizes(&mut self) -> Option<Vec<usize>> {
        let (items, _) = self.list(8)?.as_chunks();
        items.iter().map(|item| usize::try_from(u64::from_le_bytes(*item)).ok()).collect()
    }

    /// The next list, of integers.
    pub fn integers(&mut self) -> Option<Vec<i64>> {
        let (items, _) = self.list(8)?.as_chunks();
        Some(items.iter().map(|item| i64::from_le_bytes(*item)).collect())
    }

    /// The next list, of numbers of single precision.
    pub fn singles(&mut self) -> Option<Vec<f32>> {
        let (items, _) = self.list(4)?.as_chunks();
        Some(items.iter().map(|item| f32::from_le_bytes(*item)).collect())
    }

    /// The next list, of numbers of double precision.
    pub fn doubles(&mut self) -> Option<Vec<f64>> {
        let (items, _) = self.list(8)?.as_chunks();
        Some(items.iter().map(|item| f64::from_le_bytes(*item)).collect())
    }

    fn list(&mut self, size: usize) -> Option<&'a [u8]> {
        let (count, rest) = self.rest.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(size)?;
        let (list, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_were_written() {
        let mut writer = MessageWriter::default();
        writer.bytes("é".as_bytes());
        writer.sizes(&[0, 7]);
        writer.integers(&[-1]);
        writer.singles(&[]);
        writer.doubles(&[f64::NAN, -0.0]);
        writer.texts(&["a".to_owned(), String::new()]);
        writer.optional_text(Some(""));
        writer.optional_text(None);
        let bytes = writer.into_bytes();
        let mut reader = MessageReader::new(&bytes);
        assert_eq!(reader.bytes(), Some("é".as_bytes()));
        assert_eq!(reader.sizes(), Some(vec![0, 7]));
        assert_eq!(reader.integers(), Some(vec![-1]));
        assert_eq!(reader.singles(), Some(vec![]));
        let bits = reader.doubles().unwrap().into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits, [f64::NAN.to_bits(), (-0.0f64).to_bits()]);
        assert_eq!(reader.texts(), Some(vec!["a".to_owned(), String::new()]));
        assert_eq!([reader.optional_text(), reader.optional_text()], [Some(Some(String::new())), Some(None)]);
        assert!(reader.is_empty() && reader.bytes().is_none());
        assert!(MessageReader::new(&bytes[..9]).bytes().is_none(), "one byte of two");
    }
}
