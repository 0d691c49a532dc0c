//! Measurements and grades as measurement groups (TID 1501): one for each hip and one for the pelvis; a value with its
//! method, line, interval, normality and points (TID 300), or the code of why there is none.

use super::super::code::Code;
use super::super::content::{Graphic, Item, Relation, Value, coordinates};
use super::super::image::ReferencedImage;
use super::landmarks::{circle, filled, heading};
use super::vocabulary as word;
use super::{algorithm, selected_from};
use crate::export::Report;
use crate::measure::catalogue;
use crate::measure::definition::{Need, Quantity};
use crate::measure::zones::Class;
use crate::measure::{Finding, LandmarkId, Measurement, Point, Side, Status};

/// Right hip, left hip, pelvis: those of which something is said.
pub(super) fn groups(report: &Report, cam_set: &str, image: &ReferencedImage) -> Vec<Item> {
    [Some(Side::Right), Some(Side::Left), None]
        .into_iter()
        .filter_map(|side| group(report, side, cam_set, image))
        .collect()
}

fn group(report: &Report, side: Option<Side>, cam_set: &str, image: &ReferencedImage) -> Option<Item> {
    let assessment = &report.assessment;
    let measured: Vec<&Measurement> = assessment.measurements.iter().filter(|m| m.side == side).collect();
    let found: Vec<&Finding> = assessment.findings.iter().filter(|f| f.side == side).collect();
    if measured.is_empty() && found.is_empty() {
        return None;
    }
    let (name, finding) = match side {
        Some(Side::Right) => ("Hip-R", word::HIP),
        Some(Side::Left) => ("Hip-L", word::HIP),
        None => ("Pelvis", word::PELVIS),
    };
    let mut items = heading(image, name, finding, word::region(side), side);
    let parameter = |text: String| Item::text(Relation::HasConceptMod, &word::ALGORITHM_PARAMETER, text);
    match &report.model {
        Some(model) => items.extend(algorithm(model)),
        None => {
            let (name, version) = ("Coxa", env!("CARGO_PKG_VERSION"));
            items.push(Item::text(Relation::HasConceptMod, &word::ALGORITHM, name));
            items.push(Item::text(Relation::HasConceptMod, &word::ALGORITHM_VERSION, version));
        }
    }
    items.push(parameter(format!(
        "spacing_status={}",
        crate::export::wording::spacing_code(report.spacing.status)
    )));
    items.push(parameter(format!("cam_set={cam_set}")));
    items.push(Item::new(Relation::Contains, &word::SOURCE, super::image_value(image)));
    items.extend(measured.into_iter().map(|m| number(m, report, image)));
    items.extend(found.into_iter().map(grade));
    Some(Item::container(&word::GROUP, Some("1501"), items))
}

fn number(m: &Measurement, report: &Report, image: &ReferencedImage) -> Item {
    let title = catalogue::title(m.code).unwrap_or(m.code);
    let unit = word::unit(m.unit);
    let mut properties = vec![Item::code(
        Relation::HasConceptMod,
        &word::METHOD,
        Code::private(m.definition, format!("{title}, {}", m.definition)),
    )];
    if let Some(line) = m.reference_line {
        let line = Code::private(line.code(), line.name());
        properties.push(Item::code(Relation::HasConceptMod, &word::REFERENCE_LINE, line));
    }
    properties.extend(norms(m, report));
    if let (Some(value), Some((low, high))) = (m.value, m.ci95) {
        for (name, range) in [(&word::ABOVE, high - value), (&word::BELOW, value - low)] {
            properties.push(Item::number(Relation::HasProperties, name, range, unit.clone()));
        }
    }
    for source in &m.spread {
        let code = Code::private(source.code().to_uppercase(), source.words());
        properties.push(Item::code(Relation::HasProperties, &word::INTERVAL, code));
    }
    properties.extend(doubt(m.status, &m.reason));
    if let Some(positioning) = &m.positioning {
        let verdict = Code::private(positioning.code().to_uppercase(), positioning.code());
        let reason = positioning.reason();
        let why = (!reason.is_empty()).then(|| Item::text(Relation::HasProperties, &word::REASON, reason));
        properties.push(Item::code(Relation::HasProperties, &word::POSITIONING, verdict).with(why));
    }
    if m.value.is_some() {
        properties.extend(geometry(m, report, image));
    }
    let name = word::measurement(m.code);
    let item = match m.value {
        Some(value) => {
            let value = Value::Number { value: Some((value, unit)), qualifier: word::qualifier(m.status) };
            Item::new(Relation::Contains, &name, value)
        }
        // A NUM without a value is what the standard has for it, but highdicom 0.28 cannot open a report with one:
        // the reason stands as a coded evaluation of the same name.
        None => {
            let failure = Code::of("114006", "DCM", "Measurement failure");
            Item::code(Relation::Contains, &name, word::qualifier(m.status).unwrap_or(failure))
        }
    };
    item.with(properties)
}

/// Status and reason of what is not simply right.
fn doubt(status: Status, reason: &str) -> Vec<Item> {
    let mut items = Vec::new();
    if status != Status::Ok {
        items.push(Item::code(Relation::HasProperties, &word::STATUS, word::status(status)));
    }
    if status != Status::Ok || !reason.is_empty() {
        items.push(Item::text(Relation::HasProperties, &word::REASON, filled(reason)));
    }
    items
}

