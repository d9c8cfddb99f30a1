//! `cargo xtask tidy`: the workspace's rules that no compiler checks, each with its reason.

mod crates;
mod dependencies;
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

/// A broken rule: where, what was found, what is needed and why.
#[derive(Debug)]
pub(crate) struct Finding {
    place: String,
    found: String,
    needed: &'static str,
}

impl Finding {
    fn new(place: impl Into<String>, found: impl Into<String>, needed: &'static str) -> Self {
        Self { place: place.into(), found: found.into(), needed }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.found, self.needed)
    }
}

/// Checks the workspace at `root` and prints what breaks a rule.
pub(crate) fn run(root: &Path) -> Result<()> {
    let findings = check(&Tree::read(root)?);
    for finding in &findings {
        say(&finding.to_string());
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("one rule of the workspace is broken"),
        count => bail!("rules of the workspace are broken in {count} places"),
    }
}

/// Prints the phrases that `words` bans, below `folder` if one is given, and their count by crate.
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
    say(&format!("{:5} in all", findings.len()));
    Ok(())
}

fn check(tree: &Tree) -> Vec<Finding> {
    let rules: [fn(&Tree) -> Vec<Finding>; 4] =
        [dependencies::check, crates::check, sources::check, matches::check];
    rules.iter().flat_map(|rule| rule(tree)).collect()
}
