//! Who stands behind the numbers, at the foot of the first page; and the line that every page ends with.

use crate::export::pdf::layout::{DIM, Flow, Font, Node, Op, Paper, RULE, Role};
use crate::export::report::Report;
use crate::export::text::Type;
use crate::study::{ReviewStatus, Stamp};

/// From the rule to the line that is signed on.
const ROOM: f32 = 20.0;

/// What is known of the review, in words.
fn status(report: &Report) -> String {
    let around = &report.circumstances;
    match (&around.signed, around.status) {
        (Some(stamp), _) => format!("Signed off in the program by {}.", Stamp::words(stamp)),
        (None, Some(ReviewStatus::Corrected)) => "Corrected by a reader, not signed off.".to_owned(),
        (None, Some(ReviewStatus::InReview)) => "In review, not signed off.".to_owned(),
        (None, Some(ReviewStatus::Predicted)) => "As the network placed the points: not reviewed.".to_owned(),
        (None, _) => "Not reviewed.".to_owned(),
    }
}

/// What [`sign_off`] takes, points.
pub fn height(report: &Report, lettering: &Type, width: f32) -> f32 {
    let font = Font::STRONG;
    let lines = lettering.wrap(&status(report), font.weight, font.size, width).len();
    8.0 + lines as f32 * font.leading() + ROOM + Font::SMALL.leading()
}

/// Status of the review and the lines to sign on, in the place kept on the first page.
pub fn sign_off(flow: &mut Flow, report: &Report) {
    let (page, y) = flow.to_reserved();
    let mut nodes = Vec::new();
    let rule = |from: [f32; 2], to: [f32; 2]| Op::Rule { from, to, width: 0.6, color: RULE, dash: None };
    let (left, width) = (flow.left, flow.width);
    nodes.push(Node::Leaf(Role::Artifact, vec![rule([left, y + 2.0], [left + width, y + 2.0])]));
    flow.y = y + 6.0;
    let font = Font::STRONG;
    let mut ops = Vec::new();
    for line in flow.lettering.wrap(&status(report), font.weight, font.size, width) {
        ops.push(flow.op(&line, font, 0.0));
        flow.gap(font.leading());
    }
    nodes.push(Node::Leaf(Role::Paragraph, ops));
    flow.gap(ROOM);
    let signed = report.circumstances.signed.as_ref();
    let date = signed.and_then(Stamp::time).map(|time| time.format("%Y-%m-%d").to_string());
    let written = [signed.map(|stamp| stamp.by.clone()), date];
    let mut captions = Vec::new();
    let mut lines = Vec::new();
    for (caption, from, to) in [("Reviewed by", 0.0, 0.42), ("Date", 0.46, 0.62), ("Signature", 0.66, 1.0)] {
        let at = |share: f32| [left + share * width, flow.y - 1.0];
        lines.push(Op::Rule { from: at(from), to: at(to), width: 0.6, color: DIM, dash: None });
        captions.push(flow.op(caption, Font::SMALL, from * width));
    }
    // What the program knows stands on the lines; the signature is by hand.
    let ends = flow.y;
    flow.y = ends - font.leading() - 1.0;
    let mut known = Vec::new();
    for (words, (from, to)) in written.into_iter().zip([(0.0, 0.42), (0.46, 0.62)]) {
        let Some(words) = words.filter(|words| !words.is_empty()) else { continue };
        let room = (to - from) * width;
        let line = flow.lettering.wrap_at_most(&words, font.weight, font.size, room, 1);
        known.extend(line.first().map(|line| flow.op(line, font, from * width)));
    }
    flow.y = ends;
    if !known.is_empty() {
        nodes.push(Node::Leaf(Role::Paragraph, known));
    }
    nodes.push(Node::Leaf(Role::Artifact, lines));
    nodes.push(Node::Leaf(Role::Paragraph, captions));
    if let Some(page) = flow.pages.get_mut(page) {
        page.extend(nodes);
    }
}

/// The research-use line, the software and the page number at the foot of every page of the document.
pub fn feet(pages: &mut [Vec<Node>], software: &str, paper: Paper, lettering: &Type) {
    let count = pages.len();
    let font = Font { size: 7.0, ..Font::SMALL };
    let mut flow = Flow::new(paper, lettering);
    let lines = flow.lettering.wrap(crate::RESEARCH_USE, font.weight, font.size, flow.width);
    for (index, page) in pages.iter_mut().enumerate() {
        let mut ops = Vec::new();
        flow.y = flow.bottom() + 12.0;
        for line in &lines {
            ops.push(flow.op(line, font, 0.0));
            flow.gap(font.leading());
        }
        ops.push(flow.op(software, font, 0.0));
        let number = format!("page {} of {count}", index + 1);
        let width = flow.lettering.width(&number, font.weight, font.size);
        ops.push(flow.op(&number, font, flow.width - width));
        page.push(Node::Leaf(Role::Artifact, ops));
    }
}
