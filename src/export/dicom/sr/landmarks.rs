//! Landmarks as measurement groups: TID 1410 with the point as its region, TID 1501 for one that is missing.

use super::super::code::Code;
use super::super::content::{Graphic, Item, Relation, Value, coordinates};
use super::super::image::ReferencedImage;
use super::super::instance::derived;
use super::vocabulary as word;
use super::{algorithm, selected_from};
use crate::measure::{LandmarkId, LandmarkSet, LandmarkState, ModelIdentity, Origin, Point, Side, Spacing};

/// Tracking, finding and site, which every group begins with. The same structure of the same film has the same
/// tracking UID in every report.
pub(super) fn heading(
    image: &ReferencedImage,
    name: &str,
    finding: Code,
    site: Code,
    side: Option<Side>,
) -> Vec<Item> {
    let at = Item::code(Relation::HasConceptMod, &word::SITE, site)
        .with(side.map(|side| Item::code(Relation::HasConceptMod, &word::LATERALITY, word::side(side))));
    vec![
        Item::text(Relation::HasObsContext, &word::TRACKING, name),
        Item::new(
            Relation::HasObsContext,
            &word::TRACKING_UID,
            Value::Uid(derived(&["tracking", &image.instance, &image.frame.unwrap_or(1).to_string(), name])),
        ),
        Item::code(Relation::Contains, &word::FINDING, finding),
        at,
    ]
}

/// One group for each landmark and each polyline, in the order of the set.
pub(super) fn groups(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    model: Option<&ModelIdentity>,
    image: &ReferencedImage,
) -> Vec<Item> {
    let mut groups = Vec::new();
    for (id, landmark) in landmarks.iter() {
        let mut items = heading(image, &id.to_string(), word::landmark(&id.code), word::site(id), id.side);
        if landmark.origin == Origin::Model {
            items.extend(model.into_iter().flat_map(algorithm));
        }
        items.push(Item::code(Relation::Contains, &word::PLACED_BY, word::origin(landmark.origin)));
        let template = match &landmark.state {
            LandmarkState::Defined { position, .. } => {
                items.push(region(Graphic::Point, &[*position], image));
                if let Some(sd) = landmark.sd_px() {
                    items.push(Item::number(Relation::Contains, &word::DEVIATION, sd, word::PIXELS));
                }
                items.extend(radius(landmarks, id, *position, spacing, image));
                "1410"
            }
            LandmarkState::Missing { reason } => {
                let why = Item::text(Relation::HasProperties, &word::REASON, filled(reason));
                items.push(Item::code(Relation::Contains, &word::STATUS, word::MISSING).with([why]));
                "1501"
            }
        };
        groups.push(Item::container(&word::GROUP, Some(template), items));
    }
    for (id, line) in &landmarks.polylines {
        // A landmark and a curve may share a name.
        let name = format!("{id} curve");
        let mut items = heading(image, &name, word::landmark(&id.code), word::site(id), id.side);
        let graphic = if line.len() > 1 { Graphic::Polyline } else { Graphic::Point };
        items.push(region(graphic, line, image));
        groups.push(Item::container(&word::GROUP, Some("1410"), items));
    }
    groups
}

fn region(graphic: Graphic, points: &[Point], image: &ReferencedImage) -> Item {
    let value = Value::Coordinates { graphic, data: coordinates(points) };
    Item::new(Relation::Contains, &word::REGION, value).with([selected_from(image)])
}

fn radius(
    landmarks: &LandmarkSet,
    id: &LandmarkId,
    center: Point,
    spacing: &Spacing,
    image: &ReferencedImage,
) -> Option<Item> {
    let radius = *landmarks.radii_px.get(id)?;
    let item = Item::number(Relation::Contains, &word::RADIUS, radius, word::PIXELS);
    Some(item.with([circle(center, radius, spacing, Relation::InferredFrom, image)]))
}

/// A circle of the patient; in pixels that are not square it is an ellipse. `radius` in columns.
pub(super) fn circle(
    center: Point,
    radius: f64,
    spacing: &Spacing,
    relation: Relation,
    image: &ReferencedImage,
) -> Item {
    let down = radius * spacing.column / spacing.row;
    let across = [Point::new(center.x - radius, center.y), Point::new(center.x + radius, center.y)];
    let along = [Point::new(center.x, center.y - down), Point::new(center.x, center.y + down)];
    let (graphic, points) = if spacing.row == spacing.column {
        (Graphic::Circle, vec![center, across[1]])
    } else if radius >= down {
        (Graphic::Ellipse, [across, along].concat())
    } else {
        (Graphic::Ellipse, [along, across].concat())
    };
    let value = Value::Coordinates { graphic, data: coordinates(&points) };
    Item::new(relation, &word::SOURCE_OF_MEASUREMENT, value).with([selected_from(image)])
}

/// A text item must say something (type 1).
pub(super) fn filled(text: &str) -> &str {
    if text.trim().is_empty() { "not stated" } else { text }
}
