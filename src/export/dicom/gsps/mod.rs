//! Lines, points, texts and the window as a Grayscale Softcopy Presentation State (PS3.3 A.33.1), and back.
//!
//! What is drawn is the report's own scene; a layer for each kind of line, in its colour, so that a reader can hide it.
//! A presentation state replaces all of the image's own grey scale, MONOCHROME1 too: that is its INVERSE shape, and a
//! viewer that inverts such an image once more is wrong.

mod read;

pub(super) use read::of_dataset;
pub use read::{read, read_bytes};

use super::dataset::{Dataset, cielab};
use super::image::ReferencedImage;
use super::instance::{Kind, date, instance, time};
use crate::export::ExportError;
use crate::export::Handover;
use crate::export::scene::{self, Item, View};
use crate::export::style::{self, Rgb};
use crate::export::text::Type;
use crate::imaging::{LookupTable, ModalityTransform, Radiograph, VoiFunction, Window};
use crate::measure::construction::Role;
use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

pub(super) const KIND: Kind = Kind {
    class: uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE,
    modality: "PR",
    name: "Hip lines",
    number: 9104,
};

/// Every second of the 32 parts of a dash is drawn.
const DASH: u32 = 0xFF00_FF00;

/// The grey scale that goes along.
#[derive(Debug, Clone, PartialEq)]
pub struct GreyScale {
    pub modality: ModalityTransform,
    pub window: Window,
    pub function: VoiFunction,
    /// Small values are shown white.
    pub inverted: bool,
}

impl GreyScale {
    /// As the film is shown at first.
    pub fn of(film: &Radiograph) -> GreyScale {
        GreyScale {
            modality: film.modality.clone(),
            window: film.default_window(),
            function: film.voi_function,
            inverted: film.inverted,
        }
    }
}

/// A layer of graphics.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub name: String,
    /// Red, green, blue; `None` where the state recommends no colour.
    pub colour: Option<[u8; 3]>,
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Drawn {
    /// POLYLINE, CIRCLE (centre, point on it), ELLIPSE (ends of the axes), POINT, INTERPOLATED.
    Graphic { kind: String, points: Vec<[f32; 2]>, filled: bool, dashed: bool },
    /// In a box: upper left, lower right.
    Text { text: String, top_left: [f32; 2], bottom_right: [f32; 2] },
}

/// A presentation state that was read. Coordinates are pixels from the corner of the first pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct PresentationState {
    /// SOP instance of the film.
    pub instance: String,
    pub window: Option<Window>,
    pub inverted: bool,
    /// In their order.
    pub layers: Vec<Layer>,
    /// Each with the name of its layer.
    pub drawn: Vec<(String, Drawn)>,
}

/// Each thing drawn with the name of its layer.
type Sheet = Vec<(String, Drawn)>;

/// What the report draws, and on which layers.
fn drawing(handover: &Handover) -> Result<(Vec<Layer>, Sheet), ExportError> {
    let report = handover.report;
    let (Some(rows), Some(columns)) = (report.source.rows, report.source.columns) else {
        return Err(ExportError::NoFilm);
    };
    let aspect = report.spacing.row / report.spacing.column;
    // Pixels from the corner of the first one are what the view gives at a scale of 1.
    let view = View {
        left: -0.5,
        top: -0.5,
        scale_x: 1.0,
        scale_y: 1.0,
        width: columns as f32,
        height: rows as f32,
        unit: (columns as f64).max(rows as f64 * aspect) as f32 / 640.0,
    };
    let lettering = Type::embedded()?;
    let mut layers: Vec<Layer> = Vec::new();
    let mut drawn = Vec::new();
    for item in scene::items(report, &view, &lettering) {
        let (name, Rgb(r, g, b)) = layer(&item);
        if !layers.iter().any(|layer| layer.name == name) {
            layers.push(Layer { name: name.to_owned(), colour: Some([r, g, b]) });
        }
        drawn.push((name.to_owned(), primitive(item, aspect as f32, &lettering)));
    }
    Ok((layers, drawn))
}

