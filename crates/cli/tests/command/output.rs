//! Output that cannot be written, and output to places that are not regular files.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use graph::Weights;
use model::Model;

use crate::place::{Place, TINY};

fn command(place: &Place, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
    command.args(arguments.split_whitespace()).current_dir(place.path(""));
    command
}

const PRINTING: [&str; 9] = [
    "list resnet/*",
    "summary tiny.yaml",
    "summary tiny.yaml --json",
    "merge tiny.yaml tiny.safetensors -o merged.safetensors",
    "export tiny.yaml tiny.safetensors -o tiny.onnx",
    "convert tiny.yaml tiny.safetensors -o converted.safetensors",
    "adapt tiny.yaml tiny.safetensors --classes 7 -o adapted.safetensors",
    "--help",
    "summary --help",
];

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_an_error() {
    let place = Place::new();
    for arguments in PRINTING {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(&place, arguments).stdout(full).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error, "error: standard output: cannot write: No space left on device (os error 28)\n");
        assert_eq!(output.status.code(), Some(1), "{arguments}");
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let place = Place::new();
    for arguments in PRINTING {
        let mut command = command(&place, arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(0), ""), "{arguments}");
    }
}

/// The commands that write a file, without the file name.
const WRITING: [(&str, &str); 6] = [
    ("merge tiny.yaml tiny.safetensors -o", "safetensors"),
    ("export tiny.yaml tiny.safetensors --format onnx -o", "onnx"),
    ("export tiny.yaml --format rust -o", "rs"),
    ("convert tiny.yaml tiny.safetensors -o", "safetensors"),
    ("adapt tiny.yaml tiny.safetensors --classes 7 -o", "safetensors"),
    ("summary tiny.yaml --svg", "svg"),
];

#[cfg(unix)]
#[test]
fn links_are_followed_and_pipes_written_to() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    for (arguments, extension) in WRITING {
        let place = Place::new();
        let path = |name: &str| place.path(&format!("{name}.{extension}"));
        let (real, link, pipe) = (path("real"), path("link"), path("pipe"));
        let writes_to = |name: &str| {
            let output = command(&place, &format!("{arguments} {name}.{extension}")).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        writes_to("expected");
        let expected = std::fs::read(path("expected")).unwrap();

        std::fs::write(&real, "old").unwrap();
        symlink(&real, &link).unwrap();
        writes_to("link");
        assert!(link.is_symlink(), "{arguments}");
        assert!(std::fs::read(&real).unwrap() == expected, "{arguments}");

        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        writes_to("pipe");
        assert!(reader.join().unwrap() == expected, "{arguments}");
        assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo(), "{arguments}");
    }
}

/// Root, the user in most containers, could rename a file over a device.
#[cfg(unix)]
#[test]
fn devices_are_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let place = Place::new();
    let device = place.path("null");
    let mut mknod = Command::new("mknod");
    mknod.args([device.to_str().unwrap(), "c", "1", "3"]).stderr(Stdio::null());
    let is_ours = mknod.status().is_ok_and(|status| status.success());
    let target = if is_ours { device.as_path() } else { Path::new("/dev/null") };
    for (arguments, _) in WRITING {
        let output = command(&place, arguments).arg(target).output().unwrap();
        // A container may let us create a device but not open it.
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() || error.contains("Permission denied"), "{arguments}: {error}");
        assert!(std::fs::metadata(target).unwrap().file_type().is_char_device(), "{arguments}");
    }
}

#[cfg(unix)]
#[test]
fn files_can_be_written_to_standard_output() {
    let place = Place::new();
    let output = command(&place, "summary tiny.yaml --svg /dev/stdout").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("<svg") && text.contains("tiny, resnet"), "{text}");
}

/// Writes a model file through a symbolic link to a file that does not exist yet.
#[cfg(unix)]
#[test]
fn a_dangling_link_is_followed() {
    let place = Place::new();
    std::os::unix::fs::symlink("v2.safetensors", place.path("latest.safetensors")).unwrap();
    let output = command(&place, "merge tiny.yaml tiny.safetensors -o latest.safetensors").output().unwrap();
    assert!(output.status.success());
    let graph = factory::Factory::builtin().build(TINY).unwrap().graph;
    let merged = graph::merge(&graph, &Weights::read(place.path("tiny.safetensors")).unwrap());
    assert_eq!(Model::read(place.path("v2.safetensors")).unwrap().weights, merged.weights);
    assert!(place.path("latest.safetensors").is_symlink());
}
