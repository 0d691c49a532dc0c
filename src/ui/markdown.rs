//! The Markdown of the handbook as widgets: what its chapters use, no more. Pictures are left to the pages that
//! `coxa handbook` writes.

use super::theme::{self, size};
use egui::{Frame, Grid, Margin, RichText, Ui};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A stretch of words in one style.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Span {
    pub text: String,
    pub bold: bool,
    pub code: bool,
    /// Where a click leads.
    pub link: Option<String>,
}

/// A part of a page, from top to bottom.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Level from 1, and the name that links lead to.
    Heading(u8, Option<String>, Vec<Span>),
    Paragraph(Vec<Span>),
    /// How deep it stands, its number where it has one.
    Item(usize, Option<u64>, Vec<Span>),
    Code(String),
    /// Rows of cells, the first the head.
    Table(Vec<Vec<Vec<Span>>>),
}

/// The blocks of a text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    Parser::new_ext(text, options).for_each(|event| reader.take(event));
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    style: Span,
    /// The next number of each list that is open; none of a list without.
    lists: Vec<Option<u64>>,
    heading: Option<(u8, Option<String>)>,
    rows: Vec<Vec<Vec<Span>>>,
    code: Option<String>,
    picture: bool,
}

impl Reader {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match &mut self.code {
                Some(code) => code.push_str(&words),
                None => self.say(&words, false),
            },
            Event::Code(words) => self.say(&words, true),
            Event::SoftBreak => self.say(" ", false),
            Event::HardBreak => self.say("\n", false),
            _ => {}
        }
    }

    fn say(&mut self, words: &str, code: bool) {
        if !self.picture {
            self.spans.push(Span { text: words.to_owned(), code, ..self.style.clone() });
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.heading = Some((depth(level), id.map(|id| id.to_string())))
            }
            Tag::List(first) => {
                // What stands before a list within an item is that item.
                self.item();
                self.lists.push(first);
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            Tag::Strong => self.style.bold = true,
            Tag::Link { dest_url, .. } => self.style.link = Some(dest_url.to_string()),
            Tag::Image { .. } => self.picture = true,
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                let (level, name) = self.heading.take().unwrap_or((1, None));
                self.blocks.push(Block::Heading(level, name, std::mem::take(&mut self.spans)));
            }
            TagEnd::Paragraph if self.lists.is_empty() && !self.spans.is_empty() => {
                self.blocks.push(Block::Paragraph(std::mem::take(&mut self.spans)));
            }
            TagEnd::Item => self.item(),
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.blocks.push(Block::Code(code.trim_end().to_owned()));
            }
            TagEnd::Strong => self.style.bold = false,
            TagEnd::Link => self.style.link = None,
            TagEnd::Image => self.picture = false,
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                self.rows.last_mut().into_iter().for_each(|row| row.push(cell.clone()));
            }
            TagEnd::Table => self.blocks.push(Block::Table(std::mem::take(&mut self.rows))),
            _ => {}
        }
    }

    fn item(&mut self) {
        if self.spans.is_empty() {
            return;
        }
        let Some(number) = self.lists.last_mut() else { return };
        let shown = *number;
        *number = number.map(|number| number + 1);
        let depth = self.lists.len() - 1;
        self.blocks.push(Block::Item(depth, shown, std::mem::take(&mut self.spans)));
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        _ => 3,
    }
}

