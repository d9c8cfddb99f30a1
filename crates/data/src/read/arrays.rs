//! Recordings in arrays: `input` is `[N, C, T]` or `[N, C, H, W]`, or has no `N` if there is one recording;
//! `target` and a `group` are optional. Each read takes only the recording or the window that an example uses.

mod groups;
mod layout;
mod targets;

use std::ops::Range;

use self::groups::groups;
use self::layout::Layout;
use self::targets::Targets;
use super::archive::Archive;
use super::stored::{Run, StoredArray};
use super::{Request, Wanted, origin};
use crate::config::{Column, Columns};
use crate::error::expected;
use crate::{DataError, Description, Memory, Recording, Source, Target, Values};

/// The recordings in a file of arrays.
pub(super) struct Arrays {
    file: String,
    input: StoredArray,
    layout: Layout,
    /// The channels that are read. If `None`, all.
    channels: Option<Vec<usize>>,
    targets: Option<Targets>,
    /// The group of each selected recording. Empty if there are no groups.
    groups: Vec<String>,
    selection: Selection,
    classes: Vec<String>,
    description: Description,
}

/// The recordings and samples that `from` and `to` select.
#[derive(Clone, Debug)]
struct Selection {
    recordings: Range<usize>,
    /// Only the samples of a single series can be a part of all.
    samples: Range<usize>,
}

impl Arrays {
    /// Opens a file with this extension. Its arrays are not read, except for those of classes and groups.
    pub(super) fn open(request: &Request<'_>, extension: &str) -> Result<Self, DataError> {
        let refuse = |message: String| request.refuse(message);
        let allowed = if extension == "npy" { &["channels"][..] } else { &["channels", "input", "target"] };
        request.check_keys(allowed, &format!(".{extension} files"))?;
        let mut archive = Archive::open(request.path, extension).map_err(refuse)?;
        let (channels, names) = match Channels::of(request)? {
            Channels::All => (None, Vec::new()),
            Channels::Named(names) => (None, names),
            Channels::Selected(numbers) => (Some(numbers), Vec::new()),
        };
        let input_name = request.file.input.as_deref().unwrap_or("input");
        let input = required(request, &mut archive, input_name)?;
        if input.elements.is_text() {
            return Err(refuse(format!("{}: {}", graph::quoted(input_name), expected("numbers", "text"))));
        }
        let layout = Layout::of(&input.shape, request.input, channels.as_deref()).map_err(refuse)?;
        if let Some(count) = layout.shape.first()
            && !names.is_empty()
            && names.len() != *count
        {
            return Err(refuse(expected(format!("{count} names in `channels`"), names.len())));
        }
        let charge = layout.count.saturating_mul(layout.size());
        request.budget.charge_recordings(layout.count, charge).map_err(refuse)?;
        let selection = select(request, &layout)?;
        let mut arrays = Self {
            file: origin(request.path),
            input,
            layout,
            channels,
            targets: None,
            groups: groups(request, &mut archive, &selection)?,
            selection,
            classes: Vec::new(),
            description: Description { channels: names, ..Description::default() },
        };
        if let Some(target) = target(request, &mut archive, extension)? {
            let (targets, classes) = Targets::open(request, target, &arrays)?;
            (arrays.targets, arrays.classes) = (Some(targets), classes);
        }
        Ok(arrays)
    }

    /// Reads all recordings.
    pub(super) fn memory(&self) -> Result<Memory, DataError> {
        let recordings = (0..self.len()).map(|index| self.recording(index)).collect::<Result<_, _>>()?;
        Ok(Memory { classes: self.classes.clone(), recordings, description: self.description.clone() })
    }

    /// Returns the origin of a recording, an index among all recordings of the file.
    fn origin(&self, recording: usize) -> String {
        if self.layout.many {
            format!("{}: recording {}", self.file, recording + 1)
        } else {
            self.file.clone()
        }
    }

