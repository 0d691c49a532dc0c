//! What a user and a site have settled: one TOML file in the configuration folder, versioned, written whole.

use super::LibraryError;
use super::home::Home;
use crate::disk::write_atomic;
use crate::measure::protocol::CamSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The version that this program writes.
pub const PREFERENCES_VERSION: u32 = 1;

/// Everything has a default, so that a file may hold only what was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub format_version: u32,
    /// Asked once; empty until then. Stands on every step and signature.
    pub user: String,
    /// Code of the language, as its data file is named.
    pub language: String,
    pub theme: Theme,
    /// 1 is the design's size.
    pub ui_scale: f32,
    /// Id of the model of the registry; the program's own choice without.
    pub model: Option<String>,
    /// `cpu`, `cuda:0`; the program's own choice without.
    pub device: Option<String>,
    /// Threshold of the alpha angle for films that set none of their own.
    pub cam_set: CamSet,
    pub site: Site,
    /// Norm tables that the site stands behind.
    pub norms: Vec<NormSignature>,
    /// `#rrggbb` by the name of what is drawn.
    pub colours: BTreeMap<String, String>,
    /// Shortcut by the name of the action; an empty one takes the shortcut away.
    pub keys: BTreeMap<String, String>,
    /// What the window remembers of itself: panels, sizes, layout.
    pub layout: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    Dark,
    Light,
    System,
}

/// For the head of reports.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    pub name: String,
    pub logo: Option<PathBuf>,
}

/// A norm table that somebody of the site read and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NormSignature {
    /// Id of the table.
    pub table: String,
    pub by: String,
    /// `2026-03-01`.
    pub date: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            format_version: PREFERENCES_VERSION,
            user: String::new(),
            language: "en".to_owned(),
            theme: Theme::default(),
            ui_scale: 1.0,
            model: None,
            device: None,
            cam_set: CamSet::default(),
            site: Site::default(),
            norms: Vec::new(),
            colours: BTreeMap::new(),
            keys: BTreeMap::new(),
            layout: BTreeMap::new(),
        }
    }
}

impl Preferences {
    /// The user's preferences; the defaults where there are none yet.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or is of a newer program. It is left as it is: go on with the defaults, say
    /// so, and do not write over it.
    pub fn read(home: &Home) -> Result<Preferences, LibraryError> {
        let path = home.preferences();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Preferences::default()),
            Err(error) => return Err(LibraryError::io(&path)(error)),
        };
        let damaged = |reason: String| LibraryError::Damaged { path: path.clone(), reason };
        let read: Preferences = toml::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if read.format_version > PREFERENCES_VERSION {
            return Err(damaged(format!("written by a newer program (format {})", read.format_version)));
        }
        Ok(read.sound())
    }

    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, home: &Home) -> Result<(), LibraryError> {
        let path = home.preferences();
        let written = Preferences { format_version: PREFERENCES_VERSION, ..self.clone() };
        let text = toml::to_string_pretty(&written)
            .map_err(|error| LibraryError::Damaged { path: path.clone(), reason: error.to_string() })?;
        write_atomic(&path, text.as_bytes()).map_err(LibraryError::io(&path))
    }

    /// Whether the user has to be asked for a name.
    pub fn needs_user(&self) -> bool {
        self.user.trim().is_empty()
    }

    /// Values that a hand-written file may have wrong, put right.
    fn sound(mut self) -> Preferences {
        self.ui_scale = if self.ui_scale.is_finite() { self.ui_scale.clamp(0.5, 4.0) } else { 1.0 };
        self
    }
}
