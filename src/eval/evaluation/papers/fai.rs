//! FAI landmarks: its table 1 (radial error of FHC, NA, LAE, LCP and SDR) and table 2 (LCE and alpha agreement, cam
//! screening). "Automated Landmark Detection for assessing hip conditions: A Cross-Modality Validation of MRI versus X-ray".

use super::{begun, points};
use crate::eval::agreement::agreement;
use crate::eval::confusion::{Confusion, Proportion};
use crate::eval::evaluation::Context;
use crate::eval::evaluation::judged::Measure;
use crate::eval::evaluation::landmarks::deviation;
use crate::eval::evaluation::table::{Cell, Section, Table};
use crate::eval::intraclass::icc21;
use crate::eval::radial_error::{detection_rate, summarise};
use crate::measure::LandmarkId;

const LANDMARKS: [&str; 4] = ["FHC", "NA", "LAE", "LCP"];
/// mm; errors ≤ them count.
const RADII: [f64; 3] = [2.0, 3.0, 4.0];
/// Alpha above this is cam (the paper's threshold, by its code).
const CAM_DEG: f64 = 65.0;
const ANGLES: [(&str, &str); 2] = [("LCE", "LCE"), ("ALPHA_3PT", "alpha")];

fn is_landmark(id: &LandmarkId) -> bool {
    LANDMARKS.contains(&id.code.as_str())
}

pub fn section(context: &Context) -> Section {
    let applies = (0..context.readers.len()).any(|at| !points(context, at, is_landmark).is_empty());
    let needs = "no reader and reference share FHC, NA, LAE or LCP";
    let mut section = begun("fai", "FAI landmarks on X-ray and MRI", applies, needs);
    section.says(
        "The paper's ± is over three training runs; ours in brackets is over patients of one run. Bland–Altman's limits \
         and plots of both angles stand under “Angles, lengths and ratios”.",
    );
    section.tables.extend([table_1(context), angles(context), cam(context)]);
    section
}

fn table_1(context: &Context) -> Table {
    let columns = [
        "method",
        "landmark",
        "n",
        "missed",
        "mean RE, mm",
        "SD",
        "median RE, mm",
        "SDR@2 mm, %",
        "SDR@3 mm, %",
        "SDR@4 mm, %",
    ];
    let mut table = Table::new("fai-1", "Table 1: landmark localisation", &columns)
        .noted("Films without millimetres have no part in it. The rate counts missed points as failures.");
    for (at, reader, _) in context.each() {
        let all = points(context, at, is_landmark);
        for name in LANDMARKS.iter().copied().chain(["overall"]) {
            let errors: Vec<(usize, Option<f64>)> = all
                .iter()
                .filter(|point| name == "overall" || point.id.code.as_str() == name)
                .filter_map(|point| Some((point.case, point.distance(Measure::Millimetres)?)))
                .collect();
            if errors.is_empty() {
                continue;
            }
            let distances: Vec<Option<f64>> = errors.iter().map(|(_, distance)| *distance).collect();
            let found: Vec<(usize, f64)> =
                errors.iter().filter_map(|(case, d)| Some((*case, (*d)?))).collect();
            let mut row = vec![
                Cell::text(&reader.name),
                name.into(),
                errors.len().into(),
                (errors.len() - found.len()).into(),
                context.mean(&found, 2),
                Cell::number(deviation(&found.iter().map(|(_, d)| *d).collect::<Vec<_>>()), 2),
                Cell::number(summarise(&distances).map(|s| s.median), 2),
            ];
            row.extend(RADII.map(|radius| Cell::number(detection_rate(&distances, radius), 1)));
            table.push(row);
        }
    }
    for (method, rows, rates) in [
        (
            "paper, X-ray",
            [(1.07, 1.01), (2.35, 1.61), (3.18, 2.81), (5.50, 1.76), (3.02, 1.49)],
            [62.5, 79.2, 85.4],
        ),
        (
            "paper, MRI",
            [(1.78, 0.84), (1.25, 1.13), (3.17, 2.78), (5.72, 2.55), (2.98, 1.62)],
            [58.3, 73.5, 83.1],
        ),
    ] {
        for (name, (mean, median)) in LANDMARKS.iter().copied().chain(["overall"]).zip(rows) {
            let rates = rates.map(|rate| Some(rate).filter(|_| name == "overall"));
            let mut numbers = vec![None, None, None, Some(mean), None, Some(median)];
            numbers.extend(rates);
            table.publish(method, &numbers, 2);
            if let Some(row) = table.rows.last_mut() {
                row.cells[1] = Cell::text(name);
            }
        }
    }
    table
}

