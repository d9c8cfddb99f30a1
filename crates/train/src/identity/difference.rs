//! A difference between two runs, in one part of their identity.

use std::fmt;

use graph::printable;

use super::EPOCHS;

/// Longest value in a message, in characters.
const LONGEST: usize = 40;

/// A part in which two runs differ. The value is `None` for a run that does not have the part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) key: String,
    pub(crate) then: Option<String>,
    pub(crate) now: Option<String>,
}

impl Difference {
    /// Whether the run has more epochs now.
    pub(crate) fn is_more_epochs(&self) -> bool {
        let [then, now] = [&self.then, &self.now].map(|value| value.as_ref()?.parse::<u64>().ok());
        self.key == EPOCHS && then.is_some() && now > then
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, then, now } = self;
        match (key.as_str(), then, now) {
            ("data.train" | "data.validation" | "data.test", Some(_), Some(_)) => {
                write!(f, "{key}: different recordings")
            }
            ("data.validation" | "data.test", then, _) => {
                let [then, now] = if then.is_some() { ["present", "absent"] } else { ["absent", "present"] };
                write!(f, "{key}: was {then}, now {now}")
            }
            ("network", Some(then), Some(now)) => {
                let (then, now) = first_difference(then, now);
                write!(f, "network: was {then}, now {now}")
            }
            ("weights", Some(then), Some(now)) if is_digest(then) && is_digest(now) => {
                write!(f, "weights: different initial weights")
            }
            (_, Some(then), Some(now)) if is_digest(then) && is_digest(now) => {
                write!(f, "{key}: different values")
            }
            _ => write!(f, "{key}: was {}, now {}", shown(then), shown(now)),
        }
    }
}

/// Returns a setting as shown in messages.
fn shown(value: &Option<String>) -> String {
    match value {
        None => "unset".to_owned(),
        Some(value) if is_digest(value) => "given".to_owned(),
        Some(value) => cut(value.trim_matches('"')),
    }
}

/// Whether a value is stored as its digest.
fn is_digest(value: &str) -> bool {
    value.len() == 64 && value.chars().all(|c| c.is_ascii_hexdigit())
}

/// Returns the first pair of lines in which two texts differ, in backticks.
fn first_difference(then: &str, now: &str) -> (String, String) {
    let (mut then, mut now) = (then.lines(), now.lines());
    let line = |line: Option<&str>| match line {
        Some(line) => format!("`{}`", cut(line.trim())),
        None => "absent".to_owned(),
    };
    loop {
        let (before, after) = (then.next(), now.next());
        if before != after || before.is_none() {
            return (line(before), line(after));
        }
    }
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() == text.len() { printable(text) } else { format!("{}…", printable(&short)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(key: &str, then: Option<&str>, now: Option<&str>) -> Difference {
        let [then, now] = [then, now].map(|value| value.map(str::to_owned));
        Difference { key: key.to_owned(), then, now }
    }

    #[test]
    fn sentences() {
        let check = |key, then, now, expected: &str| {
            assert_eq!(difference(key, then, now).to_string(), expected);
        };
        let [one, other] = ["0".repeat(64), "f".repeat(64)];
        check("train.schedule", Some("\"cosine\""), Some("\"step\""), "train.schedule: was cosine, now step");
        check("train.clip_norm", None, Some("1.0"), "train.clip_norm: was unset, now 1.0");
        check("data.train", Some(&one), Some(&other), "data.train: different recordings");
        check("data.validation", Some(&one), None, "data.validation: was present, now absent");
        check("weights", Some(&one), Some(&other), "weights: different initial weights");
        check("data.classes", Some(&one), Some(&other), "data.classes: different values");
        check("weights", Some("random"), Some(&other), "weights: was random, now given");
        check("network", Some("a\nb\n"), Some("a\nc\n"), "network: was `b`, now `c`");
        check("network", Some("a\nb"), Some("a"), "network: was `b`, now absent");
        let names = format!("[{}]", "\u{1b}".repeat(100));
        let shown = difference("data.classes", None, Some(&names)).to_string();
        assert!(!shown.contains('\u{1b}') && shown.chars().count() < 500, "{shown}");
    }

    #[test]
    fn more_epochs() {
        assert!(difference("train.epochs", Some("9"), Some("10")).is_more_epochs());
        assert!(!difference("train.epochs", Some("10"), Some("9")).is_more_epochs());
        assert!(!difference("train.batch_size", Some("9"), Some("10")).is_more_epochs());
    }
}
