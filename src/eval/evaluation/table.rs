//! What an evaluation says, as values: sections of tables and charts. Every writer (HTML, JSON, CSV) reads these and
//! nothing else, so that no two of them can disagree.

use crate::eval::bootstrap::Bootstrapped;
use crate::eval::confusion::Proportion;
use crate::eval::summary::Interval;

/// One place of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Count(usize),
    /// A number with the decimals it is printed with, and its 95 % interval.
    Number {
        value: f64,
        decimals: usize,
        interval: Option<Interval>,
    },
    /// `hits` of `of`, printed with its share.
    Share(Proportion),
    /// There is no such number.
    Absent,
}

impl Cell {
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// A number without interval; what is not finite is absent.
    pub fn number(value: impl Into<Option<f64>>, decimals: usize) -> Self {
        Self::with_interval(value, decimals, None)
    }

    pub fn with_interval(value: impl Into<Option<f64>>, decimals: usize, interval: Option<Interval>) -> Self {
        match value.into().filter(|value| value.is_finite()) {
            Some(value) => Self::Number { value, decimals, interval },
            None => Self::Absent,
        }
    }

    /// A bootstrapped statistic, or `value` alone where there were too few patients to draw from.
    pub fn bootstrapped(value: Option<f64>, drawn: Option<Bootstrapped>, decimals: usize) -> Self {
        Self::with_interval(value, decimals, drawn.map(|drawn| drawn.interval))
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Self::text(words)
    }
}

/// One row, and whether its figures are somebody else's.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Printed in a paper, on other films than these.
    pub published: bool,
}

/// A table with a name that stays the same from run to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub id: String,
    pub title: String,
    /// What a reader must know to read it; may be empty.
    pub note: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    /// A confusion matrix: counts are shaded by their share of the row.
    pub matrix: bool,
}

impl Table {
    pub fn new(id: impl Into<String>, title: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            note: String::new(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
            matrix: false,
        }
    }

    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    pub fn push(&mut self, cells: Vec<Cell>) {
        self.rows.push(Row { cells, published: false });
    }

    /// A row of a paper: name, then one number a column (`None` where it prints none).
    pub fn publish(&mut self, name: &str, numbers: &[Option<f64>], decimals: usize) {
        let numbers = numbers.iter().map(|value| Cell::number(*value, decimals));
        let cells = std::iter::once(Cell::text(name)).chain(numbers).collect();
        self.rows.push(Row { cells, published: true });
    }
}

/// How the points of a series are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Line,
    Dashed,
    Dots,
    /// Points two by two: from and to.
    Strokes,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Empty for one that the legend leaves out.
    pub name: String,
    pub mark: Mark,
    pub points: Vec<(f64, f64)>,
    /// Which colour, so that a reader keeps his from chart to chart; `None` is grey.
    pub colour: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub label: String,
    pub low: f64,
    pub high: f64,
}

impl Axis {
    /// From `low` to `high`; where they are alike or no numbers, around them.
    pub fn new(label: impl Into<String>, low: f64, high: f64) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { label: label.into(), low, high }
    }

    /// Around all of `values`, with a little room.
    pub fn around(label: impl Into<String>, values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values
            .into_iter()
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let room = 0.06 * (high - low);
        Self::new(label, low - room, high + room)
    }
}

/// A chart as data.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub id: String,
    pub title: String,
    /// What it shows in words, also for who does not see it.
    pub description: String,
    pub x: Axis,
    pub y: Axis,
    /// y grows downwards and both axes have one scale, as on a film.
    pub downwards: bool,
    /// Words beside points.
    pub labels: Vec<((f64, f64), String)>,
    pub series: Vec<Series>,
}

/// One part of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub text: Vec<String>,
    pub tables: Vec<Table>,
    pub charts: Vec<Chart>,
}

impl Section {
    pub fn new(id: &'static str, title: impl Into<String>) -> Self {
        Self { id, title: title.into(), text: Vec::new(), tables: Vec::new(), charts: Vec::new() }
    }

    /// A section whose subject these films do not have: it says so instead of being left out.
    pub fn says(&mut self, words: impl Into<String>) {
        self.text.push(words.into());
    }
}
