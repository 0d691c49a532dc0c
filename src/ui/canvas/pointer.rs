//! The hand on the mouse: left moves a point or the window or draws with a tool, right zooms, the wheel scrolls a stack or
//! zooms, middle or Space pan.

use super::camera::{Camera, Projection};
use super::curves::{self, Chosen, Hold};
use super::figures;
use super::grey::Grey;
use super::tool::{Tool, rectangle};
use super::{Canvas, View};
use crate::imaging::Window;
use crate::measure::{LandmarkId, Point, Vector};
use crate::study::{Study, snap_to_edge};
use crate::ui::intent::Intent;
use crate::ui::jobs::Opened;
use crate::ui::stack::Stack;
use crate::ui::theme::size;
use egui::{CursorIcon, Event, Key, MouseWheelUnit, PointerButton, Pos2, Response, Ui};

/// What the pointer holds since it was pressed.
#[derive(Debug, Clone, Default)]
pub enum Grip {
    #[default]
    Nothing,
    /// A landmark; `offset` from the cursor to it, image pixels, so that it does not jump.
    Point {
        id: LandmarkId,
        offset: Vector,
        pressed: Pos2,
        moving: bool,
    },
    /// Window and level, as they were at the press.
    Window {
        pressed: Pos2,
        start: Window,
        moving: bool,
    },
    /// A line or rectangle of the tool.
    Draw {
        from: Point,
        pressed: Pos2,
    },
    /// A point of a free measurement, likewise.
    Free {
        offset: Vector,
        pressed: Pos2,
        moving: bool,
    },
    /// A vertex of a curve, likewise.
    Vertex {
        id: LandmarkId,
        index: usize,
        offset: Vector,
        pressed: Pos2,
        moving: bool,
    },
    /// The rim of a circle.
    Rim {
        pressed: Pos2,
        moving: bool,
    },
    /// A curve between its vertices, until it is known what the hand wants.
    Stretch {
        id: LandmarkId,
        pressed: Pos2,
        start: Window,
    },
    /// Brush or eraser is down; where it was last.
    Stroke {
        last: Pos2,
    },
    /// An outline is drawn by clicks, or by the way of the hand.
    Outline {
        last: Pos2,
    },
    /// A point of a figure was set; a drag from there sets the next.
    Figure {
        pressed: Pos2,
    },
    Pan,
    /// Zoom about where the press was.
    Zoom {
        about: Pos2,
    },
}

/// A hand is not still: shorter ways are a click, screen points.
const CLICK: f32 = 3.0;
/// This way across the screen doubles the default width of the window.
const WINDOW_WAY: f64 = 300.0;
/// Zoom per screen point of a right drag, and of the wheel.
const ZOOM_DRAG: f32 = 0.006;
const ZOOM_WHEEL: f32 = 0.004;
/// An outline that is drawn freely has a vertex for so many points of the screen.
const OUTLINE_STEP: f32 = 8.0;
/// An edge attracts within so many points of the screen, and so many pixels of the film.
const SNAP: f32 = 12.0;
const SNAP_PIXELS: (f64, f64) = (3.0, 14.0);
/// Touch pads scroll by points; so many are a notch of a wheel.
const POINTS_PER_NOTCH: f32 = 40.0;

/// What the pointer moves over.
pub struct Scene<'a> {
    pub projection: &'a Projection,
    pub opened: &'a Opened,
    pub study: &'a Study,
    pub stack: &'a Stack,
}

pub fn handle(
    ui: &Ui,
    response: &Response,
    scene: &Scene,
    view: &mut View,
    canvas: &mut Canvas,
    intents: &mut Vec<Intent>,
) {
    if response.contains_pointer() {
        wheel(ui, scene, view, canvas, intents);
    }
    press(ui, response, scene, view, canvas, intents);
    drag(ui, scene, view, canvas, intents);
    let bare = canvas.hovered.is_none() && canvas.vertex.is_none();
    if response.double_clicked() && bare && canvas.tool == Tool::Hand {
        view.camera.fit();
    }
    if response.double_clicked() && canvas.tool.is_outline() {
        intents.push(Intent::FinishOutline);
    }
    cursor(ui, response, canvas);
}

