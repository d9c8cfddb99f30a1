//! Recognition of other files that users pass instead of a safetensors file.

/// Advice for weights of PyTorch.
const TORCH: &str = "load it with `torch.load` and write its state dict with `safetensors.torch.save_file`";
/// Advice for weights of Keras.
const KERAS: &str = "load the model with Keras and write its variables with `safetensors.numpy.save_file`";
/// Advice for NumPy arrays.
const NUMPY: &str = "load it with `numpy.load` and write its arrays with `safetensors.numpy.save_file`";
/// Advice for a format for inference.
const ORIGIN: &str = "write the weights of the model that it was made from as safetensors";

/// The first bytes of such files, with a description and advice.
const BEGINNINGS: [(&[u8], &str, &str); 9] = [
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself with `git lfs pull`"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, probably from Keras", KERAS),
    (b"\x93NUMPY", "a NumPy array", NUMPY),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"GGUF", "a GGUF file", ORIGIN),
    (b"<!doctype html", "a web page", "download the file itself"),
    (b"<html", "a web page", "download the file itself"),
    (b"<?xml", "an XML document, probably a server's error message", "download the file itself"),
    (b"---", "YAML", "pass the weights, and the config as MODEL"),
];

/// Number of bytes that are enough to tell text from binary data.
const SAMPLE: usize = 4096;

/// Describes a file that is not a safetensors file, with advice. Returns `None` if it is not recognized.
pub(crate) fn looks_like(bytes: &[u8]) -> Option<String> {
    let (kind, advice) = kind_of(bytes)?;
    Some(if advice.is_empty() { kind.to_owned() } else { format!("{kind}; {advice}") })
}

fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    if bytes.is_empty() {
        return Some(("an empty file", ""));
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let start = sample.trim_ascii_start();
    for (beginning, kind, advice) in BEGINNINGS {
        if start.get(..beginning.len()).is_some_and(|found| found.eq_ignore_ascii_case(beginning)) {
            return Some((kind, advice));
        }
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(archive(bytes));
    }
    if bytes.get(4..8) == Some(b"TFL3") {
        return Some(("a TensorFlow Lite model", ORIGIN));
    }
    // In a safetensors file, bytes 2 to 8 would belong to a header length of an impossible size.
    if let [0x80, 2..=5, rest @ ..] = bytes
        && rest.first_chunk::<6>().is_some_and(|rest| rest.iter().any(|byte| *byte != 0))
    {
        return Some(("a pickle file, probably from an older `torch.save`", TORCH));
    }
    if !is_text(sample) {
        return None;
    }
    if start.starts_with(b"{") {
        let is_index = sample.windows(12).any(|part| part == b"\"weight_map\"");
        let index = ("the index of a sharded model", "merge the files that it lists into one first");
        return Some(if is_index { index } else { ("JSON", "") });
    }
    Some(("plain text", ""))
}

/// Describes a zip archive by the name of its first entry.
fn archive(bytes: &[u8]) -> (&'static str, &'static str) {
    let length =
        bytes.get(26..28).map_or(0, |length| usize::from(u16::from_le_bytes([length[0], length[1]])));
    let name = bytes.get(30..30 + length).unwrap_or_default();
    if name.ends_with(b".npy") {
        return ("a NumPy archive (.npz)", NUMPY);
    }
    if [&b"metadata.json"[..], b"config.json", b"model.weights.h5"].contains(&name) {
        return ("a Keras model (.keras)", KERAS);
    }
    if [&b"/data.pkl"[..], b"/.format_version", b"/byteorder", b"/version"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        return ("a PyTorch checkpoint of `torch.save`", TORCH);
    }
    ("a zip archive", "if it is from `torch.save`, write its state dict with `safetensors.torch.save_file`")
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
