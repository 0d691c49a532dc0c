//! The embedded type: how wide a text runs, how it breaks into lines, and its outlines for the raster painter.

use super::ExportError;
use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve};

/// Noto Sans, SIL Open Font License; tabular figures.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");
pub const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Bold.ttf");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// The two embedded faces, parsed.
pub struct Type {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Type {
    /// # Errors
    /// [`ExportError::Font`] when the embedded fonts cannot be read, so a broken build.
    pub fn embedded() -> Result<Self, ExportError> {
        let face = |data| FontRef::try_from_slice(data).map_err(|e| ExportError::Font(e.to_string()));
        Ok(Self { regular: face(REGULAR)?, bold: face(BOLD)? })
    }

    fn face(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Output units per font unit at `size` units per em.
    fn scale(&self, weight: Weight, size: f32) -> f32 {
        size / self.face(weight).units_per_em().unwrap_or(1000.0)
    }

    /// Advance of `text` in the unit of `size` (the em).
    pub fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let face = self.face(weight);
        let advance: f32 = text.chars().map(|c| face.h_advance_unscaled(face.glyph_id(c))).sum();
        advance * self.scale(weight, size)
    }

    /// `text`, shortened with an ellipsis until it fits `width`.
    pub fn fit(&self, text: &str, weight: Weight, size: f32, width: f32) -> String {
        if self.width(text, weight, size) <= width {
            return text.to_owned();
        }
        let mut kept: String = text.to_owned();
        while kept.pop().is_some() {
            let shortened = format!("{}…", kept.trim_end());
            if self.width(&shortened, weight, size) <= width {
                return shortened;
            }
        }
        String::new()
    }

    /// `text` broken at spaces (not at no-break spaces) into lines no wider than `width`; a word that is wider breaks anywhere.
    pub fn wrap(&self, text: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
        let fits = |line: &str| self.width(line, weight, size) <= width;
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&joined) {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for character in word.chars() {
                line.push(character);
                if !fits(&line) && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(character);
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// As [`Type::wrap`], with at most `most` lines, the last one shortened with an ellipsis.
    pub fn wrap_at_most(
        &self,
        text: &str,
        weight: Weight,
        size: f32,
        width: f32,
        most: usize,
    ) -> Vec<String> {
        let mut lines = self.wrap(text, weight, size, width);
        if lines.len() > most {
            let rest = lines.split_off(most.saturating_sub(1)).join(" ");
            lines.push(self.fit(&rest, weight, size, width));
        }
        lines
    }

    /// Calls `draw` with every curve of `text` set from `(x, y)` on the baseline, y down; contours follow each other.
    pub fn outline(
        &self,
        text: &str,
        weight: Weight,
        size: f32,
        (x, y): (f32, f32),
        mut draw: impl FnMut(OutlineCurve),
    ) {
        let face = self.face(weight);
        let scale = self.scale(weight, size);
        let mut pen = x;
        for character in text.chars() {
            let glyph: GlyphId = face.glyph_id(character);
            let place = |p: ab_glyph::Point| ab_glyph::point(pen + p.x * scale, y - p.y * scale);
            for curve in face.outline(glyph).map(|o| o.curves).unwrap_or_default() {
                draw(match curve {
                    OutlineCurve::Line(a, b) => OutlineCurve::Line(place(a), place(b)),
                    OutlineCurve::Quad(a, b, c) => OutlineCurve::Quad(place(a), place(b), place(c)),
                    OutlineCurve::Cubic(a, b, c, d) => {
                        OutlineCurve::Cubic(place(a), place(b), place(c), place(d))
                    }
                });
            }
            pen += face.h_advance_unscaled(glyph) * scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lettering() -> Type {
        Type::embedded().expect("embedded fonts parse")
    }

    #[test]
    fn no_line_is_wider_than_asked_and_no_letter_is_lost() {
        let lettering = lettering();
        let text = "Wolfeschlegelsteinhausenbergerdorff Hubert Blaine the Elder, of the house of Long Names";
        for width in [20.0, 60.0, 200.0] {
            let lines = lettering.wrap(text, Weight::Regular, 9.0, width);
            for line in &lines {
                assert!(lettering.width(line, Weight::Regular, 9.0) <= width, "{line} at {width}");
            }
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
    }

    #[test]
    fn a_text_that_does_not_fit_ends_in_an_ellipsis_within_its_width() {
        let lettering = lettering();
        let fitted = lettering.fit("acetabular index", Weight::Bold, 10.0, 40.0);
        assert!(fitted.ends_with('…') && lettering.width(&fitted, Weight::Bold, 10.0) <= 40.0);
        let two = lettering.wrap_at_most("one two three four five six seven", Weight::Regular, 9.0, 40.0, 2);
        assert_eq!(two.len(), 2);
        assert!(two[1].ends_with('…'));
    }

    #[test]
    fn figures_are_tabular() {
        let lettering = lettering();
        let one = lettering.width("1", Weight::Regular, 10.0);
        assert!(('0'..='9').all(|c| lettering.width(&c.to_string(), Weight::Regular, 10.0) == one));
    }
}
