//! Points: errors of each kind of landmark, their cumulative distribution, and where on the body they lie.

use super::Context;
use super::judged::{Measure, PointError};
use super::table::{Axis, Cell, Chart, Mark, Section, Series, Table};
use crate::eval::error_distribution::{ErrorDistribution, REPORTED, image_mean};
use crate::eval::infant::RATES_AT;
use crate::eval::radial_error::{detection_rate, summarise};
use crate::eval::summary::mean;
use crate::measure::{LandmarkId, Point, Side, Vector};
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

/// Semi-axes of the ellipse that holds 95 % of a two-dimensional Gaussian, in its deviations.
const ELLIPSE_95: f64 = 2.4477;

/// Points by the name of their kind: `TRC` for both sides; numbered points of an outline under one name.
pub fn kind(id: &LandmarkId) -> String {
    let code = id.code.as_str();
    let numbered = code.strip_prefix('F').is_some_and(|rest| rest.len() == 2 && rest.parse::<u8>().is_ok());
    if numbered { "outline F01–F58".to_owned() } else { code.to_owned() }
}

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("landmarks", "Landmarks");
    if context.judged.iter().all(|judged| judged.points.is_empty()) {
        section.says("No reader looks for a point that the references of these films have.");
        return section;
    }
    for measure in [Measure::Percent, Measure::Millimetres, Measure::Pixels] {
        let table = errors(context, measure);
        if table.rows.is_empty() {
            section.says(format!("No film has errors in {measure}: that table is left out."));
        } else {
            section.tables.push(table);
        }
    }
    section.tables.extend(presence(context));
    section.tables.push(percentiles(context));
    section.charts.push(cumulative(context));
    section.charts.extend(context.each().filter_map(|(at, ..)| map(context, at)));
    section
}

