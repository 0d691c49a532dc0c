//! A presentation state, ours or another program's, as what it shows.

use super::super::dataset::{floats, integer, item, items, numbers, rgb, text};
use super::{Drawn, KIND, Layer, PresentationState};
use crate::imaging::{DicomObject, OpenError, Window};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use std::path::Path;

/// Reads the presentation state in the file at `path`.
///
/// # Errors
/// [`OpenError`], also for other objects.
pub fn read(path: &Path) -> Result<PresentationState, OpenError> {
    let object = DicomObject::read(path)?;
    of_dataset(&object.dataset).map_err(|reason| OpenError::Undecodable { path: path.to_owned(), reason })
}

/// Reads the presentation state in the bytes of a file.
///
/// # Errors
/// In words.
pub fn read_bytes(bytes: &[u8]) -> Result<PresentationState, String> {
    of_dataset(&DicomObject::from_bytes(bytes)?.dataset)
}

pub(in super::super) fn of_dataset(object: &InMemDicomObject) -> Result<PresentationState, String> {
    if text(object, tags::SOP_CLASS_UID) != KIND.class {
        return Err("no greyscale presentation state".to_owned());
    }
    let series = item(object, tags::REFERENCED_SERIES_SEQUENCE);
    let image = series.and_then(|series| item(series, tags::REFERENCED_IMAGE_SEQUENCE));
    let image = image.ok_or("it refers to no image")?;
    let window = item(object, tags::SOFTCOPY_VOILUT_SEQUENCE).and_then(|voi| {
        let number = |tag| numbers(voi, tag).first().copied();
        Some(Window { center: number(tags::WINDOW_CENTER)?, width: number(tags::WINDOW_WIDTH)? })
    });
    let mut layers: Vec<(i64, Layer)> = items(object, tags::GRAPHIC_LAYER_SEQUENCE)
        .iter()
        .map(|layer| {
            let lab = numbers(layer, tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE);
            let colour = match lab[..] {
                [l, a, b] => Some(rgb([l as u16, a as u16, b as u16])),
                _ => None,
            };
            let order = integer(layer, tags::GRAPHIC_LAYER_ORDER).unwrap_or(0);
            (order, Layer { name: text(layer, tags::GRAPHIC_LAYER), colour })
        })
        .collect();
    layers.sort_by_key(|(order, _)| *order);
    let mut drawn = Vec::new();
    for annotation in items(object, tags::GRAPHIC_ANNOTATION_SEQUENCE) {
        let layer = text(annotation, tags::GRAPHIC_LAYER);
        let texts = items(annotation, tags::TEXT_OBJECT_SEQUENCE).iter().filter_map(read_text);
        drawn.extend(texts.map(|text| (layer.clone(), text)));
        let graphics = items(annotation, tags::GRAPHIC_OBJECT_SEQUENCE).iter().filter_map(read_graphic);
        drawn.extend(graphics.map(|graphic| (layer.clone(), graphic)));
    }
    Ok(PresentationState {
        instance: text(image, tags::REFERENCED_SOP_INSTANCE_UID),
        window,
        inverted: text(object, tags::PRESENTATION_LUT_SHAPE) == "INVERSE",
        layers: layers.into_iter().map(|(_, layer)| layer).collect(),
        drawn,
    })
}

fn corner(object: &InMemDicomObject, tag: dicom_core::Tag) -> Option<[f32; 2]> {
    floats(object, tag).try_into().ok()
}

/// Text at an anchor has a box without extent; units other than pixels are left out.
fn read_text(object: &InMemDicomObject) -> Option<Drawn> {
    let units = [tags::BOUNDING_BOX_ANNOTATION_UNITS, tags::ANCHOR_POINT_ANNOTATION_UNITS];
    if !units.iter().any(|tag| text(object, *tag) == "PIXEL") {
        return None;
    }
    let anchor = corner(object, tags::ANCHOR_POINT);
    Some(Drawn::Text {
        text: text(object, tags::UNFORMATTED_TEXT_VALUE),
        top_left: corner(object, tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER).or(anchor)?,
        bottom_right: corner(object, tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER).or(anchor)?,
    })
}

fn read_graphic(object: &InMemDicomObject) -> Option<Drawn> {
    if text(object, tags::GRAPHIC_ANNOTATION_UNITS) != "PIXEL" {
        return None;
    }
    let style = item(object, tags::LINE_STYLE_SEQUENCE);
    Some(Drawn::Graphic {
        kind: text(object, tags::GRAPHIC_TYPE),
        points: floats(object, tags::GRAPHIC_DATA).chunks_exact(2).map(|p| [p[0], p[1]]).collect(),
        filled: text(object, tags::GRAPHIC_FILLED) == "Y",
        dashed: style.is_some_and(|style| text(style, tags::LINE_DASHING_STYLE) == "DASHED"),
    })
}
