//! Overlays and shutter of a header.

use super::attributes::Attributes;
use super::library;
use super::pixels::{Format, Samples};
use crate::imaging::presentation::{Overlay, Shutter, ShutterShape};
use crate::measure::Point;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Larger planes than any image are damage.
const MAX_PLANE: usize = 100_000_000;

/// Groups of overlay planes.
fn groups(object: &InMemDicomObject) -> impl Iterator<Item = u16> {
    (0..16).map(|i| 0x6000 + 2 * i).filter(|group| object.get(Tag(*group, 0x0010)).is_some())
}

/// Overlay planes of their own that frame `frame` (from 0) shows.
pub(super) fn overlays(object: &InMemDicomObject, frame: u32, warnings: &mut Vec<String>) -> Vec<Overlay> {
    let with_data = groups(object).filter(|group| object.get(Tag(*group, 0x3000)).is_some());
    with_data.filter_map(|group| overlay(object, group, frame, warnings)).collect()
}

/// Overlay planes in bits of the pixels that hold no image, and which bit (retired, yet found in old films: PS3.3-2004
/// C.9.2).
pub(super) fn embedded(object: &InMemDicomObject, format: &Format) -> Vec<(u16, u32)> {
    let image = format.high_bit + 1 - format.stored..=format.high_bit;
    let planes = groups(object).filter(|group| object.get(Tag(*group, 0x3000)).is_none());
    let planes = planes.filter_map(|group| {
        let bit = object.get(Tag(group, 0x0102))?.to_int::<u32>().ok()?;
        (bit < format.allocated && !image.contains(&bit)).then_some((group, bit))
    });
    planes.collect()
}

/// The [`embedded`] planes of `samples`, which are not masked yet.
pub(super) fn embedded_overlays(
    object: &InMemDicomObject,
    samples: &Samples,
    format: &Format,
) -> Vec<Overlay> {
    if samples.components != 1 || format.allocated > 32 {
        return Vec::new();
    }
    let planes = embedded(object, format).into_iter().map(|(group, bit)| {
        let attributes = Attributes::of_frame(object, 0);
        let label = attributes.some_text(Tag(group, 0x1500));
        Overlay {
            group,
            label: label.unwrap_or_else(|| attributes.text(Tag(group, 0x0022))),
            rows: format.rows,
            columns: format.columns,
            origin: (0, 0),
            is_region: attributes.text(Tag(group, 0x0040)) == "R",
            mask: samples.values.iter().map(|value| value >> bit & 1 == 1).collect(),
        }
    });
    planes.collect()
}

fn overlay(object: &InMemDicomObject, group: u16, frame: u32, warnings: &mut Vec<String>) -> Option<Overlay> {
    let plane = library::overlay(object, group).filter(|plane| {
        let size = usize::from(plane.rows()) * usize::from(plane.columns());
        (1..=MAX_PLANE).contains(&size)
    });
    let Some(plane) = plane else {
        warnings.push("a damaged overlay is not shown".to_owned());
        return None;
    };
    // One frame of overlay serves all frames of the image.
    let shown = if plane.number_of_frames() == 1 { Some(0) } else { plane.frame_for_image_frame(frame) };
    let mask = plane.frame_data(shown?).ok()?.iter().map(|bit| *bit != 0).collect();
    let text = plane.label().or(plane.description()).unwrap_or_default();
    Some(Overlay {
        group,
        label: text.trim().to_owned(),
        rows: plane.rows().into(),
        columns: plane.columns().into(),
        origin: (i64::from(plane.origin()[0]) - 1, i64::from(plane.origin()[1]) - 1),
        is_region: plane.overlay_type() == dicom_pixeldata::OverlayType::Roi,
        mask,
    })
}

/// The display shutter; positions are counted from 1 in the header.
pub(super) fn shutter(attributes: &Attributes) -> Option<Shutter> {
    let edge = |tag| attributes.number(tag).map(|v| v - 1.0);
    let shape = |name: String| match name.as_str() {
        "RECTANGULAR" => Some(ShutterShape::Rectangle {
            left: edge(tags::SHUTTER_LEFT_VERTICAL_EDGE)?,
            right: edge(tags::SHUTTER_RIGHT_VERTICAL_EDGE)?,
            top: edge(tags::SHUTTER_UPPER_HORIZONTAL_EDGE)?,
            bottom: edge(tags::SHUTTER_LOWER_HORIZONTAL_EDGE)?,
        }),
        "CIRCULAR" => {
            let [row, column] = attributes.numbers(tags::CENTER_OF_CIRCULAR_SHUTTER)[..] else { return None };
            let radius = attributes.number(tags::RADIUS_OF_CIRCULAR_SHUTTER)?;
            Some(ShutterShape::Circle { center: Point::new(column - 1.0, row - 1.0), radius })
        }
        "POLYGONAL" => {
            let corners: Vec<Point> = attributes
                .numbers(tags::VERTICES_OF_THE_POLYGONAL_SHUTTER)
                .chunks_exact(2)
                .map(|rc| Point::new(rc[1] - 1.0, rc[0] - 1.0))
                .collect();
            (corners.len() >= 3).then_some(ShutterShape::Polygon(corners))
        }
        _ => None,
    };
    let shapes: Vec<ShutterShape> =
        attributes.texts(tags::SHUTTER_SHAPE).into_iter().filter_map(shape).collect();
    let grey = attributes.integer::<u16>(tags::SHUTTER_PRESENTATION_VALUE).unwrap_or(0);
    (!shapes.is_empty()).then_some(Shutter { shapes, grey: (grey >> 8) as u8 })
}
