//! A path to type, where the desktop has no file dialog.

use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use crate::ui::jobs::Purpose;
use crate::ui::lang::tr;
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
            _ if self.text.trim().is_empty() => Some((tr!("path.empty"), true)),
            Purpose::Open | Purpose::Reference if !path.exists() => Some((tr!("path.nothing"), true)),
            Purpose::Open | Purpose::Reference => None,
            _ if path.is_dir() => Some((tr!("path.folder"), true)),
            Purpose::Deidentify(_) if path.exists() => Some((tr!("path.exists"), true)),
            Purpose::Export(_) | Purpose::Sheet if path.exists() => Some((tr!("path.replaced"), false)),
            _ if path.parent().is_some_and(|folder| folder.as_os_str().is_empty() || folder.is_dir()) => None,
            _ => Some((tr!("path.no_folder"), true)),
        }
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let Some(field) = &mut workbench.dialogs.path else { return };
    let (title, name, verb) = match field.purpose {
        Purpose::Open => (tr!("action.Open"), tr!("path.open_field"), tr!("path.open")),
        Purpose::Export(_) => (tr!("action.Export"), tr!("path.report_field"), tr!("path.report")),
        Purpose::Deidentify(_) => (tr!("action.Deidentify"), tr!("path.copy_field"), tr!("path.copy")),
        Purpose::Sheet => (tr!("action.CheatSheet"), tr!("path.sheet_field"), tr!("path.sheet")),
        Purpose::Reference => {
            (tr!("path.reference_title"), tr!("path.reference_field"), tr!("path.reference"))
        }
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
            let verb = if matches!(objection, Some((_, false))) { tr!("path.replace") } else { verb };
            accepted = (ui.add_enabled(allowed, Button::new(verb)).clicked() || entered) && allowed;
            done = accepted || ui.button(tr!("dialog.close")).clicked();
        });
    });
    if accepted {
        intents.push(match field.purpose {
            Purpose::Open => Intent::Open(vec![field.path()]),
            Purpose::Export(film) => Intent::Export(film, field.path()),
            Purpose::Deidentify(film) => Intent::Deidentify(film, field.path()),
            Purpose::Sheet => Intent::SaveSheet(field.path()),
            Purpose::Reference => Intent::ScoreAgainst(field.path()),
        });
    }
    if done {
        workbench.dialogs.path = None;
    }
}
