//! Weights: files, how they fit a graph, initial values.

mod layers;

use std::path::Path;

use expect_test::{Expect, expect};
use graph::{Array, BatchNorm, Conv, FileError, Graph, Weights};
use half::{bf16, f16};
use layers::layers;
use safetensors::tensor::{Dtype, TensorView};

fn small() -> Weights {
    let array = |shape: &[usize], data: &[f32]| Array::new(shape, data.to_vec()).expect("the numbers agree");
    [
        ("conv.weight", array(&[2, 1, 3], &[0.0, -0.0, 1.5, f32::MIN_POSITIVE, f32::MAX, -1e-45])),
        ("conv.bias", array(&[2], &[f32::MIN, 0.1])),
        ("empty", array(&[0, 4], &[])),
        ("scalar", array(&[], &[7.0])),
    ]
    .map(|(name, array)| (name.to_owned(), array))
    .into_iter()
    .collect()
}

/// A safetensors file of one array.
fn file_of(name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).expect("the numbers agree");
    safetensors::serialize([(name, view)], None).expect("one array can be serialized")
}

fn read(bytes: &[u8]) -> Result<Weights, FileError> {
    Weights::from_bytes(bytes, Path::new("w.safetensors"))
}

/// The message about each file, one per line.
fn fails(files: &[&[u8]], messages: &Expect) {
    let message = |file: &&[u8]| format!("{}\n", read(file).expect_err("the file is at fault"));
    messages.assert_eq(&files.iter().map(message).collect::<String>());
}

#[test]
fn a_file_gives_back_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    small().write(&path).unwrap();
    let found = Weights::read(&path).unwrap();
    assert_eq!(found, small());
    let bits =
        |w: &Weights| -> Vec<u32> { w.iter().flat_map(|(_, a)| a.data()).map(|v| v.to_bits()).collect() };
    assert_eq!(bits(&found), bits(&small()), "signs of zeros too");
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes, small().to_bytes());
    found.write(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "written over, byte for byte the same");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

/// Order of insertion does not show.
#[test]
fn equal_weights_are_equal_bytes() {
    let backwards: Weights = small().into_iter().collect::<Vec<_>>().into_iter().rev().collect();
    assert_eq!(backwards.to_bytes(), small().to_bytes());
}

#[test]
fn other_floating_point_types_become_f32() {
    let values = [1.5_f32, -0.25, 1024.0];
    let f64s: Vec<u8> = values.iter().flat_map(|&v| (f64::from(v) + 1e-12).to_le_bytes()).collect();
    let f16s: Vec<u8> = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
    let bf16s: Vec<u8> = values.iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()).collect();
    for (dtype, bytes) in [(Dtype::F64, f64s), (Dtype::F16, f16s), (Dtype::BF16, bf16s)] {
        let weights = read(&file_of("w", dtype, &[3], &bytes)).unwrap();
        assert_eq!(weights.get("w").unwrap().data(), values, "{dtype:?}");
    }
}

