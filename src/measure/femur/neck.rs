//! The axis of the femoral neck, two ways that differ by up to 13° (Bouma 2014): which one is part of a definition's
//! code.

use crate::measure::anatomy::Hip;
use crate::measure::landmark::LandmarkCode;
use crate::measure::metric::COINCIDENT;
use crate::measure::point::{Point, Vector};
use crate::measure::refusal::Refusal;

/// `3pt`: from the head's centre through one point on the neck's centreline.
pub fn three_point(hip: &Hip) -> Result<Vector, Refusal> {
    hip.vector(LandmarkCode::FHC, LandmarkCode::NA)
}

/// `anatomic`: the direction of the line fitted to three neck centres or more, from the head outwards.
pub fn anatomic(hip: &Hip) -> Result<Vector, Refusal> {
    let centres = hip.polyline(LandmarkCode::NCL, 3)?;
    let mean = |of: fn(&Point) -> f64| centres.iter().map(of).sum::<f64>() / centres.len() as f64;
    let middle = Point::new(mean(|p| p.x), mean(|p| p.y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for v in centres.iter().map(|p| *p - middle) {
        xx += v.x * v.x;
        yy += v.y * v.y;
        xy += v.x * v.y;
    }
    let outwards = centres[centres.len() - 1] - centres[0];
    if outwards.length() < hip.points.limit(COINCIDENT) {
        return Err(Refusal::Short("the neck centres coincide: no axis through them"));
    }
    // Direction of the largest variance.
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    let axis = Vector::new(angle.cos(), angle.sin());
    Ok(if axis.dot(outwards) < 0.0 { -axis } else { axis })
}
