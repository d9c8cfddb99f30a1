//! Atomic writing of files, and reading that always ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Prefix and suffix of the name of a temporary file. Six random letters or digits are in between.
const TEMPORARY: [&str; 2] = [".factory-", ".tmp"];

/// Writes `bytes` to the file `path`, whole or not at all.
///
/// A reader, also after a power cut, sees the old file or the new one. Links are followed; devices
/// and pipes, which cannot be replaced, are written to.
///
/// # Errors
/// The file system's own. They do not name the file.
pub fn write(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    AtomicFile::begin(path)?.finish(bytes)
}

/// Reads a regular file.
///
/// # Errors
/// If the file cannot be read, or is a device or a pipe, which might never end. The error does not name the
/// file.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    check_regular(path.as_ref())?;
    fs::read(path)
}

/// Opens a regular file to read parts of it.
///
/// # Errors
/// As [`read`].
pub fn open(path: impl AsRef<Path>) -> io::Result<File> {
    check_regular(path.as_ref())?;
    File::open(path)
}

fn check_regular(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(io::Error::other("expected a regular file, found a device or a pipe"));
    }
    Ok(())
}

/// Reads text of at most `limit` bytes from a file, a device or a pipe.
///
/// # Errors
/// If the file cannot be read, is longer, or is not UTF-8. The error does not name the file.
pub fn read_text(path: impl AsRef<Path>, limit: u64) -> io::Result<String> {
    text_of(File::open(path)?, limit)
}

/// Reads text of at most `limit` bytes to its end, for example from standard input.
///
/// # Errors
/// If the text cannot be read, is longer, or is not UTF-8.
pub fn text_of(reader: impl Read, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("expected at most {limit} bytes of text, found more")));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("expected UTF-8 text"))
}

/// A file that takes its place only when it is complete. Begun before long work, it finds early that
/// a place cannot be written to.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    /// A file beside `target`, renamed to it at the end.
    Beside { target: PathBuf, file: NamedTempFile },
    /// A device or a pipe.
    Through(File),
}

impl AtomicFile {
    /// Begins the file `path`, whose folder must exist. Until [`AtomicFile::finish`] nothing changes
    /// at `path`.
    ///
    /// # Errors
    /// The file system's own. They do not name the file.
    pub fn begin(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let sink = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() || is_open_file(path) => {
                Sink::Through(OpenOptions::new().append(true).open(path)?)
            }
            Ok(found) => Sink::beside(fs::canonicalize(path)?, Some(found.permissions()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Sink::beside(end_of_links(path)?, None)?,
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), sink })
    }

    /// The place of the file, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the file with these bytes in its place.
    ///
    /// # Errors
    /// The file system's own. They do not name the file.
    pub fn finish(self, bytes: &[u8]) -> io::Result<()> {
        match self.sink {
            Sink::Through(mut file) => file.write_all(bytes),
            Sink::Beside { target, mut file } => {
                // `NamedTempFile` would name the temporary file in its errors; `File` does not.
                file.as_file_mut().write_all(bytes)?;
                // The name must never stand for bytes that a power cut has taken.
                file.as_file().sync_all()?;
                file.persist(&target).map_err(|error| error.error)?;
                sync_folder(folder_of(&target))
            }
        }
    }
}

/// Removes the temporary files that killed processes left in `folder`. Other files are kept, and so are
/// temporary files that a process is still writing.
///
/// # Errors
/// If the folder cannot be read or a file cannot be removed. The error does not name the file.
pub fn remove_leftovers(folder: impl AsRef<Path>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && is_temporary(&entry.file_name()) && !is_open(&entry.path()) {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Err(_) | Ok(()) => {}
            }
        }
    }
    Ok(())
}

fn is_temporary(name: &std::ffi::OsStr) -> bool {
    let [start, end] = TEMPORARY;
    let name = name.to_str().and_then(|name| name.strip_prefix(start)?.strip_suffix(end));
    name.is_some_and(|random| random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Whether a process is still writing the temporary file, and so holds its lock.
fn is_open(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock))
}

/// Whether the path refers to an open file of a process, as `/dev/stdout` does. Folders in `/dev`, such as
/// `/dev/shm`, contain ordinary files.
fn is_open_file(path: &Path) -> bool {
    let folders = ["/dev", "/dev/fd", "/proc/self/fd"];
    path.parent().is_some_and(|folder| folders.iter().any(|other| folder == Path::new(other)))
}

