//! The figures that judge a network on infant hip films: landmarks in percent of the TRC–TRC distance (films without
//! calibration included), the acetabular index beside the guess that needs no network, nuclei found and invented.

use super::agreement::{Agreement, agreement, guess_the_mean};
use super::radial_error::{RadialSummary, baseline, detection_rate, percentile, radial_errors, summarise};
use crate::measure::{self, LandmarkCode, LandmarkId, LandmarkSet, Side, Spacing};
use std::collections::BTreeMap;
use std::fmt;

/// Detection rates are given at these shares of the TRC–TRC distance, %.
pub const RATES_AT: [f64; 3] = [2.5, 5.0, 10.0];

/// One film with its truth.
#[derive(Debug, Clone)]
pub struct JudgedFilm {
    pub name: String,
    pub predicted: LandmarkSet,
    pub reference: LandmarkSet,
    pub spacing: Spacing,
}

/// One kind of landmark over all films and both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkFigures {
    /// In % of the reference's TRC–TRC distance; `None` where none was found.
    pub error: Option<RadialSummary>,
    /// Detection rate in % at each of [`RATES_AT`], those missed counted as failures.
    pub rates: [f64; 3],
    /// Within which nine of ten lie, in % of TRC–TRC; those missed lie nowhere.
    pub p90: f64,
    pub n: usize,
}

/// Landmarks that may be absent, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presence {
    pub found: usize,
    pub missed: usize,
    pub invented: usize,
    pub rightly_absent: usize,
}

/// One film's row.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmFigures {
    pub name: String,
    /// Mean radial error of each code in % of the TRC–TRC distance.
    pub error: BTreeMap<LandmarkCode, f64>,
    /// Predicted − reference acetabular index, right and left, degrees.
    pub acetabular_index: [Option<f64>; 2],
}

/// All figures of a set of films.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    pub films: Vec<FilmFigures>,
    pub landmarks: BTreeMap<LandmarkCode, LandmarkFigures>,
    /// All of them together; `None` without a single one.
    pub points: Option<LandmarkFigures>,
    pub nucleus: Presence,
    /// Acetabular index of all hips that have one in both.
    pub acetabular_index: Option<Agreement>,
    /// Hips with a reference index for which none was predicted.
    pub acetabular_index_missed: usize,
    /// Mean absolute error of guessing the mean index of the other films.
    pub acetabular_index_guess: Option<f64>,
    /// Hips of the same IHDI grade, of those graded in the reference.
    pub ihdi: (usize, usize),
    /// Films left out because their reference has no TRC–TRC distance.
    pub without_baseline: Vec<String>,
}

/// Judges `films`.
pub fn judge(films: &[JudgedFilm]) -> Figures {
    let mut distances: BTreeMap<LandmarkCode, Vec<Option<f64>>> = BTreeMap::new();
    let mut figures = Figures {
        films: Vec::new(),
        landmarks: BTreeMap::new(),
        points: None,
        nucleus: Presence::default(),
        acetabular_index: None,
        acetabular_index_missed: 0,
        acetabular_index_guess: None,
        ihdi: (0, 0),
        without_baseline: Vec::new(),
    };
    let (mut pairs, mut truths) = (Vec::new(), Vec::new());
    for (number, film) in films.iter().enumerate() {
        let Some(baseline) = baseline(&film.reference, &film.spacing) else {
            figures.without_baseline.push(film.name.clone());
            continue;
        };
        let mut own: BTreeMap<LandmarkCode, Vec<Option<f64>>> = BTreeMap::new();
        for error in radial_errors(&film.predicted, &film.reference, &film.spacing) {
            let percent = error.distance.map(|distance| 100.0 * distance / baseline);
            own.entry(error.landmark.code).or_default().push(percent);
        }
        let mean = |(code, all): (&LandmarkCode, &Vec<_>)| Some((code.clone(), summarise(all)?.mean));
        let error = own.iter().filter_map(mean).collect();
        own.into_iter().for_each(|(code, all)| distances.entry(code).or_default().extend(all));

        let [predicted, reference] =
            [&film.predicted, &film.reference].map(|set| measure::assess(set, &film.spacing));
        let acetabular_index = Side::BOTH.map(|side| {
            let index = |from: &measure::Assessment| from.measurement("AI", Some(side))?.value;
            let truth = index(&reference)?;
            truths.push((number, truth));
            let Some(value) = index(&predicted) else {
                figures.acetabular_index_missed += 1;
                return None;
            };
            pairs.push((truth, value));
            Some(value - truth)
        });
        for side in Side::BOTH {
            let grade = |from: &measure::Assessment| from.finding("IHDI", Some(side))?.grade.clone();
            if let Some(truth) = grade(&reference) {
                figures.ihdi.1 += 1;
                figures.ihdi.0 += usize::from(grade(&predicted) == Some(truth));
            }
            figures.nucleus.count(film, side);
        }
        figures.films.push(FilmFigures { name: film.name.clone(), error, acetabular_index });
    }
    let of_code = |all: Vec<Option<f64>>| LandmarkFigures {
        error: summarise(&all),
        rates: RATES_AT.map(|limit| detection_rate(&all, limit)),
        p90: percentile(&all, 0.9),
        n: all.len(),
    };
    let all: Vec<Option<f64>> = distances.values().flatten().copied().collect();
    figures.points = (!all.is_empty()).then(|| of_code(all));
    figures.landmarks = distances.into_iter().map(|(code, all)| (code, of_code(all))).collect();
    figures.acetabular_index = agreement(&pairs);
    let guesses = guess_the_mean(&truths);
    figures.acetabular_index_guess =
        (!guesses.is_empty()).then(|| guesses.iter().sum::<f64>() / guesses.len() as f64);
    figures
}

