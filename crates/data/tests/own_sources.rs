//! Whatever a user-defined source returns, opening it and making batches gives examples or an error, never a panic.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use data::{
    AddedNoise, Augment, Config, DataError, Memory, Order, Recording, Source, Sources, Splits, Stitch,
    Target, Task, Validation, WindowConfig,
};
use graph::{Array, Noise, Shape};

/// Random choices.
struct Choices {
    noise: Noise,
    next: u64,
}

impl Choices {
    fn new(name: &str) -> Self {
        Self { noise: Noise::of(name), next: 0 }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.next += 1;
        usize::try_from(self.noise.bits(self.next) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The properties of all recordings, except for the odd ones.
#[derive(Clone)]
struct Plan {
    name: String,
    len: usize,
    classes: Vec<String>,
    shape: Vec<usize>,
    target: usize,
    /// One in this many recordings is odd.
    odd: usize,
    /// Whether recordings differ from call to call.
    changes: bool,
}

struct Odd {
    plan: Plan,
    calls: std::sync::atomic::AtomicU64,
}

impl Odd {
    fn array(choices: &mut Choices, shape: &[usize], is_odd: bool) -> Array {
        let mut shape = shape.to_vec();
        if is_odd && choices.one_in(2) {
            match choices.below(4) {
                0 => shape.push(2),
                1 => shape.truncate(choices.below(2)),
                2 => shape = vec![0, 1 << 40, 1 << 40],
                _ => {
                    let axis = choices.below(shape.len());
                    shape[axis] = choices.of(&[0, 1, 3, 9, 40]);
                }
            }
        }
        let count = if shape.contains(&0) { 0 } else { shape.iter().product() };
        let mut data: Vec<f32> = (0..count).map(|i| (i % 7) as f32).collect();
        if is_odd
            && choices.one_in(3)
            && let Some(value) = data.last_mut()
        {
            *value = choices.of(&[f32::NAN, f32::INFINITY, f32::MAX]);
        }
        // An empty array whose other sizes overflow when multiplied cannot be made.
        Array::new(shape, data).unwrap_or_else(|| Array::new([0], Vec::new()).unwrap())
    }

    fn target(&self, choices: &mut Choices, is_odd: bool) -> Target {
        let space: usize = self.plan.shape[1..].iter().product();
        let class = |choices: &mut Choices| {
            if is_odd { choices.of(&[0, 1, 2, 3, 1 << 20, usize::MAX]) } else { choices.below(2) }
        };
        match if is_odd { choices.below(5) } else { self.plan.target } {
            0 => Target::Class(class(choices)),
            1 => {
                let count = if is_odd { choices.of(&[0, 1, space, space + 1, 2 * space]) } else { space };
                let label = |_| if choices.one_in(3) { None } else { Some(class(choices)) };
                Target::Positions((0..count).map(label).collect())
            }
            2 => Target::Numbers(vec![1.0; if is_odd { choices.below(4) } else { 2 }]),
            3 => Target::Signal(Self::array(choices, &self.plan.shape, is_odd).into()),
            _ => Target::None,
        }
    }
}

impl Source for Odd {
    fn len(&self) -> usize {
        self.plan.len
    }

    fn classes(&self) -> &[String] {
        &self.plan.classes
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        let call = self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let call = if self.plan.changes { call } else { 0 };
        let mut choices = Choices::new(&format!("{}/{index}/{call}", self.plan.name));
        let is_odd = self.plan.odd > 0 && choices.one_in(self.plan.odd);
        if is_odd && choices.one_in(8) {
            return Err(DataError::new("a source", "an error\nof its own"));
        }
        assert!(!(is_odd && choices.one_in(8)), "a panic of the source");
        let input = Self::array(&mut choices, &self.plan.shape, is_odd);
        let target = self.target(&mut choices, is_odd);
        Ok(Recording::new(format!("recording\u{1b}[2J {index}"), input, target))
    }
}

fn plan(choices: &mut Choices, name: String, shape: &[usize], config: &Config) -> Plan {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let usual_targets: &[usize] = match config.task {
        Task::Classification | Task::Segmentation => &[0, 1],
        Task::MultiLabel => &[4],
        Task::Regression => &[2, 3],
        Task::Denoising => &[3],
    };
    Plan {
        name,
        len: choices.of(&[0, 1, 2, 5, 9, 9, 9, 9]),
        classes: match choices.below(12) {
            0 => names(&[]),
            1 => names(&["a", "a"]),
            2 => names(&["\u{1b}"]),
            3 => names(&["b", "a"]),
            _ => names(&["a", "b"]),
        },
        shape: shape.to_vec(),
        target: if choices.one_in(6) { choices.below(5) } else { choices.of(usual_targets) },
        odd: choices.of(&[0, 0, 2, 20, 60, 100]),
        changes: choices.one_in(4),
    }
}

fn config(choices: &mut Choices, input: &Shape) -> Config {
    let task = choices.of(&[Task::Classification, Task::Segmentation, Task::Regression, Task::Denoising]);
    let series = input.rank() == 1;
    let noise = AddedNoise {
        snr: 0.0,
        white: 1.0,
        wander: 0.0,
        sampling_rate: None,
        wander_band: [0.1, 1.0],
        center: true,
        seed: 0,
    };
    let steps = [None, Some(1), Some(3), Some(100)];
    Config {
        window: (series && choices.one_in(2)).then(|| WindowConfig {
            length: input.space[0],
            step: choices.of(&steps),
            evaluation_step: choices.of(&steps),
        }),
        stitch: (series && choices.one_in(4)).then_some(Stitch { seed: 1 }),
        noise: (series && task == Task::Denoising && choices.one_in(2)).then_some(noise),
        validation: choices.of(&[None, Some(Validation::Share(0.3))]),
        augment: Augment {
            jitter: choices.of(&[None, Some(0.1)]),
            scale: choices.of(&[None, Some(0.1)]),
            shift: choices.of(&[None, Some(2)]),
            crop: if series { None } else { choices.of(&[None, Some(1)]) },
            flip: !series && choices.one_in(2),
            mask: if series { choices.of(&[None, Some(0.4)]) } else { None },
            ..Augment::default()
        },
        threads: Some(choices.of(&[1, 2])),
        // Most recordings of these sources are equal.
        allow_overlap: choices.of(&[true, true, true, false]),
        ..Config::new(task)
    }
}

/// Opens random sources and makes all batches. Returns how many could be opened.
fn open(cases: usize) -> usize {
    let mut opened = 0;
    for case in 0..cases {
        let mut choices = Choices::new(&format!("own sources/{case}"));
        let input: Shape = if choices.one_in(4) { [1, 6, 5].into() } else { [2, 8].into() };
        let config = config(&mut choices, &input);
        let mut shape = input.dims();
        if config.window.is_some() || config.stitch.is_some() {
            shape[1] = choices.of(&[8, 9, 30]);
        }
        let mut source = |name: &str| -> Arc<dyn Source> {
            let plan = plan(&mut choices, format!("{case}/{name}"), &shape, &config);
            Arc::new(Odd { plan, calls: 0.into() })
        };
        let sources = Sources { train: source("train"), validation: None, test: Some(source("test")) };
        match Splits::of(&config, &input, sources) {
            Err(error) => assert_readable(&error),
            Ok(splits) => {
                opened += 1;
                let all = [Some(splits.train), splits.validation, splits.test];
                for examples in all.into_iter().flatten() {
                    for order in [Order::InOrder, Order::Shuffled { seed: 1, epoch: 0 }] {
                        for batch in examples.batches(order, 4, 0) {
                            if let Err(error) = batch {
                                assert_readable(&error);
                                // An error ends the batches, but not the examples.
                                assert!(!error.to_string().contains("batch"), "case {case}: {error}");
                            }
                        }
                    }
                }
            }
        }
    }
    opened
}

fn assert_readable(error: &DataError) {
    let text = error.to_string();
    assert!(text.len() < 1000 && !text.contains(char::is_control), "{text}");
}

#[test]
fn any_source_gives_examples_or_an_error() {
    let cases = 4000;
    let opened = open(cases);
    assert!((cases / 20..cases).contains(&opened), "{opened} of {cases} were opened");
}

fn memory(recordings: Vec<Recording>) -> Arc<dyn Source> {
    Arc::new(Memory { classes: Vec::new(), recordings, ..Memory::default() })
}

fn denoising() -> Config {
    let noise = AddedNoise {
        snr: 0.0,
        white: 1.0,
        wander: 0.0,
        sampling_rate: None,
        wander_band: [0.1, 1.0],
        center: false,
        seed: 0,
    };
    Config {
        noise: Some(noise),
        window: Some(WindowConfig { length: 8, step: None, evaluation_step: None }),
        ..Config::new(Task::Denoising)
    }
}

/// Targets are ignored if noise is added to clean signals.
#[test]
fn targets_are_ignored_where_noise_is_added() {
    let signal = Array::new([2], vec![f32::NAN; 2]).unwrap();
    for target in [
        Target::Positions(vec![None; 3]),
        Target::Positions(vec![Some(7); 100]),
        Target::Class(7),
        Target::Numbers(Vec::new()),
        Target::Signal(signal.into()),
        Target::None,
    ] {
        for stitch in [None, Some(Stitch { seed: 0 })] {
            let input = Array::from_fn([1, 20], |i| i as f32);
            let recording = Recording::new("a", input, target.clone());
            let config = Config { stitch, ..denoising() };
            let sources = Sources { train: memory(vec![recording]), validation: None, test: None };
            let splits = Splits::of(&config, &[1, 8].into(), sources).unwrap();
            assert_eq!(
                splits.train.batches(Order::InOrder, 2, 0).filter(Result::is_ok).count(),
                1,
                "{target:?}"
            );
        }
    }
}

/// A source of `len` recordings that panics at recording 3.
struct Panics(usize);

impl Source for Panics {
    fn len(&self) -> usize {
        self.0
    }

    fn classes(&self) -> &[String] {
        &[]
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        assert!(index < 3, "out of\npaper");
        Ok(Recording::new("a", Array::from_fn([1, 8], |_| 0.0), Target::None))
    }
}

#[test]
fn a_panic_of_a_source_names_the_recording() {
    for threads in [1, 4] {
        let config = Config { threads: Some(threads), ..denoising() };
        let sources = Sources { train: Arc::new(Panics(9)), validation: None, test: None };
        let error = Splits::of(&config, &[1, 8].into(), sources).unwrap_err();
        assert_eq!(error.to_string(), r"recording 4: the source panicked: out of\npaper");
    }
}

#[test]
fn a_source_with_too_many_recordings_is_refused() {
    let sources = Sources { train: Arc::new(Panics(usize::MAX)), validation: None, test: None };
    let error = Splits::of(&denoising(), &[1, 8].into(), sources).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("data.train: expected at most 1073741824 recordings, found {}", usize::MAX)
    );
}

/// A recording with a class that does not exist is an error.
#[test]
fn invalid_classes_are_refused_also_in_held_out_recordings() {
    let recording = |i: usize| {
        Recording::new(
            format!("recording {i}"),
            Array::from_fn([1, 8], |_| 0.0),
            Target::Class(if i == 5 { usize::MAX } else { 0 }),
        )
    };
    let source = Memory {
        classes: vec!["a".to_owned()],
        recordings: (0..10).map(recording).collect(),
        ..Memory::default()
    };
    let config = Config { validation: Some(Validation::Share(0.5)), ..Config::new(Task::Classification) };
    let sources = Sources { train: Arc::new(source), validation: None, test: None };
    let error = Splits::of(&config, &[1, 8].into(), sources).unwrap_err().to_string();
    assert_eq!(error, format!("recording 5: expected a class index below 1, found {}", usize::MAX));
}
