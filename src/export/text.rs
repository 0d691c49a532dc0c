//! The embedded type: which face has a character, how wide a text runs, how it breaks into lines, and its outlines for
//! the raster painter. All faces are in the program, so that a name prints the same on every machine.

use super::ExportError;
use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// One embedded font. The last two have one weight and stand in where Noto Sans has no glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Latin, Greek, Cyrillic; tabular figures.
    Regular,
    Bold,
    /// Arrows and mathematical signs.
    Symbols,
    /// Chinese, Japanese and Korean.
    Ideographs,
}

impl Face {
    pub const ALL: [Face; 4] = [Face::Regular, Face::Bold, Face::Symbols, Face::Ideographs];

    /// The font file.
    pub fn data(self) -> &'static [u8] {
        match self {
            Face::Regular => include_bytes!("../../assets/fonts/NotoSans-Regular.ttf"),
            Face::Bold => include_bytes!("../../assets/fonts/NotoSans-Bold.ttf"),
            Face::Symbols => include_bytes!("../../assets/fonts/NotoSansMath-Subset.ttf"),
            Face::Ideographs => include_bytes!("../../assets/fonts/DroidSansFallback.ttf"),
        }
    }
}

/// The embedded faces, parsed.
pub struct Type {
    faces: [FontRef<'static>; 4],
}

impl Type {
    /// # Errors
    /// [`ExportError::Font`] when the embedded fonts cannot be read, so a broken build.
    pub fn embedded() -> Result<Self, ExportError> {
        let face =
            |face: Face| FontRef::try_from_slice(face.data()).map_err(|e| ExportError::Font(e.to_string()));
        let [regular, bold, symbols, ideographs] = Face::ALL.map(face);
        Ok(Self { faces: [regular?, bold?, symbols?, ideographs?] })
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        &self.faces[face as usize]
    }

    /// The face that has the character; `None` where none has.
    fn having(&self, character: char, weight: Weight) -> Option<Face> {
        let first = match weight {
            Weight::Regular => Face::Regular,
            Weight::Bold => Face::Bold,
        };
        let has = |face: &Face| self.font(*face).glyph_id(character) != GlyphId(0);
        [first, Face::Symbols, Face::Ideographs].into_iter().find(has)
    }

    /// The face and glyph to set the character with; the box of the first face where no face has it.
    fn glyph(&self, character: char, weight: Weight) -> (Face, GlyphId) {
        let face = self.having(character, weight).unwrap_or(Face::Regular);
        (face, self.font(face).glyph_id(character))
    }

    /// `text` in pieces of one face each.
    pub fn runs<'a>(&self, text: &'a str, weight: Weight) -> Vec<(Face, &'a str)> {
        let mut runs: Vec<(Face, &str)> = Vec::new();
        let mut start = 0;
        let mut current = None;
        for (index, character) in text.char_indices() {
            let face = self.glyph(character, weight).0;
            if let Some(before) = current.replace(face).filter(|before| *before != face) {
                runs.push((before, &text[start..index]));
                start = index;
            }
        }
        runs.extend(current.map(|face| (face, &text[start..])));
        runs
    }

    fn sets(&self, character: char) -> bool {
        character.is_whitespace() || self.having(character, Weight::Regular).is_some()
    }

    /// The characters of `text` that no face has.
    pub fn lost(&self, text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|character| !self.sets(*character))
    }

    /// `text` with each character that no face has as its code point, `‹U+0E01›`: it can be read, searched for and looked
    /// up, where a box or nothing could not.
    pub fn printable<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.lost(text).next().is_none() {
            return Cow::Borrowed(text);
        }
        let shown =
            |c: char| if self.sets(c) { c.to_string() } else { format!("‹U+{:04X}›", u32::from(c)) };
        Cow::Owned(text.chars().map(shown).collect())
    }

    /// Output units per font unit at `size` units per em.
    fn scale(&self, face: Face, size: f32) -> f32 {
        size / self.font(face).units_per_em().unwrap_or(1000.0)
    }

    /// Advance of `text` in the unit of `size` (the em).
    pub fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        let advance = |character| {
            let (face, glyph) = self.glyph(character, weight);
            self.font(face).h_advance_unscaled(glyph) * self.scale(face, size)
        };
        text.chars().map(advance).sum()
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

    /// `text` broken at spaces (not at no-break spaces) into lines no wider than `width`; a word that is wider breaks
    /// behind its hyphens, else anywhere.
    pub fn wrap(&self, text: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
        let text = self.printable(text);
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
            for part in word.split_inclusive('-') {
                if !line.is_empty() && !fits(&format!("{line}{part}")) {
                    lines.push(std::mem::take(&mut line));
                }
                for character in part.chars() {
                    line.push(character);
                    if !fits(&line) && line.chars().count() > 1 {
                        line.pop();
                        lines.push(std::mem::take(&mut line));
                        line.push(character);
                    }
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
        let mut pen = x;
        for character in text.chars() {
            let (face, glyph) = self.glyph(character, weight);
            let scale = self.scale(face, size);
            let face = self.font(face);
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
        let double = lettering.wrap("Преображенская-Рождественская", Weight::Regular, 9.0, 90.0);
        assert_eq!(double, ["Преображенская-", "Рождественская"]);
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
    fn each_script_finds_its_face_and_what_none_has_is_its_code_point() {
        let lettering = lettering();
        for text in [
            "Łukasz Müller",
            "Αλέξης",
            "Анна Щукина",
            "山田 太郎",
            "김민수",
            "王小明",
            "かな カナ",
            "→ ≤ ≥ −",
        ] {
            assert_eq!(lettering.printable(text), text);
        }
        let faces: Vec<Face> =
            lettering.runs("Ann 山田→x", Weight::Bold).into_iter().map(|(f, _)| f).collect();
        assert_eq!(faces, [Face::Bold, Face::Ideographs, Face::Symbols, Face::Bold]);
        assert_eq!(lettering.printable("a\u{0e01}b"), "a‹U+0E01›b");
    }

    #[test]
    fn figures_are_tabular() {
        let lettering = lettering();
        let one = lettering.width("1", Weight::Regular, 10.0);
        assert!(('0'..='9').all(|c| lettering.width(&c.to_string(), Weight::Regular, 10.0) == one));
    }
}
