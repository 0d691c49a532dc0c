//! What changed since the earlier films, and whether by more than the error of measuring; then each value over age.

use super::{curve, section};
use crate::export::pdf::layout::{Cell, Flow, Font};
use crate::export::report::Report;
use crate::export::wording;
use crate::measure::change::{self, Comparison, GrowthPoint};
use crate::measure::{Assessment, Side};

pub fn change(flow: &mut Flow, report: &Report) {
    let around = &report.circumstances;
    let Some(latest) = around.priors.iter().max_by(|a, b| a.date.cmp(&b.date)) else { return };
    let title = format!("Change since {}", wording::date(&latest.date));
    flow.heading(1, &title, Font { size: 13.0, ..Font::HEADING });
    let compared = change::compare(&latest.assessment, &report.assessment);
    let (known, unknown): (Vec<&Comparison>, Vec<&Comparison>) =
        compared.iter().partition(|comparison| comparison.change.is_ok());
    let header = ["Measure", "Side", "Then", "Now", "Change", "Measuring error", "Verdict"];
    let mut rows = vec![header.map(|name| Cell::new(name, Font::SMALL).column_header()).to_vec()];
    rows.extend(known.into_iter().filter_map(row));
    flow.table(&[2.0, 0.7, 0.8, 0.8, 0.8, 1.2, 2.0], &rows);
    flow.paragraph(
        "Measuring error: the smallest difference that the deviations of both films do not explain, 95 %.",
        Font::SMALL,
    );
    flow.gap(6.0);
    let films = by_age(report);
    curve::curves(flow, report, &films);
    growth(flow, report, &films);
    let not: Vec<String> = unknown
        .into_iter()
        .filter_map(|c| {
            Some(format!("• {}{}: {}", wording::title(c.code), of(c.side), c.change.as_ref().err()?))
        })
        .collect();
    section(flow, "Not compared", &not, Font::BODY);
}

fn of(side: Option<Side>) -> String {
    side.map_or(String::new(), |side| format!(", {}", side.name()))
}

fn row(comparison: &Comparison) -> Option<Vec<Cell>> {
    let change = comparison.change.as_ref().ok()?;
    let number = |value: f64| format!("{}{}", wording::signed(value), change.unit.suffix());
    let verdict = match change.is_real() {
        Some(true) => Cell::new("beyond measuring error", Font::STRONG),
        Some(false) => Cell::new("within measuring error", Font::BODY),
        None => Cell::new("error unknown", Font::BODY),
    };
    let plus = if change.difference > 0.05 { "+" } else { "" };
    Some(vec![
        Cell::new(wording::title(comparison.code), Font::BODY).row_header(),
        Cell::new(comparison.side.map_or("whole", Side::name), Font::BODY),
        Cell::new(number(change.before), Font::BODY),
        Cell::new(number(change.after), Font::BODY),
        Cell::new(format!("{plus}{}", number(change.difference)), Font::STRONG),
        Cell::new(change.detectable.map_or("—".to_owned(), number), Font::BODY),
        verdict,
    ])
}

/// The films whose age is known, this one first; none where its own age is not.
fn by_age(report: &Report) -> Vec<(f64, &Assessment)> {
    let around = &report.circumstances;
    let Some(now) = around.age_months else { return Vec::new() };
    let earlier = around.priors.iter().filter_map(|prior| Some((prior.age_months?, &prior.assessment)));
    [(now, &report.assessment)].into_iter().chain(earlier).collect()
}

/// One row a measurement and side, its value at each age with the change per year.
fn growth(flow: &mut Flow, report: &Report, films: &[(f64, &Assessment)]) {
    let header = ["Measure", "Side", "Value at age (change per year)"];
    let mut rows = vec![header.map(|name| Cell::new(name, Font::SMALL).column_header()).to_vec()];
    for measurement in &report.assessment.measurements {
        let points = change::growth(films, measurement.code, measurement.side);
        if points.len() < 2 {
            continue;
        }
        let suffix = measurement.unit.suffix();
        let words: Vec<String> = points.iter().map(|point| at_age(point, suffix)).collect();
        rows.push(vec![
            Cell::new(wording::title(measurement.code), Font::BODY).row_header(),
            Cell::new(measurement.side.map_or("whole", Side::name), Font::BODY),
            Cell::new(words.join("; "), Font::BODY),
        ]);
    }
    if rows.len() > 1 {
        flow.heading(2, "Growth", Font::HEADING);
        flow.table(&[1.9, 0.6, 6.0], &rows);
        flow.gap(4.0);
    }
}

fn at_age(point: &GrowthPoint, suffix: &str) -> String {
    let value = format!("{:.1} months: {}{suffix}", point.age_months, wording::signed(point.value));
    match point.per_year {
        Some(rate) => format!("{value} ({}{suffix}\u{a0}a\u{a0}year)", wording::signed(rate)),
        None => value,
    }
}
