//! Which film a reader should look at first: the one whose clinical grade a look is most likely to change, and by most.
//!
//! # Definition
//! A grade g is given and the network's own spread makes grade k with probability pₖ (the share of the draws of its
//! landmarks that fall into k). If the truth is k, reading the film changes the grade by |k − g| steps. The expected
//! change of one finding is
//!
//! > E = Σₖ pₖ · |k − g|
//!
//! in steps of that grade. Where no grade is likely enough to be given ("indeterminate"), g is the most probable one: what
//! a reader would have to settle is all that speaks against it. Grades without an order (a class of an angle) count any change as one step: E = 1 − p_g. The
//! urgency of a film is the greatest E of its findings, over both sides. A finding whose points carry no deviation of their
//! own (placed by a network that gives none, or by hand), but with a distance d to the next grade in millimetres, takes the
//! probability that an error across that line of [`POINT_SD_MM`] crosses it: E = 1 − Φ(d / σ). A film that the network read and on which nothing could be graded has urgency 1: a look will
//! give it its grade. One that nobody read has none.

use crate::measure::{Assessment, Finding, Unit, catalogue};
use statrs::distribution::{ContinuousCDF, Normal};

/// Mean distance of a point from the expert's on infants' pelves, millimetres: FR-DDH, Table 1, average for N = 80. The
/// only such figure published with its method; two readers were not compared there, so that it is of network and expert
/// together.
const POINT_ERROR_MM: f64 = 1.244;

/// Standard deviation of a point across a grade's line, millimetres. An error that is normal and alike in both axes is σ·√(π/2)
/// long on average (Rayleigh): σ = 1.244 / 1.2533 = 0.993. About 95 % of points then lie within 2.4 mm; the paper's
/// figure 4 says 3 mm.
pub const POINT_SD_MM: f64 = POINT_ERROR_MM / 1.253_314_137_315_5;

/// How urgent a film is, and which finding makes it so.
#[derive(Debug, Clone, PartialEq)]
pub struct Urgency {
    /// Expected change in steps of the grade.
    pub value: f64,
    /// "DDH left: normal, another with 38 %", for the worklist.
    pub reason: String,
}

/// Of a film that was read; `None` where nothing was graded or could be.
pub fn urgency(assessment: &Assessment) -> Option<Urgency> {
    let graded = assessment.findings.iter().filter_map(|finding| Some((expected(finding)?, finding)));
    let most = graded.max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((value, finding)) = most {
        return Some(Urgency { value, reason: words(finding) });
    }
    let tried = !assessment.findings.is_empty() || !assessment.measurements.is_empty();
    tried.then(|| Urgency { value: 1.0, reason: "nothing could be graded".to_owned() })
}

/// Expected change of one finding, in steps; `None` where it gives no grade or nothing tells how sure it is.
fn expected(finding: &Finding) -> Option<f64> {
    let grade = finding.grade.as_deref()?;
    if !finding.probabilities.is_empty() {
        let grade = likeliest(finding, grade);
        let order = catalogue::rule(finding.code).map(|rule| rule.grades);
        let index = |grade: &str| order?.iter().position(|name| *name == grade);
        let steps = |other: &str| match index(grade).zip(index(other)) {
            Some((a, b)) => a.abs_diff(b) as f64,
            None => f64::from(u8::from(other != grade)),
        };
        return Some(finding.probabilities.iter().map(|(other, share)| share * steps(other)).sum());
    }
    let next = finding.next.as_ref().filter(|next| next.unit == Unit::Millimetre)?;
    let standard = Normal::standard();
    Some(standard.sf(next.distance / POINT_SD_MM))
}

/// The grade as given, where it is one of the grades; the most probable one where it only says that none is certain.
fn likeliest<'a>(finding: &'a Finding, given: &'a str) -> &'a str {
    let shares = &finding.probabilities;
    if shares.iter().any(|(name, _)| name == given) {
        return given;
    }
    shares.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(given, |(name, _)| name.as_str())
}

fn words(finding: &Finding) -> String {
    let title = catalogue::title(finding.code).unwrap_or(finding.code);
    // A row of the worklist is narrow: "Hip dysplasia (DDH)" is DDH.
    let abbreviation = title.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let title = abbreviation.unwrap_or(title);
    let side = finding.side.map(|side| format!(" {}", side.name())).unwrap_or_default();
    let grade = finding.grade.as_deref().unwrap_or("not graded");
    let likely = likeliest(finding, grade);
    let own = finding.probabilities.iter().find(|(name, _)| name == likely).map_or(0.0, |(_, share)| *share);
    if finding.probabilities.is_empty() {
        return format!("{title}{side}: {grade}");
    }
    if likely != grade {
        return format!("{title}{side}: {grade}, most likely {likely} with {:.0} %", 100.0 * own);
    }
    format!("{title}{side}: {grade}, another with {:.0} %", 100.0 * (1.0 - own))
}
