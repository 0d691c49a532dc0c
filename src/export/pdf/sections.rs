//! What the report says, section by section, and in which order.

use super::layout::{ALERT, Cell, DIM, Flow, Font, INK, Node, Op, Paper, Role, TINT};
use crate::export::report::{Change, Report};
use crate::export::scene::View;
use crate::export::style;
use crate::export::text::{Type, Weight};
use crate::export::wording;
use crate::measure::norms::Reading;
use crate::measure::spread;
use crate::measure::{Finding, LandmarkId, LandmarkState, Measurement, Origin, Side, Status};

/// The pages of the report.
pub fn pages(report: &Report, paper: Paper, lettering: &Type) -> Vec<Vec<Node>> {
    let mut flow = Flow::new(paper, lettering);
    head(&mut flow, report);
    film_beside_summary(&mut flow, report);
    measurements(&mut flow, report);
    let notes: Vec<String> = report
        .warnings
        .iter()
        .filter(|w| Some(w.as_str()) != report.spacing.status.caution())
        .map(|w| format!("• {w}"))
        .collect();
    section(&mut flow, "Norms", &norms(report));
    section(&mut flow, "Notes", &notes);
    sign_off(&mut flow);
    feet(&mut flow, report);
    flow.pages
}

/// Each norm that speaks of this patient, and who signed it: an unsigned one judges nothing.
fn norms(report: &Report) -> Vec<String> {
    let line = |reading: &Reading| {
        let side = reading.side.map_or(String::new(), |side| format!(" {}", side.name()));
        let judged = match (reading.class, &reading.signature) {
            (Some(class), Some(by)) => format!("{}; signed by {}, {}", class.code(), by.name, by.date),
            (Some(class), None) => class.code().to_owned(),
            (None, _) => "unsigned: judges nothing".to_owned(),
        };
        let title = wording::title(reading.measurement);
        format!("• {title}{side}: {} ({}/{}): {judged}", reading.limits, reading.table, reading.version)
    };
    report.assessment.readings.iter().map(line).collect()
}

