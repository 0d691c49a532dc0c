//! Text in the pixels: names and dates that a machine wrote into the border of the image.
//!
//! Glyphs are small connected parts of one extreme grey, of one height, side by side on a line. Anatomy is neither
//! so uniform nor so regular; a lead marker is one letter, and so no line of text.

use crate::imaging::Radiograph;

/// A part of the image: first column and row, and size, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

/// Share of either side that counts as border.
const BORDER: f64 = 0.2;
/// A text is at least this many glyphs.
const GLYPHS: usize = 4;
/// Ink strays from its grey by this share of the range of the image, and what is around it by more than that share.
const TOLERANCE: f32 = 0.02;
const CONTRAST: f32 = 0.2;
/// Glyphs are at least this high, and no higher than this share of the image.
const SMALLEST: usize = 6;
const LARGEST_SHARE: usize = 16;

impl Rectangle {
    fn right(&self) -> usize {
        self.x + self.width
    }

    fn bottom(&self) -> usize {
        self.y + self.height
    }

    /// Whether `other` lies within.
    pub fn contains(&self, other: &Rectangle) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    fn joined(self, other: Rectangle) -> Rectangle {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Rectangle { x, y, width: right - x, height: bottom - y }
    }
}

/// Lines of likely text in the border of the image, from top to bottom.
pub fn text_regions(film: &Radiograph) -> Vec<Rectangle> {
    let grey = film.grey();
    let (low, high) = grey.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    if film.rows < 4 * SMALLEST || film.columns < 4 * SMALLEST || high <= low {
        return Vec::new();
    }
    let of = |ink: f32| text_in(film, &Ink { grey: &grey, columns: film.columns, ink, range: high - low });
    let mut lines = of(high);
    lines.extend(of(low));
    lines.sort_by_key(|line| (line.y, line.x));
    lines
}

/// Pixels of one extreme grey.
struct Ink<'a> {
    grey: &'a [f32],
    columns: usize,
    ink: f32,
    range: f32,
}

impl Ink<'_> {
    /// How far a pixel is from the ink, as a share of the range.
    fn off(&self, i: usize) -> f32 {
        (self.grey[i] - self.ink).abs() / self.range
    }

    fn is_ink(&self, i: usize) -> bool {
        self.off(i) <= TOLERANCE
    }
}

fn text_in(film: &Radiograph, ink: &Ink) -> Vec<Rectangle> {
    let (rows, columns) = (film.rows, film.columns);
    let mut unseen: Vec<bool> = (0..rows * columns).map(|i| ink.is_ink(i)).collect();
    let (margin_y, margin_x) = ((BORDER * rows as f64) as usize, (BORDER * columns as f64) as usize);
    let in_border = |i: usize| {
        let (y, x) = (i / columns, i % columns);
        y < margin_y || y >= rows - margin_y || x < margin_x || x >= columns - margin_x
    };
    let largest = (rows.min(columns) / LARGEST_SHARE).max(2 * SMALLEST);
    let mut glyphs = Vec::new();
    for start in 0..unseen.len() {
        if unseen[start]
            && in_border(start)
            && let Some(glyph) = glyph(ink, &mut unseen, start, largest)
        {
            glyphs.push(glyph);
        }
    }
    // A line is built glyph by glyph from left to right.
    glyphs.sort_by_key(|g| g.x);
    let mut lines: Vec<(Rectangle, Rectangle, usize)> = Vec::new();
    for glyph in glyphs {
        let follows = |(_, last, _): &&mut (Rectangle, Rectangle, usize)| {
            let overlap = glyph.bottom().min(last.bottom()).saturating_sub(glyph.y.max(last.y));
            let gap = glyph.x.saturating_sub(last.right());
            2 * overlap > glyph.height.min(last.height)
                && 2 * glyph.height.abs_diff(last.height) <= glyph.height.max(last.height)
                && gap <= 2 * glyph.height.max(last.height)
        };
        match lines.iter_mut().find(follows) {
            Some((line, last, count)) => (*line, *last, *count) = (line.joined(glyph), glyph, *count + 1),
            None => lines.push((glyph, glyph, 1)),
        }
    }
    lines.into_iter().filter(|(_, _, count)| *count >= GLYPHS).map(|(line, ..)| line).collect()
}

/// The connected part of the ink at `start`, struck from the unseen; `None` where it has not the size, the thinness or
/// the contrast of a glyph.
fn glyph(ink: &Ink, unseen: &mut [bool], start: usize, largest: usize) -> Option<Rectangle> {
    let columns = ink.columns;
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    let (mut area, mut around, mut contrast) = (0, 0, 0.0);
    let mut open = vec![start];
    unseen[start] = false;
    while let Some(i) = open.pop() {
        let (y, x) = (i / columns, i % columns);
        (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
        area += 1;
        for ny in y.saturating_sub(1)..=y + 1 {
            for nx in x.saturating_sub(1)..=(x + 1).min(columns - 1) {
                let n = ny * columns + nx;
                if n >= unseen.len() {
                    continue;
                }
                if unseen[n] {
                    unseen[n] = false;
                    open.push(n);
                } else if !ink.is_ink(n) {
                    (around, contrast) = (around + 1, contrast + ink.off(n));
                }
            }
        }
    }
    let (width, height) = (right - left + 1, bottom - top + 1);
    let filled = area as f64 / (width * height) as f64;
    let is_glyph = (SMALLEST..=largest).contains(&height)
        && width <= 2 * height
        && (0.12..=0.95).contains(&filled)
        && contrast >= CONTRAST * around as f32
        // A solid square is a marker, a thin bar an "I".
        && (filled < 0.8 || 2 * width <= height);
    is_glyph.then_some(Rectangle { x: left, y: top, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ab_glyph::{Font, FontRef, ScaleFont};

    /// A film of soft gradients with noise, and a text in it.
    fn film(text: &str, at: (f32, f32)) -> Radiograph {
        let (rows, columns) = (400, 320);
        let mut grey: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let (y, x) = ((i / columns) as f32, (i % columns) as f32);
                0.1 + 0.5 * (-((x - 160.0).powi(2) + (y - 200.0).powi(2)) / 9000.0).exp()
                    + 0.02 * ((i * 7919 % 101) as f32 / 101.0)
            })
            .collect();
        let font = FontRef::try_from_slice(include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf"))
            .expect("a font");
        let font = font.as_scaled(18.0);
        let mut pen = at.0;
        for letter in text.chars() {
            let id = font.scaled_glyph(letter).id;
            let mut glyph = id.with_scale(18.0);
            glyph.position = ab_glyph::point(pen, at.1);
            pen += font.h_advance(id);
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|x, y, cover| {
                    let (x, y) = (bounds.min.x as usize + x as usize, bounds.min.y as usize + y as usize);
                    if cover > 0.4 {
                        grey[y * columns + x] = 1.0;
                    }
                });
            }
        }
        Radiograph::from_grey(rows, columns, &grey, 12).expect("an image")
    }

    #[test]
    fn a_name_in_the_corner_is_found_and_a_lead_marker_is_none() {
        let found = text_regions(&film("DOE JANE 1999", (10.0, 30.0)));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].x < 20 && found[0].y < 35 && found[0].width > 80, "{found:?}");
        assert_eq!(text_regions(&film("R", (10.0, 30.0))), []);
        assert_eq!(text_regions(&film("", (10.0, 30.0))), []);
    }
}
