//! Recognition of other files that users pass instead of a safetensors file.

/// The first bytes of such files, with a description and advice.
const BEGINNINGS: [(&[u8], &str); 10] = [
    (b"PK\x03\x04", "a zip archive, probably from torch.save; convert it to safetensors first"),
    (b"version https://git-lfs", "a Git LFS pointer; fetch the file itself with `git lfs pull`"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, probably from Keras; convert it to safetensors first"),
    (b"\x93NUMPY", "a NumPy array; convert it to safetensors first"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"GGUF", "a GGUF file; convert it to safetensors first"),
    (b"<!doctype html", "a web page; download the file itself"),
    (b"<html", "a web page; download the file itself"),
    (b"<?xml", "an XML document, probably a server's error message; download the file itself"),
    (b"---", "YAML"),
];

/// Number of bytes that are enough to tell text from binary data.
const SAMPLE: usize = 4096;

/// Describes a file that is not a safetensors file, or returns `None` if it is not recognized.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("an empty file");
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let start = sample.trim_ascii_start();
    for (beginning, kind) in BEGINNINGS {
        if start.get(..beginning.len()).is_some_and(|found| found.eq_ignore_ascii_case(beginning)) {
            return Some(kind);
        }
    }
    // In a safetensors file, bytes 2 to 8 would belong to a header length of an impossible size.
    if let [0x80, 2..=5, rest @ ..] = bytes
        && rest.first_chunk::<6>().is_some_and(|rest| rest.iter().any(|byte| *byte != 0))
    {
        return Some("a pickle file, probably from an older torch.save; convert it to safetensors first");
    }
    if !is_text(sample) {
        return None;
    }
    if start.starts_with(b"{") {
        let is_index = sample.windows(12).any(|part| part == b"\"weight_map\"");
        return Some(if is_index {
            "the index of a sharded model; merge its files into one first"
        } else {
            "JSON"
        });
    }
    Some("plain text")
}

/// Whether a sample of a file is text. Its last character may be incomplete.
fn is_text(sample: &[u8]) -> bool {
    let text = match std::str::from_utf8(sample) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&sample[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}
