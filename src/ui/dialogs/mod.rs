//! The few things that open over the window: a path to type, a command to find, the keys. None stops the work.

mod keys;
mod norms;
mod palette;
mod path;

pub use palette::PaletteState;
pub use path::PathField;

use super::app::Workbench;
use super::intent::Intent;
use egui::Ui;

/// What is open.
#[derive(Debug, Default)]
pub struct Dialogs {
    pub path: Option<PathField>,
    pub palette: Option<PaletteState>,
    pub keys: bool,
    pub norms: bool,
}

impl Dialogs {
    pub fn toggle_palette(&mut self) {
        self.palette = match self.palette.take() {
            Some(_) => None,
            None => Some(PaletteState::default()),
        };
    }

    /// Closes the one on top; `false` if none was open.
    pub fn close_top(&mut self) -> bool {
        self.palette.take().is_some()
            || self.path.take().is_some()
            || std::mem::take(&mut self.norms)
            || std::mem::take(&mut self.keys)
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    path::show(ui, workbench, intents);
    palette::show(ui, workbench, intents);
    norms::show(ui, workbench);
    keys::show(ui, workbench);
}

/// Whether the desktop may have file dialogs of its own. `COXA_NO_PORTAL` says that it has none.
pub fn has_file_dialogs() -> bool {
    std::env::var_os("COXA_NO_PORTAL").is_none()
}
