//! The measurement JSON, `coxa/measurement/1`. Fields are added, never renamed; the handbook documents them
//! (`assets/handbook/formats.md`).

use super::report::{Change, Correction, Report};
use crate::measure::norms::Reading;
use crate::measure::spread::{Spread, Spreads};
use crate::measure::{
    Covariance, Finding, Landmark, LandmarkId, LandmarkState, Measurement, Origin, Side, Spacing,
};
use serde_json::{Value, json};

/// Name and version of the format.
pub const SCHEMA: &str = "coxa/measurement/1";

/// The report as a JSON object with a fixed order of keys. Numbers are unrounded; one that is not finite is `null`.
pub fn to_value(report: &Report) -> Value {
    let source = &report.source;
    let assessment = &report.assessment;
    let spreads = Spreads::new(&report.landmarks, &report.spacing);
    json!({
        "schema": SCHEMA,
        "source": {
            "path": source.path.to_string_lossy(),
            "sop_instance_uid": source.sop_instance_uid,
            "study_instance_uid": source.study_instance_uid,
            "rows": source.rows,
            "columns": source.columns,
            "frame": source.frame,
        },
        "spacing": spacing(&report.spacing),
        "landmarks": report.landmarks.iter()
            .map(|(id, l)| landmark(id, l, report.landmarks.radii_px.get(id).copied(), spreads.get(id)))
            .collect::<Vec<_>>(),
        "measurements": assessment.measurements.iter().map(measurement).collect::<Vec<_>>(),
        "findings": assessment.findings.iter().map(finding).collect::<Vec<_>>(),
        "norms": assessment.readings.iter().map(reading).collect::<Vec<_>>(),
        "model": report.model,
        "corrections": report.corrections.iter().map(correction).collect::<Vec<_>>(),
        "warnings": report.warnings,
        "software": report.software,
        "research_use_only": true,
    })
}

fn letter(side: Option<Side>) -> Option<&'static str> {
    side.map(Side::letter)
}

/// Millimetres are `null` where the film has none; `aspect` (row over column) then still tells the pixel's shape.
fn spacing(spacing: &Spacing) -> Value {
    let millimetres = |v: f64| spacing.has_millimetres().then_some(v);
    json!({
        "row_mm": millimetres(spacing.row),
        "col_mm": millimetres(spacing.column),
        "status": spacing.status,
        "aspect": spacing.row / spacing.column,
    })
}

/// The deviation is the one that the intervals are made of, and `sd_source` says whose it is; an error that is not the
/// same in every direction has its covariance beside.
fn landmark(id: &LandmarkId, landmark: &Landmark, radius_px: Option<f64>, spread: Option<Spread>) -> Value {
    let covariance = spread.map(|spread| spread.covariance);
    let position = landmark.position();
    let (status, reason) = match &landmark.state {
        LandmarkState::Defined { .. } => ("defined", None),
        LandmarkState::Missing { reason } => ("missing", Some(reason)),
    };
    json!({
        "code": id.code,
        "side": letter(id.side),
        "x": position.map(|p| p.x),
        "y": position.map(|p| p.y),
        "sd_px": covariance.map(Covariance::sd),
        "origin": match landmark.origin {
            Origin::Model => "model",
            Origin::Person => "person",
            Origin::File => "file",
        },
        "status": status,
        "reason": reason,
        "radius_px": radius_px,
        "sd_source": spread.map(|spread| spread.source.code()),
        "covariance_px2": covariance.filter(|c| !c.is_isotropic()).map(Covariance::entries),
    })
}

fn measurement(m: &Measurement) -> Value {
    json!({
        "code": m.code,
        "side": letter(m.side),
        "value": m.value,
        "unit": m.unit.ucum(),
        "ci95": m.ci95.map(|(low, high)| [low, high]),
        "status": m.status.code(),
        "definition": m.definition,
        "reference_line": m.reference_line,
        "reason": words(&m.reason),
        "sd": m.sd,
        "interval_source": m.spread.iter().map(|source| source.code()).collect::<Vec<_>>(),
        "positioning": m.positioning.as_ref().map(|p| json!({"verdict": p.code(), "reason": words(p.reason())})),
    })
}

/// What a norm table says of one value; `class` is `null` for an unsigned table.
fn reading(r: &Reading) -> Value {
    json!({
        "code": r.measurement,
        "side": letter(r.side),
        "table": format!("{}/{}", r.table, r.version),
        "limits": r.limits,
        "class": r.class,
        "coarse": r.coarse,
        "signature": r.signature,
    })
}

fn finding(f: &Finding) -> Value {
    json!({
        "code": f.code,
        "side": letter(f.side),
        "grade": f.grade,
        "rule": f.rule,
        "status": f.status.code(),
        "reason": words(&f.reason),
        "probabilities": f.probabilities.iter()
            .map(|(grade, share)| json!({"grade": grade, "probability": share}))
            .collect::<Vec<_>>(),
        "number": f.number.map(|(value, unit)| json!({"value": value, "unit": unit.ucum()})),
        "next": f.next.as_ref().map(|next| {
            json!({"grade": next.grade, "distance": next.distance, "unit": next.unit.ucum()})
        }),
    })
}

fn correction(c: &Correction) -> Value {
    let (change, pixels, millimetres) = match c.change {
        Change::Moved { pixels, millimetres } => ("moved", Some(pixels), millimetres),
        Change::Added => ("added", None, None),
        Change::MarkedAbsent => ("marked_absent", None, None),
    };
    json!({
        "code": c.landmark.code,
        "side": letter(c.landmark.side),
        "change": change,
        "distance_px": pixels,
        "distance_mm": millimetres,
    })
}

fn words(reason: &str) -> Option<&str> {
    (!reason.is_empty()).then_some(reason)
}
