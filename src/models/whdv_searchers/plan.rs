//! What inference must know of the two searchers beside their weights.

use crate::measure::femur::cam_point;
use crate::measure::{LandmarkCode, LandmarkId, Point, Vector};
use crate::models::looks::Looks;
use crate::models::members::{is_one, one};
use crate::models::similarity::Similarity;
use crate::models::voting::Voting;
use crate::models::whdv::Architecture;
use serde::{Deserialize, Serialize};

/// What inference must know beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchersPlan {
    /// Codes of the two reference points; the landmarks hold them on every side that is searched.
    pub references: [String; 2],
    /// Where they come to lie in the patch: x and y in shares of its columns and rows.
    pub places: [[f64; 2]; 2],
    /// On the whole film.
    pub global: SearcherPlan,
    /// In the patch.
    pub local: SearcherPlan,
    /// An outline is given up whole when its weakest points are less sure (see [`believe`]).
    #[serde(default)]
    pub shape_floor: f64,
    /// LCP is no point of a network's: the local searcher finds the outline of head and neck beside the other landmarks, and
    /// LCP is read off that (see [`cam_point`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cam_by_outline: bool,
    /// Pairs of networks whose findings are put together.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub members: usize,
    /// How often each looks at the patch.
    #[serde(default, skip_serializing_if = "Looks::is_none")]
    pub looks: Looks,
}

/// One searcher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearcherPlan {
    /// Pixels that the network sees.
    pub rows: usize,
    pub columns: usize,
    /// σ of the heatmap in these pixels, and the unit of displacement.
    pub sigma_px: f64,
    /// k of the paper: displacements are cut at ± this many of these pixels.
    pub truncation_px: f64,
    pub architecture: Architecture,
    pub voting: Voting,
}

impl SearcherPlan {
    fn check(&self, points: usize) -> Result<(), String> {
        self.architecture.check()?;
        let multiple = self.architecture.multiple();
        let whole = |side: usize| side > 0 && side <= 4096 && side.is_multiple_of(multiple);
        if !whole(self.rows) || !whole(self.columns) {
            return Err(format!(
                "rows and columns of a searcher must be multiples of {multiple}, 4096 at most"
            ));
        }
        if self.architecture.points != points {
            return Err(format!("architecture.points of a searcher must be {points}"));
        }
        if !(self.sigma_px > 0.0 && self.truncation_px > 0.0) {
            return Err("sigma_px and truncation_px are positive".to_owned());
        }
        Ok(())
    }
}

impl SearchersPlan {
    /// `Err` with the reason when no detector of `ids` can be built of it.
    pub fn check(&self, ids: &[LandmarkId]) -> Result<(), String> {
        let codes = codes(ids);
        let known = |name: &String| codes.iter().any(|code| code.as_str() == name);
        if self.references[0] == self.references[1] || !self.references.iter().all(known) {
            return Err("the two reference points are not among the landmarks".to_owned());
        }
        let [a, b] = self.places;
        if !(a.iter().chain(&b).all(|v| v.is_finite()) && a != b) {
            return Err("the reference points have no two places in the patch".to_owned());
        }
        if !(0.0..=1.0).contains(&self.shape_floor) {
            return Err("shape_floor is between 0 and 1".to_owned());
        }
        if self.members == 0 {
            return Err("members: one at least".to_owned());
        }
        self.looks.check()?;
        let there = |code: &LandmarkCode| codes.contains(&code);
        if self.cam_by_outline && ![LandmarkCode::FHC, LandmarkCode::NA, LandmarkCode::LCP].iter().all(there)
        {
            return Err("cam_by_outline: FHC, NA and LCP must be among the landmarks".to_owned());
        }
        self.global.check(2)?;
        self.local.check(self.planes(ids).len())
    }

