//! The mask on the screen: fill and outline of each label at the screen's resolution. Where the film stays, only the
//! rectangle that was painted on is drawn anew and sent to the screen.

use super::camera::Projection;
use super::masks::Masks;
use super::picture::{Frame, frame};
use crate::measure::LabelMap;
use crate::ui::jobs::Opened;
use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, pos2, vec2};
use rayon::prelude::*;

/// The outline's 1.5 points: whole within the first of a label, half within the second.
const OUTLINE: [(f32, f32); 2] = [(1.0, 1.0), (2.0, 0.5)];

/// Rows of a mask that are worth a thread of their own.
const ROWS: usize = 128;

/// Half-open box of columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Area {
    low: [usize; 2],
    high: [usize; 2],
}

/// Follows a mask: what of it changed since it was last looked at, and how large each label is.
pub struct Watch {
    seen: Vec<u8>,
    /// Pixels of each label.
    areas: [usize; 256],
}

impl Default for Watch {
    fn default() -> Self {
        Self { seen: Vec::new(), areas: [0; 256] }
    }
}

impl Watch {
    /// The box that changed; the whole where the film is another.
    fn follow(&mut self, map: &LabelMap) -> Option<Area> {
        if self.seen.len() != map.labels.len() {
            self.seen.clone_from(&map.labels);
            self.areas = [0; 256];
            for run in map.labels.chunk_by(|a, b| a == b) {
                self.areas[usize::from(run[0])] += run.len();
            }
            return Some(Area { low: [0, 0], high: [map.columns, map.rows] });
        }
        let changed = difference(&self.seen, &map.labels, map.columns)?;
        for row in changed.low[1]..changed.high[1] {
            let span = row * map.columns + changed.low[0]..row * map.columns + changed.high[0];
            for (before, now) in self.seen[span.clone()].iter_mut().zip(&map.labels[span]) {
                self.areas[usize::from(*before)] -= 1;
                self.areas[usize::from(*now)] += 1;
                *before = *now;
            }
        }
        Some(changed)
    }
}

#[derive(Default)]
pub struct MaskPicture {
    watch: Watch,
    /// Changed since the texture was made.
    stale: bool,
    frame: Option<Frame>,
    look: Option<Box<[[Color32; 2]; 256]>>,
    /// Label of each pixel of the screen.
    labels: Vec<u8>,
    texture: Option<TextureHandle>,
}

impl MaskPicture {
    /// Pixels of a label, as of the last [`MaskPicture::paint`].
    pub fn area(&self, label: u8) -> usize {
        self.watch.areas[usize::from(label)]
    }

