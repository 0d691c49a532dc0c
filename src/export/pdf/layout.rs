//! The page before it is painted: a display list filled from top to bottom, with text broken into lines, tables, and a
//! new page where one is full. Units are points from the upper left corner, y down.

use crate::export::scene::View;
use crate::export::style::Rgb;
use crate::export::text::{Type, Weight};

pub const INK: Rgb = Rgb(0x14, 0x19, 0x1F);
pub const DIM: Rgb = Rgb(0x5A, 0x65, 0x70);
pub const RULE: Rgb = Rgb(0xC4, 0xCC, 0xD4);
pub const TINT: Rgb = Rgb(0xEE, 0xF1, 0xF4);
/// For what a reader must not miss; dark enough to stay dark in grey.
pub const ALERT: Rgb = Rgb(0xA3, 0x43, 0x00);

const MARGIN: f32 = 40.0;
/// Kept free at the foot of every page.
const FOOT: f32 = 66.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    #[default]
    A4,
    Letter,
}

impl Paper {
    /// Width and height in points.
    pub fn size(self) -> (f32, f32) {
        match self {
            Paper::A4 => (595.28, 841.89),
            Paper::Letter => (612.0, 792.0),
        }
    }
}

/// One thing to paint.
#[derive(Debug, Clone)]
pub enum Op {
    /// `at` is the left end of the baseline.
    Text {
        at: [f32; 2],
        text: String,
        size: f32,
        weight: Weight,
        color: Rgb,
    },
    Rule {
        from: [f32; 2],
        to: [f32; 2],
        width: f32,
        color: Rgb,
        dash: Option<[f32; 2]>,
    },
    /// Left, top, width, height.
    Tint {
        rect: [f32; 4],
        color: Rgb,
    },
    /// A mark of a chart: filled, or a ring on white.
    Dot {
        at: [f32; 2],
        radius: f32,
        color: Rgb,
        filled: bool,
    },
    /// The hospital's logo; left, top, width, height.
    Logo {
        rect: [f32; 4],
    },
    /// The film with its overlay, its upper left corner at `at`.
    Film {
        at: [f32; 2],
        view: View,
    },
}

/// What a piece of the page is to a screen reader.
#[derive(Debug, Clone)]
pub enum Role {
    Heading(u16, String),
    Paragraph,
    Figure(String),
    ColumnHeader {
        span: u32,
    },
    RowHeader,
    Cell {
        span: u32,
    },
    /// Decoration, and what repeats on every page.
    Artifact,
}

/// A tree for the tags; painting order is reading order.
#[derive(Debug, Clone)]
pub enum Node {
    Leaf(Role, Vec<Op>),
    Row(Vec<Node>),
    Table(Vec<Node>),
}

/// One style of running text.
#[derive(Debug, Clone, Copy)]
pub struct Font {
    pub size: f32,
    pub weight: Weight,
    pub color: Rgb,
}

impl Font {
    pub const BODY: Font = Font { size: 8.5, weight: Weight::Regular, color: INK };
    pub const STRONG: Font = Font { size: 8.5, weight: Weight::Bold, color: INK };
    pub const SMALL: Font = Font { size: 7.5, weight: Weight::Regular, color: DIM };
    pub const HEADING: Font = Font { size: 10.0, weight: Weight::Bold, color: INK };

    pub fn leading(self) -> f32 {
        self.size * 1.32
    }

    pub fn colored(self, color: Rgb) -> Font {
        Font { color, ..self }
    }

    /// For what must not be missed: bold too, since a grey print has no colour.
    pub fn alerting(self) -> Font {
        Font { color: ALERT, weight: Weight::Bold, ..self }
    }
}

/// Paragraphs of one table cell, one below the other, over `span` columns.
#[derive(Debug, Clone)]
pub struct Cell {
    pub lines: Vec<(String, Font)>,
    pub span: usize,
    pub role: Role,
}

impl Cell {
    pub fn new(text: impl Into<String>, font: Font) -> Cell {
        Cell { lines: vec![(text.into(), font)], span: 1, role: Role::Cell { span: 1 } }
    }

    pub fn with(mut self, text: impl Into<String>, font: Font) -> Cell {
        self.lines.push((text.into(), font));
        self
    }

    pub fn over(mut self, columns: usize) -> Cell {
        self.span = columns;
        self.role = Role::Cell { span: columns as u32 };
        self
    }

