//! The hand on the mouse: left moves a point or the window or draws with a tool, right zooms, the wheel scrolls a stack or
//! zooms, middle or Space pan.

use super::camera::{Camera, Projection};
use super::figures;
use super::grey::Grey;
use super::tool::{Tool, rectangle};
use super::{Canvas, View};
use crate::imaging::Window;
use crate::measure::{LandmarkId, Point, Vector};
use crate::study::Study;
use crate::ui::intent::Intent;
use crate::ui::jobs::Opened;
use crate::ui::stack::Stack;
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
    if response.double_clicked() && canvas.hovered.is_none() && canvas.tool == Tool::Hand {
        view.camera.fit();
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
    if !response.is_pointer_button_down_on() {
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
            Tool::Hand | Tool::Magnification => match grasp(scene, canvas, at, intents) {
                Some(grip) => grip,
                None => Grip::Window { pressed: at, start: view.window(scene.opened), moving: false },
            },
        };
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

/// The landmark under the cursor, or a point of a free measurement.
fn grasp(scene: &Scene, canvas: &Canvas, at: Pos2, intents: &mut Vec<Intent>) -> Option<Grip> {
    let Some(id) = canvas.hovered.clone() else {
        let (id, index) = figures::hit(scene.study, scene.projection, at).filter(|_| !canvas.blind)?;
        let point = *scene.study.annotations().free.get(&id)?.shape.points().get(index)?;
        intents.push(Intent::BeginFree(id, index));
        let offset = point - scene.projection.to_image(at);
        return Some(Grip::Free { offset, pressed: at, moving: false });
    };
    let point = scene.study.annotations().landmarks.get(&id)?.position()?;
    intents.push(Intent::Select(Some(id.clone())));
    intents.push(Intent::BeginMove(id.clone()));
    let offset = point - scene.projection.to_image(at);
    Some(Grip::Point { id, offset, pressed: at, moving: false })
}

fn drag(ui: &Ui, scene: &Scene, view: &mut View, canvas: &mut Canvas, intents: &mut Vec<Intent>) {
    let projection = scene.projection;
    let (at, delta, down) =
        ui.input(|input| (input.pointer.interact_pos(), input.pointer.delta(), input.pointer.any_down()));
    let Some(at) = at else { return };
    match &mut canvas.grip {
        Grip::Nothing => return,
        Grip::Point { offset, pressed, moving, .. } | Grip::Free { offset, pressed, moving } => {
            *moving |= at.distance(*pressed) > CLICK;
            if *moving {
                intents.push(Intent::Preview(projection.to_image(at) + *offset));
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
        Grip::Point { .. } | Grip::Free { .. } => intents.push(Intent::CommitMove),
        // A click on the bare film places the landmark that waits for it, else it lets go of the selection.
        Grip::Window { moving: false, .. } if projection.film().contains(at) => {
            let there = projection.to_image(at);
            if let Some(trainee) = canvas.exercise_mut() {
                trainee.place(there);
            } else if let Some(id) = canvas.unplaced(scene.study) {
                intents.push(Intent::Place(id.clone(), there));
            } else {
                intents.push(Intent::Select(None));
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
        Grip::Point { .. } | Grip::Free { .. } => CursorIcon::None,
        Grip::Pan => CursorIcon::Grabbing,
        Grip::Zoom { .. } => CursorIcon::ResizeVertical,
        Grip::Window { moving: true, .. } => CursorIcon::Move,
        _ if canvas.hovered.is_some() => CursorIcon::Grab,
        _ => CursorIcon::Crosshair,
    };
    if response.contains_pointer() || !matches!(canvas.grip, Grip::Nothing) {
        ui.ctx().set_cursor_icon(icon);
    }
}