    /// Follows the mask, and draws it where it is `shown`.
    pub fn paint(
        &mut self,
        painter: &Painter,
        projection: &Projection,
        (opened, map): (&Opened, &LabelMap),
        masks: &Masks,
        shown: bool,
    ) {
        if map.labels.len() != opened.radiograph.stored.len() {
            return;
        }
        let changed = self.watch.follow(map);
        let scale = painter.ctx().pixels_per_point();
        let Some(frame) = frame(projection, scale, opened).filter(|_| shown) else {
            self.stale |= changed.is_some();
            return;
        };
        let look = masks.look(&map.structures);
        let whole = Area { low: [0, 0], high: frame.size };
        let same = !std::mem::take(&mut self.stale)
            && self.frame == Some(frame)
            && self.look.as_ref() == Some(&look);
        let area = if same {
            changed.map(|changed| on_screen(changed, &frame, OUTLINE[1].0 * scale))
        } else {
            self.labels = vec![0; frame.size[0] * frame.size[1]];
            Some(whole)
        };
        self.frame = Some(frame);
        self.look = Some(look);
        if let Some(area) = area.filter(|area| area.low[0] < area.high[0] && area.low[1] < area.high[1]) {
            self.sample(map, &frame, area);
            let picture = self.develop(&frame, area, scale);
            let options = TextureOptions::NEAREST;
            match &mut self.texture {
                Some(texture) if area != whole => texture.set_partial(area.low, picture, options),
                Some(texture) => texture.set(picture, options),
                none => *none = Some(painter.ctx().load_texture("mask", picture, options)),
            }
        }
        if let Some(texture) = &self.texture {
            let corner = pos2(frame.corner[0] as f32, frame.corner[1] as f32) / scale;
            let size = vec2(frame.size[0] as f32, frame.size[1] as f32) / scale;
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), Rect::from_min_size(corner, size), all, Color32::WHITE);
        }
    }

    /// The label under the centre of each pixel of `area`.
    fn sample(&mut self, map: &LabelMap, frame: &Frame, area: Area) {
        let index = |axis: usize, at: usize, size: usize| {
            let place = frame.first[axis] + frame.step[axis] * at as f64;
            (place.round().max(0.0) as usize).min(size.saturating_sub(1))
        };
        // Axis 0 of the image runs across the screen, or down it.
        let (across, down) = if frame.sideways { (1, 0) } else { (0, 1) };
        let sizes = [map.columns, map.rows];
        let columns: Vec<usize> =
            (area.low[0]..area.high[0]).map(|x| index(across, x, sizes[across])).collect();
        let rows = self.labels.par_chunks_exact_mut(frame.size[0]).enumerate();
        rows.skip(area.low[1]).take(area.high[1] - area.low[1]).for_each(|(y, row)| {
            let other = index(down, y, sizes[down]);
            for (pixel, at) in row[area.low[0]..area.high[0]].iter_mut().zip(&columns) {
                let (column, row) = if frame.sideways { (other, *at) } else { (*at, other) };
                *pixel = map.labels[row * map.columns + column];
            }
        });
    }

    /// Fill and outline of `area`.
    fn develop(&self, frame: &Frame, area: Area, scale: f32) -> ColorImage {
        let [width, height] = frame.size;
        let Some(look) = &self.look else { return ColorImage::default() };
        let reach = OUTLINE.map(|(points, share)| ((points * scale).round().max(1.0) as usize, share));
        let seen = |label: u8| if look[usize::from(label)][1] == Color32::TRANSPARENT { 0 } else { label };
        let tone = |x: usize, y: usize| {
            let label = self.labels[y * width + x];
            let [fill, outline] = look[usize::from(label)];
            if label == 0 || outline == Color32::TRANSPARENT {
                return Color32::TRANSPARENT;
            }
            let differs = |far: usize| {
                let around = [
                    (x.checked_sub(far), Some(y)),
                    (Some(x + far).filter(|x| *x < width), Some(y)),
                    (Some(x), y.checked_sub(far)),
                    (Some(x), Some(y + far).filter(|y| *y < height)),
                ];
                // What lies beyond the screen may be of the same label.
                around.into_iter().any(|at| match at {
                    (Some(x), Some(y)) => seen(self.labels[y * width + x]) != label,
                    _ => false,
                })
            };
            match reach.iter().find(|(far, _)| differs(*far)) {
                Some((_, share)) => fill.lerp_to_gamma(outline, *share),
                None => fill,
            }
        };
        let size = [area.high[0] - area.low[0], area.high[1] - area.low[1]];
        let pixels = (0..size[0] * size[1])
            .into_par_iter()
            .with_min_len(4096)
            .map(|index| tone(area.low[0] + index % size[0], area.low[1] + index / size[0]))
            .collect();
        ColorImage::new(size, pixels)
    }
}

/// The box of the pixels that differ between two maps of one size.
fn difference(before: &[u8], now: &[u8], columns: usize) -> Option<Area> {
    let rows = before.par_chunks_exact(columns.max(1)).zip(now.par_chunks_exact(columns.max(1))).enumerate();
    let changed = rows.with_min_len(ROWS).filter(|(_, (before, now))| before != now);
    let area = changed.map(|(row, (before, now))| {
        let differs = |at: &usize| before[*at] != now[*at];
        let first = (0..columns).find(differs).unwrap_or(0);
        let end = (0..columns).rev().find(differs).map_or(columns, |last| last + 1);
        Area { low: [first, row], high: [end, row + 1] }
    });
    area.reduce_with(|a, b| Area {
        low: [a.low[0].min(b.low[0]), a.low[1].min(b.low[1])],
        high: [a.high[0].max(b.high[0]), a.high[1].max(b.high[1])],
    })
}

