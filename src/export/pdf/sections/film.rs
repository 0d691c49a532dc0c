//! The film with its lines on the left; on the right each side's grades and its index, what lengths are worth, and whose
//! points they are, as a clinician glances at it.

use super::glance::summary;
use super::points::points;
use super::{height, section};
use crate::export::pdf::layout::{Flow, Font, Node, Op, Role};
use crate::export::report::Report;
use crate::export::scene::View;
use crate::export::style;
use crate::export::wording;
use crate::measure::Side;
use crate::measure::construction;

/// Points of a design pixel at which a label, 15 of them high, can be read in print.
const LEGIBLE: f32 = 0.42;
/// Design pixels of the film's longer side below which labels would leave the places that are free for them: 15 of them
/// within 0.035 of that side (`measure::label::extent`).
const LARGEST: f32 = 430.0;

/// The film on the left, each side's grades and acetabular index on the right, as a clinician glances at it; the film takes
/// no more than `share` of the height that is left.
pub fn film_beside_summary(flow: &mut Flow, report: &Report, share: f32) {
    let gutter = 16.0;
    let mut view = View::fitting(report, flow.width * 0.58, (flow.bottom() - flow.y) * share);
    view.unit = view.unit.max(LEGIBLE.min(view.width.max(view.height) / LARGEST));
    // What a narrower film leaves, the words beside it take; the legend needs some room.
    let film_width = view.width.max(flow.width * 0.42);
    let mut below_film = flow.column(flow.left, film_width, |flow| {
        let film = Op::Film { at: [flow.left, flow.y], view };
        flow.push(Node::Leaf(Role::Figure(described(report)), vec![film]));
        flow.gap(view.height + 5.0);
        legend(flow, report);
        flow.gap(4.0);
    });
    let left = flow.left + film_width + gutter;
    let width = flow.width - film_width - gutter;
    let mut below_summary = flow.column(left, width, |flow| {
        summary(flow, report);
        flow.gap(8.0);
    });
    // Under the film or the summary, so that the lower of the two ends as high as can be.
    let sections = [("Lengths", vec![lengths(report)]), ("Points", points(report))];
    let [wide, narrow] =
        [film_width, width].map(|w| sections.each_ref().map(|(_, said)| height(flow, said, Font::BODY, w)));
    let ends = |under_film: [bool; 2]| {
        let sum = |of: [f32; 2], there: bool| -> f32 {
            of.into_iter()
                .zip(under_film)
                .filter(|(_, under)| *under == there)
                .map(|(height, _)| height)
                .sum()
        };
        (below_film + sum(wide, true)).max(below_summary + sum(narrow, false))
    };
    let ways = [[false, false], [true, false], [false, true], [true, true]];
    let best = ways.into_iter().min_by(|a, b| ends(*a).total_cmp(&ends(*b))).unwrap_or_default();
    let beside = flow.pages.len() == 1 && ends(best) <= flow.bottom();
    let top = flow.y;
    for ((title, said), under_film) in sections.iter().zip(best).filter(|_| beside) {
        let column = if under_film {
            (flow.left, film_width, &mut below_film)
        } else {
            (left, width, &mut below_summary)
        };
        flow.y = *column.2;
        *column.2 = flow.column(column.0, column.1, |flow| section(flow, title, said, Font::BODY));
        flow.y = top;
    }
    flow.y = below_film.max(below_summary) + 8.0;
    // What does not fit there stands below both, over the whole width.
    for (title, said) in sections.iter().filter(|_| !beside) {
        section(flow, title, said, Font::BODY);
    }
}

/// How lengths were calibrated and what they are worth.
fn lengths(report: &Report) -> String {
    let worth = wording::spacing(&report.spacing);
    match &report.circumstances.calibration {
        Some(how) => format!("{worth} Calibrated {how}."),
        None => worth,
    }
}

fn described(report: &Report) -> String {
    let said = |side: Side| {
        let index = report.assessment.measurement("AI", Some(side)).and_then(wording::value);
        let index = index.unwrap_or_else(|| "not measured".to_owned());
        format!("acetabular index {} {index}", side.name())
    };
    let (right, left) = (said(Side::Right), said(Side::Left));
    format!("Hip radiograph with landmarks and construction lines: {right}, {left}.")
}

/// The kinds of line that stand over this film, and what the rings mean.
fn legend(flow: &mut Flow, report: &Report) {
    let font = Font::SMALL;
    let mut x = 0.0;
    let mut ops = Vec::new();
    let drawn = |role: &construction::Role| report.construction.iter().any(|line| line.role == *role);
    for role in style::LEGEND.into_iter().filter(drawn) {
        let name = style::name(role);
        let entry = 18.0 + flow.lettering.width(name, font.weight, font.size);
        if x > 0.0 && x + entry > flow.width {
            x = 0.0;
            flow.gap(font.leading());
        }
        let middle = flow.y + 0.65 * font.size;
        let style::Rgb(r, g, b) = style::color(role);
        // On paper the overlay's colours need a darker tone to be seen.
        let darker = |c: u8| (f32::from(c) * 0.8) as u8;
        ops.push(Op::Rule {
            from: [flow.left + x, middle],
            to: [flow.left + x + 14.0, middle],
            width: 1.6,
            color: style::Rgb(darker(r), darker(g), darker(b)),
            dash: style::dash(role).map(|d| d.map(|length| length * 0.4)),
        });
        ops.push(flow.op(name, font, x + 18.0));
        x += entry + 8.0;
    }
    if !ops.is_empty() {
        flow.gap(font.leading());
    }
    ops.push(flow.op("Hollow ring: placed by network or file. Solid core: by a person.", font, 0.0));
    flow.gap(font.leading());
    flow.push(Node::Leaf(Role::Paragraph, ops));
}
