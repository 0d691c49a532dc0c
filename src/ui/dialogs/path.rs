//! A path to type, where the desktop has no file dialog.

use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::jobs::Purpose;
use crate::ui::theme;
use egui::{Align2, Button, Key, Label, TextEdit, Ui, Window};
use std::path::PathBuf;

/// The field's text, and what it is for.
#[derive(Debug)]
pub struct PathField {
    purpose: Purpose,
    text: String,
    /// It has not had the focus yet.
    fresh: bool,
}

impl PathField {
    pub fn new(purpose: Purpose, suggestion: Option<PathBuf>) -> Self {
        let absolute = suggestion.map(|path| std::path::absolute(&path).unwrap_or(path));
        let text = absolute.map(|path| path.display().to_string()).unwrap_or_default();
        Self { purpose, text, fresh: true }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(self.text.trim())
    }

    /// What stands against going there, and whether it forbids it.
    fn objection(&self) -> Option<(&'static str, bool)> {
        let path = self.path();
        match self.purpose {
            _ if self.text.trim().is_empty() => Some(("Type a path.", true)),
            Purpose::Open if !path.exists() => Some(("There is nothing at this path.", true)),
            Purpose::Open => None,
            Purpose::Export(_) | Purpose::Deidentify(_) if path.is_dir() => {
                Some(("This is a folder; add a file name.", true))
            }
            Purpose::Deidentify(_) if path.exists() => Some(("This file exists; take another name.", true)),
            Purpose::Export(_) if path.exists() => Some(("This file exists and will be replaced.", false)),
            Purpose::Export(_) | Purpose::Deidentify(_)
                if path.parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir()) =>
            {
                None
            }
            Purpose::Export(_) | Purpose::Deidentify(_) => Some(("The folder does not exist.", true)),
        }
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let Some(field) = &mut workbench.dialogs.path else { return };
    let (title, name, verb) = match field.purpose {
        Purpose::Open => ("Open", "File or folder to open", "Open path"),
        Purpose::Export(_) => ("Export PDF", "Path of the report", "Write report"),
        Purpose::Deidentify(_) => ("De-identify", "Path of the copy", "Write copy"),
    };
    let mut done = false;
    let mut accepted = false;
    let window =
        Window::new(title).collapsible(false).resizable(false).anchor(Align2::CENTER_TOP, [0.0, 90.0]);
    window.show(ui.ctx(), |ui| {
        ui.set_width(520.0);
        let label = ui.label(name);
        let edit = ui.add(TextEdit::singleline(&mut field.text).desired_width(f32::INFINITY));
        let edit = edit.labelled_by(label.id);
        if std::mem::take(&mut field.fresh) {
            edit.request_focus();
        }
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let objection = field.objection();
        let allowed = objection.is_none_or(|(_, forbids)| !forbids);
        let words = objection.map_or(" ", |(words, _)| words);
        ui.add(Label::new(theme::small(ui, words)));
        ui.horizontal(|ui| {
            let verb = if matches!(objection, Some((_, false))) { "Replace" } else { verb };
            accepted = (ui.add_enabled(allowed, Button::new(verb)).clicked() || entered) && allowed;
            done = accepted || ui.button("Close").clicked();
        });
    });
    if accepted {
        intents.push(match field.purpose {
            Purpose::Open => Intent::Open(vec![field.path()]),
            Purpose::Export(film) => Intent::Export(film, field.path()),
            Purpose::Deidentify(film) => Intent::Deidentify(film, field.path()),
        });
    }
    if done {
        workbench.dialogs.path = None;
    }
}
