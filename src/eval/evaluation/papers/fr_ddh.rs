//! FR-DDH: its table 1 (point-to-point error of six landmarks), table 2 (acetabular index), figure 4 (successful
//! detection rate) and its diagnosis. `papers/fr-ddh`: C. Liu, H. Xie, S. Zhang, J. Xu, J. Sun, Y. Zhang, MICCAI 2019.

use super::{begun, points};
use crate::eval::agreement::{agreement, average_accuracy};
use crate::eval::confusion::{Confusion, Proportion};
use crate::eval::evaluation::Context;
use crate::eval::evaluation::judged::Measure;
use crate::eval::evaluation::landmarks::short;
use crate::eval::evaluation::table::{Cell, Section, Table};
use crate::eval::landmark_table::landmark_table;
use crate::measure::{LandmarkCode, LandmarkId, Side};

/// The paper's names, in its order. It writes RFM where it means the right femoral head.
const LANDMARKS: [(&str, LandmarkCode, Side); 6] = [
    ("RTCC", LandmarkCode::TRC, Side::Right),
    ("LTCC", LandmarkCode::TRC, Side::Left),
    ("RASM", LandmarkCode::SMA, Side::Right),
    ("LASM", LandmarkCode::SMA, Side::Left),
    ("RFM", LandmarkCode::FH, Side::Right),
    ("LFH", LandmarkCode::FH, Side::Left),
];
/// Precision ranges of the SDR, mm; errors ≤ them count.
const RANGES: [f64; 3] = [1.5, 2.0, 3.0];
/// Table 1 for N = 80: average, then as [`LANDMARKS`].
const TABLE_1: [f64; 7] = [1.244, 1.459, 1.601, 1.152, 1.258, 0.992, 1.002];

fn place(id: &LandmarkId) -> Option<usize> {
    LANDMARKS.iter().position(|(_, code, side)| id.code == *code && id.side == Some(*side))
}

pub fn section(context: &Context) -> Section {
    let applies =
        (0..context.readers.len()).any(|at| !points(context, at, |id| place(id).is_some()).is_empty());
    let mut section = begun(
        "fr-ddh",
        "FR-DDH: misshapen pelvis landmarks",
        applies,
        "no reader and reference share TRC, SMA or FH",
    );
    section.says(
        "The paper heads its table 1 “pixel” and says “mm” in the text; at its spacing of 0.15 mm the two differ nearly \
         sevenfold. Its acetabular-index accuracy AA is 100 × the mean of 1 − error / reference.",
    );
    section.tables.extend([errors(context), index(context), rates(context), diagnosis(context)]);
    section
}

fn errors(context: &Context) -> Table {
    let mut columns = vec!["method", "unit", "n", "missed", "average"];
    columns.extend(LANDMARKS.iter().map(|(name, ..)| *name));
    let mut table = Table::new("fr-ddh-1", "Table 1: point-to-point error PE", &columns)
        .noted("The average is over the landmarks' means, as the paper's equation 5.");
    for measure in [Measure::Millimetres, Measure::Pixels, Measure::Percent] {
        for (at, reader, _) in context.each() {
            let errors: Vec<Vec<(usize, Option<f64>)>> = points(context, at, |id| place(id).is_some())
                .into_iter()
                .filter_map(|point| Some(vec![(place(&point.id)?, point.distance(measure)?)]))
                .collect();
            if errors.is_empty() {
                continue;
            }
            let found = landmark_table(&errors, &[]);
            let missed = errors.iter().flatten().filter(|(_, distance)| distance.is_none()).count();
            let mut row = vec![
                Cell::text(&reader.name),
                short(measure).into(),
                errors.len().into(),
                missed.into(),
                Cell::number(found.mre, 3),
            ];
            row.extend((0..LANDMARKS.len()).map(|place| {
                Cell::number(found.rows.get(&place).and_then(|row| row.error.as_ref()).map(|e| e.mean), 3)
            }));
            table.push(row);
        }
    }
    let mut published: Vec<Option<f64>> = vec![None, Some(2103.0), None];
    published.extend(TABLE_1.map(Some));
    table.publish("FR-DDH, N = 80 (2103 films)", &published, 3);
    if let Some(row) = table.rows.last_mut() {
        row.cells[1] = Cell::text("px or mm");
        row.cells[2] = Cell::Count(2103);
    }
    table
}

