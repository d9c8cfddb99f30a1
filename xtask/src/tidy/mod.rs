//! `cargo xtask tidy`: rules of the workspace that the compiler does not check, each with its reason.

mod crates;
mod dependencies;
mod doc_code;
mod matches;
mod sources;
mod tree;
mod words;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

use anyhow::{Result, bail};

use self::tree::Tree;
use crate::setup::say;

/// A violation: its place, the problem, and the rule with its reason.
#[derive(Debug)]
pub(crate) struct Finding {
    place: String,
    problem: String,
    rule: &'static str,
}

impl Finding {
    fn new(place: impl Into<String>, problem: impl Into<String>, rule: &'static str) -> Self {
        Self { place: place.into(), problem: problem.into(), rule }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.rule)
    }
}

/// Checks the workspace at `root` and prints all violations.
pub(crate) fn run(root: &Path) -> Result<()> {
    let findings = check(&Tree::read(root)?);
    for finding in &findings {
        say(&finding.to_string());
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("found 1 violation"),
        count => bail!("found {count} violations"),
    }
}

/// Prints the number of banned phrases by crate, and lists those below `folder` if it is given.
pub(crate) fn words(root: &Path, folder: Option<&str>) -> Result<()> {
    let mut findings = words::check(&Tree::read(root)?);
    findings.retain(|finding| finding.place.starts_with(folder.unwrap_or_default()));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &findings {
        if folder.is_some() {
            say(&finding.to_string());
        }
        let place = finding.place.strip_prefix("crates/").unwrap_or(&finding.place);
        let part = place.split(['/', ':']).next().unwrap_or(place);
        *counts.entry(part.to_owned()).or_default() += 1;
    }
    for (part, count) in &counts {
        say(&format!("{count:5} {part}"));
    }
    say(&format!("{:5} in total", findings.len()));
    Ok(())
}

fn check(tree: &Tree) -> Vec<Finding> {
    let rules: [fn(&Tree) -> Vec<Finding>; 6] =
        [dependencies::check, crates::check, sources::check, doc_code::check, matches::check, words::check];
    rules.iter().flat_map(|rule| rule(tree)).collect()
}
