//! Dividing a data set so that no patient, and no picture, is on two sides.

use super::case::Split;
use super::image::pixel_hash;
use super::set::DataSet;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// How to divide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitPlan {
    /// What stays together.
    pub by: Unit,
    /// Shares of the cases to test on and to watch, 0 to 1.
    pub test: f64,
    pub val: f64,
    /// Folds over what is not tested; each case is held out in one. With folds there is no `val`.
    pub folds: Option<u32>,
    /// The same seed divides the same set alike, whatever the order of its files.
    pub seed: u64,
}

/// What stays together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// All cases of a patient; one whose patient nobody names stands for itself.
    Patient,
    /// Each case for itself: only where the cases are known to be of different patients.
    Case,
}

/// Split and fold of a case.
pub type Assignment = BTreeMap<String, (Option<Split>, Option<u32>)>;

/// What ties a case to others.
struct Key {
    name: String,
    patient: Option<String>,
    hash: [u8; 32],
}

/// Divides `set`; cases that cannot be read are named beside and left out.
///
/// # Errors
/// Shares that are none, fewer than two folds, fewer groups than parts.
pub fn split(set: &DataSet, plan: &SplitPlan) -> Result<(Assignment, Vec<String>), String> {
    let SplitPlan { test, val, folds, .. } = *plan;
    let is_share = |share: f64| (0.0..1.0).contains(&share);
    if !is_share(test) || !is_share(val) || test + val >= 1.0 {
        return Err("shares for test and val are at least 0 and together below 1".to_owned());
    }
    if folds.is_some_and(|folds| folds < 2) {
        return Err("at least 2 folds".to_owned());
    }
    let read: Vec<Result<Key, String>> = set
        .entries
        .par_iter()
        .map(|entry| {
            let case = entry.case().map_err(|e| e.to_string())?;
            Ok(Key { patient: case.about.patient, hash: pixel_hash(&case.film), name: case.name })
        })
        .collect();
    let (mut keys, mut unreadable) = (Vec::new(), Vec::new());
    for key in read {
        match key {
            Ok(key) => keys.push(key),
            Err(reason) => unreadable.push(reason),
        }
    }
    let groups = groups(&keys, plan.by);
    Ok((divide(groups, plan)?, unreadable))
}

