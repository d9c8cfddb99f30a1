//! Several sources joined into one, with a common list of classes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::classes::{self, unknown};
use crate::{DataError, Description, Recording, Source, Target};

/// The recordings of several sources, one source after the other. Classes are matched by name.
pub(crate) struct Joined {
    classes: Vec<String>,
    members: Vec<Member>,
    len: usize,
}

struct Member {
    /// The index of the source's first recording among all recordings.
    first: usize,
    source: Arc<dyn Source>,
    /// The index in the common list of each of the source's classes, if it is there.
    classes: Vec<Option<usize>>,
}

impl Joined {
    /// Joins sources, with `classes` as the common list.
    pub(crate) fn new(sources: Vec<Arc<dyn Source>>, classes: Vec<String>) -> Self {
        let index = classes::indices(&classes);
        let mut len = 0usize;
        let mut members = Vec::new();
        for source in sources {
            let indices = source.classes().iter().map(|name| index.get(name.as_str()).copied()).collect();
            let first = len;
            len = len.saturating_add(source.len());
            members.push(Member { first, source, classes: indices });
        }
        Self { classes, members, len }
    }

    /// Joins sources. If they all have the same list of classes, it is kept; otherwise, the classes are the
    /// sorted union of all lists.
    pub(crate) fn union(mut sources: Vec<Arc<dyn Source>>) -> Arc<dyn Source> {
        if sources.len() == 1 {
            return sources.remove(0);
        }
        let first = sources.first().map_or(Vec::new(), |source| source.classes().to_vec());
        let same = sources.iter().all(|source| source.classes() == first);
        let classes = if same { first } else { sorted(&sources) };
        Arc::new(Self::new(sources, classes))
    }

    /// Returns `source` with its classes indexed as in `classes`.
    pub(crate) fn with_classes(source: Arc<dyn Source>, classes: &[String]) -> Arc<dyn Source> {
        if source.classes() == classes {
            return source;
        }
        Arc::new(Self::new(vec![source], classes.to_vec()))
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
            other => other,
        };
        Ok(Recording { target, ..recording })
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
        self.translate(member.source.excerpt(index, from, length)?, member)
    }

    fn class(&self, index: usize) -> Result<Option<usize>, DataError> {
        let (index, member) = self.find(index);
        Ok(member.source.class(index)?.and_then(|class| member.classes.get(class).copied().flatten()))
    }

    fn group(&self, index: usize) -> Result<Option<String>, DataError> {
        let (index, member) = self.find(index);
        member.source.group(index)
    }

    /// Returns the facts that all members agree on, and the notes of all.
    fn description(&self) -> Description {
        let mut all = self.members.iter().map(|member| member.source.description());
        let mut joined = all.next().unwrap_or_default();
        for other in all {
            if joined.channels != other.channels {
                joined.channels.clear();
            }
            if joined.outputs != other.outputs {
                joined.outputs.clear();
            }
            if joined.sampling_rate != other.sampling_rate {
                joined.sampling_rate = None;
            }
            joined.notes.extend(other.notes);
        }
        joined
    }
}

fn sorted(sources: &[Arc<dyn Source>]) -> Vec<String> {
    let all: BTreeSet<&String> = sources.iter().flat_map(|source| source.classes()).collect();
    let mut all: Vec<String> = all.into_iter().cloned().collect();
    classes::sort(&mut all);
    all
}
