//! What a report is opened again from: everything that the content tree rounds or does not say, as TOML in a private
//! element beside it. Numbers come back as they were, to the last bit.
//!
//! The content tree stays what counts: a state that contradicts it is not believed (see [`super::reopen`]).

use super::super::handover::Comment;
use crate::imaging::Sphere;
use crate::measure::protocol::CamSet;
use crate::measure::{
    Covariance, Landmark, LandmarkId, LandmarkSet, LandmarkState, ModelIdentity, Origin, Panel, Point,
    ReferenceLine, Spacing, Subject,
};
use crate::measure::{Sex, View};
use crate::study::{Annotations, Calibration, Prediction, Settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name and version of the format.
const SCHEMA: &str = "coxa/sr-state/1";

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    schema: String,
    pub film: Film,
    #[serde(default)]
    pub warnings: Vec<String>,
    settings: SettingsToml,
    landmarks: Set,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prediction: Option<PredictionToml>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
}

/// What of the film the numbers depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Film {
    pub rows: usize,
    pub columns: usize,
    pub frame: u32,
    pub spacing: Spacing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_right_on_left: Option<bool>,
    #[serde(default)]
    pub view_position: String,
    /// Of the panel of measurements.
    pub panel: String,
}

type Pair = [f64; 2];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsToml {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    age_months: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sex: Option<Sex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    view: Option<View>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<ReferenceLine>,
    cam_set: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calibrations: Vec<CalibrationToml>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum CalibrationToml {
    Line { a: Pair, b: Pair, length_mm: f64 },
    Sphere { center: Pair, radius: f64, residual: f64, edge: Vec<Pair>, diameter_mm: f64 },
    Magnification { factor: f64 },
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    #[serde(default)]
    points: BTreeMap<String, PointToml>,
    #[serde(default)]
    radii_px: BTreeMap<String, f64>,
    #[serde(default)]
    polylines: BTreeMap<String, Vec<Pair>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PointToml {
    origin: Origin,
    /// `None` for a landmark that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Pair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    covariance: Option<[f64; 3]>,
    /// Why it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PredictionToml {
    model: ModelIdentity,
    #[serde(default)]
    warnings: Vec<String>,
    landmarks: Set,
}

/// A landmark's id as files print it.
pub(crate) mod id {
    use crate::measure::LandmarkId;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &Option<LandmarkId>, out: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => out.collect_str(id),
            None => out.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<LandmarkId>, D::Error> {
        Option::<String>::deserialize(from)?
            .map(|text| text.parse().map_err(serde::de::Error::custom))
            .transpose()
    }
}

impl State {
    pub fn new(film: Film, annotations: &Annotations, warnings: &[String], comments: &[Comment]) -> State {
        State {
            schema: SCHEMA.to_owned(),
            film,
            warnings: warnings.to_vec(),
            settings: settings(&annotations.settings),
            landmarks: set(&annotations.landmarks),
            prediction: annotations.prediction.as_ref().map(|prediction| PredictionToml {
                model: prediction.model.clone(),
                warnings: prediction.warnings.clone(),
                landmarks: set(&prediction.landmarks),
            }),
            comments: comments.to_vec(),
        }
    }

    pub fn to_toml(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|e| e.to_string())
    }

    /// # Errors
    /// In words, where the text is no state of this version.
    pub fn from_toml(text: &str) -> Result<State, String> {
        let state: State = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        if state.schema != SCHEMA {
            return Err(format!("its state is {:?}, not {SCHEMA}", state.schema));
        }
        Ok(state)
    }

    pub fn annotations(&self) -> Result<Annotations, String> {
        let prediction = self.prediction.as_ref().map(|p| {
            let landmarks = p.landmarks.read()?;
            Ok::<_, String>(Prediction { landmarks, model: p.model.clone(), warnings: p.warnings.clone() })
        });
        Ok(Annotations {
            landmarks: self.landmarks.read()?,
            prediction: prediction.transpose()?,
            settings: self.settings.read()?,
            ..Annotations::default()
        })
    }

    /// # Errors
    /// Where the panel has a name that we do not know.
    pub fn panel(&self) -> Result<Panel, String> {
        let known = PANELS.iter().find(|(_, name)| *name == self.film.panel);
        known.map(|(panel, _)| *panel).ok_or_else(|| format!("panel {:?} is not known", self.film.panel))
    }
}

const PANELS: [(Panel, &str); 4] =
    [(Panel::Auto, "auto"), (Panel::Paediatric, "paediatric"), (Panel::Adult, "adult"), (Panel::All, "all")];

pub(super) fn panel_name(panel: Panel) -> String {
    PANELS.iter().find(|(known, _)| *known == panel).map_or("auto", |(_, name)| name).to_owned()
}

fn pair(p: &Point) -> Pair {
    [p.x, p.y]
}

fn point([x, y]: Pair) -> Point {
    Point::new(x, y)
}

fn settings(settings: &Settings) -> SettingsToml {
    let Subject { age_months, sex, view } = settings.subject;
    SettingsToml {
        age_months,
        sex,
        view,
        reference: settings.reference,
        cam_set: settings.cam_set.name().to_owned(),
        calibrations: settings
            .calibrations
            .iter()
            .map(|calibration| match calibration {
                Calibration::Line { a, b, length_mm } => {
                    CalibrationToml::Line { a: pair(a), b: pair(b), length_mm: *length_mm }
                }
                Calibration::Sphere { sphere, diameter_mm } => CalibrationToml::Sphere {
                    center: pair(&sphere.center),
                    radius: sphere.radius,
                    residual: sphere.residual,
                    edge: sphere.edge.iter().map(pair).collect(),
                    diameter_mm: *diameter_mm,
                },
                Calibration::Magnification { factor } => CalibrationToml::Magnification { factor: *factor },
            })
            .collect(),
    }
}

impl SettingsToml {
    fn read(&self) -> Result<Settings, String> {
        let cam_set = CamSet::from_name(&self.cam_set);
        Ok(Settings {
            calibrations: self.calibrations.iter().map(CalibrationToml::read).collect(),
            subject: Subject { age_months: self.age_months, sex: self.sex, view: self.view },
            reference: self.reference,
            cam_set: cam_set.ok_or_else(|| format!("threshold set {:?} is not known", self.cam_set))?,
        })
    }
}

impl CalibrationToml {
    fn read(&self) -> Calibration {
        match self {
            CalibrationToml::Line { a, b, length_mm } => {
                Calibration::Line { a: point(*a), b: point(*b), length_mm: *length_mm }
            }
            CalibrationToml::Sphere { center, radius, residual, edge, diameter_mm } => Calibration::Sphere {
                sphere: Sphere {
                    center: point(*center),
                    radius: *radius,
                    residual: *residual,
                    edge: edge.iter().copied().map(point).collect(),
                },
                diameter_mm: *diameter_mm,
            },
            CalibrationToml::Magnification { factor } => Calibration::Magnification { factor: *factor },
        }
    }
}

fn set(landmarks: &LandmarkSet) -> Set {
    let points = landmarks.iter().map(|(id, landmark)| {
        let reason = match &landmark.state {
            LandmarkState::Missing { reason } => Some(reason.clone()),
            LandmarkState::Defined { .. } => None,
        };
        let written = PointToml {
            origin: landmark.origin,
            at: landmark.position().map(|p| pair(&p)),
            covariance: landmark.covariance().map(Covariance::entries),
            reason,
        };
        (id.to_string(), written)
    });
    Set {
        points: points.collect(),
        radii_px: landmarks.radii_px.iter().map(|(id, radius)| (id.to_string(), *radius)).collect(),
        polylines: landmarks
            .polylines
            .iter()
            .map(|(id, line)| (id.to_string(), line.iter().map(pair).collect()))
            .collect(),
    }
}

impl Set {
    fn read(&self) -> Result<LandmarkSet, String> {
        let id = |name: &str| name.parse::<LandmarkId>();
        let mut landmarks = LandmarkSet::default();
        for (name, written) in &self.points {
            landmarks.insert(id(name)?, written.read(name)?);
        }
        for (name, radius) in &self.radii_px {
            landmarks.radii_px.insert(id(name)?, *radius);
        }
        for (name, line) in &self.polylines {
            landmarks.polylines.insert(id(name)?, line.iter().copied().map(point).collect());
        }
        Ok(landmarks)
    }
}

impl PointToml {
    fn read(&self, name: &str) -> Result<Landmark, String> {
        let Some(at) = self.at else {
            return Ok(Landmark::missing(self.reason.clone().unwrap_or_default(), self.origin));
        };
        let covariance = self.covariance.map(|[xx, xy, yy]| {
            Covariance::new(xx, xy, yy).ok_or_else(|| format!("the covariance of {name} is none"))
        });
        Ok(Landmark::with_covariance(point(at), covariance.transpose()?, self.origin))
    }
}
