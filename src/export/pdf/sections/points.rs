//! Who placed the points, which of them a person moved, when and how far; and which are missing.

use crate::export::report::{Change, Correction, Report};
use crate::measure::{LandmarkId, LandmarkState, Origin};
use crate::study::Stamp;

/// One paragraph for each thing that is known of them.
pub fn points(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    match &report.model {
        Some(model) => {
            let sha: String = model.sha256.chars().take(12).collect();
            said.push(format!("Placed by {} version {} (SHA-256 {sha}…).", model.id, model.version));
        }
        None => said.push("Placed by a person or a file: no network took part.".to_owned()),
    }
    said.push(corrections(report));
    said
}

/// The points that are not there, those of one reason together.
pub fn missing(report: &Report) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for (id, landmark) in report.landmarks.iter() {
        let LandmarkState::Missing { reason } = &landmark.state else { continue };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, ids)) => ids.push(id.to_string()),
            None => reasons.push((reason, vec![id.to_string()])),
        }
    }
    reasons.into_iter().map(|(reason, ids)| format!("• Missing, {reason}: {}.", ids.join(", "))).collect()
}

fn corrections(report: &Report) -> String {
    if report.corrections.is_empty() {
        let by_person = report.landmarks.iter().filter(|(_, l)| l.origin == Origin::Person).count();
        return match (by_person, &report.model) {
            (0, Some(_)) => "No point was corrected by a person.".to_owned(),
            (0, None) => "The points are those of the file.".to_owned(),
            (count, _) => {
                format!("{count} of {} points were placed by a person.", report.landmarks.points.len())
            }
        };
    }
    let each: Vec<String> = report.corrections.iter().map(|c| corrected(&c.landmark, &c.change)).collect();
    let mean = report
        .mean_correction()
        .map_or(String::new(), |(pixels, millimetres)| format!("; mean {}", distance(pixels, millimetres)));
    format!(
        "{} of {} points corrected by {}{mean}: {}.",
        report.corrections.len(),
        report.landmarks.points.len(),
        whose(&report.corrections),
        each.join(", ")
    )
}

/// Each person with the time of their last touch.
fn whose(corrections: &[Correction]) -> String {
    let mut last: Vec<&Stamp> = Vec::new();
    for stamp in corrections.iter().filter_map(|correction| correction.touched.as_ref()) {
        match last.iter_mut().find(|known| known.by == stamp.by) {
            Some(known) if known.at_ms < stamp.at_ms => *known = stamp,
            Some(_) => {}
            None => last.push(stamp),
        }
    }
    if last.is_empty() {
        return "a person".to_owned();
    }
    last.into_iter().map(Stamp::words).collect::<Vec<_>>().join("; ")
}

fn corrected(id: &LandmarkId, change: &Change) -> String {
    match change {
        Change::Moved { pixels, millimetres } => format!("{id} {}", distance(*pixels, *millimetres)),
        Change::Added => format!("{id} added"),
        Change::MarkedAbsent => format!("{id} marked absent"),
    }
}

fn distance(pixels: f64, millimetres: Option<f64>) -> String {
    match millimetres {
        Some(millimetres) => format!("{millimetres:.1} mm ({pixels:.1} px)"),
        None => format!("{pixels:.1} px"),
    }
}