    /// From pixels of the global searcher's window to the film.
    pub fn whole(&self, rows: usize, columns: usize) -> Similarity {
        let (wide, high) = (self.global.columns as f64, self.global.rows as f64);
        let scale = (columns as f64 / wide).max(rows as f64 / high);
        let middle = |count: f64| 0.5 * (count - 1.0);
        let centre = Point::new(middle(columns as f64), middle(rows as f64));
        Similarity::new(scale, 0.0, centre)
            .after(&Similarity::translation(Vector::new(-middle(wide), -middle(high))))
    }

    /// From pixels of the patch to the film on which the references lie at `points`; `None` where they coincide.
    pub fn patch(&self, points: [Point; 2]) -> Option<Similarity> {
        let place = |[x, y]: [f64; 2]| {
            Point::new(x * self.local.columns as f64 - 0.5, y * self.local.rows as f64 - 0.5)
        };
        Similarity::fit((0..2).map(|i| (place(self.places[i]), points[i], 1.0)))
    }

    /// Whether a code is that of a reference, and of which.
    pub fn reference(&self, code: &LandmarkCode) -> Option<usize> {
        self.references.iter().position(|name| name == code.as_str())
    }

    /// The codes of what is found in the patch, in their order.
    pub fn outline(&self, ids: &[LandmarkId]) -> Vec<LandmarkCode> {
        codes(ids).into_iter().filter(|code| self.reference(code).is_none()).cloned().collect()
    }

    /// The codes of the local searcher's planes in their order: those, or without LCP but with the outline it is read off.
    pub fn planes(&self, ids: &[LandmarkId]) -> Vec<LandmarkCode> {
        let mut planes = self.outline(ids);
        if self.cam_by_outline {
            planes.retain(|code| *code != LandmarkCode::LCP);
            planes.extend((0..cam_point::POINTS).map(cam_point::code));
        }
        planes
    }
}

/// Every code once, in the order of `ids`.
fn codes(ids: &[LandmarkId]) -> Vec<&LandmarkCode> {
    let mut codes: Vec<&LandmarkCode> = Vec::new();
    for id in ids {
        if !codes.contains(&&id.code) {
            codes.push(&id.code);
        }
    }
    codes
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::measure::Side;

    pub fn plan() -> SearchersPlan {
        let searcher = |points, rows, columns| SearcherPlan {
            rows,
            columns,
            sigma_px: 4.0,
            truncation_px: 16.0,
            architecture: Architecture { points, ..Architecture::default() },
            voting: Voting::PAPER,
        };
        SearchersPlan {
            references: ["REF1".into(), "REF2".into()],
            places: [[0.5, 0.25], [0.5, 0.75]],
            global: searcher(2, 192, 256),
            local: searcher(1, 224, 224),
            shape_floor: 0.0,
            cam_by_outline: false,
            members: 1,
            looks: Looks::default(),
        }
    }

    #[test]
    fn the_references_come_to_their_places() {
        let plan = plan();
        let points = [Point::new(300.0, 120.0), Point::new(310.0, 420.0)];
        let patch = plan.patch(points).unwrap();
        assert!(patch.apply(Point::new(111.5, 55.5)).distance(points[0]) < 1e-9);
        assert!(patch.apply(Point::new(111.5, 167.5)).distance(points[1]) < 1e-9);
        assert!(plan.patch([points[0]; 2]).is_none());
        // A film of another shape keeps its ratio, in the middle.
        let whole = plan.whole(1000, 1000);
        assert!((whole.scale() - 1000.0 / 192.0).abs() < 1e-12);
        assert!(whole.apply(Point::new(127.5, 95.5)).distance(Point::new(499.5, 499.5)) < 1e-9);
    }

    #[test]
    fn plans_that_do_not_fit_are_refused() {
        let id = |code: &str| LandmarkId::new(LandmarkCode::new(code), Side::Left);
        let ids = [id("REF1"), id("F01"), id("REF2")];
        assert_eq!(plan().check(&ids), Ok(()));
        assert!(plan().check(&ids[..2]).is_err());
        assert!(SearchersPlan { places: [[0.5; 2]; 2], ..plan() }.check(&ids).is_err());
        let mut odd = plan();
        odd.local.rows = 225;
        assert!(odd.check(&ids).is_err());
    }
}
