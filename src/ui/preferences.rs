//! What a person settled about the window, kept between runs: a TOML in the folder where the system keeps configuration.

use super::lang::Language;
use crate::export::write_atomic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Greatest file that is read; nobody types more.
const MOST: u64 = 1 << 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub language: Language,
    pub light: bool,
    /// Size of everything, times that of the system.
    pub scale: f32,
    pub user: String,
    /// A network of the catalogue or one that was installed; the program's choice without.
    pub model: Option<String>,
    pub device: Device,
    pub cam_set: Cam,
    /// Millimetres of this screen that one point of the window takes; unknown until it was measured.
    pub screen_mm: Option<f64>,
    /// Frames a second of a stack that plays.
    pub frame_rate: f32,
    pub site: Site,
    pub layout: Layout,
    /// Colours over the film by name, `#RRGGBB`, where they are not the program's.
    pub colours: BTreeMap<String, String>,
    /// Keys by action, where they are not those of the table.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// Where networks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    #[default]
    Auto,
    Cpu,
    Cuda,
}

/// The threshold set of the alpha angle that new films begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cam {
    #[default]
    S5_65,
    Agricola60,
    Over55,
}

/// Head of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    pub name: String,
    pub logo: Option<PathBuf>,
}

/// The window as it was left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    pub studies: bool,
    pub findings: bool,
    /// Points of the window.
    pub studies_width: f32,
    pub findings_width: f32,
    /// Films beside each other: 1, 2 or 4.
    pub panes: u8,
    pub linked: bool,
    /// Width and height of the window, points.
    pub size: [f32; 2],
    pub maximised: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            studies: true,
            findings: true,
            studies_width: 240.0,
            findings_width: 340.0,
            panes: 1,
            linked: false,
            size: [1440.0, 900.0],
            maximised: false,
        }
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: Language::default(),
            light: false,
            scale: 1.0,
            user: String::new(),
            model: None,
            device: Device::default(),
            cam_set: Cam::default(),
            screen_mm: None,
            frame_rate: 10.0,
            site: Site::default(),
            layout: Layout::default(),
            colours: BTreeMap::new(),
            keys: BTreeMap::new(),
        }
    }
}

impl Preferences {
    /// Least and greatest size of everything, and of the rate of a stack that plays.
    pub const SCALES: std::ops::RangeInclusive<f32> = 0.75..=2.5;
    pub const RATES: std::ops::RangeInclusive<f32> = 1.0..=60.0;

    /// What the file holds; the program's own where there is no file.
    ///
    /// # Errors
    /// A file that cannot be read or understood, in a sentence that names it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let size = match std::fs::metadata(path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        if size > MOST {
            return Err(format!("{}: too large for preferences", path.display()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let read: Self =
            toml::from_str(&text).map_err(|error| format!("{}: {}", path.display(), error.message()))?;
        Ok(read.within_bounds())
    }

    /// Writes the whole file, or leaves the old one.
    ///
    /// # Errors
    /// In a sentence that names the file.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let told = |reason: String| format!("{}: {reason}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| told(error.to_string()))?;
        }
        let text = toml::to_string_pretty(self).map_err(|error| told(error.to_string()))?;
        write_atomic(path, text.as_bytes()).map_err(|error| told(error.to_string()))
    }

    /// Numbers that a hand wrote into the file may be anything.
    fn within_bounds(mut self) -> Self {
        let keep = |value: f32, range: &std::ops::RangeInclusive<f32>, otherwise: f32| {
            if value.is_finite() { value.clamp(*range.start(), *range.end()) } else { otherwise }
        };
        let own = Self::default();
        self.scale = keep(self.scale, &Self::SCALES, own.scale);
        self.frame_rate = keep(self.frame_rate, &Self::RATES, own.frame_rate);
        self.screen_mm = self.screen_mm.filter(|mm| (0.02..2.0).contains(mm));
        let layout = &mut self.layout;
        layout.studies_width = keep(layout.studies_width, &(180.0..=360.0), own.layout.studies_width);
        layout.findings_width = keep(layout.findings_width, &(300.0..=460.0), own.layout.findings_width);
        layout.size = layout.size.map(|side| keep(side, &(600.0..=16_000.0), 900.0));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_is_needed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("coxa/preferences.toml");
        assert_eq!(Preferences::read(&path), Ok(Preferences::default()));
        let mut preferences = Preferences {
            language: Language::German,
            light: true,
            scale: 1.25,
            screen_mm: Some(0.265),
            model: Some("x".to_owned()),
            cam_set: Cam::Agricola60,
            ..Preferences::default()
        };
        preferences.keys.insert("Fit".to_owned(), vec!["Ctrl+G".to_owned()]);
        preferences.site.name = "Klinik".to_owned();
        preferences.write(&path).expect("written");
        assert_eq!(Preferences::read(&path), Ok(preferences));
    }

    #[test]
    fn a_file_of_nonsense_is_named_and_numbers_out_of_bounds_are_brought_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("preferences.toml");
        std::fs::write(&path, "scale = \"large\"").expect("written");
        assert!(Preferences::read(&path).is_err_and(|reason| reason.contains("preferences.toml")));
        std::fs::write(&path, "scale = 900.0\nframe_rate = nan\nscreen_mm = -1.0\nof_later = 3")
            .expect("written");
        let read = Preferences::read(&path).expect("understood");
        assert_eq!((read.scale, read.frame_rate, read.screen_mm), (2.5, 10.0, None));
    }
}