fn index(context: &Context) -> Table {
    let columns = [
        "method",
        "n right",
        "n left",
        "not measured",
        "AE right, °",
        "AE left, °",
        "AA right, %",
        "AA left, %",
    ];
    let mut table = Table::new("fr-ddh-2", "Table 2: acetabular index", &columns);
    for (_, reader, judged) in context.each() {
        let of = |side| judged.values.iter().filter(move |v| v.code == "AI" && v.side == Some(side));
        if Side::BOTH.iter().all(|side| of(*side).next().is_none()) {
            continue;
        }
        let pairs =
            Side::BOTH.map(|side| of(side).filter_map(|v| Some((v.truth, v.predicted?))).collect::<Vec<_>>());
        let all: usize = Side::BOTH.iter().map(|side| of(*side).count()).sum();
        let mut row = vec![Cell::text(&reader.name), pairs[0].len().into(), pairs[1].len().into()];
        row.push((all - pairs[0].len() - pairs[1].len()).into());
        row.extend(pairs.iter().map(|pairs| Cell::number(agreement(pairs).map(|a| a.mean_absolute), 2)));
        row.extend(pairs.iter().map(|pairs| Cell::number(average_accuracy(pairs), 2)));
        table.push(row);
    }
    table.publish(
        "Bashir (24 films)",
        &[None, None, None, Some(3.78), Some(2.95), Some(83.6), Some(85.4)],
        2,
    );
    table.publish("FR-DDH", &[None, None, None, Some(2.32), Some(2.36), Some(87.8), Some(87.2)], 2);
    table
}

fn rates(context: &Context) -> Table {
    let mut columns = vec!["method", "within", "n", "all"];
    columns.extend(LANDMARKS.iter().map(|(name, ..)| *name));
    let mut table = Table::new("fr-ddh-sdr", "Figure 4: successful detection rate, %", &columns)
        .noted("Films without millimetres have no part in it; missed points are failures.");
    for (at, reader, _) in context.each() {
        let errors: Vec<Vec<(usize, Option<f64>)>> = points(context, at, |id| place(id).is_some())
            .into_iter()
            .filter_map(|point| Some(vec![(place(&point.id)?, point.distance(Measure::Millimetres)?)]))
            .collect();
        if errors.is_empty() {
            continue;
        }
        let found = landmark_table(&errors, &RANGES);
        for (number, range) in RANGES.iter().enumerate() {
            let hit = |error: &&(usize, Option<f64>)| error.1.is_some_and(|distance| distance <= *range);
            let hits = errors.iter().flatten().filter(hit).count();
            let mut row =
                vec![Cell::text(&reader.name), Cell::text(format!("{range} mm")), errors.len().into()];
            row.push(Cell::number(
                Proportion { hits, of: errors.len() }.value().map(|share| 100.0 * share),
                1,
            ));
            row.extend(
                (0..LANDMARKS.len())
                    .map(|place| Cell::number(found.rows.get(&place).map(|row| row.within[number]), 1)),
            );
            table.push(row);
        }
    }
    let mut published = vec![None; 9];
    published[2] = Some(95.0);
    table.publish("FR-DDH, “almost”", &published, 0);
    if let Some(row) = table.rows.last_mut() {
        row.cells[1] = Cell::text("3 mm");
    }
    table
}

fn diagnosis(context: &Context) -> Table {
    let columns = ["method", "n hips", "not judged", "precision, %", "recall, %", "TP", "FP", "TN", "FN"];
    let mut table = Table::new("fr-ddh-diagnosis", "Diagnosis of DDH", &columns).noted(
        "Ours: the rule DDH of both sets of points (IHDI grade and acetabular index for the age; abnormal against all \
         else), hips whose reference is assessable; one that the reader could not judge counts as not called. The paper \
         publishes no rule and diagnoses against a doctor.",
    );
    for (_, reader, judged) in context.each() {
        let all: Vec<_> = judged.grades.iter().filter(|grade| grade.code == "DDH").collect();
        if all.is_empty() {
            continue;
        }
        let called = |grade: Option<&str>| grade == Some("abnormal");
        let found = Confusion::of(
            all.iter().map(|grade| (called(Some(&grade.truth)), called(grade.predicted.as_deref()))),
        );
        let percent = |share: Proportion| Cell::number(share.value().map(|share| 100.0 * share), 1);
        table.push(vec![
            Cell::text(&reader.name),
            all.len().into(),
            all.iter().filter(|grade| grade.predicted.is_none()).count().into(),
            percent(found.ppv()),
            percent(found.sensitivity()),
            found.true_positive.into(),
            found.false_positive.into(),
            found.true_negative.into(),
            found.false_negative.into(),
        ]);
    }
    let row = |precision, recall| [None, None, Some(precision), Some(recall), None, None, None, None];
    table.publish("FR-DDH", &row(92.8, 97.5), 1);
    table.publish("general doctor", &row(89.9, 91.5), 1);
    table
}
