//! The list of films by patient, study and series: what they look like, how far each has come, and what else was found.

use super::queue;
use super::worklist::{self, Tab};
use crate::export::wording;
use crate::library::Layout;
use crate::study::Study;
use crate::ui::app::Workbench;
use crate::ui::films::{Film, Films, State};
use crate::ui::headings::{Headings, Object};
use crate::ui::intent::Intent;
use crate::ui::jobs::FilmId;
use crate::ui::lang::{fill, said, tr};
use crate::ui::theme::{self, size};
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FontFamily, FontId, Frame, Id, Label, Margin, Painter, Panel, Pos2,
};
use egui::{Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use egui_material_icons::icons::{ICON_BROKEN_IMAGE, ICON_DESCRIPTION, ICON_STAR};

const ROW: f32 = 66.0;
const GAP: f32 = 2.0;
const THUMBNAIL: f32 = 54.0;

pub fn show(ui: &mut Ui, workbench: &mut Workbench, layout: &mut Layout, intents: &mut Vec<Intent>) {
    let frame = Frame::new().fill(theme::palette(ui).panel).inner_margin(Margin::same(8));
    let panel =
        Panel::left("studies").default_size(layout.studies_width).size_range(180.0..=360.0).frame(frame);
    let shown = panel.show_collapsible(ui, &mut layout.studies, |ui| {
        queue::show(ui, &workbench.batch, intents);
        if let Some(study) = workbench.films.current().and_then(|film| film.study.as_ref()) {
            patient(ui, study);
            ui.separator();
        }
        if workbench.keeps() {
            worklist::tabs(ui, workbench);
        }
        match workbench.tab {
            Tab::Films => of_window(ui, &workbench.films, intents),
            Tab::Worklist => worklist::show(ui, workbench, intents),
            Tab::Recent => worklist::recent(ui, workbench, intents),
        }
    });
    if let Some(shown) = shown {
        layout.studies_width = shown.response.rect.width();
    }
}

/// The films that are open in this window.
fn of_window(ui: &mut Ui, films: &Films, intents: &mut Vec<Intent>) {
    let reviewed = films.iter().filter(|film| film.study.as_ref().is_some_and(corrected)).count();
    ui.horizontal(|ui| {
        ui.label(theme::bold(counted(films.iter().len(), ("studies.film", "studies.films")), size::TEXT));
        if !films.objects().is_empty() {
            ui.label(theme::small(ui, counted(films.objects().len(), ("studies.object", "studies.objects"))));
        }
        if reviewed > 0 {
            ui.label(theme::small(ui, tr!("studies.corrected", count = reviewed)));
        }
    });
    list(ui, films, intents);
}

fn corrected(study: &Study) -> bool {
    !study.corrections().is_empty()
}

/// By the key for one, and that for more.
fn counted(count: usize, (one, more): (&'static str, &'static str)) -> String {
    if count == 1 { tr!(one).to_owned() } else { fill(more, &[("count", &count)]) }
}

fn patient(ui: &mut Ui, study: &Study) {
    let identity = &study.source().identity;
    let name = wording::person(&identity.patient_name);
    let name = if name == "—" { tr!("studies.no_name").to_owned() } else { name };
    ui.add(Label::new(theme::bold(name, size::VALUE)).truncate());
    let words = |parts: [String; 3]| {
        parts.into_iter().filter(|part| !part.is_empty() && part != "—").collect::<Vec<_>>().join(" · ")
    };
    let sex = match identity.patient_sex.trim() {
        "F" => tr!("sex.female"),
        "M" => tr!("sex.male"),
        other => other,
    };
    let who = words([
        wording::or_dash(&identity.patient_id),
        sex.to_owned(),
        said(&wording::age(&identity.patient_age)),
    ]);
    let what = words([
        wording::date(&identity.study_date),
        identity.study_description.clone(),
        format!("{} {}", identity.modality, identity.view_position).trim().to_owned(),
    ]);
    for line in [who, what].into_iter().filter(|line| !line.is_empty()) {
        ui.add(Label::new(theme::small(ui, line)).wrap());
    }
}

/// A line of the tree.
enum Line<'a> {
    Patient(&'a str),
    Study(&'a str),
    Series(&'a str),
    Film(&'a Film),
    Object(&'a Object),
}

impl Line<'_> {
    fn height(&self) -> f32 {
        match self {
            Line::Patient(_) => 26.0,
            Line::Study(_) => 22.0,
            Line::Series(_) => 18.0,
            Line::Film(_) => ROW,
            Line::Object(_) => 34.0,
        }
    }
}

/// Patient → study → series → films and other objects, headings only where they change and say something.
fn lines(films: &Films) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut above: Option<&Headings> = None;
    let mut listed = vec![false; films.objects().len()];
    let mut films_iter = films.iter().peekable();
    while let Some(film) = films_iter.next() {
        head(&mut lines, &mut above, &film.headings);
        lines.push(Line::Film(film));
        // The objects of a series stand below its last film.
        if films_iter.peek().is_none_or(|next| !next.headings.same_series(&film.headings)) {
            for (object, listed) in films.objects().iter().zip(&mut listed) {
                if !*listed && object.headings.same_series(&film.headings) {
                    *listed = true;
                    lines.push(Line::Object(object));
                }
            }
        }
        // Those of other series of the study stand below its last film.
        if films_iter.peek().is_none_or(|next| !next.headings.same_study(&film.headings)) {
            for (object, listed) in films.objects().iter().zip(&mut listed) {
                if !*listed && object.headings.same_study(&film.headings) {
                    *listed = true;
                    head(&mut lines, &mut above, &object.headings);
                    lines.push(Line::Object(object));
                }
            }
        }
    }
    for (object, _) in films.objects().iter().zip(listed).filter(|(_, listed)| !listed) {
        head(&mut lines, &mut above, &object.headings);
        lines.push(Line::Object(object));
    }
    lines
}

fn head<'a>(lines: &mut Vec<Line<'a>>, above: &mut Option<&'a Headings>, headings: &'a Headings) {
    let same = |level: fn(&Headings, &Headings) -> bool| above.is_some_and(|above| level(above, headings));
    if !same(Headings::same_patient) {
        let words = headings.patient.words.as_str();
        // Nothing to tell apart: the demo, or pictures alone.
        if !words.is_empty() || above.is_some() {
            lines.push(Line::Patient(if words.is_empty() { tr!("studies.no_patient") } else { words }));
        }
    }
    if !same(Headings::same_study) && !headings.study.words.is_empty() {
        lines.push(Line::Study(&headings.study.words));
    }
    if !same(Headings::same_series) && !headings.series.words.is_empty() {
        lines.push(Line::Series(&headings.series.words));
    }
    *above = Some(headings);
}

fn list(ui: &mut Ui, films: &Films, intents: &mut Vec<Intent>) {
    let current = films.current().map(|film| film.id);
    let lines = lines(films);
    let tops: Vec<f32> = lines
        .iter()
        .scan(0.0, |top, line| {
            let here = *top;
            *top += line.height() + GAP;
            Some(here)
        })
        .collect();
    let total = tops.last().zip(lines.last()).map_or(0.0, |(top, line)| top + line.height());
    let mut area = ScrollArea::vertical().auto_shrink(false);
    let shown = lines.iter().position(|line| matches!(line, Line::Film(film) if Some(film.id) == current));
    if let Some(offset) = scroll_to(ui, current, shown.map(|index| tops[index])) {
        area = area.vertical_scroll_offset(offset);
    }
    let mut bare = Vec::new();
    area.show_viewport(ui, |ui, seen| {
        let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), total), Sense::hover());
        for (line, top) in lines.iter().zip(&tops) {
            if *top > seen.bottom() || top + line.height() < seen.top() {
                continue;
            }
            let corner = whole.min + vec2(0.0, *top);
            let rect = Rect::from_min_size(corner, vec2(whole.width(), line.height()));
            match line {
                Line::Patient(words) => heading(ui, rect, Level::Patient, words, 0.0, size::TEXT),
                Line::Study(words) => heading(ui, rect, Level::Study, words, 4.0, size::SMALL + 1.0),
                Line::Series(words) => heading(ui, rect, Level::Series, words, 8.0, size::SMALL),
                Line::Film(film) => {
                    if !film.previewed {
                        bare.push(film.id);
                    }
                    if row(ui, rect, film, current == Some(film.id)) {
                        intents.push(Intent::Show(film.id));
                    }
                }
                Line::Object(object) => {
                    if other(ui, rect, object) {
                        intents.push(Intent::Bring(object.path.clone()));
                    }
                }
            }
        }
    });
    // Only rows that can be seen are worth a thumbnail.
    if bare != films.seen() {
        intents.push(Intent::See(bare));
    }
}

