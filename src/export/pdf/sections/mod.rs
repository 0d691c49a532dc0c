//! What the report says, section by section, and in which order.

mod change;
mod curve;
mod film;
mod glance;
mod head;
mod notes;
mod points;
mod signature;
mod table;

pub use head::research_use;
pub use signature::feet;

use super::layout::{Flow, Font, Node, Paper};
use crate::export::report::Report;
use crate::export::text::Type;
use crate::measure::Side;

/// The pages of one film, without their feet: the first holds the signature whatever follows.
pub fn pages(report: &Report, paper: Paper, lettering: &Type) -> Vec<Vec<Node>> {
    let mut flow = of_this_film(report, paper, lettering, FILM[0]);
    if flow.pages.len() > 1 {
        let smaller = FILM[1..].iter().map(|share| of_this_film(report, paper, lettering, *share));
        flow = smaller.into_iter().find(|flow| flow.pages.len() == 1).unwrap_or(flow);
    }
    if !report.circumstances.priors.is_empty() {
        if flow.pages.len() == 1 {
            flow.new_page();
        } else {
            flow.gap(10.0);
        }
        change::change(&mut flow, report);
    }
    signature::sign_off(&mut flow, report);
    flow.pages
}

/// Shares of the first page that the picture may take: the largest with which one page is enough, else the largest of all.
/// A smaller picture would show nothing; what comes behind it then has a page of its own.
const FILM: [f32; 4] = [0.5, 0.44, 0.38, 0.32];

fn of_this_film<'a>(report: &Report, paper: Paper, lettering: &'a Type, share: f32) -> Flow<'a> {
    let mut flow = Flow::new(paper, lettering);
    flow.reserve(signature::height(report, lettering, flow.width));
    flow.running(&head::of_whom(report));
    head::head(&mut flow, report);
    film::film_beside_summary(&mut flow, report, share);
    let sources = table::measurements(&mut flow, report);
    let notes =
        [notes::positioning(report), points::missing(report), notes::notes(report, lettering)].concat();
    behind(&mut flow, &notes, &sources);
    flow
}

/// Notes and sources: side by side where that is enough, since most are short, else one below the other.
fn behind(flow: &mut Flow, notes: &[String], sources: &[String]) {
    let titled =
        [("Positioning and notes", notes, Font::BODY), ("Sources and definitions", sources, Font::SMALL)];
    let gutter = 20.0;
    let half = (flow.width - gutter) / 2.0;
    let heights = titled.map(|(_, paragraphs, font)| height(flow, paragraphs, font, half));
    let tallest = heights.into_iter().fold(0.0, f32::max);
    if flow.y + tallest > flow.bottom() {
        return flow.together(|flow| {
            for (title, paragraphs, font) in titled {
                section(flow, title, paragraphs, font);
            }
        });
    }
    let lefts = [flow.left, flow.left + half + gutter];
    let ends = titled.into_iter().zip(lefts).map(|((title, paragraphs, font), left)| {
        flow.column(left, half, |flow| section(flow, title, paragraphs, font))
    });
    flow.y = ends.fold(0.0, f32::max);
}

/// What [`section`] takes in a column of `width`.
fn height(flow: &Flow, paragraphs: &[String], font: Font, width: f32) -> f32 {
    let lines = paragraphs.iter().map(|text| flow.lettering.wrap(text, font.weight, font.size, width).len());
    let text = lines.sum::<usize>() as f32 * font.leading();
    if paragraphs.is_empty() { 0.0 } else { Font::HEADING.leading() + 2.0 + text + 4.0 }
}

fn section(flow: &mut Flow, title: &str, paragraphs: &[String], font: Font) {
    if paragraphs.is_empty() {
        return;
    }
    flow.heading(2, title, Font::HEADING);
    for text in paragraphs {
        flow.paragraph(text, font);
    }
    flow.gap(4.0);
}

/// Patient's right on the left, as on the film.
fn sides() -> [(&'static str, Side); 2] {
    [("RIGHT", Side::Right), ("LEFT", Side::Left)]
}