    pub fn column_header(mut self) -> Cell {
        self.role = Role::ColumnHeader { span: self.span as u32 };
        self
    }

    pub fn row_header(mut self) -> Cell {
        self.role = Role::RowHeader;
        self
    }
}

/// The pages so far and the place where the next thing goes.
pub struct Flow<'a> {
    pub lettering: &'a Type,
    pub paper: Paper,
    pub pages: Vec<Vec<Node>>,
    /// Top of the next thing.
    pub y: f32,
    pub left: f32,
    pub width: f32,
    /// Kept free at the foot of the first page, above that of every page.
    reserved: f32,
    /// Top of the first thing of this page.
    top: f32,
    /// What every page after the first begins with: sheets of two patients may be mixed up.
    running: Option<String>,
}

impl<'a> Flow<'a> {
    pub fn new(paper: Paper, lettering: &'a Type) -> Self {
        let width = paper.size().0 - 2.0 * MARGIN;
        Self {
            lettering,
            paper,
            pages: vec![Vec::new()],
            y: MARGIN,
            left: MARGIN,
            width,
            reserved: 0.0,
            top: MARGIN,
            running: None,
        }
    }

    /// Sets the line that every page after the first begins with.
    pub fn running(&mut self, words: &str) {
        let font = Font::SMALL;
        self.running = self.lettering.wrap_at_most(words, font.weight, font.size, self.width, 1).pop();
    }

    /// Keeps `height` free at the foot of the first page.
    pub fn reserve(&mut self, height: f32) {
        self.reserved = height;
    }

    /// The page and the top of what is kept free.
    pub fn to_reserved(&self) -> (usize, f32) {
        (0, self.paper.size().1 - FOOT - self.reserved)
    }

    /// Lowest place for content on the current page.
    pub fn bottom(&self) -> f32 {
        let reserved = if self.pages.len() == 1 { self.reserved } else { 0.0 };
        self.paper.size().1 - FOOT - reserved
    }

    pub fn new_page(&mut self) {
        self.pages.push(Vec::new());
        (self.y, self.top) = (MARGIN, MARGIN);
        if let Some(words) = self.running.clone() {
            let column = (self.left, self.width);
            (self.left, self.width) = (MARGIN, self.paper.size().0 - 2.0 * MARGIN);
            let words = self.op(&words, Font::SMALL, 0.0);
            self.gap(Font::SMALL.leading() + 2.0);
            self.push(Node::Leaf(Role::Artifact, vec![words]));
            self.rule();
            self.gap(8.0);
            self.top = self.y;
            (self.left, self.width) = column;
        }
    }

    /// Starts a new page unless `height` still fits.
    pub fn need(&mut self, height: f32) {
        if self.y + height > self.bottom() && self.y > self.top {
            self.new_page();
        }
    }

    /// What `fill` lays out, on one page where one can hold it: a few lines on a sheet of their own help nobody.
    pub fn together(&mut self, fill: impl Fn(&mut Self)) {
        let (pages, nodes, y) = (self.pages.len(), self.pages.last().map_or(0, Vec::len), self.y);
        fill(self);
        if self.pages.len() > pages && y > self.top {
            self.pages.truncate(pages);
            if let Some(page) = self.pages.last_mut() {
                page.truncate(nodes);
            }
            self.new_page();
            fill(self);
        }
    }

    pub fn push(&mut self, node: Node) {
        if let Some(page) = self.pages.last_mut() {
            page.push(node);
        }
    }

    pub fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Lays out into `width` points from `left`, from the current height; gives back where it ended.
    pub fn column(&mut self, left: f32, width: f32, fill: impl FnOnce(&mut Self)) -> f32 {
        let (y, outer) = (self.y, (self.left, self.width));
        (self.left, self.width) = (left, width);
        fill(self);
        (self.left, self.width) = outer;
        std::mem::replace(&mut self.y, y)
    }

    /// One line at the current place, without moving on; `shift` from the left.
    pub fn op(&self, text: &str, font: Font, shift: f32) -> Op {
        Op::Text {
            at: [self.left + shift, self.y + font.size],
            text: text.to_owned(),
            size: font.size,
            weight: font.weight,
            color: font.color,
        }
    }

    pub fn heading(&mut self, level: u16, text: &str, font: Font) {
        // A heading never stands alone at the foot of a page.
        self.need(font.leading() + 24.0);
        let lines = self.lettering.wrap_at_most(text, font.weight, font.size, self.width, 2);
        let ops = self.set(&lines, font);
        self.push(Node::Leaf(Role::Heading(level, text.to_owned()), ops));
        self.gap(2.0);
    }

