//! Whether readers know how sure they may be: of points with a stated deviation, of grades with a stated probability.

use super::Context;
use super::judged::Judged;
use super::table::{Axis, Cell, Chart, Mark, Section, Series, Table};
use crate::eval::confusion::Proportion;
use crate::eval::reliability::{Claim, Reliability, brier_score};

/// Bins of the reliability diagram.
const BINS: usize = 10;

pub fn section(context: &Context) -> Section {
    let mut section = Section::new("calibration", "Reliability of stated certainty");
    let columns = ["reader", "claim", "n", "ECE, %", "largest gap, %", "Brier score", "in own 95 % circle"];
    let mut table = Table::new("calibration", "Expected calibration error", &columns).noted(
        "Grades: the probability of the most probable grade against whether it was right, ten bins. Points: the share \
         that lies within the circle which the stated deviation gives p % of a Gaussian, against p; the ECE is the mean \
         gap over nine circles. Points carry the reader's deviation alone, without that of whoever placed the reference.",
    );
    let (mut grades, mut circles) = (Vec::new(), Vec::new());
    for (at, reader, judged) in context.each() {
        let name = reader.name.clone();
        let claims = claims(judged);
        if let Some(reliability) = Reliability::of(&claims, BINS) {
            table.push(vec![
                Cell::text(&name),
                "probability of a grade".into(),
                claims.len().into(),
                Cell::number(100.0 * reliability.expected_error(), 1),
                Cell::number(100.0 * reliability.largest_error(), 1),
                Cell::number(brier_score(&claims), 3),
                Cell::Absent,
            ]);
            let bins = reliability.bins.iter();
            let points = bins.filter_map(|bin| Some((100.0 * bin.confidence?, 100.0 * bin.right.value()?)));
            grades.push(Series {
                name: name.clone(),
                mark: Mark::Dots,
                points: points.collect(),
                colour: Some(at),
            });
        }
        let depths = depths(judged);
        if depths.is_empty() {
            continue;
        }
        let share = |p: f64| depths.iter().filter(|depth| **depth <= p).count() as f64 / depths.len() as f64;
        let gaps: Vec<f64> = (1..10).map(|p| f64::from(p) / 10.0).map(|p| (share(p) - p).abs()).collect();
        table.push(vec![
            Cell::text(&name),
            "deviation of a point".into(),
            depths.len().into(),
            Cell::number(100.0 * gaps.iter().sum::<f64>() / gaps.len() as f64, 1),
            Cell::number(100.0 * gaps.iter().fold(0.0_f64, |largest, gap| largest.max(*gap)), 1),
            Cell::Absent,
            Cell::Share(Proportion { hits: depths.iter().filter(|d| **d <= 0.95).count(), of: depths.len() }),
        ]);
        let points = (0..=20).map(|p| f64::from(p) / 20.0).map(|p| (100.0 * p, 100.0 * share(p))).collect();
        circles.push(Series { name, mark: Mark::Line, points, colour: Some(at) });
    }
    if table.rows.is_empty() {
        section.says("No reader states deviations of its points or probabilities of its grades.");
        return section;
    }
    section.tables.push(table);
    let chart = |id: &str, title: &str, x: &str, y: &str, description: &str, series: Vec<Series>| Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        x: Axis::new(x, 0.0, 100.0),
        y: Axis::new(y, 0.0, 100.0),
        downwards: false,
        labels: Vec::new(),
        series: std::iter::once(diagonal()).chain(series).collect(),
    };
    if !grades.is_empty() {
        section.charts.push(chart(
            "reliability-grades",
            "Reliability of grades",
            "stated probability, %",
            "share right, %",
            "Each dot is a bin of grades with about the same stated probability; on the dashed line as many are right as \
             was stated, below it fewer.",
            grades,
        ));
    }
    if !circles.is_empty() {
        section.charts.push(chart(
            "reliability-points",
            "Reliability of the points' deviations",
            "stated share within the circle, %",
            "share of the true points within, %",
            "Below the dashed line the stated deviations are too small, above it too large.",
            circles,
        ));
    }
    section
}

fn diagonal() -> Series {
    Series {
        name: "calibrated".to_owned(),
        mark: Mark::Dashed,
        points: vec![(0.0, 0.0), (100.0, 100.0)],
        colour: None,
    }
}

/// The most probable grade of each hip.
fn claims(judged: &Judged) -> Vec<Claim> {
    let claim = |grade: &super::judged::GradeError| {
        let (name, probability) = grade.probabilities.first()?;
        Some(Claim { confidence: probability.clamp(0.0, 1.0), right: *name == grade.truth })
    };
    judged.grades.iter().filter_map(claim).collect()
}

/// The probability that the stated Gaussian gives the circle through the true point: uniform where it is right.
fn depths(judged: &Judged) -> Vec<f64> {
    let depth = |point: &super::judged::PointError| {
        let (offset, sd) = (point.offset?, point.sd_px.filter(|sd| *sd > 0.0)?);
        Some(1.0 - (-offset.dot(offset) / (2.0 * sd * sd)).exp())
    };
    judged.points.iter().filter_map(depth).collect()
}
