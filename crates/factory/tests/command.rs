//! The `factory` command: what it prints, what it writes, how it ends.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::path::PathBuf;
use std::process::Command;

use expect_test::{Expect, expect};
use factory::Factory;
use graph::{Array, Weights};
use tempfile::TempDir;

/// A folder with a model and its weights.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path("tiny.yaml"), TINY).unwrap();
        place.weights(TINY, "tiny.safetensors");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn weights(&self, config: &str, name: &str) -> Weights {
        let graph = Factory::builtin().build(config).unwrap().graph;
        let weights = Weights::initial(&graph, 0);
        weights.write(self.path(name)).unwrap();
        weights
    }

    /// Runs the command in the folder: its exit code, what it printed, and its errors.
    fn run(&self, arguments: &str) -> (i32, String, String) {
        let program = env!("CARGO_BIN_EXE_factory");
        let arguments = arguments.split_whitespace();
        let output = Command::new(program).args(arguments).current_dir(&self.0).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    }

    fn prints(&self, arguments: &str, expected: &Expect) {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments}");
        expected.assert_eq(&out);
    }

    fn fails(&self, arguments: &str, code: i32, expected: &Expect) {
        let (found, _, err) = self.run(arguments);
        assert_eq!(found, code, "{arguments}: {err}");
        expected.assert_eq(&err);
    }
}

const TINY: &str = "
name: tiny
input: { channels: 3, length: 32 }
classes: 4
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
";

