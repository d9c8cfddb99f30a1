//! `show` and `source`.

use expect_test::expect;

use crate::place::Place;

#[test]
#[allow(clippy::too_many_lines, reason = "the whole of a config")]
fn show() {
    let place = Place::new();
    let write = |name: &str, text: &str| std::fs::write(place.path(name), text).unwrap();
    write(
        "own.yaml",
        "name: own\ninput: [2, 16]\nclasses: 2\narchitecture: tcn\n\
         params: { blocks: [{ channels: 4 }] }\ndata: { task: segmentation, train: a.npz }\ntrain:\n",
    );
    place.prints(
        "show own.yaml --set params.blocks[0].kernel=5",
        &expect![[r#"
        # Every default written out by `factory show own.yaml`.
        name: own
        input: { channels: 2, length: 16 }
        classes: 2
        architecture: tcn
        params:
          encoder: null
          blocks:
            - { kind: mb, channels: 4, depth: 1, kernel: 5, dilation: 1, branches: 1, expand_ratio: 1.0,
                se_divisor: null, gate: false, weight_norm: false, norm: batch, activation: relu6,
                dropout: 0.0 }
          stacks: 1
          skips: none
          padding: causal
          backwards: false
          double_activation: false
          channel_dropout: false
          norm_eps: 0.00001
          norm_momentum: 0.1
          output: every_sample
          head_kernel: 1
          output_activation: null
        data:
          task: segmentation
          folder: null
          train: a.npz
          validation: null
          test: null
          format: null
          classes: null
          ignore_classes: null
          missing: refuse
          pad: null
          sampling_rate: null
          stitch: null
          window: null
          normalize: channel
          normalize_targets: channel
          allow_overlap: false
          class_weights: null
          noise: null
          augment:
            jitter: null
            scale: null
            shift: null
            channel_dropout: null
            mask: null
            wander: null
            flip: false
            crop: null
          threads: null
          cache_size: null
        train:
          epochs: 100
          batch_size: 32
          accumulation_steps: 1
          loss: null
          optimizer: { adamw: { betas: [0.9, 0.999], eps: 1e-8 } }
          learning_rate: 0.001
          weight_decay: 0.01
          schedule: cosine
          warmup: 0.0
          clip_norm: null
          ema: null
          best: null
          patience: null
          sync_norm: false
          precision: f32
          keep_checkpoints: 2
          checkpoint_steps: null
    "#]],
    );
    // What is printed is a config.
    let shown = place.run("show resnet18 --input 6x100 --classes 4").1;
    assert!(
        shown.starts_with("# Every default written out by `factory show resnet18`.\nname: resnet18\n"),
        "{shown}"
    );
    write("resnet18.yaml", &shown);
    let [preset, config] = ["resnet18 --input 6x100 --classes 4", "resnet18.yaml"];
    assert_eq!(
        place.run(&format!("source {preset}")).1.lines().nth(1),
        place.run(&format!("source {config}")).1.lines().nth(1)
    );
    let summary = |model: &str| place.run(&format!("summary {model}")).1;
    assert_eq!(summary(preset), summary(config));
}

#[test]
fn source() {
    let place = Place::new();
    let (code, printed, error) = place.run("source activity-tcn");
    assert_eq!(code, 0, "{error}");
    assert!(
        printed
            .starts_with("//! Made by `factory source activity-tcn`, and yours to change: activity-tcn.\n"),
        "{printed}"
    );
    let (code, nothing, _) = place.run("source activity-tcn -o activity.rs");
    assert_eq!((code, nothing.as_str()), (0, ""));
    assert_eq!(std::fs::read_to_string(place.path("activity.rs")).unwrap(), printed);
}