fn angles(context: &Context) -> Table {
    let columns =
        ["method", "angle", "n", "not measured", "MAE, °", "median, °", "ICC(2,1)", "bias, °", "band"];
    let mut table = Table::new("fai-2", "Table 2: angle agreement", &columns)
        .noted("Alpha is ALPHA_3PT of the other tables. Bands of the ICC are Cicchetti's.");
    for (code, name) in ANGLES {
        for (_, reader, judged) in
            context.each().filter(|(_, reader, _)| reader.offers.iter().any(is_landmark))
        {
            let all: Vec<_> = judged.values.iter().filter(|value| value.code == code).collect();
            if all.is_empty() {
                continue;
            }
            let found: Vec<_> = all.iter().filter_map(|v| Some((v.case, v.truth, v.predicted?))).collect();
            let pairs: Vec<(f64, f64)> = found.iter().map(|(_, t, p)| (*t, *p)).collect();
            let errors: Vec<(usize, f64)> = found.iter().map(|(case, t, p)| (*case, (p - t).abs())).collect();
            let agreed = agreement(&pairs);
            let icc = icc21(&pairs.iter().map(|(t, p)| [*t, *p]).collect::<Vec<_>>(), 0.95);
            table.push(vec![
                Cell::text(&reader.name),
                name.into(),
                all.len().into(),
                (all.len() - found.len()).into(),
                context.mean(&errors, 2),
                Cell::number(agreed.as_ref().map(|a| a.median_absolute), 2),
                Cell::with_interval(icc.map(|icc| icc.value), 2, icc.and_then(|icc| icc.interval)),
                Cell::number(agreed.as_ref().map(|a| a.bias), 2),
                icc.map_or(Cell::Absent, |icc| icc.band().into()),
            ]);
        }
    }
    for (method, name, [mae, median, icc]) in [
        ("paper, X-ray", "LCE", [2.97, 2.22, 0.82]),
        ("paper, MRI", "LCE", [2.96, 1.28, 0.73]),
        ("paper, X-ray", "alpha", [12.18, 5.61, 0.52]),
        ("paper, MRI", "alpha", [13.64, 5.45, 0.41]),
    ] {
        table.publish(method, &[None, None, None, Some(mae), Some(median), Some(icc), None, None], 2);
        if let Some(row) = table.rows.last_mut() {
            row.cells[1] = Cell::text(name);
        }
    }
    table
}

fn cam(context: &Context) -> Table {
    let columns = [
        "method",
        "n",
        "not measured",
        "accuracy, %",
        "sensitivity, %",
        "specificity, %",
        "PPV, %",
        "NPV, %",
        "TP",
        "FP",
        "TN",
        "FN",
    ];
    let mut table = Table::new(
        "fai-cam",
        format!("Table 2: cam screening (alpha above {CAM_DEG}°)"),
        &columns,
    )
    .noted(
        "A hip whose alpha the reader could not measure counts as not called. The paper gives its best runs.",
    );
    for (_, reader, judged) in context.each() {
        let all: Vec<_> = judged.values.iter().filter(|value| value.code == "ALPHA_3PT").collect();
        if all.is_empty() {
            continue;
        }
        let calls = all.iter().map(|v| (v.truth > CAM_DEG, v.predicted.is_some_and(|alpha| alpha > CAM_DEG)));
        let found = Confusion::of(calls);
        let percent = |share: Proportion| {
            let interval = share.wilson(0.95).map(|wilson| crate::eval::summary::Interval {
                low: 100.0 * wilson.low,
                high: 100.0 * wilson.high,
            });
            Cell::with_interval(share.value().map(|share| 100.0 * share), 1, interval)
        };
        let missing = all.iter().filter(|value| value.predicted.is_none()).count();
        let mut row = vec![Cell::text(&reader.name), all.len().into(), missing.into()];
        row.extend(
            [found.accuracy(), found.sensitivity(), found.specificity(), found.ppv(), found.npv()]
                .map(percent),
        );
        row.extend(
            [found.true_positive, found.false_positive, found.true_negative, found.false_negative]
                .map(Cell::from),
        );
        table.push(row);
    }
    let rates = [87.5, 54.55, 100.0, 100.0, 85.29].map(Some);
    let mut numbers = vec![None, None];
    numbers.extend(rates);
    numbers.extend([None; 4]);
    table.publish("paper, X-ray and MRI", &numbers, 2);
    if let Some(row) = table.rows.last_mut() {
        row.cells[1] = Cell::Count(40);
        for (cell, count) in row.cells.iter_mut().rev().zip([5_usize, 29, 0, 6]) {
            *cell = Cell::Count(count);
        }
    }
    table
}
