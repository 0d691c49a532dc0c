//! Which measurements a film is offered: those whose landmarks it has, so that nobody reads a table of what is missing.

use super::catalogue;
use super::definition::{Definition, Group, Need, Offer, Rule};
use super::landmark::{LandmarkCode, LandmarkId, LandmarkSet, Side};
use super::protocol::{Panel, Protocol};

const INFANT: [LandmarkCode; 4] = [LandmarkCode::TRC, LandmarkCode::SMA, LandmarkCode::HP, LandmarkCode::FH];

/// What one film is measured for.
pub struct Offered {
    pub definitions: Vec<&'static Definition>,
    pub rules: Vec<&'static Rule>,
}

/// By the panel of `protocol` and, without one, by what `landmarks` names, defined or missing.
pub fn of(landmarks: &LandmarkSet, protocol: &Protocol) -> Offered {
    let names = names(landmarks, protocol);
    let has = |code: &LandmarkCode| names.has(code);
    let with = |definition: &&Definition| match definition.offer {
        Offer::With(codes) => codes.iter().all(has) && has_circles(definition, landmarks, &names),
        _ => false,
    };
    let infant = protocol.panel == Panel::Auto
        && (INFANT.iter().any(has) || !catalogue::definitions().any(|definition| with(&definition)));
    let offered = |definition: &&Definition| match protocol.panel {
        Panel::All => true,
        Panel::Paediatric => {
            matches!(definition.group, Group::Paediatric | Group::Perthes | Group::Quality)
        }
        Panel::Adult => !matches!(definition.group, Group::Paediatric | Group::Perthes),
        Panel::Auto => match definition.offer {
            Offer::Infant => infant && has_circles(definition, landmarks, &names),
            Offer::With(_) => with(definition),
            Offer::OnRequest => false,
        },
    };
    let graded = |rule: &&Rule| match protocol.panel {
        Panel::All | Panel::Paediatric => true,
        Panel::Adult => false,
        Panel::Auto => infant && !rule.on_request,
    };
    Offered {
        definitions: catalogue::definitions().filter(offered).collect(),
        rules: catalogue::rules().filter(graded).collect(),
    }
}

/// Codes of the film's points and curves, and of the curves that its numbered points make.
struct Names<'a> {
    /// Ascending.
    points: Vec<&'a LandmarkCode>,
    curves: Vec<&'a LandmarkCode>,
}

impl Names<'_> {
    fn has(&self, code: &LandmarkCode) -> bool {
        self.points.binary_search(&code).is_ok() || self.curves.contains(&code)
    }
}

fn names<'a>(landmarks: &'a LandmarkSet, protocol: &'a Protocol) -> Names<'a> {
    // In the order of landmarks, which is that of their codes.
    let mut points: Vec<&LandmarkCode> = landmarks.points.keys().map(|id| &id.code).collect();
    points.dedup();
    let drawn = landmarks.polylines.keys().map(|id| &id.code);
    let mut names = Names { points, curves: drawn.collect() };
    for segment in protocol.segments.iter() {
        if segment.points.iter().all(|code| names.has(code)) {
            names.curves.push(&segment.code);
        }
    }
    names
}

/// Nobody misses a measurement of circles on a film without any; an outline of the head serves as well.
fn has_circles(definition: &Definition, landmarks: &LandmarkSet, names: &Names) -> bool {
    definition.needs.iter().all(|need| match need {
        Need::Circle(code) => {
            names.has(&LandmarkCode::HEAD)
                || Side::BOTH
                    .iter()
                    .any(|side| landmarks.radii_px.contains_key(&LandmarkId::new(code.clone(), *side)))
        }
        _ => true,
    })
}
