//! Config keys that are often meant by others: the usual abbreviations, other packages' names, and names
//! that this project's configs once had.

/// The one of the `known` keys that is meant by `key`, if it is a synonym.
pub(crate) fn synonym<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    for (other, ours) in SYNONYMS {
        if other == key
            && let Some(ours) = known.iter().find(|known| **known == ours)
        {
            return Some(ours);
        }
    }
    None
}

#[rustfmt::skip]
const SYNONYMS: [(&str, &str); 17] = [
    // other               ours
    ("accumulate",         "accumulation_steps"),
    ("batch",              "batch_size"),
    ("clip",               "clip_norm"),
    ("expand",             "expand_ratio"),
    ("ex_ratio",           "expand_ratio"),
    ("filters",            "channels"),
    ("final_activation",   "output_activation"),
    ("keep",               "keep_checkpoints"),
    ("kernel_size",        "kernel"),
    ("lr",                 "learning_rate"),
    ("num_classes",        "classes"),
    ("rate",               "learning_rate"),
    ("rate",               "sampling_rate"),
    ("se_ratio",           "se_divisor"),
    ("standardize",        "normalize"),
    ("strides",            "stride"),
    ("wd",                 "weight_decay"),
];
