//! The hand on the mouse: left moves a point or the window, right and wheel zoom, middle or Space pan.

use super::camera::Projection;
use super::{Canvas, View};
use crate::imaging::Window;
use crate::measure::{LandmarkId, Vector};
use crate::study::Study;
use crate::ui::intent::Intent;
use egui::{CursorIcon, Key, PointerButton, Pos2, Response, Ui};

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

pub fn handle(
    ui: &Ui,
    response: &Response,
    projection: &Projection,
    view: &mut View,
    canvas: &mut Canvas,
    study: &Study,
    intents: &mut Vec<Intent>,
) {
    if response.contains_pointer() {
        wheel(ui, projection, view);
    }
    press(ui, response, projection, view, canvas, study, intents);
    drag(ui, projection, view, canvas, study, intents);
    if response.double_clicked() && canvas.hovered.is_none() {
        view.camera.fit();
    }
    cursor(ui, response, canvas);
}

fn wheel(ui: &Ui, projection: &Projection, view: &mut View) {
    let (scroll, pinch, cursor) =
        ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta(), input.pointer.hover_pos()));
    let factor = (scroll * ZOOM_WHEEL).exp() * pinch;
    if let Some(cursor) = cursor
        && factor != 1.0
    {
        view.camera.zoom_at(factor, cursor, projection);
    }
}

fn press(
    ui: &Ui,
    response: &Response,
    projection: &Projection,
    view: &View,
    canvas: &mut Canvas,
    study: &Study,
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
        if ui.input(|input| input.key_down(Key::Space)) {
            canvas.grip = Grip::Pan;
        } else if let Some(id) = canvas.hovered.clone() {
            let Some(point) = study.annotations().landmarks.get(&id).and_then(|point| point.position())
            else {
                return;
            };
            intents.push(Intent::Select(Some(id.clone())));
            intents.push(Intent::BeginMove(id.clone()));
            let offset = point - projection.to_image(at);
            canvas.grip = Grip::Point { id, offset, pressed: at, moving: false };
        } else {
            canvas.grip = Grip::Window { pressed: at, start: view.window(), moving: false };
        }
    }
}

fn drag(
    ui: &Ui,
    projection: &Projection,
    view: &mut View,
    canvas: &mut Canvas,
    study: &Study,
    intents: &mut Vec<Intent>,
) {
    let (at, delta, down) =
        ui.input(|input| (input.pointer.interact_pos(), input.pointer.delta(), input.pointer.any_down()));
    let Some(at) = at else { return };
    match &mut canvas.grip {
        Grip::Nothing => return,
        Grip::Point { offset, pressed, moving, .. } => {
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
                view.window = Some(Window {
                    width: (start.width + f64::from(way.x) * step).max(step),
                    center: start.center + f64::from(way.y) * step,
                });
            }
        }
        Grip::Pan => view.camera.pan(delta, projection),
        Grip::Zoom { about } => view.camera.zoom_at((-delta.y * ZOOM_DRAG).exp(), *about, projection),
    }
    if !down {
        release(projection, canvas, study, at, intents);
    }
}

fn release(projection: &Projection, canvas: &mut Canvas, study: &Study, at: Pos2, intents: &mut Vec<Intent>) {
    match std::mem::take(&mut canvas.grip) {
        Grip::Point { .. } => intents.push(Intent::CommitMove),
        // A click on the bare film places the landmark that waits for it, else it lets go of the selection.
        Grip::Window { moving: false, .. } if projection.film().contains(at) => {
            match canvas.unplaced(study) {
                Some(id) => intents.push(Intent::Place(id.clone(), projection.to_image(at))),
                None => intents.push(Intent::Select(None)),
            }
        }
        _ => {}
    }
}

fn cursor(ui: &Ui, response: &Response, canvas: &Canvas) {
    let icon = match &canvas.grip {
        Grip::Point { .. } => CursorIcon::None,
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