/// The wheel scrolls a stack, a notch a slice; with Ctrl, and on a single film, it zooms.
fn wheel(ui: &Ui, scene: &Scene, view: &mut View, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    if scene.stack.scrolls() && !ui.input(|input| input.modifiers.command) {
        canvas.scrolled += ui.input(|input| input.events.iter().filter_map(notches).sum::<f32>());
        let steps = canvas.scrolled.trunc();
        canvas.scrolled -= steps;
        if steps != 0.0 {
            let to = scene.stack.wanted().saturating_add_signed(-steps as isize);
            intents.push(Intent::Scroll(to));
        }
        return;
    }
    zoom_by_wheel(ui, scene.projection, &mut view.camera);
}

/// Zoom at the cursor by wheel or pinch.
pub fn zoom_by_wheel(ui: &Ui, projection: &Projection, camera: &mut Camera) {
    let (smooth, pinch, cursor) =
        ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta(), input.pointer.hover_pos()));
    let factor = (smooth * ZOOM_WHEEL).exp() * pinch;
    if let Some(cursor) = cursor
        && factor != 1.0
    {
        camera.zoom_at(factor, cursor, projection);
    }
}

/// Of a wheel event, lines or so many points.
fn notches(event: &Event) -> Option<f32> {
    match event {
        Event::MouseWheel { unit: MouseWheelUnit::Point, delta, .. } => Some(delta.y / POINTS_PER_NOTCH),
        Event::MouseWheel { delta, .. } => Some(delta.y),
        _ => None,
    }
}

fn press(
    ui: &Ui,
    response: &Response,
    scene: &Scene,
    view: &View,
    canvas: &mut Canvas,
    intents: &mut Vec<Intent>,
) {
    // Where frames are slow, a quick click is pressed and let go within one.
    if !response.is_pointer_button_down_on() && !response.clicked() {
        return;
    }
    let pressed = |button| ui.input(|input| input.pointer.button_pressed(button));
    let Some(at) = ui.input(|input| input.pointer.interact_pos()) else { return };
    if pressed(PointerButton::Middle) {
        canvas.grip = Grip::Pan;
    } else if pressed(PointerButton::Secondary) {
        canvas.grip = Grip::Zoom { about: at };
    } else if pressed(PointerButton::Primary) {
        response.request_focus();
        let from = scene.projection.to_image(at);
        canvas.grip = match canvas.tool {
            _ if ui.input(|input| input.key_down(Key::Space)) => Grip::Pan,
            Tool::Line | Tool::Black => Grip::Draw { from, pressed: at },
            Tool::Sphere => {
                intents.push(Intent::FindSphere(from));
                Grip::Nothing
            }
            Tool::Figure(_) => {
                add_point(canvas, from, intents);
                Grip::Figure { pressed: at }
            }
            Tool::Brush | Tool::Eraser => {
                intents.push(Intent::BeginStroke(canvas.masks.brush(canvas.tool), from));
                Grip::Stroke { last: at }
            }
            Tool::Fill => {
                intents.push(Intent::Fill(from));
                Grip::Nothing
            }
            Tool::Polygon if closes(scene, canvas, at) => {
                intents.push(Intent::FinishOutline);
                Grip::Nothing
            }
            Tool::Polygon | Tool::Curve => {
                add_vertex(scene, canvas, at);
                Grip::Outline { last: at }
            }
            Tool::Hand | Tool::Magnification => match grasp(scene, view, canvas, at, intents) {
                Some(grip) => grip,
                None => Grip::Window { pressed: at, start: view.window(scene.opened), moving: false },
            },
        };
    }
}

/// Whether a click there ends the polygon where it began.
fn closes(scene: &Scene, canvas: &Canvas, at: Pos2) -> bool {
    let clicks = &canvas.draft.figure;
    let first = clicks.first().filter(|_| clicks.len() > 2);
    first.is_some_and(|first| scene.projection.to_screen(*first).distance(at) <= size::POINT_HIT)
}

/// The second press of a double click is no vertex.
fn add_vertex(scene: &Scene, canvas: &mut Canvas, at: Pos2) {
    let clicks = &mut canvas.draft.figure;
    let again = clicks.last().is_some_and(|last| scene.projection.to_screen(*last).distance(at) <= CLICK);
    if !again {
        clicks.push(scene.projection.to_image(at));
    }
}

