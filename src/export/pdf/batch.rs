//! Many films in one document: a summary of all first, then the pages of each. Of a film only a compressed picture stays in
//! memory. Measured as the peak of `coxa measure --batch-report`: 20 films of 256² pixels 176 MB, 120 of them 186 MB, the
//! network included; 5 of 2000² pixels 329 MB and 35 of them 286 MB, since one such film being analysed takes more than all
//! the pictures, which are 160 kB each in the document.

use super::layout::{Cell, Flow, Font, Node, Paper};
use super::paint::{self, Press};
use super::{metadata, sections};
use crate::export::text::Type;
use crate::export::wording;
use crate::export::{ExportError, Film, Report};
use crate::measure::{Measurement, Side, Status};
use chrono::Local;
use image::codecs::jpeg::JpegEncoder;
use krilla::Data;
use krilla::image::Image;

const TITLE: &str = "Hip radiograph measurements: summary";
/// The film's longer side, pixels, and its quality: about 100 kB.
const LONGER_SIDE: usize = 1000;
const QUALITY: u8 = 88;

/// What the summary says of a side, where it could be measured, in this order.
const HEADLINE: [&str; 3] = ["AI", "LCE", "NSA"];

/// One film: its report without pixels, and its picture as JPEG.
struct Sheet {
    name: String,
    report: Report,
    picture: Option<Vec<u8>>,
}

/// Films as they come; [`Batch::finish`] makes the document.
pub struct Batch {
    paper: Paper,
    sheets: Vec<Sheet>,
    failures: Vec<(String, String)>,
}

impl Batch {
    pub fn new(paper: Paper) -> Batch {
        Batch { paper, sheets: Vec::new(), failures: Vec::new() }
    }

    /// Takes the report of the film called `name`.
    ///
    /// # Errors
    /// [`ExportError::Image`] when the film cannot be compressed.
    pub fn add(&mut self, name: &str, mut report: Report) -> Result<(), ExportError> {
        let picture = report.film.as_ref().map(compressed).transpose()?;
        if let Some(film) = &mut report.film {
            // The page needs the film's size; its pixels are in the picture.
            film.grey = Vec::new();
        }
        self.sheets.push(Sheet { name: name.to_owned(), report, picture });
        Ok(())
    }

    /// Notes a film that gave no report, and why.
    pub fn fail(&mut self, name: &str, why: &str) {
        self.failures.push((name.to_owned(), why.to_owned()));
    }

    /// The document.
    ///
    /// # Errors
    /// [`ExportError`] when it cannot be made.
    pub fn finish(self) -> Result<Vec<u8>, ExportError> {
        let lettering = Type::embedded()?;
        let software = format!("Coxa {}", env!("CARGO_PKG_VERSION"));
        let parts: Vec<Vec<Vec<Node>>> =
            self.sheets.iter().map(|s| sections::pages(&s.report, self.paper, &lettering)).collect();
        let lengths: Vec<usize> = parts.iter().map(Vec::len).collect();
        // The page numbers in the summary do not change how long it is: their column is as wide as any of them.
        let summary = self.summary(&lengths, 0, &lettering).len();
        let mut all = self.summary(&lengths, summary, &lettering);
        all.extend(parts.into_iter().flatten());
        sections::feet(&mut all, &software, self.paper, &lettering);

        let mut press = Press::new(metadata(TITLE, &software, Local::now()), self.paper, &lettering)?;
        let (first, mut rest) = all.split_at(summary);
        press.print("Summary", None, None, first)?;
        for (sheet, length) in self.sheets.iter().zip(lengths) {
            let (pages, others) = rest.split_at(length);
            rest = others;
            let picture = sheet.picture.clone().map(|jpeg| Image::from_jpeg(Data::from(jpeg), false));
            let picture = picture.transpose().map_err(ExportError::Image)?;
            press.print(&sheet.name, Some(&sheet.report), picture, pages)?;
        }
        press.finish()
    }

