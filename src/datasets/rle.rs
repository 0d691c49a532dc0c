//! COCO's run-length masks: runs of 0 and 1 in turn, column by column, as a list of numbers or as text.
//!
//! The text packs each run into characters of 6 bits from `0` on, five of them value and one "more to come"; from the
//! third run on it is the difference to the run before the last (cocodataset/cocoapi, `maskApi.c`).

use serde::{Deserialize, Serialize};

/// Runs of a mask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rle {
    /// Rows and columns.
    pub size: [usize; 2],
    pub counts: Counts,
}

/// As a file has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Counts {
    /// Compressed.
    Text(String),
    Runs(Vec<u32>),
}

/// No film is larger; a file that says so is no mask.
const MAX_PIXELS: usize = 1 << 28;

impl Rle {
    /// The mask of `inside` over a row-major picture, with plain runs.
    pub fn of(rows: usize, columns: usize, inside: impl Fn(usize) -> bool) -> Self {
        let (mut runs, mut last, mut length) = (Vec::new(), false, 0u32);
        for column in 0..columns {
            for row in 0..rows {
                let now = inside(row * columns + column);
                if now != last {
                    runs.push(length);
                    (last, length) = (now, 0);
                }
                length += 1;
            }
        }
        runs.push(length);
        Self { size: [rows, columns], counts: Counts::Runs(runs) }
    }

    /// The same with its runs as text.
    ///
    /// # Errors
    /// Text that is none.
    pub fn compressed(self) -> Result<Self, String> {
        let text = compress(&self.runs()?);
        Ok(Self { counts: Counts::Text(text), ..self })
    }

    /// The runs as numbers; the first is of 0.
    ///
    /// # Errors
    /// Text that is none.
    pub fn runs(&self) -> Result<Vec<u32>, String> {
        match &self.counts {
            Counts::Runs(runs) => Ok(runs.clone()),
            Counts::Text(text) => decompress(text),
        }
    }

    /// Calls `paint` with the row-major index of every pixel inside.
    ///
    /// # Errors
    /// Runs that do not fill the picture, text that is no runs.
    pub fn paint(&self, mut paint: impl FnMut(usize)) -> Result<(), String> {
        let [rows, columns] = self.size;
        let pixels = rows.checked_mul(columns).filter(|pixels| *pixels <= MAX_PIXELS);
        let pixels =
            pixels.ok_or_else(|| format!("a mask of {rows} rows and {columns} columns is too large"))?;
        let runs = self.runs()?;
        let sum: u64 = runs.iter().map(|run| u64::from(*run)).sum();
        if sum != pixels as u64 {
            return Err(format!("runs of {sum} pixels for a mask of {rows} rows and {columns} columns"));
        }
        let mut at = 0;
        for (index, run) in runs.iter().enumerate() {
            let end = at + *run as usize;
            if index % 2 == 1 {
                (at..end).for_each(|i| paint(i % rows * columns + i / rows));
            }
            at = end;
        }
        Ok(())
    }

    /// Pixels inside, and their box: first column, first row, width, height (0 each where nothing is inside).
    ///
    /// # Errors
    /// As [`Self::paint`].
    pub fn extent(&self) -> Result<(usize, [usize; 4]), String> {
        let columns = self.size[1];
        let (mut area, mut least, mut most) = (0, [usize::MAX; 2], [0; 2]);
        self.paint(|i| {
            area += 1;
            for (axis, v) in [i % columns, i / columns].into_iter().enumerate() {
                (least[axis], most[axis]) = (least[axis].min(v), most[axis].max(v));
            }
        })?;
        let [x, y] = least;
        Ok((area, if area == 0 { [0; 4] } else { [x, y, most[0] - x + 1, most[1] - y + 1] }))
    }
}

fn compress(runs: &[u32]) -> String {
    let mut text = String::new();
    for (index, run) in runs.iter().enumerate() {
        let before = if index > 2 { i64::from(runs[index - 2]) } else { 0 };
        let mut value = i64::from(*run) - before;
        loop {
            let bits = (value & 0x1f) as u8;
            value >>= 5;
            // The fifth bit is the sign of all that is left.
            let more = value != if bits & 0x10 != 0 { -1 } else { 0 };
            text.push(char::from(48 + (bits | if more { 0x20 } else { 0 })));
            if !more {
                break;
            }
        }
    }
    text
}

fn decompress(text: &str) -> Result<Vec<u32>, String> {
    let wrong = || "counts are no run lengths".to_owned();
    let mut runs: Vec<u32> = Vec::new();
    let mut bytes = text.bytes();
    while let Some(mut byte) = bytes.next() {
        let (mut value, mut shift) = (0i64, 0);
        loop {
            let bits = byte.checked_sub(48).filter(|bits| *bits < 64).ok_or_else(wrong)?;
            value |= i64::from(bits & 0x1f) << shift;
            shift += 5;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            // Seven characters hold every run.
            byte = bytes.next().filter(|_| shift < 35).ok_or_else(wrong)?;
        }
        if runs.len() > 2 {
            value += i64::from(runs[runs.len() - 2]);
        }
        runs.push(u32::try_from(value).map_err(|_| wrong())?);
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_runs_are_refused() {
        let with = |size, counts| Rle { size, counts }.paint(|_| {});
        assert!(with([2, 2], Counts::Runs(vec![1, 2])).unwrap_err().contains("3 pixels"));
        assert!(with([2, 2], Counts::Text("~".into())).is_err());
        assert!(with([2, 2], Counts::Text("ooooooooo".into())).is_err());
        assert!(with([2, 2], Counts::Text("o".into())).is_err(), "cut off");
        assert!(with([usize::MAX, 2], Counts::Runs(vec![1])).unwrap_err().contains("large"));
        assert!(with([2, 2], Counts::Text("1".into())).is_err(), "too few pixels");
        assert!(with([0, 0], Counts::Text(String::new())).is_ok());
    }
}
