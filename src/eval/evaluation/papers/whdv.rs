//! WHDV: mean point-to-curve and point-to-point error of the femur's outline in % of the shaft's width, by percentiles
//! of its figures 3 to 6. A. K. Davison et al., "Landmark Localisation in Radiographs Using Weighted Heatmap Displacement
//! Voting", 2018.

use super::begun;
use crate::eval::contour_error::{contour_error, percent_of_shaft};
use crate::eval::error_distribution::{ErrorDistribution, REPORTED};
use crate::eval::evaluation::table::{Axis, Cell, Chart, Mark, Section, Series, Table};
use crate::eval::evaluation::{Case, Context, Reader};
use crate::measure::{LandmarkCode, LandmarkId, LandmarkSet, Point, Side};

const POINTS: usize = 58;

/// Percent of the shaft's width, of one hip.
struct Hip {
    to_curve: Option<f64>,
    to_point: Option<f64>,
}

pub fn section(context: &Context) -> Section {
    let hips: Vec<Vec<Hip>> = context.readers.iter().map(|reader| hips(context.cases, reader)).collect();
    let applies = hips.iter().any(|hips| !hips.is_empty());
    let needs = "no reader and reference share the outline F01 to F58";
    let mut section = begun("whdv", "WHDV and RFRV-CLM: outline of the proximal femur", applies, needs);
    section.says(
        "Width of the shaft: the distance between the outline's two lowest points. A hip of which a point was missed has \
         failed; a percentile that falls among failed hips is absent.",
    );
    let names = REPORTED.map(|percent| format!("{percent}th percentile"));
    let columns = ["method", "error", "hips", "failed", "mean", &names[0], &names[1], &names[2], &names[3]];
    let title = "Figures 3–6: mean error of a hip, % of the shaft's width";
    let mut table = Table::new("whdv-percentiles", title, &columns);
    let mut series: [Vec<Series>; 2] = [Vec::new(), Vec::new()];
    for (at, reader, _) in context.each().filter(|(at, ..)| !hips[*at].is_empty()) {
        let errors: [(&str, Vec<Option<f64>>); 2] = [
            ("point to curve", hips[at].iter().map(|hip| hip.to_curve).collect()),
            ("point to point", hips[at].iter().map(|hip| hip.to_point).collect()),
        ];
        for (which, (name, errors)) in errors.into_iter().enumerate() {
            let of = ErrorDistribution::of(&errors);
            let found: Vec<f64> = errors.iter().flatten().copied().collect();
            let mut row = vec![Cell::text(&reader.name), name.into(), of.images().into(), of.failed().into()];
            row.push(Cell::number(crate::eval::summary::mean(&found), 2));
            row.extend(REPORTED.map(|percent| Cell::number(of.percentile(percent), 2)));
            table.push(row);
            let points = std::iter::once((0.0, 0.0)).chain(of.curve()).collect();
            series[which].push(Series {
                name: reader.name.clone(),
                mark: Mark::Line,
                points,
                colour: Some(at),
            });
        }
    }
    for (name, error, median, last) in [
        ("WHDV, 1000 training films (500 test films)", "point to curve", None, Some(9.02)),
        ("RFRV-CLM, 1000", "point to curve", None, Some(17.1)),
        ("WHDV, 500", "point to curve", None, Some(10.6)),
        ("RFRV-CLM, 500", "point to curve", None, Some(17.2)),
        ("WHDV, 1000", "point to point", Some(6.71), None),
        ("RFRV-CLM, 1000", "point to point", Some(5.85), None),
        ("WHDV, 100", "point to point", Some(12.5), None),
        ("RFRV-CLM, 100", "point to point", Some(6.92), None),
    ] {
        table.publish(name, &[None, None, None, None, median, None, None, last], 2);
        if let Some(row) = table.rows.last_mut() {
            row.cells[1] = Cell::text(error);
        }
    }
    section.tables.push(table);
    for (name, series) in ["point to curve", "point to point"].into_iter().zip(series) {
        if series.is_empty() {
            continue;
        }
        let widest = series.iter().flat_map(|s| s.points.iter().map(|p| p.0)).fold(0.0, f64::max);
        section.charts.push(Chart {
            id: format!("whdv-{}", name.replace(' ', "-")),
            title: format!("Mean {name} error"),
            description: format!(
                "Share of the hips with a mean {name} error of no more than the value on the x axis."
            ),
            x: Axis::new("% of the shaft's width", 0.0, 1.05 * widest),
            y: Axis::new("hips, %", 0.0, 100.0),
            downwards: false,
            labels: Vec::new(),
            series,
        });
    }
    section
}

fn outline(landmarks: &LandmarkSet, case: &Case, side: Side) -> Option<Vec<Point>> {
    (1..=POINTS)
        .map(|number| {
            let id = LandmarkId::new(LandmarkCode::new(format!("F{number:02}")), side);
            Some(case.spacing.to_metric(landmarks.get(&id)?.position()?))
        })
        .collect()
}

fn hips(cases: &[Case], reader: &Reader) -> Vec<Hip> {
    let first = LandmarkCode::of("F01");
    let offered = |side: Side| reader.offers.contains(&LandmarkId::new(first.clone(), side));
    let of_case = |(case, reading): (&Case, &Result<super::super::Reading, String>)| {
        Side::BOTH
            .into_iter()
            .filter(|side| offered(*side))
            .filter_map(|side| {
                let truth = outline(&case.truth, case, side)?;
                let width = truth.first()?.distance(*truth.last()?);
                let found = reading.as_ref().ok().and_then(|reading| outline(&reading.landmarks, case, side));
                let error = found.and_then(|found| contour_error(&found, &truth));
                let percent = |error: Option<f64>| error.and_then(|error| percent_of_shaft(error, width));
                let (curve, point) = (error.map(|e| e.to_curve), error.and_then(|e| e.to_point));
                Some(Hip { to_curve: percent(curve), to_point: percent(point) })
            })
            .collect::<Vec<_>>()
    };
    cases.iter().zip(&reader.readings).flat_map(of_case).collect()
}
