//! What went wrong: every film that was refused, every point that was missed or invented, and the films read worst.

use super::judged::Judged;
use super::landmarks::{kind, of_cases, short};
use super::table::{Cell, Section, Table};
use super::{Context, papers};
use std::collections::BTreeMap;

/// Films that are shown as pictures.
pub const SHOWN: usize = 10;
/// Rows of the list of failures; the CSV of points has all of them.
const LISTED: usize = 400;

/// The cases a reader read worst: refused first, then by points missed, then by their mean error or their mean Dice.
pub fn worst(context: &Context, judged: &Judged) -> Vec<usize> {
    let reader = context.judged.iter().position(|other| std::ptr::eq(other, judged)).unwrap_or(0);
    let mut misses: BTreeMap<usize, usize> = BTreeMap::new();
    let mut errors: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for point in &judged.points {
        *misses.entry(point.case).or_default() += usize::from(point.offset.is_none());
        if let Some(Some(error)) = point.distance(context.unit) {
            errors.entry(point.case).or_default().push(error);
        }
    }
    let overlap = papers::nnunet::mean_dice_of_cases(context, reader);
    let readings = &context.readers[reader].readings;
    let concerns =
        |case: &usize| misses.contains_key(case) || overlap.contains_key(case) || readings[*case].is_err();
    let badness = |case: usize| {
        let mean = errors.get(&case).map_or(0.0, |all| all.iter().sum::<f64>() / all.len() as f64);
        let missed = misses.get(&case).copied().unwrap_or(0);
        (readings[case].is_err(), missed, mean + overlap.get(&case).map_or(0.0, |dice| 1.0 - dice))
    };
    let mut cases: Vec<usize> = (0..context.cases.len()).filter(concerns).collect();
    cases.sort_by(|a, b| {
        let (a, b) = (badness(*a), badness(*b));
        (b.0, b.1).cmp(&(a.0, a.1)).then(b.2.total_cmp(&a.2))
    });
    cases.truncate(SHOWN);
    cases
}

pub fn worst_section(context: &Context, worst: &[Vec<usize>]) -> Section {
    let mut section = Section::new("worst", "Worst films");
    section.says(format!(
        "Of each reader the {SHOWN} films it read worst: refused, then with points missed, then by mean error. In the \
         pictures rings are the reference, crosses the reader, joined by a line."
    ));
    let unit = format!("mean error, {}", short(context.unit));
    let columns = ["reader", "rank", "film", "what", "points missed", &unit, "worst point", "its error"];
    let mut table = Table::new("worst", "Worst films", &columns);
    for (at, reader, judged) in context.each() {
        let means = of_cases(context, at, context.unit);
        for (rank, case) in worst[at].iter().enumerate() {
            let points: Vec<_> = judged.points.iter().filter(|point| point.case == *case).collect();
            let largest = points
                .iter()
                .filter_map(|point| Some((point.distance(context.unit)??, point.id.to_string())))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let what = match &reader.readings[*case] {
                Err(reason) => format!("refused: {reason}"),
                Ok(_) => "read".to_owned(),
            };
            table.push(vec![
                Cell::text(&reader.name),
                (rank + 1).into(),
                Cell::text(&context.cases[*case].name),
                Cell::text(what),
                points.iter().filter(|point| point.offset.is_none()).count().into(),
                Cell::number(means.get(case).copied().flatten(), 2),
                largest.as_ref().map_or(Cell::Absent, |(_, id)| Cell::text(id)),
                Cell::number(largest.as_ref().map(|(error, _)| *error), 2),
            ]);
        }
    }
    section.tables.push(table);
    section
}

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("failures", "Failures");
    let mut refused = Table::new("refused", "Films refused", &["reader", "film", "reason"]);
    let mut lost = Table::new("lost", "Points missed and invented", &["reader", "film", "what", "points"]);
    for (_, reader, judged) in context.each() {
        for (case, reading) in context.cases.iter().zip(&reader.readings) {
            if let Err(reason) = reading {
                refused.push(vec![Cell::text(&reader.name), Cell::text(&case.name), Cell::text(reason)]);
            }
        }
        let mut rows: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
        for point in judged.points.iter().filter(|p| p.offset.is_none() && reader.readings[p.case].is_ok()) {
            let name = if kind(&point.id).contains(' ') { kind(&point.id) } else { point.id.to_string() };
            rows.entry((point.case, "missed")).or_default().push(name);
        }
        for point in judged.absent.iter().filter(|point| point.invented) {
            rows.entry((point.case, "invented")).or_default().push(point.id.to_string());
        }
        for ((case, what), mut points) in rows {
            points.dedup();
            let film = Cell::text(&context.cases[case].name);
            lost.push(vec![Cell::text(&reader.name), film, what.into(), Cell::text(points.join(", "))]);
        }
    }
    for mut table in [refused, lost] {
        if table.rows.is_empty() {
            section.says(format!("{}: none.", table.title));
            continue;
        }
        if table.rows.len() > LISTED {
            table.note = format!("The first {LISTED} of {}; points.csv has all.", table.rows.len());
            table.rows.truncate(LISTED);
        }
        section.tables.push(table);
    }
    section
}
