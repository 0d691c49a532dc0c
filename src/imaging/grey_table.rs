//! Every grey of a film computed once: what turns a drag of the window into a look-up a pixel.

use super::radiograph::{Radiograph, VoiTransform};
use rayon::prelude::*;

/// Greys of a film's stored values through one VOI transform, polarity last.
#[derive(Debug, Clone)]
pub struct GreyTable {
    low: f32,
    /// Entries per stored value: 1, or fewer where the range is too wide for one each.
    per_value: f32,
    greys: Vec<u8>,
}

/// Wider ranges of stored values share entries; no screen shows the difference.
const ENTRIES: i64 = 1 << 16;

/// Entries that are worth a thread of their own.
const SHARE: usize = 1 << 13;

impl GreyTable {
    pub fn new(film: &Radiograph, voi: &VoiTransform, invert: bool) -> GreyTable {
        Self::over(film.stored_range().unwrap_or((0, 0)), film, voi, invert)
    }

    /// The same where the range of the stored values is known: finding it needs every pixel.
    pub fn over((low, high): (i32, i32), film: &Radiograph, voi: &VoiTransform, invert: bool) -> GreyTable {
        let span = (i64::from(high) - i64::from(low)).max(0);
        let entries = (span + 1).min(ENTRIES);
        let value = |entry: i64| (i64::from(low) + entry * span / (entries - 1).max(1)) as i32;
        let grey = |entry: usize| film.grey_of(value(entry as i64), voi, invert);
        let greys = (0..entries as usize).into_par_iter().with_min_len(SHARE).map(grey).collect();
        let per_value = if span == 0 { 1.0 } else { (entries - 1) as f32 / span as f32 };
        GreyTable { low: low as f32, per_value, greys }
    }

    /// The grey of a stored value.
    pub fn grey(&self, stored: i32) -> u8 {
        // Small integers are exact as f32; wide ranges are coarser than it anyway.
        self.between(stored as f32)
    }

    /// The grey of a value between stored ones, as interpolation gives it.
    pub fn between(&self, stored: f32) -> u8 {
        let entry = ((stored - self.low) * self.per_value + 0.5).max(0.0) as usize;
        self.greys[entry.min(self.greys.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Window;

    #[test]
    fn a_table_says_what_the_display_chain_says() {
        let values: Vec<i32> = (0..5000).map(|i| (i * 13) % 4096).collect();
        let mut film = Radiograph::from_stored(1, 5000, values, 12).expect("an image");
        film.inverted = true;
        let voi = VoiTransform::Window(Window { center: 1000.0, width: 700.0 });
        let table = GreyTable::new(&film, &voi, false);
        let greys: Vec<u8> = film.stored.iter().map(|v| film.grey_of(*v, &voi, false)).collect();
        assert_eq!(film.stored.iter().map(|v| table.grey(*v)).collect::<Vec<_>>(), greys);
        assert_eq!(film.present(&voi, false), greys);
        assert_eq!((table.between(-3.0), table.between(1e9)), (table.grey(0), table.grey(4095)));
    }

    #[test]
    fn wide_ranges_are_within_a_grey() {
        let values = vec![-2_000_000_000, -7, 0, 1_000_000_000, 2_000_000_000];
        let mut film = Radiograph::from_stored(1, 5, vec![0; 5], 16).expect("an image");
        film.stored = values;
        let voi = VoiTransform::Window(Window { center: 0.0, width: 4e9 });
        let table = GreyTable::new(&film, &voi, false);
        for value in &film.stored {
            assert!(table.grey(*value).abs_diff(film.grey_of(*value, &voi, false)) <= 1, "{value}");
        }
        assert_eq!(GreyTable::over((5, 5), &film, &voi, false).greys.len(), 1);
    }
}
