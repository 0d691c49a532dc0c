//! Label augmentation: its table 1 (mean RMSE and SDR in pixels of the resized picture) and table 2 (RMSE of five labels
//! in mm). Y. Suh, P. Chan, J. R. Martin, D. Moyer, 2023.

use super::{begun, points};
use crate::eval::evaluation::Context;
use crate::eval::evaluation::judged::Measure;
use crate::eval::evaluation::landmarks::{deviation, kind};
use crate::eval::evaluation::table::{Cell, Section, Table};
use crate::eval::landmark_table::landmark_table;
use crate::eval::radial_error::{detection_rate_below, summarise};
use crate::eval::summary::mean;
use crate::measure::LandmarkId;

/// Errors below these count, in pixels of the picture padded to a square and resized to 512.
const LIMITS: [f64; 4] = [2.0, 2.5, 3.0, 4.0];
/// Labels 1 to 5 of table 2.
const LABELS: [(&str, &str); 5] = [
    ("TD", "teardrops"),
    ("ISC", "ischium"),
    ("LT", "lesser trochanter"),
    ("GT", "greater trochanter"),
    ("SCJ", "sacrococcygeal joint"),
];

/// Outlines are no landmarks of this paper.
fn is_landmark(id: &LandmarkId) -> bool {
    !kind(id).contains(' ')
}

pub fn section(context: &Context) -> Section {
    let applies = (0..context.readers.len()).any(|at| !points(context, at, is_landmark).is_empty());
    let mut section = begun(
        "label-augmentation",
        "Label augmentation: pelvic landmarks",
        applies,
        "no reader and reference share a landmark",
    );
    section.says(
        "Pixels are those of the film padded to a square and resized to 512 × 512, as in the paper. Its mean RMSE is taken \
         as the mean of the landmarks' RMSE; errors exactly at a limit do not count.",
    );
    section.tables.extend([table_1(context), table_2(context)]);
    section
}

fn table_1(context: &Context) -> Table {
    let columns = [
        "method",
        "n",
        "missed",
        "mean RMSE, px",
        "MRE ± SD, px",
        "± SD",
        "SDR < 2, %",
        "< 2.5, %",
        "< 3, %",
        "< 4, %",
    ];
    let mut table = Table::new("label-augmentation-1", "Table 1: error and success detection rate", &columns);
    table.columns[4] = "MRE, px [95 % CI]".to_owned();
    for (at, reader, _) in context.each() {
        let errors: Vec<(usize, &LandmarkId, Option<f64>)> = points(context, at, is_landmark)
            .into_iter()
            .filter_map(|point| Some((point.case, &point.id, point.distance(Measure::Resized)?)))
            .collect();
        if errors.is_empty() {
            continue;
        }
        let images: Vec<_> =
            errors.iter().map(|(_, id, distance)| vec![((*id).clone(), *distance)]).collect();
        let distances: Vec<Option<f64>> = errors.iter().map(|(.., distance)| *distance).collect();
        let found: Vec<(usize, f64)> =
            errors.iter().filter_map(|(case, _, d)| Some((*case, (*d)?))).collect();
        let mut row = vec![
            Cell::text(&reader.name),
            errors.len().into(),
            (errors.len() - found.len()).into(),
            Cell::number(landmark_table(&images, &[]).rmse, 2),
            context.mean(&found, 2),
            Cell::number(deviation(&found.iter().map(|(_, d)| *d).collect::<Vec<_>>()), 2),
        ];
        row.extend(LIMITS.map(|limit| Cell::number(detection_rate_below(&distances, limit), 2)));
        table.push(row);
    }
    for (name, rmse, rates) in [
        ("paper, pelvis radiographs: proposed", 3.98, [38.15, 52.08, 63.38, 74.15]),
        ("paper, pelvis radiographs: U-Net", 175.03, [0.0; 4]),
        ("paper, pelvis radiographs: U-Net + augmentation", 180.77, [0.0, 0.0, 0.08, 0.15]),
        ("paper, pelvis radiographs: proposed + augmentation", 8.75, [17.54, 26.53, 33.33, 41.87]),
    ] {
        let mut numbers = vec![None, None, Some(rmse), None, None];
        numbers.extend(rates.map(Some));
        table.publish(name, &numbers, 2);
    }
    table
}

fn table_2(context: &Context) -> Table {
    let heads: Vec<String> =
        LABELS.iter().enumerate().map(|(number, (_, name))| format!("{}: {name}", number + 1)).collect();
    let mut columns = vec!["method", "n", "missed", "mean"];
    columns.extend(heads.iter().map(String::as_str));
    let mut table = Table::new("label-augmentation-2", "Table 2: RMSE of five labels, mm", &columns)
        .noted("Both sides of a label together; the mean is over the labels that the reference has.");
    for (at, reader, _) in context.each() {
        let of = |code: &str| -> Vec<Option<f64>> {
            points(context, at, |id| id.code.as_str() == code)
                .into_iter()
                .filter_map(|point| point.distance(Measure::Millimetres))
                .collect()
        };
        let all: Vec<Vec<Option<f64>>> = LABELS.iter().map(|(code, _)| of(code)).collect();
        let n: usize = all.iter().map(Vec::len).sum();
        if n == 0 {
            continue;
        }
        let rmse: Vec<Option<f64>> = all.iter().map(|all| summarise(all).map(|s| s.rms)).collect();
        let missed = all.iter().flatten().filter(|distance| distance.is_none()).count();
        let mut row = vec![Cell::text(&reader.name), n.into(), missed.into()];
        row.push(Cell::number(mean(&rmse.iter().flatten().copied().collect::<Vec<_>>()), 2));
        row.extend(rmse.iter().map(|value| Cell::number(*value, 2)));
        table.push(row);
    }
    for (name, numbers) in [
        ("Mulford et al.", [3.3, 2.7, 3.1, 2.1, 3.0, 5.6]),
        ("label augmentation", [3.60, 2.19, 3.43, 2.13, 2.06, 8.17]),
    ] {
        let numbers: Vec<Option<f64>> = [None, None].into_iter().chain(numbers.map(Some)).collect();
        table.publish(name, &numbers, 2);
    }
    table
}
