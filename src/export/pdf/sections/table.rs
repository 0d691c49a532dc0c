//! The table of all measurements by side: value, interval, norm, status, or why there is no value.

use super::sides;
use crate::export::pdf::layout::{Cell, Flow, Font, INK};
use crate::export::report::Report;
use crate::export::wording;
use crate::measure::norms::{self, Reading};
use crate::measure::zones::Class;
use crate::measure::{Measurement, Side, Status};

/// Measure and line; then value, interval and status of each side.
const SHARES: [f32; 8] = [2.05, 1.05, 0.82, 1.08, 1.18, 0.82, 1.08, 1.18];

/// The norm tables that were named so far, numbered as the table refers to them.
#[derive(Default)]
struct Sources {
    ids: Vec<(String, u32)>,
    known: Vec<String>,
}

impl Sources {
    /// The limits that speak of the measurement, each with the number of its source, by the sides they hold for; `None`
    /// without any.
    fn limits(&mut self, report: &Report, code: &str) -> Option<String> {
        let mut lines: Vec<(String, Vec<Option<Side>>)> = Vec::new();
        for reading in report.assessment.readings.iter().filter(|reading| reading.measurement == code) {
            let line = format!("{} [{}]", reading.limits, self.number(reading));
            match lines.iter_mut().find(|(known, _)| *known == line) {
                Some((_, sides)) => sides.push(reading.side),
                None => lines.push((line, vec![reading.side])),
            }
        }
        let mut groups: Vec<(Vec<Option<Side>>, Vec<String>)> = Vec::new();
        for (line, sides) in lines {
            match groups.iter_mut().find(|(known, _)| *known == sides) {
                Some((_, lines)) => lines.push(line),
                None => groups.push((sides, vec![line])),
            }
        }
        // What holds for one side stands before what holds for both.
        groups.sort_by_key(|(sides, _)| sides.len());
        let only = groups.len() == 1;
        let said = groups.into_iter().map(|(sides, lines)| match sides[..] {
            [Some(side)] => format!(", {}: {}", side.name(), lines.join("; ")),
            _ if only => format!(": {}", lines.join("; ")),
            _ => format!(", both: {}", lines.join("; ")),
        });
        let said: Vec<String> = said.collect();
        (!said.is_empty()).then(|| format!("Norm{}", said.concat()))
    }

    fn number(&mut self, reading: &Reading) -> usize {
        let id = (reading.table.clone(), reading.version);
        if let Some(index) = self.ids.iter().position(|known| *known == id) {
            return index + 1;
        }
        let number = self.ids.len() + 1;
        let table = norms::embedded().iter().find(|t| t.id == reading.table && t.version == reading.version);
        let source = table.map_or(String::new(), |table| format!("{}; {}; ", table.title, table.source));
        let judged = match (&reading.class, &reading.signature) {
            (_, Some(by)) => format!("signed by {}, {}", by.name, by.date),
            (Some(_), None) => "judges by its published limits".to_owned(),
            (None, None) => "unsigned: judges nothing".to_owned(),
        };
        self.known.push(format!("[{number}] {source}{}/{}: {judged}.", reading.table, reading.version));
        self.ids.push(id);
        number
    }
}

/// The table; gives back what its numbers are by: the sources of the norms, the definitions.
pub fn measurements(flow: &mut Flow, report: &Report) -> Vec<String> {
    // Not without the heads of its columns and a row.
    flow.need(100.0);
    flow.heading(2, "Measurements", Font::HEADING);
    if report.assessment.measurements.is_empty() {
        flow.paragraph("Nothing could be measured on this film.", Font::BODY);
        return Vec::new();
    }
    let small = Font::SMALL;
    let blank = || Cell::new("", small).column_header();
    let mut sources = Sources::default();
    let mut top = vec![blank(), blank()];
    let mut names: Vec<Cell> =
        ["Measure", "Against"].map(|name| Cell::new(name, small).column_header()).to_vec();
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
            (None, None) => [side_cells(report, right), side_cells(report, left)].concat(),
        });
        rows.push(row);
        rows.extend(
            sources.limits(report, code).map(|limits| vec![Cell::new(limits, small).over(SHARES.len())]),
        );
    }
    flow.table(&SHARES, &rows);
    flow.gap(6.0);
    let definitions = report.assessment.measurements.iter().map(|m| m.definition);
    let rules = report.assessment.findings.iter().map(|f| f.rule);
    let mut ids: Vec<&str> = definitions.chain(rules).collect();
    ids.dedup();
    sources.known.push(format!("Definitions: {}.", ids.join(", ")));
    sources.known
}

/// One of two measurements that were refused for the same reason, so that it is said once.
pub fn refused_alike<'a>(
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
fn side_cells(report: &Report, measurement: Option<&Measurement>) -> Vec<Cell> {
    let Some(measurement) = measurement else { return vec![Cell::new("—", Font::BODY).over(3)] };
    let Some(value) = wording::value(measurement) else {
        return vec![why_not(measurement).over(3)];
    };
    let interval = wording::interval(measurement).unwrap_or_else(|| "—".to_owned());
    let mut status = match measurement.status {
        Status::Ok => Cell::new("OK", Font::SMALL),
        other => Cell::new(other.code().replace('_', " ").to_lowercase(), Font::SMALL.alerting()),
    };
    let mut classes: Vec<Class> = report
        .assessment
        .readings_of(measurement.code, measurement.side)
        .filter_map(|reading| reading.class)
        .collect();
    classes.dedup();
    for class in classes {
        let font = if class == Class::Normal { Font::SMALL } else { Font::SMALL.alerting() };
        status = status.with(class.code().replace('_', " "), font);
    }
    vec![Cell::new(value, Font::STRONG), Cell::new(interval, Font::BODY), status]
}

/// A measurement of the whole pelvis: in one cell across both sides.
fn whole_cells(measurement: &Measurement) -> Vec<Cell> {
    let Some(value) = wording::value(measurement) else { return vec![why_not(measurement).over(6)] };
    let mut said = vec![format!("{value} (whole pelvis)")];
    said.extend(wording::interval(measurement).map(|interval| format!("95\u{a0}% {interval}")));
    let alert = measurement.status != Status::Ok;
    if alert {
        said.push(measurement.status.code().replace('_', " ").to_lowercase());
    }
    let font = if alert { Font::STRONG.alerting() } else { Font::STRONG };
    vec![Cell::new(said.join(" · "), font).over(6)]
}