/// Where the list must stand for a film that has just come onto the screen.
fn scroll_to(ui: &Ui, current: Option<FilmId>, top: Option<f32>) -> Option<f32> {
    let key = Id::unique("film last scrolled to");
    let last = ui.data(|data| data.get_temp::<Option<FilmId>>(key)).flatten();
    if last == current {
        return None;
    }
    ui.data_mut(|data| data.insert_temp(key, current));
    Some((top? - 0.5 * ui.available_height() + ROW).max(0.0))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Level {
    Patient,
    Study,
    Series,
}

impl Level {
    fn text(self) -> &'static str {
        match self {
            Level::Patient => tr!("studies.patient"),
            Level::Study => tr!("studies.study"),
            Level::Series => tr!("studies.series"),
        }
    }
}

fn heading(ui: &Ui, rect: Rect, level: Level, words: &str, indent: f32, points: f32) {
    let response = ui.interact(rect, Id::unique((level, rect.top() as i32, words)), Sense::hover());
    // "Series 4 · MR" says what it is by itself.
    let named = words.starts_with(level.text());
    let spoken = if named { words.to_owned() } else { format!("{} {words}", level.text()) };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let palette = theme::palette(ui);
    let (colour, family) = match level {
        Level::Series => (palette.dim, FontFamily::Proportional),
        _ => (palette.text, theme::bold_family()),
    };
    let at = pos2(rect.left() + indent, rect.center().y);
    text(&ui.painter_at(rect), at, rect.right(), words, points, colour, family);
    response.on_hover_text(words);
}

