//! Outlines of the femur and the walls of the acetabulum as editable curves: open, in pixels, in the order of drawing.

use super::command::{Change, Command, CurveDeed};
use super::document::Study;
use super::mirror::Midline;
use super::refusal::Refused;
use crate::measure::{LandmarkId, Point};

/// Taubin's two passes (SIGGRAPH 1995): the first smooths and shrinks, the second grows back.
const PASSES: [f64; 2] = [0.5, -0.53];

/// The curve with a vertex at `at`, within the stretch that passes nearest to it, and its number. An end is lengthened
/// where `at` lies beyond it.
pub fn with_vertex(line: &[Point], at: Point) -> (Vec<Point>, usize) {
    let ends = |index: usize| -> (f64, usize) {
        let (a, b) = (line[index], line[index + 1]);
        let (along, to) = (b - a, at - a);
        let squared = along.dot(along);
        let share = if squared > 0.0 { along.dot(to) / squared } else { 0.0 };
        let distance = at.distance(a + along * share.clamp(0.0, 1.0));
        let place = match share {
            share if share < 0.0 && index == 0 => 0,
            share if share > 1.0 && index + 2 == line.len() => index + 2,
            _ => index + 1,
        };
        (distance, place)
    };
    let stretches = (0..line.len().saturating_sub(1)).map(ends);
    let place = stretches.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(line.len(), |(_, place)| place);
    let mut longer = line.to_vec();
    longer.insert(place, at);
    (longer, place)
}

/// The curve with vertex `index` at `to`; its neighbours come along, less with their distance along the curve, not at
/// all from `reach` pixels on. Unchanged without that vertex.
pub fn slid(line: &[Point], index: usize, to: Point, reach: f64) -> Vec<Point> {
    let Some(from) = line.get(index) else { return line.to_vec() };
    let by = to - *from;
    let mut along = vec![0.0; line.len()];
    for i in index + 1..line.len() {
        along[i] = along[i - 1] + line[i].distance(line[i - 1]);
    }
    for i in (0..index).rev() {
        along[i] = along[i + 1] + line[i].distance(line[i + 1]);
    }
    let weight = |i: usize| match along[i] {
        _ if i == index => 1.0,
        distance if distance < reach => 0.5 * (1.0 + (std::f64::consts::PI * distance / reach).cos()),
        _ => 0.0,
    };
    line.iter().enumerate().map(|(i, point)| *point + by * weight(i)).collect()
}

/// The curve without its roughness; its ends stay, and it does not shrink (G. Taubin, SIGGRAPH 1995).
pub fn smoothed(line: &[Point], rounds: usize) -> Vec<Point> {
    let mut line = line.to_vec();
    for pass in (0..rounds).flat_map(|_| PASSES) {
        let before = line.clone();
        for (point, around) in line.iter_mut().skip(1).zip(before.windows(3)) {
            let [a, here, b] = around else { continue };
            *point = *here + (a.midpoint(*b) - *here) * pass;
        }
    }
    line
}

impl Study {
    /// The curve of `id` as it stands.
    pub fn curve(&self, id: &LandmarkId) -> Option<&Vec<Point>> {
        self.annotations().landmarks.polylines.get(id)
    }

    /// Draws the whole curve of `id`, or removes it (`None`).
    ///
    /// # Errors
    /// Fewer than two vertices, or the study may not be changed.
    pub fn draw_curve(&mut self, id: &LandmarkId, line: Option<Vec<Point>>) -> Result<bool, Refused> {
        self.change_curve(id, CurveDeed::Draw, |_| Ok(line))
    }

    /// Adds a vertex at `at` to the stretch that passes nearest.
    ///
    /// # Errors
    /// There is no such curve, or the study may not be changed.
    pub fn insert_vertex(&mut self, id: &LandmarkId, at: Point) -> Result<bool, Refused> {
        self.change_curve(id, CurveDeed::Insert, |line| Ok(Some(with_vertex(&there(id, line)?, at).0)))
    }

