//! From scored boxes to one place for each landmark.

use super::boxes::BBox;

/// Boxes that overlap the best one by this much speak of the same place; Fast R-CNN's bound for "the same object".
const AGREEMENT: f32 = 0.5;

/// A box with the probability that it is the landmark's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    pub bbox: BBox,
    pub score: f32,
}

/// Where a landmark is, in the coordinates of the boxes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picked {
    pub centre: [f64; 2],
    /// Per-axis SD of the centres of the boxes that agree with the best, weighted by score; that of a place somewhere
    /// in one cell of the feature map where it is the only one.
    pub spread: f64,
    /// Score of the best box.
    pub score: f64,
}

/// The best box's centre, or (`voted`) the mean of those that agree with it. `cell` is the stride of the feature map.
/// `None` without boxes.
pub fn pick(boxes: &[Scored], voted: bool, cell: usize) -> Option<Picked> {
    let best =
        boxes.iter().copied().reduce(|best, other| if other.score > best.score { other } else { best })?;
    let agreeing: Vec<&Scored> =
        boxes.iter().filter(|other| other.bbox.overlap(&best.bbox) >= AGREEMENT).collect();
    let total: f64 = agreeing.iter().map(|scored| f64::from(scored.score)).sum();
    let mean = |of: &dyn Fn(&BBox) -> f64| {
        agreeing.iter().map(|scored| f64::from(scored.score) * of(&scored.bbox)).sum::<f64>() / total
    };
    let alone = agreeing.len() < 2 || total <= 0.0;
    let best_centre = best.bbox.centre().map(f64::from);
    let (centre, spread) = if alone {
        (best_centre, cell as f64 / 12f64.sqrt())
    } else {
        let axes = [0, 1].map(|axis| {
            let centre = mean(&|bbox| f64::from(bbox.centre()[axis]));
            (centre, mean(&|bbox| (f64::from(bbox.centre()[axis]) - centre).powi(2)))
        });
        (axes.map(|(centre, _)| centre), (0.5 * (axes[0].1 + axes[1].1)).sqrt())
    };
    let centre = if voted { centre } else { best_centre };
    Some(Picked { centre, spread, score: f64::from(best.score) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, score: f32) -> Scored {
        Scored { bbox: BBox::square(x, 50.0, 40.0), score }
    }

    #[test]
    fn the_best_box_is_the_place_and_its_company_the_spread() {
        let boxes = [at(100.0, 0.6), at(104.0, 0.2), at(300.0, 0.5)];
        let best = pick(&boxes, false, 32).unwrap();
        assert_eq!(best.centre, [100.0, 50.0]);
        // Mean 101, variance along x (0.6·1 + 0.2·9) / 0.8 = 3, along y 0.
        assert!((best.spread - 1.5f64.sqrt()).abs() < 1e-5, "{}", best.spread);
        let voted = pick(&boxes, true, 32).unwrap();
        assert!((voted.centre[0] - 101.0).abs() < 1e-5 && voted.spread == best.spread);
        let alone = pick(&boxes[2..], true, 32).unwrap();
        assert!((alone.spread - 9.2376).abs() < 1e-3 && alone.centre == [300.0, 50.0]);
        assert!(pick(&[], false, 32).is_none());
    }
}
