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
    let mut flow = Flow::new(paper, lettering);
    flow.reserve(signature::height(report, lettering, flow.width));
    head::head(&mut flow, report);
    film::film_beside_summary(&mut flow, report);
    table::measurements(&mut flow, report);
    section(&mut flow, "Positioning", &notes::positioning(report));
    section(&mut flow, "Notes", &notes::notes(report, lettering));
    if !report.circumstances.priors.is_empty() {
        if flow.pages.len() == 1 {
            flow.new_page();
        }
        change::change(&mut flow, report);
    }
    signature::sign_off(&mut flow, report);
    flow.pages
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
