//! What the report says, section by section, and in which order.

mod change;
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
        }
        change::change(&mut flow, report);
    }
    signature::sign_off(&mut flow, report);
    flow.pages
}

/// Shares of the first page that the picture may take: the largest with which one page is enough, else the largest of all.
const FILM: [f32; 5] = [0.5, 0.44, 0.38, 0.32, 0.28];

fn of_this_film<'a>(report: &Report, paper: Paper, lettering: &'a Type, share: f32) -> Flow<'a> {
    let mut flow = Flow::new(paper, lettering);
    flow.reserve(signature::height(report, lettering, flow.width));
    head::head(&mut flow, report);
    film::film_beside_summary(&mut flow, report, share);
    table::measurements(&mut flow, report);
    let notes = [notes::positioning(report), notes::notes(report, lettering)].concat();
    section(&mut flow, "Positioning and notes", &notes);
    flow
}

fn section(flow: &mut Flow, title: &str, paragraphs: &[String]) {
    if paragraphs.is_empty() {
        return;
    }
    flow.heading(2, title, Font::HEADING);
    for text in paragraphs {
        flow.paragraph(text, Font::BODY);
    }
    flow.gap(4.0);
}

/// Patient's right on the left, as on the film.
fn sides() -> [(&'static str, Side); 2] {
    [("RIGHT", Side::Right), ("LEFT", Side::Left)]
}
