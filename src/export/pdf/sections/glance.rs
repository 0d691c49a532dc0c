//! Each side's grades with their probability, and its headline angle, large enough to be read at a glance.

use super::sides;
use super::table::refused_alike;
use crate::export::pdf::layout::{ALERT, Cell, DIM, Flow, Font};
use crate::export::report::Report;
use crate::export::wording;
use crate::measure::{Finding, Measurement, Status};

/// Name, right, left.
const SHARES: [f32; 3] = [1.08, 1.1, 1.1];

pub fn summary(flow: &mut Flow, report: &Report) {
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
        return flow.table(&SHARES, &rows);
    }
    let mut row = vec![Cell::new(wording::title("AI"), Font::BODY).row_header()];
    row.extend(match refused_alike(right, left) {
        Some(measurement) => vec![refused(&measurement.reason, measurement.status).over(2)],
        None => vec![index(right, big), index(left, big)],
    });
    rows.push(row);
    flow.table(&SHARES, &rows);
}

fn grade(finding: Option<&Finding>, big: Font) -> Cell {
    let Some(finding) = finding else { return Cell::new("—", Font::BODY) };
    let Some(grade) = &finding.grade else { return refused(&finding.reason, finding.status) };
    // A numeral is read at a glance; a word as large would break.
    let font = if grade.chars().count() > 4 { Font::STRONG } else { big };
    let mut cell = Cell::new(grade.replace('_', " "), font);
    // The grade itself, then every other one that the landmarks' uncertainty leaves open.
    let shares = finding.probabilities.iter().filter(|(_, share)| *share > 0.005);
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
