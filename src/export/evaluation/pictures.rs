//! One film with the reference's and a reader's points, as an SVG over the film's greys: rings are the reference, crosses
//! the reader. Outlines of many points are drawn as lines, masks by their borders.

use crate::export::ExportError;
use crate::imaging::Radiograph;
use crate::measure::{LabelMap, LandmarkId, LandmarkSet, Point};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::imageops::FilterType;
use image::{ExtendedColorType, GrayImage, ImageEncoder};
use std::fmt::Write;

/// The film's longer side on the page, in pixels of the embedded picture.
const LONGER_SIDE: f64 = 460.0;
const TRUTH: &str = "#56b4e9";
const READER: &str = "#e69f00";

/// What is shown of one film.
pub struct Picture<'a> {
    pub film: &'a Radiograph,
    pub truth: &'a LandmarkSet,
    /// `None` where the reader refused the film.
    pub found: Option<&'a LandmarkSet>,
    pub truth_labels: Option<&'a LabelMap>,
    pub found_labels: Option<&'a LabelMap>,
}

impl Picture<'_> {
    /// An `svg` element; `label` says in words what it shows.
    ///
    /// # Errors
    /// [`ExportError::Image`], for a film that cannot be encoded.
    pub fn svg(&self, label: &str) -> Result<String, ExportError> {
        let film = self.film;
        let scale = (LONGER_SIDE / film.rows.max(film.columns).max(1) as f64).min(1.0);
        let [width, height] =
            [film.columns, film.rows].map(|size| ((size as f64 * scale).round() as u32).max(1));
        let png = STANDARD.encode(self.png(width, height)?);
        // One unit of the picture is a pixel of the film; pixel centres are whole numbers.
        let (columns, rows) = (film.columns, film.rows);
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" viewBox=\"-0.5 -0.5 {columns} {rows}\">\
             <image x=\"-0.5\" y=\"-0.5\" width=\"{columns}\" height=\"{rows}\" preserveAspectRatio=\"none\" \
             href=\"data:image/png;base64,{png}\"/>",
            super::html::escaped(label),
        );
        let unit = rows.max(columns) as f64 / 300.0;
        for (set, colour) in [(Some(self.truth), TRUTH), (self.found, READER)] {
            if let Some(set) = set {
                outlines(&mut svg, set, colour, unit);
            }
        }
        self.points(&mut svg, unit);
        svg.push_str("</svg>");
        Ok(svg)
    }

    fn points(&self, svg: &mut String, unit: f64) {
        let single = |id: &LandmarkId| number(id).is_none();
        for (_, landmark) in self.truth.iter().filter(|(id, _)| single(id)) {
            if let Some(Point { x, y }) = landmark.position() {
                let _ = write!(
                    svg,
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"none\" stroke=\"{TRUTH}\" stroke-width=\"{:.2}\"/>",
                    3.2 * unit,
                    unit
                );
            }
        }
        let found = self.found.into_iter().flat_map(LandmarkSet::iter).filter(|(id, _)| single(id));
        for (id, landmark) in found {
            let Some(Point { x, y }) = landmark.position() else { continue };
            let arm = 2.6 * unit;
            let mut path =
                format!("M{:.1} {y:.1}H{:.1}M{x:.1} {:.1}V{:.1}", x - arm, x + arm, y - arm, y + arm);
            if let Some(truth) = self.truth.get(id).and_then(|truth| truth.position()) {
                let _ = write!(path, "M{x:.1} {y:.1}L{:.1} {:.1}", truth.x, truth.y);
            }
            let _ = write!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{READER}\" stroke-width=\"{unit:.2}\"/>"
            );
        }
    }

    fn png(&self, width: u32, height: u32) -> Result<Vec<u8>, ExportError> {
        let film = self.film;
        let mut grey = film.render(film.default_window(), false);
        for (labels, value) in [(self.truth_labels, 255), (self.found_labels, 0)] {
            let fitting = labels.filter(|labels| (labels.rows, labels.columns) == (film.rows, film.columns));
            if let Some(labels) = fitting {
                draw_borders(&mut grey, labels, value);
            }
        }
        let wrong = || ExportError::Image(format!("{} × {} pixels", film.columns, film.rows));
        let sized = |size: usize| u32::try_from(size).map_err(|_| wrong());
        let picture = GrayImage::from_raw(sized(film.columns)?, sized(film.rows)?, grey).ok_or_else(wrong)?;
        let small = if (picture.width(), picture.height()) == (width, height) {
            picture
        } else {
            image::imageops::resize(&picture, width, height, FilterType::Triangle)
        };
        let mut png = Vec::new();
        image::codecs::png::PngEncoder::new(&mut png)
            .write_image(small.as_raw(), width, height, ExtendedColorType::L8)
            .map_err(|error| ExportError::Image(error.to_string()))?;
        Ok(png)
    }
}

/// The number of a point of a numbered outline.
fn number(id: &LandmarkId) -> Option<u8> {
    id.code.as_str().strip_prefix('F').filter(|rest| rest.len() == 2)?.parse().ok()
}

fn outlines(svg: &mut String, set: &LandmarkSet, colour: &str, unit: f64) {
    for side in [Some(crate::measure::Side::Right), Some(crate::measure::Side::Left), None] {
        // Landmarks are sorted by code, so numbered ones come in their order.
        let of = set.iter().filter(|(id, _)| id.side == side && number(id).is_some());
        let points: Vec<String> = of
            .filter_map(|(_, landmark)| landmark.position().map(|p| format!("{:.1},{:.1}", p.x, p.y)))
            .collect();
        if points.len() > 1 {
            let _ = write!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{:.2}\"/>",
                points.join(" "),
                0.8 * unit
            );
        }
    }
}

/// Borders of every structure in one grey, as wide as will be seen once the film is small.
fn draw_borders(grey: &mut [u8], labels: &LabelMap, value: u8) {
    let reach = (labels.rows.max(labels.columns) / 450).max(1);
    let at = |row: usize, column: usize| labels.labels[row * labels.columns + column];
    for row in 0..labels.rows {
        for column in 0..labels.columns {
            let label = at(row, column);
            let other = (row + reach < labels.rows && at(row + reach, column) != label)
                || (column + reach < labels.columns && at(row, column + reach) != label);
            if other {
                grey[row * labels.columns + column] = value;
            }
        }
    }
}
