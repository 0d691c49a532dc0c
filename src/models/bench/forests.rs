//! A constrained local model by seed: as many trees, questions and points as one that was trained, so that a search
//! costs what it costs, whatever it finds.

use crate::measure::{LandmarkCode, LandmarkId, Point, Side};
use crate::models::ModelError;
use crate::models::rfrv_clm::forest::{Forests, LEAF, Node, Vote};
use crate::models::rfrv_clm::haar::{Haar, Kind};
use crate::models::rfrv_clm::shape::ShapeModel;
use crate::models::rfrv_clm::{Clm, ClmDetector, ClmPlan, GlobalPlan, StagePlan};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const TREES: usize = 10;
/// Questions from root to leaf: what a hundred films grow, twenty patches each and five to a leaf.
const DEPTH: u32 = 9;
/// Modes of the shape.
const MODES: usize = 12;

/// A model of `points` points with the plan that training gives by default.
///
/// # Errors
/// None: the parts fit each other.
pub(super) fn detector(points: usize) -> Result<ClmDetector, ModelError> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let stage =
        |size, patch, range, smoothing, rounds| StagePlan { size, patch, range, step: 2, smoothing, rounds };
    let plan = ClmPlan {
        mirrored: false,
        least_agreement: 0.0,
        shape_floor: 0.0,
        global: GlobalPlan {
            size: 24.0,
            patch: 26,
            step: 2,
            smoothing: 1.5,
            sizes: vec![0.18, 0.22, 0.26, 0.32],
            angles: vec![-12.0, 0.0, 12.0],
            candidates: 40,
            finalists: 8,
        },
        stages: vec![stage(40.0, 20, 12, 1.5, 2), stage(80.0, 24, 10, 1.2, 2), stage(160.0, 28, 8, 1.0, 1)],
    };
    let turn = |point: usize| std::f64::consts::TAU * point as f64 / points as f64;
    let mean =
        (0..points).map(|point| Point::new(0.5 * turn(point).cos(), 0.5 * turn(point).sin())).collect();
    let unit = 1.0 / (points as f64).sqrt();
    // Waves around the outline: orthogonal, and neither shifts nor turns.
    let modes = (2..2 + MODES).map(|wave| {
        let along = |point: usize| unit * 2.0_f64.sqrt() * (wave as f64 * turn(point)).cos();
        (0..points)
            .flat_map(|point| [along(point) * turn(point).cos(), along(point) * turn(point).sin()])
            .collect()
    });
    let shape = ShapeModel { mean, modes: modes.collect(), variances: vec![1e-3; MODES] };
    let global = forests(1, plan.global.patch, &mut random);
    let stages = plan.stages.iter().map(|stage| forests(points, stage.patch, &mut random)).collect();
    let ids: Vec<LandmarkId> = (1..=points)
        .map(|point| LandmarkId::new(LandmarkCode::new(format!("F{point:02}")), Side::Left))
        .collect();
    ClmDetector::new(Clm { shape, global, stages }, plan, ids, vec![false; points])
}

/// Whole trees of [`DEPTH`] questions with votes near the patch.
fn forests(points: usize, patch: usize, random: &mut ChaCha8Rng) -> Forests {
    let inner = (1_u32 << DEPTH) - 1;
    let mut forests = Forests::default();
    for _ in 0..points {
        let trees = (0..TREES).map(|_| {
            let (first, votes) = (forests.nodes.len() as u32, forests.votes.len() as u32);
            for node in 0..inner {
                // As in a heap: those beyond the last question are leaves.
                let child =
                    |node: u32| if node < inner { first + node } else { LEAF | (votes + node - inner) };
                let mut side = || random.random_range(2..patch / 2) as u8 & !1;
                let (width, height) = (side().max(2), side().max(2));
                let kind = Kind::EdgeX;
                let (across, down) = kind.cells();
                let mut corner = |cells: usize, length: u8| {
                    random.random_range(0..=patch - cells * usize::from(length)) as u8
                };
                let haar = Haar { kind, x: corner(across, width), y: corner(down, height), width, height };
                let threshold = random.random_range(-0.1..0.1);
                forests.nodes.push(Node {
                    haar,
                    threshold,
                    children: [child(2 * node + 1), child(2 * node + 2)],
                });
            }
            for _ in 0..=inner {
                let mut near = || random.random_range(-4.0..4.0);
                forests.votes.push(Vote { x: near(), y: near(), weight: 1.0 });
            }
            first
        });
        let trees = trees.collect();
        forests.roots.push(trees);
    }
    forests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Job;
    use crate::models::LandmarkDetector;
    use crate::models::bench::formula::values;

    #[test]
    fn a_search_goes_all_the_way() {
        let detector = detector(12).unwrap();
        let found = detector.detect(&values("input", &[1, 1, 128, 128]), 128, 128, &Job::silent()).unwrap();
        assert!(found.points.iter().all(Result::is_ok));
    }
}
