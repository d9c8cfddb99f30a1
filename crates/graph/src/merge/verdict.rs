//! The decision whether a node merges.

/// Whether and how a node merges.
pub(super) enum Verdict<Plan> {
    /// The node is not of the kind that the rule is about.
    NotApplicable,
    /// The node looks as if it could merge, but that would change the function: the reason.
    Refused(String),
    /// The node merges like this.
    Plan(Plan),
}

impl<Plan> From<Result<Plan, String>> for Verdict<Plan> {
    fn from(plan: Result<Plan, String>) -> Self {
        match plan {
            Ok(plan) => Self::Plan(plan),
            Err(reason) => Self::Refused(reason),
        }
    }
}
