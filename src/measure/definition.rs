//! What a measurement or grade *is*, as data: one [`Definition`] or [`Rule`] per file of this module's folders, which
//! the assessment, the uncertainty and `coxa explain` all read. Change the version in the id with the formula.

use super::anatomy::{Hip, Pelvis};
use super::construction::Pen;
use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::measurement::Status;
use super::refusal::Refusal;

/// What kind of number it is; the unit of a length depends on the spacing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Angle,
    Length,
    Percent,
    Ratio,
}

/// Chapter of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Paediatric,
    Acetabulum,
    Femur,
    Pelvis,
    Perthes,
    Quality,
}

impl Group {
    pub fn name(self) -> &'static str {
        match self {
            Group::Paediatric => "paediatric hip",
            Group::Acetabulum => "adult acetabulum",
            Group::Femur => "femur",
            Group::Pelvis => "pelvis",
            Group::Perthes => "Perthes disease",
            Group::Quality => "positioning",
        }
    }
}

/// Which line gives the directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// It lies between landmarks only.
    None,
    /// Hilgenreiner by definition, whatever is asked for.
    Hilgenreiner,
    /// Hilgenreiner unless another is asked for.
    Paediatric,
    /// Teardrops, ischia, head centres, image: the first that is there, unless one is asked for.
    Adult,
    /// The image's own horizontal: it says how the pelvis lies in the image.
    Image,
}

/// Something of the film that a formula reads, as seen from the hip that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A point of that side.
    Side(LandmarkCode),
    /// The same point of both sides.
    Both(LandmarkCode),
    Midline(LandmarkCode),
    /// The radius of the circle about that point of the side.
    Circle(LandmarkCode),
    /// A polyline of that side.
    Line(LandmarkCode),
    /// The same polyline of both sides.
    Lines(LandmarkCode),
}

impl Need {
    pub fn code(&self) -> &LandmarkCode {
        match self {
            Need::Side(code)
            | Need::Both(code)
            | Need::Midline(code)
            | Need::Circle(code)
            | Need::Line(code)
            | Need::Lines(code) => code,
        }
    }

    /// Whose landmarks, seen from `side` (`None`: a measurement of the whole pelvis, whose points are all named).
    pub fn ids(&self, side: Option<Side>) -> Vec<LandmarkId> {
        let of = |side| LandmarkId::new(self.code().clone(), side);
        match (self, side) {
            (Need::Midline(code), _) => vec![LandmarkId::midline(code.clone())],
            (Need::Both(_) | Need::Lines(_), _) | (_, None) => Side::BOTH.map(of).to_vec(),
            (_, Some(side)) => vec![of(side)],
        }
    }
}

/// How a value is made; metric units and patient directions.
#[derive(Debug, Clone, Copy)]
pub enum Formula {
    /// One for each hip.
    Hip(fn(&Hip) -> Result<f64, Refusal>),
    /// One for the film.
    Pelvis(fn(&Pelvis) -> Result<f64, Refusal>),
}

/// What shows how a value is made ([`super::construction::figure`]).
#[derive(Debug, Clone, Copy)]
pub enum Draw {
    Nothing,
    /// It stands over every film that has its points ([`super::construction::construct`]).
    WithTheFilm,
    Hip(fn(&Hip, &mut Pen) -> Result<(), Refusal>),
    Pelvis(fn(&Pelvis, &mut Pen) -> Result<(), Refusal>),
}

/// When a film is offered the measurement without asking for it.
#[derive(Debug, Clone, Copy)]
pub enum Offer {
    /// Where the film has an infant's landmarks, or none that anything else needs.
    Infant,
    /// Where the film has all of these, on either side, defined or marked as missing.
    With(&'static [LandmarkCode]),
    OnRequest,
}

/// How much of a turned or tilted pelvis the value bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bears {
    /// Pelvic rotation and tilt are of no account.
    Anything,
    /// What a usual film has.
    Usual,
    /// A few degrees only.
    Little,
}

