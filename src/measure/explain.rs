//! What a code means: its definition, formula, source and norms, as data for whoever prints it.

use super::catalogue;
use super::definition::{Definition, Need, Reference, Rule};
use super::landmark::LandmarkCode;
use super::measurement::ReferenceLine;
use super::norms::{Evidence, NormRow, NormTable};
use super::protocol::{Protocol, Subject, View};
use super::verdict::{ADULT_MONTHS, ClassRule, ddh};

/// Everything that is to be said of one code.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    pub code: &'static str,
    pub name: &'static str,
    /// Id and version of the definition or rule.
    pub id: &'static str,
    /// `measurement of the paediatric hip`, `grade`, `finding`.
    pub kind: String,
    /// The points and curves it reads, each with what it is.
    pub landmarks: Vec<(LandmarkCode, String)>,
    pub reference: String,
    pub formula: String,
    pub sign: &'static str,
    pub plausible: Option<(f64, f64)>,
    pub reading: &'static str,
    pub source: &'static str,
    pub norms: Vec<Norm>,
    pub related: &'static [&'static str],
}

/// A norm table as it speaks of the code.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    pub table: String,
    pub title: String,
    pub source: String,
    /// `confirmed`, `unsigned: judges nothing`, or who signed it and when.
    pub standing: String,
    /// Patients and limits, one row each.
    pub rows: Vec<String>,
}

/// The explanation of `code`, with the norms of `protocol`; `None` for a code that is none.
pub fn explain(code: &str, protocol: &Protocol) -> Option<Explanation> {
    let norms = |code: &str| norms_of(&protocol.norms, code);
    if let Some(definition) = catalogue::definition(code) {
        return Some(of_definition(definition, norms(code)));
    }
    if let Some(rule) = catalogue::rule(code) {
        return Some(of_rule(rule));
    }
    if let Some(rule) = catalogue::class_rule(code) {
        return Some(of_class(rule, protocol, norms(rule.measurement)));
    }
    (code == ddh::CODE).then(|| Explanation {
        code: ddh::CODE,
        name: ddh::NAME,
        id: ddh::RULE,
        kind: "finding".to_owned(),
        landmarks: Vec::new(),
        reference: ReferenceLine::Hilgenreiner.name().to_owned(),
        formula: "displaced: IHDI II–IV, without it Tönnis grade 2–4; dysplastic: AI above 2 SD; borderline: 1–2 SD; \
                  any of them: DDH suspected"
            .to_owned(),
        sign: "normal, borderline, abnormal, indeterminate or not assessable",
        plausible: None,
        reading: "needs the age; until the norm table is signed a coarse limit stands in, at most borderline",
        source: "this program's; FR-DDH (S1) publishes no rule",
        norms: norms("AI"),
        related: &["AI", "IHDI", "TONNIS_GRADE"],
    })
}

/// Every code that [`explain`] knows, with its name.
pub fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let measured = catalogue::definitions().map(|definition| (definition.code, definition.name));
    let graded = catalogue::rules().map(|rule| (rule.code, rule.name));
    let found = super::verdict::RULES.into_iter().map(|rule| (rule.code, rule.name));
    measured.chain(graded).chain(found).chain([(ddh::CODE, ddh::NAME)])
}

fn of_definition(definition: &'static Definition, norms: Vec<Norm>) -> Explanation {
    Explanation {
        code: definition.code,
        name: definition.name,
        id: definition.id,
        kind: format!("measurement, {}", definition.group.name()),
        landmarks: definition.needs.iter().map(need).collect(),
        reference: match definition.reference {
            Reference::None => "none: it lies between landmarks".to_owned(),
            Reference::Hilgenreiner => "Hilgenreiner line, by definition".to_owned(),
            Reference::Paediatric => "Hilgenreiner line, or another on request".to_owned(),
            Reference::Adult => {
                "teardrop line, else ischia, head centres (no hip displaced), image; or another on request"
                    .to_owned()
            }
            Reference::Image => "image horizontal, by definition".to_owned(),
        },
        formula: definition.formula.to_owned(),
        sign: definition.sign,
        plausible: definition.plausible,
        reading: definition.reading,
        source: definition.source,
        norms,
        related: definition.related,
    }
}

fn of_rule(rule: &'static Rule) -> Explanation {
    let described = |code: &LandmarkCode| (code.clone(), code.description().to_owned());
    Explanation {
        code: rule.code,
        name: rule.name,
        id: rule.id,
        kind: format!("grade ({})", rule.grades.join(", ")),
        landmarks: rule.landmarks.iter().map(described).collect(),
        reference: "Hilgenreiner line, by definition".to_owned(),
        formula: rule.formula.to_owned(),
        sign: "later grades are worse",
        plausible: None,
        reading: rule.reading,
        source: rule.source,
        norms: Vec::new(),
        related: &[],
    }
}

fn of_class(rule: &'static ClassRule, protocol: &Protocol, norms: Vec<Norm>) -> Explanation {
    // The thresholds themselves, not what keeps them from a patient whom nobody has named.
    let subject = Subject { age_months: Some(ADULT_MONTHS), view: Some(View::Ap), ..protocol.subject };
    let thresholds = match (rule.zones)(&Protocol { subject, ..protocol.clone() }) {
        Ok(zones) => format!("{}: {}", rule.measurement, zones.words()),
        Err(reason) => format!("{}: {reason}", rule.measurement),
    };
    Explanation {
        code: rule.code,
        name: rule.name,
        id: (rule.id)(protocol),
        kind: format!("finding from {}", rule.measurement),
        landmarks: Vec::new(),
        reference: "that of its measurement".to_owned(),
        formula: thresholds,
        sign: "normal, borderline, abnormal, indeterminate or not assessable",
        plausible: None,
        reading: rule.reading,
        source: rule.source,
        norms,
        related: &[],
    }
}

fn need(need: &Need) -> (LandmarkCode, String) {
    let words = need.code().description();
    let words = match need {
        Need::Side(_) => words.to_owned(),
        Need::Both(_) => format!("{words}, both sides"),
        Need::Midline(_) => format!("{words}, midline"),
        Need::Circle(_) => format!("radius of the circle about it ({words})"),
        Need::Line(_) => format!("{words}, as a curve"),
        Need::Lines(_) => format!("{words}, as a curve, both sides"),
    };
    (need.code().clone(), words)
}

fn norms_of(tables: &[NormTable], code: &str) -> Vec<Norm> {
    let rows = |table: &NormTable| -> Vec<String> {
        let of_code = table.rows.iter().filter(|row| row.measurement == code);
        of_code.map(NormRow::words).collect()
    };
    let norm = |table: &NormTable| Norm {
        table: format!("{}/{}", table.id, table.version),
        title: table.title.clone(),
        source: table.source.clone(),
        standing: match (&table.signature, table.evidence) {
            (Some(signature), _) => format!("signed by {} on {}", signature.name, signature.date),
            (None, Evidence::Confirmed) => "confirmed".to_owned(),
            (None, Evidence::Verify) => "unsigned: judges nothing".to_owned(),
        },
        rows: rows(table),
    };
    tables.iter().map(norm).filter(|norm| !norm.rows.is_empty()).collect()
}
