//! Comparison of weights with a graph.

mod layers;

use std::path::Path;

use expect_test::expect;
use graph::{Array, FileError, Weights};
use layers::layers;
use safetensors::tensor::{Dtype, TensorView};

/// A safetensors file of one array.
fn file_of(name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).expect("the numbers agree");
    safetensors::serialize([(name, view)], None).expect("one array can be serialized")
}

fn read(bytes: &[u8]) -> Result<Weights, FileError> {
    Weights::from_bytes(bytes, Path::new("w.safetensors"))
}

#[test]
fn compared_with_a_graph() {
    let graph = layers(&["a"]);
    let exact = Weights::initial(&graph, 0);
    assert!(exact.compare(&graph).is_exact());
    expect!["10 weights match"].assert_eq(&exact.compare(&graph).to_string());

    let mut others = exact;
    others.remove("a.conv.bias").unwrap();
    others.remove("a.bn.running_var").unwrap();
    others.insert("fc.weight", Array::from_fn([3, 5], |_| 0.0));
    others.insert("head.weight", Array::from_fn([1], |_| 0.0));
    // Torch's counters and streaming buffers are not asked for, yet not unexpected.
    others.insert("a.bn.num_batches_tracked", Array::from_fn([], |_| 0.0));
    others.insert("a.conv.padder.buffer", Array::from_fn([1, 4, 2], |_| 0.0));
    let fit = others.compare(&graph);
    assert!(!fit.is_exact());
    expect![[r#"
        7 weights match, 2 missing (first `a.conv.bias`), 1 unexpected (first `head.weight`), 1 of another shape (first `fc.weight`: expected [3, 64], found [3, 5])
    "#]].assert_eq(&format!("{fit}\n"));
    expect![[r#"
        LoadReport {
            matched: 7,
            missing: [
                "a.conv.bias",
                "a.bn.running_var",
            ],
            unexpected: [
                "head.weight",
            ],
            misshapen: [
                Misshapen {
                    name: "fc.weight",
                    found: [
                        3,
                        5,
                    ],
                    expected: [
                        3,
                        64,
                    ],
                },
            ],
            unusable: [],
        }
    "#]]
    .assert_debug_eq(&fit);
}

/// Masks, quantized copies and counters lie beside weights in checkpoints. They matter only if the graph needs them.
#[test]
fn arrays_of_other_types_are_refused_only_where_the_graph_needs_them() {
    let graph = layers(&["a"]);
    let types = [(Dtype::I64, 8), (Dtype::U8, 1), (Dtype::BOOL, 1), (Dtype::F8_E4M3, 1)];
    for (dtype, size) in types {
        let with = |name: &str| {
            let (floats, others) = (Weights::initial(&graph, 0), vec![1; 3 * size]);
            let data: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = floats
                .iter()
                .filter(|(other, _)| *other != name)
                .map(|(name, array)| {
                    let bytes = array.data().iter().flat_map(|value| value.to_le_bytes()).collect();
                    (name.to_owned(), Dtype::F32, array.shape().to_vec(), bytes)
                })
                .chain([(name.to_owned(), dtype, vec![3], others)])
                .collect();
            let views = data.iter().map(|(name, dtype, shape, bytes)| {
                (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
            });
            read(&safetensors::serialize(views, None).unwrap()).unwrap()
        };
        let unneeded = with("mask");
        assert_eq!(unneeded.compare(&graph).unexpected, ["mask"]);
        assert_eq!(unneeded.compare(&graph).matched, 10);
        assert_eq!(unneeded.len(), 10);
        let needed = with("fc.bias").compare(&graph).to_string();
        let expected =
            "9 weights match, 1 of another type (first `fc.bias`: expected F32, F64, F16 or BF16, found";
        assert_eq!(needed, format!("{expected} {dtype:?})"));
        for counter in ["n_averaged", "a.bn.num_batches_tracked"] {
            assert!(with(counter).compare(&graph).is_exact(), "{counter} as {dtype:?}");
        }
    }
    let mut weights = with_other("mask");
    assert_eq!(weights.others().collect::<Vec<_>>(), [("mask", "I64")]);
    weights.insert("mask", Array::from_fn([1], |_| 0.0));
    assert_eq!(weights.others().len(), 0);
}

fn with_other(name: &str) -> Weights {
    read(&file_of(name, Dtype::I64, &[1], &5_i64.to_le_bytes())).expect("the file can be read")
}

/// The number and length of names and shapes are chosen by the file.
#[test]
fn a_report_is_one_line_whatever_the_names() {
    let graph = layers(&["a"]);
    let mut weights = Weights::initial(&graph, 0);
    weights.insert("\u{1b}[2J\n".repeat(10_000), Array::from_fn([1], |_| 0.0));
    weights.insert("fc.bias", Array::from_fn([1; 10_000], |_| 0.0));
    let report = weights.compare(&graph).to_string();
    assert!(report.len() <= 500 && !report.contains(char::is_control), "{report}");
    assert!(report.contains("found [1, 1, 1, 1, 1, 1, 1, 1, …] of 10000 axes"), "{report}");
}
