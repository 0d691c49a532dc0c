//! The same figures for parts of the films: by age, grade, side, rotation of the pelvis in the image, and whatever groups
//! the data set itself names.

use super::table::{Cell, Section, Table};
use super::{Case, Context};
use crate::eval::agreement::{agreement, guess_the_mean};
use crate::eval::radial_error::detection_rate;
use crate::eval::summary::mean;
use crate::measure::{LandmarkCode, Side};
use std::collections::{BTreeMap, BTreeSet};

/// Angles that are broken down, the first that the films have.
const ANGLES: [&str; 3] = ["AI", "LCE", "CE_WIBERG"];

/// Which (case, side) a row is about; a side of `None` is both sides and the midline.
type Members = BTreeSet<(usize, Option<Side>)>;

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("subgroups", "Subgroups");
    let codes: BTreeSet<&str> = context.judged.iter().flat_map(|j| j.values.iter().map(|v| v.code)).collect();
    let angle = ANGLES.into_iter().find(|code| codes.contains(code));
    let limit = match context.unit {
        super::judged::Measure::Percent => 5.0,
        super::judged::Measure::Millimetres => 4.0,
        _ => 10.0,
    };
    let unit = super::landmarks::short(context.unit);
    let name = angle.unwrap_or("angle");
    let heads = [
        format!("mean {unit} [95 % CI]"),
        format!("≤ {limit} {unit}, %"),
        format!("hips with {name}"),
        format!("{name} not measured"),
        format!("{name} MAE [95 % CI]"),
        format!("{name} guess MAE"),
        format!("{name} r"),
        "IHDI right".to_owned(),
    ];
    let mut columns = vec!["grouping", "group", "reader", "films", "points", "missed"];
    columns.extend(heads.iter().map(String::as_str));
    let mut table = Table::new("subgroups", format!("Errors by subgroup, points in {}", context.unit), &columns).noted(
        "Age from the header or the list of cases; IHDI grade and rotation of the TRC line in the image from the reference. \
         A hip counts under its own grade and side, a film under all else. The guess is the mean of the group's other films.",
    );
    for ((grouping, group), members) in groups(context) {
        for (_, reader, judged) in context.each() {
            let within = |case: usize, side: Option<Side>| {
                members.contains(&(case, None)) || (side.is_some() && members.contains(&(case, side)))
            };
            let points: Vec<(usize, Option<f64>)> = judged
                .points
                .iter()
                .filter(|point| within(point.case, point.id.side))
                .filter_map(|point| Some((point.case, point.distance(context.unit)?)))
                .collect();
            let found: Vec<(usize, f64)> =
                points.iter().filter_map(|(case, d)| Some((*case, (*d)?))).collect();
            let distances: Vec<Option<f64>> = points.iter().map(|(_, distance)| *distance).collect();
            let values: Vec<_> = judged
                .values
                .iter()
                .filter(|value| Some(value.code) == angle && within(value.case, value.side))
                .collect();
            let measured: Vec<(usize, f64, f64)> =
                values.iter().filter_map(|v| Some((v.case, v.truth, v.predicted?))).collect();
            let errors: Vec<(usize, f64)> =
                measured.iter().map(|(case, t, p)| (*case, (p - t).abs())).collect();
            let pairs: Vec<(f64, f64)> = measured.iter().map(|(_, t, p)| (*t, *p)).collect();
            let guesses = guess_the_mean(&values.iter().map(|v| (v.case, v.truth)).collect::<Vec<_>>());
            let graded: Vec<bool> = judged
                .grades
                .iter()
                .filter(|grade| grade.code == "IHDI" && within(grade.case, grade.side))
                .map(|grade| grade.predicted.as_ref() == Some(&grade.truth))
                .collect();
            let films: BTreeSet<usize> = members.iter().map(|(case, _)| *case).collect();
            let right = crate::eval::confusion::Proportion {
                hits: graded.iter().filter(|right| **right).count(),
                of: graded.len(),
            };
            table.push(vec![
                Cell::text(&grouping),
                Cell::text(&group),
                Cell::text(&reader.name),
                films.len().into(),
                points.len().into(),
                (points.len() - found.len()).into(),
                context.mean(&found, 2),
                Cell::number(detection_rate(&distances, limit), 1),
                values.len().into(),
                (values.len() - measured.len()).into(),
                context.mean(&errors, 2),
                Cell::number(mean(&guesses), 2),
                Cell::number(agreement(&pairs).and_then(|agreement| agreement.pearson), 3),
                if graded.is_empty() { Cell::Absent } else { Cell::Share(right) },
            ]);
        }
    }
    section.tables.push(table);
    section
}

fn groups(context: &Context) -> BTreeMap<(String, String), Members> {
    let mut groups: BTreeMap<(String, String), Members> = BTreeMap::new();
    let mut add = |grouping: &str, group: String, member| {
        groups.entry((grouping.to_owned(), group)).or_default().insert(member);
    };
    for (number, case) in context.cases.iter().enumerate() {
        add("age", age_band(case), (number, None));
        if let Some(turned) = turned(case) {
            add("rotation in the image", turned.to_owned(), (number, None));
        }
        for (grouping, group) in &case.groups {
            add(grouping, group.clone(), (number, None));
        }
        if !case.truth.points.is_empty() {
            for side in Side::BOTH {
                add("side", side.name().to_owned(), (number, Some(side)));
            }
        }
    }
    for judged in context.judged {
        for grade in judged.grades.iter().filter(|grade| grade.code == "IHDI") {
            add("IHDI grade", grade.truth.clone(), (grade.case, grade.side));
        }
    }
    groups
}

/// In the order in which they are sorted.
fn age_band(case: &Case) -> String {
    match case.subject.age_months {
        None => "not known".to_owned(),
        Some(months) if months < 6.0 => "00–05 months".to_owned(),
        Some(months) if months < 12.0 => "06–11 months".to_owned(),
        Some(months) if months < 24.0 => "12–23 months".to_owned(),
        Some(months) if months < 48.0 => "24–47 months".to_owned(),
        Some(months) if months < 216.0 => "4–17 years".to_owned(),
        Some(_) => "adult".to_owned(),
    }
}

fn turned(case: &Case) -> Option<&'static str> {
    let [right, left] =
        Side::BOTH.map(|side| Some(case.spacing.to_metric(case.truth.position(LandmarkCode::TRC, side)?)));
    let along = left? - right?;
    // Either way round the patient's sides lie on the film.
    let angle = along.y.abs().atan2(along.x.abs()).to_degrees();
    Some(match angle {
        a if a < 2.0 => "below 2°",
        a if a < 5.0 => "2° to 5°",
        a if a < 10.0 => "5° to 10°",
        _ => "from 10°",
    })
}