    /// Takes vertex `index` away; a curve keeps two.
    ///
    /// # Errors
    /// There is no such vertex, or the study may not be changed.
    pub fn delete_vertex(&mut self, id: &LandmarkId, index: usize) -> Result<bool, Refused> {
        self.change_curve(id, CurveDeed::Delete, |line| {
            let mut line = there(id, line)?;
            if index >= line.len() {
                return Err(Refused::Nothing(format!("vertex {} of {id}", index + 1)));
            }
            line.remove(index);
            Ok(Some(line))
        })
    }

    /// Moves vertex `index` as one step; see [`slid`]. For a drag, [`Study::begin_slide`].
    ///
    /// # Errors
    /// There is no such curve, or the study may not be changed.
    pub fn slide_vertex(
        &mut self,
        id: &LandmarkId,
        index: usize,
        to: Point,
        reach: f64,
    ) -> Result<bool, Refused> {
        self.change_curve(id, CurveDeed::Slide, |line| Ok(Some(slid(&there(id, line)?, index, to, reach))))
    }

    /// See [`smoothed`].
    ///
    /// # Errors
    /// There is no such curve, or the study may not be changed.
    pub fn smooth_curve(&mut self, id: &LandmarkId, rounds: usize) -> Result<bool, Refused> {
        self.change_curve(id, CurveDeed::Smooth, |line| Ok(Some(smoothed(&there(id, line)?, rounds))))
    }

    /// Takes the curve back to what the network drew (nothing, where it drew none).
    ///
    /// # Errors
    /// The study may not be changed.
    pub fn reset_curve(&mut self, id: &LandmarkId) -> Result<bool, Refused> {
        let to = self.annotations().predicted_curve(id).cloned();
        self.change_curve(id, CurveDeed::Reset, |_| Ok(to))
    }

    /// Puts the curve of `id` where the mirror image of the other side's lies, about the midline of the pelvis.
    ///
    /// # Errors
    /// The other side has no such curve, no midline is known, or the study may not be changed.
    pub fn mirror_curve(&mut self, id: &LandmarkId) -> Result<bool, Refused> {
        let (landmarks, spacing) = (&self.annotations().landmarks, self.spacing());
        let other = id.side.map(|side| LandmarkId::new(id.code.clone(), side.opposite()));
        let line = other.as_ref().and_then(|other| landmarks.polylines.get(other));
        let line = line.ok_or_else(|| Refused::Nothing(format!("other side of {id}")))?;
        let midline = Midline::of(landmarks, &spacing, &id.code).ok_or(Refused::NoMidline)?;
        let reflect = |point: &Point| spacing.to_pixel(midline.reflect(spacing.to_metric(*point)));
        let line = line.iter().map(reflect).collect();
        self.change_curve(id, CurveDeed::Mirror, |_| Ok(Some(line)))
    }

    /// Radius in columns of the circle about `id`; `None` takes it away.
    ///
    /// # Errors
    /// A radius that is none, or the study may not be changed.
    pub fn set_radius(&mut self, id: &LandmarkId, radius: Option<f64>) -> Result<bool, Refused> {
        if radius.is_some_and(|radius| radius <= 0.0) {
            return Err(Refused::Shape("a circle has a radius above 0"));
        }
        self.perform(|annotations| Command::Radius {
            id: id.clone(),
            change: Change::new(annotations.landmarks.radii_px.get(id).copied(), radius),
        })
    }

    fn change_curve(
        &mut self,
        id: &LandmarkId,
        deed: CurveDeed,
        change: impl FnOnce(Option<&Vec<Point>>) -> Result<Option<Vec<Point>>, Refused>,
    ) -> Result<bool, Refused> {
        self.may_change()?;
        let before = self.settled_curve(id);
        let line = change(before.as_ref())?.map(|line| self.on_film(line));
        if line.as_ref().is_some_and(|line| line.len() < 2) {
            return Err(Refused::Shape("a curve has at least two vertices"));
        }
        self.perform(|_| Command::Curve { id: id.clone(), deed, change: Change::new(before, line) })
    }

    /// Every vertex kept within the film.
    pub(super) fn on_film(&self, line: Vec<Point>) -> Vec<Point> {
        line.into_iter().map(|point| self.inside(point)).collect()
    }
}

fn there(id: &LandmarkId, line: Option<&Vec<Point>>) -> Result<Vec<Point>, Refused> {
    line.cloned().ok_or_else(|| Refused::Nothing(format!("curve {id}")))
}
