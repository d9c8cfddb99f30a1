//! `list` and `summary`.

use expect_test::expect;

use crate::place::Place;

#[test]
fn list() {
    let place = Place::new();
    place.prints(
        "list activity-resnet",
        &expect![[r#"
        model            task            architecture  input  output  parameters
        activity-resnet  classification  resnet        6x100  4           45,124
    "#]],
    );
    place.prints(
        "list resnet/resnet18*",
        &expect![[r#"
        model             task  architecture  input      output  parameters
        resnet/resnet18   –     resnet        3x224x224  1000    11,689,512
        resnet/resnet18d  –     resnet        3x224x224  1000    11,708,744
    "#]],
    );
    place.prints(
        "list tcn/bai --input 1x784",
        &expect![[r#"
        model    task  architecture  input  output  parameters
        tcn/bai  –     tcn           1x784  10          66,910
    "#]],
    );
    let all = place.run("list").1;
    for name in factory::models::names() {
        assert!(all.contains(name), "{name}");
    }
    assert!(all.lines().count() > 60, "{all}");
}

#[test]
#[allow(clippy::too_many_lines, reason = "a whole output")]
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
            peak memory      2,048 bytes of activations as f32, at layer1.0.conv2
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
            peak memory      2,048 bytes of activations as f32, at layer1.0.conv2
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
            peak memory      4,014,080 bytes of activations as f32, at maxpool
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
            peak memory      235,200 bytes of activations as f32, at network.1.conv2
            receptive field  3,061 (3,060 back, 0 ahead)
            causal           yes
        "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines, reason = "a whole output")]
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
                "peak_at": "layer1.0.conv2"
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
        error: no/such/folder.svg: cannot write: no such folder
    "#]],
    );
}