/// Lines and their labels by role; points; the rest is furniture.
fn layer(item: &Item) -> (&'static str, Rgb) {
    match item {
        Item::Ring { core: true, color, .. } => ("CORRECTED", *color),
        Item::Ring { color, .. } => ("POINTS", *color),
        Item::Line { color, .. } | Item::Text { color, .. } => {
            let roles = [
                (Role::Hilgenreiner, "HILGENREINER"),
                (Role::Perkin, "PERKIN"),
                (Role::Roof, "ROOF"),
                (Role::DLine, "D_LINE"),
            ];
            let role = roles.into_iter().find(|(role, _)| style::color(*role) == *color);
            (role.map_or("FURNITURE", |(_, name)| name), *color)
        }
    }
}

/// Heights on the film's own pixels, which may not be square.
fn primitive(item: Item, aspect: f32, lettering: &Type) -> Drawn {
    match item {
        Item::Line { points, dash, .. } => {
            Drawn::Graphic { kind: "POLYLINE".to_owned(), points, filled: false, dashed: dash.is_some() }
        }
        Item::Ring { center: [x, y], radius, core, .. } => {
            let down = radius / aspect;
            let (kind, points) = if aspect == 1.0 {
                ("CIRCLE", vec![[x, y], [x + radius, y]])
            } else {
                let (across, along) = ([[x - radius, y], [x + radius, y]], [[x, y - down], [x, y + down]]);
                // The major axis comes first.
                ("ELLIPSE", if radius >= down { [across, along].concat() } else { [along, across].concat() })
            };
            Drawn::Graphic { kind: kind.to_owned(), points, filled: core, dashed: false }
        }
        Item::Text { at: [x, y], text, size, weight, .. } => {
            let width = lettering.width(&text, weight, size);
            Drawn::Text {
                text,
                top_left: [x, y - 0.9 * size / aspect],
                bottom_right: [x + width, y + 0.3 * size / aspect],
            }
        }
    }
}

/// The presentation state as a data set.
///
/// # Errors
/// Where the film is no DICOM, or is not there.
pub(super) fn document(handover: &Handover) -> Result<InMemDicomObject, ExportError> {
    let image = handover.image()?;
    let grey = &GreyScale::of(handover.film()?);
    let (layers, drawn) = drawing(handover)?;
    let mut out = instance(KIND, image, handover.stamp);
    out.text(tags::CONTENT_LABEL, VR::CS, "HIP_LINES");
    out.text(tags::CONTENT_DESCRIPTION, VR::LO, "Lines, points and values of the hip");
    out.text(tags::PRESENTATION_CREATION_DATE, VR::DA, &date(handover.stamp));
    out.text(tags::PRESENTATION_CREATION_TIME, VR::TM, &time(handover.stamp));
    match &handover.stamp.reader {
        Some(reader) => out.text(tags::CONTENT_CREATOR_NAME, VR::PN, reader),
        None => out.empty(tags::CONTENT_CREATOR_NAME, VR::PN),
    }
    // Of the series (type 2C): the film shows both hips.
    out.empty(tags::LATERALITY, VR::CS);
    let mut series = Dataset::new();
    series.text(tags::SERIES_INSTANCE_UID, VR::UI, &image.series);
    series.sequence(tags::REFERENCED_IMAGE_SEQUENCE, [image.frame_reference()]);
    out.sequence(tags::REFERENCED_SERIES_SEQUENCE, [series]);
    grey_scale(&mut out, grey);
    area(&mut out, handover, image);
    let numbered = layers.iter().zip(1_u32..).map(|(layer, order)| {
        let mut of = Dataset::new();
        of.text(tags::GRAPHIC_LAYER, VR::CS, &layer.name);
        of.text(tags::GRAPHIC_LAYER_ORDER, VR::IS, &order.to_string());
        if let Some(colour) = layer.colour {
            let grey =
                (u32::from(colour[0]) * 77 + u32::from(colour[1]) * 151 + u32::from(colour[2]) * 28) / 256;
            of.word(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_GRAYSCALE_VALUE, (grey * 257) as u16);
            of.words(tags::GRAPHIC_LAYER_RECOMMENDED_DISPLAY_CIE_LAB_VALUE, &cielab(colour));
        }
        of
    });
    out.sequence(tags::GRAPHIC_LAYER_SEQUENCE, numbered);
    let annotations = layers.iter().map(|layer| annotation(layer, &drawn, image));
    out.sequence(tags::GRAPHIC_ANNOTATION_SEQUENCE, annotations);
    Ok(out.0)
}