fn head(flow: &mut Flow, report: &Report) {
    let title = Font { size: 15.0, ..Font::HEADING };
    let date = report.created.format("%Y-%m-%d %H:%M").to_string();
    let width = flow.lettering.width(&date, Weight::Regular, Font::BODY.size);
    let mut op = flow.op(&date, Font::BODY.colored(DIM), flow.width - width);
    if let Op::Text { at, .. } = &mut op {
        at[1] = flow.y + title.size;
    }
    flow.heading(1, "Hip radiograph: measurements", title);
    flow.push(Node::Leaf(Role::Paragraph, vec![op]));
    let lines = flow.lettering.wrap(crate::RESEARCH_USE, Weight::Bold, 8.0, flow.width - 12.0);
    let height = lines.len() as f32 * 10.6 + 6.0;
    let rect = [flow.left, flow.y, flow.width, height];
    flow.push(Node::Leaf(Role::Artifact, vec![Op::Tint { rect, color: TINT }]));
    flow.gap(3.0);
    let strong = Font { size: 8.0, ..Font::STRONG };
    flow.column(flow.left + 6.0, flow.width - 12.0, |f| f.paragraph(crate::RESEARCH_USE, strong));
    flow.gap(height + 4.0);
    identity(flow, report);
    flow.gap(8.0);
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

/// The film on the left, each side's grades and acetabular index on the right, as a clinician glances at it.
fn film_beside_summary(flow: &mut Flow, report: &Report) {
    let film_width = flow.width * 0.58;
    let gutter = 16.0;
    let view = View::fitting(report, film_width, (flow.bottom() - flow.y) * 0.55);
    let below_film = flow.column(flow.left, film_width, |flow| {
        let film = Op::Film { at: [flow.left, flow.y], view };
        flow.push(Node::Leaf(Role::Figure(described(report)), vec![film]));
        flow.gap(view.height + 5.0);
        legend(flow);
    });
    let left = flow.left + film_width + gutter;
    let width = flow.width - film_width - gutter;
    let below_summary = flow.column(left, width, |flow| {
        summary(flow, report);
        flow.gap(8.0);
        section(flow, "Lengths", &[wording::spacing(&report.spacing)]);
        section(flow, "Points", &points(report));
    });
    flow.y = below_film.max(below_summary) + 8.0;
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

fn legend(flow: &mut Flow) {
    let font = Font::SMALL;
    let mut x = 0.0;
    let mut ops = Vec::new();
    for role in style::LEGEND {
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
    flow.gap(font.leading());
    ops.push(flow.op(
        "Hollow ring: as placed by network or file. Solid core: placed by a person.",
        font,
        0.0,
    ));
    flow.gap(font.leading());
    flow.push(Node::Leaf(Role::Paragraph, ops));
}

/// Patient's right on the left, as on the film.
fn sides() -> [(&'static str, Side); 2] {
    [("RIGHT", Side::Right), ("LEFT", Side::Left)]
}

fn summary(flow: &mut Flow, report: &Report) {
    let big = Font { size: 15.0, ..Font::STRONG };
    let header = sides().map(|(name, _)| Cell::new(name, Font::STRONG).column_header());
    let mut rows = vec![[vec![Cell::new("", Font::SMALL).column_header()], header.to_vec()].concat()];
    let assessment = &report.assessment;
    let mut codes: Vec<&str> = assessment.findings.iter().map(|f| f.code).collect();
    codes.dedup();
    for code in codes {
        let mut row = vec![Cell::new(wording::title(code), Font::BODY).row_header()];
        let [right, left] = sides().map(|(_, side)| assessment.finding(code, Some(side)));
        row.extend(match (right, left) {
            (Some(r), Some(l)) if r.grade.is_none() && l.grade.is_none() && r.reason == l.reason => {
                vec![refused(&r.reason, r.status).over(2)]
            }
            _ => vec![grade(right, big), grade(left, big)],
        });
        rows.push(row);
    }
    let [right, left] = sides().map(|(_, side)| assessment.measurement("AI", Some(side)));
    if right.is_none() && left.is_none() {
        // An adult's film has none.
        return flow.table(&[1.0, 1.1, 1.1], &rows);
    }
    let mut row = vec![Cell::new(wording::title("AI"), Font::BODY).row_header()];
    row.extend(match refused_alike(right, left) {
        Some(measurement) => vec![refused(&measurement.reason, measurement.status).over(2)],
        None => vec![index(right, big), index(left, big)],
    });
    rows.push(row);
    flow.table(&[1.0, 1.1, 1.1], &rows);
}

fn grade(finding: Option<&Finding>, big: Font) -> Cell {
    let Some(finding) = finding else { return Cell::new("—", Font::BODY) };
    let Some(grade) = &finding.grade else { return refused(&finding.reason, finding.status) };
    // A numeral is read at a glance; a word as large would break.
    let font = if grade.chars().count() > 4 { Font::STRONG } else { big };
    let mut cell = Cell::new(grade.replace('_', " "), font);
    // The grade itself, then every other one that the landmarks' uncertainty leaves open.
    let shares = finding.probabilities.iter().filter(|(_, share)| *share >= 0.005);
    let shares: Vec<String> = shares
        .map(|(g, share)| format!("{}:\u{a0}{}", g.replace('_', " "), wording::percent(*share)))
        .collect();
    if !shares.is_empty() {
        cell = cell.with(shares.join(", "), Font::SMALL);
    }
    flagged(cell, finding.status, &finding.reason)
}

fn index(measurement: Option<&Measurement>, big: Font) -> Cell {
    let Some(measurement) = measurement else { return Cell::new("—", Font::BODY) };
    let Some(value) = wording::value(measurement) else {
        return refused(&measurement.reason, measurement.status);
    };
    let mut cell = Cell::new(value, big);
    if let Some(interval) = wording::interval(measurement) {
        cell = cell.with(format!("95\u{a0}% {interval}"), Font::SMALL);
    }
    flagged(cell, measurement.status, "")
}

fn flagged(cell: Cell, status: Status, reason: &str) -> Cell {
    match (status, reason) {
        (Status::Ok, _) => cell,
        (_, "") => cell.with(status.code(), Font::SMALL.colored(ALERT)),
        _ => cell.with(reason, Font::SMALL.colored(ALERT)),
    }
}

fn refused(reason: &str, status: Status) -> Cell {
    let reason = if reason.is_empty() { status.code() } else { reason };
    Cell::new("not given", Font::STRONG.colored(DIM)).with(reason, Font::SMALL)
}

fn measurements(flow: &mut Flow, report: &Report) {
    flow.heading(2, "Measurements", Font::HEADING);
    let small = Font::SMALL;
    let blank = || Cell::new("", small).column_header();
    let mut top = vec![blank(), blank()];
    let mut names =
        vec![Cell::new("Measure", small).column_header(), Cell::new("Against", small).column_header()];
    for (name, _) in sides() {
        top.push(Cell::new(name, Font::STRONG).over(3).column_header());
        names.extend(["value", "95 % interval", "status"].map(|n| Cell::new(n, small).column_header()));
    }
    let mut rows = vec![top, names];
    let mut codes: Vec<&str> = report.assessment.measurements.iter().map(|m| m.code).collect();
    codes.dedup();
    for code in codes {
        let of = |side| report.assessment.measurement(code, Some(side));
        let whole = report.assessment.measurement(code, None);
        let line = sides().iter().find_map(|(_, side)| of(*side).or(whole)?.reference_line);
        let mut row = vec![
            Cell::new(wording::title(code), Font::BODY).row_header(),
            Cell::new(line.map_or("—", wording::reference), small),
        ];
        let [right, left] = sides().map(|(_, side)| of(side));
        row.extend(match (whole, refused_alike(right, left)) {
            (Some(measurement), _) => whole_cells(measurement),
            (None, Some(measurement)) => vec![why_not(measurement).over(6)],
            (None, None) => [side_cells(right), side_cells(left)].concat(),
        });
        rows.push(row);
    }
    flow.table(&[1.9, 1.1, 0.85, 1.25, 0.8, 0.85, 1.25, 0.8], &rows);
    let definitions = report.assessment.measurements.iter().map(|m| m.definition);
    let rules = report.assessment.findings.iter().map(|f| f.rule);
    let mut ids: Vec<&str> = definitions.chain(rules).collect();
    ids.dedup();
    flow.paragraph(&format!("Definitions: {}.", ids.join(", ")), small);
    flow.gap(5.0);
}

/// One of two measurements that were refused for the same reason, so that it is said once.
fn refused_alike<'a>(
    right: Option<&'a Measurement>,
    left: Option<&'a Measurement>,
) -> Option<&'a Measurement> {
    let (right, left) = (right?, left?);
    (right.value.is_none() && left.value.is_none() && right.reason == left.reason).then_some(right)
}

fn why_not(measurement: &Measurement) -> Cell {
    let code = measurement.status.code();
    let why = if measurement.reason.is_empty() { code } else { measurement.reason.as_str() };
    Cell::new(format!("not measured: {why}"), Font::SMALL.colored(INK))
}

/// Value, interval and status; or, over all three, why there is none.
fn side_cells(measurement: Option<&Measurement>) -> Vec<Cell> {
    let Some(measurement) = measurement else { return vec![Cell::new("—", Font::BODY).over(3)] };
    let Some(value) = wording::value(measurement) else {
        return vec![why_not(measurement).over(3)];
    };
    let interval = wording::interval(measurement).unwrap_or_else(|| "—".to_owned());
    let status = match measurement.status {
        Status::Ok => Cell::new("OK", Font::SMALL),
        other => Cell::new(other.code().replace('_', " "), Font::SMALL.colored(ALERT)),
    };
    vec![Cell::new(value, Font::STRONG), Cell::new(interval, Font::BODY), status]
}

/// A measurement of the whole pelvis: across both sides.
fn whole_cells(measurement: &Measurement) -> Vec<Cell> {
    let mut cells = side_cells(Some(measurement));
    if let Some(value) = cells.first_mut().filter(|_| measurement.value.is_some()) {
        *value = value.clone().over(4);
        return cells;
    }
    vec![why_not(measurement).over(6)]
}

fn section(flow: &mut Flow, title: &str, paragraphs: &[String]) {
    if paragraphs.is_empty() {
        return;
    }
    flow.heading(2, title, Font::HEADING);
    for text in paragraphs {
        flow.paragraph(text, Font::BODY);
    }
    flow.gap(5.0);
}

/// Who placed the points, which of them a person moved, and which are missing.
fn points(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    match &report.model {
        Some(model) => {
            let sha: String = model.sha256.chars().take(12).collect();
            said.push(format!("Placed by {} version {} (SHA-256 {sha}…).", model.id, model.version));
        }
        None => said.push("Placed by a person or a file: no network took part.".to_owned()),
    }
    said.push(corrections(report));
    said.extend(spread::meaning(report.assessment.measurements.iter()));
    let missing: Vec<String> = report
        .landmarks
        .iter()
        .filter_map(|(id, landmark)| match &landmark.state {
            LandmarkState::Missing { reason } => Some(format!("{id} ({reason})")),
            LandmarkState::Defined { .. } => None,
        })
        .collect();
    if !missing.is_empty() {
        said.push(format!("Missing: {}.", missing.join(", ")));
    }
    said
}

fn corrections(report: &Report) -> String {
    if report.corrections.is_empty() {
        let by_person = report.landmarks.iter().filter(|(_, l)| l.origin == Origin::Person).count();
        return match (by_person, &report.model) {
            (0, Some(_)) => "No point was corrected by a person.".to_owned(),
            (0, None) => "The points are those of the file.".to_owned(),
            (count, _) => {
                format!("{count} of {} points were placed by a person.", report.landmarks.points.len())
            }
        };
    }
    let each: Vec<String> = report.corrections.iter().map(|c| corrected(&c.landmark, &c.change)).collect();
    let mean = report.mean_correction().map_or(String::new(), |(pixels, millimetres)| {
        format!(", moved by {} on average", distance(pixels, millimetres))
    });
    format!(
        "A person corrected {} of {} points{mean}: {}.",
        report.corrections.len(),
        report.landmarks.points.len(),
        each.join(", ")
    )
}

fn corrected(id: &LandmarkId, change: &Change) -> String {
    match change {
        Change::Moved { pixels, millimetres } => format!("{id} {}", distance(*pixels, *millimetres)),
        Change::Added => format!("{id} added"),
        Change::MarkedAbsent => format!("{id} marked absent"),
    }
}

fn distance(pixels: f64, millimetres: Option<f64>) -> String {
    match millimetres {
        Some(millimetres) => format!("{millimetres:.1} mm ({pixels:.1} px)"),
        None => format!("{pixels:.1} px"),
    }
}

fn sign_off(flow: &mut Flow) {
    flow.need(34.0);
    flow.gap(18.0);
    let line =
        "Reviewed by ____________________________   Date ____________   Signature ________________________";
    flow.paragraph(line, Font::BODY.colored(DIM));
}

/// The research-use line, the software and the page number at the foot of every page.
fn feet(flow: &mut Flow, report: &Report) {
    let count = flow.pages.len();
    let font = Font { size: 7.0, ..Font::SMALL };
    let lines = flow.lettering.wrap(crate::RESEARCH_USE, font.weight, font.size, flow.width);
    for page in 0..count {
        let mut ops = Vec::new();
        flow.y = flow.bottom() + 12.0;
        for line in &lines {
            ops.push(flow.op(line, font, 0.0));
            flow.gap(font.leading());
        }
        ops.push(flow.op(&report.software, font, 0.0));
        let number = format!("page {} of {count}", page + 1);
        let width = flow.lettering.width(&number, font.weight, font.size);
        ops.push(flow.op(&number, font, flow.width - width));
        flow.pages[page].push(Node::Leaf(Role::Artifact, ops));
    }
}
