//! The handbook: chapters of `assets/handbook` and those that the program writes itself, about every measurement and
//! every network, as HTML pages that need nothing but a browser.

mod chapters;
mod drawing;
mod measurements;
mod networks;

use super::{ExportError, write_atomic};
use crate::models::Plan;
use pulldown_cmark::{Options, Parser, html};
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("../../../assets/handbook/style.css");

/// One page: its file's name without ending, its title, its text in Markdown.
#[derive(Debug, Clone)]
pub struct Page {
    pub name: &'static str,
    pub title: String,
    pub text: String,
}

/// All pages, the way in first.
pub fn pages(plans: &[Plan]) -> Vec<Page> {
    let mut pages = chapters::pages();
    pages.push(Page {
        name: "measurements",
        title: "Every measurement".to_owned(),
        text: measurements::text(),
    });
    pages.push(Page { name: "networks", title: "The networks".to_owned(), text: networks::text(plans) });
    pages
}

/// Writes the pages, their figures and pictures into `folder`, which is made; gives the path of the first page.
///
/// # Errors
/// A folder that cannot be written to; figures that cannot be drawn.
pub fn write(folder: &Path, plans: &[Plan]) -> Result<PathBuf, ExportError> {
    let failed = |cause| ExportError::Write { path: folder.to_owned(), cause };
    for part in ["figures", "pictures"] {
        std::fs::create_dir_all(folder.join(part)).map_err(failed)?;
    }
    let pages = pages(plans);
    for (name, bytes) in chapters::PICTURES.iter().copied() {
        write_atomic(&folder.join("pictures").join(name), bytes)?;
    }
    for (name, bytes) in drawing::all()? {
        write_atomic(&folder.join("figures").join(name), &bytes)?;
    }
    for page in &pages {
        let path = folder.join(format!("{}.html", page.name));
        write_atomic(&path, html_of(page, &pages).as_bytes())?;
    }
    write_atomic(&folder.join("style.css"), STYLE.as_bytes())?;
    Ok(folder.join("index.html"))
}

/// The whole page, with the list of all pages beside it.
fn html_of(page: &Page, pages: &[Page]) -> String {
    let mut body = String::new();
    html::push_html(
        &mut body,
        Parser::new_ext(&page.text, Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES),
    );
    let entry = |other: &Page| {
        let here = if other.name == page.name { " aria-current=\"page\"" } else { "" };
        format!("<li><a href=\"{}.html\"{here}>{}</a></li>", other.name, other.title)
    };
    let list: String = pages.iter().map(entry).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} – Coxa</title>\
         <link rel=\"stylesheet\" href=\"style.css\"></head>\n<body>\n<nav><p>Coxa {version}</p><ul>{list}</ul></nav>\n\
         <main>\n{body}\n<footer>{notice}</footer></main>\n</body>\n</html>\n",
        title = page.title,
        version = env!("CARGO_PKG_VERSION"),
        notice = crate::RESEARCH_USE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::explain;
    use crate::models::catalogue;

    fn written() -> (tempfile::TempDir, Vec<(String, String)>) {
        let folder = tempfile::tempdir().unwrap();
        let plans: Vec<Plan> = catalogue().iter().map(|card| card.plan.clone()).collect();
        write(folder.path(), &plans).unwrap();
        let pages = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let pages = pages.filter(|path| path.extension().is_some_and(|e| e == "html"));
        let read = |path: PathBuf| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        };
        let pages = pages.map(read).collect();
        (folder, pages)
    }

    #[test]
    fn every_link_and_picture_leads_somewhere() {
        let (folder, pages) = written();
        let mut followed = 0;
        for (name, text) in &pages {
            for attribute in ["href=\"", "src=\""] {
                for part in text.split(attribute).skip(1) {
                    let target = part.split('"').next().unwrap();
                    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                    let file = if file.is_empty() { name } else { file };
                    assert!(folder.path().join(file).is_file(), "{name}: {target}");
                    if !anchor.is_empty() {
                        let other = &pages.iter().find(|(other, _)| other == file).expect(file).1;
                        assert!(other.contains(&format!("id=\"{anchor}\"")), "{name}: {target}");
                    }
                    followed += 1;
                }
            }
        }
        assert!(followed > 100, "{followed}");
    }

    #[test]
    fn every_code_is_explained_and_every_network_has_its_card() {
        let (_folder, pages) = written();
        let page = |name: &str| &pages.iter().find(|(other, _)| other == name).expect(name).1;
        for (code, _) in explain::codes() {
            assert!(page("measurements.html").contains(&format!("id=\"{code}\"")), "{code}");
        }
        for card in catalogue() {
            assert!(page("networks.html").contains(card.sha256()), "{}", card.id());
        }
    }
}
