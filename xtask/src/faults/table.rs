//! The table of results.

use std::collections::BTreeMap;

use super::case::Verdict;

/// Counts of a kind of fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    equal: usize,
    noted: usize,
    refused: usize,
    skipped: usize,
    failures: usize,
}

impl Counts {
    fn tried(&self) -> usize {
        self.equal + self.noted + self.refused + self.failures
    }
}

/// Counts by kind.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<&'static str, Counts>);

impl Table {
    /// Counts a case; `None` is a failure.
    pub(crate) fn add(&mut self, kind: &'static str, verdict: Option<Verdict>) {
        let counts = self.0.entry(kind).or_default();
        let count = match verdict {
            Some(Verdict::Equal) => &mut counts.equal,
            Some(Verdict::Noted) => &mut counts.noted,
            Some(Verdict::Refused) => &mut counts.refused,
            Some(Verdict::Skipped) => &mut counts.skipped,
            None => &mut counts.failures,
        };
        *count += 1;
    }

    pub(crate) fn tried(&self) -> usize {
        self.0.values().map(Counts::tried).sum()
    }

    pub(crate) fn failures(&self) -> usize {
        self.0.values().map(|counts| counts.failures).sum()
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut total = Counts::default();
        writeln!(f, "{:28} tried   equal   noted  refused  skipped  failures", "kind")?;
        for (kind, counts) in &self.0 {
            row(f, kind, *counts)?;
            total.equal += counts.equal;
            total.noted += counts.noted;
            total.refused += counts.refused;
            total.skipped += counts.skipped;
            total.failures += counts.failures;
        }
        row(f, "all", total)
    }
}

fn row(f: &mut std::fmt::Formatter<'_>, kind: &str, counts: Counts) -> std::fmt::Result {
    let Counts { equal, noted, refused, skipped, failures } = counts;
    let tried = counts.tried();
    writeln!(f, "{kind:28} {tried:5} {equal:7} {noted:7} {refused:8} {skipped:8} {failures:9}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn counts_by_kind() {
        let mut table = Table::default();
        table.add("killed", Some(Verdict::Equal));
        table.add("killed", None);
        table.add("changed", Some(Verdict::Refused));
        table.add("small disk", Some(Verdict::Skipped));
        expect![[r#"
            kind                         tried   equal   noted  refused  skipped  failures
            changed                          1       0       0        1        0         0
            killed                           2       1       0        0        0         1
            small disk                       0       0       0        0        1         0
            all                              3       1       0        1        1         1
        "#]]
        .assert_eq(&table.to_string());
        assert_eq!((table.tried(), table.failures()), (3, 1));
    }
}
