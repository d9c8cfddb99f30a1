//! User-defined sources: recordings of random lengths with random targets, as the data of a random config.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use data::{
    AddedNoise, Augment, ClassWeights, Config, DataError, Examples, Missing, Normalize, Order, Pad,
    Recording, Source, Sources, Splits, Stitch, Target, Task, Validation, WindowConfig,
};
use graph::{Array, Shape};

use super::recordings::TASKS;
use super::{Kind, tape};
use crate::outcome::Outcome;
use crate::random::{Random, Tape};

struct Own {
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Own { bases: tape::bases(32) }))
}

/// Maximum number of batches that are made of one split.
const MOST_BATCHES: usize = 40;

/// Recordings in memory, some of which are inconsistent.
struct Recordings {
    classes: Vec<String>,
    recordings: Vec<Recording>,
}

impl Source for Recordings {
    fn len(&self) -> usize {
        self.recordings.len()
    }

    fn classes(&self) -> &[String] {
        &self.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        match self.recordings.get(index) {
            Some(recording) => Ok(recording.clone()),
            None => Err(DataError::new("own", format!("expected an index below {}", self.recordings.len()))),
        }
    }
}

/// A random size that is usually the given one.
fn size(tape: &mut Tape<'_>, wanted: usize) -> usize {
    if !tape.one_in(24) {
        return wanted;
    }
    let others = [0, 1, 2, 3, 5, 16, wanted + 1, wanted.saturating_sub(1)];
    tape.pick(&others)
}

fn number(tape: &mut Tape<'_>) -> f32 {
    let ordinary = f32::from(tape.byte()) / 16.0 - 4.0;
    let extremes = [0.0, f32::MAX, f32::MIN_POSITIVE, 1e-45, -f32::MAX, f32::NAN, f32::INFINITY];
    if tape.one_in(250) { tape.pick(&extremes) } else { ordinary }
}

fn array(tape: &mut Tape<'_>, shape: &[usize]) -> Array {
    let first = number(tape);
    Array::from_fn(shape, |i| if i == 0 { first } else { (i as f32).sin() })
}

/// The targets of a source, before some of them are made inconsistent.
#[derive(Clone, Copy)]
struct Targets {
    kind: usize,
    numbers: usize,
    classes: usize,
}

impl Targets {
    fn new(tape: &mut Tape<'_>, task: Task) -> Self {
        let kind = match task {
            Task::Classification => 0,
            Task::Segmentation => 1,
            Task::Regression => 2,
            Task::Denoising => tape.pick(&[3, 4]),
            Task::MultiLabel => 6,
        };
        Self { kind, numbers: tape.pick(&[1, 2, 3, 0]), classes: tape.pick(&[2, 3, 2, 3, 1, 0, 40]) }
    }

    fn target(self, tape: &mut Tape<'_>, space: &[usize], input: &Array) -> Target {
        let kind = if tape.one_in(60) { tape.below(7) } else { self.kind };
        let positions: usize = space.iter().product();
        match kind {
            0 => {
                let class = tape.below(self.classes);
                Target::Class(size(tape, class))
            }
            1 => {
                let (count, first) = (size(tape, positions), tape.below(7));
                let class =
                    |i: usize| if i % 5 == 4 { None } else { Some((i + first) % self.classes.max(1)) };
                Target::Positions((0..count).map(class).collect())
            }
            2 => {
                let count = size(tape, self.numbers);
                Target::Numbers((0..count).map(|_| f64::from(number(tape))).collect())
            }
            3 => Target::Signal(input.into()),
            4 => Target::None,
            6 => Target::Labels((0..size(tape, self.classes)).map(|_| tape.one_in(2)).collect()),
            _ => {
                let shape = [size(tape, 2), size(tape, positions)];
                Target::Signal(array(tape, &shape).into())
            }
        }
    }
}

fn recordings(tape: &mut Tape<'_>, targets: Targets, input: &Shape) -> Recordings {
    let count = tape.pick(&[3, 6, 9, 1, 0, 20]);
    // Series may be longer than the window.
    let times = if input.rank() == 1 { tape.pick(&[1, 2, 3]) } else { 1 };
    let mut recordings = Vec::new();
    for index in 0..count {
        let channels = size(tape, input.channels);
        let mut space: Vec<usize> = input.space.iter().map(|wanted| size(tape, wanted * times)).collect();
        if tape.one_in(80) {
            space = tape.pick(&[vec![], vec![4], vec![4, 4]]);
        }
        let values = array(tape, &[&[channels], &space[..]].concat());
        let target = targets.target(tape, &space, &values);
        let groups = [None, None, Some("a".to_owned()), Some("b".to_owned())];
        let group = tape.pick(&groups);
        recordings.push(Recording { group, ..Recording::new(format!("own {index}"), values, target) });
    }
    let classes = (0..targets.classes).map(|class| format!("class {class}")).collect();
    Recordings { classes, recordings }
}

/// Picks one of the ordinary values, or rarely one of the extreme ones.
fn value<T: Clone>(tape: &mut Tape<'_>, ordinary: &[T], extreme: &[T]) -> T {
    if tape.one_in(40) { tape.pick(extreme) } else { tape.pick(ordinary) }
}