/// Landmarks that are absent on some films: found, missed, invented.
fn presence(context: &Context) -> Option<Table> {
    let columns = [
        "reader",
        "landmark",
        "n",
        "found",
        "missed",
        "rightly absent",
        "invented",
        "presence right [95 % CI]",
    ];
    let mut table = Table::new("presence", "Presence of landmarks that some films lack", &columns)
        .noted("Of films that were read. The interval, in %, is drawn by patient.");
    for (_, reader, judged) in context.each() {
        let kinds: BTreeSet<String> = judged.absent.iter().map(|point| kind(&point.id)).collect();
        for name in kinds {
            let there: Vec<(usize, bool)> = judged
                .points
                .iter()
                .filter(|point| kind(&point.id) == name && reader.readings[point.case].is_ok())
                .map(|point| (point.case, point.offset.is_some()))
                .collect();
            let not: Vec<(usize, bool)> = judged
                .absent
                .iter()
                .filter(|point| kind(&point.id) == name)
                .map(|point| (point.case, !point.invented))
                .collect();
            let count =
                |all: &[(usize, bool)], wanted: bool| all.iter().filter(|(_, hit)| *hit == wanted).count();
            let percent = |(case, right): &(usize, bool)| (*case, if *right { 100.0 } else { 0.0 });
            let rights: Vec<(usize, f64)> = there.iter().chain(&not).map(percent).collect();
            table.push(vec![
                Cell::text(&reader.name),
                Cell::text(name),
                rights.len().into(),
                count(&there, true).into(),
                count(&there, false).into(),
                count(&not, true).into(),
                count(&not, false).into(),
                context.mean(&rights, 1),
            ]);
        }
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Distances of a reader by kind, each with its case.
fn by_kind(points: &[PointError], measure: Measure) -> BTreeMap<String, Vec<(usize, Option<f64>)>> {
    let mut kinds: BTreeMap<String, Vec<(usize, Option<f64>)>> = BTreeMap::new();
    for point in points {
        if let Some(distance) = point.distance(measure) {
            kinds.entry(kind(&point.id)).or_default().push((point.case, distance));
        }
    }
    kinds
}

fn errors(context: &Context, measure: Measure) -> Table {
    let limits = match measure {
        Measure::Percent => RATES_AT,
        Measure::Millimetres => [2.0, 4.0, 10.0],
        _ => [2.0, 4.0, 10.0],
    };
    let rates = limits.map(|limit| format!("≤ {limit} {}", short(measure)));
    let unit = short(measure);
    let mean_of = format!("mean {unit} [95 % CI]");
    let columns = [
        "reader", "landmark", "n", "missed", &mean_of, "SD", "median", "RMSE", "max", &rates[0], &rates[1],
        &rates[2],
    ];
    let id = match measure {
        Measure::Percent => "landmarks-percent",
        Measure::Millimetres => "landmarks-mm",
        _ => "landmarks-px",
    };
    let mut table = Table::new(id, format!("Radial error in {measure}"), &columns).noted(
        "n counts the points of the reference; mean to max are over those found; the last three columns are detection rates in \
         %, the missed counted as failures. The last row of a reader is over all its points.",
    );
    for (_, reader, judged) in context.each() {
        let mut kinds: Vec<_> = by_kind(&judged.points, measure).into_iter().collect();
        let all: Vec<_> = kinds.iter().flat_map(|(_, all)| all.iter().copied()).collect();
        if kinds.len() > 1 {
            kinds.push(("all points".to_owned(), all));
        }
        for (name, all) in kinds {
            let distances: Vec<Option<f64>> = all.iter().map(|(_, distance)| *distance).collect();
            let found: Vec<(usize, f64)> = all.iter().filter_map(|(case, d)| Some((*case, (*d)?))).collect();
            let summary = summarise(&distances);
            let of = |get: fn(&crate::eval::radial_error::RadialSummary) -> f64| {
                Cell::number(summary.as_ref().map(get), 2)
            };
            let mut row = vec![
                Cell::text(&reader.name),
                Cell::text(name),
                all.len().into(),
                (all.len() - found.len()).into(),
                context.mean(&found, 2),
                Cell::number(deviation(&found.iter().map(|(_, d)| *d).collect::<Vec<_>>()), 2),
                of(|s| s.median),
                of(|s| s.rms),
                of(|s| s.max),
            ];
            row.extend(limits.map(|limit| Cell::number(detection_rate(&distances, limit), 1)));
            table.push(row);
        }
    }
    table
}

/// As a column names it.
pub fn short(measure: Measure) -> &'static str {
    match measure {
        Measure::Millimetres => "mm",
        Measure::Pixels => "px",
        Measure::Resized => "px₅₁₂",
        Measure::Percent => "%",
    }
}

/// Standard deviation (n − 1).
pub fn deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// Of each case the mean error of its points, `None` where one was missed; cases without points are left out.
pub fn of_cases(context: &Context, reader: usize, measure: Measure) -> BTreeMap<usize, Option<f64>> {
    let mut cases: BTreeMap<usize, Vec<Option<f64>>> = BTreeMap::new();
    for point in &context.judged[reader].points {
        if let Some(distance) = point.distance(measure) {
            cases.entry(point.case).or_default().push(distance);
        }
    }
    cases.into_iter().map(|(case, errors)| (case, image_mean(&errors))).collect()
}

fn distribution(context: &Context, reader: usize) -> ErrorDistribution {
    let means: Vec<Option<f64>> = of_cases(context, reader, context.unit).into_values().collect();
    ErrorDistribution::of(&means)
}

fn percentiles(context: &Context) -> Table {
    let names = REPORTED.map(|percent| format!("{percent}th percentile"));
    let columns = ["reader", "films", "failed", &names[0], &names[1], &names[2], &names[3]];
    let title = format!("Mean error of a film, {}", context.unit);
    let mut table = Table::new("film-percentiles", title, &columns)
        .noted("A film on which a point was missed has failed; a percentile that falls among failed films is absent.");
    for (at, reader, _) in context.each() {
        let of = distribution(context, at);
        let mut row = vec![Cell::text(&reader.name), of.images().into(), of.failed().into()];
        row.extend(REPORTED.map(|percent| Cell::number(of.percentile(percent), 2)));
        table.push(row);
    }
    table
}

fn cumulative(context: &Context) -> Chart {
    let mut series = Vec::new();
    let mut widest: f64 = 0.0;
    for (at, reader, _) in context.each() {
        let of = distribution(context, at);
        if of.images() == 0 {
            continue;
        }
        let mut points = vec![(0.0, 0.0)];
        for (error, share) in of.curve() {
            let before = points.last().map_or(0.0, |(_, share)| *share);
            points.extend([(error, before), (error, share)]);
            widest = widest.max(error);
        }
        series.push(Series { name: reader.name.clone(), mark: Mark::Line, points, colour: Some(at) });
    }
    for series in &mut series {
        let last = series.points.last().map_or(0.0, |(_, share)| *share);
        series.points.push((1.05 * widest, last));
    }
    Chart {
        id: "ced".to_owned(),
        title: "Cumulative error distribution".to_owned(),
        description: format!(
            "Share of the films whose mean point error is no more than the value on the x axis, {}. A curve that ends \
             below 100 % has films on which a point was missed.",
            context.unit
        ),
        x: Axis::new(format!("mean error of a film, {}", context.unit), 0.0, 1.05 * widest.max(1e-9)),
        y: Axis::new("films, %", 0.0, 100.0),
        downwards: false,
        labels: Vec::new(),
        series,
    }
}

/// Mean shape of the reference with every point's errors: the mean as a stroke, 95 % of a Gaussian as an ellipse. Both
/// are made larger where they would not be seen. Films are laid over each other by their TRCs, or else their centres.
fn map(context: &Context, reader: usize) -> Option<Chart> {
    let mut places: BTreeMap<&LandmarkId, (Vec<Point>, Vec<Vector>)> = BTreeMap::new();
    for point in &context.judged[reader].points {
        let case = &context.cases[point.case];
        let Some(frame) = Frame::of(case) else { continue };
        let Some(truth) = case.truth.get(&point.id).and_then(|landmark| landmark.position()) else {
            continue;
        };
        let (at, offsets) = places.entry(&point.id).or_default();
        at.push(frame.place(truth));
        if let Some(offset) = point.offset {
            offsets.push(frame.place(truth + offset) - frame.place(truth));
        }
    }
    let (mut shape, mut strokes, mut ellipses, mut labels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let enlarged = 3.0;
    for (id, (at, offsets)) in &places {
        let n = at.len() as f64;
        let centre =
            Point::new(at.iter().map(|p| p.x).sum::<f64>() / n, at.iter().map(|p| p.y).sum::<f64>() / n);
        shape.push((centre.x, centre.y));
        if !kind(id).contains(' ') {
            labels.push(((centre.x, centre.y), id.to_string()));
        }
        if offsets.is_empty() {
            continue;
        }
        let n = offsets.len() as f64;
        let bias = Vector::new(
            offsets.iter().map(|v| v.x).sum::<f64>() / n,
            offsets.iter().map(|v| v.y).sum::<f64>() / n,
        );
        let tip = centre + bias * enlarged;
        strokes.extend([(centre.x, centre.y), (tip.x, tip.y)]);
        if offsets.len() > 2 {
            ellipses.push(ellipse(tip, offsets, bias, enlarged));
        }
    }
    if shape.is_empty() {
        return None;
    }
    let colour = Some(reader);
    let outline = |points| Series { name: String::new(), mark: Mark::Line, points, colour };
    let all: Vec<(f64, f64)> =
        shape.iter().chain(&strokes).chain(ellipses.iter().flatten()).copied().collect();
    let mut series = vec![
        Series { name: String::new(), mark: Mark::Dots, points: shape, colour: None },
        Series { name: String::new(), mark: Mark::Strokes, points: strokes, colour },
    ];
    series.extend(ellipses.into_iter().map(outline));
    let name = &context.readers[reader].name;
    let x = Axis::around("across, patient's right on the left", all.iter().map(|p| p.0));
    let y = Axis::around("down", all.iter().map(|p| p.1));
    // Landmarks that lie in a row would make a map that is too flat to read.
    let lacking = 0.5 * (0.5 * (x.high - x.low) - (y.high - y.low)).max(0.0);
    let y = Axis { low: y.low - lacking, high: y.high + lacking, ..y };
    Some(Chart {
        id: format!("error-map-{reader}"),
        title: format!("Error map: {name}"),
        description: "Mean place of every landmark of the reference, its mean error (stroke) and the ellipse of 95 % of a \
                      Gaussian with the covariance of the errors, both three times as large as they are. Unit: TRC–TRC \
                      distance, or the mean distance of the points from their centre where a film has no TRCs; the \
                      patient's right is on the left."
            .to_owned(),
        x,
        y,
        downwards: true,
        labels,
        series,
    })
}

fn ellipse(centre: Point, offsets: &[Vector], bias: Vector, enlarged: f64) -> Vec<(f64, f64)> {
    let n = (offsets.len() - 1) as f64;
    let of = |get: fn(Vector) -> f64, other: fn(Vector) -> f64| {
        offsets.iter().map(|v| get(*v + -bias) * other(*v + -bias)).sum::<f64>() / n
    };
    let (xx, xy, yy) = (of(|v| v.x, |v| v.x), of(|v| v.x, |v| v.y), of(|v| v.y, |v| v.y));
    // The factor of the covariance turns a circle into its ellipse.
    let a = xx.sqrt();
    let b = if a > 0.0 { xy / a } else { 0.0 };
    let c = (yy - b * b).max(0.0).sqrt();
    let scale = ELLIPSE_95 * enlarged;
    (0..=48)
        .map(|step| {
            let (sin, cos) = (TAU * f64::from(step) / 48.0).sin_cos();
            (centre.x + scale * a * cos, centre.y + scale * (b * cos + c * sin))
        })
        .collect()
}

/// Film to a frame in which films lie over each other.
struct Frame {
    centre: Point,
    along: Vector,
    length: f64,
    metric: crate::measure::Spacing,
}

impl Frame {
    fn of(case: &super::Case) -> Option<Self> {
        let at = |side| case.truth.position(crate::measure::LandmarkCode::TRC, side);
        let metric = case.spacing;
        if let [Some(right), Some(left)] = Side::BOTH.map(at) {
            let (right, left) = (metric.to_metric(right), metric.to_metric(left));
            let along = (left - right).unit()?;
            return Some(Self { centre: right.midpoint(left), along, length: right.distance(left), metric });
        }
        let points: Vec<Point> =
            case.truth.points.values().filter_map(|l| Some(metric.to_metric(l.position()?))).collect();
        let n = points.len() as f64;
        let centre = Point::new(
            points.iter().map(|p| p.x).sum::<f64>() / n,
            points.iter().map(|p| p.y).sum::<f64>() / n,
        );
        let length = points.iter().map(|p| p.distance(centre)).sum::<f64>() / n;
        (length > 0.0).then_some(Self { centre, along: Vector::new(1.0, 0.0), length, metric })
    }

    fn place(&self, pixel: Point) -> Point {
        let from = self.metric.to_metric(pixel) - self.centre;
        Point::new(from.dot(self.along) / self.length, self.along.cross(from) / self.length)
    }
}