/// Sets a point of the figure; the last one makes it whole.
fn add_point(canvas: &mut Canvas, at: Point, intents: &mut Vec<Intent>) {
    let Tool::Figure(kind) = canvas.tool else { return };
    canvas.draft.figure.push(at);
    if let Some(shape) = kind.shape(&canvas.draft.figure) {
        canvas.draft.figure.clear();
        intents.push(Intent::Draw(shape));
    }
}

/// What lies under the cursor: a landmark, a vertex or a point of a free measurement, else a rim or a curve.
fn grasp(scene: &Scene, view: &View, canvas: &Canvas, at: Pos2, intents: &mut Vec<Intent>) -> Option<Grip> {
    let Scene { projection, study, .. } = scene;
    let offset = |point: Point| point - projection.to_image(at);
    if let Some(id) = canvas.hovered.clone() {
        let point = study.annotations().landmarks.get(&id)?.position()?;
        intents.push(Intent::Select(Some(id.clone())));
        intents.push(Intent::BeginMove(id.clone()));
        return Some(Grip::Point { id, offset: offset(point), pressed: at, moving: false });
    }
    if let Some((id, index)) = canvas.vertex.clone() {
        let point = *study.curve(&id)?.get(index)?;
        let chosen = Chosen { id: id.clone(), vertex: Some(index) };
        intents.push(Intent::Choose(Some(chosen)));
        intents.push(Intent::BeginSlide(id.clone(), index, curves::reach(projection)));
        return Some(Grip::Vertex { id, index, offset: offset(point), pressed: at, moving: false });
    }
    if canvas.blind {
        return None;
    }
    if let Some((id, index)) = figures::hit(study, projection, at) {
        let point = *study.annotations().free.get(&id)?.shape.points().get(index)?;
        intents.push(Intent::ChooseFigure(Some((id, index))));
        intents.push(Intent::BeginFree((id, index)));
        return Some(Grip::Free { offset: offset(point), pressed: at, moving: false });
    }
    match curves::line(study, projection, at).filter(|_| canvas.shown().lines())? {
        Hold::Rim(id) => {
            intents.push(Intent::BeginRadius(id));
            Some(Grip::Rim { pressed: at, moving: false })
        }
        Hold::Stretch(id) => Some(Grip::Stretch { id, pressed: at, start: view.window(scene.opened) }),
    }
}

/// `to`, or the edge near it while points snap: along the curve's normal for a vertex.
fn snapped(scene: &Scene, on: bool, to: Point, normal: Option<Vector>) -> Point {
    if !on {
        return to;
    }
    let pixels = f64::from(SNAP / scene.projection.to_screen_vector(1.0, 0.0).x);
    let radius = pixels.clamp(SNAP_PIXELS.0, SNAP_PIXELS.1);
    snap_to_edge(&scene.opened.radiograph, to, radius, normal).map_or(to, |snap| snap.point)
}

