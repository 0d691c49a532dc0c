//! The figures of the measurements, drawn by the code that draws over films: an infant's on the demo film, the others on
//! landmarks of an adult.

use crate::export::{ExportError, style};
use crate::imaging::Radiograph;
use crate::measure::construction::{Primitive, Role, Shape, figure};
use crate::measure::definition::{Group, Need};
use crate::measure::landmark_file;
use crate::measure::{LandmarkCode, LandmarkId, LandmarkSet, Point, Side, Spacing, catalogue, scheme};
use crate::simulate;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;

/// Where an adult's landmarks lie.
const ANATOMY: &str = include_str!("../../../assets/handbook/anatomy.json");
/// The bones about them, as a faint drawing.
const BONES: &str = include_str!("../../../assets/handbook/bones.svg");
const ANATOMY_SIZE: (usize, usize) = (2000, 2000);
const FILM: &str = "infant.png";
/// Room around what is drawn, as a share of its longer extent.
const MARGIN: f64 = 0.12;
/// Least extent of a figure, as a share of the ground's width.
const LEAST: f64 = 0.25;
/// Longer edge of a figure in its own units, which line widths are in.
const EDGE: f64 = 420.0;

/// A film, or only points, that figures are drawn on.
struct Ground {
    landmarks: LandmarkSet,
    spacing: Spacing,
    size: (usize, usize),
    film: bool,
}

pub(super) fn file(code: &str) -> String {
    format!("{code}.svg")
}

/// What `code` needs, and whether it is an infant's; nothing for a code that is not drawn.
fn needed(code: &str) -> Option<(Vec<LandmarkCode>, bool, Option<Side>)> {
    if let Some(definition) = catalogue::definition(code) {
        let codes = definition.needs.iter().map(|need: &Need| need.code().clone()).collect();
        let infant = definition.group == Group::Paediatric;
        return Some((codes, infant, *definition.sides().first()?));
    }
    let rule = catalogue::rule(code)?;
    Some((rule.landmarks.to_vec(), true, Some(Side::Right)))
}

/// The strokes of `code` on the ground that suits it; none where it has no geometry.
fn strokes<'a>(code: &str, grounds: &'a [Ground]) -> Option<(&'a Ground, Vec<LandmarkId>, Vec<Primitive>)> {
    let (codes, infant, side) = needed(code)?;
    // An infant's measurement that the demo film has no points for is shown on those of the adult.
    let suited = grounds.iter().filter(|ground| ground.film == infant);
    suited.chain(grounds.iter().filter(|ground| ground.film != infant)).find_map(|ground| {
        let shown = figure(&ground.landmarks, &ground.spacing, ground.size, None, (code, side));
        let sides = side.map_or_else(|| Side::BOTH.to_vec(), |side| vec![side]);
        let ids = codes.iter().flat_map(|code| {
            let of_sides = sides.iter().map(|side| LandmarkId::new(code.clone(), *side));
            of_sides.chain([LandmarkId::midline(code.clone())]).collect::<Vec<_>>()
        });
        let ids = ids.filter(|id| ground.landmarks.get(id).is_some_and(|l| l.position().is_some())).collect();
        (!shown.is_empty()).then_some((ground, ids, shown))
    })
}

pub(super) fn is_drawn(code: &str) -> bool {
    // The demo film is not made again for each code.
    static GROUNDS: OnceLock<Vec<Ground>> = OnceLock::new();
    let all = GROUNDS.get_or_init(|| grounds().map(|(grounds, _)| grounds).unwrap_or_default());
    strokes(code, all).is_some()
}

fn grounds() -> Result<(Vec<Ground>, Radiograph), ExportError> {
    let phantom = simulate::demo();
    let film = phantom.radiograph();
    let path = Path::new("anatomy.json");
    let anatomy = landmark_file::parse(ANATOMY, path, scheme::embedded())
        .map_err(|error| ExportError::Image(error.to_string()))?;
    let infant = Ground {
        landmarks: phantom.landmarks,
        spacing: phantom.spacing,
        size: (phantom.rows, phantom.columns),
        film: true,
    };
    let adult =
        Ground { landmarks: anatomy.landmarks, spacing: anatomy.spacing, size: ANATOMY_SIZE, film: false };
    Ok((vec![infant, adult], film))
}

/// Every figure, and the film under them: file name and bytes.
pub(super) fn all() -> Result<Vec<(String, Vec<u8>)>, ExportError> {
    let (grounds, film) = grounds()?;
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(
            &film.render(film.default_window(), false),
            film.columns as u32,
            film.rows as u32,
            ExtendedColorType::L8,
        )
        .map_err(|error| ExportError::Image(error.to_string()))?;
    let mut files = vec![(FILM.to_owned(), png)];
    for (code, _) in crate::measure::explain::codes() {
        if let Some((ground, ids, shown)) = strokes(code, &grounds) {
            files.push((file(code), svg(ground, &ids, &shown).into_bytes()));
        }
    }
    Ok(files)
}

