//! Whether a model's confidence means what it says: the temperature that makes it so, and the picture that shows it.

use super::TrainError;
use super::augment::Film;
use super::curve::{Canvas, write_png};
use super::validate::FilmScore;
use crate::eval::reliability::{Claim, Reliability, temperature, tempered};
use crate::models::LandmarkDetector;
use plotters::prelude::*;
use std::path::Path;

/// A point is right within this share of the TRC–TRC distance, where the system itself claims no distance: about 2 mm of
/// an infant's 70.
pub const RIGHT: f64 = 0.03;
const BINS: usize = 10;
const SIZE: u32 = 560;

/// What the temperature was, and what it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    pub temperature: f64,
    /// Of other films than the temperature is of, as given.
    pub before: Reliability,
    pub after: Reliability,
}

/// Of each film every point that is there, with the confidence it was given and whether it was right; `scores` are of
/// `detector` on the same films. A point that was not found was given with none.
pub fn claims(detector: &dyn LandmarkDetector, films: &[Film], scores: &[FilmScore]) -> Vec<Vec<Claim>> {
    let of = |(film, score): (&Film, &FilmScore)| {
        let reach = detector.reach(film.rows, film.columns).unwrap_or(RIGHT * score.baseline);
        let baseline = score.baseline;
        let points = score.points.iter().map(move |point| Claim {
            confidence: point.detected.map_or(0.0, |detected| detected.confidence.clamp(0.0, 1.0)),
            right: point.percent.is_some_and(|percent| 0.01 * percent * baseline <= reach),
        });
        points.collect()
    };
    films.iter().zip(scores).map(of).collect()
}

/// The temperature of every other film's claims, and what it does to those of the films between; `None` without claims in
/// either.
pub fn calibrate(films: &[Vec<Claim>]) -> Option<Calibrated> {
    let half = |parity: usize| films.iter().skip(parity).step_by(2).flatten().copied().collect::<Vec<_>>();
    let (own, others) = (half(0), half(1));
    let temperature = (1e4 * temperature(&own)?).round() / 1e4;
    let cooled: Vec<Claim> =
        others.iter().map(|c| Claim { confidence: tempered(c.confidence, temperature), ..*c }).collect();
    let [before, after] = [&others, &cooled].map(|claims| Reliability::of(claims, BINS));
    Some(Calibrated { temperature, before: before?, after: after? })
}

/// Draws the share of right points over their confidence, with Wilson's 95 % intervals, into the PNG `path`.
///
/// # Errors
/// A place that cannot be written to.
pub fn draw(calibrated: &Calibrated, path: &Path) -> Result<(), TrainError> {
    write_png(path, [SIZE, SIZE], |root| plot(calibrated, root))
}

fn plot(calibrated: &Calibrated, root: &Canvas) -> Result<(), Box<dyn std::error::Error>> {
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_desc("confidence")
        .y_desc("share of points that are right, with 95 % interval")
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], BLACK.mix(0.4)))?;
    let rounds = [("as given", &calibrated.before), ("tempered", &calibrated.after)];
    for (index, (name, reliability)) in rounds.into_iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        let seen = || reliability.bins.iter().filter_map(|bin| Some((bin.confidence?, bin)));
        let bars = seen().filter_map(|(x, bin)| {
            let interval = bin.interval()?;
            Some(PathElement::new([(x, interval.low), (x, interval.high)], colour.stroke_width(2)))
        });
        chart.draw_series(bars)?;
        let dots =
            seen().filter_map(|(x, bin)| Some(Circle::new((x, bin.right.value()?), 4, colour.filled())));
        chart
            .draw_series(dots)?
            .label(format!("{name}: expected error {:.3}", reliability.expected_error()))
            .legend(move |(x, y)| Circle::new((x + 9, y), 4, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Confidences that boast: log odds twice what they should be.
    fn boasts() -> Vec<Vec<Claim>> {
        let honest = [(0.3, 3), (0.5, 5), (0.7, 7), (0.9, 9)];
        let ten = honest.iter().flat_map(|&(p, right)| {
            (0..10).map(move |i| Claim { confidence: tempered(p, 0.5), right: i < right })
        });
        // Twice, once for either half.
        vec![ten.collect(); 2]
    }

    #[test]
    fn boasts_are_cooled_on_points_that_did_not_set_the_temperature() {
        let calibrated = calibrate(&boasts()).unwrap();
        assert!((calibrated.temperature - 2.0).abs() < 0.01, "{}", calibrated.temperature);
        assert!(calibrated.after.expected_error() < 0.01);
        assert!(calibrated.before.expected_error() > 0.05);
        assert_eq!(calibrate(&boasts()[..1]), None);
    }

    #[test]
    fn the_picture_has_ink() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reliability.png");
        draw(&calibrate(&boasts()).unwrap(), &path).unwrap();
        let image = image::open(&path).unwrap().to_rgb8();
        assert_eq!(image.dimensions(), (SIZE, SIZE));
        assert!(image.pixels().filter(|p| p.0 != [255; 3]).count() > 2000);
    }
}
