//! An evaluation as one self-contained page, as JSON and as tables: all of the same sections, so that they agree.

mod charts;
mod data;
mod html;
mod pictures;

pub use data::{points_csv, tables_csv, to_json};
pub use html::{Head, render};
pub use pictures::Picture;

use crate::eval::evaluation::table::Cell;

/// A cell as people read it, in HTML and nowhere else: `1.24 [0.98, 1.61]`, `9 of 12 (75.0 %)`, `–`.
fn words(cell: &Cell) -> String {
    match cell {
        Cell::Text(words) => words.clone(),
        Cell::Count(count) => count.to_string(),
        Cell::Number { value, decimals, interval: None } => fixed(*value, *decimals),
        Cell::Number { value, decimals, interval: Some(interval) } => {
            let end = |value: f64| fixed(value, *decimals);
            format!("{} [{}, {}]", end(*value), end(interval.low), end(interval.high))
        }
        Cell::Share(share) => match share.value() {
            Some(value) => format!("{} of {} ({:.1} %)", share.hits, share.of, 100.0 * value),
            None => "–".to_owned(),
        },
        Cell::Absent => "–".to_owned(),
    }
}

/// With a minus sign, and none before a zero.
fn fixed(value: f64, decimals: usize) -> String {
    let words = format!("{value:.decimals$}");
    match words.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::confusion::Proportion;
    use crate::eval::summary::Interval;

    #[test]
    fn cells_in_words() {
        let interval = Some(Interval { low: -0.001, high: 2.5 });
        assert_eq!(words(&Cell::with_interval(1.236, 2, interval)), "1.24 [0.00, 2.50]");
        assert_eq!(words(&Cell::number(-0.26, 1)), "−0.3");
        assert_eq!(words(&Cell::number(f64::NAN, 1)), "–");
        assert_eq!(words(&Cell::Share(Proportion { hits: 9, of: 12 })), "9 of 12 (75.0 %)");
    }
}
