//! Measured numbers against those of the reference: agreement beside the guess that needs no network, and the plots that
//! go with it.

use super::Context;
use super::judged::{Judged, ValueError};
use super::table::{Axis, Cell, Chart, Mark, Section, Series, Table};
use crate::eval::agreement::{agreement, guess_the_mean};
use crate::eval::bland_altman::bland_altman;
use crate::eval::intraclass::icc21;
use crate::eval::summary::mean;
use std::collections::BTreeSet;

/// Quantities that get their own plots, where the films have them.
const PLOTTED: [&str; 5] = ["AI", "LCE", "CE_WIBERG", "ALPHA_3PT", "NSA"];

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("agreement", "Angles, lengths and ratios");
    let codes: BTreeSet<&str> = context.judged.iter().flat_map(|j| j.values.iter().map(|v| v.code)).collect();
    if codes.is_empty() {
        section.says("The references of these films make no number that a reader's points would make, too.");
        return section;
    }
    section.says(
        "An error is worth little alone: beside it stand Pearson's r, the ICC(2,1) and the error of guessing, for every \
         hip, the mean of the other films' references.",
    );
    section.tables.push(agreements(context, &codes));
    section.tables.push(limits(context, &codes));
    for code in PLOTTED.iter().filter(|code| codes.contains(**code)) {
        section.charts.extend(scatter(context, code));
        section.charts.extend(
            context.each().filter_map(|(at, reader, judged)| difference(code, at, &reader.name, judged)),
        );
    }
    section
}

/// (case, truth, predicted) of those that the reader measured.
fn measured<'a>(judged: &'a Judged, code: &'a str) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
    of(judged, code).filter_map(|value| Some((value.case, value.truth, value.predicted?)))
}

fn of<'a>(judged: &'a Judged, code: &'a str) -> impl Iterator<Item = &'a ValueError> + 'a {
    judged.values.iter().filter(move |value| value.code == code)
}

/// Mean absolute error of guessing the mean of the other films.
fn guess(judged: &Judged, code: &str) -> Option<f64> {
    let truths: Vec<(usize, f64)> = of(judged, code).map(|value| (value.case, value.truth)).collect();
    mean(&guess_the_mean(&truths))
}

fn agreements(context: &Context, codes: &BTreeSet<&str>) -> Table {
    let columns = [
        "quantity",
        "unit",
        "reader",
        "n",
        "not measured",
        "MAE [95 % CI]",
        "median",
        "90th percentile",
        "max",
        "guess-the-mean MAE",
        "r",
        "ICC(2,1) [95 % CI]",
        "in own 95 % interval",
    ];
    let mut table = Table::new("agreement", "Agreement with the reference", &columns).noted(
        "n counts the hips (or films) of which the reference has the quantity; the errors are over those measured. The \
         ICC's interval is McGraw & Wong's, which takes hips for independent; the MAE's is drawn by patient.",
    );
    for code in codes {
        for (_, reader, judged) in context.each() {
            let all: Vec<&ValueError> = of(judged, code).collect();
            let Some(unit) = all.first().map(|value| value.unit) else { continue };
            let found: Vec<(usize, f64, f64)> = measured(judged, code).collect();
            let errors: Vec<(usize, f64)> = found.iter().map(|(case, t, p)| (*case, (p - t).abs())).collect();
            let pairs: Vec<(f64, f64)> = found.iter().map(|(_, t, p)| (*t, *p)).collect();
            let agreement = agreement(&pairs);
            let number = |get: fn(&crate::eval::agreement::Agreement) -> Option<f64>, decimals| {
                Cell::number(agreement.as_ref().and_then(get), decimals)
            };
            let icc = icc21(&pairs.iter().map(|(t, p)| [*t, *p]).collect::<Vec<_>>(), 0.95);
            let own: Vec<bool> = all
                .iter()
                .filter_map(|value| value.interval.map(|(low, high)| (low..=high).contains(&value.truth)))
                .collect();
            let covered = crate::eval::confusion::Proportion {
                hits: own.iter().filter(|covered| **covered).count(),
                of: own.len(),
            };
            table.push(vec![
                Cell::text(*code),
                Cell::text(unit.ucum()),
                Cell::text(&reader.name),
                all.len().into(),
                (all.len() - found.len()).into(),
                context.mean(&errors, 2),
                number(|a| Some(a.median_absolute), 2),
                number(|a| Some(a.p90_absolute), 2),
                number(|a| Some(a.max_absolute), 2),
                Cell::number(guess(judged, code), 2),
                number(|a| a.pearson, 3),
                Cell::with_interval(icc.map(|icc| icc.value), 3, icc.and_then(|icc| icc.interval)),
                if own.is_empty() { Cell::Absent } else { Cell::Share(covered) },
            ]);
        }
    }
    table
}

