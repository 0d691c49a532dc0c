//! The viewport: film, overlay, points, loupe, and the hand on mouse and keys.

mod camera;
mod drafts;
mod furniture;
mod grey;
mod keys;
mod labels;
mod loupe;
mod overlay;
mod picture;
mod pointer;
pub mod points;
mod resample;
mod tool;

pub use camera::{Camera, Extent, Projection};
pub use grey::{Grey, choices};
pub use tool::{Draft, Tool};

use super::films::Film;
use super::intent::{Intent, Row};
use super::theme::film as colours;
use crate::imaging::{Radiograph, Window};
use crate::measure::LandmarkId;
use crate::study::Study;
use egui::{Id, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};
use loupe::Loupe;
use picture::Picture;
use pointer::Grip;
use std::sync::Arc;

/// How a film is shown; each film keeps its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The file's window, kept because finding it may need every pixel.
    pub default_window: Window,
    pub grey: Grey,
    pub invert: bool,
    pub camera: Camera,
}

impl Default for View {
    fn default() -> Self {
        let default_window = Window { center: 0.5, width: 1.0 };
        Self { default_window, grey: Grey::default(), invert: false, camera: Camera::default() }
    }
}

/// How much is drawn over the film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlay {
    #[default]
    All,
    Lines,
    Points,
    Nothing,
}

impl Overlay {
    pub fn next(self) -> Self {
        match self {
            Overlay::All => Overlay::Lines,
            Overlay::Lines => Overlay::Points,
            Overlay::Points => Overlay::Nothing,
            Overlay::Nothing => Overlay::All,
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Overlay::All => "all",
            Overlay::Lines => "lines",
            Overlay::Points => "points",
            Overlay::Nothing => "bare film",
        }
    }

    fn lines(self) -> bool {
        matches!(self, Overlay::All | Overlay::Lines)
    }

    fn points(self) -> bool {
        matches!(self, Overlay::All | Overlay::Points)
    }
}

/// The pixel under the cursor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    pub x: usize,
    pub y: usize,
    /// Modality value.
    pub value: f64,
}

/// State of the viewport.
pub struct Canvas {
    pub selected: Option<LandmarkId>,
    pub overlay: Overlay,
    /// Overlay planes of the file are drawn.
    pub graphics: bool,
    /// A measurement or finding whose lines shall stand out.
    pub highlight: Option<Row>,
    pub probe: Option<Probe>,
    pub tool: Tool,
    pub draft: Draft,
    /// The film is shown bare while a key is held.
    peek: bool,
    hovered: Option<LandmarkId>,
    grip: Grip,
    /// Arrow keys are moving the point; letting them go ends the step.
    nudging: bool,
    /// Notches of the wheel that have not made a slice yet.
    scrolled: f32,
    picture: Picture,
    loupe: Loupe,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            selected: None,
            overlay: Overlay::default(),
            graphics: true,
            highlight: None,
            probe: None,
            tool: Tool::default(),
            draft: Draft::default(),
            peek: false,
            hovered: None,
            grip: Grip::default(),
            nudging: false,
            scrolled: 0.0,
            picture: Picture::default(),
            loupe: Loupe::default(),
        }
    }
}

impl Canvas {
    /// Takes up a tool, with nothing drawn yet.
    pub fn take(&mut self, tool: Tool) {
        self.tool = tool;
        self.draft = Draft::default();
    }

    /// Keyboard focus of the film itself.
    pub fn id() -> Id {
        Id::unique("film")
    }

    /// Lets go of whatever the pointer or the keys hold; `false` if they held nothing.
    pub fn release(&mut self) -> bool {
        let held = !matches!(self.grip, Grip::Nothing) || self.nudging;
        self.grip = Grip::Nothing;
        self.nudging = false;
        held
    }

    /// The landmark so many places on from the selected one, round and round in anatomical order.
    pub fn neighbour(&self, study: &Study, steps: isize) -> Option<LandmarkId> {
        let order = points::order(study);
        let at = self.selected.as_ref().and_then(|id| order.iter().position(|other| other == id));
        let next = match at {
            Some(at) => (at as isize + steps).rem_euclid(order.len() as isize) as usize,
            None if steps > 0 => 0,
            None => order.len() - 1,
        };
        order.into_iter().nth(next)
    }

    /// The grey of the film at a place of the screen, as drawn.
    pub fn shown_grey(&self, at: Pos2) -> Option<u8> {
        self.picture.shown(at)
    }

    fn shown(&self) -> Overlay {
        if self.peek { Overlay::Nothing } else { self.overlay }
    }
}

