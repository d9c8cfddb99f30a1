//! The targets of recordings in an array.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Arrays, run};
use crate::error::expected;
use crate::npy::Elements;
use crate::read::names::Names;
use crate::read::stored::{Run, StoredArray};
use crate::read::{Request, Wanted, label};
use crate::{DataError, Target, Values};

/// Number of elements of a target that are read at a time when the file is opened.
const CHUNK: usize = 1 << 16;

/// The targets of all recordings.
pub(super) struct Targets {
    array: StoredArray,
    /// Whether the array has an axis of recordings.
    many: bool,
    /// The shape of the target of a recording.
    shape: Vec<usize>,
    /// The number of samples of a recording in the file. `None` for images.
    samples: Option<usize>,
    form: Form,
}

enum Form {
    Class(ClassMap),
    Positions(ClassMap),
    Labels,
    Numbers,
    Signal,
}

/// The class that the bytes of an element stand for.
#[derive(Default)]
struct ClassMap(BTreeMap<Vec<u8>, Option<usize>>);

impl Targets {
    /// Checks the targets of selected recordings. Also returns the names of the classes.
    pub(super) fn open(
        request: &Request<'_>,
        array: StoredArray,
        recordings: &Arrays,
    ) -> Result<(Self, Vec<String>), DataError> {
        let (layout, many) = (&recordings.layout, recordings.layout.many);
        if many && array.shape.first() != Some(&layout.count) {
            let wanted = format!("a target for each of {} recordings", layout.count);
            return Err(request.refuse(expected(wanted, format!("shape {:?}", array.shape))));
        }
        let mut shape = array.shape[usize::from(many)..].to_vec();
        let refuse = |message: String| {
            DataError::new(recordings.origin(recordings.selection.recordings.start), message)
        };
        let form = match request.wanted {
            Wanted::Classes => classes_form(&shape, &layout.shape[1..]).map_err(refuse)?,
            Wanted::Labels => Form::Labels,
            Wanted::Numbers if shape.len() < 2 => Form::Numbers,
            Wanted::Numbers | Wanted::Signal | Wanted::Nothing => Form::Signal,
        };
        if matches!(form, Form::Labels | Form::Numbers | Form::Signal) && array.elements.is_text() {
            return Err(refuse(format!("target: {}", expected("numbers", "text"))));
        }
        // As in the input, the axis of a single channel may be missing.
        if request.wanted == Wanted::Signal && shape.len() == request.input.rank() {
            shape.insert(0, 1);
        }
        let samples = layout.is_series().then(|| layout.samples());
        let mut targets = Self { array, many, shape, samples, form };
        let classes = match targets.form {
            Form::Class(_) | Form::Positions(_) => targets.find_classes(request, recordings)?,
            Form::Labels => targets.class_names(request)?,
            Form::Numbers | Form::Signal => Vec::new(),
        };
        Ok((targets, classes))
    }

    /// Returns the target of a recording, or of samples of it.
    pub(super) fn read(&self, recording: usize, samples: &Range<usize>) -> Result<Target, String> {
        let (runs, shape) = self.runs(recording, samples);
        Ok(match &self.form {
            Form::Class(map) => match map.classes(&self.array, &runs)?[..] {
                [Some(class)] => Target::Class(class),
                _ => return Err(expected("the file as it was when it was opened", "a different label")),
            },
            Form::Positions(map) => Target::Positions(map.classes(&self.array, &runs)?),
            Form::Labels => {
                let labels = self.array.numbers(&runs)?.into_iter().map(label);
                Target::Labels(labels.collect::<Result<_, _>>()?)
            }
            Form::Numbers => Target::Numbers(self.array.numbers(&runs)?),
            Form::Signal => {
                Target::Signal(Values::new(shape, self.array.numbers(&runs)?).unwrap_or_default())
            }
        })
    }

    /// Returns the elements of the target of samples of a recording, and their shape.
    fn runs(&self, recording: usize, samples: &Range<usize>) -> (Vec<Run>, Vec<usize>) {
        let size: usize = self.shape.iter().product();
        let base = if self.many { recording * size } else { 0 };
        let whole = (vec![run(base, size)], self.shape.clone());
        let Some(all) = self.samples else { return whole };
        match (&self.form, &self.shape[..]) {
            (Form::Positions(_), [_]) => {
                (vec![run(base + samples.start, samples.len())], vec![samples.len()])
            }
            (Form::Signal, &[channels, length]) if length == all && samples.len() < all => {
                let row = |channel| run(base + channel * all + samples.start, samples.len());
                ((0..channels).map(row).collect(), vec![channels, samples.len()])
            }
            _ => whole,
        }
    }

