//! A film beside the one that the hand is on: its picture, masks, lines and points. It can be zoomed and moved; a click takes the
//! hand there.

use super::camera::{Extent, Stand};
use super::mask_picture::MaskPicture;
use super::masks::Masks;
use super::picture::Picture;
use super::pointer::zoom_by_wheel;
use super::{Overlay, furniture, overlay, plate, points};
use crate::ui::films::Film;
use crate::ui::gpu::Gpu;
use crate::ui::lang::tr;
use crate::ui::theme::{film as colours, size};
use egui::{Align2, FontId, Id, PointerButton, Rect, Role, Sense, Ui, WidgetInfo, vec2};
use std::sync::Arc;

/// The picture of such a film, kept between frames.
#[derive(Default)]
pub struct Glimpse {
    picture: Picture,
    mask_picture: MaskPicture,
}

/// What is drawn over films beside, as over the one that the hand is on.
#[derive(Clone, Copy)]
pub struct Over<'a> {
    /// Lines and points.
    pub level: Overlay,
    /// Overlay planes of the file.
    pub graphics: bool,
    /// What draws films; the processor without.
    pub gpu: Option<&'a Arc<Gpu>>,
    pub masks: &'a Masks,
    /// Masks are drawn at all.
    pub shows_masks: bool,
}

/// What the hand did there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Touch {
    /// It wants to work on this film.
    Taken,
    /// The camera went there.
    Moved(Stand),
}

impl Glimpse {
    /// Shows `film` in `room`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        room: Rect,
        place: usize,
        film: &mut Film,
        Over { level, graphics, gpu, masks, shows_masks }: Over,
    ) -> Option<Touch> {
        let response = ui.interact(room, Id::unique(("glimpse", place)), Sense::click_and_drag());
        let words = tr!("canvas.other", name = film.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
        let painter = ui.painter_at(room);
        let Some(opened) = film.opened().map(Arc::clone) else {
            painter.rect_filled(room, 0.0, colours::GROUND);
            let words = tr!("states.loading", name = film.name());
            let font = FontId::proportional(size::TEXT);
            painter.text(room.center(), Align2::CENTER_CENTER, words, font, colours::DIM);
            return response.clicked().then_some(Touch::Taken);
        };
        let extent = Extent::new(&opened.radiograph);
        let before = film.view.camera;
        let projection = film.view.camera.project(room, extent);
        if response.contains_pointer() {
            zoom_by_wheel(ui, &projection, &mut film.view.camera);
        }
        if response.dragged_by(PointerButton::Middle) {
            film.view.camera.pan(response.drag_delta(), &projection);
        }
        let touched = film.view.camera.stand(room, extent) != before.stand(room, extent);
        let projection = film.view.camera.project(room, extent);
        furniture::ground(&painter, room, projection.film());
        self.picture.paint(&painter, &projection, &opened, (&film.view, graphics), gpu);
        if let Some(study) = &film.study {
            if let Some(mask) = &study.annotations().mask {
                self.mask_picture.paint(&painter, &projection, (&opened, mask), masks, shows_masks);
            }
            if level.lines() {
                let points = points::on_screen(study, &projection);
                overlay::paint(&painter, &projection, study.construction(), points, None, &[]);
            }
            if level.points() {
                points::paint(&painter, &projection, study, None, None);
            }
            furniture::paint(&painter, &projection, &opened.radiograph, &study.spacing());
        }
        name(&painter, room, film);
        if (response.is_pointer_button_down_on() || response.clicked())
            && ui.input(|input| input.pointer.button_pressed(PointerButton::Primary))
        {
            return Some(Touch::Taken);
        }
        touched.then(|| Touch::Moved(film.view.camera.stand(room, extent)))
    }
}

/// Which film and of when: two films of one patient look alike.
fn name(painter: &egui::Painter, room: Rect, film: &Film) {
    let date =
        film.study.as_ref().map(|study| crate::ui::headings::date(&study.source().identity.study_date));
    let words = [film.name(), date.unwrap_or_default()].join("  ");
    let galley =
        painter.layout_no_wrap(words.trim().to_owned(), FontId::proportional(size::SMALL), colours::TEXT);
    // At the top, where no scale bar stands.
    let at = room.center_top() + vec2(0.0, 10.0);
    let rect = Align2::CENTER_TOP.anchor_size(at, galley.size());
    plate(painter, rect);
    painter.galley(rect.min, galley, colours::TEXT);
}
