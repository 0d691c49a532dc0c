//! Test-time augmentation of networks that vote: looks at a patch a little larger, smaller, turned and moved, by one network
//! or several, and what they say together.

use super::frame::Frame;
use super::landmark_detector::Detected;
use super::similarity::Similarity;
use crate::measure::{Point, Vector};
use serde::{Deserialize, Serialize};

/// Rounds of Weiszfeld's iteration; a dozen points settle to a thousandth of a pixel in fewer.
const ROUNDS: usize = 40;
/// Looks that agree to this, pixels, are at one place.
const SAME_PX: f64 = 1e-3;

/// What is looked at beside the patch as it is, one change at a time; none by default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Looks {
    /// Factors of the part of the film that a patch shows.
    pub scale: Vec<f64>,
    pub rotation_deg: Vec<f64>,
    /// The patch moved by ± this share of its sides, along both at once: four looks, none with 0.
    pub shift: f64,
}

impl Looks {
    /// Whether the patch is looked at once only.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// # Errors
    /// A number that makes no patch.
    pub fn check(&self) -> Result<(), String> {
        let positive = self.scale.iter().all(|factor| *factor > 0.0 && factor.is_finite());
        let turned = self.rotation_deg.iter().all(|angle| angle.is_finite());
        if positive && turned && (0.0..0.5).contains(&self.shift) {
            return Ok(());
        }
        Err("looks: factors are positive, angles finite, the shift is less than a half".to_owned())
    }

    /// From the pixels of every look to those of the patch of `rows` × `columns`, which comes first.
    pub fn poses(&self, rows: usize, columns: usize) -> Vec<Similarity> {
        let middle = Vector::new(0.5 * (columns as f64 - 1.0), 0.5 * (rows as f64 - 1.0));
        let about = |scale: f64, angle: f64| {
            let turned = Similarity::new(scale, angle, Point::new(middle.x, middle.y));
            turned.after(&Similarity::translation(-middle))
        };
        let mut poses = vec![Similarity::IDENTITY];
        poses.extend(self.scale.iter().map(|scale| about(*scale, 0.0)));
        poses.extend(self.rotation_deg.iter().map(|angle| about(1.0, angle.to_radians())));
        if self.shift > 0.0 {
            let (x, y) = (self.shift * columns as f64, self.shift * rows as f64);
            let corners = [(-x, -y), (x, -y), (-x, y), (x, y)];
            poses.extend(corners.map(|(x, y)| Similarity::translation(Vector::new(x, y))));
        }
        poses
    }

    /// The same looks at what `frame` shows, which comes first.
    pub fn frames(&self, frame: &Frame) -> Vec<Frame> {
        let of = |pose: &Similarity| Frame {
            side: frame.side,
            scale: frame.scale / pose.scale(),
            centre: frame.to_image(pose.apply(frame.middle())),
            // A patch that turns clockwise shows its content turned the other way.
            rotation: frame.rotation - pose.rotation(),
        };
        self.poses(frame.side, frame.side).iter().map(of).collect()
    }
}

/// What several looks at the same points say together.
pub fn together(looks: &[Vec<Option<Detected>>]) -> Vec<Option<Detected>> {
    let points = looks.first().map_or(0, Vec::len);
    (0..points).map(|point| agreed(&looks.iter().map(|look| look[point]).collect::<Vec<_>>())).collect()
}

/// What several looks at one point say together; `None` where none saw it.
///
/// The point is their geometric median, in which one that went astray counts little; its spread is theirs and that
/// between them. A look that did not see the point is one that was not sure of it at all.
fn agreed(looks: &[Option<Detected>]) -> Option<Detected> {
    let seen: Vec<&Detected> = looks.iter().flatten().collect();
    if let [only] = seen[..]
        && looks.len() == 1
    {
        return Some(*only);
    }
    let sure: f64 = seen.iter().map(|look| look.confidence).sum();
    // Looks that are not sure at all still are somewhere.
    let weight = |look: &Detected| if sure > 0.0 { look.confidence / sure } else { 1.0 / seen.len() as f64 };
    let position = median(&seen.iter().map(|look| (look.position, weight(look))).collect::<Vec<_>>())?;
    let variance = |look: &&Detected| {
        weight(look) * (look.spread.powi(2) + 0.5 * look.position.distance(position).powi(2))
    };
    Some(Detected {
        position,
        spread: seen.iter().map(variance).sum::<f64>().sqrt(),
        confidence: sure / looks.len() as f64,
        presence: seen.iter().map(|look| look.presence).sum::<f64>() / seen.len() as f64,
    })
}

