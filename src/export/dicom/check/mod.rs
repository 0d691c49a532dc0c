//! The send check of DICOM objects: read back by the reader that every import uses, held against the standard and compared
//! with what was meant.

mod conformance;
mod receiver;

use super::instance::encode;
use super::{ObjectKind, encapsulated_pdf, gsps, key_object, seg, sr};
use crate::export::ExportError;
use crate::export::Handover;
use crate::export::check::{Checked, SendCheck};
use crate::export::pdf::{self, Paper};
use crate::imaging::DicomObject;
use crate::measure::{LabelMap, LandmarkSet};
use crate::study::Annotations;

/// Makes an object of `handover` and checks it; `paper` is that of the page.
///
/// # Errors
/// Where the object cannot be made at all. One that was made and is not sound is returned, its check saying why: it
/// must not be sent.
pub fn object(
    kind: ObjectKind,
    handover: &Handover,
    paper: Paper,
) -> Result<(Vec<u8>, SendCheck), ExportError> {
    let mut page = None;
    let dataset = match kind {
        ObjectKind::Report => sr::document(handover)?,
        ObjectKind::Segmentation => seg::document(handover, false)?,
        ObjectKind::LabelMap => seg::document(handover, true)?,
        ObjectKind::PresentationState => gsps::document(handover)?,
        ObjectKind::KeyObject => key_object::document(handover)?,
        ObjectKind::Pdf => {
            let made = pdf::render_on(handover.report, paper)?;
            let dataset = encapsulated_pdf::document(handover, &made)?;
            page = Some(made);
            dataset
        }
    };
    let bytes = encode(dataset)?;
    let check = check(kind, handover, &bytes, page.as_deref())?;
    Ok((bytes, check))
}

/// Checks `bytes`, which claim to be the object of `handover`; `page` is the PDF within.
fn check(
    kind: ObjectKind,
    handover: &Handover,
    bytes: &[u8],
    page: Option<&[u8]>,
) -> Result<SendCheck, ExportError> {
    let mut checks = Vec::new();
    let mut receiver = Vec::new();
    match DicomObject::from_bytes(bytes) {
        Ok(object) => {
            let damage = object.warnings.first().cloned();
            checks.push(Checked { what: "the file is read back whole".to_owned(), fault: damage });
            conformance::check(kind, &object.dataset, bytes, handover.image()?, &mut checks);
            let mut compare = |what: &str, fault: Result<(), String>| {
                checks.push(Checked { what: what.to_owned(), fault: fault.err() });
            };
            match kind {
                ObjectKind::Report => {
                    let read = sr::reopen_bytes(bytes);
                    compare("opened again, every point and setting is as it was", report(handover, &read));
                    compare("the content tree is as it was meant", tree(handover, &read));
                    receiver = read.map(|read| receiver::report(&read.tree)).unwrap_or_default();
                }
                ObjectKind::Segmentation | ObjectKind::LabelMap => {
                    let read = seg::read_bytes(bytes);
                    compare("every pixel and structure is as it was", masks(handover, &read));
                    receiver = read.map(|read| receiver::masks(&read.masks)).unwrap_or_default();
                }
                ObjectKind::PresentationState => {
                    let read = gsps::read_bytes(bytes);
                    compare("layers, lines, texts and window are as they were", state(handover, &read));
                    receiver = read.map(|read| receiver::presentation(&read)).unwrap_or_default();
                }
                ObjectKind::KeyObject => {
                    let read = key_object::read_bytes(bytes);
                    let same = read.as_ref().map_err(Clone::clone).and_then(|read| {
                        let meant = key_object::expected(handover).map_err(|e| e.to_string())?;
                        if *read == meant { Ok(()) } else { Err("the images chosen are others".to_owned()) }
                    });
                    compare("it points to the film", same);
                    receiver =
                        read.map(|read| vec![format!("{}: 1 image", read.description)]).unwrap_or_default();
                }
                ObjectKind::Pdf => {
                    let read = encapsulated_pdf::read_bytes(bytes);
                    let same = read.as_ref().map_err(Clone::clone).and_then(|read| {
                        if Some(read.as_slice()) == page {
                            Ok(())
                        } else {
                            Err("the page differs".to_owned())
                        }
                    });
                    compare("the page is the same to the byte", same);
                    receiver =
                        read.map(|read| vec![format!("a PDF of {} bytes", read.len())]).unwrap_or_default();
                }
            }
        }
        Err(reason) => {
            checks.push(Checked { what: "the file is read back whole".to_owned(), fault: Some(reason) });
        }
    }
    Ok(SendCheck { name: kind.name(), checks, receiver })
}

fn report(handover: &Handover, read: &Result<sr::Reopened, String>) -> Result<(), String> {
    let read = read.as_ref().map_err(Clone::clone)?;
    if let Some(note) = read.notes.first() {
        return Err(note.clone());
    }
    if let Some(item) = difference(handover.annotations, &read.annotations) {
        return Err(format!("{item} differs"));
    }
    if read.review != *handover.review {
        return Err("the review differs".to_owned());
    }
    if read.panel != handover.protocol.panel {
        return Err("the panel of measurements differs".to_owned());
    }
    if read.reader != handover.stamp.reader { Err("the reader's name differs".to_owned()) } else { Ok(()) }
}

