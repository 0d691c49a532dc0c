//! The head of the page: whose report, of whom, of which image.

use crate::export::pdf::layout::{Cell, DIM, Flow, Font, Node, Op, Role, TINT};
use crate::export::report::Report;
use crate::export::text::Weight;
use crate::export::wording;

/// Height of a logo, points.
const LOGO: f32 = 26.0;
/// The widest logo, as a share of the page.
const LOGO_WIDTH: f32 = 0.3;

pub fn head(flow: &mut Flow, report: &Report) {
    site(flow, report);
    let title = Font { size: 15.0, ..Font::HEADING };
    let date = report.created.format("%Y-%m-%d %H:%M").to_string();
    let width = flow.lettering.width(&date, Weight::Regular, Font::BODY.size);
    let mut op = flow.op(&date, Font::BODY.colored(DIM), flow.width - width);
    if let Op::Text { at, .. } = &mut op {
        at[1] = flow.y + title.size;
    }
    flow.heading(1, "Hip radiograph: measurements", title);
    flow.push(Node::Leaf(Role::Paragraph, vec![op]));
    research_use(flow);
    identity(flow, report);
    flow.gap(6.0);
}

/// Patient and film in one line, for the pages that follow.
pub fn of_whom(report: &Report) -> String {
    let who = &report.identity;
    let known = |name: &str, value: &str| {
        (!value.trim().is_empty()).then(|| format!("{name} {}", wording::date(value)))
    };
    let said = [
        Some(wording::person(&who.patient_name)),
        Some(wording::or_dash(&who.patient_id)),
        known("born", &who.patient_birth_date),
        known("film of", &who.study_date),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    said.join(" · ")
}

/// The research-use line on its tint.
pub fn research_use(flow: &mut Flow) {
    let lines = flow.lettering.wrap(crate::RESEARCH_USE, Weight::Bold, 8.0, flow.width - 12.0);
    let height = lines.len() as f32 * 10.6 + 6.0;
    let rect = [flow.left, flow.y, flow.width, height];
    flow.push(Node::Leaf(Role::Artifact, vec![Op::Tint { rect, color: TINT }]));
    flow.gap(3.0);
    let strong = Font { size: 8.0, ..Font::STRONG };
    flow.column(flow.left + 6.0, flow.width - 12.0, |f| f.paragraph(crate::RESEARCH_USE, strong));
    flow.gap(height + 1.0);
}

/// Logo and name of the hospital, where there are any.
fn site(flow: &mut Flow, report: &Report) {
    let site = &report.circumstances.site;
    let mut shift = 0.0;
    let logo = site.logo.as_ref().and_then(|bytes| image::load_from_memory(bytes).ok());
    if let Some(logo) = &logo {
        let aspect = logo.width() as f32 / logo.height().max(1) as f32;
        let width = (LOGO * aspect).min(flow.width * LOGO_WIDTH);
        let rect = [flow.left, flow.y, width, width / aspect];
        flow.push(Node::Leaf(Role::Figure("Logo of the hospital".to_owned()), vec![Op::Logo { rect }]));
        shift = width + 10.0;
    }
    if site.name.is_empty() && logo.is_none() {
        return;
    }
    let font = Font { size: 11.0, ..Font::STRONG };
    let lines = flow.lettering.wrap_at_most(&site.name, font.weight, font.size, flow.width - shift, 2);
    let below = flow.column(flow.left + shift, flow.width - shift, |flow| {
        flow.gap(3.0);
        flow.paragraph(&lines.join(" "), font);
    });
    let tall = if logo.is_some() { LOGO } else { 0.0 };
    flow.y = below.max(flow.y + tall) + 4.0;
    flow.rule();
    flow.gap(4.0);
}

fn identity(flow: &mut Flow, report: &Report) {
    let who = &report.identity;
    let person = [who.patient_sex.trim().to_owned(), wording::age(&who.patient_age)];
    let person = person.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ");
    let view = [who.modality.trim(), who.view_position.trim(), who.study_description.trim()];
    let view = view.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" · ");
    let file = report.source.path.file_name().unwrap_or_default().to_string_lossy();
    let fields = [
        ("Patient", wording::person(&who.patient_name)),
        ("Patient ID", wording::or_dash(&who.patient_id)),
        ("Born", wording::date(&who.patient_birth_date)),
        ("Sex, age", wording::or_dash(&person)),
        ("File", wording::or_dash(&file)),
        ("View", wording::or_dash(&view)),
        ("Study date", wording::date(&who.study_date)),
        ("Image", image(report)),
    ];
    let shares = [2.2, 2.0, 1.0, 1.2];
    let total: f32 = shares.iter().sum();
    for row in fields.chunks(shares.len()) {
        let cells: Vec<Cell> = row
            .iter()
            .zip(shares)
            .map(|((label, value), share)| {
                let width = flow.width * share / total - 4.0;
                let lines = flow.lettering.wrap_at_most(value, Weight::Regular, 8.5, width, 2);
                Cell::new(*label, Font::SMALL).with(lines.join(" "), Font::BODY)
            })
            .collect();
        flow.table(&shares, &[cells]);
    }
    flow.rule();
}

fn image(report: &Report) -> String {
    match (report.source.columns, report.source.rows) {
        (Some(columns), Some(rows)) => format!("{columns} × {rows} px"),
        _ => "none, points only".to_owned(),
    }
}
