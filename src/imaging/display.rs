//! From stored values to grey on a screen, as PS3.3 C.11 orders it: modality, VOI, then polarity last.

use super::grey_table::GreyTable;
use super::radiograph::{ModalityTransform, Radiograph, VoiFunction, VoiTransform, Window};

/// Share of the pixels left out at either end by the automatic window: collimator edges, markers, dead pixels.
const TAIL: f64 = 0.005;

impl Radiograph {
    /// Modality values, row-major, `rows * columns`.
    pub fn modality_values(&self) -> Vec<f32> {
        self.stored.iter().map(|&v| self.modality.apply(v) as f32).collect()
    }

    /// What networks see: modality values with dense bone bright, row-major. A MONOCHROME1 film is reflected in
    /// the range of its own values, so padding stays at its end.
    pub fn grey(&self) -> Vec<f32> {
        let mut values = self.modality_values();
        if self.inverted {
            let (low, high) =
                values.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)));
            values.iter_mut().for_each(|v| *v = low + (high - *v));
        }
        values
    }

    /// Modality value at column `x`, row `y`; `None` outside the image.
    pub fn sample(&self, x: usize, y: usize) -> Option<f64> {
        if x >= self.columns || y >= self.rows {
            return None;
        }
        self.stored.get(y * self.columns + x).map(|&v| self.modality.apply(v))
    }

    /// The file's first window, else one from robust percentiles of the image without its padding.
    pub fn default_window(&self) -> Window {
        match self.voi.first() {
            Some(VoiTransform::Window(window)) => *window,
            Some(VoiTransform::Table(table)) => {
                let width = table.entries.len() as f64;
                Window { center: f64::from(table.first) + 0.5 * width, width }
            }
            None => self.automatic_window(),
        }
    }

    /// A window from the 0.5th to the 99.5th percentile of the values that are not padding.
    pub fn automatic_window(&self) -> Window {
        let is_image = |v: i32| self.padding.is_none_or(|(low, high)| v < low || v > high);
        let mut values: Vec<i32> = self.stored.iter().copied().filter(|&v| is_image(v)).collect();
        if values.is_empty() {
            values = self.stored.clone();
        }
        if values.is_empty() {
            return Window { center: 0.5, width: 1.0 };
        }
        let last = values.len() - 1;
        let at = |values: &mut [i32], share: f64| {
            let index = (share * last as f64).round() as usize;
            self.modality.apply(*values.select_nth_unstable(index).1)
        };
        let (a, b) = (at(&mut values, TAIL), at(&mut values, 1.0 - TAIL));
        let (low, high) = (a.min(b), a.max(b));
        // LINEAR spreads its greys over center − 0.5 ± (width − 1)/2.
        Window { center: 0.5 * (low + high) + 0.5, width: high - low + 1.0 }
    }

    /// 8-bit greys at native resolution through `window`; polarity (MONOCHROME1, then `invert`) last.
    pub fn render(&self, window: Window, invert: bool) -> Vec<u8> {
        self.present(&VoiTransform::Window(window), invert)
    }

    /// [`render`](Self::render) through any VOI transform, for instance a table of the file.
    pub fn present(&self, voi: &VoiTransform, invert: bool) -> Vec<u8> {
        // Over a narrow range of stored values each value is computed once: a film has more pixels than values.
        let span = self.stored_range().map_or(i64::MAX, |(low, high)| i64::from(high) - i64::from(low));
        if span <= 0xFFFF && (span as usize) < self.stored.len() {
            let table = GreyTable::new(self, voi, invert);
            self.stored.iter().map(|&v| table.grey(v)).collect()
        } else {
            self.stored.iter().map(|&v| self.grey_of(v, voi, invert)).collect()
        }
    }

    /// Least and greatest stored value; `None` of no pixels.
    pub fn stored_range(&self) -> Option<(i32, i32)> {
        let range = |(low, high): (i32, i32), &v: &i32| (low.min(v), high.max(v));
        (!self.stored.is_empty()).then(|| self.stored.iter().fold((i32::MAX, i32::MIN), range))
    }

    /// The grey of one stored value.
    pub(super) fn grey_of(&self, stored: i32, voi: &VoiTransform, invert: bool) -> u8 {
        let value = self.modality.apply(stored);
        let share = match voi {
            VoiTransform::Window(window) => windowed(value, *window, self.voi_function),
            VoiTransform::Table(table) => {
                let top = f64::from(u16::MAX >> 16u16.saturating_sub(table.bits).min(15));
                (f64::from(table.map(value.round() as i32)) / top).min(1.0)
            }
        };
        let share = if self.inverted != invert { 1.0 - share } else { share };
        (share * 255.0).round() as u8
    }
}

