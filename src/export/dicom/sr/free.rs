//! Free measurements as measurement groups (TID 1501): the value of each, inferred from what a person drew.

use super::super::code::Code;
use super::super::content::{Graphic, Item, Relation, Value, coordinates};
use super::super::image::ReferencedImage;
use super::landmarks::{filled, heading};
use super::selected_from;
use super::vocabulary as word;
use crate::measure::{Point, Spacing};
use crate::study::{FreeId, FreeMeasurement, FreeShape};
use std::collections::BTreeMap;

/// One group for each, in the order of their numbers.
pub(super) fn groups(
    free: &BTreeMap<FreeId, FreeMeasurement>,
    spacing: &Spacing,
    image: &ReferencedImage,
) -> Vec<Item> {
    free.iter().map(|(id, free)| group(*id, free, spacing, image)).collect()
}

fn group(id: FreeId, free: &FreeMeasurement, spacing: &Spacing, image: &ReferencedImage) -> Item {
    let name = format!("Free-{}", id.0);
    let mut items = heading(image, &name, word::FREE, word::region(None), None);
    items.push(match free.shape.value(spacing) {
        Ok(value) => {
            Item::number(Relation::Contains, &concept(&free.shape), value.value, word::unit(value.unit))
                .with(drawn(&free.shape, image))
        }
        Err(reason) => Item::code(Relation::Contains, &concept(&free.shape), word::CALCULATION_FAILURE)
            .with([Item::text(Relation::HasProperties, &word::REASON, filled(&reason))]),
    });
    if !free.label.trim().is_empty() {
        items.push(Item::text(Relation::Contains, &word::COMMENT, free.label.as_str()));
    }
    Item::container(&word::GROUP, Some("1501"), items)
}

fn concept(shape: &FreeShape) -> Code {
    match shape {
        FreeShape::Length { .. } => word::LENGTH,
        FreeShape::Angle { .. } => word::ANGLE,
        FreeShape::Cobb { .. } => word::COBB,
        FreeShape::Circle { .. } => word::DIAMETER,
    }
}

fn drawn(shape: &FreeShape, image: &ReferencedImage) -> Vec<Item> {
    let item = |graphic: Graphic, points: &[Point]| {
        let value = Value::Coordinates { graphic, data: coordinates(points) };
        Item::new(Relation::InferredFrom, &word::SOURCE_OF_MEASUREMENT, value).with([selected_from(image)])
    };
    match shape {
        FreeShape::Length { .. } | FreeShape::Angle { .. } => vec![item(Graphic::Polyline, &shape.points())],
        FreeShape::Cobb { first, second } => {
            vec![item(Graphic::Polyline, first), item(Graphic::Polyline, second)]
        }
        FreeShape::Circle { rim } => vec![item(Graphic::MultiPoint, rim)],
    }
}
