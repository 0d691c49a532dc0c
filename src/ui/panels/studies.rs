//! The list of films: whose they are, what they look like, and how far each has come.

use crate::export::wording;
use crate::study::Study;
use crate::ui::films::{Film, Films, State};
use crate::ui::intent::Intent;
use crate::ui::jobs::FilmId;
use crate::ui::theme::{self, size};
use egui::{Align2, Color32, CornerRadius, FontId, Frame, Id, Label, Margin, Panel, Rect, Role, ScrollArea};
use egui::{Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use egui_material_icons::icons::ICON_BROKEN_IMAGE;

const WIDTH: f32 = 240.0;
const ROW: f32 = 66.0;
const THUMBNAIL: f32 = 54.0;

pub fn show(ui: &mut Ui, films: &Films, open: &mut bool, intents: &mut Vec<Intent>) {
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::same(8));
    let panel = Panel::left("studies").default_size(WIDTH).size_range(180.0..=360.0).frame(frame);
    panel.show_collapsible(ui, open, |ui| {
        if let Some(study) = films.current().and_then(|film| film.study.as_ref()) {
            patient(ui, study);
            ui.separator();
        }
        let count = films.iter().len();
        let reviewed = films.iter().filter(|film| film.state() == State::Corrected).count();
        ui.horizontal(|ui| {
            ui.label(theme::bold(
                if count == 1 { "1 film".to_owned() } else { format!("{count} films") },
                size::TEXT,
            ));
            if reviewed > 0 {
                ui.label(theme::small(ui, format!("{reviewed} corrected")));
            }
        });
        list(ui, films, intents);
    });
}

fn patient(ui: &mut Ui, study: &Study) {
    let identity = &study.source().identity;
    ui.add(Label::new(theme::bold(wording::person(&identity.patient_name), size::VALUE)).truncate());
    let words = |parts: [String; 3]| {
        parts.into_iter().filter(|part| !part.is_empty() && part != "—").collect::<Vec<_>>().join(" · ")
    };
    let sex = match identity.patient_sex.trim() {
        "F" => "female",
        "M" => "male",
        other => other,
    };
    let who =
        words([wording::or_dash(&identity.patient_id), sex.to_owned(), wording::age(&identity.patient_age)]);
    let what = words([
        wording::date(&identity.study_date),
        identity.study_description.clone(),
        format!("{} {}", identity.modality, identity.view_position).trim().to_owned(),
    ]);
    for line in [who, what].into_iter().filter(|line| !line.is_empty()) {
        ui.add(Label::new(theme::small(ui, line)).wrap());
    }
}

fn list(ui: &mut Ui, films: &Films, intents: &mut Vec<Intent>) {
    let current = films.current().map(|film| film.id);
    let mut area = ScrollArea::vertical().auto_shrink(false);
    if let Some(offset) = scroll_to(ui, films, current) {
        area = area.vertical_scroll_offset(offset);
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    area.show_rows(ui, ROW, films.iter().len(), |ui, range| {
        for film in films.iter().skip(range.start).take(range.len()) {
            if row(ui, film, current == Some(film.id)) {
                intents.push(Intent::Show(film.id));
            }
        }
    });
}

/// Where the list must stand for a film that has just come onto the screen.
fn scroll_to(ui: &Ui, films: &Films, current: Option<FilmId>) -> Option<f32> {
    let key = Id::unique("film last scrolled to");
    let last = ui.data(|data| data.get_temp::<Option<FilmId>>(key)).flatten();
    if last == current {
        return None;
    }
    ui.data_mut(|data| data.insert_temp(key, current));
    let (place, _) = films.place();
    Some(((place - 1) as f32 * (ROW + 2.0) - 0.5 * ui.available_height() + ROW).max(0.0))
}

fn row(ui: &mut Ui, film: &Film, selected: bool) -> bool {
    let palette = theme::palette(ui);
    let state = film.state();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let words = format!("Study {}, {}", film.name(), state.text());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &words));
    let fill = if selected {
        palette.accent.gamma_multiply(0.22)
    } else if response.hovered() {
        palette.raised
    } else {
        Color32::TRANSPARENT
    };
    let painter = ui.painter_at(rect);
    painter.rect_filled(rect, CornerRadius::same(4), fill);
    if response.has_focus() {
        painter.rect_stroke(rect, 4.0, Stroke::new(1.0, palette.accent), StrokeKind::Inside);
    }
    let picture = Rect::from_min_size(rect.min + vec2(6.0, 6.0), vec2(THUMBNAIL, THUMBNAIL));
    painter.rect_filled(picture, 2.0, theme::film::GROUND);
    if let Some(thumbnail) = &film.thumbnail {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        let size = thumbnail.size_vec2();
        let shown = Rect::from_center_size(picture.center(), size * (THUMBNAIL / size.max_elem().max(1.0)));
        painter.image(thumbnail.id(), shown, whole, Color32::WHITE);
    } else if state == State::Failed {
        let font = FontId::new(26.0, ICON_BROKEN_IMAGE.font_family());
        painter.text(
            picture.center(),
            Align2::CENTER_CENTER,
            ICON_BROKEN_IMAGE.codepoint,
            font,
            theme::film::DIM,
        );
    }

    let left = picture.right() + 10.0;
    let right = rect.right() - 8.0;
    let line = |x: f32, y: f32, text: String, points: f32, colour: Color32, family: egui::FontFamily| {
        let mut job = egui::text::LayoutJob::simple_singleline(text, FontId::new(points, family), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(right - x);
        let galley = painter.layout_job(job);
        let place = Align2::LEFT_CENTER.anchor_size(pos2(x, y), galley.size());
        painter.galley(place.min, galley, colour);
    };
    let regular = egui::FontFamily::Proportional;
    let date = film.study.as_ref().map(|study| wording::date(&study.source().identity.study_date));
    let date = date.filter(|date| date != "—");
    // Two or three lines, in the middle of the row.
    let mut y = rect.center().y - if date.is_some() { 17.0 } else { 9.0 };
    line(left, y, film.name(), size::TEXT, palette.text, theme::bold_family());
    if let Some(date) = date {
        y += 17.0;
        line(left, y, date, size::SMALL, palette.dim, regular.clone());
    }
    y += 18.0;
    dot(&painter, pos2(left + 5.0, y), state, state_colour(ui, state));
    line(left + 15.0, y, state.text().to_owned(), size::SMALL, palette.dim, regular);
    response.on_hover_text(words).clicked()
}

fn state_colour(ui: &Ui, state: State) -> Color32 {
    let palette = theme::palette(ui);
    match state {
        State::Failed | State::Refused => palette.alert,
        State::Loading | State::New => palette.dim,
        State::Analysing | State::Predicted | State::Corrected => palette.accent,
    }
}

/// Told apart by shape as well as colour: hollow until a person has been there, a square where something failed.
fn dot(painter: &egui::Painter, at: egui::Pos2, state: State, colour: Color32) {
    match state {
        State::Corrected => {
            painter.circle_filled(at, 4.5, colour);
        }
        State::Predicted => {
            painter.circle_stroke(at, 4.0, Stroke::new(1.5, colour));
            painter.circle_filled(at, 1.5, colour);
        }
        State::Failed | State::Refused => {
            painter.rect_filled(Rect::from_center_size(at, vec2(8.0, 8.0)), 1.0, colour);
        }
        State::Loading | State::New | State::Analysing => {
            painter.circle_stroke(at, 4.0, Stroke::new(1.5, colour));
        }
    }
}