    /// Returns the index of a selected recording among all recordings of the file.
    fn find(&self, index: usize) -> Result<usize, DataError> {
        let count = self.selection.recordings.len();
        if index < count {
            return Ok(self.selection.recordings.start + index);
        }
        Err(DataError::new(&self.file, expected(format!("a recording index below {count}"), index)))
    }

    /// Reads samples of a recording, or a whole image.
    fn read(&self, index: usize, samples: Range<usize>) -> Result<Recording, DataError> {
        let recording = self.find(index)?;
        let origin = self.origin(recording);
        let refuse = |message: String| DataError::new(&origin, message);
        let (runs, shape) = self.layout.runs(recording, &samples, self.channels.as_deref());
        let input = Values::new(shape, self.input.numbers(&runs).map_err(refuse)?).unwrap_or_default();
        let target = match &self.targets {
            Some(targets) => targets.read(recording, &samples).map_err(refuse)?,
            None => Target::None,
        };
        let group = self.groups.get(index).cloned();
        Ok(Recording { origin, input, target, group })
    }
}

impl Source for Arrays {
    fn len(&self) -> usize {
        self.selection.recordings.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.read(index, self.selection.samples.clone())
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        let samples = &self.selection.samples;
        let (first, to) = (samples.start + from, from.saturating_add(length));
        if self.layout.is_series() && to <= samples.len() {
            return self.read(index, first..first + length);
        }
        // An error.
        self.recording(index)?.excerpt(from, length)
    }

    fn description(&self) -> Description {
        self.description.clone()
    }
}

fn select(request: &Request<'_>, layout: &Layout) -> Result<Selection, DataError> {
    let (recordings, samples) = (0..layout.count, 0..layout.samples());
    let is_one_series = layout.count == 1 && layout.is_series();
    let selected = request.range(layout.count, is_one_series.then_some(layout.samples()))?;
    if is_one_series {
        return Ok(Selection { recordings, samples: selected });
    }
    Ok(Selection { recordings: selected, samples })
}

/// The channels of the inputs, according to `channels`.
enum Channels {
    All,
    Named(Vec<String>),
    Selected(Vec<usize>),
}

impl Channels {
    fn of(request: &Request<'_>) -> Result<Self, DataError> {
        let Some(Columns(columns)) = &request.file.channels else { return Ok(Self::All) };
        let (mut numbers, mut names) = (Vec::new(), Vec::new());
        for column in columns {
            match column {
                Column::Number(number) => numbers.push(*number),
                Column::Name(name) => names.push(name.clone()),
            }
        }
        match (numbers.is_empty(), names.is_empty()) {
            (true, _) => Ok(Self::Named(names)),
            (false, true) => Ok(Self::Selected(numbers)),
            (false, false) => {
                let message = expected("either the names of all channels or numbers", "both");
                Err(request.refuse(format!("`channels`: {message}")))
            }
        }
    }
}

/// Returns the array called `name`.
fn required(request: &Request<'_>, archive: &mut Archive, name: &str) -> Result<StoredArray, DataError> {
    let found = request.array(archive, name).map_err(|message| request.refuse(message))?;
    found.ok_or_else(|| {
        let names = archive.names();
        let found = if names.is_empty() {
            "no array".to_owned()
        } else {
            let advice = "set `input` and `target` to the names of the arrays";
            format!("{}; {advice}", graph::listed(&names))
        };
        request.refuse(expected(format!("an array {}", graph::quoted(name)), found))
    })
}

/// Returns the array of targets, if the task requires targets and the file can have them.
fn target(
    request: &Request<'_>,
    archive: &mut Archive,
    extension: &str,
) -> Result<Option<StoredArray>, DataError> {
    if request.wanted == Wanted::Nothing || extension == "npy" {
        return Ok(None);
    }
    match &request.file.target {
        None => required(request, archive, "target").map(Some),
        Some(Columns(columns)) => match &columns[..] {
            [Column::Name(name)] => required(request, archive, name).map(Some),
            _ => Err(request.refuse("`target`: expected the name of one array in the archive")),
        },
    }
}

/// Returns the elements from `from` to `to`.
fn run(from: usize, count: usize) -> Run {
    Run { from, count }
}
