//! What others call landmarks, by the maps of the schemes; and the sides of points that say none.

use crate::measure::{LandmarkId, LandmarkSet, Side, scheme};

/// Landmark `name`: by the map `map` of a scheme, else by its own spelling (`TRC-R`, `SCJ`).
///
/// # Errors
/// A name that is none, in words.
pub(super) fn landmark(map: Option<&str>, name: &str) -> Result<LandmarkId, String> {
    let name = name.trim();
    let mapped = map.and_then(|map| scheme::embedded().iter().find_map(|scheme| scheme.renamed(map, name)));
    mapped.cloned().map_or_else(|| name.parse(), Ok)
}

/// The map of a scheme that knows all of `names`, which are not empty.
pub(super) fn map_of(names: &[String]) -> Option<&'static str> {
    let schemes = scheme::embedded().iter();
    let mut maps = schemes.flat_map(|scheme| scheme.maps().map(move |map| (scheme, map)));
    let knows = |(scheme, map): &(&scheme::Scheme, &str)| {
        !names.is_empty() && names.iter().all(|name| scheme.renamed(map, name.trim()).is_some())
    };
    maps.find(knows).map(|(_, map)| map)
}

/// The same landmark of the other side.
pub(super) fn opposite(id: &LandmarkId) -> LandmarkId {
    LandmarkId { code: id.code.clone(), side: id.side.map(Side::opposite) }
}

/// Exchanges the sides of every point, radius and curve.
pub(super) fn exchanged(landmarks: LandmarkSet) -> LandmarkSet {
    LandmarkSet {
        points: landmarks.points.into_iter().map(|(id, point)| (opposite(&id), point)).collect(),
        radii_px: landmarks.radii_px.into_iter().map(|(id, radius)| (opposite(&id), radius)).collect(),
        polylines: landmarks.polylines.into_iter().map(|(id, line)| (opposite(&id), line)).collect(),
    }
}

/// Whether the points of the right lie, on the mean, left of those of the left in the image; `None` without both.
pub(super) fn right_is_on_left(landmarks: &LandmarkSet) -> Option<bool> {
    let mean = |side: Side| {
        let on_side = landmarks.iter().filter(|(id, _)| id.side == Some(side));
        let xs: Vec<f64> = on_side.filter_map(|(_, l)| l.position()).map(|p| p.x).collect();
        (!xs.is_empty()).then(|| xs.iter().sum::<f64>() / xs.len() as f64)
    };
    Some(mean(Side::Right)? < mean(Side::Left)?)
}
