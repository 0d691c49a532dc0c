//! The annotated film as a PNG: the film at its default window with everything of [`scene`](super::scene) over it, and
//! below it, off the anatomy, a strip with the legend, the network and the research-use line.

use super::ExportError;
use super::report::{Film, Report};
use super::scene::{self, Item, View};
use super::style::{self, Rgb};
use super::text::{Type, Weight};
use ab_glyph::OutlineCurve;
use image::imageops::FilterType;
use image::{GrayImage, ImageEncoder};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

/// The film's longer side in output pixels: small films are enlarged to at least the first, large ones reduced to the
/// second.
const LONGER_SIDE: (usize, usize) = (1000, 2400);

/// # Errors
/// [`ExportError::NoFilm`] without an image; [`ExportError::Image`] when it is too large to draw.
pub fn render(report: &Report) -> Result<Vec<u8>, ExportError> {
    let film = report.film.as_ref().ok_or(ExportError::NoFilm)?;
    let lettering = Type::embedded()?;
    let longer = film.rows.max(film.columns).max(1);
    // Whole multiples keep the pixels of a small film even.
    let target = if longer < LONGER_SIDE.0 {
        longer * LONGER_SIDE.0.div_ceil(longer)
    } else {
        longer.min(LONGER_SIDE.1)
    };
    let view = View::fitting(report, target as f32, target as f32);
    let (width, height) = (view.width.round().max(1.0) as u32, view.height.round().max(1.0) as u32);
    let strip = Strip::of(report, width as f32, &lettering);
    let mut canvas = Canvas::new(width, height + strip.height.ceil() as u32, &lettering)?;
    canvas.film(film, width, height)?;
    canvas.rect([0.0, height as f32, width as f32, strip.height.ceil()], style::HALO);
    canvas.items(&scene::items(report, &view, &lettering), view.unit);
    canvas.items(&strip.items_below(height as f32), view.unit);
    canvas.encode()
}

/// Grey values scaled to `width` × `height`.
pub(super) fn resized(film: &Film, width: u32, height: u32) -> Result<GrayImage, ExportError> {
    let wrong = || ExportError::Image(format!("{} × {} pixels", film.columns, film.rows));
    let columns = u32::try_from(film.columns).map_err(|_| wrong())?;
    let rows = u32::try_from(film.rows).map_err(|_| wrong())?;
    let grey = GrayImage::from_raw(columns, rows, film.grey.clone()).ok_or_else(wrong)?;
    if (columns, rows) == (width, height) {
        return Ok(grey);
    }
    Ok(image::imageops::resize(&grey, width, height, FilterType::CatmullRom))
}

/// Legend and small print below the film.
struct Strip {
    height: f32,
    items: Vec<Item>,
}

impl Strip {
    fn of(report: &Report, width: f32, lettering: &Type) -> Strip {
        let size = width / 56.0;
        let margin = size;
        let baseline = |row: usize| margin + size * (0.8 + 1.6 * row as f32);
        let mut items = Vec::new();
        let (mut x, mut row) = (margin, 0);
        for role in style::LEGEND {
            let sample = 2.4 * size;
            let name = style::name(role);
            let entry = sample + 0.5 * size + lettering.width(name, Weight::Regular, size);
            if x + entry > width - margin && x > margin {
                (x, row) = (margin, row + 1);
            }
            let middle = baseline(row) - 0.3 * size;
            items.push(Item::Line {
                points: vec![[x, middle], [x + sample, middle]],
                color: style::color(role),
                width: size / 7.0,
                dash: style::dash(role).map(|d| d.map(|length| length * size / 10.0)),
            });
            let at = [x + sample + 0.5 * size, baseline(row)];
            items.push(text(at, name, size));
            x += entry + 1.5 * size;
        }
        let points = match &report.model {
            Some(model) => format!("points: {} {}", model.id, model.version),
            None => "points: given, not predicted".to_owned(),
        };
        let print = format!("{} · {points} · {}", report.software, crate::RESEARCH_USE);
        for line in lettering.wrap(&print, Weight::Regular, 0.8 * size, width - 2.0 * margin) {
            row += 1;
            items.push(text([margin, baseline(row)], &line, 0.8 * size));
        }
        Strip { height: baseline(row) + margin, items }
    }

    fn items_below(self, top: f32) -> Vec<Item> {
        let mut items = self.items;
        for item in &mut items {
            match item {
                Item::Line { points, .. } => points.iter_mut().for_each(|p| p[1] += top),
                Item::Ring { center, .. } => center[1] += top,
                Item::Text { at, .. } => at[1] += top,
            }
        }
        items
    }
}

fn text(at: [f32; 2], text: &str, size: f32) -> Item {
    Item::Text { at, text: text.to_owned(), size, weight: Weight::Regular, color: style::TEXT }
}

/// tiny-skia with our few items.
struct Canvas<'a> {
    pixels: Pixmap,
    lettering: &'a Type,
}

