//! The loss curve of a run as a picture.

use super::{TrainError, checkpoint, file_error};
use image::ImageEncoder;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use std::path::Path;
use std::sync::Once;

const FONT: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");

const WIDTH: u32 = 900;
const HEIGHT: u32 = 560;

/// A line of a curve.
pub struct Series<'a> {
    pub name: &'a str,
    /// Step and value; values that are not positive are left out.
    pub points: &'a [(usize, f64)],
}

/// Draws `series` over steps, values on a logarithmic axis, into the PNG `path`.
///
/// # Errors
/// A place that cannot be written to.
pub fn draw(series: &[Series], path: &Path) -> Result<(), TrainError> {
    let kept: Vec<(&str, Vec<(f64, f64)>)> = series
        .iter()
        .map(|s| {
            let points = s.points.iter().filter(|(_, v)| v.is_finite() && *v > 0.0);
            (s.name, points.map(|(step, v)| (*step as f64, *v)).collect())
        })
        .collect();
    let all = kept.iter().flat_map(|(_, points)| points);
    let (mut last, mut low, mut high) = (1.0_f64, f64::MAX, f64::MIN);
    for (step, value) in all {
        last = last.max(*step);
        low = low.min(*value);
        high = high.max(*value);
    }
    if low > high {
        return Ok(());
    }
    write_png(path, [WIDTH, HEIGHT], |root| plot(&kept, last, (low / 1.3, high * 1.3), root))
}

/// What draws on a picture.
pub(super) type Canvas<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// What `paint` does on a white picture of `[width, height]` pixels, as the PNG `path`.
///
/// # Errors
/// A place that cannot be written to.
pub(super) fn write_png(
    path: &Path,
    [width, height]: [u32; 2],
    paint: impl FnOnce(&Canvas) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), TrainError> {
    register_fonts();
    let mut pixels = vec![255; 3 * (width * height) as usize];
    let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
    paint(&root).map_err(|e| file_error(path, e))?;
    root.present().map_err(|e| file_error(path, e))?;
    drop(root);
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(&pixels, width, height, image::ExtendedColorType::Rgb8)
        .map_err(|e| file_error(path, e))?;
    checkpoint::write_whole(path, &png)
}

/// Makes the font of every figure known, once.
fn register_fonts() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        // Fails only for bytes that are no font; then the drawing says so.
        let _ = register_font("sans-serif", FontStyle::Normal, FONT);
    });
}

fn plot(
    series: &[(&str, Vec<(f64, f64)>)],
    last: f64,
    range: (f64, f64),
    root: &Canvas,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut chart = ChartBuilder::on(root)
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..last, (range.0..range.1).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .x_label_formatter(&|step| format!("{step:.0}"))
        .x_desc("step")
        .y_desc("loss; error in % of TRC–TRC")
        .draw()?;
    for (index, (name, points)) in series.iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_a_picture_with_ink() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("curve.png");
        let points: Vec<(usize, f64)> = (1..50).map(|i| (i, 1.0 / i as f64)).collect();
        draw(&[Series { name: "loss", points: &points }], &path).unwrap();
        let image = image::open(&path).unwrap().to_rgb8();
        assert_eq!(image.dimensions(), (WIDTH, HEIGHT));
        assert!(image.pixels().filter(|p| p.0 != [255; 3]).count() > 2000);
    }
}
