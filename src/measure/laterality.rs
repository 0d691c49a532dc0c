//! Whether the labelled sides agree with each other and with what the file says of the image. A mirrored film with
//! the right numbers on the wrong hip is the worst mistake this software can make, so nothing is measured then.

use super::landmark::{LandmarkCode, LandmarkSet, Side};
use super::point::Vector;
use super::spacing::Spacing;

/// `Err` with the reason where the landmarks contradict each other, or `patient_right_on_left` (whether the patient's
/// right is on the left of the image; `None` where the file does not say, then only the landmarks are compared).
pub fn check(
    landmarks: &LandmarkSet,
    spacing: &Spacing,
    patient_right_on_left: Option<bool>,
) -> Result<(), String> {
    let pairs = pairs(landmarks, spacing);
    let Some((reference, leftward)) =
        pairs.iter().find(|(code, _)| **code == LandmarkCode::TRC).or(pairs.first()).copied()
    else {
        return Ok(());
    };
    for (code, direction) in &pairs {
        if direction.dot(leftward) < 0.0 {
            return Err(format!(
                "{code}-R and {code}-L lie the other way round than {reference}-R and {reference}-L: \
                 a side is labelled wrongly"
            ));
        }
    }
    // A film on its side has no left and right in the image to compare with.
    let comparable = leftward.x.abs() > leftward.y.abs();
    match patient_right_on_left {
        Some(expected) if comparable && expected != (leftward.x > 0.0) => {
            let (file, labels) = if expected { ("left", "right") } else { ("right", "left") };
            Err(format!(
                "the file puts the patient's right on the image's {file}, \
                 the labelled landmarks put it on the image's {labels}"
            ))
        }
        _ => Ok(()),
    }
}

/// Codes present on both sides, with the metric displacement from right to left.
fn pairs<'a>(landmarks: &'a LandmarkSet, spacing: &Spacing) -> Vec<(&'a LandmarkCode, Vector)> {
    // In the order of landmarks the left of a code follows its right.
    let following = landmarks.iter().zip(landmarks.iter().skip(1));
    following
        .filter(|((right, _), (left, _))| {
            right.side == Some(Side::Right) && left.side == Some(Side::Left) && right.code == left.code
        })
        .filter_map(|((id, right), (_, left))| {
            Some((&id.code, spacing.to_metric(left.position()?) - spacing.to_metric(right.position()?)))
        })
        .collect()
}