/// The pixels of the screen that show `changed` of the film, and those `margin` around, whose outline it changes.
fn on_screen(changed: Area, frame: &Frame, margin: f32) -> Area {
    let span = |axis: usize, size: usize| {
        let at = |column: f64| (column - frame.first[axis]) / frame.step[axis];
        let (a, b) = (at(changed.low[axis] as f64 - 0.5), at(changed.high[axis] as f64 - 0.5));
        let margin = f64::from(margin) + 1.0;
        let (low, high) = ((a.min(b) - margin).floor(), (a.max(b) + margin).ceil() + 1.0);
        (low.clamp(0.0, size as f64) as usize, high.clamp(0.0, size as f64) as usize)
    };
    let (across, down) = if frame.sideways { (1, 0) } else { (0, 1) };
    let (left, right) = span(across, frame.size[0]);
    let (top, bottom) = span(down, frame.size[1]);
    Area { low: [left, top], high: [right, bottom] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Structure;

    fn framed(sideways: bool, step: [f64; 2]) -> Frame {
        let first = [if step[0] < 0.0 { 39.0 } else { 0.0 }, if step[1] < 0.0 { 29.0 } else { 0.0 }];
        let size = if sideways { [60, 80] } else { [80, 60] };
        Frame { corner: [0, 0], size, first, step, sideways }
    }

    /// However the film is held, drawing what changed gives what drawing everything does.
    #[test]
    fn a_part_drawn_anew_is_as_in_the_whole() {
        let mut map = LabelMap::empty(30, 40, Structure::hip());
        for row in 5..20 {
            map.labels[row * 40 + 8..row * 40 + 30].fill(1);
        }
        for (sideways, step) in
            [(false, [0.5, 0.5]), (false, [-0.5, 0.5]), (true, [0.5, 0.5]), (true, [-0.5, -0.5])]
        {
            let frame = framed(sideways, step);
            let whole = Area { low: [0, 0], high: frame.size };
            let drawn = |map: &LabelMap| {
                let mut picture = MaskPicture {
                    labels: vec![0; frame.size[0] * frame.size[1]],
                    look: Some(Masks::default().look(&map.structures)),
                    ..MaskPicture::default()
                };
                picture.sample(map, &frame, whole);
                let image = picture.develop(&frame, whole, 1.0);
                (picture, image)
            };
            let (mut picture, mut image) = drawn(&map);
            let mut painted = map.clone();
            for row in 12..16 {
                painted.labels[row * 40 + 26..row * 40 + 34].fill(2);
            }
            let changed = difference(&map.labels, &painted.labels, 40).expect("a change");
            assert_eq!(changed, Area { low: [26, 12], high: [34, 16] });
            let area = on_screen(changed, &frame, 2.0);
            picture.sample(&painted, &frame, area);
            let part = picture.develop(&frame, area, 1.0);
            let width = area.high[0] - area.low[0];
            for (index, colour) in part.pixels.iter().enumerate() {
                let (x, y) = (area.low[0] + index % width, area.low[1] + index / width);
                image.pixels[y * frame.size[0] + x] = *colour;
            }
            assert!(part.pixels.len() < image.pixels.len() / 4, "a part, not the whole");
            assert_eq!(image.pixels, drawn(&painted).1.pixels, "{sideways} {step:?}");
        }
    }

    #[test]
    fn a_watch_counts_what_is_painted_and_taken_away() {
        let mut map = LabelMap::empty(4, 5, Structure::hip());
        let mut watch = Watch::default();
        assert_eq!(watch.follow(&map), Some(Area { low: [0, 0], high: [5, 4] }));
        assert_eq!(watch.follow(&map), None);
        map.labels[6..9].fill(3);
        map.labels[12] = 2;
        assert_eq!(watch.follow(&map), Some(Area { low: [1, 1], high: [4, 3] }));
        assert_eq!([watch.areas[0], watch.areas[2], watch.areas[3]], [16, 1, 3]);
        map.labels.fill(0);
        watch.follow(&map);
        assert_eq!([watch.areas[0], watch.areas[2], watch.areas[3]], [20, 0, 0]);
    }

    #[test]
    fn nothing_painted_is_nothing_drawn() {
        assert_eq!(difference(&[0, 1, 2, 3], &[0, 1, 2, 3], 2), None);
    }
}
