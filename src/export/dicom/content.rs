//! The content tree of a structured report (PS3.3 C.17.3): items as values, written and read by the same types, so that
//! a tree that was written can be compared with the one that comes back.

use super::code::Code;
use super::dataset::{Dataset, floats, integer, item, items, numbers, text, unpadded};
use crate::imaging::decimal;
use crate::measure::Point;
use dicom_core::VR;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// Deeper trees are none of ours.
const MAX_DEPTH: usize = 32;

/// Where the corner of the first pixel lies from its centre: coordinates of DICOM count from the corner.
const CORNER: f64 = 0.5;

/// How an item belongs to the one above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Contains,
    HasConceptMod,
    HasObsContext,
    HasProperties,
    InferredFrom,
    SelectedFrom,
}

impl Relation {
    const ALL: [(Relation, &str); 6] = [
        (Relation::Contains, "CONTAINS"),
        (Relation::HasConceptMod, "HAS CONCEPT MOD"),
        (Relation::HasObsContext, "HAS OBS CONTEXT"),
        (Relation::HasProperties, "HAS PROPERTIES"),
        (Relation::InferredFrom, "INFERRED FROM"),
        (Relation::SelectedFrom, "SELECTED FROM"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(relation, _)| *relation == self).map_or("", |(_, name)| name)
    }
}

/// Kind of a SCOORD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Graphic {
    Point,
    MultiPoint,
    Polyline,
    /// Centre, then a point of the circle.
    Circle,
    /// Ends of the major axis, then of the minor.
    Ellipse,
}

impl Graphic {
    const ALL: [(Graphic, &str); 5] = [
        (Graphic::Point, "POINT"),
        (Graphic::MultiPoint, "MULTIPOINT"),
        (Graphic::Polyline, "POLYLINE"),
        (Graphic::Circle, "CIRCLE"),
        (Graphic::Ellipse, "ELLIPSE"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(graphic, _)| *graphic == self).map_or("", |(_, name)| name)
    }
}

/// What an item says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// With the number of its template of DCMR.
    Container(Option<&'static str>),
    Text(String),
    Code(Code),
    /// Value and unit, or why there is none (CID 42); both where the value is qualified.
    Number {
        value: Option<(f64, Code)>,
        qualifier: Option<Code>,
    },
    /// Pairs as they stand in the object: 0\0 is the corner of the first pixel.
    Coordinates {
        graphic: Graphic,
        data: Vec<f32>,
    },
    Image {
        class: String,
        instance: String,
        frame: Option<u32>,
    },
    Uid(String),
    Person(String),
}

/// One content item.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// `None` for the root.
    pub relation: Option<Relation>,
    pub name: Option<Code>,
    pub value: Value,
    pub children: Vec<Item>,
}

/// Pixel coordinates (0, 0 is the centre of the first pixel) as SCOORD holds them.
pub(super) fn coordinates(points: &[Point]) -> Vec<f32> {
    points.iter().flat_map(|p| [(p.x + CORNER) as f32, (p.y + CORNER) as f32]).collect()
}

/// Back to pixel coordinates.
pub(super) fn points(data: &[f32]) -> Vec<Point> {
    data.chunks_exact(2).map(|p| Point::new(f64::from(p[0]) - CORNER, f64::from(p[1]) - CORNER)).collect()
}

impl Item {
    pub fn new(relation: Relation, name: &Code, value: Value) -> Item {
        Item { relation: Some(relation), name: Some(name.clone()), value, children: Vec::new() }
    }

    /// Without the blanks at its end: they are padding to a reader.
    pub fn text(relation: Relation, name: &Code, text: impl Into<String>) -> Item {
        let text: String = text.into();
        Item::new(relation, name, Value::Text(unpadded(&text).to_owned()))
    }

    pub fn code(relation: Relation, name: &Code, code: Code) -> Item {
        Item::new(relation, name, Value::Code(code))
    }

    pub fn number(relation: Relation, name: &Code, value: f64, unit: Code) -> Item {
        Item::new(relation, name, Value::Number { value: Some((value, unit)), qualifier: None })
    }

    pub fn container(name: &Code, template: Option<&'static str>, children: Vec<Item>) -> Item {
        Item::new(Relation::Contains, name, Value::Container(template)).with(children)
    }

    pub fn with(mut self, children: impl IntoIterator<Item = Item>) -> Item {
        self.children.extend(children);
        self
    }

    pub fn is(&self, name: &Code) -> bool {
        self.name.as_ref() == Some(name)
    }

    pub fn child(&self, name: &Code) -> Option<&Item> {
        self.children.iter().find(|child| child.is(name))
    }

    /// Every item of the tree, this one first.
    pub fn all(&self) -> Vec<&Item> {
        let mut found = vec![self];
        for child in &self.children {
            found.extend(child.all());
        }
        found
    }

