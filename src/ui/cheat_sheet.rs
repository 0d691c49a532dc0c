//! All keys as a page to print or to pin up: HTML, or Markdown, in the window's language and with the keys as they are.

use super::action::{Action, Group};
use super::dialogs::{GESTURES, gesture};
use super::keymap::{Keymap, print};
use super::lang::tr;
use std::fmt::Write;
use std::path::Path;

/// The page that the name of the file asks for: Markdown by `.md`, else HTML.
pub fn page(path: &Path, keys: &Keymap) -> String {
    let markdown = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
    if markdown { self::markdown(keys) } else { html(keys) }
}

fn keys_of(action: Action, keys: &Keymap) -> String {
    keys.of(action).iter().map(print).collect::<Vec<_>>().join(", ")
}

/// Heading and rows: key, name, what it does.
fn tables(keys: &Keymap) -> Vec<(&'static str, Vec<[String; 3]>)> {
    let row =
        |action: &Action| [keys_of(*action, keys), action.text().to_owned(), action.tooltip().to_owned()];
    let groups = Group::ALL.iter().map(|group| (group.text(), group.actions().iter().map(row).collect()));
    let hands = GESTURES.map(gesture).map(|(hand, does)| [hand.to_owned(), does.to_owned(), String::new()]);
    groups.chain([(tr!("keys.gestures"), hands.to_vec())]).collect()
}

fn markdown(keys: &Keymap) -> String {
    let mut page = format!("# Coxa: {}\n", tr!("action.Keys"));
    let cell = |text: &str| text.replace('|', "\\|");
    for (heading, rows) in tables(keys) {
        let _ = write!(page, "\n## {heading}\n\n| | | |\n|---|---|---|\n");
        for [key, name, does] in &rows {
            let _ = writeln!(page, "| {} | {} | {} |", cell(key), cell(name), cell(does));
        }
    }
    page
}

const STYLE: &str = "body{font:13px/1.4 'Noto Sans',sans-serif;margin:2em auto;max-width:70em;columns:2;column-gap:3em}\
h1{column-span:all}h2{font-size:14px;margin:1em 0 .3em}table{border-collapse:collapse;width:100%;break-inside:avoid}\
td{padding:2px 8px 2px 0;vertical-align:top;border-bottom:1px solid #ddd}td:first-child{white-space:nowrap;font-weight:600}\
td:last-child{color:#555}@media print{body{margin:0;font-size:9px}}";

fn html(keys: &Keymap) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let title = format!("Coxa: {}", escaped(tr!("action.Keys")));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style>\
         </head><body><h1>{title}</h1>\n",
        tr!("code")
    );
    for (heading, rows) in tables(keys) {
        let _ = writeln!(page, "<h2>{}</h2><table>", escaped(heading));
        for row in &rows {
            let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
            let _ = writeln!(page, "<tr>{cells}</tr>");
        }
        page.push_str("</table>\n");
    }
    page.push_str("</body></html>\n");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::keymap::parse;

    #[test]
    fn the_sheet_names_every_action_with_the_key_that_it_has_now() {
        let mut keys = Keymap::default();
        keys.set(Action::Fit, parse("Ctrl+G").expect("a key"));
        let (md, html) = (page(Path::new("keys.md"), &keys), page(Path::new("keys.html"), &keys));
        assert!(md.starts_with("# Coxa") && html.starts_with("<!DOCTYPE html>"));
        assert!(md.contains("| Ctrl+G | Fit |"), "{md}");
        assert!(html.contains("<td>Ctrl+G</td><td>Fit</td>"));
        for action in Action::ALL {
            assert!(md.contains(action.text()) && html.contains(&action.text().replace('&', "&amp;")));
        }
    }
}