#[test]
fn damaged_files() {
    let whole = small().to_bytes();
    let longer = [whole.as_slice(), &[0]].concat();
    let mut corrupted = whole.clone();
    corrupted[8] = b'!';
    fails(
        &[&[], &whole[..4], &whole[..40], &whole[..whole.len() - 1], &longer, &corrupted],
        &expect![[r#"
            weights file w.safetensors: expected a complete safetensors file, found an empty file
            weights file w.safetensors: expected a complete safetensors file: header too small
            weights file w.safetensors: expected a complete safetensors file: invalid header length
            weights file w.safetensors: expected a complete safetensors file: incomplete metadata, file not fully covered
            weights file w.safetensors: expected a complete safetensors file: incomplete metadata, file not fully covered
            weights file w.safetensors: expected a complete safetensors file: invalid JSON in header: expected value at line 1 column 1
        "#]],
    );
    for cut in 0..whole.len() {
        assert!(read(&whole[..cut]).is_err(), "{cut} bytes pass for a whole file");
    }
}

#[test]
fn files_of_other_kinds() {
    fails(
        &[
            b"PK\x03\x04 and so on",
            &zip_of("archive/data.pkl"),
            &zip_of("conv1.weight.npy"),
            &zip_of("metadata.json"),
            b"\x1c\0\0\0TFL3\x14\0\x20\0",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n",
            b"\n <!DOCTYPE html><title>Not found</title>",
            b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
            b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0",
            b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
            b"{\"metadata\": {}, \"weight_map\": {\"conv1.weight\": \"model-00001-of-00002.safetensors\"}}",
            b"{\"name\": \"x\", \"more\": 1}",
            b"name: ecg\ninput: { channels: 1, length: 250 }\n",
            b"\x93NUMPY\x01\0v\0{'descr': '<f4', }",
            b"\x01\xff\xff\xff\xff\xff\xff\xff and so on",
        ],
        &expect![[r#"
            weights file w.safetensors: expected a complete safetensors file, found a zip archive; if it is from `torch.save`, write its state dict with `safetensors.torch.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a PyTorch checkpoint of `torch.save`; load it with `torch.load` and write its state dict with `safetensors.torch.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a NumPy archive (.npz); load it with `numpy.load` and write its arrays with `safetensors.numpy.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a Keras model (.keras); load the model with Keras and write its variables with `safetensors.numpy.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a TensorFlow Lite model; write the weights of the model that it was made from as safetensors
            weights file w.safetensors: expected a complete safetensors file, found a Git LFS pointer; fetch the file itself with `git lfs pull`
            weights file w.safetensors: expected a complete safetensors file, found a web page; download the file itself
            weights file w.safetensors: expected a complete safetensors file, found an XML document, probably a server's error message; download the file itself
            weights file w.safetensors: expected a complete safetensors file, found an HDF5 file, probably from Keras; load the model with Keras and write its variables with `safetensors.numpy.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a pickle file, probably from an older `torch.save`; load it with `torch.load` and write its state dict with `safetensors.torch.save_file`
            weights file w.safetensors: expected a complete safetensors file, found the index of a sharded model; merge the files that it lists into one first
            weights file w.safetensors: expected a complete safetensors file, found JSON
            weights file w.safetensors: expected a complete safetensors file, found plain text
            weights file w.safetensors: expected a complete safetensors file, found a NumPy array; load it with `numpy.load` and write its arrays with `safetensors.numpy.save_file`
            weights file w.safetensors: expected a complete safetensors file, found a file of unknown type
        "#]],
    );
}

/// In every floating-point type, and also numbers in f64 that are out of range for f32.
#[test]
fn weights_that_are_not_finite_are_refused_by_name() {
    let f32s = |values: [f32; 2]| values.map(f32::to_le_bytes).concat();
    let file = |dtype, bytes: &[u8]| file_of("conv1.weight", dtype, &[2], bytes);
    fails(
        &[
            &file(Dtype::F32, &f32s([1.0, f32::NAN])),
            &file(Dtype::F32, &f32s([f32::NEG_INFINITY, f32::NAN])),
            &file(Dtype::F64, &[0.5, 1e300].map(f64::to_le_bytes).concat()),
            &file(Dtype::F64, &[0.5, f64::INFINITY].map(f64::to_le_bytes).concat()),
            &file(Dtype::F16, &[f16::ONE, f16::INFINITY].map(f16::to_le_bytes).concat()),
            &file(Dtype::BF16, &[bf16::NAN, bf16::ONE].map(bf16::to_le_bytes).concat()),
        ],
        &expect![[r#"
            weights file w.safetensors: `conv1.weight`: expected finite weights, found NaN
            weights file w.safetensors: `conv1.weight`: expected finite weights, found -inf
            weights file w.safetensors: `conv1.weight`: expected finite weights, found 1e300, which is out of range for f32
            weights file w.safetensors: `conv1.weight`: expected finite weights, found inf
            weights file w.safetensors: `conv1.weight`: expected finite weights, found inf
            weights file w.safetensors: `conv1.weight`: expected finite weights, found NaN
        "#]],
    );
    let largest = read(&file(Dtype::F64, &[f64::from(f32::MAX), 1e-300].map(f64::to_le_bytes).concat()));
    assert_eq!(largest.unwrap().get("conv1.weight").unwrap().data(), [f32::MAX, 0.0]);
}

/// The first header of a zip archive.
fn zip_of(name: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.resize(26, 0);
    bytes.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
    bytes.extend([0; 2]);
    bytes.extend(name.as_bytes());
    bytes
}

#[test]
fn files_that_are_not_there() {
    let missing = Weights::read("no/such/file.safetensors").unwrap_err();
    expect!["weights file no/such/file.safetensors: No such file or directory (os error 2)"]
        .assert_eq(&missing.to_string());
    assert!(matches!(missing, FileError::Io { .. }));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Weights::read(folder.path()), Err(FileError::Io { .. })), "a folder");
}

#[test]
fn a_failed_write_leaves_nothing() {
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    let folder = tempfile::tempdir().unwrap();

    let missing = small().write("no/such/folder/w.safetensors").unwrap_err().to_string();
    assert_eq!(missing, "no/such/folder/w.safetensors: cannot write: no such folder");
    assert!(!Path::new("no").exists());

    // A folder of the file's name, and a file where the folder should be.
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("inside"), "x").unwrap();
    assert!(small().write(&taken).is_err());
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(small().write(file.join("w.safetensors")).is_err());
    assert_eq!(entries(folder.path()), 2, "only what was there");
}

/// Others may read the file as far as the user's own settings say.
#[cfg(unix)]
#[test]
fn a_file_has_ordinary_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (ours, plain) = (folder.path().join("w.safetensors"), folder.path().join("plain"));
    small().write(&ours).unwrap();
    std::fs::write(&plain, "x").unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(ours), mode(plain));
}

/// An array is a function of the seed and its name, whatever else the graph has.
#[test]
fn initial_values_go_by_name() {
    let (one, two) = (Weights::initial(&layers(&["a"]), 7), Weights::initial(&layers(&["b", "a"]), 7));
    assert!(one.len() < two.len());
    for (name, array) in one.iter() {
        assert_eq!(two.get(name), Some(array), "{name}");
    }
    assert_ne!(two.get("a.conv.weight").unwrap().data(), two.get("b.conv.weight").unwrap().data());
    let other_seed = Weights::initial(&layers(&["a"]), 8);
    assert_ne!(other_seed.get("a.conv.weight"), one.get("a.conv.weight"));
}

#[test]
fn initial_values_have_their_variance() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [64, 10])?;
        let x = g.conv("conv", x, Conv { bias: true, groups: 2, ..Conv::new(128, 5) })?;
        let x = g.batch_norm("bn", x, BatchNorm::default())?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 50)?;
        g.output("y", x)
    });
    let weights = Weights::initial(&graph.unwrap(), 0);
    let data =
        |name: &str| weights.get(name).expect(name).data().iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let variance = |name: &str| {
        let data = data(name);
        data.iter().map(|v| v * v).sum::<f64>() / data.len() as f64
    };
    // He normal: 2 / fan-in, of which a group of 32 channels has 32 * 5; a linear layer 1 / fan-in.
    assert!((variance("conv.weight") * 32.0 * 5.0 / 2.0 - 1.0).abs() < 0.05);
    assert!((variance("fc.weight") * 1280.0 - 1.0).abs() < 0.05);
    let all = |name: &str, value: f64| data(name).iter().all(|v| v.to_bits() == value.to_bits());
    for name in ["conv.bias", "fc.bias", "bn.bias", "bn.running_mean"] {
        assert!(all(name, 0.0), "{name}");
    }
    assert!(all("bn.weight", 1.0) && all("bn.running_var", 1.0));
}

/// Weight norm computes `g * v / |v|`; it starts with `g = |v|` in each output channel.
#[test]
fn weight_norm_starts_as_the_identity() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 10, 10])?;
        let x = g.conv("conv", x, Conv { weight_norm: true, ..Conv::new(8, [3, 2]) })?;
        g.output("y", x)
    });
    let weights = Weights::initial(&graph.unwrap(), 0);
    let length = weights.get("conv.parametrizations.weight.original0").unwrap();
    let direction = weights.get("conv.parametrizations.weight.original1").unwrap();
    assert_eq!((length.shape(), direction.shape()), (&[8, 1, 1, 1][..], &[8, 3, 3, 2][..]));
    for (length, row) in length.data().iter().zip(direction.data().chunks(18)) {
        let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
        assert!((length / norm - 1.0).abs() < 1e-6, "{length} for {norm}");
    }
}

#[test]
fn an_array_has_as_many_values_as_its_shape_says() {
    assert!(Array::new([2, 3], vec![0.0; 6]).is_some());
    assert!(Array::new([2, 3], vec![0.0; 5]).is_none());
    assert!(Array::new([usize::MAX, 2], Vec::new()).is_none());
    assert!(Array::new([usize::MAX, 2, 0], Vec::new()).is_none(), "refused, for it overflows on the way");
}
