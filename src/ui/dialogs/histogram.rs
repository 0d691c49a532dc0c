//! How often each value of the film occurs, and which part of them the window shows.

use crate::imaging::Window as Voi;
use crate::ui::app::Workbench;
use crate::ui::jobs::Opened;
use crate::ui::lang::tr;
use crate::ui::theme;
use egui::{Align2, Painter, Rect, Role, Sense, Stroke, Ui, WidgetInfo, Window, pos2, vec2};
use std::sync::{Arc, Weak};

const BINS: usize = 256;
const SIZE: egui::Vec2 = vec2(320.0, 120.0);

/// Counts of one image, kept while it is on the screen.
#[derive(Debug, Default)]
pub struct HistogramState {
    pub open: bool,
    of: Weak<Opened>,
    counts: Vec<u64>,
}

/// Counts of the stored values over their range.
fn count(opened: &Opened) -> Vec<u64> {
    let (low, high) = opened.range;
    let span = (i64::from(high) - i64::from(low)).max(1) as f64;
    let mut counts = vec![0; BINS];
    for value in &opened.radiograph.stored {
        let share = (i64::from(*value) - i64::from(low)) as f64 / span;
        counts[((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    counts
}

pub fn show(ui: &mut Ui, workbench: &mut Workbench) {
    let state = &mut workbench.dialogs.histogram;
    let film = workbench.films.current();
    let Some((film, opened)) = film.and_then(|film| Some((film, film.opened()?))).filter(|_| state.open)
    else {
        return;
    };
    if state.of.upgrade().is_none_or(|of| !Arc::ptr_eq(&of, opened)) {
        state.counts = count(opened);
        state.of = Arc::downgrade(opened);
    }
    let voi = film.view.window(opened);
    let ends = [opened.range.0, opened.range.1].map(|stored| opened.radiograph.modality.apply(stored));
    let mut open = true;
    let window = Window::new(tr!("action.Histogram")).open(&mut open).collapsible(false).resizable(false);
    window.default_pos(ui.ctx().content_rect().left_bottom() + vec2(260.0, -240.0)).show(ui.ctx(), |ui| {
        let (rect, response) = ui.allocate_exact_size(SIZE, Sense::hover());
        let shown = [voi.center - 0.5 * voi.width, voi.center + 0.5 * voi.width];
        let unit = &opened.presentation.unit;
        let words = tr!(
            "histogram.spoken",
            from = format!("{:.0}", ends[0].min(ends[1])),
            to = format!("{:.0}", ends[0].max(ends[1])),
            low = format!("{:.0}", shown[0]),
            high = format!("{:.0}", shown[1]),
            unit = unit
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
        paint(ui, &ui.painter_at(rect), rect, &state.counts, ends, &voi);
        ui.label(theme::small(ui, words));
    });
    state.open = open;
}

/// Heights by the root, since air and metal outnumber bone by far.
fn paint(ui: &Ui, painter: &Painter, rect: Rect, counts: &[u64], ends: [f64; 2], voi: &Voi) {
    let palette = theme::palette(ui);
    painter.rect_filled(rect, 2.0, palette.ground);
    let span = ends[1] - ends[0];
    let x = |value: f64| {
        let share = if span == 0.0 { 0.0 } else { (value - ends[0]) / span };
        rect.left() + rect.width() * share.clamp(0.0, 1.0) as f32
    };
    let (low, high) = (x(voi.center - 0.5 * voi.width), x(voi.center + 0.5 * voi.width));
    let shown = Rect::from_x_y_ranges(low.min(high)..=low.max(high), rect.y_range());
    painter.rect_filled(shown, 0.0, palette.accent.gamma_multiply(0.25));
    let most = counts.iter().max().map_or(1.0, |most| (*most as f32).sqrt().max(1.0));
    for (index, count) in counts.iter().enumerate() {
        let left = rect.left() + rect.width() * index as f32 / counts.len() as f32;
        let height = (rect.height() - 4.0) * (*count as f32).sqrt() / most;
        let bottom = pos2(left, rect.bottom());
        painter.line_segment([bottom, bottom - vec2(0.0, height)], Stroke::new(1.0, palette.text));
    }
    painter.vline(x(voi.center), rect.y_range(), Stroke::new(1.0, palette.accent));
    if counts.is_empty() {
        painter.text(rect.center(), Align2::CENTER_CENTER, "–", egui::FontId::default(), palette.dim);
    }
}