fn svg(ground: &Ground, ids: &[LandmarkId], shown: &[Primitive]) -> String {
    let points: Vec<Point> = ids.iter().filter_map(|id| ground.landmarks.get(id)?.position()).collect();
    let (x, y, width, height) = frame(ground, &points, shown);
    let unit = width.max(height) / EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         viewBox=\"{x:.1} {y:.1} {width:.1} {height:.1}\" width=\"{:.0}\" height=\"{:.0}\" font-family=\"sans-serif\">\
         <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#0b0e12\"/>\n",
        width / unit,
        height / unit,
    );
    if ground.film {
        let _ = writeln!(
            svg,
            "<image href=\"{FILM}\" xlink:href=\"{FILM}\" x=\"-0.5\" y=\"-0.5\" width=\"{}\" height=\"{}\"/>",
            ground.size.1, ground.size.0
        );
    } else {
        svg.push_str(BONES);
    }
    for primitive in shown {
        let colour = style::color(primitive.role);
        let colour = format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2);
        let dash = style::dash(primitive.role).map_or_else(String::new, |[on, off]| {
            format!(" stroke-dasharray=\"{:.1} {:.1}\"", f64::from(on) * unit, f64::from(off) * unit)
        });
        let path: String = match &primitive.shape {
            Shape::Line { a, b } => format!("{:.1},{:.1} {:.1},{:.1}", a.x, a.y, b.x, b.y),
            Shape::Arc { points, .. } => {
                points.iter().map(|p| format!("{:.1},{:.1}", p.x, p.y)).collect::<Vec<_>>().join(" ")
            }
            Shape::Label { at, text, .. } => {
                let size = 13.0 * unit;
                let _ = writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" font-size=\"{size:.1}\" text-anchor=\"middle\" \
                     stroke=\"#0b0e12\" stroke-width=\"{:.1}\" paint-order=\"stroke\">{text}</text>",
                    at.x,
                    at.y + 0.35 * size,
                    3.0 * unit
                );
                continue;
            }
        };
        let _ = writeln!(
            svg,
            "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{:.1}\"{dash}/>",
            2.0 * unit
        );
    }
    for (id, at) in ids.iter().zip(&points) {
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\" fill=\"none\" stroke=\"#e8edf2\" stroke-width=\"{:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#e8edf2\" font-size=\"{:.1}\" stroke=\"#0b0e12\" \
             stroke-width=\"{:.1}\" paint-order=\"stroke\">{}</text>",
            at.x,
            at.y,
            4.0 * unit,
            1.5 * unit,
            at.x + 7.0 * unit,
            at.y + 13.0 * unit,
            11.0 * unit,
            3.0 * unit,
            id.code
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// What the figure shows of the ground: points and strokes with some room, as x, y, width, height.
fn frame(ground: &Ground, points: &[Point], shown: &[Primitive]) -> (f64, f64, f64, f64) {
    // Lines that give directions run on beyond the figure.
    let measured =
        shown.iter().filter(|p| !matches!(p.role, Role::Reference | Role::Hilgenreiner | Role::Perkin));
    let ends = measured.flat_map(|primitive| match &primitive.shape {
        Shape::Line { a, b } => vec![*a, *b],
        Shape::Arc { points, .. } => points.clone(),
        Shape::Label { at, .. } => vec![*at],
    });
    let (mut low, mut high) = (Point::new(f64::MAX, f64::MAX), Point::new(f64::MIN, f64::MIN));
    for p in ends.chain(points.iter().copied()) {
        low = Point::new(low.x.min(p.x), low.y.min(p.y));
        high = Point::new(high.x.max(p.x), high.y.max(p.y));
    }
    let room = MARGIN * (high.x - low.x).max(high.y - low.y);
    // No figure is a strip: it shows at least two thirds of its longer edge the other way.
    let extent = (high.x - low.x).max(high.y - low.y);
    let least = (extent / 1.5).max(LEAST * ground.size.1 as f64);
    let grow = |low: f64, high: f64, most: usize| {
        let more = ((least - (high - low)) / 2.0).max(0.0) + room;
        let (low, high) = (low - more, high + more);
        if ground.film { (low.max(-0.5), high.min(most as f64 - 0.5)) } else { (low, high) }
    };
    let (left, right) = grow(low.x, high.x, ground.size.1);
    let (top, bottom) = grow(low.y, high.y, ground.size.0);
    (left, top, right - left, bottom - top)
}
