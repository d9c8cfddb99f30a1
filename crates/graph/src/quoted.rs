//! User data in messages.

/// User data as messages quote it: in backticks, at most 60 characters, line breaks as `\n`.
///
/// ```
/// assert_eq!(graph::quoted("a\nb"), r"`a\nb`");
/// ```
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.replace('\r', "\\r").replace('\n', "\\n");
    if line.chars().count() <= LONGEST {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("`{start}…`")
}
