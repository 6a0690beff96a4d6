//! Files that belong to the server's user alone, since they hold personal data and the digests of tokens (storage floor).
//!
//! What is made here never goes where a link leads that somebody else put into its place: a new file is made only where
//! nothing is yet, a link without a target included.

use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
};

use super::Error;

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Makes the file, readable and writable by its owner alone, whatever the umask; nothing may be at its place, not even a link
/// to nothing (POSIX, `O_EXCL`).
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// The same, in the place of a file of this name that an earlier attempt left behind.
pub(super) fn create_anew(path: &Path) -> Result<File, Error> {
    refuse_link(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(path, &error)),
        _ => {}
    }
    create(path).map_err(|error| failed(path, &error))
}

/// Makes the file of a database ready to be opened: SQLite would make it by the umask, and gives what it keeps beside it the
/// rights of the database. What an earlier release made so is made private.
pub(super) fn prepare(path: &Path) -> Result<(), Error> {
    if fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        let is_link = fs::symlink_metadata(path).is_ok();
        if is_link {
            return Err(Error::Refused(format!("{} is a link to nothing", path.display())));
        }
        match create(path) {
            // by another process, in the meantime
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => drop(made.map_err(|error| failed(path, &error))?),
        }
    }
    for file in files(path) {
        make_private(&file);
    }
    Ok(())
}

/// A database, and what SQLite keeps beside it.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = |end: &'static str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [path.to_owned()].into_iter().chain(BESIDE.map(beside))
}

#[cfg(unix)]
fn make_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(found) = fs::metadata(file) else { return };
    let mode = found.permissions().mode();
    let is_open = mode & 0o077 != 0;
    if !found.is_file() || !is_open {
        return;
    }
    let name = file.display();
    // nothing is added: a file that its owner made read-only stays so
    match fs::set_permissions(file, fs::Permissions::from_mode(mode & 0o600)) {
        Ok(()) => tracing::warn!(file = %name, "other users of the host could read it, and cannot any more"),
        Err(error) => tracing::warn!(file = %name, %error, "other users of the host can read it"),
    }
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

/// Refuses what would be written through: a link, also one to nothing, at the place of a database or of what SQLite keeps
/// beside it.
pub(super) fn refuse_links(path: &Path) -> Result<(), Error> {
    for file in files(path) {
        refuse_link(&file)?;
    }
    Ok(())
}

/// Refuses a database that has another name as well: by that one it is somebody else's, and SQLite, which names its log by
/// the name of the database, would write two.
pub(super) fn refuse_other_names(path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Ok(found) if has_other_names(&found) => {
            Err(Error::Refused(format!("{} has another name as well, by a hard link", path.display())))
        }
        _ => Ok(()),
    }
}

/// Refuses a link, also one to nothing.
fn refuse_link(path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => {
            Err(Error::Refused(format!("{} is a link, which is not followed; name a file", path.display())))
        }
        _ => Ok(()),
    }
}

/// Refuses what SQLite would read as a part of a database that is not there, or not there any more.
pub(super) fn refuse_leftovers(path: &Path) -> Result<(), Error> {
    let found = files(path).skip(1).find(|file| fs::symlink_metadata(file).is_ok());
    let Some(file) = found.filter(|_| fs::symlink_metadata(path).is_err()) else { return Ok(()) };
    Err(Error::Refused(format!("{} is there without its database; move it away", file.display())))
}

#[cfg(unix)]
fn has_other_names(found: &Metadata) -> bool {
    found.is_file() && std::os::unix::fs::MetadataExt::nlink(found) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Whether `file`, which was made at `path`, is still what is there.
#[cfg(unix)]
pub(super) fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (made, found) = (file.metadata()?, fs::symlink_metadata(path)?);
    Ok((made.dev(), made.ino()) == (found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(super) fn is_still_at(_: &File, path: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(path)?.is_file())
}

pub(super) fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Refused(format!("cannot write {}: {error}", path.display()))
}
