//! Conclusions about the classes.

use data::{ClassList, RecordingFacts, Task};
use graph::listed;

use super::draft::Draft;

/// More labels than this are not listed as an alternative.
const MOST_LISTED: usize = 30;

/// Adds the conclusions from the labels in a table. Negative labels stand for unknown classes, unless fewer than two
/// classes would be left.
pub(super) fn from_labels(draft: &mut Draft, labels: &[String]) {
    let is_negative = |label: &&String| label.parse::<i64>().is_ok_and(|number| number < 0);
    let are_integers = labels.iter().all(|label| label.parse::<i64>().is_ok());
    if labels.len() > 2 && are_integers {
        draft.remarks.or(
            "task",
            "task: regression",
            "if the integers are quantities rather than labels; also set `classes: 1`",
        );
    }
    if !labels.iter().any(|label| is_negative(&label)) || labels.len() > MOST_LISTED || !are_integers {
        return;
    }
    if labels.iter().filter(|label| !is_negative(label)).count() < 2 {
        draft
            .remarks
            .because("data.classes", "A negative label stands for an unknown class unless it is listed.");
        draft.data.classes = Some(ClassList::from_iter(labels));
    } else {
        draft.remarks.because("data.classes", "Negative labels stand for unknown classes.");
        draft.remarks.or(
            "data.classes",
            format!("classes: [{}]", labels.join(", ")),
            "if they are classes; then also set the number of `classes` above",
        );
    }
}

/// Adds the classes and their proportions to the remarks.
pub(super) fn describe(draft: &mut Draft, facts: &RecordingFacts) {
    if facts.classes.is_empty() {
        return;
    }
    let names: Vec<String> = facts.classes.iter().map(|(name, _)| name.clone()).collect();
    draft.remarks.because("classes", format!("The classes: {}.", listed(&names)));
    let most = facts.classes.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let least = facts.classes.iter().map(|(_, count)| *count).min().unwrap_or(0);
    if draft.data.task.has_classes() && names.len() <= MOST_LISTED {
        let are_numbers = names.iter().all(|name| name.parse::<i64>().is_ok());
        if are_numbers && draft.data.task != Task::MultiLabel {
            let entries: Vec<String> = names.iter().map(|name| format!("{name}: NAME")).collect();
            draft.remarks.or(
                "ignore_classes",
                format!("classes: {{ {} }}", entries.join(", ")),
                "names for the labels",
            );
        }
        if least > 0 && most >= 3 * least {
            let all: usize = facts.classes.iter().map(|(_, count)| *count).sum();
            let meaning = format!("the rarest class has only {least} of {all} labels");
            draft.remarks.or("ignore_classes", "class_weights: balanced", meaning);
        }
    }
}
