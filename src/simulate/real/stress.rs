//! Poor copies of a film: turned, of another size, blurred, badly exposed, noisy, JPEG, digitised the wrong way round.

use super::flow::sample;
use super::known_film::KnownFilm;
use crate::imaging::Radiograph;
use crate::imaging::ShapeError;
use crate::measure::{Landmark, LandmarkCode, LandmarkSet, Origin, Point, Side};
use crate::simulate::infant::{blur, through_jpeg};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde_json::json;

/// Points stay this share of the film away from its edge.
const EDGE: f64 = 0.015;

/// What befalls a film.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stress {
    /// Clockwise on screen, about the centre of the film.
    pub rotation_deg: f64,
    /// About the centre; what comes from beyond the film is black, as beyond a shutter.
    pub scale: f64,
    /// SD in hundredths of the TRC–TRC distance.
    pub blur: f64,
    /// Exponent of the grey between darkest and brightest.
    pub gamma: f64,
    /// SD of white noise as a share of the greys' range.
    pub noise: f64,
    pub jpeg: Option<u8>,
    /// Greys turned round, and nothing in the file says so.
    pub inverted: bool,
    /// Depth of what is written.
    pub bits: u16,
}

impl Stress {
    /// Everything at once, each within the range that networks of this field are asked to bear.
    pub fn draw(random: &mut ChaCha8Rng) -> Self {
        let mut range = |low: f64, high: f64| low + (high - low) * random.random::<f64>();
        Self {
            rotation_deg: range(-15.0, 15.0),
            scale: range(0.75, 1.25),
            blur: range(0.0, 1.2),
            gamma: range(0.6f64.ln(), 1.7f64.ln()).exp(),
            noise: 0.04 * range(0.0, 1.0).powi(2),
            jpeg: (range(0.0, 1.0) < 0.5).then(|| range(30.0, 95.0) as u8),
            inverted: range(0.0, 1.0) < 0.25,
            bits: if range(0.0, 1.0) < 0.5 { 8 } else { 12 },
        }
    }

    /// The poor copy of `film` named `name`; `seed` is of the noise. A copy that would lose a point over the edge is
    /// enlarged less. Its pixels keep their size in millimetres only as far as the scale tells.
    ///
    /// # Errors
    /// A film without pixels.
    pub fn apply(
        &self,
        film: &KnownFilm,
        name: String,
        random: &mut ChaCha8Rng,
    ) -> Result<KnownFilm, ShapeError> {
        let (rows, columns) = (film.radiograph.rows, film.radiograph.columns);
        let scale = self.fitting(film);
        let map = Similarity::new(rows, columns, self.rotation_deg, scale);
        // Bone bright, as it is on the film.
        let grey = film.radiograph.grey();
        let (low, high) = grey.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        let range = (high - low).max(1e-6);
        let mut values: Vec<f32> = (0..rows * columns)
            .map(|i| {
                let from = map.backward(Point::new((i % columns) as f64, (i / columns) as f64));
                let inside = (-0.5..=columns as f64 - 0.5).contains(&from.x)
                    && (-0.5..=rows as f64 - 0.5).contains(&from.y);
                if inside { (sample(&grey, rows, columns, from) - low) / range } else { 0.0 }
            })
            .collect();
        let unit = [Side::Right, Side::Left].map(|side| film.landmarks.position(LandmarkCode::TRC, side));
        let unit = match unit {
            [Some(right), Some(left)] => right.distance(left) * scale,
            _ => 0.42 * rows.max(columns) as f64,
        };
        blur(&mut values, columns, rows, self.blur * unit / 100.0);
        for value in &mut values {
            let noise: f32 = StandardNormal.sample(random);
            *value =
                (value.clamp(0.0, 1.0).powf(self.gamma as f32) + self.noise as f32 * noise).clamp(0.0, 1.0);
        }
        if self.inverted {
            values.iter_mut().for_each(|value| *value = 1.0 - *value);
        }
        if let Some(quality) = self.jpeg {
            through_jpeg(&mut values, columns, rows, quality);
        }
        let mut radiograph = Radiograph::from_grey(rows, columns, &values, self.bits)?;
        radiograph.patient_right_on_left = film.radiograph.patient_right_on_left;
        radiograph.identity.modality = "DX".to_owned();
        let made = json!({
            "of": film.name, "from": film.made,
            "rotation_deg": self.rotation_deg, "scale": scale, "blur": self.blur, "gamma": self.gamma,
            "noise": self.noise, "jpeg": self.jpeg, "inverted": self.inverted, "bits": self.bits,
        });
        Ok(KnownFilm { name, radiograph, landmarks: moved(&film.landmarks, &map), made })
    }

    /// The scale, or the largest at which every point stays on the film.
    fn fitting(&self, film: &KnownFilm) -> f64 {
        let (rows, columns) = (film.radiograph.rows, film.radiograph.columns);
        let margin = EDGE * rows.max(columns) as f64;
        let fits = |scale: f64| {
            let map = Similarity::new(rows, columns, self.rotation_deg, scale);
            film.landmarks.iter().filter_map(|(_, l)| l.position()).map(|p| map.forward(p)).all(|p| {
                (margin..=columns as f64 - 1.0 - margin).contains(&p.x)
                    && (margin..=rows as f64 - 1.0 - margin).contains(&p.y)
            })
        };
        let mut scale = self.scale;
        while scale > 0.5 && !fits(scale) {
            scale *= 0.98;
        }
        scale
    }
}

/// A turn and an enlargement about the centre of a film.
struct Similarity {
    centre: Point,
    cos: f64,
    sin: f64,
    scale: f64,
}

impl Similarity {
    fn new(rows: usize, columns: usize, rotation_deg: f64, scale: f64) -> Self {
        let (sin, cos) = rotation_deg.to_radians().sin_cos();
        let centre = Point::new(0.5 * (columns as f64 - 1.0), 0.5 * (rows as f64 - 1.0));
        Self { centre, cos, sin, scale }
    }

    fn forward(&self, p: Point) -> Point {
        let v = (p - self.centre) * self.scale;
        Point::new(
            self.centre.x + self.cos * v.x - self.sin * v.y,
            self.centre.y + self.sin * v.x + self.cos * v.y,
        )
    }

    fn backward(&self, p: Point) -> Point {
        let v = (p - self.centre) * (1.0 / self.scale);
        Point::new(
            self.centre.x + self.cos * v.x + self.sin * v.y,
            self.centre.y - self.sin * v.x + self.cos * v.y,
        )
    }
}

fn moved(landmarks: &LandmarkSet, map: &Similarity) -> LandmarkSet {
    let mut set = landmarks.clone();
    set.radii_px.values_mut().for_each(|radius| *radius *= map.scale);
    for landmark in set.points.values_mut() {
        if let Some(position) = landmark.position() {
            *landmark = Landmark::defined(map.forward(position), landmark.sd_px(), Origin::Person);
        }
    }
    set
}
