//! What a user and a site have settled, the window's layout included: one TOML file in the configuration folder, written
//! whole. A part that this program does not know stays in the file: it may be of a later one.

use super::LibraryError;
use super::home;
use crate::disk::write_atomic;
use crate::measure::protocol::CamSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The version that this program writes. 0 (no version at all) and 1 are read too.
pub const PREFERENCES_VERSION: u32 = 2;

/// In the configuration folder.
const FILE: &str = "preferences.toml";

/// Greatest file that is read; nobody types more.
const MOST: u64 = 1 << 20;

/// Everything has a default, so that a file may hold only what was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub format_version: u32,
    pub language: Language,
    pub light: bool,
    /// Size of everything, times that of the system.
    pub scale: f32,
    /// Asked once; empty until then. Stands on every step and signature.
    pub user: String,
    /// A network of the catalogue or one that was installed; the program's choice without.
    pub model: Option<String>,
    pub device: Device,
    /// What computes the greys of films on the screen.
    pub greys: Greys,
    /// Threshold set of the alpha angle that new films begin with.
    pub cam_set: CamSet,
    /// Millimetres of this screen that one point of the window takes; unknown until it was measured.
    pub screen_mm: Option<f64>,
    /// Frames a second of a stack that plays.
    pub frame_rate: f32,
    pub site: Site,
    pub layout: Layout,
    /// Colours over the film by name, `#RRGGBB`, where they are not the program's.
    pub colours: BTreeMap<String, String>,
    /// Keys by action, where they are not those of the table; none takes them away.
    pub keys: BTreeMap<String, Vec<String>>,
    /// What the file holds beside.
    #[serde(flatten)]
    pub rest: Table,
}

/// A language that the window speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "de")]
    German,
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

/// What computes the greys of films on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Greys {
    /// The graphics card, unless the processor plays it.
    #[default]
    Auto,
    Gpu,
    Cpu,
}

/// Head of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Site {
    pub name: String,
    pub logo: Option<PathBuf>,
    #[serde(flatten)]
    pub rest: Table,
}

/// The window as it was left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    #[serde(flatten)]
    pub rest: Table,
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
            rest: Table::new(),
        }
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            format_version: PREFERENCES_VERSION,
            language: Language::default(),
            light: false,
            scale: 1.0,
            user: String::new(),
            model: None,
            device: Device::default(),
            greys: Greys::default(),
            cam_set: CamSet::default(),
            screen_mm: None,
            frame_rate: 10.0,
            site: Site::default(),
            layout: Layout::default(),
            colours: BTreeMap::new(),
            keys: BTreeMap::new(),
            rest: Table::new(),
        }
    }
}

impl Preferences {
    /// Least and greatest size of everything, and of the rate of a stack that plays.
    pub const SCALES: RangeInclusive<f32> = 0.75..=2.5;
    pub const RATES: RangeInclusive<f32> = 1.0..=60.0;

    /// The user's file: `COXA_PREFERENCES`, or `preferences.toml` in the [configuration folder](home::configuration);
    /// `None` where the system has no such folder.
    pub fn path() -> Option<PathBuf> {
        home::set("COXA_PREFERENCES").or_else(|| Some(home::configuration()?.join(FILE)))
    }

