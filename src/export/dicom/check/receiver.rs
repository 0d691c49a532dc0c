//! What a receiver will see of an object, in plain lines, told from the object as it was read.

use super::super::content::{Item, Relation, Value, points};
use super::super::gsps::{Drawn, PresentationState};
use crate::measure::LabelMap;

/// The content tree: a line for each item that says something by itself, indented as it is nested.
pub(super) fn report(tree: &Item) -> Vec<String> {
    let mut lines = Vec::new();
    describe(tree, 0, &mut lines);
    lines
}

fn describe(item: &Item, depth: usize, lines: &mut Vec<String>) {
    // Tracking and context belong to programs.
    if matches!(item.relation, Some(Relation::SelectedFrom))
        || matches!(item.value, Value::Uid(_) | Value::Image { .. })
    {
        return;
    }
    let name = item.name.as_ref().map_or("", |name| &*name.meaning);
    let value = match &item.value {
        Value::Container(_) => String::new(),
        Value::Text(text) | Value::Person(text) | Value::Uid(text) => format!(": {text}"),
        Value::Code(code) => format!(": {}", code.meaning),
        Value::Number { value: Some((value, unit)), qualifier } => {
            let doubt = qualifier.as_ref().map(|q| format!(" ({})", q.meaning)).unwrap_or_default();
            format!(": {value:.2} {}{doubt}", unit.value)
        }
        Value::Number { value: None, qualifier } => {
            let why = qualifier.as_ref().map_or("no reason", |q| &*q.meaning);
            format!(": no value ({why})")
        }
        Value::Coordinates { data, .. } => {
            let points: Vec<String> =
                points(data).iter().map(|p| format!("({:.2}, {:.2})", p.x, p.y)).collect();
            format!(": {}", points.join(" "))
        }
        Value::Image { .. } => String::new(),
    };
    lines.push(format!("{}{name}{value}", "  ".repeat(depth)));
    for child in &item.children {
        describe(child, depth + 1, lines);
    }
}

pub(super) fn masks(masks: &LabelMap) -> Vec<String> {
    let line =
        |s: &crate::measure::Structure| format!("{} ({}): {} pixels", s.name, s.title(), masks.area(s.value));
    masks.structures.iter().map(line).collect()
}

pub(super) fn presentation(state: &PresentationState) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(window) = state.window {
        let polarity = if state.inverted { ", small values white" } else { "" };
        lines.push(format!("window {} / {}{polarity}", window.center, window.width));
    }
    for layer in &state.layers {
        let mine = state.drawn.iter().filter(|(name, _)| *name == layer.name);
        let (mut graphics, mut texts) = (0, Vec::new());
        for (_, drawn) in mine {
            match drawn {
                Drawn::Graphic { .. } => graphics += 1,
                Drawn::Text { text, .. } => texts.push(format!("“{text}”")),
            }
        }
        lines.push(
            format!("layer {}: {graphics} graphics {}", layer.name, texts.join(", ")).trim_end().to_owned(),
        );
    }
    lines
}
