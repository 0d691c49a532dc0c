//! The report as a PDF for a person: head, film with its lines, grades and angles by side at a glance, the table of all
//! measurements with their norms, what lengths are worth, who placed the points, change since earlier films, the lines
//! to sign on, and the research-use line on every page. Archival and accessible: PDF/A-2a and PDF/UA-1.

mod batch;
mod layout;
mod paint;
mod sections;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use layout::Paper;

use super::text::Type;
use super::{ExportError, Report};
use chrono::{Datelike, Timelike};
use krilla::metadata::{DateTime, Metadata};
use paint::Press;

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
    let mut pages = sections::pages(report, paper, &lettering);
    sections::feet(&mut pages, &report.software, paper, &lettering);
    let mut press = Press::new(metadata(TITLE, &report.software, report.created), paper, &lettering)?;
    let picture = report.film.as_ref().map(paint::picture).transpose()?;
    press.print(TITLE, Some(report), picture, &pages)?;
    press.finish()
}

const TITLE: &str = "Hip radiograph measurements";

/// No patient identity here: metadata travels with previews and search indices.
fn metadata(title: &str, software: &str, at: chrono::DateTime<chrono::Local>) -> Metadata {
    let number = |v: u32| u8::try_from(v).unwrap_or(0);
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(number(at.month()))
        .day(number(at.day()))
        .hour(number(at.hour()))
        .minute(number(at.minute()))
        .second(number(at.second()));
    Metadata::new()
        .title(title.to_owned())
        .creator(software.to_owned())
        .language("en".to_owned())
        .creation_date(created)
}