    /// Reads the labels of the selected recordings and finds their classes.
    fn find_classes(&mut self, request: &Request<'_>, recordings: &Arrays) -> Result<Vec<String>, DataError> {
        let selection = &recordings.selection;
        let mut names = Names::default();
        let mut map = ClassMap::default();
        let is_class = matches!(self.form, Form::Class(_));
        let size = self.shape.iter().product::<usize>();
        let mut runs = Vec::new();
        if is_class && self.many {
            runs.push(run(selection.recordings.start * size, selection.recordings.len() * size));
        } else {
            runs.extend(selection.recordings.clone().flat_map(|i| self.runs(i, &selection.samples).0));
        }
        for whole in runs {
            for from in (whole.from..whole.from + whole.count).step_by(CHUNK) {
                let part = run(from, CHUNK.min(whole.from + whole.count - from));
                let bytes = self.array.bytes(&[part]).map_err(|message| request.refuse(message))?;
                for (i, bytes) in bytes.chunks(self.array.elements.size()).enumerate() {
                    map.add(bytes, self.array.elements, request, &mut names, is_class).map_err(
                        |message| {
                            let recording = if self.many { (from + i) / size.max(1) } else { 0 };
                            DataError::new(recordings.origin(recording), message)
                        },
                    )?;
                }
            }
        }
        let (classes, places) = names.sorted();
        for class in map.0.values_mut().flatten() {
            *class = places[*class];
        }
        match &mut self.form {
            Form::Class(found) | Form::Positions(found) => *found = map,
            Form::Labels | Form::Numbers | Form::Signal => {}
        }
        Ok(classes)
    }

    /// Returns the names of several classes per recording: those that the config lists, or numbers.
    fn class_names(&self, request: &Request<'_>) -> Result<Vec<String>, DataError> {
        let [count] = self.shape[..] else {
            let wanted = "a row of labels for each recording, 0 or 1 for each class";
            return Err(request.refuse(expected(wanted, format!("shape {:?}", self.shape))));
        };
        let listed = request.labels.listed();
        if listed.is_empty() {
            return Ok((0..count).map(|class| class.to_string()).collect());
        }
        if listed.len() != count {
            let wanted = format!("labels of {} classes, as `classes` lists", listed.len());
            return Err(request.refuse(expected(wanted, count)));
        }
        Ok(listed.to_vec())
    }
}

/// Returns whether there is one class, or a class for each position, for recordings with these spatial sizes.
fn classes_form(shape: &[usize], space: &[usize]) -> Result<Form, String> {
    if shape.len() < 2 && shape.iter().product::<usize>() == 1 {
        return Ok(Form::Class(ClassMap::default()));
    }
    if shape == space {
        return Ok(Form::Positions(ClassMap::default()));
    }
    Err(expected(format!("one class, or classes of shape {space:?}"), format!("shape {shape:?}")))
}

impl ClassMap {
    /// Adds the label that `bytes` stand for. If `is_class`, it must be a class.
    fn add(
        &mut self,
        bytes: &[u8],
        elements: Elements,
        request: &Request<'_>,
        names: &mut Names,
        is_class: bool,
    ) -> Result<(), String> {
        if self.0.contains_key(bytes) {
            return Ok(());
        }
        let label = elements.label(bytes)?;
        let class = names.label(&label, &request.labels)?;
        if class.is_none() && is_class {
            return Err(request.labels.unknown_class(&label));
        }
        self.0.insert(bytes.to_vec(), class);
        Ok(())
    }

    /// Returns the classes of elements.
    fn classes(&self, array: &StoredArray, runs: &[Run]) -> Result<Vec<Option<usize>>, String> {
        let bytes = array.bytes(runs)?;
        let mut latest: (&[u8], Option<usize>) = (&[], None);
        let class = |bytes| {
            // Neighboring samples usually have the same label.
            if latest.0 != bytes {
                let class = self.0.get(bytes);
                latest = (
                    bytes,
                    *class
                        .ok_or("expected the file as it was when it was opened, found a different label")?,
                );
            }
            Ok(latest.1)
        };
        bytes.chunks(array.elements.size()).map(class).collect::<Result<_, &str>>().map_err(str::to_owned)
    }
}
