//! The evaluation as one page that needs nothing from elsewhere: no script, no font, no picture. It is sound XML, so that
//! programs can read it, too, and it prints on paper.

use super::{charts, words};
use crate::eval::evaluation::Evaluation;
use crate::eval::evaluation::table::{Cell, Chart, Section, Table};
use crate::export::ExportError;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

/// What stands at the top of the page.
pub struct Head {
    pub title: String,
    /// Words and their values: data, split, seed, date, command.
    pub about: Vec<(String, String)>,
}

/// The page. `pictures` are those of the worst films: caption and `svg` element, in the order of readers and ranks.
///
/// # Errors
/// [`ExportError::Chart`], for a chart that cannot be drawn.
pub fn render(
    head: &Head,
    evaluation: &Evaluation,
    pictures: &[(String, String)],
) -> Result<String, ExportError> {
    let mut page = String::new();
    let title = escaped(&head.title);
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n<p class=\"research\">{}</p>\n<dl>\n",
        escaped(crate::RESEARCH_USE)
    );
    for (word, value) in &head.about {
        let _ = writeln!(page, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(word), escaped(value));
    }
    page.push_str("</dl>\n</header>\n<nav aria-label=\"Contents\">\n<ol>\n");
    for section in &evaluation.sections {
        let _ = writeln!(page, "<li><a href=\"#{}\">{}</a></li>", section.id, escaped(&section.title));
    }
    page.push_str("</ol>\n</nav>\n<main>\n");
    for section in &evaluation.sections {
        write_section(&mut page, section, if section.id == "worst" { pictures } else { &[] })?;
    }
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(page)
}

fn write_section(
    page: &mut String,
    section: &Section,
    pictures: &[(String, String)],
) -> Result<(), ExportError> {
    let id = section.id;
    let _ = writeln!(page, "<section id=\"{id}\" aria-labelledby=\"{id}-title\">");
    let _ = writeln!(page, "<h2 id=\"{id}-title\">{}</h2>", escaped(&section.title));
    for text in &section.text {
        let _ = writeln!(page, "<p>{}</p>", escaped(text));
    }
    for table in &section.tables {
        write_table(page, table);
    }
    figures(page, section.charts.iter().map(|chart| Ok((caption(chart), drawn(chart)?))))?;
    figures(page, pictures.iter().map(|(words, svg)| Ok((escaped(words), svg.clone()))))?;
    page.push_str("</section>\n");
    Ok(())
}

fn caption(chart: &Chart) -> String {
    format!("<strong>{}.</strong> {}", escaped(&chart.title), escaped(&chart.description))
}

/// The chart with its description for who does not see it.
fn drawn(chart: &Chart) -> Result<String, ExportError> {
    let label = escaped(&format!("{}. {}", chart.title, chart.description));
    Ok(charts::svg(chart)?.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1))
}

fn figures(
    page: &mut String,
    figures: impl Iterator<Item = Result<(String, String), ExportError>>,
) -> Result<(), ExportError> {
    let figures = figures.collect::<Result<Vec<_>, _>>()?;
    if figures.is_empty() {
        return Ok(());
    }
    page.push_str("<div class=\"figures\">\n");
    for (caption, svg) in figures {
        let _ = writeln!(page, "<figure>{}<figcaption>{caption}</figcaption></figure>", svg.trim());
    }
    page.push_str("</div>\n");
    Ok(())
}

fn write_table(page: &mut String, table: &Table) {
    let class = if table.matrix { " class=\"matrix\"" } else { "" };
    let _ = writeln!(page, "<div class=\"scroll\"><table id=\"{}\"{class}>", escaped(&table.id));
    let _ = write!(page, "<caption><strong>{}</strong>", escaped(&table.title));
    if !table.note.is_empty() {
        let _ = write!(page, " <span>{}</span>", escaped(&table.note));
    }
    page.push_str("</caption>\n<thead><tr>");
    for name in &table.columns {
        let _ = write!(page, "<th scope=\"col\">{}</th>", escaped(name));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        page.push_str(if row.published { "<tr class=\"published\">" } else { "<tr>" });
        let total = match (table.matrix, row.cells.last()) {
            (true, Some(Cell::Count(total))) => *total,
            _ => 0,
        };
        for (number, cell) in row.cells.iter().enumerate() {
            let words = escaped(&words(cell));
            if number == 0 {
                let _ = write!(page, "<th scope=\"row\">{words}</th>");
                continue;
            }
            let class = if matches!(cell, Cell::Text(_)) { "" } else { " class=\"number\"" };
            let _ =
                write!(page, "<td{class}{}>{words}</td>", shade(cell, total, number + 1 < row.cells.len()));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

/// A tint for the cells of a confusion matrix by their share of the row; the number itself stands on it.
fn shade(cell: &Cell, total: usize, inner: bool) -> String {
    match cell {
        Cell::Count(count) if total > 0 && inner && *count > 0 => {
            format!(" style=\"background:rgba(0,114,178,{:.2})\"", 0.5 * *count as f64 / total as f64)
        }
        _ => String::new(),
    }
}

/// Text for an element or an attribute; control characters, which XML forbids, become spaces.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