/// The first thing in which two readings of a film differ.
fn difference(a: &Annotations, b: &Annotations) -> Option<String> {
    if let Some(item) = landmark_difference(&a.landmarks, &b.landmarks) {
        return Some(item);
    }
    match (&a.prediction, &b.prediction) {
        (Some(a), Some(b)) => {
            if let Some(item) = landmark_difference(&a.landmarks, &b.landmarks) {
                return Some(format!("the prediction of {item}"));
            }
            if a != b {
                return Some("the model of the prediction".to_owned());
            }
        }
        (None, None) => {}
        _ => return Some("the prediction".to_owned()),
    }
    [
        ("a setting", a.settings == b.settings),
        ("a note of a point", a.notes == b.notes),
        ("the mask", a.mask == b.mask),
        ("the prediction of the mask", a.mask_prediction == b.mask_prediction),
        ("a free measurement", a.free == b.free),
        ("the comment", a.comment == b.comment),
    ]
    .into_iter()
    .find_map(|(what, same)| (!same).then(|| what.to_owned()))
}

fn landmark_difference(a: &LandmarkSet, b: &LandmarkSet) -> Option<String> {
    let ids = a.points.keys().chain(b.points.keys());
    let point = ids.into_iter().find(|id| a.points.get(*id) != b.points.get(*id));
    let radius =
        a.radii_px.keys().chain(b.radii_px.keys()).find(|id| a.radii_px.get(*id) != b.radii_px.get(*id));
    let line =
        a.polylines.keys().chain(b.polylines.keys()).find(|id| a.polylines.get(*id) != b.polylines.get(*id));
    point
        .map(|id| id.to_string())
        .or(radius.map(|id| format!("the radius of {id}")))
        .or(line.map(|id| format!("the curve {id}")))
}

fn tree(handover: &Handover, read: &Result<sr::Reopened, String>) -> Result<(), String> {
    let read = read.as_ref().map_err(Clone::clone)?;
    let meant = sr::tree(handover, handover.image().map_err(|e| e.to_string())?);
    let (meant, read) = (meant.all(), read.tree.all());
    let other = meant.iter().zip(&read).find(|(a, b)| {
        (a.relation, &a.name, &a.value, a.children.len()) != (b.relation, &b.name, &b.value, b.children.len())
    });
    match other {
        Some((item, _)) => {
            let name = item.name.as_ref().map_or("an item", |name| &*name.meaning);
            Err(format!("{name} differs"))
        }
        None if meant.len() != read.len() => Err("items were lost".to_owned()),
        None => Ok(()),
    }
}

fn masks(handover: &Handover, read: &Result<seg::ReadMasks, String>) -> Result<(), String> {
    let read = read.as_ref().map_err(Clone::clone)?;
    let meant: &LabelMap = handover.masks().ok_or("there were no masks")?;
    if read.instance != handover.image().map_err(|e| e.to_string())?.instance {
        return Err("it refers to another film".to_owned());
    }
    if let Some(structure) = meant.structures.iter().find(|s| !read.masks.structures.contains(s)) {
        return Err(format!("structure {} is not there", structure.name));
    }
    match meant.labels.iter().zip(&read.masks.labels).position(|(a, b)| a != b) {
        Some(at) => {
            Err(format!("the pixel in row {}, column {} differs", at / meant.columns, at % meant.columns))
        }
        None if *meant != read.masks => Err("the size or the order of the structures differs".to_owned()),
        None => read.warnings.first().map_or(Ok(()), |warning| Err(warning.clone())),
    }
}

fn state(handover: &Handover, read: &Result<gsps::PresentationState, String>) -> Result<(), String> {
    let read = read.as_ref().map_err(Clone::clone)?;
    let meant = gsps::expected(handover).map_err(|e| e.to_string())?;
    if read.instance != meant.instance {
        return Err("it refers to another film".to_owned());
    }
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    let window = match (read.window, meant.window) {
        (Some(a), Some(b)) => near(a.center, b.center) && near(a.width, b.width),
        _ => false,
    };
    if !window || read.inverted != meant.inverted {
        return Err("the window differs".to_owned());
    }
    // CIELab is rounded: a colour may come back one step of 255 off.
    let same = |a: &gsps::Layer, b: &gsps::Layer| {
        let (Some(x), Some(y)) = (a.colour, b.colour) else { return a == b };
        a.name == b.name && x.iter().zip(y).all(|(x, y)| x.abs_diff(y) <= 1)
    };
    if read.layers.len() != meant.layers.len()
        || !read.layers.iter().zip(&meant.layers).all(|(a, b)| same(a, b))
    {
        return Err("a layer differs".to_owned());
    }
    let other = meant.drawn.iter().zip(&read.drawn).find(|(a, b)| a != b);
    match other {
        Some(((layer, _), _)) => Err(format!("something on layer {layer} differs")),
        None if meant.drawn.len() != read.drawn.len() => Err("something drawn was lost".to_owned()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