/// What the norm tables say. The first that judges gives the normality; an unsigned one judges nothing.
fn norms(m: &Measurement, report: &Report) -> Vec<Item> {
    let readings: Vec<_> = report.assessment.readings_of(m.code, m.side).collect();
    let judged = readings.iter().filter_map(|reading| reading.class).find(|c| *c != Class::NotAssessable);
    let mut items = Vec::new();
    items.extend(
        judged.map(|class| Item::code(Relation::HasProperties, &word::NORMALITY, word::class(class))),
    );
    if readings.is_empty() {
        return items;
    }
    let joined = |parts: Vec<String>| parts.join("; ");
    let limits = joined(readings.iter().map(|r| r.limits.clone()).collect());
    let tables = readings.iter().map(|r| {
        let standing = if r.class.is_none() { " (unsigned: judges nothing)" } else { "" };
        format!("{}/{}{standing}", r.table, r.version)
    });
    items.push(Item::text(Relation::HasProperties, &word::NORMAL_RANGE, limits));
    items.push(Item::text(Relation::HasProperties, &word::NORMAL_RANGE_AUTHORITY, joined(tables.collect())));
    items
}

/// The points that a value was made of: both arms of an angle where two points and the line are all of it, else the
/// line, the points, the circles and the curves of its definition.
fn geometry(m: &Measurement, report: &Report, image: &ReferencedImage) -> Vec<Item> {
    let Some(definition) = catalogue::definition(m.code) else { return Vec::new() };
    let set = &report.landmarks;
    let at = |id: &LandmarkId| set.get(id).and_then(|landmark| landmark.position());
    let name = if definition.quantity == Quantity::Angle { &word::ARM } else { &word::SOURCE_OF_MEASUREMENT };
    let shape = |name: &Code, graphic: Graphic, points: &[Point]| {
        let value = Value::Coordinates { graphic, data: coordinates(points) };
        Item::new(Relation::InferredFrom, name, value).with([selected_from(image)])
    };
    let mut items = Vec::new();
    if let Some(code) = m.reference_line.and_then(|line| line.landmark()) {
        let ends: Vec<Point> =
            Side::BOTH.iter().filter_map(|side| at(&LandmarkId::new(code.clone(), *side))).collect();
        if ends.len() == 2 {
            items.push(shape(name, Graphic::Polyline, &ends));
        }
    }
    let mut marks: Vec<Point> = Vec::new();
    for need in definition.needs {
        for id in need.ids(m.side) {
            match need {
                Need::Circle(_) => {
                    if let (Some(center), Some(radius)) = (at(&id), set.radii_px.get(&id)) {
                        let circle = circle(center, *radius, &report.spacing, Relation::InferredFrom, image);
                        items.push(circle);
                    }
                }
                Need::Line(_) | Need::Lines(_) => {
                    let line = set.polylines.get(&id).filter(|line| line.len() > 1);
                    items.extend(line.map(|l| shape(&word::SOURCE_OF_MEASUREMENT, Graphic::Polyline, l)));
                }
                Need::Side(_) | Need::Both(_) | Need::Midline(_) => {
                    marks.extend(at(&id).filter(|point| !marks.contains(point)));
                }
            }
        }
    }
    let arms = definition.quantity == Quantity::Angle && marks.len() == 2;
    items.extend(match (marks.len(), arms) {
        (0, _) => None,
        (_, true) => Some(shape(&word::ARM, Graphic::Polyline, &marks)),
        (1, _) => Some(shape(&word::SOURCE_OF_MEASUREMENT, Graphic::Point, &marks)),
        _ => Some(shape(&word::SOURCE_OF_MEASUREMENT, Graphic::MultiPoint, &marks)),
    });
    items
}

/// A grade or class as a coded evaluation.
fn grade(f: &Finding) -> Item {
    let title = catalogue::title(f.code).unwrap_or(f.code);
    let value = match &f.grade {
        Some(grade) => coded(f.code, title, grade),
        None => word::NOT_GRADED,
    };
    let rule = Code::private(f.rule, format!("{title}, {}", f.rule));
    let mut properties = vec![Item::code(Relation::HasConceptMod, &word::METHOD, rule)];
    properties.extend(doubt(f.status, &f.reason));
    for (grade, share) in &f.probabilities {
        let item = Item::number(Relation::HasProperties, &word::PROBABILITY, *share, word::NO_UNIT);
        properties.push(item.with([Item::code(
            Relation::HasConceptMod,
            &word::FINDING,
            coded(f.code, title, grade),
        )]));
    }
    Item::code(Relation::Contains, &Code::private(f.code, title), value).with(properties)
}

/// The code of a grade: the class where it is one, else our own of rule and grade.
fn coded(code: &str, title: &str, grade: &str) -> Code {
    let classes =
        [Class::Normal, Class::Borderline, Class::Abnormal, Class::Indeterminate, Class::NotAssessable];
    match classes.into_iter().find(|class| class.code() == grade) {
        Some(class) => word::class(class),
        None => Code::private(format!("{code}_{}", grade.to_uppercase()), format!("{title} {grade}")),
    }
}
