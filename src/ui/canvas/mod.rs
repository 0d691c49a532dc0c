//! The viewport: film, overlay, points, loupe, and the hand on mouse and keys.

mod camera;
pub mod curves;
mod drafts;
mod exercise;
pub mod figures;
mod furniture;
mod glimpse;
mod grey;
mod keys;
mod labels;
mod laid;
mod loupe;
mod mask_picture;
pub mod masks;
mod overlay;
pub mod picture;
mod pointer;
pub mod points;
mod resample;
mod tool;
mod turn;

pub use camera::{Camera, Extent, Projection, Stand};
pub use figures::FigureKind;
pub use glimpse::{Glimpse, Over, Touch};
pub use grey::{Grey, choices};
pub use masks::Masks;
pub use tool::{Draft, Tool};
pub use turn::Turn;

use super::films::Film;
use super::gpu::Gpu;
use super::intent::{Intent, Row};
use super::jobs::FilmId;
use super::terms;
use super::theme::film as colours;
use super::trainee::Trainee;
use crate::imaging::{Radiograph, Window};
use crate::measure::{LandmarkId, Spacing};
use crate::study::Study;
use crate::ui::lang::tr;
use curves::Chosen;
use egui::{Id, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo};
use figures::FigurePoint;
use loupe::Loupe;
use mask_picture::MaskPicture;
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
            Overlay::All => tr!("overlay.all"),
            Overlay::Lines => tr!("overlay.lines"),
            Overlay::Points => tr!("overlay.points"),
            Overlay::Nothing => tr!("overlay.nothing"),
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
    /// A magnifier goes with the cursor.
    pub magnifier: bool,
    /// Points are placed one after the other, as they are named.
    pub in_order: bool,
    pub masks: Masks,
    /// The curve at work.
    pub curve: Option<Chosen>,
    /// The free measurement at work, and which of its points.
    pub figure: Option<FigurePoint>,
    /// Points and vertices go to the edge nearby while they are dragged.
    pub snap: bool,
    /// The exercise on the film of that name.
    pub trainee: Option<Trainee>,
    /// What draws films; the processor without.
    pub gpu: Option<Arc<Gpu>>,
    /// The film has an exercise, and its reader must not see the points of others.
    blind: bool,
    /// The film is the one of the exercise.
    exercised: bool,
    /// The film is shown bare while a key is held.
    peek: bool,
    hovered: Option<LandmarkId>,
    /// The vertex under the cursor.
    vertex: Option<(LandmarkId, usize)>,
    grip: Grip,
    /// Arrow keys are moving the point; letting them go ends the step.
    nudging: bool,
    /// Notches of the wheel that have not made a slice yet.
    scrolled: f32,
    /// The film that was drawn last.
    drawn: Option<FilmId>,
    picture: Picture,
    mask_picture: MaskPicture,
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
            magnifier: false,
            in_order: false,
            masks: Masks::default(),
            curve: None,
            figure: None,
            snap: false,
            trainee: None,
            gpu: None,
            blind: false,
            exercised: false,
            peek: false,
            hovered: None,
            vertex: None,
            grip: Grip::default(),
            nudging: false,
            scrolled: 0.0,
            drawn: None,
            picture: Picture::default(),
            mask_picture: MaskPicture::default(),
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

    /// Whether the film on the screen was drawn before: what stands beside a new one waits for the next frame, so that no
    /// frame bears both.
    pub fn has_drawn(&self, film: FilmId) -> bool {
        self.drawn == Some(film)
    }

    /// The exercise that waits for a point on the film of the screen.
    fn exercise_mut(&mut self) -> Option<&mut Trainee> {
        let wanted = self.blind;
        self.trainee.as_mut().filter(|_| wanted)
    }

    /// Pixels of a label of the mask on the screen.
    pub fn mask_area(&self, label: u8) -> usize {
        self.mask_picture.area(label)
    }

    /// What is drawn over films beside: nothing that was read while a trainee must not see.
    pub fn beside(&self) -> Over<'_> {
        let exercise = self.trainee.as_ref().is_some_and(|trainee| trainee.outcome.is_none());
        Over {
            level: if exercise { Overlay::Nothing } else { self.shown() },
            graphics: self.graphics,
            gpu: self.gpu.as_ref(),
            masks: &self.masks,
            shows_masks: self.shows_masks() && !exercise,
        }
    }

    /// Masks are drawn unless they were switched off, the film is peeked at bare, or a trainee must not see them.
    fn shows_masks(&self) -> bool {
        self.masks.shown && !self.peek && !self.blind
    }

    /// Finds the point or vertex under the cursor; of several the nearest.
    fn find_under(&mut self, ui: &Ui, response: &Response, study: &Study, projection: &Projection) {
        match &self.grip {
            Grip::Point { id, .. } => {
                self.hovered = Some(id.clone());
                return;
            }
            Grip::Vertex { id, index, .. } => {
                self.vertex = Some((id.clone(), *index));
                return;
            }
            _ => {}
        }
        (self.hovered, self.vertex) = (None, None);
        let cursor = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
        let Some(cursor) = cursor.filter(|_| self.tool == Tool::Hand || self.tool == Tool::Magnification)
        else {
            return;
        };
        let point = points::hit(study, projection, cursor).filter(|_| self.shown().points());
        let vertex = curves::vertex(study, projection, cursor).filter(|_| self.shown().lines());
        match (point, vertex) {
            (Some((id, near)), Some((_, _, distance))) if near <= distance => self.hovered = Some(id),
            (_, Some((id, index, _))) => self.vertex = Some((id, index)),
            (point, None) => self.hovered = point.map(|(id, _)| id),
        }
    }

    fn shown(&self) -> Overlay {
        if self.peek || self.blind { Overlay::Nothing } else { self.overlay }
    }
}

