//! How well a number tells those with a finding from those without, at every threshold.

/// One threshold: at or above it the finding is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// Infinite at the start, where nothing is called.
    pub threshold: f64,
    pub sensitivity: f64,
    /// 1 − specificity.
    pub false_positive_rate: f64,
}

/// The receiver operating characteristic.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    /// From (0, 0) to (1, 1), one point a distinct score, thresholds descending.
    pub points: Vec<RocPoint>,
    /// Area under the curve: the chance that one with the finding scores above one without, ties half.
    pub auc: f64,
}

/// `cases` are (score, has the finding). `None` where a score is not finite or there are not both kinds.
pub fn roc(cases: &[(f64, bool)]) -> Option<Roc> {
    let positives = cases.iter().filter(|(_, positive)| *positive).count();
    let negatives = cases.len() - positives;
    if positives == 0 || negatives == 0 || !cases.iter().all(|(score, _)| score.is_finite()) {
        return None;
    }
    let mut sorted = cases.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut points = vec![RocPoint { threshold: f64::INFINITY, sensitivity: 0.0, false_positive_rate: 0.0 }];
    let (mut called, mut falsely) = (0_usize, 0_usize);
    // Pairs told apart, in halves, so that the area is a whole number until the last division.
    let mut halves = 0.0;
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let right = tied.iter().filter(|(_, positive)| *positive).count();
        let wrong = tied.len() - right;
        halves += wrong as f64 * (2 * called + right) as f64;
        called += right;
        falsely += wrong;
        points.push(RocPoint {
            threshold: tied[0].0,
            sensitivity: called as f64 / positives as f64,
            false_positive_rate: falsely as f64 / negatives as f64,
        });
    }
    Some(Roc { points, auc: halves / (2.0 * positives as f64 * negatives as f64) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_half() {
        let cases = [(0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.1, false)];
        let roc = roc(&cases).expect("both kinds");
        assert!((roc.auc - 4.5 / 6.0).abs() < 1e-15, "0.9 beats three, 0.7 one and a half");
        let at = |i: usize| (roc.points[i].sensitivity, roc.points[i].false_positive_rate);
        assert_eq!((at(0), at(1), at(4)), ((0.0, 0.0), (0.5, 0.0), (1.0, 1.0)));
        assert_eq!(at(3), (1.0, 2.0 / 3.0), "both of 0.7 at once");
    }

    #[test]
    fn zeros_of_either_sign_are_tied() {
        assert_eq!(roc(&[(0.0, true), (-0.0, false)]).expect("both kinds").auc, 0.5);
    }

    #[test]
    fn both_kinds_are_needed() {
        assert_eq!((roc(&[]), roc(&[(1.0, true)]), roc(&[(1.0, false)])), (None, None, None));
        assert_eq!(roc(&[(f64::NAN, true), (1.0, false)]), None);
    }
}