    /// The pages of the summary; the first film follows `before` of them.
    pub(super) fn summary(&self, lengths: &[usize], before: usize, lettering: &Type) -> Vec<Vec<Node>> {
        let mut flow = Flow::new(self.paper, lettering);
        flow.running(TITLE);
        flow.heading(1, "Hip radiographs: summary", Font { size: 15.0, ..Font::HEADING });
        sections::research_use(&mut flow);
        let (measured, failed) = (self.sheets.len(), self.failures.len());
        let date = Local::now().format("%Y-%m-%d %H:%M");
        flow.paragraph(&format!("{date}: {measured} films measured, {failed} not."), Font::BODY);
        flow.gap(6.0);
        if measured > 0 {
            let header = ["Page", "Film", "Patient", "RIGHT", "LEFT", "To check"];
            let mut rows = vec![header.map(|name| Cell::new(name, Font::SMALL).column_header()).to_vec()];
            let mut page = before + 1;
            for (sheet, length) in self.sheets.iter().zip(lengths) {
                rows.push(row(sheet, page));
                page += length;
            }
            flow.table(&[0.5, 1.5, 1.6, 2.0, 2.0, 1.8], &rows);
        }
        if failed > 0 {
            flow.gap(6.0);
            flow.heading(2, "Not measured", Font::HEADING);
            for (name, why) in &self.failures {
                flow.paragraph(&format!("• {name}: {why}"), Font::BODY);
            }
        }
        flow.pages
    }
}

fn compressed(film: &Film) -> Result<Vec<u8>, ExportError> {
    let grey = paint::reduced(film, LONGER_SIDE)?;
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&grey)
        .map_err(|error| ExportError::Image(error.to_string()))?;
    Ok(jpeg)
}

fn row(sheet: &Sheet, page: usize) -> Vec<Cell> {
    let report = &sheet.report;
    let doubtful = report.assessment.measurements.iter().any(|m| m.status != Status::Ok);
    let font = if doubtful { Font::BODY.alerting() } else { Font::BODY };
    let check = wording::or_dash(&to_check(report).join("; "));
    vec![
        Cell::new(page.to_string(), Font::BODY),
        Cell::new(sheet.name.as_str(), Font::BODY).row_header(),
        Cell::new(wording::person(&report.identity.patient_name), Font::BODY)
            .with(wording::or_dash(&report.identity.patient_id), Font::SMALL),
        side(report, Side::Right),
        side(report, Side::Left),
        Cell::new(check, font),
    ]
}

/// Headline numbers and grades of one side.
fn side(report: &Report, side: Side) -> Cell {
    let assessment = &report.assessment;
    let number = |code: &&str| {
        let value = assessment.measurement(code, Some(side)).and_then(wording::value)?;
        Some(format!("{} {value}", code.replace('_', " ")))
    };
    let numbers: Vec<String> = HEADLINE.iter().filter_map(number).collect();
    let grades = assessment.findings.iter().filter(|finding| finding.side == Some(side));
    let grades: Vec<String> = grades
        .filter_map(|f| Some(format!("{} {}", wording::title(f.code), f.grade.as_ref()?.replace('_', " "))))
        .collect();
    let numbers = if numbers.is_empty() { "—".to_owned() } else { numbers.join(", ") };
    let cell = Cell::new(numbers, Font::STRONG);
    if grades.is_empty() { cell } else { cell.with(grades.join(", "), Font::SMALL) }
}

/// What keeps a reader from trusting the numbers of the film.
fn to_check(report: &Report) -> Vec<String> {
    let measurements = &report.assessment.measurements;
    let count = |of: fn(&Measurement) -> bool| measurements.iter().filter(|m| of(m)).count();
    let flagged = count(|m| m.value.is_some() && m.status != Status::Ok);
    let missing = count(|m| m.value.is_none());
    let said = [
        (flagged, ["value flagged", "values flagged"]),
        (missing, ["not measured"; 2]),
        (report.warnings.len(), ["note", "notes"]),
    ];
    let said = said.into_iter().filter(|(count, _)| *count > 0);
    said.map(|(count, [one, many])| format!("{count}\u{a0}{}", if count == 1 { one } else { many })).collect()
}
