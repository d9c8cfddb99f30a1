//! Documented exceptions: cases that differ for a known reason.

use std::collections::BTreeMap;

/// Text of the page with the table, embedded at build time.
const PAGE: &str = include_str!("../../../docs/parity.md");
/// Heading above the table.
const HEADING: &str = "## Exceptions";

/// Case and reason of every row of the table in docs/parity.md.
pub fn documented() -> BTreeMap<String, String> {
    table(PAGE)
}

fn table(page: &str) -> BTreeMap<String, String> {
    let section = page.lines().skip_while(|line| line.trim() != HEADING).skip(1);
    let rows = section.take_while(|line| !line.starts_with("## ")).filter_map(row);
    rows.collect()
}

/// Parses a row whose first cell is a case in backticks, unlike that of the header and the separator.
fn row(line: &str) -> Option<(String, String)> {
    let (case, reason) = line.trim().strip_prefix('|')?.strip_suffix('|')?.split_once('|')?;
    let case = case.trim().strip_prefix('`')?.strip_suffix('`')?;
    Some((case.to_owned(), reason.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_table_only() {
        let page = "| `before` | not this |\n## Exceptions\n\ntext\n\n| case | reason |\n|---|---|\n\
                    | `resnet-a` | an option that adds noise |\n|`b`|two|\n## Next\n| `after` | nor this |\n";
        let found = table(page);
        let found: Vec<_> = found.iter().map(|(case, reason)| (case.as_str(), reason.as_str())).collect();
        assert_eq!(found, [("b", "two"), ("resnet-a", "an option that adds noise")]);
    }

    #[test]
    fn the_page_has_a_table() {
        assert!(PAGE.lines().any(|line| line == HEADING));
        assert!(PAGE.lines().any(|line| line.replace(' ', "") == "|case|reason|"));
    }
}
