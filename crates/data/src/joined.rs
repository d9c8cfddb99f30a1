//! Several sources joined into one, with a common list of classes and a common order of channels and outputs.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::classes::{self, unknown};
use crate::error::quoted;
use crate::order::Orders;
use crate::{DataError, Description, Recording, Source, Target};

/// The recordings of several sources, one source after the other. Classes, channels, columns and outputs are matched
/// by name.
pub(crate) struct Joined {
    classes: Vec<String>,
    description: Description,
    members: Vec<Member>,
    len: usize,
}

struct Member {
    /// The index of the source's first recording among all recordings.
    first: usize,
    source: Arc<dyn Source>,
    /// The index in the common list of each of the source's classes, if it is there.
    classes: Vec<Option<usize>>,
    orders: Orders,
}

impl Joined {
    /// Joins sources, with `classes` as the common list and the order of channels and outputs in `names`.
    fn new(
        sources: Vec<Arc<dyn Source>>,
        classes: Vec<String>,
        names: &Description,
    ) -> Result<Self, DataError> {
        let mut description = description(&sources);
        // A source without names has the order of the others.
        description.channels = names.channels.clone();
        description.columns = names.columns.clone();
        description.outputs = names.outputs.clone();
        let index = classes::indices(&classes);
        let mut len = 0usize;
        let mut members = Vec::new();
        for source in sources {
            let indices = source.classes().iter().map(|name| index.get(name.as_str()).copied()).collect();
            let first = len;
            len = len.saturating_add(source.len());
            let orders = Orders::of(source.as_ref(), names)?;
            members.push(Member { first, source, classes: indices, orders });
        }
        Ok(Self { classes, description, members, len })
    }

    /// Joins sources. If they all have the same list of classes, it is kept; otherwise, the classes are the
    /// sorted union of all lists. The order of channels and outputs is that of the first source with names.
    ///
    /// # Errors
    /// If the names of channels, columns or outputs differ in more than their order.
    pub(crate) fn union(mut sources: Vec<Arc<dyn Source>>) -> Result<Arc<dyn Source>, DataError> {
        if sources.len() == 1 {
            return Ok(sources.remove(0));
        }
        let first = sources.first().map_or(Vec::new(), |source| source.classes().to_vec());
        let same = sources.iter().all(|source| source.classes() == first);
        let classes = if same { first } else { sorted(&sources) };
        let names = description(&sources);
        Ok(Arc::new(Self::new(sources, classes, &names)?))
    }

    /// Returns `source` with its classes indexed as in `classes`, unless the task has none, and its channels and
    /// outputs in the order of `names`.
    ///
    /// # Errors
    /// As [`union`](Self::union).
    pub(crate) fn aligned(
        source: Arc<dyn Source>,
        classes: Option<&[String]>,
        names: &Description,
    ) -> Result<Arc<dyn Source>, DataError> {
        let classes = classes.map_or_else(|| source.classes().to_vec(), <[String]>::to_vec);
        if source.classes() == classes && Orders::of(source.as_ref(), names)?.is_none() {
            return Ok(source);
        }
        Ok(Arc::new(Self::new(vec![source], classes, names)?))
    }

    fn find(&self, index: usize) -> (usize, &Member) {
        let after = self.members.partition_point(|member| member.first <= index);
        let member = &self.members[after.saturating_sub(1)];
        (index - member.first, member)
    }

    fn translate(&self, recording: Recording, from: &Member) -> Result<Recording, DataError> {
        let class = |class: usize| {
            from.classes.get(class).copied().flatten().ok_or_else(|| {
                let name = from.source.classes().get(class).map_or_else(|| class.to_string(), Clone::clone);
                let message = unknown(&name, &self.classes);
                DataError::new(&recording.origin, message)
            })
        };
        let target = match recording.target {
            Target::Class(found) => Target::Class(class(found)?),
            Target::Positions(found) => Target::Positions(
                found.into_iter().map(|found| found.map(class).transpose()).collect::<Result<_, _>>()?,
            ),
            Target::Labels(found) => {
                let mut labels = vec![None; self.classes.len()];
                for (i, label) in found.into_iter().enumerate() {
                    labels[class(i)?] = Some(label);
                }
                if let Some(missing) = labels.iter().position(Option::is_none) {
                    let expected = format!("a label of the class {}", quoted(&self.classes[missing]));
                    return Err(DataError::new(&recording.origin, crate::error::expected(expected, "none")));
                }
                Target::Labels(labels.into_iter().flatten().collect())
            }
            other => other,
        };
        from.orders.apply(Recording { target, ..recording })
    }
}

impl Source for Joined {
    fn len(&self) -> usize {
        self.len
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        let (index, member) = self.find(index);
        self.translate(member.source.recording(index)?, member)
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        let (index, member) = self.find(index);
        if member.orders.needs_whole() {
            return self.translate(member.source.recording(index)?, member)?.excerpt(from, length);
        }
        self.translate(member.source.excerpt(index, from, length)?, member)
    }

    fn description(&self) -> Description {
        self.description.clone()
    }
}

/// Returns the names of the first source that has them, the sampling rate if it is that of all sources, and the notes
/// of all.
fn description(sources: &[Arc<dyn Source>]) -> Description {
    let mut all = sources.iter().map(|source| source.description());
    let mut joined = all.next().unwrap_or_default();
    for other in all {
        for (names, others) in [
            (&mut joined.channels, other.channels),
            (&mut joined.columns, other.columns),
            (&mut joined.outputs, other.outputs),
        ] {
            if names.is_empty() {
                *names = others;
            }
        }
        if let (Some(rate), Some(other_rate)) = (joined.sampling_rate, other.sampling_rate)
            && (rate - other_rate).abs() > 0.1 * rate.min(other_rate)
        {
            joined
                .notes
                .push(format!("the sampling rates of the files differ: {rate} Hz and {other_rate} Hz"));
        }
        if joined.sampling_rate != other.sampling_rate {
            joined.sampling_rate = None;
        }
        joined.notes.extend(other.notes);
    }
    joined
}

fn sorted(sources: &[Arc<dyn Source>]) -> Vec<String> {
    let all: BTreeSet<&String> = sources.iter().flat_map(|source| source.classes()).collect();
    let mut all: Vec<String> = all.into_iter().cloned().collect();
    classes::sort(&mut all);
    all
}