impl<'a> Canvas<'a> {
    fn new(width: u32, height: u32, lettering: &'a Type) -> Result<Self, ExportError> {
        let pixels = Pixmap::new(width, height)
            .ok_or_else(|| ExportError::Image(format!("{width} × {height} pixels")))?;
        Ok(Self { pixels, lettering })
    }

    fn film(&mut self, film: &Film, width: u32, height: u32) -> Result<(), ExportError> {
        let grey = resized(film, width, height)?;
        // The film is as wide as the canvas, so its rows come first and without gaps.
        for (pixel, grey) in self.pixels.data_mut().chunks_exact_mut(4).zip(grey.as_raw()) {
            pixel.copy_from_slice(&[*grey, *grey, *grey, 255]);
        }
        Ok(())
    }

    fn rect(&mut self, [left, top, width, height]: [f32; 4], color: Rgb) {
        if let Some(rect) = Rect::from_xywh(left, top, width, height) {
            self.pixels.fill_rect(rect, &paint(color, 1.0), Transform::identity(), None);
        }
    }

    fn items(&mut self, items: &[Item], unit: f32) {
        for item in items {
            match item {
                Item::Line { points, color, width, dash } => {
                    if let Some(path) = polyline(points) {
                        let halo = width * style::LINE_HALO / style::LINE;
                        self.stroke(&path, style::HALO, style::HALO_OPACITY, halo, *dash);
                        self.stroke(&path, *color, 1.0, *width, *dash);
                    }
                }
                Item::Ring { center: [x, y], radius, color, core } => {
                    if let Some(path) = PathBuilder::from_circle(*x, *y, *radius) {
                        self.stroke(&path, style::HALO, style::HALO_OPACITY, style::LINE_HALO * unit, None);
                        self.stroke(&path, *color, 1.0, style::LINE * unit, None);
                    }
                    if *core && let Some(path) = PathBuilder::from_circle(*x, *y, radius * 0.5) {
                        self.fill(&path, *color);
                    }
                }
                Item::Text { at, text, size, weight, color } => {
                    if let Some(path) = outline(self.lettering, text, *weight, *size, *at) {
                        self.stroke(&path, style::HALO, 0.8, size * 0.2, None);
                        self.fill(&path, *color);
                    }
                }
            }
        }
    }

    fn stroke(&mut self, path: &Path, color: Rgb, opacity: f32, width: f32, dash: Option<[f32; 2]>) {
        let stroke = Stroke {
            width,
            line_cap: LineCap::Butt,
            line_join: LineJoin::Round,
            dash: dash.and_then(|d| StrokeDash::new(d.to_vec(), 0.0)),
            ..Stroke::default()
        };
        self.pixels.stroke_path(path, &paint(color, opacity), &stroke, Transform::identity(), None);
    }

    fn fill(&mut self, path: &Path, color: Rgb) {
        self.pixels.fill_path(path, &paint(color, 1.0), FillRule::Winding, Transform::identity(), None);
    }

    /// RGB: everything is opaque.
    fn encode(self) -> Result<Vec<u8>, ExportError> {
        let rgb: Vec<u8> = self.pixels.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let mut bytes = Vec::new();
        image::codecs::png::PngEncoder::new(&mut bytes)
            .write_image(&rgb, self.pixels.width(), self.pixels.height(), image::ExtendedColorType::Rgb8)
            .map_err(|e| ExportError::Image(e.to_string()))?;
        Ok(bytes)
    }
}

fn paint(Rgb(r, g, b): Rgb, opacity: f32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(Color::from_rgba8(r, g, b, (opacity * 255.0).round() as u8));
    paint
}

fn polyline(points: &[[f32; 2]]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, [x, y]) in points.iter().enumerate() {
        if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path.finish()
}

fn outline(lettering: &Type, text: &str, weight: Weight, size: f32, [x, y]: [f32; 2]) -> Option<Path> {
    let mut path = PathBuilder::new();
    // The outline comes as loose curves: a curve that does not start where the last one ended opens a new contour.
    let mut end = None;
    lettering.outline(text, weight, size, (x, y), |curve| {
        let (start, stop) = match &curve {
            OutlineCurve::Line(a, b) => (*a, *b),
            OutlineCurve::Quad(a, _, c) => (*a, *c),
            OutlineCurve::Cubic(a, _, _, d) => (*a, *d),
        };
        if end != Some(start) {
            path.move_to(start.x, start.y);
        }
        match curve {
            OutlineCurve::Line(_, b) => path.line_to(b.x, b.y),
            OutlineCurve::Quad(_, b, c) => path.quad_to(b.x, b.y, c.x, c.y),
            OutlineCurve::Cubic(_, b, c, d) => path.cubic_to(b.x, b.y, c.x, c.y, d.x, d.y),
        }
        end = Some(stop);
    });
    path.finish()
}
