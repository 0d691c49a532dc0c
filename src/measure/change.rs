//! Two films of one patient: what changed, and whether by more than the error of measuring; and many films as a growth
//! curve.

use super::landmark::Side;
use super::measurement::{Assessment, Measurement, Unit};
use super::norms::NormTable;
use super::protocol::Sex;
use super::zones::Zones;

/// Two-sided 95 % of a normal distribution.
const Z: f64 = 1.96;

/// How one measurement changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub before: f64,
    pub after: f64,
    pub difference: f64,
    pub unit: Unit,
    /// Smallest difference that the error of measuring does not explain, 1.96·√(SD² + SD²): with the same SD on both
    /// films 1.96·√2·SD. `None` where a film gave no deviation.
    pub detectable: Option<f64>,
}

impl Change {
    /// Whether it exceeds the error of measuring; `None` where that is not known.
    pub fn is_real(&self) -> Option<bool> {
        self.detectable.map(|detectable| self.difference.abs() > detectable)
    }
}

/// One measurement of both films.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    pub code: &'static str,
    pub side: Option<Side>,
    /// Or why the two values cannot be compared.
    pub change: Result<Change, String>,
}

/// Every measurement that both films list, in the order of the later one.
pub fn compare(before: &Assessment, after: &Assessment) -> Vec<Comparison> {
    let both = |now: &Measurement| {
        let then = before.measurement(now.code, now.side)?;
        Some(Comparison { code: now.code, side: now.side, change: change(then, now) })
    };
    after.measurements.iter().filter_map(both).collect()
}

fn change(then: &Measurement, now: &Measurement) -> Result<Change, String> {
    if then.definition != now.definition {
        return Err(format!("made by different definitions: {} and {}", then.definition, now.definition));
    }
    if then.reference_line != now.reference_line {
        let name = |m: &Measurement| m.reference_line.map_or("none", |line| line.name());
        return Err(format!("made against different lines: {} and {}", name(then), name(now)));
    }
    if then.unit == Unit::Pixel && now.unit == Unit::Pixel {
        return Err("pixels of two films are not of one size".to_owned());
    }
    if then.unit != now.unit {
        return Err("one film has no calibration".to_owned());
    }
    let value = |m: &Measurement, which: &str| {
        m.value.ok_or_else(|| format!("no value on the {which} film: {}", m.reason))
    };
    let (before, after) = (value(then, "earlier")?, value(now, "later")?);
    let detectable = then.sd.zip(now.sd).map(|(a, b)| Z * a.hypot(b));
    Ok(Change { before, after, difference: after - before, unit: now.unit, detectable })
}

/// One film on a growth curve.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthPoint {
    pub age_months: f64,
    pub value: f64,
    pub ci95: Option<(f64, f64)>,
    /// Change per year since the film before; `None` for the first, and between films of one age.
    pub per_year: Option<f64>,
}

/// The values of one measurement over age, youngest first; films without a value, or with
/// one in pixels, are left out.
pub fn growth(films: &[(f64, &Assessment)], code: &str, side: Option<Side>) -> Vec<GrowthPoint> {
    let mut points: Vec<GrowthPoint> = films
        .iter()
        .filter(|(age, _)| age.is_finite())
        .filter_map(|(age_months, film)| {
            // Pixels of two films are not of one size.
            let m = film.measurement(code, side).filter(|m| m.unit != Unit::Pixel)?;
            Some(GrowthPoint { age_months: *age_months, value: m.value?, ci95: m.ci95, per_year: None })
        })
        .collect();
    points.sort_by(|a, b| a.age_months.total_cmp(&b.age_months));
    for i in 1..points.len() {
        let years = (points[i].age_months - points[i - 1].age_months) / 12.0;
        points[i].per_year = (years > 0.0).then(|| (points[i].value - points[i - 1].value) / years);
    }
    points
}

/// A stretch of age with one set of limits.
#[derive(Debug, Clone, PartialEq)]
pub struct NormBand<'a> {
    pub from_months: f64,
    /// Infinite where the table has no end.
    pub to_months: f64,
    pub zones: &'a Zones,
    pub table: &'a NormTable,
}

/// The limits that belong behind a growth curve, by table and age. Whether a table is signed, the table says.
pub fn bands<'a>(
    tables: &'a [NormTable],
    code: &str,
    side: Option<Side>,
    sex: Option<Sex>,
) -> Vec<NormBand<'a>> {
    let mut bands: Vec<NormBand> = tables
        .iter()
        .flat_map(|table| table.rows.iter().map(move |row| (table, row)))
        .filter(|(_, row)| {
            row.measurement == code
                && row.sex.is_none_or(|of| sex == Some(of))
                && row.side.is_none_or(|of| side == Some(of))
        })
        .map(|(table, row)| NormBand {
            from_months: row.from_months.unwrap_or(0.0),
            to_months: row.to_months.unwrap_or(f64::INFINITY),
            zones: &row.zones,
            table,
        })
        .collect();
    bands.sort_by(|a, b| a.table.id.cmp(&b.table.id).then(a.from_months.total_cmp(&b.from_months)));
    bands
}
