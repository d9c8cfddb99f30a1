//! The merge key `<<` of YAML 1.1: `{ <<: *base, channels: 16 }` is the mapping `*base` with other channels.

use serde_yaml::{Mapping, Value};

use super::reader::describe;

/// The key whose value is merged into its mapping.
const KEY: &str = "<<";

/// Replaces the merge key by the entries of the mapping, or of the list of mappings, that it stands for. Of equal
/// keys, the mapping's own counts, then that of the first mapping in the list.
///
/// # Errors
/// A message about a value that cannot be merged.
pub(super) fn apply(mut mapping: Mapping) -> Result<Mapping, String> {
    let Some(value) = mapping.shift_remove(KEY) else { return Ok(mapping) };
    let bases = match value {
        Value::Sequence(list) => list,
        value => vec![value],
    };
    let mut merged = Mapping::new();
    for base in bases {
        let Value::Mapping(base) = base else {
            let found = describe(&base);
            return Err(format!("expected a mapping or a list of mappings below `<<`, found {found}"));
        };
        for (key, value) in base {
            merged.entry(key).or_insert(value);
        }
    }
    // Own entries replace merged ones in their places.
    merged.extend(mapping);
    Ok(merged)
}