impl Sink {
    fn beside(target: PathBuf, permissions: Option<fs::Permissions>) -> io::Result<Self> {
        let made = builder().tempfile_in(folder_of(&target));
        // The error itself names the temporary file, which the user has never heard of.
        let file = made.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "no such folder"),
            kind => io::Error::from(kind),
        })?;
        // `remove_leftovers` treats a file without a lock as left over. On a file system that does not support
        // locks, it may remove this file too early, and the write then fails.
        let _ = file.as_file().try_lock();
        if let Some(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        Ok(Self::Beside { target, file })
    }
}

/// Temporary files are private by default; one that takes a place has ordinary permissions.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    let [start, end] = TEMPORARY;
    builder.prefix(start).suffix(end).rand_bytes(6);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The path that a link to a file that does not exist yet leads to; any other path is its own.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    const MOST_LINKS: usize = 40; // as Linux
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(link) = fs::read_link(&path) else { return Ok(path) };
        path = folder_of(&path).join(link);
    }
    Err(io::Error::other("too many links"))
}

/// Without it a power cut can undo the renaming. Not every system can do it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        drop(AtomicFile::begin(&path).unwrap());
        assert!(names(folder.path()).is_empty());
        write(&path, b"first").unwrap();
        let second = AtomicFile::begin(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        second.finish(b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(folder.path()), ["report.json"]);
    }

    #[test]
    fn only_our_own_temporary_files_of_dead_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let writing = AtomicFile::begin(&path).unwrap();
        let [living] = &names(folder.path())[..] else { panic!("expected one temporary file") };
        assert!(is_temporary(living.as_ref()), "{living}");
        let foreign = [
            ".factory-.tmp",
            ".factory-12345.tmp",
            ".factory-1234567.tmp",
            ".tmpAbCdEf",
            "factory-AbCdEf.tmp",
        ];
        for name in foreign.into_iter().chain([".factory-AbCdEf.tmp"]) {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        fs::create_dir(folder.path().join(".factory-folder.tmp")).unwrap();
        remove_leftovers(folder.path()).unwrap();
        let mut expected: Vec<&str> = foreign.into_iter().chain([".factory-folder.tmp", living]).collect();
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
        writing.finish(b"report").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"report");
    }

    #[test]
    fn errors_do_not_name_the_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: PathBuf| write(path, b"").unwrap_err().to_string();
        assert_eq!(error(folder.path().join("no/a")), "no such folder");
        assert_eq!(error(folder.path().to_owned()), "is a directory");
    }

    #[test]
    fn devices_are_not_read_endlessly() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap_err().to_string(), "is a directory");
        let file = folder.path().join("config.yaml");
        write(&file, "name: ä".as_bytes()).unwrap();
        assert_eq!(read_text(&file, 8).unwrap(), "name: ä");
        let error = read_text(&file, 7).unwrap_err().to_string();
        assert_eq!(error, "expected at most 7 bytes of text, found more");
        write(&file, b"\xff").unwrap();
        assert_eq!(read_text(&file, 7).unwrap_err().to_string(), "expected UTF-8 text");
        if cfg!(unix) {
            let error = read("/dev/zero").unwrap_err().to_string();
            assert_eq!(error, "expected a regular file, found a device or a pipe");
            assert!(read_text("/dev/zero", 1000).is_err());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("second", at("first")).unwrap();
        symlink("target", at("second")).unwrap();
        write(at("first"), b"new").unwrap();
        fs::set_permissions(at("target"), fs::Permissions::from_mode(0o640)).unwrap();
        write(at("first"), b"again").unwrap();
        assert_eq!(fs::read(at("target")).unwrap(), b"again");
        assert!(at("first").is_symlink() && at("second").is_symlink());
        assert_eq!(fs::metadata(at("target")).unwrap().permissions().mode() & 0o777, 0o640);
        symlink("circle", at("circle")).unwrap();
        assert!(write(at("circle"), b"").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn files_in_shared_memory_are_replaced() {
        let Ok(folder) = tempfile::tempdir_in("/dev/shm") else { return };
        let path = folder.path().join("a");
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
    }

    #[test]
    fn devices_and_pipes_are_written_to() {
        use std::io::Read;
        write("/dev/null", b"gone").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut bytes = Vec::new();
                File::open(pipe).unwrap().read_to_end(&mut bytes).unwrap();
                bytes
            }
        });
        write(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert_eq!(names(folder.path()), ["pipe"]);
    }
}
