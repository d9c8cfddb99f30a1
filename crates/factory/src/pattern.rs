//! Patterns of names.

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(tail) = text.strip_prefix(head) else { return false };
    let starts = tail.char_indices().map(|(start, _)| start).chain([tail.len()]);
    starts.into_iter().any(|start| matches(rest, &tail[start..]))
}