fn limits(context: &Context, codes: &BTreeSet<&str>) -> Table {
    let columns = [
        "quantity",
        "reader",
        "n",
        "bias [95 % CI]",
        "SD",
        "95 % limits, low",
        "high",
        "slope",
        "p of slope",
    ];
    let mut table = Table::new("bland-altman", "Bland–Altman: prediction − reference", &columns)
        .noted("Limits are bias ± 1.96 SD; the slope is that of the difference on the mean of the pair (proportional bias).");
    for code in codes {
        for (_, reader, judged) in context.each() {
            let pairs: Vec<(f64, f64)> = measured(judged, code).map(|(_, t, p)| (t, p)).collect();
            let Some(found) = bland_altman(&pairs) else { continue };
            table.push(vec![
                Cell::text(*code),
                Cell::text(&reader.name),
                found.n.into(),
                Cell::with_interval(found.bias, 2, Some(found.bias_interval)),
                Cell::number(found.sd, 2),
                Cell::number(found.limits.low, 2),
                Cell::number(found.limits.high, 2),
                Cell::number(found.proportional.map(|p| p.slope), 3),
                Cell::number(found.proportional.map(|p| p.p), 3),
            ]);
        }
    }
    table
}

fn scatter(context: &Context, code: &str) -> Option<Chart> {
    let dots: Vec<Series> = context
        .each()
        .map(|(at, reader, judged)| Series {
            name: reader.name.clone(),
            mark: Mark::Dots,
            points: measured(judged, code).map(|(_, truth, predicted)| (truth, predicted)).collect(),
            colour: Some(at),
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    if dots.is_empty() {
        return None;
    }
    let both = dots.iter().flat_map(|series| series.points.iter().flat_map(|(a, b)| [*a, *b]));
    let axis = Axis::around(String::new(), both);
    let identity = Series {
        name: "identity".to_owned(),
        mark: Mark::Dashed,
        points: vec![(axis.low, axis.low), (axis.high, axis.high)],
        colour: None,
    };
    Some(Chart {
        id: format!("scatter-{code}"),
        title: format!("{code}: prediction against reference"),
        description: format!(
            "Each dot is a hip; on the dashed line {code} of reader and reference are alike."
        ),
        x: Axis { label: format!("{code}, reference"), ..axis.clone() },
        y: Axis { label: format!("{code}, reader"), ..axis },
        downwards: false,
        labels: Vec::new(),
        series: std::iter::once(identity).chain(dots).collect(),
    })
}

fn difference(code: &str, at: usize, name: &str, judged: &Judged) -> Option<Chart> {
    let pairs: Vec<(f64, f64)> = measured(judged, code).map(|(_, t, p)| (t, p)).collect();
    let found = bland_altman(&pairs)?;
    let points: Vec<(f64, f64)> = pairs.iter().map(|(t, p)| (0.5 * (t + p), p - t)).collect();
    let x = Axis::around(format!("mean of reader and reference, {code}"), points.iter().map(|p| p.0));
    let ends = [found.limits.low, found.limits.high, 0.0];
    let y = Axis::around("reader − reference", points.iter().map(|p| p.1).chain(ends));
    let across = |name: String, value: f64, mark, colour| Series {
        name,
        mark,
        points: vec![(x.low, value), (x.high, value)],
        colour,
    };
    let limit = |value: f64| format!("limit {value:.2}");
    Some(Chart {
        id: format!("bland-altman-{code}-{at}"),
        title: format!("{code}, Bland–Altman: {name}"),
        description: format!(
            "Difference of {name} and reference against their mean, {} hips: bias {:.2}, 95 % limits of agreement {:.2} to {:.2}.",
            found.n, found.bias, found.limits.low, found.limits.high
        ),
        series: vec![
            across(format!("bias {:.2}", found.bias), found.bias, Mark::Line, Some(at)),
            across(limit(found.limits.high), found.limits.high, Mark::Dashed, Some(at)),
            across(limit(found.limits.low), found.limits.low, Mark::Dashed, Some(at)),
            across(String::new(), 0.0, Mark::Line, None),
            Series { name: String::new(), mark: Mark::Dots, points, colour: Some(at) },
        ],
        x,
        y,
        downwards: false,
        labels: Vec::new(),
    })
}