/// Shows the film in `viewport`; does nothing until its pixels are there.
pub fn show(ui: &mut Ui, viewport: Rect, film: &mut Film, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    let Some(opened) = film.opened().map(Arc::clone) else { return };
    let radiograph = &opened.radiograph;
    canvas.exercised = canvas.trainee.as_ref().is_some_and(|trainee| trainee.film == film.id);
    let scored = canvas.trainee.as_ref().is_some_and(|trainee| trainee.outcome.is_some());
    canvas.blind = canvas.exercised && !scored;
    let response = ui.interact(viewport, Canvas::id(), Sense::click_and_drag());
    let name = tr!("canvas.film", name = film.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));

    let extent = Extent::new(radiograph);
    let projection = film.view.camera.project(viewport, extent);
    let painter = ui.painter_at(viewport);
    let Some(study) = &film.study else {
        // What is known of it comes from the disk; until then the film can be looked at.
        furniture::ground(&painter, viewport, projection.film());
        let look = (&film.view, canvas.graphics);
        canvas.picture.paint(&painter, &projection, &opened, look, canvas.gpu.as_ref());
        furniture::paint(&painter, &projection, radiograph, &Spacing::UNKNOWN);
        canvas.drawn = Some(film.id);
        return;
    };
    canvas.find_under(ui, &response, study, &projection);
    keys::handle(ui, &response, canvas, study, film.view.camera.turn(), intents);
    let hand = pointer::Scene { projection: &projection, opened: &opened, study, stack: &film.stack };
    pointer::handle(ui, &response, &hand, &mut film.view, canvas, intents);

    // Drawn with the camera as the hand left it, not a frame behind.
    let projection = film.view.camera.project(viewport, extent);
    furniture::ground(&painter, viewport, projection.film());
    let graphics = canvas.graphics && !canvas.peek;
    let look = (&film.view, graphics);
    canvas.picture.paint(&painter, &projection, &opened, look, canvas.gpu.as_ref());
    let shown = canvas.shown();
    if let Some(mask) = &study.annotations().mask {
        let shows = canvas.shows_masks();
        canvas.mask_picture.paint(&painter, &projection, (&opened, mask), &canvas.masks, shows);
    }
    if shown.lines() {
        let points = points::on_screen(study, &projection);
        overlay::reference(&painter, &projection, study);
        let figure = canvas.highlight.map(|(code, side)| study.figure(code, side)).unwrap_or_default();
        overlay::paint(&painter, &projection, study.construction(), points, canvas.highlight, &figure);
        let chosen = canvas.curve.as_ref();
        curves::paint(&painter, &projection, study, chosen, canvas.vertex.as_ref());
    }
    if shown != Overlay::Nothing {
        drafts::calibrations(&painter, &projection, study);
    }
    drafts::paint(&painter, &projection, film, &canvas.draft, canvas.tool);
    if shown.points() {
        points::paint(&painter, &projection, study, canvas.selected.as_ref(), canvas.hovered.as_ref());
    }
    if !canvas.blind {
        points::name_for_screen_readers(ui, &projection, study, intents);
        curves::name_for_screen_readers(ui, &projection, study, canvas.curve.as_ref(), intents);
        figures::name_for_screen_readers(ui, &projection, study, intents);
    }
    if let Some(laid) = film.laid.as_ref().filter(|_| graphics && !canvas.blind) {
        laid::paint(&painter, &projection, &laid.state);
    }
    if !canvas.peek {
        figures::paint(&painter, &projection, study, canvas.figure);
    }
    drafts::figure(ui, &painter, &projection, study, canvas);
    if let Some(trainee) = canvas.trainee.as_ref().filter(|_| canvas.exercised) {
        exercise::paint(&painter, &projection, trainee);
    }
    furniture::paint(&painter, &projection, radiograph, &study.spacing());
    if let Some(words) = canvas.banner(study) {
        furniture::banner(&painter, &projection, &words);
    }
    let cursor = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
    if let Some(at) = cursor.filter(|_| canvas.tool.is_round()) {
        masks::ring(&painter, &projection, study, &canvas.masks, canvas.tool, at);
    }
    let moved = match &canvas.grip {
        Grip::Free { .. } => canvas.figure.and_then(|(id, index)| {
            let free = study.annotations().free.get(&id)?;
            Some((*free.shape.points().get(index)?, figures::reading(free, &study.spacing())))
        }),
        Grip::Point { id, .. } => {
            study.annotations().landmarks.get(id).and_then(|l| Some((l.position()?, loupe::words(study, id))))
        }
        Grip::Vertex { id, index, .. } => {
            study.curve(id).and_then(|line| Some((*line.get(*index)?, points::name(id))))
        }
        _ => None,
    };
    let magnified =
        moved.or_else(|| Some((projection.to_image(cursor.filter(|_| canvas.magnifier)?), String::new())));
    if let Some((at, words)) = magnified {
        canvas.loupe.paint(ui, &projection, &canvas.picture, at, &words);
    }
    canvas.probe = probe(ui, &response, &projection, radiograph);
    canvas.drawn = Some(film.id);
}

impl Canvas {
    /// What a click on the film would do, where it would do more than to let go.
    fn banner(&self, study: &Study) -> Option<String> {
        if let Some(trainee) = self.trainee.as_ref().filter(|_| self.blind) {
            let (done, count) = trainee.progress();
            return trainee.next().map(|id| points::place_next(&id, done + 1, count));
        }
        let id = self.unplaced(study)?;
        if self.in_order {
            let order = points::order(study);
            let at = order.iter().position(|other| other == id).unwrap_or(0);
            return Some(points::place_next(id, at + 1, order.len()));
        }
        Some(tr!("canvas.place", point = points::name(id), what = terms::landmark(&id.code)))
    }

    /// The first landmark, in anatomical order, of which nothing is known.
    pub fn first_unknown(&self, study: &Study) -> Option<LandmarkId> {
        points::order(study).into_iter().find(|id| study.annotations().landmarks.get(id).is_none())
    }

    /// The selected landmark, where it has no place yet: a click gives it one.
    fn unplaced(&self, study: &Study) -> Option<&LandmarkId> {
        let id = self.selected.as_ref()?;
        let placed = study.annotations().landmarks.get(id).is_some_and(|point| point.position().is_some());
        (!placed).then_some(id)
    }
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