/// The page; where a click leads. The heading of the name `to` is scrolled into sight.
pub fn show(ui: &mut Ui, blocks: &[Block], to: Option<&str>) -> Option<String> {
    let mut followed = None;
    for (index, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading(level, name, spans) => {
                ui.add_space(if *level == 1 { 2.0 } else { 10.0 });
                let points = [0.0, 20.0, 16.0, size::VALUE][usize::from(*level).min(3)];
                let words: String = spans.iter().map(|span| span.text.as_str()).collect();
                let heading = ui.label(theme::bold(words, points).color(theme::palette(ui).text));
                if to.is_some() && name.as_deref() == to {
                    heading.scroll_to_me(Some(egui::Align::TOP));
                }
            }
            Block::Paragraph(spans) => {
                ui.add_space(3.0);
                line(ui, spans, &mut followed);
            }
            Block::Item(depth, number, spans) => {
                ui.horizontal_top(|ui| {
                    ui.add_space(8.0 + 16.0 * *depth as f32);
                    let mark = match number {
                        Some(number) => RichText::new(format!("{number}.")),
                        None => theme::bold("·", size::TEXT),
                    };
                    // On the line of the words beside it.
                    ui.horizontal(|ui| {
                        ui.set_height(ui.spacing().interact_size.y);
                        ui.label(mark)
                    });
                    ui.vertical(|ui| line(ui, spans, &mut followed));
                });
            }
            Block::Code(code) => {
                let frame = Frame::new()
                    .fill(theme::palette(ui).raised)
                    .inner_margin(Margin::same(8))
                    .corner_radius(4);
                frame.show(ui, |ui| ui.label(RichText::new(code).monospace()));
            }
            Block::Table(rows) => {
                ui.add_space(4.0);
                table(ui, index, rows, &mut followed);
            }
        }
    }
    followed
}

fn table(ui: &mut Ui, index: usize, rows: &[Vec<Vec<Span>>], followed: &mut Option<String>) {
    let columns = rows.first().map_or(1, Vec::len).max(1);
    // The first column names, the others tell.
    let name = 0.3 * ui.available_width();
    let rest = (ui.available_width() - name) / (columns.max(2) - 1) as f32 - 12.0;
    Grid::new(("table", index)).num_columns(columns).striped(true).spacing([10.0, 6.0]).show(ui, |ui| {
        for row in rows.iter().filter(|row| row.iter().any(|cell| !cell.is_empty())) {
            for (column, cell) in row.iter().enumerate() {
                ui.vertical(|ui| {
                    ui.set_width(if column == 0 { name } else { rest });
                    line(ui, cell, followed);
                });
            }
            ui.end_row();
        }
    });
}

/// Words of several styles, wrapped as one.
fn line(ui: &mut Ui, spans: &[Span], followed: &mut Option<String>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for span in spans {
            let mut text =
                if span.bold { theme::bold(&span.text, size::TEXT) } else { RichText::new(&span.text) };
            if span.code {
                text = text.monospace().size(size::TEXT - 1.0);
            }
            match &span.link {
                Some(link) => {
                    if ui.link(text).clicked() {
                        *followed = Some(link.clone());
                    }
                }
                None => drop(ui.label(text)),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(spans: &[Span]) -> String {
        spans.iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn what_the_chapters_use_is_understood() {
        let text = "# Title {#top}\n\nOne **bold** and [a link](other.html#x).\n\n1. first\n2. second\n   - below\n\n\
                    ```sh\ncoxa\n```\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n![picture](p.png)\n";
        let blocks = parse(text);
        let [Block::Heading(1, Some(name), title), Block::Paragraph(one), rest @ ..] = blocks.as_slice()
        else {
            panic!("{blocks:?}")
        };
        assert_eq!((name.as_str(), words(title).as_str()), ("top", "Title"));
        assert!(one.iter().any(|span| span.bold && span.text == "bold"));
        assert!(one.iter().any(|span| span.link.as_deref() == Some("other.html#x")));
        let [
            Block::Item(0, Some(1), first),
            Block::Item(0, Some(2), second),
            Block::Item(1, None, below),
            rest @ ..,
        ] = rest
        else {
            panic!("{rest:?}")
        };
        assert_eq!(
            (words(first), words(second), words(below)),
            ("first".into(), "second".into(), "below".into())
        );
        let [Block::Code(code), Block::Table(rows)] = rest else { panic!("{rest:?}") };
        assert_eq!(code, "coxa");
        assert_eq!(rows.iter().map(|row| words(&row[1])).collect::<Vec<_>>(), ["b", "2"]);
        assert!(rows[1][1][0].code);
    }
}