#[test]
fn list() {
    let place = Place::new();
    place.prints(
        "list activity-resnet",
        &expect![[r#"
        model            architecture  input  output  parameters
        activity-resnet  resnet        6x100  4           45,124
    "#]],
    );
    place.prints(
        "list resnet/resnet18*",
        &expect![[r#"
        model             architecture  input      output  parameters
        resnet/resnet18   resnet        3x224x224  1000    11,689,512
        resnet/resnet18d  resnet        3x224x224  1000    11,708,744
    "#]],
    );
    place.prints(
        "list tcn/bai --input 1x784",
        &expect![[r#"
        model    architecture  input  output  parameters
        tcn/bai  tcn           1x784  10          66,910
    "#]],
    );
    let all = place.run("list").1;
    for name in factory::models::names() {
        assert!(all.contains(name), "{name}");
    }
    assert!(all.lines().count() > 60, "{all}");
}

#[test]
fn summary() {
    let place = Place::new();
    place.prints(
        "summary tiny.yaml",
        &expect![[r#"
        tiny, resnet

        layer                  operation    output       parameters  statistics   MACs  bytes
        input                  input        [N, 3, 32]                                    384
        conv1                  conv         [N, 16, 16]         336              5,376  1,024
        bn1                    batch_norm   [N, 16, 16]          32          32         1,024
        relu                   activation   [N, 16, 16]                                 1,024
        layer1.0.conv1         conv         [N, 8, 16]          384              6,144    512
        layer1.0.bn1           batch_norm   [N, 8, 16]           16          16           512
        layer1.0.relu1         activation   [N, 8, 16]                                    512
        layer1.0.conv2         conv         [N, 8, 16]          192              3,072    512
        layer1.0.bn2           batch_norm   [N, 8, 16]           16          16           512
        layer1.0.downsample.0  conv         [N, 8, 16]          128              2,048    512
        layer1.0.downsample.1  batch_norm   [N, 8, 16]           16          16           512
        layer1.0.add           add          [N, 8, 16]                                    512
        layer1.0.relu          activation   [N, 8, 16]                                    512
        global_pool            global_mean  [N, 8, 1]                                      32
        flatten                flatten      [N, 8]                                         32
        fc                     linear       [N, 4]               36                 32     16

        parameters       1,156 trainable, 80 statistics
        MACs             16,672
        peak memory      2,048 bytes of activations as f32, at bn1
        receptive field  the whole input, because of global_pool
        causal           no, because of conv1
    "#]],
    );
    place.prints(
        "summary tiny.yaml --merged --depth 1",
        &expect![[r#"
        tiny, resnet, merged

        layer        operation     output       parameters  statistics    MACs  bytes
        input        input         [N, 3, 32]                                     384
        conv1        conv          [N, 16, 16]         352               5,376  1,024
        relu         activation    [N, 16, 16]                                  1,024
        layer1       6 operations  [N, 8, 16]          728              11,264  3,072
        global_pool  global_mean   [N, 8, 1]                                       32
        flatten      flatten       [N, 8]                                          32
        fc           linear        [N, 4]               36                  32     16

        parameters       1,116 trainable, 0 statistics
        MACs             16,672
        peak memory      2,048 bytes of activations as f32, at relu
        receptive field  the whole input, because of global_pool
        causal           no, because of conv1
    "#]],
    );
    place.prints(
        "summary resnet/resnet18 --depth 1 --classes 10",
        &expect![[r#"
        resnet18, resnet

        layer        operation      output             parameters  statistics         MACs       bytes
        input        input          [N, 3, 224, 224]                                           602,112
        conv1        conv           [N, 64, 112, 112]       9,408              118,013,952   3,211,264
        bn1          batch_norm     [N, 64, 112, 112]         128         128                3,211,264
        relu         activation     [N, 64, 112, 112]                                        3,211,264
        maxpool      max_pool       [N, 64, 56, 56]                                            802,816
        layer1       14 operations  [N, 64, 56, 56]       147,968         512  462,422,016  11,239,424
        layer2       16 operations  [N, 128, 28, 28]      525,568       1,280  411,041,792   6,422,528
        layer3       16 operations  [N, 256, 14, 14]    2,099,712       2,560  411,041,792   3,211,264
        layer4       16 operations  [N, 512, 7, 7]      8,393,728       5,120  411,041,792   1,605,632
        global_pool  global_mean    [N, 512, 1, 1]                                               2,048
        flatten      flatten        [N, 512]                                                     2,048
        fc           linear         [N, 10]                 5,130                    5,120          40

        parameters       11,181,642 trainable, 9,600 statistics
        MACs             1,813,566,464
        peak memory      6,422,528 bytes of activations as f32, at bn1
        receptive field  the whole input, because of global_pool, on both axes
    "#]],
    );
    place.prints(
        "summary tcn/bai --input 1x784 --depth 2 --merged",
        &expect![[r#"
            bai, tcn, merged

            layer      operation     output        parameters  statistics       MACs    bytes
            input      input         [N, 1, 784]                                        3,136
            network.0  7 operations  [N, 25, 784]       4,650              3,586,800  548,800
            network.1  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.2  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.3  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.4  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.5  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.6  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            network.7  6 operations  [N, 25, 784]       8,800              6,860,000  470,400
            select     select        [N, 25]                                              100
            linear     linear        [N, 10]              260                    250       40

            parameters       66,510 trainable, 0 statistics
            MACs             51,607,050
            peak memory      235,200 bytes of activations as f32, at network.0.add
            receptive field  3,061 (3,060 back, 0 ahead)
            causal           yes
        "#]],
    );
}

#[test]
fn summary_as_json() {
    let place = Place::new();
    place.prints(
        "summary tiny.yaml --json --depth 1 --merged",
        &expect![[r#"
        {
          "name": "tiny",
          "architecture": "resnet",
          "merged": true,
          "inputs": [
            {
              "name": "input",
              "shape": [
                3,
                32
              ]
            }
          ],
          "outputs": [
            {
              "name": "logits",
              "shape": [
                4
              ]
            }
          ],
          "layers": [
            {
              "name": "input",
              "operation": "input",
              "output": [
                3,
                32
              ],
              "trainable": 0,
              "statistics": 0,
              "macs": 0,
              "memory": 384
            },
            {
              "name": "conv1",
              "operation": "conv",
              "output": [
                16,
                16
              ],
              "trainable": 352,
              "statistics": 0,
              "macs": 5376,
              "memory": 1024
            },
            {
              "name": "relu",
              "operation": "activation",
              "output": [
                16,
                16
              ],
              "trainable": 0,
              "statistics": 0,
              "macs": 0,
              "memory": 1024
            },
            {
              "name": "layer1",
              "operation": "6 operations",
              "output": [
                8,
                16
              ],
              "trainable": 728,
              "statistics": 0,
              "macs": 11264,
              "memory": 3072
            },
            {
              "name": "global_pool",
              "operation": "global_mean",
              "output": [
                8,
                1
              ],
              "trainable": 0,
              "statistics": 0,
              "macs": 0,
              "memory": 32
            },
            {
              "name": "flatten",
              "operation": "flatten",
              "output": [
                8
              ],
              "trainable": 0,
              "statistics": 0,
              "macs": 0,
              "memory": 32
            },
            {
              "name": "fc",
              "operation": "linear",
              "output": [
                4
              ],
              "trainable": 36,
              "statistics": 0,
              "macs": 32,
              "memory": 16
            }
          ],
          "totals": {
            "trainable": 1116,
            "statistics": 0,
            "macs": 16672,
            "peak_memory": 2048,
            "peak_at": "relu"
          },
          "receptive_field": [
            {
              "whole": {
                "because_of": "global_pool"
              }
            }
          ],
          "causal": false,
          "not_causal_because_of": "conv1",
          "refusals": []
        }
    "#]],
    );
}

#[test]
fn summary_as_a_drawing() {
    let place = Place::new();
    let (code, text, _) = place.run("summary tiny.yaml --svg tiny.svg");
    assert_eq!((code, text), (0, place.run("summary tiny.yaml").1));
    let svg = std::fs::read_to_string(place.path("tiny.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    place.fails(
        "summary tiny.yaml --svg no/such/folder.svg",
        1,
        &expect![[r#"
        error: drawing no/such/folder.svg: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn merge() {
    let place = Place::new();
    place.prints(
        "merge tiny.yaml tiny.safetensors -o merged.safetensors",
        &expect![[r#"
        merged      4 batch_norm: bn1, layer1.0.bn1, layer1.0.bn2, layer1.0.downsample.1
        parameters  1,156 before, 1,116 after
        statistics  80 before, 0 after
        MACs        16,672 before, 16,672 after
    "#]],
    );
    let graph = Factory::builtin().build(TINY).unwrap().graph;
    let merged = graph::merge(&graph, &Weights::read(place.path("tiny.safetensors")).unwrap());
    assert_eq!(Weights::read(place.path("merged.safetensors")).unwrap(), merged.weights);
    // Branches with a max pool are not linear.
    let pooled = "
name: pooled
input: { channels: 3, length: 32 }
classes: 4
architecture: mobileone
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3, stride: 2, downsample: max_pool }] }
";
    std::fs::write(place.path("pooled.yaml"), pooled).unwrap();
    place.weights(pooled, "pooled.safetensors");
    place.prints("merge pooled.yaml pooled.safetensors -o merged.safetensors", &expect![[r#"
        merged      5 batch_norm: stem.conv_kxk.0.bn, stem.conv_scale.bn, stages.0.0.conv_kxk.0.bn, stages.0.0.conv_scale.bn, stages.0.1.conv_kxk.0.bn
        merged      3 conv: stem.conv_kxk.0.conv, stem.conv_scale.conv, stages.0.1.conv_kxk.0.conv
        merged      2 sums into one conv each: stem.reparam_conv, stages.0.1.reparam_conv
        not merged  stages.0.0.reparam_conv: `stages.0.0.conv_kxk.0.pool` in a branch is max_pool, which is not linear in place
        parameters  756 before, 620 after
        statistics  144 before, 0 after
        MACs        8,224 before, 7,456 after
    "#]]);
}

#[test]
fn convert() {
    let place = Place::new();
    let config = "mobileone/micro --input 3x32 --classes 4";
    let to = format!("convert {config} native.safetensors --to apple -o apple.safetensors");
    let back = format!("convert {config} apple.safetensors --from apple -o back.safetensors");
    let weights = place.weights(
        "{ name: m, input: { channels: 3, length: 32 }, classes: 4, architecture: mobileone, preset: micro }",
        "native.safetensors",
    );
    place.prints(
        &to,
        &expect![[r#"
        124 matched, 0 missing, 0 unexpected, 0 misshapen
    "#]],
    );
    place.prints(
        &back,
        &expect![[r#"
        124 matched, 0 missing, 0 unexpected, 0 misshapen
    "#]],
    );
    assert_eq!(Weights::read(place.path("back.safetensors")).unwrap(), weights);

    let mut wrong = Weights::read(place.path("apple.safetensors")).unwrap();
    wrong.remove("linear.bias");
    wrong.insert("linear.weight", Array::new([1], vec![0.0]).unwrap());
    wrong.insert("other", Array::new([1], vec![0.0]).unwrap());
    wrong.write(place.path("wrong.safetensors")).unwrap();
    let wrong = format!("convert {config} wrong.safetensors --from apple -o wrong.out");
    place.fails(&wrong, 2, &expect![[r#"
        error: weights file wrong.safetensors does not fit mobileone/micro as apple has it: 122 weights match, 1 missing (first `linear.bias`), 1 unexpected (first `other`), 1 misshapen (first `linear.weight`: [1] found, [4, 64] needed); nothing is written, --partial converts what fits
    "#]]);
    expect![[r#"
        122 matched, 1 missing, 1 unexpected, 1 misshapen
        missing     linear.bias
        unexpected  other
        misshapen   linear.weight: [1] found, [4, 64] needed
    "#]]
    .assert_eq(&place.run(&wrong).1);
    assert!(!place.path("wrong.out").exists());
    place.prints(
        &format!("{wrong} --partial"),
        &expect![[r#"
        122 matched, 1 missing, 1 unexpected, 1 misshapen
        missing     linear.bias
        unexpected  other
        misshapen   linear.weight: [1] found, [4, 64] needed
    "#]],
    );
    let partial = Weights::read(place.path("wrong.out")).unwrap();
    assert_eq!(partial.len(), weights.len() - 2);
}

#[test]
fn adapt() {
    let place = Place::new();
    place.prints(
        "adapt tiny.yaml tiny.safetensors --classes 7 --channels 6 -o new.safetensors",
        &expect![[r#"
        kept     19 parameters
        adapted  conv1.weight
        fresh    fc.weight
        fresh    fc.bias
    "#]],
    );
    let new = Factory::builtin()
        .build(&TINY.replace("classes: 4", "classes: 7").replace("channels: 3", "channels: 6"));
    assert!(Weights::read(place.path("new.safetensors")).unwrap().compare(&new.unwrap().graph).is_exact());
    std::fs::write(place.path("features.yaml"), TINY.replace("classes: 4", "")).unwrap();
    place.prints(
        "adapt tiny.yaml tiny.safetensors --to features.yaml -o new.safetensors",
        &expect![[r#"
        kept     20 parameters
        dropped  fc.weight
        dropped  fc.bias
    "#]],
    );
    std::fs::write(place.path("wide.yaml"), TINY.replace("channels: 8", "channels: 9")).unwrap();
    place.fails("adapt tiny.yaml tiny.safetensors --to wide.yaml -o new.safetensors", 2, &expect![[r#"
        error: weights file tiny.safetensors: `layer1.0.conv1.weight` has shape [8, 16, 3] where [9, 16, 3] is needed; only the head and what reads the input's channels can be adapted
    "#]]);
}

/// Bad input ends with 2 and one sentence.
#[test]
fn bad_input() {
    let place = Place::new();
    std::fs::write(place.path("bad.yaml"), TINY.replace("kernel: 3", "kernle: 3")).unwrap();
    std::fs::write(place.path("huge.yaml"), TINY.replace("depth: 1", "depth: 1000000000")).unwrap();
    std::fs::write(place.path("text.safetensors"), "no weights").unwrap();
    std::fs::write(place.path("other.yaml"), TINY.replace("classes: 4", "classes: 5")).unwrap();
    let check = |arguments: &str, expected: &Expect| place.fails(arguments, 2, expected);
    check(
        "list vgg*",
        &expect![[r#"
        error: no model is like "vgg*"
    "#]],
    );
    check(
        "summary vgg16",
        &expect![[r#"
        error: no config file, ready model or family/preset is called "vgg16"; `factory list` shows what there is
    "#]],
    );
    check(
        "summary missing.yaml",
        &expect![[r#"
        error: missing.yaml: No such file or directory (os error 2)
    "#]],
    );
    check(
        "summary bad.yaml",
        &expect![[r#"
        error: bad.yaml: params.stages[0].kernle: unknown key; the nearest valid one is `kernel`
    "#]],
    );
    check(
        "summary huge.yaml",
        &expect![[r#"
        error: huge.yaml: params.stages[0].depth: 1000000000 blocks so far; at most 1000 are supported
    "#]],
    );
    check(
        "summary tiny.safetensors",
        &expect![[r#"
        error: tiny.safetensors: stream did not contain valid UTF-8
    "#]],
    );
    check(
        "summary tiny.yaml --input 3x32",
        &expect![[r#"
        error: --input is for a family's preset; tiny.yaml says its own input
    "#]],
    );
    check(
        "summary tiny.yaml --classes 0",
        &expect![[r#"
        error: tiny.yaml: classes: 0 classes; at least 1 is needed, or none at all for features
    "#]],
    );
    check(
        "summary tiny.yaml --channels 100000000000",
        &expect![[r#"
        error: tiny.yaml: params: input: input: channels is 100000000000, at most 16777216 is supported
    "#]],
    );
    check(
        "summary tiny.yaml --depth 0",
        &expect![[r#"
        error: invalid value '0' for '--depth <PARTS>': number would be zero for non-zero type

        For more information, try '--help'.
    "#]],
    );
    check(
        "summary resnet/resnet19",
        &expect![[r#"
        error: resnet has no preset "resnet19"; there are resnet10t, resnet14t, resnet18, resnet18d, resnet26, resnet26d, resnet34, resnet34d, resnet50, resnet50d, resnet50t, resnet101, resnet101d, resnet152, resnet152d, resnet200d, seresnet50, resnetrs50, resnext50_32x4d, resnext101_32x8d, resnext101_64x4d, wide_resnet50_2, wide_resnet101_2, micro
    "#]],
    );
    check(
        "summary resnet/resnet18 --input 3",
        &expect![[r#"
        error: invalid value '3' for '--input <SHAPE>': channels and length or height and width are needed, such as 6x100 or 3x224x224

        For more information, try '--help'.
    "#]],
    );
    check(
        "summary resnet/resnet18 --input 3x0x7",
        &expect![[r#"
        error: input.height: 0; 1 to 16777216 is needed
    "#]],
    );
    check(
        "merge tiny.yaml missing.safetensors -o out",
        &expect![[r#"
        error: weights file missing.safetensors: No such file or directory (os error 2)
    "#]],
    );
    check(
        "merge tiny.yaml text.safetensors -o out",
        &expect![[r#"
        error: weights file text.safetensors: not a whole safetensors file (header too large)
    "#]],
    );
    check(
        "merge other.yaml tiny.safetensors -o out",
        &expect![[r#"
        error: weights file tiny.safetensors does not fit other.yaml: 20 weights match, 2 misshapen (first `fc.weight`: [4, 8] found, [5, 8] needed)
    "#]],
    );
    check(
        "merge tiny.yaml tiny.safetensors",
        &expect![[r#"
        error: the following required arguments were not provided:
          --output <FILE>

        Usage: factory merge --output <FILE> <MODEL> <WEIGHTS>

        For more information, try '--help'.
    "#]],
    );
    check(
        "convert tiny.yaml tiny.safetensors --from caffe -o out",
        &expect![[r#"
        error: invalid value 'caffe' for '--from <PACKAGE>'
          [possible values: native, torchvision, timm, apple, keras, sleepkit, pytorch-tcn, keras-tcn]

        For more information, try '--help'.
    "#]],
    );
    check(
        "convert tiny.yaml tiny.safetensors --from apple -o out",
        &expect![[r#"
            error: apple has no such resnet; there are native, torchvision, timm, keras, sleepkit
        "#]],
    );
    check(
        "adapt tiny.yaml tiny.safetensors -o out",
        &expect![[r#"
        error: the following required arguments were not provided:
          <--to <MODEL>|--classes <N>|--channels <N>>

        Usage: factory adapt --output <FILE> <--to <MODEL>|--classes <N>|--channels <N>> <MODEL> <WEIGHTS>

        For more information, try '--help'.
    "#]],
    );
    check(
        "adapt other.yaml tiny.safetensors --classes 3 -o out",
        &expect![[r#"
        error: weights file tiny.safetensors: the weights do not fit the model: 20 weights match, 2 misshapen (first `fc.weight`: [4, 8] found, [5, 8] needed)
    "#]],
    );
    check(
        "paint tiny.yaml",
        &expect![[r#"
        error: unrecognized subcommand 'paint'

        Usage: factory <COMMAND>

        For more information, try '--help'.
    "#]],
    );
    assert!(!place.path("out").exists());
}

/// What cannot be written ends with 1.
#[test]
fn a_missing_folder() {
    let place = Place::new();
    let (code, _, error) = place.run("merge tiny.yaml tiny.safetensors -o no/such/folder.safetensors");
    assert_eq!(code, 1);
    assert!(error.starts_with("error: weights file no/such/folder.safetensors: No such file"), "{error}");
}
