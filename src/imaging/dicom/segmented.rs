//! Palettes that are written as lines between points (segmented palette colour lookup tables, PS3.3 C.7.9.2).

/// The first `count` entries of `data`, in words of 16 bits or, `bytes`, of 8; `None` where it is malformed.
pub(super) fn expanded(data: &[u16], bytes: bool, count: usize) -> Option<Vec<u16>> {
    let mut entries = Vec::new();
    Segments { data, at: 0, bytes }.expand(&mut entries, usize::MAX, count, true)?;
    (entries.len() >= count).then(|| {
        entries.truncate(count);
        entries
    })
}

struct Segments<'a> {
    data: &'a [u16],
    at: usize,
    bytes: bool,
}

impl Segments<'_> {
    fn next(&mut self) -> Option<u16> {
        let word = self.data.get(self.at).copied();
        self.at += 1;
        word
    }

    /// Appends `segments` of them, or as many as it takes to `count` entries. Segments elsewhere may be repeated, but
    /// not from there: so this ends.
    fn expand(
        &mut self,
        entries: &mut Vec<u16>,
        segments: usize,
        count: usize,
        may_repeat: bool,
    ) -> Option<()> {
        for _ in 0..segments {
            if entries.len() >= count || self.at + 1 >= self.data.len() {
                break;
            }
            let (kind, length) = (self.next()?, usize::from(self.next()?));
            match kind {
                0 => {
                    entries.extend(self.data.get(self.at..self.at + length)?);
                    self.at += length;
                }
                1 => {
                    let (from, to) = (f64::from(*entries.last()?), f64::from(self.next()?));
                    let step = (to - from) / length as f64;
                    entries.extend((1..=length).map(|i| (from + step * i as f64).round_ties_even() as u16));
                }
                2 if may_repeat => {
                    let parts = if self.bytes { 4 } else { 2 };
                    let width = 32 / parts;
                    let offset = (0..parts)
                        .try_fold(0u32, |sum, i| Some(sum | u32::from(self.next()?) << (width * i)))?;
                    let at = offset as usize / if self.bytes { 1 } else { 2 };
                    Segments { at, ..*self }.expand(entries, length, count, false)?;
                }
                _ => return None,
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lines_and_repetitions() {
        // Two points, a line of four steps to 50, then both segments again.
        let data = [0, 2, 7, 10, 1, 4, 50, 2, 2, 0, 0];
        let expected = [7, 10, 20, 30, 40, 50, 7, 10, 20, 30, 40, 50];
        assert_eq!(expanded(&data, false, 12).as_deref(), Some(&expected[..]));
        let bytes = [0, 2, 7, 10, 1, 4, 50, 2, 2, 0, 0, 0, 0];
        assert_eq!(expanded(&bytes, true, 12).as_deref(), Some(&expected[..]));
    }

    #[test]
    fn malformed_segments_are_none() {
        for data in [&[1, 4, 50][..], &[0, 9, 1], &[3, 1, 1], &[0, 1, 5, 2, 1, 6, 0], &[0, 1, 5]] {
            assert_eq!(expanded(data, false, 100), None, "{data:?}");
        }
    }
}
