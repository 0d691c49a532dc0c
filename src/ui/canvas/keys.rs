//! The hand on the keys, while the film has the focus: walk the points, nudge them, peek at the bare film.

use super::turn::Turn;
use super::{Canvas, curves, figures, points};
use crate::measure::{Point, Vector};
use crate::study::Study;
use crate::ui::intent::Intent;
use egui::{Event, EventFilter, FocusDirection, Key, Response, Ui};

/// Tab walks the points, arrows nudge them; `F6` leaves the film.
const OURS: EventFilter =
    EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
const ARROWS: [(Key, Vector); 4] = [
    (Key::ArrowLeft, Vector::new(-1.0, 0.0)),
    (Key::ArrowRight, Vector::new(1.0, 0.0)),
    (Key::ArrowUp, Vector::new(0.0, -1.0)),
    (Key::ArrowDown, Vector::new(0.0, 1.0)),
];

pub fn handle(
    ui: &Ui,
    film: &Response,
    canvas: &mut Canvas,
    study: &Study,
    turn: Turn,
    intents: &mut Vec<Intent>,
) {
    canvas.peek = false;
    let focused = ui.memory(|memory| memory.focused());
    let vertex = |id| {
        let chosen = canvas.curve.as_ref().and_then(|chosen| Some((&chosen.id, study.curve(&chosen.id)?)));
        chosen.is_some_and(|(curve, line)| (0..line.len()).any(|at| curves::node(curve, at) == id))
    };
    let figure = |id| {
        let mut figures = study.annotations().free.iter();
        figures
            .any(|(figure, free)| (0..free.shape.points().len()).any(|at| figures::node((*figure, at)) == id))
    };
    let ours = |id| {
        let point = points::order(study).iter().any(|point| points::node(point) == id);
        id == film.id || point || vertex(id) || figure(id)
    };
    match focused {
        // Where nothing else wants the keys, they are the film's.
        None => film.request_focus(),
        Some(id) if ours(id) => {
            ui.memory_mut(|memory| {
                memory.set_focus_lock_filter(id, OURS);
                // The lock holds from the second frame on; a fast hand is quicker.
                memory.move_focus(FocusDirection::None);
            });
            canvas.peek = ui.input(|input| input.key_down(Key::Space));
            if canvas.tool.is_outline() && ui.input(|input| input.key_pressed(Key::Enter)) {
                intents.push(Intent::FinishOutline);
            }
            walk(ui, canvas, study, intents);
            nudge(ui, canvas, study, turn, intents);
        }
        Some(_) => {}
    }
}

/// Tab and Shift+Tab, in anatomical order, round and round.
fn walk(ui: &Ui, canvas: &Canvas, study: &Study, intents: &mut Vec<Intent>) {
    let presses = ui.input(|input| {
        let tab = |event: &Event| match event {
            Event::Key { key: Key::Tab, pressed: true, modifiers, .. } if !modifiers.command => {
                Some(if modifiers.shift { -1 } else { 1 })
            }
            _ => None,
        };
        input.events.iter().filter_map(tab).sum::<isize>()
    });
    if presses == 0 {
        return;
    }
    if let Some(id) = canvas.neighbour(study, presses) {
        // The focus goes with the selection, so that a screen reader says it.
        ui.memory_mut(|memory| memory.request_focus(points::node(&id)));
        intents.push(Intent::Select(Some(id)));
    }
}

/// What the arrows move, where it stands, and how the move begins: a point, that of a figure, or a vertex by itself.
fn held(canvas: &Canvas, study: &Study) -> Option<(Point, Intent)> {
    if let Some(id) = &canvas.selected {
        let from = study.annotations().landmarks.get(id)?.position()?;
        return Some((from, Intent::BeginMove(id.clone())));
    }
    if let Some((id, index)) = canvas.figure {
        let from = *study.annotations().free.get(&id)?.shape.points().get(index)?;
        return Some((from, Intent::BeginFree((id, index))));
    }
    let chosen = canvas.curve.as_ref()?;
    let index = chosen.vertex?;
    let from = *study.curve(&chosen.id)?.get(index)?;
    Some((from, Intent::BeginSlide(chosen.id.clone(), index, 0.0)))
}

/// Arrows: one pixel, ten with Shift, a tenth with Alt. Held down they are one step.
fn nudge(ui: &Ui, canvas: &mut Canvas, study: &Study, turn: Turn, intents: &mut Vec<Intent>) {
    let Some((from, begin)) = held(canvas, study) else { return };
    let (way, held) = ui.input(|input| {
        let step = |event: &Event| match event {
            Event::Key { key, pressed: true, modifiers, .. } if !modifiers.command => {
                let (_, direction) = ARROWS.iter().find(|(arrow, _)| arrow == key)?;
                let pixels = match (modifiers.shift, modifiers.alt) {
                    (true, _) => 10.0,
                    (_, true) => 0.1,
                    _ => 1.0,
                };
                Some(*direction * pixels)
            }
            _ => None,
        };
        let way = input.events.iter().filter_map(step).fold(Vector::default(), |sum, step| sum + step);
        (way, ARROWS.iter().any(|(key, _)| input.key_down(*key)))
    });
    if way != Vector::default() {
        if !canvas.nudging {
            intents.push(begin);
            canvas.nudging = true;
        }
        // As the hand sees it, however the film is turned.
        let axis = |way: egui::Vec2| turn.to_image(way);
        let (right, down) = (axis(egui::vec2(1.0, 0.0)), axis(egui::vec2(0.0, 1.0)));
        let along = |right: f32, down: f32| way.x * f64::from(right) + way.y * f64::from(down);
        let way = Vector::new(along(right.x, down.x), along(right.y, down.y));
        intents.push(Intent::Preview(from + way));
    }
    if canvas.nudging && !held {
        canvas.nudging = false;
        intents.push(Intent::CommitMove);
    }
}
