//! The figure of a learning curve, laid out as figures 5 and 6 of the paper: a row an error, a column a number of
//! training films, in each the share of test films with no more than that error, a line a system.

use super::TrainError;
use super::curve::{Canvas, write_png};
use super::learning_curve::{FilmError, Method, Outcome};
use plotters::prelude::*;
use std::path::Path;

const PANEL: u32 = 420;
/// Errors up to this are drawn, in % of the shaft's width.
const WIDEST: f64 = 40.0;

type Error = fn(&FilmError) -> Option<f64>;
const ROWS: [(&str, Error); 2] =
    [("point to curve", |film| film.point_to_curve), ("point to point", |film| film.point_to_point)];

/// Draws `outcomes` into the PNG `path`.
///
/// # Errors
/// A place that cannot be written to.
pub fn draw(outcomes: &[Outcome], path: &Path) -> Result<(), TrainError> {
    let mut sizes: Vec<usize> = outcomes.iter().map(|outcome| outcome.trained_on).collect();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.is_empty() {
        return Ok(());
    }
    let extent = [PANEL * sizes.len() as u32, PANEL * ROWS.len() as u32];
    write_png(path, extent, |root| plot(outcomes, &sizes, root))
}

/// Of M. Okabe and K. Ito's palette, which every eye tells apart; a system has its own in every figure.
fn colour(method: Method) -> RGBColor {
    match method {
        Method::Clm => RGBColor(0, 114, 178),
        Method::Whdv => RGBColor(213, 94, 0),
        Method::Hdv => RGBColor(0, 158, 115),
        Method::Ho => RGBColor(204, 121, 167),
    }
}

fn plot(outcomes: &[Outcome], sizes: &[usize], root: &Canvas) -> Result<(), Box<dyn std::error::Error>> {
    let panels = root.split_evenly((ROWS.len(), sizes.len()));
    for (index, panel) in panels.iter().enumerate() {
        let (title, error) = ROWS[index / sizes.len()];
        let size = sizes[index % sizes.len()];
        let mut chart = ChartBuilder::on(panel)
            .caption(format!("{size} training films, {title}"), ("sans-serif", 19))
            .margin(10)
            .x_label_area_size(38)
            .y_label_area_size(46)
            .build_cartesian_2d(0.0..WIDEST, 0.0..100.0)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .x_label_formatter(&|error| format!("{error:.0}"))
            .y_label_formatter(&|share| format!("{share:.0}"))
            .x_desc("mean error, % of the shaft's width")
            .y_desc("test films, %")
            .draw()?;
        for outcome in outcomes.iter().filter(|outcome| outcome.trained_on == size) {
            let name = outcome.method.name();
            let colour = colour(outcome.method);
            let curve: Vec<(f64, f64)> = outcome.distribution(error).curve().collect();
            // From nothing, and on to the right edge at the share that was ever reached.
            let beyond =
                curve.iter().rev().find(|(error, _)| *error <= WIDEST).map_or(0.0, |(_, share)| *share);
            let drawn = curve.iter().copied().filter(|(error, _)| *error <= WIDEST);
            let ends = drawn.chain([(WIDEST, beyond)]);
            // A share changes where a film's error is, not between two.
            let mut reached = 0.0;
            let line = std::iter::once((0.0, 0.0)).chain(ends).flat_map(|(error, share)| {
                let before = std::mem::replace(&mut reached, share);
                [(error, before), (error, share)]
            });
            chart
                .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.3))
            .draw()?;
    }
    Ok(())
}
