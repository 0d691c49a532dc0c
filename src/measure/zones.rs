//! Thresholds on a number line: which class a value falls into, how far the next one is, and whether an interval
//! reaches into it. Comparisons are strict or not exactly as the source prints them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a rule says of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    Normal,
    Borderline,
    Abnormal,
    /// A threshold lies inside the interval of the value.
    Indeterminate,
    /// The film or what is known of the patient does not allow a judgement.
    NotAssessable,
}

impl Class {
    /// As files print it.
    pub fn code(self) -> &'static str {
        match self {
            Class::Normal => "normal",
            Class::Borderline => "borderline",
            Class::Abnormal => "abnormal",
            Class::Indeterminate => "indeterminate",
            Class::NotAssessable => "not_assessable",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where a class begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenCut", into = "WrittenCut")]
pub struct Cut {
    pub at: f64,
    /// Whether `at` itself belongs to the class.
    pub inclusive: bool,
    /// The class from here to the next cut.
    pub class: Class,
}

/// `{ from = 20.0, class = "borderline" }`, or `above` where the value itself is not meant.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCut {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<f64>,
    class: Class,
}

impl TryFrom<WrittenCut> for Cut {
    type Error = &'static str;

    fn try_from(cut: WrittenCut) -> Result<Cut, &'static str> {
        let (at, inclusive) = match (cut.from, cut.above) {
            (Some(at), None) => (at, true),
            (None, Some(at)) => (at, false),
            _ => return Err("a cut has either `from` or `above`"),
        };
        if at.is_finite() { Ok(Cut { at, inclusive, class: cut.class }) } else { Err("a cut is no number") }
    }
}

impl From<Cut> for WrittenCut {
    fn from(cut: Cut) -> WrittenCut {
        let (from, above) = if cut.inclusive { (Some(cut.at), None) } else { (None, Some(cut.at)) };
        WrittenCut { from, above, class: cut.class }
    }
}

impl Cut {
    pub fn from(at: f64, class: Class) -> Cut {
        Cut { at, inclusive: true, class }
    }

    pub fn above(at: f64, class: Class) -> Cut {
        Cut { at, inclusive: false, class }
    }

    fn passed(&self, value: f64) -> bool {
        if self.inclusive { value >= self.at } else { value > self.at }
    }
}

/// The classes along the number line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Zones {
    /// The class below the first cut.
    pub first: Class,
    /// Ascending.
    pub cuts: Vec<Cut>,
}

impl Zones {
    pub fn new(first: Class, cuts: impl IntoIterator<Item = Cut>) -> Zones {
        Zones { first, cuts: cuts.into_iter().collect() }
    }

    pub fn class(&self, value: f64) -> Class {
        self.cuts.iter().rev().find(|cut| cut.passed(value)).map_or(self.first, |cut| cut.class)
    }

    /// The class of `value`, `Indeterminate` where another one lies within `interval`.
    pub fn judge(&self, value: f64, interval: Option<(f64, f64)>) -> Class {
        let class = self.class(value);
        match interval {
            Some((low, high)) if self.class(low) != class || self.class(high) != class => {
                Class::Indeterminate
            }
            // Classes of both ends may be the same beyond two cuts.
            Some((low, high)) if self.cuts.iter().any(|cut| low < cut.at && cut.at < high) => {
                Class::Indeterminate
            }
            _ => class,
        }
    }

    /// The nearest other class and how far `value` is from it.
    pub fn nearest(&self, value: f64) -> Option<(Class, f64)> {
        let own = self.class(value);
        let below = std::iter::once(self.first).chain(self.cuts.iter().map(|cut| cut.class));
        self.cuts
            .iter()
            .zip(below)
            .map(|(cut, below)| {
                let other = if cut.passed(value) { below } else { cut.class };
                (other, (value - cut.at).abs())
            })
            .filter(|(other, _)| *other != own)
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Share of `values` in each class, most frequent first, none that never occurs.
    pub fn shares(&self, values: &[f64]) -> Vec<(Class, f64)> {
        shares(values.iter().map(|value| self.class(*value)))
    }

    /// Whether the cuts ascend.
    pub fn is_ordered(&self) -> bool {
        self.cuts.windows(2).all(|pair| pair[0].at < pair[1].at)
    }

    /// `normal, above 31.4 borderline, above 36.3 abnormal`.
    pub fn words(&self) -> String {
        let cut = |cut: &Cut| {
            let word = if cut.inclusive { "from" } else { "above" };
            format!("{word} {} {}", cut.at, cut.class)
        };
        let words: Vec<String> =
            std::iter::once(self.first.to_string()).chain(self.cuts.iter().map(cut)).collect();
        words.join(", ")
    }
}

/// Share of each class, most frequent first, none that never occurs.
pub fn shares(classes: impl Iterator<Item = Class>) -> Vec<(Class, f64)> {
    const ALL: [Class; 5] =
        [Class::Normal, Class::Borderline, Class::Abnormal, Class::Indeterminate, Class::NotAssessable];
    let mut counts = [0_usize; 5];
    for class in classes {
        counts[class as usize] += 1;
    }
    let total: usize = counts.iter().sum();
    let mut shares: Vec<(Class, f64)> = ALL
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|(class, count)| (class, count as f64 / total as f64))
        .collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares
}