fn config(tape: &mut Tape<'_>, task: Task, input: &Shape) -> Config {
    let mut config = Config::new(task);
    config.threads = Some(tape.pick(&[1, 2, 3]));
    let step = |tape: &mut Tape<'_>| value(tape, &[None, Some(1), Some(3)], &[Some(0), Some(usize::MAX)]);
    if let [length] = input.space[..]
        && !tape.one_in(8)
    {
        let length = size(tape, length);
        config.window = Some(WindowConfig { length, step: step(tape), evaluation_step: step(tape) });
        if tape.one_in(4) {
            config.stitch = Some(Stitch { seed: tape.number() });
        }
    }
    if tape.one_in(3) {
        let share = value(tape, &[0.5, 0.2, 0.3], &[0.01, 0.99, 1e-300, 0.0, f64::NAN]);
        config.validation = Some(Validation::Share(share));
    }
    if tape.one_in(3) {
        config.normalize = Normalize::None;
    }
    if tape.one_in(3) && task == Task::Regression {
        config.normalize_targets = Normalize::None;
    }
    let missing = [Missing::Refuse, Missing::Hold, Missing::Interpolate, Missing::Zero, Missing::Mask];
    config.missing = tape.pick(&missing);
    if input.rank() == 1 {
        config.pad = tape.pick(&[None, Some(Pad::Zero), Some(Pad::Edge)]);
    }
    config.allow_overlap = !tape.one_in(4);
    if tape.one_in(4) && task.has_classes() {
        let list = ClassWeights::List((0..tape.below(4)).map(|_| number(tape)).collect());
        config.class_weights = Some(tape.pick(&[ClassWeights::Balanced, ClassWeights::Balanced, list]));
    }
    if task == Task::Denoising && input.rank() == 1 && !tape.one_in(3) {
        let extreme = [None, Some(1e308), Some(-1.0), Some(1e-300), Some(f64::NAN)];
        config.noise = Some(AddedNoise {
            snr: value(tape, &[0.0, 10.0], &[-200.0, 200.0, 1e308, f64::NAN]),
            white: value(tape, &[1.0, 0.5], &[0.0, 1e308, 1e-320]),
            wander: value(tape, &[0.0, 1.0], &[1e308, -1.0]),
            sampling_rate: value(tape, &[Some(100.0), Some(2.0)], &extreme),
            wander_band: value(
                tape,
                &[[0.05, 0.7]],
                &[[0.0, 0.0], [1e-300, 1e300], [0.7, 0.05], [f64::NAN, 1.0]],
            ),
            center: tape.one_in(2),
            seed: tape.number(),
        });
    }
    config.augment = augment(tape, input);
    config
}

fn augment(tape: &mut Tape<'_>, input: &Shape) -> Augment {
    let share =
        |tape: &mut Tape<'_>| value(tape, &[None, None, Some(0.1), Some(0.5)], &[Some(1.0), Some(1e308)]);
    let count =
        |tape: &mut Tape<'_>| value(tape, &[None, None, Some(1)], &[Some(0), Some(5), Some(usize::MAX)]);
    let mut augment =
        Augment { jitter: share(tape), scale: share(tape), shift: count(tape), ..Augment::default() };
    augment.channel_dropout = share(tape);
    augment.mask = share(tape);
    let is_image = input.rank() == 2;
    if is_image || tape.one_in(40) {
        augment.flip = tape.one_in(2);
        augment.crop = count(tape);
    }
    if !is_image || tape.one_in(40) {
        augment.wander = share(tape);
    }
    augment
}

impl Kind for Own {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        tape::mutated(random, &self.bases, 200)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let mut tape = Tape::new(input);
        let task = tape.pick(&TASKS);
        let shapes = [
            Shape::new(2, [8]),
            Shape::new(1, [16]),
            Shape::new(1, [4, 4]),
            Shape::new(3, [5, 2]),
            Shape::new(1, [1]),
        ];
        let shape = tape.pick(&shapes);
        let config = config(&mut tape, task, &shape);
        let targets = Targets::new(&mut tape, task);
        let train = Arc::new(recordings(&mut tape, targets, &shape));
        let other = |tape: &mut Tape<'_>| -> Option<Arc<dyn Source>> {
            if tape.one_in(3) { Some(Arc::new(recordings(tape, targets, &shape))) } else { None }
        };
        let sources = Sources { train, validation: other(&mut tape), test: other(&mut tape) };
        if let Some(splits) = outcome.result(Splits::of(&config, &shape, sources)) {
            let size = tape.pick(&[1, 3, 7, 64]);
            for examples in
                [Some(&splits.train), splits.validation.as_ref(), splits.test.as_ref()].into_iter().flatten()
            {
                batches(&mut outcome, examples, size);
            }
        }
        outcome
    }
}

/// Makes the batches of a split in both orders, shuffled and not.
fn batches(outcome: &mut Outcome, examples: &Examples, size: usize) {
    for order in [Order::InOrder, Order::Shuffled { seed: 3, epoch: 1 }] {
        let mut count = 0;
        for batch in examples.batches(order, size, 0).take(MOST_BATCHES) {
            if let Some(batch) = outcome.part(batch) {
                count += batch.input.shape()[0];
                let is_finite = batch.input.data().iter().all(|value| value.is_finite());
                outcome.require(is_finite, "a batch is finite");
            }
        }
        let panicked = outcome.messages.iter().any(|message| message.contains("panicked"));
        outcome.require(!panicked, "no batch ends in a panic");
        if examples.batch_count(size) <= MOST_BATCHES && outcome.messages.is_empty() {
            outcome.require(count == examples.len(), "the batches have all examples");
        }
    }
}
