//! Verification and unpacking of wheels into a libtorch folder.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Result;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::error::SetupError;
use super::wheels::{Platform, VERSION, Wheel};

/// The file that lists the folder's files with their sizes. Only folders made by [`unpack`] have it.
const MANIFEST: &str = "manifest";

/// Creates a file. Tests substitute one that simulates a full disk.
pub(crate) type Create = fn(&Path) -> io::Result<File>;

/// Refuses a file whose bytes are not the pinned ones.
pub(crate) fn verify(wheel: &Wheel, path: &Path) -> Result<()> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SetupError::NoWheel { file: wheel.file.into() },
        _ => SetupError::file(&error, path, 0),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).map_err(unreadable)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    let found = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if found != wheel.sha256 {
        let (file, expected) = (wheel.file.into(), wheel.sha256.into());
        return Err(SetupError::WrongHash { file, found, expected }.into());
    }
    Ok(())
}

/// Unpacks the required files of the wheels in `wheels` into `folder`, which is then a complete libtorch.
pub(crate) fn unpack(
    platform: &Platform,
    wheels: &Path,
    folder: &Path,
    create: Create,
    bar: &ProgressBar,
) -> Result<()> {
    let mut layer = Layer {
        folder,
        create,
        bar,
        needed: platform.download() + platform.unpacked,
        manifest: String::new(),
    };
    for wheel in platform.wheels {
        let path = wheels.join(wheel.file);
        layer.wheel(wheel, &path)?;
        fs::remove_file(&path).map_err(|error| layer.setup_error(&error, &path))?;
    }
    for (link, target) in platform.links {
        let path = folder.join(link);
        symlink(target, &path).map_err(|error| layer.setup_error(&error, &path))?;
    }
    // The wheels' own version names CUDA, which is not unpacked.
    layer.file("build-version", &mut format!("{VERSION}+cpu\n").as_bytes())?;
    let manifest = format!("{}{}", pins(platform), layer.manifest);
    layer.file(MANIFEST, &mut manifest.as_bytes())
}

/// Returns true if `folder` holds a libtorch from exactly these wheels with no file missing or truncated.
pub(crate) fn complete(platform: &Platform, folder: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(folder.join(MANIFEST)) else { return false };
    let Some(files) = manifest.strip_prefix(&pins(platform)) else { return false };
    let whole = |line: &str| {
        let Some((size, name)) = line.split_once(' ') else { return false };
        folder.join(name).metadata().is_ok_and(|data| size.parse() == Ok(data.len()))
    };
    files.lines().all(whole) && platform.links.iter().all(|(link, _)| folder.join(link).exists())
}

fn pins(platform: &Platform) -> String {
    platform.wheels.iter().map(|wheel| format!("{} {}\n", wheel.sha256, wheel.file)).collect()
}

/// Writes files below a folder and keeps the list of them.
struct Layer<'a> {
    folder: &'a Path,
    create: Create,
    bar: &'a ProgressBar,
    needed: u64,
    manifest: String,
}

impl Layer<'_> {
    fn wheel(&mut self, wheel: &Wheel, path: &Path) -> Result<()> {
        let damaged = |error: zip::result::ZipError| SetupError::File {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let file = File::open(path).map_err(|error| self.setup_error(&error, path))?;
        let mut archive = ZipArchive::new(io::BufReader::new(file)).map_err(damaged)?;
        let mut taken = vec![false; wheel.take.len()];
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(damaged)?;
            let name = entry.name().to_owned();
            if name.ends_with('/') || name.split('/').any(|part| part == "..") {
                continue;
            }
            let goes = |(from, to): &(&str, &str)| {
                let rest = name.strip_prefix(from)?;
                (rest.is_empty() || from.ends_with('/')).then(|| format!("{to}{rest}"))
            };
            let found = wheel.take.iter().enumerate().find_map(|(i, take)| Some((i, goes(take)?)));
            if let Some((i, to)) = found {
                self.file(&to, &mut entry)?;
                taken[i] = true;
            }
        }
        match taken.iter().position(|taken| !taken) {
            Some(i) => {
                Err(SetupError::Missing { file: wheel.file.into(), entry: wheel.take[i].0.into() }.into())
            }
            None => Ok(()),
        }
    }

    fn file(&mut self, name: &str, content: &mut dyn Read) -> Result<()> {
        let path = self.folder.join(name);
        let written = self.write(&path, content).map_err(|error| self.setup_error(&error, &path))?;
        self.manifest += &format!("{written} {name}\n");
        self.bar.inc(written);
        Ok(())
    }

    fn write(&self, path: &Path, content: &mut dyn Read) -> io::Result<u64> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = (self.create)(path)?;
        let written = io::copy(content, &mut file)?;
        file.flush()?;
        Ok(written)
    }

    fn setup_error(&self, error: &io::Error, path: &Path) -> SetupError {
        match SetupError::file(error, path, self.needed) {
            // The temporary folder no longer exists when the user reads the message.
            SetupError::DiskFull { needed, .. } => {
                let folder = self.folder.ancestors().nth(2).unwrap_or(self.folder).to_owned();
                SetupError::DiskFull { folder, needed }
            }
            other => other,
        }
    }
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(target: &str, link: &Path) -> io::Result<()> {
    let target = link.with_file_name(target);
    fs::copy(target, link).map(|_| ())
}
