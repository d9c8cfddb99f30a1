//! The libtorch in the cache, which is complete or absent.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::error::SetupError;
use super::unpack::Create;
use super::wheels::{Platform, VERSION};
use super::{Host, pip, progress, unpack};

/// The platform's libtorch in the cache folder, fetched if it is not there.
///
/// The work is done in a folder beside the final one and renamed at the end, so the final folder is always
/// complete. The next run removes what an interrupted one left behind.
pub(crate) fn cached(host: &Host, platform: &Platform, cache: &Path) -> Result<PathBuf> {
    let folder = cache.join(format!("libtorch-{VERSION}-{}", platform.name));
    if unpack::complete(platform, &folder) {
        return Ok(folder);
    }
    let file = |path: &Path, error: &io::Error| SetupError::file(error, path, needed(platform));
    fs::create_dir_all(cache).map_err(|error| file(cache, &error))?;
    let lock = lock(&cache.join("lock")).map_err(|error| file(&cache.join("lock"), &error))?;
    if unpack::complete(platform, &folder) {
        return Ok(folder); // made by the run that held the lock
    }
    let work = Work::new(cache.join(format!("libtorch-{VERSION}-{}.part", platform.name)))
        .map_err(|error| file(cache, &error))?;
    let made = fetch(host, platform, cache, &work.0)?;
    remove(&folder).and_then(|()| fs::rename(&made, &folder)).map_err(|error| file(&folder, &error))?;
    drop(work);
    drop(lock);
    progress::say(&format!("libtorch {VERSION} is in {}", folder.display()));
    Ok(folder)
}

/// Downloads, verifies and unpacks in the folder `work`; returns the finished folder inside it.
fn fetch(host: &Host, platform: &Platform, cache: &Path, work: &Path) -> Result<PathBuf> {
    let needed = needed(platform);
    if (host.free_space)(cache).is_ok_and(|free| free < needed) {
        return Err(SetupError::DiskFull { folder: cache.to_owned(), needed }.into());
    }
    let (wheels, made) = (work.join("wheels"), work.join("libtorch"));
    pip::download(&host.environment, platform, work, &wheels)?;

    let bar = progress::bytes("Checking and unpacking libtorch", platform.unpacked);
    for wheel in platform.wheels {
        unpack::verify(wheel, &wheels.join(wheel.file))?;
    }
    unpack::unpack(platform, &wheels, &made, host.create, &bar)?;
    bar.finish_and_clear();
    Ok(made)
}

fn needed(platform: &Platform) -> u64 {
    platform.download() + platform.unpacked
}

/// Waits until no other run uses the cache. The lock is released when the file is dropped, even by a crash.
fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(path)?;
    if file.try_lock().is_err() {
        progress::say("Waiting for another `cargo xtask` that fetches libtorch");
        file.lock()?;
    }
    Ok(file)
}

/// A temporary folder: empty when created, and removed when dropped.
struct Work(PathBuf);

impl Work {
    fn new(path: PathBuf) -> io::Result<Self> {
        remove(&path)?;
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = remove(&self.0);
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Creates a file in the usual way.
pub(crate) const CREATE: Create = |path| File::create(path);
