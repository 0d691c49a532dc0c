//! The saved versions of the film on the screen: when and by whom, where the reading stood, and what had been done.

use crate::library::Version;
use crate::ui::app::Workbench;
use crate::ui::film::State;
use crate::ui::intent::Intent;
use crate::ui::lang::{said, tr};
use crate::ui::terms;
use crate::ui::theme::{self, size};
use egui::{Align2, Button, Grid, Label, RichText, Role, ScrollArea, Ui, WidgetInfo, Window};

/// Width of what was done, points.
const DONE: f32 = 230.0;

#[derive(Debug, Default)]
pub struct VersionsState {
    pub open: bool,
    /// `None` while they are read.
    list: Option<Result<Vec<Version>, String>>,
}

impl VersionsState {
    pub fn read(&mut self, list: Result<Vec<Version>, String>) {
        self.list = Some(list);
    }

    pub fn close(&mut self) {
        *self = Self::default();
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let state = &mut workbench.dialogs.versions;
    if !state.open {
        state.list = None;
        return;
    }
    let mut open = true;
    let window = Window::new(tr!("action.Versions")).open(&mut open).collapsible(false).resizable(false);
    window.anchor(Align2::CENTER_CENTER, [0.0, 0.0]).show(ui.ctx(), |ui| {
        ui.set_width(680.0);
        match &state.list {
            None => {
                ui.spinner();
            }
            Some(Err(reason)) => {
                let words = RichText::new(reason).color(theme::palette(ui).alert);
                ui.add(Label::new(words).wrap());
            }
            Some(Ok(versions)) if versions.is_empty() => {
                ui.add(Label::new(tr!("versions.none")).wrap());
            }
            Some(Ok(versions)) => {
                ui.add(Label::new(theme::small(ui, tr!("versions.kept"))).wrap());
                ui.separator();
                table(ui, versions, intents);
            }
        }
    });
    state.open &= open;
}

/// The newest on top.
fn table(ui: &mut Ui, versions: &[Version], intents: &mut Vec<Intent>) {
    let height = ui.ctx().content_rect().height() - 260.0;
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        Grid::new("versions").num_columns(6).striped(true).spacing([16.0, 4.0]).show(ui, |ui| {
            let titles = [
                tr!("versions.version"),
                tr!("audit.when"),
                tr!("audit.who"),
                tr!("versions.status"),
                tr!("audit.what"),
            ];
            for title in titles {
                ui.label(theme::bold(title, size::SMALL + 1.0));
            }
            ui.end_row();
            for version in versions.iter().rev() {
                row(ui, version, intents);
                ui.end_row();
            }
        });
    });
}

fn row(ui: &mut Ui, version: &Version, intents: &mut Vec<Intent>) {
    ui.label(theme::bold(version.number.to_string(), size::TEXT));
    let Some((stamp, status)) = &version.saved else {
        ui.label(RichText::new(tr!("versions.damaged")).color(theme::palette(ui).alert));
        return;
    };
    ui.label(theme::small(ui, terms::time(stamp)));
    ui.label(terms::by(stamp));
    ui.label(State::from(*status).text());
    let done = match (&version.last, version.steps) {
        (None, _) => tr!("versions.no_steps").to_owned(),
        (Some(last), 1) => said(last),
        (Some(last), steps) => tr!("versions.steps", count = steps, last = last),
    };
    super::cell(ui, DONE, done);
    let look = ui.add(Button::new(tr!("versions.look")));
    let spoken = tr!("versions.look_at", number = version.number);
    look.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
    if look.clicked() {
        intents.push(Intent::LookBack(version.number));
    }
}
