//! The table a landmark paper prints: errors and detection rates of each landmark, then of all. Averaged per landmark
//! first, so that one that is often absent weighs as much as the others; its n stands beside it.

use super::radial_error::{RadialSummary, detection_rate, detection_rate_below, summarise};
use super::summary::mean;
use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// One landmark over all images that have it.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkRow {
    /// Images whose reference has it, those where it was missed included.
    pub n: usize,
    /// PE (mean), RMSE and more of those found; `None` where it never was.
    pub error: Option<RadialSummary>,
    /// SDR in % at each limit, errors ≤ it counted (FR-DDH); those missed are failures.
    pub within: Vec<f64>,
    /// SDR in % at each limit, errors < it counted, as others print it; on whole pixels it differs much.
    pub below: Vec<f64>,
}

/// All landmarks; errors in the unit they were given in.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkTable<L> {
    pub images: usize,
    pub limits: Vec<f64>,
    pub rows: BTreeMap<L, LandmarkRow>,
    /// Mean of the landmarks' PE: the MRE. `None` where none was found.
    pub mre: Option<f64>,
    /// Mean of the landmarks' RMSE.
    pub rmse: Option<f64>,
}

/// Of each image the landmarks that its reference has, with the radial error or `None` where the landmark was missed
/// ([`super::radial_error::radial_errors`]).
pub fn landmark_table<L: Ord + Clone>(images: &[Vec<(L, Option<f64>)>], limits: &[f64]) -> LandmarkTable<L> {
    let mut errors: BTreeMap<L, Vec<Option<f64>>> = BTreeMap::new();
    for (landmark, error) in images.iter().flatten() {
        errors.entry(landmark.clone()).or_default().push(*error);
    }
    let row = |all: Vec<Option<f64>>| LandmarkRow {
        n: all.len(),
        error: summarise(&all),
        within: limits.iter().map(|limit| detection_rate(&all, *limit)).collect(),
        below: limits.iter().map(|limit| detection_rate_below(&all, *limit)).collect(),
    };
    let rows: BTreeMap<L, LandmarkRow> = errors.into_iter().map(|(label, all)| (label, row(all))).collect();
    let over_landmarks = |of: fn(&RadialSummary) -> f64| {
        mean(&rows.values().filter_map(|row| row.error.as_ref()).map(of).collect::<Vec<_>>())
    };
    LandmarkTable {
        images: images.len(),
        limits: limits.to_vec(),
        mre: over_landmarks(|error| error.mean),
        rmse: over_landmarks(|error| error.rms),
        rows,
    }
}

impl<L: Display> LandmarkTable<L> {
    /// The table in Markdown; `unit` is "mm", "px" or what else the errors were given in.
    pub fn markdown<'a>(&'a self, unit: &'a str) -> impl Display + 'a {
        Markdown { table: self, unit }
    }
}

struct Markdown<'a, L> {
    table: &'a LandmarkTable<L>,
    unit: &'a str,
}

fn or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"))
}

impl<L: Display> Display for Markdown<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, unit } = self;
        write!(f, "| landmark | n | missed | PE {unit} | RMSE {unit} |")?;
        for limit in &table.limits {
            write!(f, " SDR ≤ {limit} {unit} % | < {limit} % |")?;
        }
        writeln!(f, "\n|---|---|---|---|---|{}", "---|---|".repeat(table.limits.len()))?;
        for (landmark, row) in &table.rows {
            let missed = row.error.as_ref().map_or(row.n, |error| error.missed);
            let of = |get: fn(&RadialSummary) -> f64| or_dash(row.error.as_ref().map(get));
            write!(f, "| {landmark} | {} | {missed} | {} | {} |", row.n, of(|e| e.mean), of(|e| e.rms))?;
            for (within, below) in row.within.iter().zip(&row.below) {
                write!(f, " {within:.1} | {below:.1} |")?;
            }
            writeln!(f)?;
        }
        write!(f, "| mean of landmarks | {} images | | {} |", table.images, or_dash(table.mre))?;
        write!(f, " {} |{}", or_dash(table.rmse), " | |".repeat(table.limits.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_weigh_alike_whatever_their_n() {
        let images = [
            vec![("a", Some(1.0)), ("b", Some(10.0))],
            vec![("a", Some(2.0))],
            vec![("a", Some(3.0)), ("c", None)],
            vec![("a", None)],
        ];
        let table = landmark_table(&images, &[2.0]);
        assert_eq!((table.images, table.mre), (4, Some(6.0)), "(2 + 10) / 2, not (1 + 2 + 3 + 10) / 4");
        let a = &table.rows["a"];
        assert_eq!((a.n, a.within.as_slice(), a.below.as_slice()), (4, &[50.0][..], &[25.0][..]));
        assert_eq!((table.rows["c"].n, &table.rows["c"].error, table.rows["c"].within[0]), (1, &None, 0.0));
        let printed = table.markdown("mm").to_string();
        assert!(printed.contains("| a | 4 | 1 | 2.00 | 2.16 | 50.0 | 25.0 |"), "{printed}");
        assert!(printed.contains("| c | 1 | 1 | – | – | 0.0 | 0.0 |"), "{printed}");
        assert!(printed.contains("| mean of landmarks | 4 images | | 6.00 | 6.08 | | |"), "{printed}");
    }

    /// Suh's Table 2: five labels' RMSE and their mean.
    #[test]
    fn rmse_is_averaged_over_the_labels() {
        let image = (0..5).zip([2.19, 3.43, 2.13, 2.06, 8.17]).map(|(label, error)| (label, Some(error)));
        let table = landmark_table(&[image.collect()], &[]);
        assert!((table.rmse.expect("five labels") - 3.60).abs() < 0.005);
    }

    #[test]
    fn nothing_has_no_mean() {
        let table = landmark_table::<&str>(&[], &[2.0]);
        assert_eq!((table.mre, table.rmse, table.rows.len()), (None, None, 0));
        assert!(table.markdown("px").to_string().contains("–"));
    }
}