/// Grey of 0–1 by the three functions of PS3.3 C.11.2.1.2 and C.11.2.1.3.
pub(super) fn windowed(value: f64, window: Window, function: VoiFunction) -> f64 {
    let Window { center, width } = window;
    match function {
        VoiFunction::Linear => {
            let (center, width) = (center - 0.5, width - 1.0);
            if width <= 0.0 {
                // Width 1 is the standard's threshold.
                return if value <= center { 0.0 } else { 1.0 };
            }
            ((value - center) / width + 0.5).clamp(0.0, 1.0)
        }
        VoiFunction::LinearExact => {
            if width <= 0.0 {
                return if value <= center { 0.0 } else { 1.0 };
            }
            ((value - center) / width + 0.5).clamp(0.0, 1.0)
        }
        VoiFunction::Sigmoid => {
            if width <= 0.0 {
                return if value <= center { 0.0 } else { 1.0 };
            }
            1.0 / (1.0 + (-4.0 * (value - center) / width).exp())
        }
    }
}

impl Default for ModalityTransform {
    fn default() -> Self {
        Self::IDENTITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::LookupTable;

    fn film(stored: Vec<i32>) -> Radiograph {
        Radiograph::from_stored(1, stored.len(), stored, 16).expect("an image")
    }

    /// PS3.3 C.11.2.1.2.1: center 2048, width 4096 is the full 12-bit range.
    #[test]
    fn linear_is_that_of_the_standard() {
        let film = film(vec![0, 2047, 2048, 4095, 5000]);
        let full = Window { center: 2048.0, width: 4096.0 };
        assert_eq!(film.render(full, false), [0, 127, 128, 255, 255]);
        assert_eq!(film.render(full, true), [255, 128, 127, 0, 0]);
        let threshold = Window { center: 2048.0, width: 1.0 };
        assert_eq!(film.render(threshold, false), [0, 0, 255, 255, 255]);
    }

    #[test]
    fn exact_and_sigmoid_are_centred() {
        let mut film = film(vec![0, 100, 200]);
        let window = Window { center: 100.0, width: 200.0 };
        film.voi_function = VoiFunction::LinearExact;
        assert_eq!(film.render(window, false), [0, 128, 255]);
        film.voi_function = VoiFunction::Sigmoid;
        assert_eq!(film.render(window, false), [30, 128, 225]);
    }

    #[test]
    fn polarity_comes_last() {
        let mut film = film(vec![0, 1000, 4000]);
        let window = Window { center: 1000.5, width: 2001.0 };
        let shown = film.render(window, false);
        film.inverted = true;
        let inverted: Vec<u8> = shown.iter().map(|v| 255 - v).collect();
        assert_eq!(film.render(window, false)[0], inverted[0]);
        assert_eq!(film.render(window, false)[2], inverted[2]);
        assert_eq!(film.grey(), [4000.0, 3000.0, 0.0]);
    }

    #[test]
    fn the_automatic_window_leaves_padding_and_outliers_out() {
        let mut values: Vec<i32> = (0..1000).map(|i| 1000 + i).collect();
        values.extend([0; 500]);
        values[0] = 60_000;
        let mut film = film(values);
        film.padding = Some((0, 0));
        let Window { center, width } = film.default_window();
        let (low, high) = (center - 0.5 * width, center + 0.5 * width);
        assert!(low > 1000.0 && low < 1020.0 && high > 1980.0 && high < 2010.0, "{low} to {high}");
    }

    #[test]
    fn tables_and_rescale_are_applied() {
        let mut film = film(vec![0, 1, 2]);
        film.modality = ModalityTransform::Rescale { slope: 2.0, intercept: -1.0 };
        assert_eq!(film.modality_values(), [-1.0, 1.0, 3.0]);
        assert_eq!((film.sample(2, 0), film.sample(3, 0), film.sample(0, 1)), (Some(3.0), None, None));
        let table = LookupTable { first: -1, entries: [0, 1, 2, 3, 255].into(), bits: 8 };
        assert_eq!(film.present(&VoiTransform::Table(table), false), [0, 2, 255]);
    }

    #[test]
    fn one_pixel_has_a_window() {
        let film = film(vec![7]);
        assert_eq!(film.default_window(), Window { center: 7.5, width: 1.0 });
        assert_eq!(film.render(film.default_window(), false).len(), 1);
    }
}
