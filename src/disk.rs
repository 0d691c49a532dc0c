//! Files that are whole or not there: written beside their place under a temporary name, then renamed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::Path;

/// Writes `bytes` to `path`, replacing what was there only once everything is on the disk.
///
/// # Errors
/// What the system says; no half-written file is left behind.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "not a file name"))?;
    // The process id keeps two runs into one folder apart; the same folder makes the rename atomic.
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(temporary);
    let written = File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    written.inspect_err(|_| {
        // Nothing is there to remove when the folder itself refused.
        let _ = fs::remove_file(&temporary);
    })?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes names that were made or changed in `folder` outlast a loss of power; on Windows they do without it.
///
/// # Errors
/// What the system says.
pub fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match File::open(folder)?.sync_all() {
            // Some network file systems know no such thing; the file itself is on the disk.
            Err(error) if error.kind() != ErrorKind::InvalidInput => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