fn grey_scale(out: &mut Dataset, grey: &GreyScale) {
    match &grey.modality {
        ModalityTransform::Rescale { slope, intercept } => {
            out.decimals(tags::RESCALE_INTERCEPT, &[*intercept]);
            out.decimals(tags::RESCALE_SLOPE, &[*slope]);
            out.text(tags::RESCALE_TYPE, VR::LO, "US");
        }
        ModalityTransform::Table(table) => out.sequence(tags::MODALITY_LUT_SEQUENCE, [lookup(table)]),
    }
    let mut voi = Dataset::new();
    voi.decimals(tags::WINDOW_CENTER, &[grey.window.center]);
    voi.decimals(tags::WINDOW_WIDTH, &[grey.window.width]);
    match grey.function {
        VoiFunction::Linear => {}
        VoiFunction::LinearExact => voi.text(tags::VOILUT_FUNCTION, VR::CS, "LINEAR_EXACT"),
        VoiFunction::Sigmoid => voi.text(tags::VOILUT_FUNCTION, VR::CS, "SIGMOID"),
    }
    out.sequence(tags::SOFTCOPY_VOILUT_SEQUENCE, [voi]);
    out.text(tags::PRESENTATION_LUT_SHAPE, VR::CS, if grey.inverted { "INVERSE" } else { "IDENTITY" });
}

fn lookup(table: &LookupTable) -> Dataset {
    let mut out = Dataset::new();
    // 65536 entries are written as 0, and a first value below 0 as a signed number.
    let (count, first) = (table.entries.len() as u16, table.first);
    if first < 0 {
        let values = [count as i16, first as i16, table.bits as i16];
        out.value(tags::LUT_DESCRIPTOR, VR::SS, PrimitiveValue::I16(values.as_slice().into()));
    } else {
        out.words(tags::LUT_DESCRIPTOR, &[count, first as u16, table.bits]);
    }
    out.text(tags::MODALITY_LUT_TYPE, VR::LO, "US");
    out.value(tags::LUT_DATA, VR::OW, PrimitiveValue::U16(table.entries.iter().copied().collect()));
    out
}

/// The whole film.
fn area(out: &mut Dataset, handover: &Handover, image: &ReferencedImage) {
    let report = handover.report;
    let corner = |tag, x: usize, y: usize, of: &mut Dataset| {
        let whole = |v: usize| i32::try_from(v).unwrap_or(i32::MAX);
        of.value(tag, VR::SL, PrimitiveValue::I32([whole(x), whole(y)].as_slice().into()));
    };
    let mut of = Dataset::new();
    of.sequence(tags::REFERENCED_IMAGE_SEQUENCE, [image.frame_reference()]);
    corner(tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, 1, 1, &mut of);
    let (rows, columns) = (report.source.rows.unwrap_or(1), report.source.columns.unwrap_or(1));
    corner(tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, columns, rows, &mut of);
    of.text(tags::PRESENTATION_SIZE_MODE, VR::CS, "SCALE TO FIT");
    if report.spacing.has_millimetres() {
        of.decimals(tags::PRESENTATION_PIXEL_SPACING, &[report.spacing.row, report.spacing.column]);
    } else {
        let ratio = (report.spacing.row / report.spacing.column * 10_000.0).round().clamp(1.0, 1e8);
        of.text(tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, &format!("{ratio}\\10000"));
    }
    out.sequence(tags::DISPLAYED_AREA_SELECTION_SEQUENCE, [of]);
}

