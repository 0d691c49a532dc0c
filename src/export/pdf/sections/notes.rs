//! What a reader must know beside the numbers: how the pelvis lay, why values are flagged, the warnings, and characters
//! that could not be set.

use crate::export::report::Report;
use crate::export::text::Type;
use crate::export::wording;
use crate::measure::quality::gate::Positioning;
use crate::measure::spread;
use crate::measure::{Measurement, Status};
use std::collections::BTreeSet;

/// What the positioning indices mean for the values, each reason with the measurements it touches.
pub fn positioning(report: &Report) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    let judged = |m: &Measurement| m.positioning.clone();
    for measurement in &report.assessment.measurements {
        let Some(positioning) = judged(measurement).filter(|p| *p != Positioning::Kept) else { continue };
        let reason = format!("{}: {}", positioning.code(), positioning.reason());
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, codes)) if codes.contains(&measurement.code) => {}
            Some((_, codes)) => codes.push(measurement.code),
            None => reasons.push((reason, vec![measurement.code])),
        }
    }
    if !reasons.is_empty() {
        return reasons.into_iter().map(|(reason, codes)| format!("{} {reason}", codes.join(", "))).collect();
    }
    let kept = report.assessment.measurements.iter().filter_map(judged).any(|p| p == Positioning::Kept);
    let words = if kept {
        "The indices of rotation and tilt that could be measured are within the accepted bands."
    } else {
        "Not assessed: no index of rotation or tilt could be measured."
    };
    vec![words.to_owned()]
}

/// What intervals mean, comment, reasons of flagged values, warnings, and what no font could set.
pub fn notes(report: &Report, lettering: &Type) -> Vec<String> {
    let mut said: Vec<String> = spread::meaning(report.assessment.measurements.iter()).into_iter().collect();
    let comment = report.circumstances.comment.trim();
    if !comment.is_empty() {
        said.push(format!("Comment: {comment}"));
    }
    let warnings: Vec<&String> = report
        .warnings
        .iter()
        .filter(|warning| Some(warning.as_str()) != report.spacing.status.caution())
        .collect();
    for measurement in report.assessment.measurements.iter().filter(|m| m.value.is_some()) {
        let known = warnings.iter().any(|warning| warning.contains(&measurement.reason));
        let shown_above = measurement.status == Status::Positioning;
        if !measurement.reason.is_empty() && !known && !shown_above {
            let side = measurement.side.map_or(String::new(), |side| format!(", {}", side.name()));
            said.push(format!("• {}{side}: {}", wording::title(measurement.code), measurement.reason));
        }
    }
    said.extend(warnings.into_iter().map(|warning| format!("• {warning}")));
    said.extend(unset(report, lettering));
    said
}

/// Names the characters of the patient, the site and the reader that stand as code points.
fn unset(report: &Report, lettering: &Type) -> Option<String> {
    let (who, around) = (&report.identity, &report.circumstances);
    let signed = around.signed.as_ref().map_or("", |stamp| stamp.by.as_str());
    let name = wording::person(&who.patient_name);
    let texts = [&name, &who.patient_id, &who.study_description, &around.site.name, &around.comment];
    let texts = texts
        .into_iter()
        .map(String::as_str)
        .chain([signed])
        .chain(report.warnings.iter().map(String::as_str));
    let lost: BTreeSet<char> = texts.flat_map(|text| lettering.lost(text)).collect();
    let named: Vec<String> = lost.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect();
    (!named.is_empty()).then(|| {
        format!("• No font of this program has {}: code points stand in their places.", named.join(", "))
    })
}
