//! Charts as SVG, in the colours of Okabe & Ito, which people without colour vision tell apart, too.

use crate::eval::evaluation::table::{Axis, Chart, Mark, Series};
use crate::export::ExportError;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};
use std::ops::Range;
use std::sync::Once;

const FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf");

/// The size of a chart; the page scales it.
const EXTENT: [u32; 2] = [520, 380];
/// Room of the axes' labels and of the margins, right and below.
const ROOM: [u32; 2] = [80, 92];

const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(120, 90, 60),
];
const GREY: RGBColor = RGBColor(110, 110, 110);

type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

pub fn colour(series: Option<usize>) -> RGBColor {
    series.map_or(GREY, |number| COLOURS[number % COLOURS.len()])
}

/// An `svg` element.
///
/// # Errors
/// [`ExportError::Chart`], for a chart that cannot be laid out.
pub fn svg(chart: &Chart) -> Result<String, ExportError> {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        // Fails only for bytes that are no font; then the drawing says so.
        let _ = register_font("sans-serif", FontStyle::Normal, FONT);
    });
    let mut text = String::new();
    draw(chart, &mut text).map_err(|error| ExportError::Chart(format!("{}: {error}", chart.id)))?;
    Ok(text)
}

fn draw(chart: &Chart, into: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let extent = extent(chart);
    let root = SVGBackend::with_string(into, (extent[0], extent[1])).into_drawing_area();
    let range = |axis: &Axis| axis.low..axis.high;
    let mut y: Range<f64> = range(&chart.y);
    if chart.downwards {
        y = chart.y.high..chart.y.low;
    }
    let mut plot = ChartBuilder::on(&root)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(range(&chart.x), y)?;
    let decimals =
        |axis: &Axis| if axis.high - axis.low < 2.0 { 2 } else { usize::from(axis.high - axis.low < 12.0) };
    let (x_decimals, y_decimals) = (decimals(&chart.x), decimals(&chart.y));
    plot.configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.1))
        .x_labels(7)
        .y_labels(7)
        .label_style(("sans-serif", 13))
        .axis_desc_style(("sans-serif", 14))
        .x_label_formatter(&|value| format!("{value:.x_decimals$}"))
        .y_label_formatter(&|value| format!("{value:.y_decimals$}"))
        .x_desc(&chart.x.label)
        .y_desc(&chart.y.label)
        .draw()?;
    for series in &chart.series {
        paint(&mut plot, series)?;
    }
    let style = ("sans-serif", 11).into_font().color(&BLACK.mix(0.75));
    plot.draw_series(chart.labels.iter().map(|((x, y), words)| {
        EmptyElement::at((*x, *y)) + Text::new(words.clone(), (6, -14), style.clone())
    }))?;
    if chart.series.iter().any(|series| !series.name.is_empty()) {
        plot.configure_series_labels()
            .position(if chart.y.label.ends_with('%') {
                SeriesLabelPosition::LowerRight
            } else {
                SeriesLabelPosition::UpperLeft
            })
            .label_font(("sans-serif", 12))
            .background_style(WHITE.mix(0.85))
            .border_style(BLACK.mix(0.25))
            .draw()?;
    }
    root.present()?;
    drop(plot);
    drop(root);
    Ok(())
}

/// As high as one scale of both axes asks for, where the chart is a map of a film.
fn extent(chart: &Chart) -> [u32; 2] {
    if !chart.downwards {
        return EXTENT;
    }
    let ratio = (chart.y.high - chart.y.low) / (chart.x.high - chart.x.low);
    let high = f64::from(EXTENT[0] - ROOM[0]) * ratio.clamp(0.3, 1.6);
    [EXTENT[0], high.round() as u32 + ROOM[1] - 24]
}

fn paint<'a, 'b: 'a>(plot: &mut Plot<'a, 'b>, series: &Series) -> Result<(), Box<dyn std::error::Error>> {
    let colour = colour(series.colour);
    let points = series.points.iter().copied();
    let drawn = match series.mark {
        Mark::Line => plot.draw_series(LineSeries::new(points, colour.stroke_width(2)))?,
        Mark::Dashed => plot.draw_series(DashedLineSeries::new(points, 6, 4, colour.stroke_width(1)))?,
        Mark::Dots => {
            plot.draw_series(points.map(|point| Circle::new(point, 3, colour.mix(0.75).filled())))?
        }
        Mark::Strokes => plot.draw_series(
            series.points.chunks_exact(2).map(|ends| PathElement::new(ends.to_vec(), colour.stroke_width(2))),
        )?,
    };
    if series.name.is_empty() {
        return Ok(());
    }
    drawn.label(&series.name);
    match series.mark {
        Mark::Dots => drawn.legend(move |(x, y)| Circle::new((x + 9, y), 3, colour.filled()).into_dyn()),
        _ => drawn
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)).into_dyn()),
    };
    Ok(())
}