    pub fn paragraph(&mut self, text: &str, font: Font) {
        let lines = self.lettering.wrap(text, font.weight, font.size, self.width);
        let mut ops = Vec::new();
        for line in lines {
            if self.y + font.leading() > self.bottom() {
                self.push(Node::Leaf(Role::Paragraph, std::mem::take(&mut ops)));
                self.need(font.leading());
            }
            ops.extend(self.set(&[line], font));
        }
        self.push(Node::Leaf(Role::Paragraph, ops));
    }

    fn set(&mut self, lines: &[String], font: Font) -> Vec<Op> {
        let mut ops = Vec::new();
        for line in lines {
            ops.push(self.op(line, font, 0.0));
            self.y += font.leading();
        }
        ops
    }

    pub fn rule(&mut self) {
        let op = Op::Rule {
            from: [self.left, self.y],
            to: [self.left + self.width, self.y],
            width: 0.5,
            color: RULE,
            dash: None,
        };
        self.push(Node::Leaf(Role::Artifact, vec![op]));
    }

    /// A table with columns of the given shares of the width and a rule below each row but the last; the rows of column
    /// headers that it begins with come again on every page it goes on to. A row without any header belongs to the one
    /// above it: no rule and no page comes between them.
    pub fn table(&mut self, shares: &[f32], rows: &[Vec<Cell>]) {
        let total: f32 = shares.iter().sum();
        let widths: Vec<f32> = shares.iter().map(|s| s / total * self.width).collect();
        let is_header = |row: &&Vec<Cell>| row.iter().all(|c| matches!(c.role, Role::ColumnHeader { .. }));
        let headers = rows.iter().take_while(is_header).count();
        let goes_on = |row: &Vec<Cell>| row.iter().all(|cell| matches!(cell.role, Role::Cell { .. }));
        let mut nodes = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let after = &rows[index + 1..];
            let group = after.iter().take_while(|row| goes_on(row)).chain([row]);
            let height: f32 = group.map(|row| self.row_height(&widths, row)).sum();
            if index >= headers && !goes_on(row) && self.y + height > self.bottom() {
                self.push(Node::Table(std::mem::take(&mut nodes)));
                self.new_page();
                for header in &rows[..headers] {
                    nodes.push(self.set_row(&widths, header, true));
                }
            }
            let ruled = after.first().is_some_and(|next| !goes_on(next));
            nodes.push(self.set_row(&widths, row, ruled));
        }
        self.push(Node::Table(nodes));
    }

    fn row_height(&self, widths: &[f32], row: &[Cell]) -> f32 {
        self.lay_row(widths, row).iter().map(|(_, _, height)| *height).fold(0.0, f32::max) + 5.0
    }

    fn set_row(&mut self, widths: &[f32], row: &[Cell], ruled: bool) -> Node {
        let laid = self.lay_row(widths, row);
        let height = self.row_height(widths, row);
        let cells = laid.into_iter().map(|(role, ops, _)| Node::Leaf(role, moved(ops, self.y + 2.0)));
        let node = Node::Row(cells.collect());
        self.y += height;
        if ruled {
            self.rule();
        }
        node
    }

    /// Cells with their height, set from y = 0.
    fn lay_row(&self, widths: &[f32], row: &[Cell]) -> Vec<(Role, Vec<Op>, f32)> {
        let mut column = 0;
        let mut x = self.left;
        let mut laid = Vec::new();
        for cell in row {
            let width: f32 = widths.iter().skip(column).take(cell.span).sum();
            let mut ops = Vec::new();
            let mut y = 0.0;
            for (text, font) in &cell.lines {
                for line in self.lettering.wrap(text, font.weight, font.size, width - 5.0) {
                    ops.push(Op::Text {
                        at: [x, y + font.size],
                        text: line,
                        size: font.size,
                        weight: font.weight,
                        color: font.color,
                    });
                    y += font.leading();
                }
            }
            laid.push((cell.role.clone(), ops, y));
            column += cell.span;
            x += width;
        }
        laid
    }
}

fn moved(mut ops: Vec<Op>, down: f32) -> Vec<Op> {
    for op in &mut ops {
        if let Op::Text { at, .. } = op {
            at[1] += down;
        }
    }
    ops
}
