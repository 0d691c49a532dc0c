//! The few things that open over the window: a path to type, a command to find, the keys. None stops the work.

mod audit;
mod export;
mod handbook;
mod histogram;
mod keys;
mod norms;
mod palette;
mod path;
mod settings;
mod tags;
mod versions;

pub use audit::AuditState;
pub use export::ExportState;
pub use handbook::HandbookState;
pub use histogram::HistogramState;
pub use keys::{GESTURES, KeysState, gesture};
pub use palette::PaletteState;
pub use path::PathField;
pub use settings::SettingsState;
pub use tags::TagsState;
pub use versions::VersionsState;

use super::app::Workbench;
use super::intent::Intent;
use crate::imaging::TagLine;
use egui::Ui;
use std::path::PathBuf;

/// What is open.
#[derive(Debug, Default)]
pub struct Dialogs {
    pub path: Option<PathField>,
    pub palette: Option<PaletteState>,
    pub keys: KeysState,
    pub norms: bool,
    pub settings: SettingsState,
    pub tags: Option<TagsState>,
    pub histogram: HistogramState,
    pub audit: AuditState,
    pub versions: VersionsState,
    pub export: ExportState,
    pub handbook: Option<HandbookState>,
}

impl Dialogs {
    pub fn toggle_palette(&mut self) {
        self.palette = match self.palette.take() {
            Some(_) => None,
            None => Some(PaletteState::default()),
        };
    }

    /// The handbook at a page, or at `page#heading`.
    pub fn open_handbook(&mut self, link: &str) {
        self.handbook = Some(HandbookState::at(link));
    }

    /// The header of a file has been read; dropped where the browser has gone on to another.
    pub fn tags_read(&mut self, path: PathBuf, result: Result<Vec<TagLine>, String>) {
        if let Some(tags) = self.tags.as_mut().filter(|tags| tags.path == path) {
            tags.result = Some(result);
        }
    }

    /// Closes the one on top; `false` if none was open.
    pub fn close_top(&mut self) -> bool {
        self.palette.take().is_some()
            || self.path.take().is_some()
            || std::mem::take(&mut self.norms)
            || std::mem::take(&mut self.keys.open)
            || std::mem::take(&mut self.settings.open)
            || self.tags.take().is_some()
            || self.handbook.take().is_some()
            || std::mem::take(&mut self.audit.open)
            || std::mem::take(&mut self.versions.open)
            || std::mem::take(&mut self.export.open)
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    path::show(ui, workbench, intents);
    palette::show(ui, workbench, intents);
    norms::show(ui, workbench, intents);
    keys::show(ui, workbench);
    settings::show(ui, workbench, intents);
    tags::show(ui, workbench);
    histogram::show(ui, workbench);
    audit::show(ui, workbench);
    versions::show(ui, workbench, intents);
    export::show(ui, workbench, intents);
    handbook::show(ui, workbench);
}

/// Words in a cell of a table, so wide however short they are: a grid would break them to letters.
fn cell(ui: &mut Ui, width: f32, words: String) {
    ui.vertical(|ui| {
        ui.set_width(width);
        // On the line of the other cells, which stand in the middle of their row.
        ui.horizontal_wrapped(|ui| ui.label(words));
    });
}

/// Whether the desktop may have file dialogs of its own. `COXA_NO_PORTAL` says that it has none.
pub fn has_file_dialogs() -> bool {
    std::env::var_os("COXA_NO_PORTAL").is_none()
}