/// An object that is no image: what it is and of when.
fn other(ui: &Ui, rect: Rect, object: &Object) -> bool {
    let response = ui.interact(rect, Id::unique(("object", &object.path)), Sense::click());
    let words = tr!("studies.not_image", kind = object.kind, name = object.name, date = object.date);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let palette = theme::palette(ui);
    let painter = ui.painter_at(rect);
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, CornerRadius::same(4), palette.raised);
    }
    let icon = FontId::new(18.0, ICON_DESCRIPTION.font_family());
    let middle = pos2(rect.left() + 6.0 + 0.5 * THUMBNAIL, rect.center().y);
    painter.text(middle, Align2::CENTER_CENTER, ICON_DESCRIPTION.codepoint, icon, palette.dim);
    let left = rect.left() + 16.0 + THUMBNAIL;
    let up = pos2(left, rect.center().y - 7.0);
    text(&painter, up, rect.right(), &object.kind, size::SMALL, palette.text, FontFamily::Proportional);
    let down = pos2(left, rect.center().y + 8.0);
    let under = [object.name.as_str(), &object.date].join(" ");
    text(&painter, down, rect.right(), under.trim(), size::SMALL, palette.dim, FontFamily::Proportional);
    response.on_hover_text(format!("{words}\n{}", tr!("received.click"))).clicked()
}