    /// What the file holds; the program's own where there is no file.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or is of a newer program. It is left as it is: go on with the defaults, say
    /// so, and do not write over it.
    pub fn read(path: &Path) -> Result<Self, LibraryError> {
        let size = match fs::metadata(path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(LibraryError::io(path)(error)),
        };
        let damaged = |reason: String| LibraryError::Damaged { path: path.to_owned(), reason };
        if size > MOST {
            return Err(damaged("too large for preferences".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(LibraryError::io(path))?;
        let not_understood = |error: toml::de::Error| damaged(error.message().to_owned());
        let mut table: Table = toml::from_str(&text).map_err(not_understood)?;
        let version = table.get("format_version").and_then(Value::as_integer).unwrap_or(0);
        if version > i64::from(PREFERENCES_VERSION) {
            return Err(damaged(format!("written by a newer program (format {version})")));
        }
        if version < i64::from(PREFERENCES_VERSION) {
            modernise(&mut table);
        }
        let read: Self = table.try_into().map_err(not_understood)?;
        Ok(read.within_bounds())
    }

    /// Writes the whole file, or leaves the old one.
    ///
    /// # Errors
    /// The folder cannot be made, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), LibraryError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(LibraryError::io(path))?;
        }
        let text = toml::to_string_pretty(self)
            .map_err(|error| LibraryError::Damaged { path: path.to_owned(), reason: error.to_string() })?;
        write_atomic(path, text.as_bytes()).map_err(LibraryError::io(path))
    }

    /// Whether the user has to be asked for a name.
    pub fn needs_user(&self) -> bool {
        self.user.trim().is_empty()
    }

    /// Numbers that a hand wrote into the file may be anything.
    fn within_bounds(mut self) -> Self {
        let keep = |value: f32, range: &RangeInclusive<f32>, otherwise: f32| {
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

/// Brings a file of an older program to this version. The window of version 0 wrote threshold sets under names of its own;
/// version 1 had names of its own for theme and size, one key an action, and devices by number.
fn modernise(table: &mut Table) {
    table.insert("format_version".to_owned(), i64::from(PREFERENCES_VERSION).into());
    if let Some(theme) = table.remove("theme") {
        table.entry("light").or_insert((theme.as_str() == Some("light")).into());
    }
    if let Some(scale) = table.remove("ui_scale") {
        table.entry("scale").or_insert(scale);
    }
    let renamed = |old: &str| match old {
        "agricola60" => Some("agricola_60"),
        "over55" => Some("55"),
        _ if old.starts_with("cuda:") => Some("cuda"),
        _ => None,
    };
    for key in ["cam_set", "device"] {
        if let Some(value) = table.get_mut(key)
            && let Some(new) = value.as_str().and_then(renamed)
        {
            *value = new.into();
        }
    }
    for (_, keys) in table.get_mut("keys").and_then(Value::as_table_mut).into_iter().flatten() {
        if let Value::String(key) = keys {
            let one = (!key.is_empty()).then(|| Value::String(std::mem::take(key)));
            *keys = Value::Array(one.into_iter().collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("coxa/preferences.toml");
        fs::create_dir(folder.path().join("coxa")).expect("a folder");
        (folder, path)
    }

    fn read(path: &Path, text: &str) -> Preferences {
        fs::write(path, text).expect("by hand");
        Preferences::read(path).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    #[test]
    fn what_is_written_is_read_and_nothing_is_needed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("not/yet/there.toml");
        let mut preferences = Preferences::read(&path).expect("defaults");
        assert_eq!(preferences, Preferences::default());
        assert!(preferences.needs_user());
        preferences = Preferences {
            language: Language::German,
            light: true,
            scale: 1.25,
            user: "Dr A".to_owned(),
            model: Some("x".to_owned()),
            device: Device::Cuda,
            greys: Greys::Gpu,
            cam_set: CamSet::Agricola60,
            screen_mm: Some(0.265),
            ..preferences
        };
        preferences.keys.insert("Fit".to_owned(), vec!["Ctrl+G".to_owned(), "F".to_owned()]);
        preferences.keys.insert("Invert".to_owned(), Vec::new());
        preferences.colours.insert("reference".to_owned(), "#102030".to_owned());
        preferences.site.name = "Klinik".to_owned();
        preferences.layout.panes = 4;
        preferences.write(&path).expect("written");
        assert_eq!(Preferences::read(&path).expect("read"), preferences);
        assert!(!preferences.needs_user());
        let left = fs::read_dir(path.parent().expect("a folder")).expect("listed").count();
        assert_eq!(left, 1, "no half-written file beside it");
    }

    /// As the window of the first releases wrote it.
    #[test]
    fn the_file_of_an_older_window_is_read() {
        let (_folder, path) = file();
        let old = "language = \"de\"\nlight = true\nscale = 1.5\nuser = \"A\"\ndevice = \"cpu\"\n\
                   cam_set = \"agricola60\"\nframe_rate = 12.0\n[site]\nname = \"K\"\nlogo = \"/l.png\"\n\
                   [layout]\nstudies = false\nfindings = true\nstudies_width = 200.0\nfindings_width = 320.0\n\
                   panes = 2\nlinked = true\nsize = [1280.0, 800.0]\nmaximised = false\n\
                   [colours]\n[keys]\nInvert = [\"J\"]\n";
        let read = read(&path, old);
        assert_eq!((read.format_version, read.language), (PREFERENCES_VERSION, Language::German));
        assert_eq!((read.light, read.scale, read.frame_rate), (true, 1.5, 12.0));
        assert_eq!((read.device, read.cam_set), (Device::Cpu, CamSet::Agricola60));
        assert_eq!(read.site.logo.as_deref(), Some(Path::new("/l.png")));
        assert_eq!((read.layout.studies, read.layout.panes, read.layout.linked), (false, 2, true));
        assert_eq!(read.keys.get("Invert"), Some(&vec!["J".to_owned()]));
        assert!(read.rest.is_empty() && read.layout.rest.is_empty(), "everything is known: {:?}", read.rest);
    }

    #[test]
    fn a_file_of_version_1_is_read() {
        let (_folder, path) = file();
        let old = "format_version = 1\nuser = \"B\"\nlanguage = \"en\"\ntheme = \"light\"\nui_scale = 99.0\n\
                   device = \"cuda:0\"\ncam_set = \"55\"\n[keys]\nundo = \"Ctrl+U\"\nredo = \"\"\n";
        let read = read(&path, old);
        assert_eq!((read.user.as_str(), read.light, read.scale), ("B", true, 2.5));
        assert_eq!((read.device, read.cam_set), (Device::Cuda, CamSet::Over55));
        assert_eq!(read.keys["undo"], ["Ctrl+U"]);
        assert!(read.keys["redo"].is_empty());
    }

    #[test]
    fn what_is_not_known_stays_in_the_file() {
        let (_folder, path) = file();
        let text = "user = \"A\"\nof_later = 3\n[site]\nname = \"K\"\nward = \"4b\"\n[layout]\npanes = 2\ndock = [1, 2]\n\
                    [[norms]]\ntable = \"t\"\nby = \"C\"\n";
        let mut preferences = read(&path, text);
        preferences.user = "B".to_owned();
        preferences.write(&path).expect("written");
        let written: Table = toml::from_str(&fs::read_to_string(&path).expect("there")).expect("TOML");
        let before: Table = toml::from_str(text).expect("TOML");
        assert_eq!(written["user"].as_str(), Some("B"));
        assert_eq!(written["of_later"], before["of_later"]);
        assert_eq!(written["norms"], before["norms"]);
        assert_eq!(written["site"]["ward"], before["site"]["ward"]);
        assert_eq!(written["layout"]["dock"], before["layout"]["dock"]);
        // What is known and was taken away does not come back.
        let mut preferences = read(&path, "model = \"x\"\n[keys]\nFit = [\"G\"]\n");
        preferences.model = None;
        preferences.keys.clear();
        preferences.write(&path).expect("written");
        assert_eq!(Preferences::read(&path).expect("read"), Preferences::default());
    }

    #[test]
    fn a_file_of_nonsense_is_named_and_numbers_out_of_bounds_are_brought_in() {
        let (_folder, path) = file();
        for wrong in
            ["user = ", "scale = \"large\"", "language = \"tlh\"", "format_version = 7\n", "keys = 3"]
        {
            fs::write(&path, wrong).expect("by hand");
            let error = Preferences::read(&path).expect_err(wrong).to_string();
            assert!(error.contains("preferences.toml"), "{error}");
        }
        let read =
            read(&path, "scale = 900.0\nframe_rate = nan\nscreen_mm = -1.0\n[layout]\nsize = [1, 1e9]");
        assert_eq!((read.scale, read.frame_rate, read.screen_mm), (2.5, 10.0, None));
        assert_eq!(read.layout.size, [600.0, 16_000.0]);
    }
}