/// The point that is nearest to all in the mean (Weiszfeld 1937); weights add up to 1.
fn median(points: &[(Point, f64)]) -> Option<Point> {
    if points.is_empty() {
        return None;
    }
    let mean = |weights: &dyn Fn(&(Point, f64)) -> f64| {
        let total: f64 = points.iter().map(weights).sum();
        let sum = |of: fn(Point) -> f64| points.iter().map(|p| weights(p) * of(p.0)).sum::<f64>() / total;
        Point::new(sum(|p| p.x), sum(|p| p.y))
    };
    let mut at = mean(&|(_, weight)| *weight);
    for _ in 0..ROUNDS {
        let next = mean(&|(point, weight)| weight / point.distance(at).max(SAME_PX));
        let moved = next.distance(at);
        at = next;
        if moved < SAME_PX {
            break;
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(x: f64, y: f64, confidence: f64) -> Option<Detected> {
        Some(Detected { position: Point::new(x, y), spread: 1.0, confidence, presence: 1.0 })
    }

    #[test]
    fn a_patch_is_looked_at_as_it_is_and_a_little_differently() {
        assert_eq!(Looks::default().poses(40, 60), [Similarity::IDENTITY]);
        let looks = Looks { scale: vec![0.9, 1.1], rotation_deg: vec![-4.0], shift: 0.1 };
        let poses = looks.poses(40, 60);
        assert_eq!(poses.len(), 8);
        let middle = Point::new(29.5, 19.5);
        for pose in &poses[..4] {
            assert!(pose.apply(middle).distance(middle) < 1e-9, "{pose:?}");
        }
        assert!(
            (poses[1].scale() - 0.9).abs() < 1e-12 && (poses[3].rotation().to_degrees() + 4.0).abs() < 1e-9
        );
        assert!(poses[7].apply(middle).distance(Point::new(35.5, 23.5)) < 1e-9);
        assert_eq!(looks.check(), Ok(()));
        assert!(Looks { scale: vec![0.0], ..Looks::default() }.check().is_err());
        assert!(Looks { shift: f64::NAN, ..Looks::default() }.check().is_err());
    }

    #[test]
    fn a_frame_is_looked_at_as_a_patch_is() {
        let frame = Frame { side: 64, scale: 0.4, centre: Point::new(150.0, 90.0), rotation: 0.2 };
        let looks = Looks { scale: vec![1.2], rotation_deg: vec![7.0], shift: 0.05 };
        let poses = looks.poses(64, 64);
        let frames = looks.frames(&frame);
        assert_eq!((frames[0], frames.len()), (frame, 7));
        for (pose, seen) in poses.iter().zip(&frames) {
            for at in [Point::new(3.0, 50.0), Point::new(40.0, 11.0)] {
                assert!(
                    seen.to_image(at).distance(frame.to_image(pose.apply(at))) < 1e-9,
                    "{pose:?} {seen:?}"
                );
            }
        }
    }

    #[test]
    fn one_look_is_what_it_says_and_none_is_nothing() {
        assert_eq!(agreed(&[look(3.0, 4.0, 0.2)]), look(3.0, 4.0, 0.2));
        assert_eq!(agreed(&[None, None]), None);
        assert_eq!(agreed(&[]), None);
        let unsure = agreed(&[look(1.0, 1.0, 0.0), look(3.0, 1.0, 0.0)]).unwrap();
        assert!((unsure.position.x - 2.0).abs() < 1e-6 && unsure.confidence == 0.0);
    }

    #[test]
    fn looks_that_agree_outweigh_one_that_went_astray() {
        let near =
            [look(10.0, 10.0, 0.5), look(10.4, 10.0, 0.5), look(10.0, 10.4, 0.5), look(10.2, 10.2, 0.5)];
        let before = agreed(&near).unwrap();
        let mut astray = near.to_vec();
        astray.push(look(60.0, 10.0, 0.5));
        let found = agreed(&astray).unwrap();
        assert!(found.position.distance(before.position) < 0.2, "{found:?}");
        assert!(found.spread > 5.0 * before.spread, "that one went astray is said: {found:?}");
        // Not to see it is to be sure of nothing.
        astray[4] = None;
        let found = agreed(&astray).unwrap();
        assert!((found.confidence - 0.4).abs() < 1e-12 && found.position.distance(before.position) < 1e-6);
    }
}
