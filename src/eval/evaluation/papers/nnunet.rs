//! nnU-Net on the hip: Dice of L1 to L5 as its tables I and II, with IoU, HD95 and ASSD. L. Blažková, "Segmentation of hip
//! joint anatomy structures from radiographic images".

use super::begun;
use crate::eval::evaluation::judged::millimetres;
use crate::eval::evaluation::landmarks::deviation;
use crate::eval::evaluation::table::{Cell, Section, Table};
use crate::eval::evaluation::{Case, Context};
use crate::eval::overlap::Overlap;
use crate::eval::summary::{mean, percentile};
use crate::eval::surface_distance::{Mask, SurfaceDistance, surface_distance};
use crate::measure::{LabelMap, Structure};
use std::collections::BTreeMap;

/// Mean, SD, median, max, min of Dice: table II, L1 to L5, then table I, fold all.
const TABLE_2: [(&str, [f64; 5]); 6] = [
    ("L1", [0.9819, 0.0096, 0.9845, 0.9908, 0.9458]),
    ("L2", [0.9503, 0.0271, 0.9570, 0.9813, 0.8448]),
    ("L3", [0.8505, 0.0741, 0.8563, 0.9484, 0.5366]),
    ("L4", [0.8850, 0.0456, 0.8931, 0.9547, 0.7192]),
    ("L5", [0.9759, 0.0118, 0.9801, 0.9891, 0.9395]),
    ("mean of a film", [0.9287, 0.0176, 0.9295, 0.9663, 0.8733]),
];

/// One label of one film.
struct Scored {
    case: usize,
    name: String,
    /// `None` where neither has it.
    dice: Option<f64>,
    iou: Option<f64>,
    /// Millimetres; `None` where one of both is empty or the film has none.
    distance: Option<SurfaceDistance>,
}

pub fn section(context: &Context) -> Section {
    let scored: Vec<Vec<Scored>> = (0..context.readers.len()).map(|at| scores(context, at, true)).collect();
    let applies = scored.iter().any(|scored| !scored.is_empty());
    let mut section = begun(
        "nnunet",
        "nnU-Net: masks of the hip",
        applies,
        "no reader gives masks of films whose reference has some",
    );
    let columns = [
        "method",
        "label",
        "films",
        "failed",
        "Dice mean",
        "SD",
        "median",
        "max",
        "min",
        "IoU mean",
        "HD95 mean, mm",
        "ASSD mean, mm",
        "without a distance",
    ];
    let mut table = Table::new("nnunet-2", "Tables I and II: Dice, IoU and surface distances", &columns).noted(
        "Failed: refused or without masks, in no mean. A label that neither has is left out; one that only one has counts \
         with Dice 0 and has no distance. The film's mean is over its labels, then over films.",
    );
    for (at, reader, _) in context.each().filter(|(at, ..)| !scored[*at].is_empty()) {
        let with_masks = context.cases.iter().zip(&reader.readings).filter(|(case, _)| case.labels.is_some());
        let failed = with_masks
            .filter(|(_, reading)| reading.as_ref().map_or(true, |reading| reading.labels.is_none()))
            .count();
        let mut labels: Vec<&str> = scored[at].iter().map(|scored| scored.name.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let of: Vec<&Scored> =
                scored[at].iter().filter(|scored| scored.name == label && scored.dice.is_some()).collect();
            let dice: Vec<(usize, f64)> = of.iter().filter_map(|s| Some((s.case, s.dice?))).collect();
            let iou: Vec<f64> = of.iter().filter_map(|s| s.iou).collect();
            let distances: Vec<SurfaceDistance> = of.iter().filter_map(|s| s.distance).collect();
            let far = |get: fn(&SurfaceDistance) -> f64| mean(&distances.iter().map(get).collect::<Vec<_>>());
            let mut row = vec![Cell::text(&reader.name), Cell::text(label), of.len().into(), failed.into()];
            row.extend(spread(context, &dice));
            row.push(Cell::number(mean(&iou), 4));
            row.extend([Cell::number(far(|d| d.hd95), 2), Cell::number(far(|d| d.assd), 2)]);
            row.push((of.len() - distances.len()).into());
            table.push(row);
        }
        let films: Vec<(usize, f64)> = mean_by_case(&scored[at]).into_iter().collect();
        let mut row =
            vec![Cell::text(&reader.name), "mean of a film".into(), films.len().into(), failed.into()];
        row.extend(spread(context, &films));
        row.extend([Cell::Absent, Cell::Absent, Cell::Absent, Cell::Absent]);
        table.push(row);
    }
    for (label, dice) in TABLE_2 {
        let mut numbers = vec![None, None, None];
        numbers.extend(dice.map(Some));
        numbers.extend([None; 4]);
        table.publish("paper, fold all", &numbers, 4);
        if let Some(row) = table.rows.last_mut() {
            row.cells[1] = Cell::text(label);
            row.cells[2] = Cell::Count(50);
        }
    }
    section.tables.push(table);
    section
}

/// Mean with its interval, SD, median, max and min.
fn spread(context: &Context, values: &[(usize, f64)]) -> Vec<Cell> {
    let plain: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    let part = |percent| Cell::number(percentile(&plain, percent), 4);
    vec![context.mean(values, 4), Cell::number(deviation(&plain), 4), part(50.0), part(100.0), part(0.0)]
}

fn mean_by_case(scored: &[Scored]) -> BTreeMap<usize, f64> {
    let mut cases: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for scored in scored {
        if let Some(dice) = scored.dice {
            cases.entry(scored.case).or_default().push(dice);
        }
    }
    cases.into_iter().filter_map(|(case, dice)| Some((case, mean(&dice)?))).collect()
}

/// Mean Dice over labels of every film that a reader gave masks of.
pub fn mean_dice_of_cases(context: &Context, reader: usize) -> BTreeMap<usize, f64> {
    mean_by_case(&scores(context, reader, false))
}

fn scores(context: &Context, reader: usize, with_distances: bool) -> Vec<Scored> {
    let mut scored = Vec::new();
    for (number, case) in context.cases.iter().enumerate() {
        let Some(truth) = &case.labels else { continue };
        let Ok(reading) = &context.readers[reader].readings[number] else { continue };
        let Some(found) = &reading.labels else { continue };
        for structure in &truth.structures {
            scored.extend(score(number, case, truth, found, structure, with_distances));
        }
    }
    scored
}

/// `None` where the maps are not of one size, or the reader's has no such structure.
fn score(
    number: usize,
    case: &Case,
    truth: &LabelMap,
    found: &LabelMap,
    structure: &Structure,
    with_distance: bool,
) -> Option<Scored> {
    let value = found.structure(&structure.name)?.value;
    let [found_mask, truth_mask] = [(found, value), (truth, structure.value)]
        .map(|(map, value)| map.labels.iter().map(|label| *label == value).collect::<Vec<bool>>());
    let overlap = Overlap::of_masks(&found_mask, &truth_mask)?;
    let distance = millimetres(&case.spacing).filter(|_| with_distance).and_then(|spacing| {
        let mask = |inside| Mask { inside, columns: truth.columns };
        surface_distance(mask(&found_mask), mask(&truth_mask), spacing)
    });
    let scored = |value: f64| Some(value).filter(|value| !value.is_nan());
    Some(Scored {
        case: number,
        name: structure.name.clone(),
        dice: scored(overlap.dice()),
        iou: scored(overlap.iou()),
        distance,
    })
}
