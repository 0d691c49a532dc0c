//! The report as a PDF for a person: head, film with its lines, grades and angles by side at a glance, the table of all
//! measurements, what lengths are worth, who placed the points, and the research-use line on every page.

mod layout;
mod paint;
mod sections;
#[cfg(test)]
mod tests;

pub use layout::Paper;

use super::text::Type;
use super::{ExportError, Report};
use chrono::{Datelike, Timelike};
use krilla::metadata::{DateTime, Metadata};

/// The report on A4.
pub fn render(report: &Report) -> Result<Vec<u8>, ExportError> {
    render_on(report, Paper::A4)
}

/// The report as a PDF. Works without a film: the points then stand on a dark ground.
///
/// # Errors
/// [`ExportError`] when the film or the fonts cannot be put into a PDF.
pub fn render_on(report: &Report, paper: Paper) -> Result<Vec<u8>, ExportError> {
    let lettering = Type::embedded()?;
    let pages = sections::pages(report, paper, &lettering);
    paint::paint(report, paper, &pages, &lettering)
}

/// No patient identity here: metadata travels with previews and search indices.
fn metadata(report: &Report) -> Metadata {
    let at = report.created;
    let number = |v: u32| u8::try_from(v).unwrap_or(0);
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()));
    Metadata::new()
        .title("Hip radiograph measurements".to_owned())
        .creator(report.software.clone())
        .language("en".to_owned())
        .creation_date(created)
}
