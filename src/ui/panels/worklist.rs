//! The worklist: every case that was ever found, the most urgent first, and those opened last.

use super::studies::{dot, state_colour, text};
use crate::export::wording;
use crate::library::Entry;
use crate::study::ReviewStatus;
use crate::ui::app::Workbench;
use crate::ui::film::State;
use crate::ui::headings::date;
use crate::ui::intent::Intent;
use crate::ui::lang::{said, tr};
use crate::ui::theme::{self, size};
use egui::text::LayoutJob;
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Id, Label, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

const ROW: f32 = 66.0;
const GAP: f32 = 2.0;

/// What the panel of studies lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Films,
    Worklist,
    Recent,
}

/// The choice between them.
pub fn tabs(ui: &mut Ui, workbench: &mut Workbench) {
    let names = [
        (Tab::Films, tr!("worklist.open")),
        (Tab::Worklist, tr!("worklist.title")),
        (Tab::Recent, tr!("worklist.recent")),
    ];
    ui.horizontal(|ui| {
        for (tab, name) in names {
            ui.selectable_value(&mut workbench.tab, tab, name);
        }
    });
    ui.add_space(2.0);
}

/// Counts, which filter, and the cases.
pub fn show(ui: &mut Ui, workbench: &mut Workbench, intents: &mut Vec<Intent>) {
    let counts = &workbench.listed.counts;
    let count = |of: &[ReviewStatus]| {
        counts.iter().filter(|(status, _)| of.contains(status)).map(|(_, count)| count).sum::<usize>()
    };
    let waiting = count(&[ReviewStatus::Predicted, ReviewStatus::InReview, ReviewStatus::Corrected]);
    ui.label(theme::bold(tr!("worklist.to_review", count = waiting), size::TEXT));
    let mut only = workbench.only;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 3.0);
        let all = counts.iter().map(|(_, count)| count).sum::<usize>();
        let failed = workbench.listed.failed;
        let mut chips = vec![(State::Refused, failed)];
        chips.extend(counts.iter().map(|(status, count)| match status {
            // A film whose analysis failed is new on the disk.
            ReviewStatus::New => (State::New, count.saturating_sub(failed)),
            _ => (State::from(*status), *count),
        }));
        let chips = chips.into_iter().map(|(state, count)| (Some(state), state.text(), count));
        let chips = chips.filter(|(state, _, count)| *count > 0 || workbench.only == *state);
        for (state, name, count) in [(None, tr!("worklist.all"), all)].into_iter().chain(chips) {
            let words = format!("{name} {count}");
            if ui.selectable_label(only == state, theme::small(ui, words)).clicked() {
                only = state;
            }
        }
    });
    workbench.only = only;
    let entries: Vec<&Entry> = workbench.cases().collect();
    if entries.is_empty() {
        ui.add(Label::new(theme::small(ui, tr!("worklist.empty"))).wrap());
    }
    list(ui, workbench, &entries, intents);
}

pub fn recent(ui: &mut Ui, workbench: &Workbench, intents: &mut Vec<Intent>) {
    let entries: Vec<&Entry> = workbench.listed.recent.iter().collect();
    if entries.is_empty() {
        ui.add(Label::new(theme::small(ui, tr!("worklist.none_recent"))).wrap());
    }
    list(ui, workbench, &entries, intents);
}

fn list(ui: &mut Ui, workbench: &Workbench, entries: &[&Entry], intents: &mut Vec<Intent>) {
    let current = workbench.films.current();
    ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, seen| {
        let total = entries.len() as f32 * (ROW + GAP);
        let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), total), Sense::hover());
        let first = (seen.top() / (ROW + GAP)).floor().max(0.0) as usize;
        let last = (seen.bottom() / (ROW + GAP)).ceil().max(0.0) as usize;
        for (index, entry) in entries.iter().enumerate().take(last).skip(first) {
            let corner = whole.min + vec2(0.0, index as f32 * (ROW + GAP));
            let rect = Rect::from_min_size(corner, vec2(whole.width(), ROW));
            let selected = current.is_some_and(|film| film.stack.holds(&entry.path));
            if row(ui, rect, entry, selected) {
                intents.push(Intent::ShowListed(entry.path.clone()));
            }
        }
    });
}

/// Who, when and what; where the reading stands; and why the case stands where it does.
fn row(ui: &Ui, rect: Rect, entry: &Entry, selected: bool) -> bool {
    let palette = theme::palette(ui);
    let state = State::from(entry);
    let response = ui.interact(rect, Id::unique(("case", &entry.path)), Sense::click());
    let file = entry.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name = wording::person(&entry.patient_name);
    let name = if name == "—" { file.clone() } else { name };
    let failure = entry.failure.as_deref().filter(|_| state == State::Refused);
    let reason = entry.urgency.as_ref().map(|urgency| urgency.reason.as_str()).or(failure).map(said);
    let mut spoken = tr!("worklist.spoken", name = name, file = file, state = state.text());
    if let Some(failure) = failure {
        spoken = format!("{spoken}: {}", said(failure));
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &spoken));
    let fill = match (selected, response.hovered()) {
        (true, _) => palette.accent.gamma_multiply(0.22),
        (false, true) => palette.raised,
        _ => Color32::TRANSPARENT,
    };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(4), fill);
    if response.has_focus() {
        painter.rect_stroke(rect, 4.0, Stroke::new(1.0, palette.accent), StrokeKind::Inside);
    }
    let (left, right) = (rect.left() + 24.0, rect.right() - 4.0);
    let line = |y: f32, words: &str, points: f32, colour: Color32, family: FontFamily| {
        text(&painter, pos2(left, rect.top() + y), right, words, points, colour, family);
    };
    dot(&painter, pos2(rect.left() + 12.0, rect.top() + 12.0), state, state_colour(ui, state));
    line(12.0, &name, size::TEXT, palette.text, theme::bold_family());
    let what = [date(&entry.study_date), entry.study_description.trim().to_owned(), entry.patient_id.clone()];
    let what: Vec<String> = what.into_iter().filter(|part| !part.is_empty()).collect();
    line(27.0, &what.join(" · "), size::SMALL, palette.dim, FontFamily::Proportional);
    let colour = if failure.is_some() { palette.alert } else { palette.dim };
    // What is urgent in it is worth two lines.
    let why = reason.as_deref().unwrap_or(state.text());
    let mut job =
        LayoutJob::simple(why.to_owned(), FontId::proportional(size::SMALL), colour, right - 4.0 - left);
    job.wrap.max_rows = 2;
    painter.galley(pos2(left, rect.top() + 34.0), painter.layout_job(job), colour);
    let hover = match &entry.urgency {
        Some(urgency) => {
            tr!("worklist.why", reason = urgency.reason, value = format!("{:.2}", urgency.value))
        }
        None => spoken.clone(),
    };
    response.on_hover_text(hover).clicked()
}
