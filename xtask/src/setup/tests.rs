//! Setup from end to end, with a stand-in for pip and a wheel of a few bytes.

#![cfg(unix)]

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::slice::from_ref;
use std::thread;

use expect_test::{Expect, expect};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::wheels::Wheel;
use super::*;

/// A simulated machine in a temporary folder.
struct Machine {
    folder: TempDir,
    platform: &'static Platform,
}

impl Machine {
    /// A machine with a stand-in for Python that has pip.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["bin", "home", "project/.cargo"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        // Linked, because a file just written may still be open in a process that another test forks.
        let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/setup/fake_pip.sh");
        symlink(fake, folder.path().join("bin/python3")).unwrap();

        let wheel = folder.path().join("torch-2.13.0.whl");
        let mut archive = zip::ZipWriter::new(File::create(&wheel).unwrap());
        for name in ["torch/include/a.h", "torch/lib/libtorch_cpu.so", "torch/lib/libtorch_cuda.so"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(name.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        Self { platform: platform(&fs::read(&wheel).unwrap()), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The machine with a pip that behaves as named.
    fn host(&self, pip: &str) -> Host {
        let mut host = Host {
            environment: Environment::default(),
            os: "linux".into(),
            arch: "x86_64".into(),
            platform: Some(self.platform),
            free_space: |_| Ok(u64::MAX),
            create: fetch::CREATE,
            root: self.path("project"),
        };
        let paths =
            [("PATH", "bin"), ("HOME", "home"), ("FAKE_WHEEL", "torch-2.13.0.whl"), ("FAKE_CALLS", "calls")];
        for (name, path) in paths {
            host.set(name, self.path(path).to_str().unwrap());
        }
        host.set("FAKE_PIP", pip);
        host
    }

    fn cached(&self) -> PathBuf {
        self.path("home/.cache/model-factory/libtorch-2.13.0-test")
    }

    fn config(&self) -> String {
        fs::read_to_string(self.path("project/.cargo/libtorch.toml")).unwrap_or_default()
    }

    fn downloads(&self) -> usize {
        fs::read_to_string(self.path("calls")).unwrap_or_default().lines().count()
    }

    /// Asserts that setup fails on each of these hosts with the same message.
    fn fails(&self, hosts: &[Host], sentence: &Expect) {
        let mut sentences: Vec<String> = hosts.iter().map(|host| self.failure(host)).collect();
        sentences.dedup();
        sentence.assert_eq(&sentences.concat());
    }

    /// Setup's error message, after a failure that left nothing behind.
    fn failure(&self, host: &Host) -> String {
        let message = format!("{:#}\n", run(host).unwrap_err());
        let cache = self.path("home/.cache/model-factory");
        let left = cache.read_dir().into_iter().flatten().flatten().map(|entry| entry.file_name());
        assert!(left.into_iter().all(|name| name == "lock"), "something is left in the cache");
        assert_eq!(self.config(), "");
        assert_eq!(self.path("project/.cargo").read_dir().unwrap().count(), 0);
        message.replace(self.folder.path().to_str().unwrap(), "DIR")
    }
}

impl Host {
    fn set(&mut self, name: &str, value: &str) {
        self.environment.0.insert(name.into(), value.into());
    }
}

/// A platform of one wheel with this content. It is leaked, because the real table is static.
fn platform(wheel: &[u8]) -> &'static Platform {
    let sha256: String = Sha256::digest(wheel).iter().map(|byte| format!("{byte:02x}")).collect();
    let wheel = Wheel {
        requirement: "torch==2.13.0",
        file: "torch-2.13.0.whl",
        sha256: sha256.leak(),
        size: wheel.len() as u64,
        take: &[("torch/include/", "include/"), ("torch/lib/libtorch_cpu.so", "lib/libtorch_cpu.so")],
    };
    Box::leak(Box::new(Platform {
        name: "test",
        os: "linux",
        arch: "x86_64",
        tags: &["any"],
        wheels: vec![wheel].leak(),
        links: &[("lib/libtorch.so", "libtorch_cpu.so")],
        unpacked: 1_050_000_000,
    }))
}

#[test]
fn fetches_once_and_configures_cargo() {
    let machine = Machine::new();
    let libtorch = run(&machine.host("succeed")).unwrap();
    assert_eq!(libtorch.root, machine.cached());
    let read = |name: &str| fs::read_to_string(machine.cached().join(name)).unwrap();
    assert_eq!(read("include/a.h"), "torch/include/a.h");
    assert_eq!(read("lib/libtorch.so"), "torch/lib/libtorch_cpu.so");
    assert_eq!(read("build-version"), "2.13.0+cpu\n");
    assert!(!machine.cached().join("lib/libtorch_cuda.so").exists(), "more was taken than needed");

    let config = machine.config();
    let mut again = machine.host("offline");
    again.set("LIBTORCH", &config::configured(&config).unwrap()); // as cargo passes it on
    assert!(!run(&again).unwrap().own, "cargo's LIBTORCH was taken for the user's");
    assert_eq!((machine.config(), machine.downloads()), (config, 1));
}

#[test]
fn two_runs_at_once_fetch_once() {
    let machine = Machine::new();
    thread::scope(|scope| {
        let runs =
            [(); 4].map(|()| scope.spawn(|| run(&machine.host("succeed")).map(|libtorch| libtorch.root)));
        for run in runs {
            assert_eq!(run.join().unwrap().unwrap(), machine.cached());
        }
    });
    assert_eq!(machine.downloads(), 1);
}

#[test]
fn unfinished_folders_are_made_again() {
    let machine = Machine::new();
    let part = machine.path("home/.cache/model-factory/libtorch-2.13.0-test.part");
    fs::create_dir_all(part.join("libtorch/lib")).unwrap();
    fs::create_dir_all(machine.cached().join("lib")).unwrap();
    run(&machine.host("succeed")).unwrap();
    assert!(!part.exists(), "the rest of an interrupted run is still there");

    OpenOptions::new().write(true).truncate(true).open(machine.cached().join("lib/libtorch_cpu.so")).unwrap();
    run(&machine.host("succeed")).unwrap();
    assert_eq!(machine.downloads(), 2);
    assert!(unpack::complete(machine.platform, &machine.cached()), "the truncated file is still there");
}

#[test]
fn the_users_own_wins() {
    let machine = Machine::new();
    run(&machine.host("succeed")).unwrap();
    let own = machine.path("own");
    fs::create_dir_all(own.join("lib")).unwrap();
    fs::write(own.join("lib/libtorch_cpu.so"), "").unwrap();
    let mut host = machine.host("offline");
    host.set("LIBTORCH", own.to_str().unwrap());
    for _ in 0..2 {
        assert_eq!(
            run(&host).unwrap(),
            Libtorch { libraries: own.join("lib"), root: own.clone(), own: true }
        );
    }
    // Once the user unsets it, cargo still passes its own on.
    host.set("LIBTORCH", &config::configured(&machine.config()).unwrap());
    assert_eq!(run(&host).unwrap().root, machine.cached());
}

#[test]
fn the_users_pytorch_wins() {
    let machine = Machine::new();
    fs::create_dir_all(machine.path("torch/lib")).unwrap();
    fs::write(machine.path("torch/lib/libtorch_cpu.so"), "").unwrap();
    let mut host = machine.host("offline");
    host.set("LIBTORCH_USE_PYTORCH", "1");
    host.set("FAKE_TORCH", machine.path("torch").to_str().unwrap());
    assert_eq!(run(&host).unwrap().root, machine.path("torch"));
}

#[test]
fn the_configuration() {
    let root = PathBuf::from(r#"/a "b"/torch"#);
    let libtorch = Libtorch { libraries: root.join("lib"), root, own: false };
    let text = |target| config::text(&libtorch, target).unwrap();
    expect![[r##"
        # Written by `cargo xtask setup`: where libtorch is. To change it, run that again.
        [env]
        LIBTORCH = { value = '/a "b"/torch', force = false }

        [target.x86_64-unknown-linux-gnu]
        rustflags = ["-C", "link-arg=-Wl,--enable-new-dtags", "-C", 'link-arg=-Wl,-rpath,/a "b"/torch/lib']
        rustdocflags = ["-C", "link-arg=-Wl,--enable-new-dtags", "-C", 'link-arg=-Wl,-rpath,/a "b"/torch/lib']
    "##]]
    .assert_eq(&text("x86_64-unknown-linux-gnu"));
    expect![[r##"
        # Written by `cargo xtask setup`: where libtorch is. To change it, run that again.
        [env]
        LIBTORCH = { value = '/a "b"/torch', force = false }

        [target.aarch64-apple-darwin]
        rustflags = ["-C", 'link-arg=-Wl,-rpath,/a "b"/torch/lib']
        rustdocflags = ["-C", 'link-arg=-Wl,-rpath,/a "b"/torch/lib']
    "##]]
    .assert_eq(&text("aarch64-apple-darwin"));
    expect![[r##"
        # Written by `cargo xtask setup`: where libtorch is. To change it, run that again.
        [env]
        LIBTORCH = { value = '/a "b"/torch', force = false }
    "##]]
    .assert_eq(&text("x86_64-pc-windows-msvc"));
    assert_eq!(config::configured(&text("aarch64-apple-darwin")), libtorch.root.to_str().map(str::to_owned));
    let own = config::text(&Libtorch { own: true, ..libtorch }, "aarch64-apple-darwin").unwrap();
    assert_eq!(config::configured(&own).unwrap(), r#"/a "b"/torch/."#);
}

#[test]
fn the_table_of_platforms() {
    for platform in &wheels::PLATFORMS {
        assert!(std::ptr::eq(wheels::platform(platform.os, platform.arch).unwrap(), platform));
        for wheel in platform.wheels {
            let digits = wheel.sha256.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
            assert!(digits && wheel.sha256.len() == 64, "`{}` has no SHA-256", wheel.file);
            let (name, version) = wheel.requirement.split_once("==").unwrap();
            assert!(
                wheel.file.starts_with(&format!("{}-{version}-", name.replace('-', "_"))),
                "{}",
                wheel.file
            );
        }
    }
    assert!(wheels::platform("macos", "x86_64").is_none());
}

#[test]
fn unusable_folders_of_the_user() {
    let machine = Machine::new();
    let mut host = machine.host("succeed");
    host.set("LIBTORCH", "");
    machine.fails(from_ref(&host), &expect![[r#"
        LIBTORCH names ``, which is not an absolute path; name a folder with libtorch 2.13.0, or unset it to have libtorch fetched
    "#]]);
    host.set("LIBTORCH", machine.path("nowhere").to_str().unwrap());
    machine.fails(from_ref(&host), &expect![[r#"
        LIBTORCH names `DIR/nowhere`, but `DIR/nowhere/lib` contains no libtorch_cpu; name a folder with libtorch 2.13.0, or unset it to have libtorch fetched
    "#]]);

    let old = machine.path("old");
    fs::create_dir_all(old.join("lib")).unwrap();
    fs::write(old.join("lib/libtorch_cpu.so"), "").unwrap();
    fs::write(old.join("build-version"), "2.5.1+cpu\n").unwrap();
    host.set("LIBTORCH", old.to_str().unwrap());
    machine.fails(from_ref(&host), &expect![[r#"
        LIBTORCH names `DIR/old`, which is version 2.5.1+cpu; name a folder with libtorch 2.13.0, or unset it to have libtorch fetched
    "#]]);
    host.set("LIBTORCH_USE_PYTORCH", "1"); // takes precedence, and the stand-in has no PyTorch
    machine.fails(from_ref(&host), &expect![[r#"
        LIBTORCH_USE_PYTORCH is set, but Python finds no PyTorch; install torch==2.13.0, or unset it to have libtorch fetched
    "#]]);
}

#[test]
fn failures_of_pip() {
    let machine = Machine::new();
    machine.fails(&[machine.host("offline"), machine.host("silent")], &expect![[r#"
        pip could not reach its package index; check the internet connection and pip's index and proxy settings, then run `cargo xtask setup` again
    "#]]);
    machine.fails(&[machine.host("cut"), machine.host("invalid")], &expect![[r#"
        the download of libtorch was cut off; check the internet connection, then run `cargo xtask setup` again
    "#]]);
    machine.fails(
        &[machine.host("killed")],
        &expect![[r#"
            pip was stopped before it had fetched libtorch; run `cargo xtask setup` again
        "#]],
    );
    machine.fails(&[machine.host("absent")], &expect![[r#"
        pip's package index does not offer `torch-2.13.0.whl`; check pip's index settings, or set LIBTORCH to a folder with libtorch 2.13.0
    "#]]);
    machine.fails(&[machine.host("oddly")], &expect![[r#"
        pip could not fetch libtorch: the moon is in the way; fix the cause, then run `cargo xtask setup` again
    "#]]);
}

#[test]
fn no_pip() {
    let machine = Machine::new();
    fs::remove_file(machine.path("bin/python3")).unwrap();
    machine.fails(&[machine.host("succeed")], &expect![[r#"
        found no pip to fetch libtorch with; install Python 3 with pip, or set LIBTORCH to a folder with libtorch 2.13.0
    "#]]);
}

#[test]
fn a_wheel_with_the_wrong_hash() {
    let machine = Machine::new();
    let needed = machine.platform.wheels[0].sha256;
    let message = format!("{:#}\n", run(&machine.host("altered")).unwrap_err()).replace(needed, "NEEDED");
    expect![[r#"
        `torch-2.13.0.whl`: expected SHA-256 NEEDED, found 7e4fa2eb8c7ac089739d5defc4489fad68a100d92082ca35c6b40a4524821f87; check pip's index settings, then run `cargo xtask setup` again
    "#]].assert_eq(&message);
    assert!(!machine.cached().exists(), "an altered wheel was unpacked");
}

#[test]
fn a_full_disk() {
    let machine = Machine::new();
    let full: fn(&Path) -> io::Result<File> = match cfg!(target_os = "linux") {
        true => |_| File::options().write(true).open("/dev/full"),
        false => |_| Err(io::ErrorKind::StorageFull.into()),
    };
    let hosts = [
        Host { free_space: |_| Ok(1_000_000_000), ..machine.host("succeed") },
        machine.host("full"),
        Host { create: full, ..machine.host("succeed") },
    ];
    machine.fails(&hosts, &expect![[r#"
        the disk is full: fetching libtorch takes 1.1 GB in `DIR/home/.cache/model-factory`; free some space, then run `cargo xtask setup` again
    "#]]);
    assert_eq!(machine.downloads(), 2, "wheels were downloaded although the disk was full");
}

#[test]
fn a_platform_without_wheels() {
    let machine = Machine::new();
    let host = Host { platform: None, os: "freebsd".into(), ..machine.host("succeed") };
    machine.fails(
        from_ref(&host),
        &expect![[r#"
            no prebuilt libtorch 2.13.0 exists for freebsd on x86_64; set LIBTORCH to a folder with libtorch 2.13.0
        "#]],
    );
}

#[test]
fn no_home() {
    let machine = Machine::new();
    let mut host = machine.host("succeed");
    host.set("HOME", "");
    machine.fails(from_ref(&host), &expect![[r#"
        the environment names no home folder to keep libtorch in; set HOME, or set LIBTORCH to a folder with libtorch 2.13.0
    "#]]);
}