/// One line, cut where the panel ends.
pub(super) fn text(
    painter: &Painter,
    at: Pos2,
    right: f32,
    words: &str,
    points: f32,
    colour: Color32,
    family: FontFamily,
) {
    let mut job = LayoutJob::simple_singleline(words.to_owned(), FontId::new(points, family), colour);
    job.wrap = TextWrapping::truncate_at_width(right - 4.0 - at.x);
    let galley = painter.layout_job(job);
    let place = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    painter.galley(place.min, galley, colour);
}

fn row(ui: &Ui, rect: Rect, film: &Film, selected: bool) -> bool {
    let palette = theme::palette(ui);
    let state = film.state();
    let response = ui.interact(rect, Id::unique(("film", film.id)), Sense::click());
    let mut words = tr!("studies.spoken", name = film.name(), state = state.text());
    if let Some(description) = &film.key_image {
        words = format!("{words}, {}", tr!("received.key", words = description));
    }
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

    if film.key_image.is_some() {
        let font = FontId::new(16.0, ICON_STAR.font_family());
        let corner = rect.right_top() + vec2(-6.0, 6.0);
        painter.text(corner, Align2::RIGHT_TOP, ICON_STAR.codepoint, font, palette.accent);
    }
    let left = picture.right() + 10.0;
    let line = |x: f32, y: f32, words: &str, points: f32, colour: Color32, family: FontFamily| {
        text(&painter, pos2(x, y), rect.right() - 4.0, words, points, colour, family);
    };
    let detail = detail(film);
    // Two or three lines, in the middle of the row.
    let mut y = rect.center().y - if detail.is_empty() { 9.0 } else { 17.0 };
    line(left, y, &film.name(), size::TEXT, palette.text, theme::bold_family());
    if !detail.is_empty() {
        y += 17.0;
        line(left, y, &detail, size::SMALL, palette.dim, FontFamily::Proportional);
    }
    y += 18.0;
    dot(&painter, pos2(left + 5.0, y), state, state_colour(ui, state));
    line(left + 15.0, y, state.text(), size::SMALL, palette.dim, FontFamily::Proportional);
    response.on_hover_text(words).clicked()
}

/// What tells a film from its neighbours: frames, size.
fn detail(film: &Film) -> String {
    let size = film.opened().map(|opened| {
        let film = &opened.radiograph;
        format!("{} × {}", film.columns, film.rows)
    });
    let frames = (film.stack.plane.is_none() && film.stack.scrolls())
        .then(|| tr!("studies.frames", count = film.stack.len()));
    let view = film.study.as_ref().map(|study| study.source().identity.view_position.trim().to_owned());
    let parts = [view, frames, size].into_iter().flatten().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}

pub(super) fn state_colour(ui: &Ui, state: State) -> Color32 {
    let palette = theme::palette(ui);
    match state {
        State::Failed | State::Refused => palette.alert,
        State::Loading | State::New => palette.dim,
        State::Analysing | State::Predicted | State::InReview | State::Corrected | State::SignedOff => {
            palette.accent
        }
    }
}

/// Told apart by shape as well as colour: hollow until a person has been there, half while one is, with a tick when it is
/// signed, a square where something failed.
pub(super) fn dot(painter: &egui::Painter, at: egui::Pos2, state: State, colour: Color32) {
    match state {
        State::Corrected => {
            painter.circle_filled(at, 4.5, colour);
        }
        State::InReview => {
            painter.circle_stroke(at, 4.0, Stroke::new(1.5, colour));
            let lower = Rect::from_min_max(pos2(at.x - 5.0, at.y), pos2(at.x + 5.0, at.y + 5.0));
            painter.with_clip_rect(lower.intersect(painter.clip_rect())).circle_filled(at, 4.0, colour);
        }
        State::SignedOff => {
            let tick = [vec2(-4.0, 0.0), vec2(-1.0, 3.5), vec2(4.5, -4.0)].map(|way| at + way);
            painter.line_segment([tick[0], tick[1]], Stroke::new(2.0, colour));
            painter.line_segment([tick[1], tick[2]], Stroke::new(2.0, colour));
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
