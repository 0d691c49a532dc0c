//! Landmarks of the hip film: what they are called, where they are, how sure, and who put them there.

use super::covariance::Covariance;
use super::pairs;
use super::point::Point;
use super::scheme;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Side of the **patient**, not of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    #[serde(rename = "R")]
    Right,
    #[serde(rename = "L")]
    Left,
}

impl Side {
    pub const BOTH: [Side; 2] = [Side::Right, Side::Left];

    pub fn letter(self) -> &'static str {
        match self {
            Side::Right => "R",
            Side::Left => "L",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Side::Right => "right",
            Side::Left => "left",
        }
    }

    pub fn opposite(self) -> Side {
        match self {
            Side::Right => Side::Left,
            Side::Left => Side::Right,
        }
    }
}

/// Name of a landmark in the dictionary (`TRC`, `SMA`, `HP`, …); schemes may add names without code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LandmarkCode(Cow<'static, str>);

impl LandmarkCode {
    /// Tri-radiate cartilage.
    pub const TRC: LandmarkCode = LandmarkCode(Cow::Borrowed("TRC"));
    /// Superolateral bony acetabular margin.
    pub const SMA: LandmarkCode = LandmarkCode(Cow::Borrowed("SMA"));
    /// H-point: midpoint of the superior metaphyseal margin.
    pub const HP: LandmarkCode = LandmarkCode(Cow::Borrowed("HP"));
    /// Femoral head: centre of the ossific nucleus.
    pub const FH: LandmarkCode = LandmarkCode(Cow::Borrowed("FH"));

    /// A name of the program itself.
    pub const fn of(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The dictionary's words for it; the bare code where it is not of the dictionary.
    pub fn description(&self) -> &str {
        match self.as_str() {
            "TRC" => "tri-radiate cartilage",
            "SMA" => "superolateral acetabular margin",
            "HP" => "H-point (mid superior metaphysis)",
            "FH" => "femoral head (ossific nucleus)",
            other => scheme::description(other).unwrap_or(other),
        }
    }
}

/// The dictionary beyond the infant hip; the schemes say what each is.
macro_rules! codes {
    ($($code:ident)*) => {
        impl LandmarkCode {
            $(pub const $code: LandmarkCode = LandmarkCode::of(stringify!($code));)*
        }
    };
}

codes! {
    FHC NA LAE LCP TD ISC LT GT SCJ MM LSE MSE AD NS NC SP SD PSS S1M SYM ISH ISL ISP PBR
    OFM OFL OFS OFI AW PW SPA SNA HEAD HNC NCL
}

impl fmt::Display for LandmarkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A landmark of one side (or of the midline, `side` = `None`). Ordered by code, then side, right first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LandmarkId {
    pub code: LandmarkCode,
    pub side: Option<Side>,
}

impl LandmarkId {
    pub fn new(code: LandmarkCode, side: Side) -> Self {
        Self { code, side: Some(side) }
    }

    pub fn midline(code: LandmarkCode) -> Self {
        Self { code, side: None }
    }

    /// The eight infant landmarks in anatomical order: per side TRC, SMA, HP, FH; right first.
    pub fn infant() -> [LandmarkId; 8] {
        use LandmarkCode as C;
        let of = |side| [C::TRC, C::SMA, C::HP, C::FH].map(|code| LandmarkId::new(code, side));
        let [a, b, c, d] = of(Side::Right);
        let [e, f, g, h] = of(Side::Left);
        [a, b, c, d, e, f, g, h]
    }
}

/// `TRC-R`, `SCJ`.
impl fmt::Display for LandmarkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.side {
            Some(side) => write!(f, "{}-{}", self.code, side.letter()),
            None => write!(f, "{}", self.code),
        }
    }
}

/// Who put the point where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Model,
    Person,
    File,
}

/// Whether the landmark has a position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandmarkState {
    /// `position` in pixel coordinates; `covariance` of its error, where known.
    Defined { position: Point, covariance: Option<Covariance> },
    /// Looked for and not there, or not sure enough; `reason` in words ("no ossific nucleus").
    Missing { reason: String },
}

/// One landmark of a film.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Landmark {
    pub state: LandmarkState,
    pub origin: Origin,
}

impl Landmark {
    /// With the same standard deviation in every direction, pixels; one that is no number is not known.
    pub fn defined(position: Point, sd_px: Option<f64>, origin: Origin) -> Self {
        Self::with_covariance(position, sd_px.and_then(Covariance::isotropic), origin)
    }

    pub fn with_covariance(position: Point, covariance: Option<Covariance>, origin: Origin) -> Self {
        Self { state: LandmarkState::Defined { position, covariance }, origin }
    }

    pub fn missing(reason: impl Into<String>, origin: Origin) -> Self {
        Self { state: LandmarkState::Missing { reason: reason.into() }, origin }
    }

    pub fn position(&self) -> Option<Point> {
        match self.state {
            LandmarkState::Defined { position, .. } => Some(position),
            LandmarkState::Missing { .. } => None,
        }
    }

    pub fn covariance(&self) -> Option<Covariance> {
        match self.state {
            LandmarkState::Defined { covariance, .. } => covariance,
            LandmarkState::Missing { .. } => None,
        }
    }

    /// Standard deviation of one axis in pixels, the mean over all directions ([`Covariance::sd`]).
    pub fn sd_px(&self) -> Option<f64> {
        self.covariance().map(Covariance::sd)
    }
}

/// All landmarks of one film, and the radii of the circles that some of them are centres of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LandmarkSet {
    #[serde(with = "pairs")]
    pub points: BTreeMap<LandmarkId, Landmark>,
    /// Radius in pixels (of a column) of the circle centred at that landmark.
    #[serde(with = "pairs")]
    pub radii_px: BTreeMap<LandmarkId, f64>,
    /// Curves of the film, such as the acetabular walls; pixel coordinates, open, in the order of drawing.
    #[serde(with = "pairs")]
    pub polylines: BTreeMap<LandmarkId, Vec<Point>>,
}

impl LandmarkSet {
    pub fn insert(&mut self, id: LandmarkId, landmark: Landmark) {
        self.points.insert(id, landmark);
    }

    pub fn get(&self, id: &LandmarkId) -> Option<&Landmark> {
        self.points.get(id)
    }

    /// Pixel position of `code` on `side`, if it is defined.
    pub fn position(&self, code: LandmarkCode, side: Side) -> Option<Point> {
        self.get(&LandmarkId::new(code, side))?.position()
    }

    pub fn radius_px(&self, code: LandmarkCode, side: Side) -> Option<f64> {
        self.radii_px.get(&LandmarkId::new(code, side)).copied()
    }

    /// Whether anything of it may have a deviation: stated, or a person's.
    pub fn states_errors(&self) -> bool {
        let stated = |l: &Landmark| l.covariance().is_some() || l.origin == Origin::Person;
        !self.polylines.is_empty() || self.points.values().any(stated)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&LandmarkId, &Landmark)> {
        self.points.iter()
    }
}

/// Which network placed the points: enough to find the very weights again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelIdentity {
    pub id: String,
    pub version: String,
    /// SHA-256 of the weights file, hex.
    pub sha256: String,
}