fn annotation(layer: &Layer, drawn: &[(String, Drawn)], image: &ReferencedImage) -> Dataset {
    let mut out = Dataset::new();
    out.sequence(tags::REFERENCED_IMAGE_SEQUENCE, [image.frame_reference()]);
    out.text(tags::GRAPHIC_LAYER, VR::CS, &layer.name);
    let mine = || drawn.iter().filter(|(name, _)| *name == layer.name).map(|(_, drawn)| drawn);
    let texts: Vec<Dataset> = mine().filter_map(text_object).collect();
    let graphics: Vec<Dataset> = mine().filter_map(|d| graphic_object(d, layer.colour)).collect();
    if !texts.is_empty() {
        out.sequence(tags::TEXT_OBJECT_SEQUENCE, texts);
    }
    if !graphics.is_empty() {
        out.sequence(tags::GRAPHIC_OBJECT_SEQUENCE, graphics);
    }
    out
}

fn text_object(drawn: &Drawn) -> Option<Dataset> {
    let Drawn::Text { text, top_left, bottom_right } = drawn else { return None };
    let mut out = Dataset::new();
    out.text(tags::BOUNDING_BOX_ANNOTATION_UNITS, VR::CS, "PIXEL");
    out.text(tags::UNFORMATTED_TEXT_VALUE, VR::ST, text);
    out.floats(tags::BOUNDING_BOX_TOP_LEFT_HAND_CORNER, top_left);
    out.floats(tags::BOUNDING_BOX_BOTTOM_RIGHT_HAND_CORNER, bottom_right);
    out.text(tags::BOUNDING_BOX_TEXT_HORIZONTAL_JUSTIFICATION, VR::CS, "LEFT");
    Some(out)
}

fn graphic_object(drawn: &Drawn, colour: Option<[u8; 3]>) -> Option<Dataset> {
    let Drawn::Graphic { kind, points, filled, dashed } = drawn else { return None };
    let mut out = Dataset::new();
    out.text(tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, "PIXEL");
    out.word(tags::GRAPHIC_DIMENSIONS, 2);
    out.word(tags::NUMBER_OF_GRAPHIC_POINTS, u16::try_from(points.len()).unwrap_or(u16::MAX));
    out.floats(tags::GRAPHIC_DATA, &points.concat());
    out.text(tags::GRAPHIC_TYPE, VR::CS, kind);
    if kind == "CIRCLE" || kind == "ELLIPSE" {
        out.text(tags::GRAPHIC_FILLED, VR::CS, if *filled { "Y" } else { "N" });
    }
    if *dashed {
        let mut line = Dataset::new();
        line.words(tags::PATTERN_ON_COLOR_CIE_LAB_VALUE, &cielab(colour.unwrap_or([255; 3])));
        line.floats(tags::PATTERN_ON_OPACITY, &[1.0]);
        line.floats(tags::LINE_THICKNESS, &[1.0]);
        line.text(tags::LINE_DASHING_STYLE, VR::CS, "DASHED");
        line.long(tags::LINE_PATTERN, DASH);
        line.text(tags::SHADOW_STYLE, VR::CS, "OFF");
        line.floats(tags::SHADOW_OFFSET_X, &[0.0]);
        line.floats(tags::SHADOW_OFFSET_Y, &[0.0]);
        line.words(tags::SHADOW_COLOR_CIE_LAB_VALUE, &cielab([0; 3]));
        line.floats(tags::SHADOW_OPACITY, &[0.0]);
        out.sequence(tags::LINE_STYLE_SEQUENCE, [line]);
    }
    Some(out)
}

/// What the state of `handover` should read as.
pub(super) fn expected(handover: &Handover) -> Result<PresentationState, ExportError> {
    let (layers, mut drawn) = drawing(handover)?;
    // A reader meets them layer by layer, texts before graphics.
    let place = |name: &str| layers.iter().position(|layer| layer.name == name);
    drawn.sort_by_key(|(name, drawn)| (place(name), matches!(drawn, Drawn::Graphic { .. })));
    let grey = &GreyScale::of(handover.film()?);
    Ok(PresentationState {
        instance: handover.image()?.instance.clone(),
        window: Some(grey.window),
        inverted: grey.inverted,
        layers,
        drawn,
    })
}