impl Presence {
    /// Counts only where the reference says whether there is a nucleus.
    fn count(&mut self, film: &JudgedFilm, side: Side) {
        let id = LandmarkId::new(LandmarkCode::FH, side);
        let Some(truth) = film.reference.get(&id) else { return };
        let predicted = film.predicted.get(&id).and_then(|landmark| landmark.position());
        match (truth.position().is_some(), predicted.is_some()) {
            (true, true) => self.found += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.invented += 1,
            (false, false) => self.rightly_absent += 1,
        }
    }
}

fn or_dash(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.decimals$}"))
}

/// The table, in Markdown.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<_> = self.landmarks.keys().collect();
        let heads: String = codes.iter().map(|code| format!(" {code} % |")).collect();
        writeln!(f, "| film |{heads} AI-R ° | AI-L ° |")?;
        writeln!(f, "|---|{}---|---|", "---|".repeat(codes.len()))?;
        for film in &self.films {
            write!(f, "| {} |", film.name)?;
            for code in &codes {
                write!(f, " {} |", or_dash(film.error.get(*code).copied(), 2))?;
            }
            let [right, left] = film.acetabular_index.map(|error| or_dash(error, 1));
            writeln!(f, " {right} | {left} |")?;
        }
        writeln!(
            f,
            "\n| % of TRC–TRC | n | missed | mean | median | 90 % within | max | SDR {RATES_AT:?} % |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        let each = self.landmarks.iter().map(|(code, figures)| (code.as_str(), figures));
        for (code, figures) in each.chain(self.points.as_ref().map(|all| ("all", all))) {
            let of = |get: fn(&RadialSummary) -> f64| or_dash(figures.error.as_ref().map(get), 2);
            let missed = figures.error.as_ref().map_or(figures.n, |error| error.missed);
            let (mean, median, max) = (of(|e| e.mean), of(|e| e.median), of(|e| e.max));
            let rates = figures.rates.map(|rate| format!("{rate:.0}")).join(", ");
            let p90 = figures.p90;
            writeln!(
                f,
                "| {code} | {} | {missed} | {mean} | {median} | {p90:.2} | {max} | {rates} |",
                figures.n
            )?;
        }
        let Presence { found, missed, invented, rightly_absent } = self.nucleus;
        writeln!(
            f,
            "\nNucleus: found {found}, missed {missed}, invented {invented}, rightly absent {rightly_absent}."
        )?;
        if let Some(ai) = &self.acetabular_index {
            writeln!(
                f,
                "AI, {} hips, {} missed: mean absolute error {:.2}°, max {:.1}°, bias {:+.2}°, r {}, ICC(2,1) {}; guessing the mean of the other films {}°.",
                ai.n,
                self.acetabular_index_missed,
                ai.mean_absolute,
                ai.max_absolute,
                ai.bias,
                or_dash(ai.pearson, 2),
                or_dash(ai.icc21, 2),
                or_dash(self.acetabular_index_guess, 2)
            )?;
        }
        write!(f, "IHDI: {} of {} hips alike.", self.ihdi.0, self.ihdi.1)?;
        if !self.without_baseline.is_empty() {
            write!(
                f,
                "\nLeft out, no TRC–TRC distance in the reference: {}.",
                self.without_baseline.join(", ")
            )?;
        }
        Ok(())
    }
}