    /// Puts the item into `out`, the data set of the document for its root.
    pub fn write(&self, out: &mut Dataset) {
        if let Some(relation) = self.relation {
            out.text(tags::RELATIONSHIP_TYPE, VR::CS, relation.name());
        }
        let kind = match &self.value {
            Value::Container(template) => {
                out.text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
                if let Some(template) = template {
                    let mut of = Dataset::new();
                    of.text(tags::MAPPING_RESOURCE, VR::CS, "DCMR");
                    of.text(tags::TEMPLATE_IDENTIFIER, VR::CS, template);
                    out.sequence(tags::CONTENT_TEMPLATE_SEQUENCE, [of]);
                }
                "CONTAINER"
            }
            Value::Text(text) => {
                out.text(tags::TEXT_VALUE, VR::UT, text);
                "TEXT"
            }
            Value::Code(code) => {
                out.sequence(tags::CONCEPT_CODE_SEQUENCE, [code.dataset()]);
                "CODE"
            }
            Value::Number { value, qualifier } => {
                out.sequence(tags::MEASURED_VALUE_SEQUENCE, value.iter().map(measured));
                if let Some(qualifier) = qualifier {
                    out.sequence(tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE, [qualifier.dataset()]);
                }
                "NUM"
            }
            Value::Coordinates { graphic, data } => {
                out.text(tags::GRAPHIC_TYPE, VR::CS, graphic.name());
                out.floats(tags::GRAPHIC_DATA, data);
                "SCOORD"
            }
            Value::Image { class, instance, frame } => {
                let mut of = Dataset::new();
                of.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class);
                of.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, instance);
                if let Some(frame) = frame {
                    of.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &frame.to_string());
                }
                out.sequence(tags::REFERENCED_SOP_SEQUENCE, [of]);
                "IMAGE"
            }
            Value::Uid(uid) => {
                out.text(tags::UID, VR::UI, uid);
                "UIDREF"
            }
            Value::Person(name) => {
                out.text(tags::PERSON_NAME, VR::PN, name);
                "PNAME"
            }
        };
        out.text(tags::VALUE_TYPE, VR::CS, kind);
        if let Some(name) = &self.name {
            out.sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, [name.dataset()]);
        }
        if !self.children.is_empty() {
            let children = self.children.iter().map(|child| {
                let mut out = Dataset::new();
                child.write(&mut out);
                out
            });
            out.sequence(tags::CONTENT_SEQUENCE, children);
        }
    }

    /// The tree in `object`. Items of kinds that we do not know are left out with all below them.
    ///
    /// # Errors
    /// In words, when the root is no content item or the tree is too deep.
    pub fn read(object: &InMemDicomObject) -> Result<Item, String> {
        read(object, 0)?.ok_or_else(|| "it holds no content tree".to_owned())
    }
}

fn measured((value, unit): &(f64, Code)) -> Dataset {
    let mut out = Dataset::new();
    out.text(tags::NUMERIC_VALUE, VR::DS, &decimal(*value));
    // A decimal string has 16 characters: what it cannot say is said in full beside it (type 1C).
    if decimal(*value).parse() != Ok(*value) {
        out.double(tags::FLOATING_POINT_VALUE, *value);
    }
    out.sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, [unit.dataset()]);
    out
}

fn read(object: &InMemDicomObject, depth: usize) -> Result<Option<Item>, String> {
    if depth > MAX_DEPTH {
        return Err("its content tree is too deep".to_owned());
    }
    let Some(value) = value(object) else { return Ok(None) };
    let relation = text(object, tags::RELATIONSHIP_TYPE);
    let relation = Relation::ALL.iter().find(|(_, name)| *name == relation).map(|(relation, _)| *relation);
    let mut children = Vec::new();
    for child in items(object, tags::CONTENT_SEQUENCE) {
        children.extend(read(child, depth + 1)?);
    }
    Ok(Some(Item { relation, name: Code::read(object, tags::CONCEPT_NAME_CODE_SEQUENCE), value, children }))
}

fn value(object: &InMemDicomObject) -> Option<Value> {
    Some(match text(object, tags::VALUE_TYPE).as_str() {
        "CONTAINER" => {
            let template = item(object, tags::CONTENT_TEMPLATE_SEQUENCE);
            let template = template.map(|item| text(item, tags::TEMPLATE_IDENTIFIER)).unwrap_or_default();
            Value::Container(["1500", "1501", "1410", "2010"].into_iter().find(|known| *known == template))
        }
        "TEXT" => Value::Text(text(object, tags::TEXT_VALUE)),
        "CODE" => Value::Code(Code::read(object, tags::CONCEPT_CODE_SEQUENCE)?),
        "NUM" => Value::Number {
            value: item(object, tags::MEASURED_VALUE_SEQUENCE).and_then(|item| {
                let exact = numbers(item, tags::FLOATING_POINT_VALUE).first().copied();
                let value = exact.or_else(|| text(item, tags::NUMERIC_VALUE).trim().parse().ok())?;
                Some((value, Code::read(item, tags::MEASUREMENT_UNITS_CODE_SEQUENCE)?))
            }),
            qualifier: Code::read(object, tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE),
        },
        "SCOORD" => {
            let name = text(object, tags::GRAPHIC_TYPE);
            let (graphic, _) = Graphic::ALL.into_iter().find(|(_, known)| *known == name)?;
            Value::Coordinates { graphic, data: floats(object, tags::GRAPHIC_DATA) }
        }
        "IMAGE" => {
            let of = item(object, tags::REFERENCED_SOP_SEQUENCE)?;
            Value::Image {
                class: text(of, tags::REFERENCED_SOP_CLASS_UID),
                instance: text(of, tags::REFERENCED_SOP_INSTANCE_UID),
                frame: integer(of, tags::REFERENCED_FRAME_NUMBER),
            }
        }
        "UIDREF" => Value::Uid(text(object, tags::UID)),
        "PNAME" => Value::Person(text(object, tags::PERSON_NAME)),
        _ => return None,
    })
}
