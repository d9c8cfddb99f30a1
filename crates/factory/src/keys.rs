//! Advice on unknown keys and names.

use graph::listed;

/// Longest text quoted from a user's config.
const QUOTED: usize = 60;

/// Keys that have another name here. Where several are listed, the one that is known at the place counts.
const SYNONYMS: [(&str, &[&str]); 22] = [
    ("accumulate", &["accumulation_steps"]),
    ("batch", &["batch_size"]),
    ("clip", &["clip_norm"]),
    ("clip_grad", &["clip_norm"]),
    ("clip_grad_norm", &["clip_norm"]),
    ("ex_ratio", &["expand_ratio"]),
    ("expand", &["expand_ratio"]),
    ("filters", &["channels"]),
    ("final_activation", &["output_activation"]),
    ("kernel_size", &["kernel"]),
    ("grad_clip", &["clip_norm"]),
    ("gradient_clip", &["clip_norm"]),
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

/// Keys that belong elsewhere.
struct Moved {
    keys: &'static [&'static str],
    /// Keys that are all known at the place where the key is wrong.
    beside: &'static [&'static str],
    instead: &'static str,
}

const fn moved(
    keys: &'static [&'static str],
    beside: &'static [&'static str],
    instead: &'static str,
) -> Moved {
    Moved { keys, beside, instead }
}

const SE: &[&str] = &["se_ratio", "se_divisor"];
const EXPAND: &[&str] = &["expand", "ex_ratio", "expand_ratio"];

const MOVED: [Moved; 28] = [
    moved(&["betas"], &["optimizer"], "`optimizer: { adamw: { betas: … } }`"),
    moved(&["eps"], &["optimizer"], "`optimizer: { adamw: { eps: … } }`"),
    moved(&["momentum"], &["optimizer"], "`optimizer: { sgd: { momentum: … } }`"),
    moved(&["nesterov"], &["optimizer"], "`optimizer: { sgd: { nesterov: … } }`"),
    moved(&["step_epochs"], &["schedule"], "`schedule: { step: { epochs: … } }`"),
    moved(&["step_factor"], &["schedule"], "`schedule: { step: { factor: … } }`"),
    moved(&["label_smoothing"], &["loss"], "`loss: { cross_entropy: { label_smoothing: … } }`"),
    moved(&["focal_gamma"], &["loss"], "`loss: { focal: { gamma: … } }`"),
    moved(&["seed"], &["epochs"], "the option `--seed`"),
    moved(&["device"], &["epochs"], "the option `--device`"),
    moved(&["threads"], &["epochs"], "the option `--threads`"),
    moved(&["seed"], &["train"], "the option `--seed`"),
    moved(&["device"], &["train"], "the option `--device`"),
    moved(&["epochs"], &["train"], "`train: { epochs: … }`"),
    moved(&["batch_size"], &["train"], "`train: { batch_size: … }`"),
    moved(&["learning_rate", "lr"], &["train"], "`train: { learning_rate: … }`"),
    moved(&["optimizer"], &["train"], "`train: { optimizer: … }`"),
    moved(&["loss"], &["train"], "`train: { loss: … }`"),
    moved(&["label_smoothing"], &["train"], "`train: { loss: { cross_entropy: { label_smoothing: … } } }`"),
    moved(&["classes"], &["stages"], "`classes` at the top level, beside `input`"),
    moved(SE, &["first_dilation"], "`se_divisor` beside `stages`"),
    moved(SE, &["depth_multiplier"], "`stages: [{ se_divisor: … }]`"),
    moved(SE, &["inference"], "`stages: [{ se_divisor: … }]`"),
    moved(SE, &["stacks"], "`blocks: [{ se_divisor: … }]`"),
    moved(SE, &["skip", "upsample"], "`blocks: [{ se_divisor: … }]`"),
    moved(EXPAND, &["depth_multiplier"], "`stages: [{ expand_ratio: … }]`"),
    moved(EXPAND, &["stacks"], "`blocks: [{ expand_ratio: … }]`"),
    moved(EXPAND, &["skip", "upsample"], "`blocks: [{ expand_ratio: … }]`"),
];

/// Shortest key of another vocabulary that a misspelled key is compared with.
const LONG: usize = 4;

/// The message about a key that is not `known`: what to use instead if that is clear, otherwise the known
/// keys.
pub(crate) fn unknown(key: &str, known: &[&str]) -> String {
    match instead(key, known).or_else(|| instead_of_near(key, known)) {
        Some(instead) => format!("unknown key; use {instead}"),
        None if known.is_empty() => "unknown key; no key is allowed here".to_owned(),
        None => format!("unknown key; known keys: {}", listed(known)),
    }
}

/// The replacement of a key that has another name or another place.
fn instead(key: &str, known: &[&str]) -> Option<String> {
    if let Some(name) = synonym(key, known) {
        return Some(format!("`{name}`"));
    }
    let is_here = |moved: &&Moved| {
        moved.keys.contains(&key) && moved.beside.iter().all(|beside| known.contains(beside))
    };
    MOVED.iter().find(is_here).map(|moved| moved.instead.to_owned())
}

/// The known key nearest to a misspelled one, or what to use instead of the nearest other key.
fn instead_of_near(key: &str, known: &[&str]) -> Option<String> {
    let others = SYNONYMS.iter().map(|(old, _)| *old);
    let others = others.chain(MOVED.iter().flat_map(|moved| moved.keys.iter().copied()));
    let others = others.filter(|other| other.len() >= LONG && instead(other, known).is_some());
    let candidates: Vec<&str> = known.iter().copied().chain(others).collect();
    let nearest = near(&shorten(key), &candidates)?;
    if known.contains(&nearest) { Some(format!("`{nearest}`")) } else { instead(nearest, known) }
}

/// The message about a name that is not `known`.
pub(crate) fn unknown_name<'k>(what: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let name = shorten(name);
    match near(&name, &known) {
        Some(instead) => format!("unknown {what} {name:?}; did you mean {instead:?}?"),
        None => format!("unknown {what} {name:?}; known: {}", listed(&known)),
    }
}

fn synonym<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let (_, names) = SYNONYMS.iter().find(|(old, _)| *old == key)?;
    known.iter().copied().find(|name| names.contains(name))
}

/// The nearest known name, if a few slips away.
pub(crate) fn near<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
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
