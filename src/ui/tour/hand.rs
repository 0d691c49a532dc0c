//! The hand that drives the window: it reads the names that a screen reader says, and answers with pointer and keys.

use super::scenes::Step;
use crate::ui::app::Workbench;
use crate::ui::intent::Intent;
use egui::accesskit::{self, NodeId};
use egui::{Context, Event, FullOutput, Modifiers, Plugin, PointerButton, Pos2, RawInput, Rect, Vec2, pos2};
use std::collections::VecDeque;

/// Pieces of a drag, as a mouse would send them.
const PIECES: u8 = 6;

/// What the hand is about to do, a frame each.
#[derive(Default)]
pub struct Hand {
    events: VecDeque<Vec<Event>>,
    at: Pos2,
}

impl Hand {
    pub fn is_busy(&self) -> bool {
        !self.events.is_empty()
    }

    /// Lets go of everything.
    pub fn rest(&mut self) {
        self.events.clear();
        self.events.push_back(vec![Event::PointerGone]);
    }

    /// Takes up a step; `false` where it cannot be done yet.
    pub fn takes(&mut self, step: &Step, workbench: &mut Workbench, context: &Context) -> bool {
        match step {
            Step::Do(action) => {
                if !workbench.can(*action) {
                    return false;
                }
                workbench.perform(Intent::Do(*action), context);
            }
            Step::Call(deed) => return deed(workbench),
            Step::See(words) => return seen(context, |label| label.contains(words.as_str())).is_some(),
            Step::Hover(name, off) => {
                let Some(node) = named(context, name) else { return false };
                self.go(node.rect.center() + *off);
            }
            Step::Click(name) => {
                let Some(node) = named(context, name) else { return false };
                self.ask(accesskit::Action::Click, node.id);
            }
            Step::Press(name, off) => {
                let Some(node) = named(context, name) else { return false };
                self.go(node.rect.center() + *off);
                self.button(true);
            }
            Step::Drag(way) => {
                let from = self.at;
                for piece in 1..=PIECES {
                    self.go(from + *way * (f32::from(piece) / f32::from(PIECES)));
                }
            }
            Step::Release => self.button(false),
            Step::Type(words) => self.events.push_back(vec![Event::Text(words.clone())]),
        }
        true
    }

    fn go(&mut self, to: Pos2) {
        self.at = to;
        self.events.push_back(vec![Event::PointerMoved(to)]);
    }

    fn button(&mut self, pressed: bool) {
        let button = PointerButton::Primary;
        self.events.push_back(vec![Event::PointerButton {
            pos: self.at,
            button,
            pressed,
            modifiers: Modifiers::NONE,
        }]);
    }

    fn ask(&mut self, action: accesskit::Action, target_node: NodeId) {
        let target_tree = accesskit::TreeId::ROOT;
        let request = accesskit::ActionRequest { action, target_tree, target_node, data: None };
        self.events.push_back(vec![Event::AccessKitActionRequest(request)]);
    }

    /// The events of this frame; whoever sits at the machine has no say.
    pub fn moves(&mut self, context: &Context, input: &mut RawInput) {
        context.enable_accesskit();
        context.plugin_or_default::<Eyes>();
        input.focused = true;
        input.events = self.events.pop_front().unwrap_or_default();
    }
}

/// Something with a name on the screen.
#[derive(Clone)]
struct Named {
    id: NodeId,
    label: String,
    rect: Rect,
}

/// What can be read off the screen.
#[derive(Default)]
struct Eyes(Vec<Named>);

impl Plugin for Eyes {
    fn debug_name(&self) -> &'static str {
        "eyes of the tour"
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let Some(update) = &output.platform_output.accesskit_update else { return };
        self.0 = update
            .nodes
            .iter()
            .filter_map(|(id, node)| {
                let label = node.label().or_else(|| node.value())?.to_owned();
                let bounds = node.bounds()?;
                let corner = |x: f64, y: f64| pos2(x as f32, y as f32);
                let rect = Rect::from_min_max(corner(bounds.x0, bounds.y0), corner(bounds.x1, bounds.y1));
                Some(Named { id: *id, label, rect })
            })
            .collect();
    }
}

fn seen(context: &Context, wanted: impl Fn(&str) -> bool) -> Option<Named> {
    let eyes = context.plugin_opt::<Eyes>()?;
    let eyes = eyes.lock();
    eyes.0.iter().find(|node| wanted(&node.label)).cloned()
}

/// What has that very name, else what begins with it.
fn named(context: &Context, name: &str) -> Option<Named> {
    seen(context, |label| label == name).or_else(|| seen(context, |label| label.starts_with(name)))
}

/// Nowhere in particular: the middle.
pub const MIDDLE: Vec2 = Vec2::ZERO;
