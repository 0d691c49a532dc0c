//! The header of the file on the screen: every tag, private ones too, to be searched. Nothing can be changed.

use crate::imaging::TagLine;
use crate::ui::app::Workbench;
use crate::ui::lang::tr;
use crate::ui::theme::{self, size};
use egui::{Label, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, Window};
use std::path::PathBuf;

const ROW: f32 = 18.0;

/// What is read of a file, and what is looked for in it.
#[derive(Debug, Default)]
pub struct TagsState {
    pub path: PathBuf,
    /// `None` while it is read.
    pub result: Option<Result<Vec<TagLine>, String>>,
    search: String,
    private: bool,
}

impl TagsState {
    pub fn of(path: PathBuf) -> Self {
        Self { path, private: true, ..Self::default() }
    }

    /// Lines that hold every word of the search, in tag, name or value.
    fn found<'a>(&self, lines: &'a [TagLine]) -> Vec<&'a TagLine> {
        let words: Vec<String> = self.search.split_whitespace().map(str::to_lowercase).collect();
        let holds = |line: &&TagLine| {
            let text = format!("{} {} {} {}", line.tag, line.vr, line.name, line.value).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        lines.iter().filter(|line| self.private || !line.is_private()).filter(holds).collect()
    }
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    let Some(mut state) = workbench.dialogs.tags.take() else { return };
    let mut open = true;
    let room = ui.ctx().content_rect();
    let window = Window::new(tr!("action.Tags")).open(&mut open).collapsible(false);
    let window =
        window.default_size([720.0, 0.7 * room.height()]).default_pos(room.min + egui::vec2(260.0, 60.0));
    window.show(ui.ctx(), |ui| {
        let name = state.path.file_name().map(|name| name.to_string_lossy().into_owned());
        ui.label(theme::small(ui, tr!("tags.read_only", file = name.unwrap_or_default())));
        ui.horizontal(|ui| {
            let hint = tr!("tags.search");
            let edit = ui.add(TextEdit::singleline(&mut state.search).hint_text(hint).desired_width(260.0));
            edit.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, hint));
            ui.checkbox(&mut state.private, tr!("tags.private"));
        });
        ui.separator();
        match &state.result {
            None => {
                ui.spinner();
            }
            Some(Err(reason)) => {
                let colour = theme::palette(ui).alert;
                ui.add(Label::new(RichText::new(reason).color(colour)).wrap());
            }
            Some(Ok(lines)) => {
                let found = state.found(lines);
                ui.label(theme::small(ui, tr!("tags.count", count = found.len(), all = lines.len())));
                table(ui, &found);
            }
        }
    });
    workbench.dialogs.tags = open.then_some(state);
}

fn table(ui: &mut Ui, lines: &[&TagLine]) {
    let area = ScrollArea::vertical().auto_shrink(false);
    area.show_rows(ui, ROW, lines.len(), |ui, rows| {
        for line in &lines[rows] {
            let row = ui.horizontal(|ui| {
                let cell = |ui: &mut Ui, width: f32, text: RichText| {
                    ui.allocate_ui(egui::vec2(width, ROW), |ui| {
                        ui.set_width(width);
                        ui.add(Label::new(text).truncate());
                    });
                };
                ui.add_space(14.0 * line.depth as f32);
                cell(ui, 86.0, RichText::new(&line.tag).monospace().size(size::SMALL + 1.0));
                cell(ui, 22.0, theme::small(ui, &line.vr));
                let name = if line.is_private() { tr!("tags.is_private") } else { &line.name };
                cell(ui, 210.0, RichText::new(name).size(size::TEXT));
                let width = ui.available_width();
                cell(ui, width, RichText::new(&line.value).size(size::TEXT));
            });
            let words = format!("{} {} {}", line.tag, line.name, line.value);
            row.response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &words));
        }
    });
}