/// Names of the cases that stay together, in an order that depends on names alone.
fn groups(keys: &[Key], by: Unit) -> Vec<Vec<String>> {
    // Two ties may chain: a patient's film that is also filed under another name.
    let mut group: Vec<usize> = (0..keys.len()).collect();
    let (mut patients, mut pictures) = (BTreeMap::new(), BTreeMap::new());
    for (index, key) in keys.iter().enumerate() {
        let patient = key.patient.as_ref().filter(|_| by == Unit::Patient);
        let first = patient.map(|patient| *patients.entry(patient).or_insert(index));
        let alike = *pictures.entry(key.hash).or_insert(index);
        for other in first.into_iter().chain([alike]) {
            let (from, to) = (group[index].max(group[other]), group[index].min(group[other]));
            group.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
    }
    let mut members: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (key, group) in keys.iter().zip(group) {
        members.entry(group).or_default().push(key.name.clone());
    }
    let mut groups: Vec<Vec<String>> = members.into_values().collect();
    groups.iter_mut().for_each(|group| group.sort());
    groups.sort();
    groups
}

fn divide(mut groups: Vec<Vec<String>>, plan: &SplitPlan) -> Result<Assignment, String> {
    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(plan.seed));
    let cases: usize = groups.iter().map(Vec::len).sum();
    let parts = 1 + usize::from(plan.test > 0.0) + usize::from(plan.val > 0.0 && plan.folds.is_none());
    let parts = parts.max(plan.folds.map_or(0, |folds| folds as usize + usize::from(plan.test > 0.0)));
    if groups.len() < parts {
        return Err(format!("{} groups of cases cannot be divided into {parts} parts", groups.len()));
    }
    let mut assignment = Assignment::new();
    let mut take = |share: f64, left: &mut Vec<Vec<String>>, split: Split, keep: usize| {
        let (wanted, mut taken) = (share * cases as f64, 0);
        // At least one group of what is wanted, and at least one left for each other part.
        while share > 0.0 && left.len() > keep && (taken == 0 || taken as f64 + 0.5 <= wanted) {
            let Some(group) = left.pop() else { break };
            taken += group.len();
            assignment.extend(group.into_iter().map(|name| (name, (Some(split), None))));
        }
    };
    let rest = parts - usize::from(plan.test > 0.0);
    take(plan.test, &mut groups, Split::Test, rest);
    if plan.folds.is_none() {
        take(plan.val, &mut groups, Split::Val, 1);
    }
    // Large groups first, each to the smallest fold, so that the folds are of one size.
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut sizes = vec![0; plan.folds.map_or(0, |folds| folds as usize)];
    for group in groups {
        let fold = (0..sizes.len()).min_by_key(|fold| sizes[*fold]);
        if let Some(fold) = fold {
            sizes[fold] += group.len();
        }
        let fold = fold.and_then(|fold| u32::try_from(fold).ok());
        assignment.extend(group.into_iter().map(|name| (name, (Some(Split::Train), fold))));
    }
    Ok(assignment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(name: &str, patient: Option<&str>, picture: u8) -> Key {
        Key { name: name.to_owned(), patient: patient.map(str::to_owned), hash: [picture; 32] }
    }

    #[test]
    fn a_picture_ties_patients_together() {
        let keys = [
            key("a", Some("1"), 1),
            key("b", Some("2"), 2),
            key("c", Some("2"), 1),
            key("d", None, 4),
            key("e", None, 5),
        ];
        let names = |by| groups(&keys, by).into_iter().map(|group| group.concat()).collect::<Vec<_>>();
        assert_eq!(names(Unit::Patient), ["abc", "d", "e"]);
        assert_eq!(names(Unit::Case), ["ac", "b", "d", "e"]);
    }

    proptest! {
        #[test]
        fn shares_are_kept_and_no_patient_is_on_two_sides(
            patients in proptest::collection::vec(0u8..60, 60..160), seed: u64, fold in any::<bool>(),
        ) {
            let keys: Vec<Key> = patients.iter().enumerate()
                .map(|(i, p)| Key { hash: { let mut h = [0; 32]; h[..8].copy_from_slice(&i.to_le_bytes()); h },
                    ..key(&format!("{i:03}"), Some(&p.to_string()), 0) }).collect();
            let plan = SplitPlan { by: Unit::Patient, test: 0.2, val: 0.1, folds: fold.then_some(4), seed };
            let done = divide(groups(&keys, plan.by), &plan).unwrap();
            prop_assert_eq!(done.len(), keys.len());
            prop_assert_eq!(&done, &divide(groups(&keys, plan.by), &plan).unwrap());
            let mut sides: BTreeMap<&Option<String>, (Option<Split>, Option<u32>)> = BTreeMap::new();
            for key in &keys {
                let side = done[&key.name];
                prop_assert_eq!(*sides.entry(&key.patient).or_insert(side), side);
            }
            // The last patient may overshoot by all its films but one.
            let most = patients.iter().map(|p| patients.iter().filter(|q| *q == p).count()).max().unwrap() as f64;
            let share = |split| done.values().filter(|(s, _)| *s == Some(split)).count() as f64;
            prop_assert!((share(Split::Test) - 0.2 * keys.len() as f64).abs() <= most);
            if fold {
                let sizes: Vec<usize> = (0..4).map(|f| done.values().filter(|(_, g)| *g == Some(f)).count()).collect();
                let spread = sizes.iter().max().unwrap() - sizes.iter().min().unwrap();
                prop_assert!(spread as f64 <= most, "{sizes:?}");
            } else {
                prop_assert!((share(Split::Val) - 0.1 * keys.len() as f64).abs() <= most);
            }
        }
    }
}
