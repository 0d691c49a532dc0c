//! The bytes behind a path. A path may lead into a ZIP archive as if that were a folder: `study.zip/DICOM/IM0001`.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// A member of an archive may grow to this: more than any film, less than a bomb.
const MAX_MEMBER: u64 = 512 << 20;
/// Archives of more members are no study.
const MAX_MEMBERS: usize = 100_000;

/// Everything.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    first(path, u64::MAX)
}

/// At most the first `count` bytes.
pub(super) fn first(path: &Path, count: u64) -> io::Result<Vec<u8>> {
    let Some((archive, member)) = split(path) else {
        let file = File::open(path)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(file.metadata()?.len().min(count) as usize)?;
        file.take(count).read_to_end(&mut bytes)?;
        return Ok(bytes);
    };
    let mut archive = open(&archive)?;
    let member = archive.by_name(&member).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    member.take(count.min(MAX_MEMBER)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == MAX_MEMBER {
        return Err(io::Error::other("a member of the archive is larger than 512 MiB"));
    }
    Ok(bytes)
}

/// Whether the bytes begin a ZIP archive with members.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Paths of the files in an archive, sorted.
///
/// # Errors
/// When the archive is damaged or has too many members.
pub(super) fn members(archive: &Path) -> io::Result<Vec<PathBuf>> {
    let opened = open(archive)?;
    let names = opened.file_names().filter_map(Result::ok).filter(|name| !name.ends_with('/'));
    let mut found: Vec<PathBuf> = names.map(|name| archive.join(&*name)).collect();
    // A name that is absolute or climbs out cannot be told from a path outside the archive.
    found.retain(|path| path.starts_with(archive) && !path.components().any(|c| c.as_os_str() == ".."));
    found.sort();
    Ok(found)
}

fn open(archive: &Path) -> io::Result<ZipArchive<BufReader<File>>> {
    let opened = ZipArchive::new(BufReader::new(File::open(archive)?)).map_err(io::Error::other)?;
    if opened.len() > MAX_MEMBERS {
        return Err(io::Error::other("the archive has too many members"));
    }
    Ok(opened)
}

/// Archive and member, where a file stands in the middle of the path.
fn split(path: &Path) -> Option<(PathBuf, String)> {
    if fs::symlink_metadata(path).is_ok() {
        return None;
    }
    let archive = path.ancestors().skip(1).find(|ancestor| ancestor.is_file())?;
    let member = path.strip_prefix(archive).ok()?;
    let parts: Vec<_> = member.iter().map(|part| part.to_string_lossy()).collect();
    Some((archive.to_owned(), parts.join("/")))
}
