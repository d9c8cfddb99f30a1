//! Advice on unknown keys and names.

/// Longest text quoted from a user's config.
const QUOTED: usize = 60;

/// Keys that have another name here. Where several are listed, the one that is known at the place counts.
const SYNONYMS: [(&str, &[&str]); 18] = [
    ("accumulate", &["accumulation_steps"]),
    ("batch", &["batch_size"]),
    ("clip", &["clip_norm"]),
    ("ex_ratio", &["expand_ratio"]),
    ("expand", &["expand_ratio"]),
    ("filters", &["channels"]),
    ("final_activation", &["output_activation"]),
    ("kernel_size", &["kernel"]),
    ("keep", &["keep_checkpoints"]),
    ("lr", &["learning_rate"]),
    ("lr_rate", &["learning_rate"]),
    ("num_classes", &["classes"]),
    ("rate", &["learning_rate", "sampling_rate"]),
    ("se_ratio", &["se_divisor"]),
    ("standardization", &["normalize"]),
    ("standardize", &["normalize"]),
    ("strides", &["stride"]),
    ("wd", &["weight_decay"]),
];

/// Keys that belong elsewhere: the key, a key that is known at the place, what to write instead.
const MOVED: [(&str, &str, &str); 10] = [
    ("betas", "optimizer", "`optimizer: { adamw: { betas: … } }`"),
    ("eps", "optimizer", "`optimizer: { adamw: { eps: … } }`"),
    ("momentum", "optimizer", "`optimizer: { sgd: { momentum: … } }`"),
    ("nesterov", "optimizer", "`optimizer: { sgd: { nesterov: … } }`"),
    ("step_epochs", "schedule", "`schedule: { step: { epochs: … } }`"),
    ("step_factor", "schedule", "`schedule: { step: { factor: … } }`"),
    ("label_smoothing", "loss", "`loss: { cross_entropy: { label_smoothing: … } }`"),
    ("focal_gamma", "loss", "`loss: { focal: { gamma: … } }`"),
    ("seed", "epochs", "the option `--seed`"),
    ("classes", "stages", "`classes` at the top level, beside `input`"),
];

/// The message about a key that is not `known`: what to use instead if that is clear, otherwise the known
/// keys.
pub(crate) fn unknown(key: &str, known: &[&str]) -> String {
    let moved = MOVED.iter().find(|(old, beside, _)| *old == key && known.contains(beside));
    if let Some((_, _, instead)) = moved {
        return format!("unknown key; use {instead}");
    }
    match synonym(key, known).or_else(|| near(key, known)) {
        Some(instead) => format!("unknown key; use `{instead}`"),
        None if known.is_empty() => "unknown key; no key is allowed here".to_owned(),
        None => format!("unknown key; known keys: {}", known.join(", ")),
    }
}

/// The message about a name that is not `known`.
pub(crate) fn unknown_name<'k>(what: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let name = shorten(name);
    match near(&name, &known) {
        Some(instead) => format!("unknown {what} {name:?}; did you mean {instead:?}?"),
        None => format!("unknown {what} {name:?}; known: {}", known.join(", ")),
    }
}

fn synonym<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let (_, names) = SYNONYMS.iter().find(|(old, _)| *old == key)?;
    known.iter().copied().find(|name| names.contains(name))
}

/// The nearest known name, if a few slips away.
fn near<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let distance = |other: &str| strsim::damerau_levenshtein(name, other);
    let nearest = known.iter().copied().min_by_key(|other| distance(other))?;
    let limit = (name.chars().count() / 3).max(1);
    if distance(nearest) <= limit { Some(nearest) } else { None }
}

/// `` one of `a`, `b` ``.
pub(crate) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [name] => name.clone(),
        names => format!("one of {}", names.join(", ")),
    }
}

/// The text, or its beginning if it is long.
pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return text.to_owned();
    }
    text.chars().take(QUOTED).chain(['…']).collect()
}