/// A doubt that leaves the value standing.
pub type Doubt = (Status, String);

/// A measured quantity.
#[derive(Debug)]
pub struct Definition {
    pub code: &'static str,
    /// Code and version of the formula.
    pub id: &'static str,
    pub name: &'static str,
    pub group: Group,
    pub quantity: Quantity,
    pub reference: Reference,
    /// What the formula reads beside the reference line.
    pub needs: &'static [Need],
    pub offer: Offer,
    /// Values outside are kept and flagged.
    pub plausible: Option<(f64, f64)>,
    pub bears: Bears,
    pub measure: Formula,
    pub draw: Draw,
    /// Whether errors of the points can only raise it, as those of an outline its roundness: draws would give an interval
    /// that lies above the value.
    pub raised_by_noise: bool,
    /// A doubt about a value of one hip.
    pub doubt: Option<fn(&Hip) -> Option<Doubt>>,
    /// The formula in the notation of the specification.
    pub formula: &'static str,
    /// What the sign means.
    pub sign: &'static str,
    /// How the literature reads the number.
    pub reading: &'static str,
    pub source: &'static str,
    /// Codes that measure the same thing otherwise.
    pub related: &'static [&'static str],
}

impl Definition {
    /// For `..Definition::BASE`: what most of them do not need to say.
    pub const BASE: Definition = Definition {
        code: "",
        id: "",
        name: "",
        group: Group::Paediatric,
        quantity: Quantity::Angle,
        reference: Reference::None,
        needs: &[],
        offer: Offer::OnRequest,
        plausible: None,
        bears: Bears::Anything,
        measure: Formula::Hip(|_| Err(Refusal::NotAvailable("it has no formula"))),
        draw: Draw::Nothing,
        raised_by_noise: false,
        doubt: None,
        formula: "",
        sign: "",
        reading: "",
        source: "",
        related: &[],
    };

    /// The value of one hip; a measurement of the whole pelvis is the same for both.
    pub fn of_hip(&self, hip: &Hip) -> Result<f64, Refusal> {
        match self.measure {
            Formula::Hip(formula) => formula(hip),
            Formula::Pelvis(formula) => formula(&hip.pelvis()),
        }
        .and_then(|value| if value.is_finite() { Ok(value) } else { Err(Refusal::NotFinite) })
    }

    /// The sides it is given for: one, or (`None`) the whole pelvis.
    pub fn sides(&self) -> &'static [Option<Side>] {
        match self.measure {
            Formula::Hip(_) => &[Some(Side::Right), Some(Side::Left)],
            Formula::Pelvis(_) => &[None],
        }
    }
}

/// A grade of one hip, made from its landmarks against the Hilgenreiner line.
#[derive(Debug)]
pub struct Rule {
    pub code: &'static str,
    /// Code and version of the rule.
    pub id: &'static str,
    pub name: &'static str,
    /// Mildest first.
    pub grades: &'static [&'static str],
    /// Landmarks of the side, beside the TRC of both.
    pub landmarks: &'static [LandmarkCode],
    /// Only where it is asked for.
    pub on_request: bool,
    pub draw: Draw,
    pub grade: fn(&Hip) -> Result<Graded, Refusal>,
    /// The nearest other grade (an index into `grades`) and how far the point is from it, in metric units.
    pub nearest: fn(&Hip) -> Result<(usize, f64), Refusal>,
    /// What else to say when it is refused.
    pub on_refusal: fn(&Refusal, Option<&Hip>, &LandmarkSet) -> String,
    pub formula: &'static str,
    pub reading: &'static str,
    pub source: &'static str,
}

/// Outcome of a [`Rule`].
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// Index into [`Rule::grades`].
    pub grade: usize,
    /// A doubt that leaves the grade standing.
    pub doubt: Option<(Status, &'static str)>,
}