fn drag(ui: &Ui, scene: &Scene, view: &mut View, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    let projection = scene.projection;
    let (at, delta, down) =
        ui.input(|input| (input.pointer.interact_pos(), input.pointer.delta(), input.pointer.any_down()));
    let Some(at) = at else { return };
    match &mut canvas.grip {
        Grip::Nothing => return,
        Grip::Point { offset, pressed, moving, .. } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                let to = snapped(scene, canvas.snap, projection.to_image(at) + *offset, None);
                intents.push(Intent::Preview(to));
            }
        }
        Grip::Vertex { id, index, offset, pressed, moving } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                let normal = scene.study.curve(id).and_then(|line| curves::normal(line, *index));
                let to = snapped(scene, canvas.snap, projection.to_image(at) + *offset, normal);
                intents.push(Intent::Preview(to));
            }
        }
        Grip::Free { offset, pressed, moving } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                intents.push(Intent::Preview(projection.to_image(at) + *offset));
            }
        }
        Grip::Rim { pressed, moving } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                intents.push(Intent::Preview(projection.to_image(at)));
            }
        }
        // A drag that begins on a line is one of window and level, as anywhere.
        Grip::Stretch { pressed, start, .. } => {
            if at.distance(*pressed) > CLICK {
                canvas.grip = Grip::Window { pressed: *pressed, start: *start, moving: true };
            }
        }
        Grip::Stroke { last } => {
            if *last != at {
                *last = at;
                intents.push(Intent::Preview(projection.to_image(at)));
            }
        }
        Grip::Outline { last } => {
            if at.distance(*last) > OUTLINE_STEP {
                *last = at;
                canvas.draft.figure.push(projection.to_image(at));
            }
        }
        Grip::Window { pressed, start, moving } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                let step = view.default_window.width / WINDOW_WAY;
                let way = at - *pressed;
                view.grey = Grey::Hand(Window {
                    width: (start.width + f64::from(way.x) * step).max(step),
                    center: start.center + f64::from(way.y) * step,
                });
            }
        }
        Grip::Draw { from, pressed } => {
            let ends = (at.distance(*pressed) > CLICK).then(|| (*from, projection.to_image(at)));
            match canvas.tool {
                Tool::Line => canvas.draft.line = ends.or(canvas.draft.line),
                _ => canvas.draft.rectangle = ends,
            }
        }
        Grip::Figure { .. } => {}
        Grip::Pan => view.camera.pan(delta, projection),
        Grip::Zoom { about } => view.camera.zoom_at((-delta.y * ZOOM_DRAG).exp(), *about, projection),
    }
    if !down {
        release(scene, canvas, at, intents);
    }
}

fn release(scene: &Scene, canvas: &mut Canvas, at: Pos2, intents: &mut Vec<Intent>) {
    let projection = scene.projection;
    match std::mem::take(&mut canvas.grip) {
        Grip::Point { .. }
        | Grip::Vertex { .. }
        | Grip::Rim { .. }
        | Grip::Free { .. }
        | Grip::Stroke { .. } => intents.push(Intent::CommitMove),
        // A click on the chosen curve makes a vertex, on another chooses it.
        Grip::Stretch { id, .. } => match &canvas.curve {
            Some(chosen) if chosen.id == id => intents.push(Intent::InsertVertex(projection.to_image(at))),
            _ => intents.push(Intent::Choose(Some(Chosen { id, vertex: None }))),
        },
        // A click on the bare film places the landmark that waits for it, else it lets go of the selection.
        Grip::Window { moving: false, .. } if projection.film().contains(at) => {
            let there = projection.to_image(at);
            if let Some(trainee) = canvas.exercise_mut() {
                trainee.place(there);
            } else if let Some(id) = canvas.unplaced(scene.study) {
                intents.push(Intent::Place(id.clone(), there));
            } else {
                intents.push(Intent::Select(None));
                intents.push(Intent::Choose(None));
            }
        }
        // Not a click where it ended elsewhere, unless the figure was whole with the press.
        Grip::Figure { pressed } if at.distance(pressed) > 3.0 * CLICK && !canvas.draft.figure.is_empty() => {
            add_point(canvas, projection.to_image(at), intents);
        }
        Grip::Draw { .. } => {
            let film = &scene.opened.radiograph;
            let drawn = canvas.draft.rectangle.take();
            intents.extend(
                drawn
                    .and_then(|corners| rectangle(corners, film.rows, film.columns))
                    .map(|part| Intent::Black(vec![part])),
            );
        }
        _ => {}
    }
}

fn cursor(ui: &Ui, response: &Response, canvas: &Canvas) {
    let icon = match &canvas.grip {
        Grip::Point { .. } | Grip::Vertex { .. } | Grip::Free { .. } | Grip::Stroke { .. } => {
            CursorIcon::None
        }
        Grip::Pan => CursorIcon::Grabbing,
        Grip::Zoom { .. } => CursorIcon::ResizeVertical,
        Grip::Window { moving: true, .. } => CursorIcon::Move,
        _ if canvas.tool.is_round() => CursorIcon::None,
        _ if canvas.hovered.is_some() || canvas.vertex.is_some() => CursorIcon::Grab,
        _ => CursorIcon::Crosshair,
    };
    if response.contains_pointer() || !matches!(canvas.grip, Grip::Nothing) {
        ui.ctx().set_cursor_icon(icon);
    }
}
