//! The folders of the user, and the name of a film among them.

use super::LibraryError;
use crate::imaging::Radiograph;
use sha2::{Digest, Sha256};
use std::env;
use std::fmt;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The configuration folder below `COXA_HOME`.
const CONFIG: &str = "config";

/// Where the program keeps what it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Worklist and studies.
    pub data: PathBuf,
    /// Preferences.
    pub config: PathBuf,
}

impl Home {
    /// Below `COXA_HOME` where that is set, else where the system keeps data and configuration of programs.
    ///
    /// # Errors
    /// The system names no such folders, or they cannot be made.
    pub fn of_user() -> Result<Home, LibraryError> {
        if let Some(home) = set("COXA_HOME") {
            return Home::at(&home);
        }
        let folders = directories::ProjectDirs::from("", "", "coxa").ok_or(LibraryError::NoHome)?;
        Home { data: folders.data_local_dir().to_owned(), config: folders.config_dir().to_owned() }.made()
    }

    /// Below `folder`.
    ///
    /// # Errors
    /// The folders cannot be made.
    pub fn at(folder: &Path) -> Result<Home, LibraryError> {
        Home { data: folder.join("data"), config: folder.join(CONFIG) }.made()
    }

    fn made(self) -> Result<Home, LibraryError> {
        for folder in [&self.data, &self.config, &self.studies()] {
            make_private(folder)?;
        }
        Ok(self)
    }

    /// One folder a film below this one.
    pub fn studies(&self) -> PathBuf {
        self.data.join("studies")
    }

    /// The folder of one film.
    pub fn study(&self, key: &StudyKey) -> PathBuf {
        self.studies().join(key.as_str())
    }

    pub fn database(&self) -> PathBuf {
        self.data.join("library.sqlite")
    }
}

/// The folder of preferences and signed norms: below `COXA_HOME` where that is set, else where the system keeps
/// configuration of programs; `None` where it names no such place. Nothing is made.
pub fn configuration() -> Option<PathBuf> {
    let own = || Some(directories::ProjectDirs::from("", "", "coxa")?.config_dir().to_owned());
    set("COXA_HOME").map(|home| home.join(CONFIG)).or_else(own)
}

/// A path of the environment.
pub(super) fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Makes a folder that only the user may look into: the worklist names patients.
pub(super) fn make_private(folder: &Path) -> Result<(), LibraryError> {
    fs::create_dir_all(folder).map_err(LibraryError::io(folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, private).map_err(LibraryError::io(folder))?;
    }
    Ok(())
}

/// What a film is called on the disk: the same film has the same name wherever its file lies, and it tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StudyKey(String);

impl StudyKey {
    /// By the instance's UID and the frame; by the pixels where the file has no UID (PNG, JPEG, TIFF). Takes some tens of
    /// milliseconds for such a picture.
    pub fn of(film: &Radiograph) -> StudyKey {
        if let Some(uid) = film.identity.sop_instance_uid.as_deref().filter(|uid| !uid.trim().is_empty()) {
            return StudyKey::of_instance(uid, film.frame);
        }
        let mut hash = Sha256::new();
        hash.update(format!("pixels {} {} {}", film.rows, film.columns, film.frame));
        for values in film.stored.chunks(4096) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(&bytes);
        }
        StudyKey(hex(&hash.finalize()))
    }

    /// Of a DICOM instance; `frame` from 1.
    pub fn of_instance(uid: &str, frame: u32) -> StudyKey {
        StudyKey(hex(&Sha256::digest(format!("instance {} {frame}", uid.trim()))))
    }

    /// As a folder or the worklist names it; `None` for a name that is none.
    pub fn from_name(name: &str) -> Option<StudyKey> {
        let valid =
            name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        valid.then(|| StudyKey(name.to_owned()))
    }

    /// 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StudyKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first 16 bytes.
pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