/// Shows the film in what is left of `ui`; does nothing until its pixels are there.
pub fn show(ui: &mut Ui, film: &mut Film, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    let Some(opened) = film.opened().map(Arc::clone) else { return };
    let radiograph = &opened.radiograph;
    let Some(study) = &film.study else { return };
    let viewport = ui.available_rect_before_wrap();
    let response = ui.interact(viewport, Canvas::id(), Sense::click_and_drag());
    let name = format!("Film {}", film.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    ui.advance_cursor_after_rect(viewport);

    let extent = Extent::new(radiograph);
    let projection = film.view.camera.project(viewport, extent);
    canvas.hovered = hovered(ui, &response, canvas, study, &projection);
    keys::handle(ui, &response, canvas, study, intents);
    let hand = pointer::Scene { projection: &projection, opened: &opened, study, stack: &film.stack };
    pointer::handle(ui, &response, &hand, &mut film.view, canvas, intents);

    // Drawn with the camera as the hand left it, not a frame behind.
    let projection = film.view.camera.project(viewport, extent);
    let painter = ui.painter_at(viewport);
    ground(&painter, viewport, projection.film());
    let graphics = canvas.graphics && !canvas.peek;
    canvas.picture.paint(&painter, &projection, &opened, &film.view, graphics);
    let shown = canvas.shown();
    if shown.lines() {
        let points = points::on_screen(study, &projection);
        overlay::reference(&painter, &projection, study);
        overlay::paint(&painter, &projection, study.construction(), points, canvas.highlight);
    }
    if shown != Overlay::Nothing {
        drafts::calibrations(&painter, &projection, study);
    }
    drafts::paint(&painter, &projection, film, &canvas.draft, canvas.tool);
    if shown.points() {
        points::paint(&painter, &projection, study, canvas.selected.as_ref(), canvas.hovered.as_ref());
    }
    points::name_for_screen_readers(ui, &projection, study, intents);
    furniture::paint(&painter, &projection, radiograph, &study.spacing(), canvas.unplaced(study));
    if let Grip::Point { id, .. } = &canvas.grip {
        canvas.loupe.paint(ui, &projection, &canvas.picture, study, id);
    }
    canvas.probe = probe(ui, &response, &projection, radiograph);
}

impl Canvas {
    /// The selected landmark, where it has no place yet: a click gives it one.
    fn unplaced(&self, study: &Study) -> Option<&LandmarkId> {
        let id = self.selected.as_ref()?;
        let placed = study.annotations().landmarks.get(id).is_some_and(|point| point.position().is_some());
        (!placed).then_some(id)
    }
}

/// The ground beside the film: what the film covers is not painted twice.
fn ground(painter: &egui::Painter, viewport: Rect, film: Rect) {
    // The film ends within a pixel of the screen.
    let film = film.shrink(1.0).intersect(viewport);
    if !film.is_positive() {
        painter.rect_filled(viewport, 0.0, colours::GROUND);
        return;
    }
    let corners =
        |left, top, right, bottom| Rect::from_min_max(egui::pos2(left, top), egui::pos2(right, bottom));
    for side in [
        corners(viewport.left(), viewport.top(), viewport.right(), film.top()),
        corners(viewport.left(), film.bottom(), viewport.right(), viewport.bottom()),
        corners(viewport.left(), film.top(), film.left(), film.bottom()),
        corners(film.right(), film.top(), viewport.right(), film.bottom()),
    ] {
        painter.rect_filled(side, 0.0, colours::GROUND);
    }
}

fn hovered(
    ui: &Ui,
    response: &Response,
    canvas: &Canvas,
    study: &Study,
    projection: &Projection,
) -> Option<LandmarkId> {
    if let Grip::Point { id, .. } = &canvas.grip {
        return Some(id.clone());
    }
    let cursor = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer())?;
    if canvas.shown().points() { points::hit(study, projection, cursor) } else { None }
}

fn probe(ui: &Ui, response: &Response, projection: &Projection, radiograph: &Radiograph) -> Option<Probe> {
    let cursor = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer())?;
    let at = projection.to_image(cursor);
    if at.x < -0.5 || at.y < -0.5 {
        return None;
    }
    let (x, y) = (at.x.round() as usize, at.y.round() as usize);
    radiograph.sample(x, y).map(|value| Probe { x, y, value })
}

/// Text on a dark ground, so that it can be read over any grey.
fn plate(painter: &egui::Painter, rect: Rect) {
    painter.rect_filled(rect.expand2(egui::vec2(4.0, 1.0)), 3.0, colours::PLATE);
}
