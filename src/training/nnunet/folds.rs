//! Five folds in which no patient is on both sides.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

const FOLDS: usize = 5;

/// Names of the cases to learn from and to validate on; nnU-Net's `splits_final.json` is a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pub train: Vec<String>,
    pub val: Vec<String>,
}

/// Ends of names that tell the hips of a patient apart.
const SIDES: [&str; 8] = ["_left", "_right", "-left", "-right", "_l", "_r", "-l", "-r"];

/// The name without its side: both hips of `p12_L`, `p12_R` are of one patient.
pub fn patient_of(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    SIDES.iter().find(|side| lower.ends_with(**side)).map_or(name, |side| &name[..name.len() - side.len()])
}

/// The folds of `names` under `seed`; fewer than five where there are fewer patients, none for a single one.
pub fn folds(names: &[String], seed: u64) -> Vec<Split> {
    let mut patients: Vec<&str> = names.iter().map(|name| patient_of(name)).collect();
    patients.sort_unstable();
    patients.dedup();
    patients.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let count = FOLDS.min(patients.len());
    if count < 2 {
        return Vec::new();
    }
    (0..count)
        .map(|fold| {
            let held = |name: &&String| {
                let patient = patient_of(name);
                patients.iter().position(|other| *other == patient).is_some_and(|place| place % count == fold)
            };
            let (val, train) = names.iter().partition(held);
            let owned = |names: Vec<&String>| names.into_iter().cloned().collect();
            Split { train: owned(train), val: owned(val) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_held_once_and_patients_stay_whole() {
        let names: Vec<String> = (0..23).flat_map(|p| [format!("p{p:02}_L"), format!("p{p:02}_R")]).collect();
        let split = folds(&names, 7);
        assert_eq!(split.len(), 5);
        let mut held: Vec<&String> = split.iter().flat_map(|fold| &fold.val).collect();
        held.sort();
        assert_eq!(held, names.iter().collect::<Vec<_>>());
        for fold in &split {
            assert_eq!(fold.train.len() + fold.val.len(), names.len());
            assert!((8..=10).contains(&fold.val.len()));
            for name in &fold.val {
                assert!(!fold.train.iter().any(|other| patient_of(other) == patient_of(name)));
            }
        }
        assert_eq!(split, folds(&names, 7));
        assert_ne!(split, folds(&names, 8));
        assert!(folds(&names[..2], 1).is_empty(), "one patient");
    }
}
