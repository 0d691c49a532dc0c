//! The display list as a tagged PDF, by krilla.

use super::layout::{Node, Op, Paper, Role};
use crate::export::png::resized;
use crate::export::scene::{self, Item, View};
use crate::export::style::{self, Rgb};
use crate::export::text::{Face, Type, Weight};
use crate::export::{ExportError, Film, Report};
use image::GrayImage;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::image::{BitsPerComponent, CustomImage, Image, ImageColorspace};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, TextDirection};
use krilla::{Data, Document, SerializeSettings};
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;

/// The film's longer side in the PDF, pixels: 300 dpi on the width it has there.
const LONGER_SIDE: usize = 1300;
const PAPER: Rgb = Rgb(0xFF, 0xFF, 0xFF);

/// A document that is printed part by part.
pub struct Press<'a> {
    document: Document,
    tags: TagTree,
    outline: Outline,
    lettering: &'a Type,
    fonts: [Font; 4],
    settings: PageSettings,
    pages: usize,
}

impl<'a> Press<'a> {
    /// An empty archival (PDF/A-2a) and accessible (PDF/UA-1) document.
    pub fn new(metadata: Metadata, paper: Paper, lettering: &'a Type) -> Result<Press<'a>, ExportError> {
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|_| unpaintable("levels of conformity"))?;
        let mut document =
            Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        document.set_metadata(metadata);
        let font = |face: Face| Font::new(Data::from(face.data()), 0).ok_or_else(|| unpaintable("fonts"));
        let [regular, bold, symbols, ideographs] = Face::ALL.map(font);
        let (width, height) = paper.size();
        Ok(Press {
            document,
            tags: TagTree::new().with_lang(Some("en".to_owned())),
            outline: Outline::new(),
            lettering,
            fonts: [regular?, bold?, symbols?, ideographs?],
            settings: PageSettings::from_wh(width, height).ok_or_else(|| unpaintable("page size"))?,
            pages: 0,
        })
    }

    /// Prints the pages of one report; `name` is what the document's outline calls the first. `picture` is its film,
    /// and [`picture`] makes it.
    pub fn print(
        &mut self,
        name: &str,
        report: Option<&Report>,
        picture: Option<Image>,
        pages: &[Vec<Node>],
    ) -> Result<(), ExportError> {
        let logo = report.and_then(|report| report.circumstances.site.logo.clone());
        let logo = logo.map(|png| Image::from_png(Data::from(png), false).map_err(ExportError::Image));
        let painter = Painter {
            report,
            lettering: self.lettering,
            fonts: &self.fonts,
            film: picture,
            logo: logo.transpose()?,
        };
        let top = XyzDestination::new(self.pages, Point::from_xy(0.0, 0.0));
        self.outline.push_child(OutlineNode::new(name.to_owned(), top));
        for nodes in pages {
            let mut page = self.document.start_page_with(self.settings.clone());
            let mut surface = page.surface();
            for node in nodes {
                if let Some(group) = painter.node(&mut surface, node) {
                    self.tags.push(group);
                }
            }
            surface.finish();
            page.finish();
            self.pages += 1;
        }
        Ok(())
    }

    /// The file's bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, ExportError> {
        self.document.set_outline(self.outline);
        self.document.set_tag_tree(self.tags);
        self.document.finish().map_err(|e| ExportError::Pdf(format!("{e:?}")))
    }
}

/// The film as a report shows it, without loss.
pub fn picture(film: &Film) -> Result<Image, ExportError> {
    let grey = reduced(film, LONGER_SIDE)?;
    let size = grey.dimensions();
    Image::from_custom(Grey { data: Arc::new(grey.into_raw()), size }, false).map_err(ExportError::Image)
}

/// The film, its longer side at most `longest` pixels.
pub fn reduced(film: &Film, longest: usize) -> Result<GrayImage, ExportError> {
    let scale = (longest as f64 / film.rows.max(film.columns).max(1) as f64).min(1.0);
    let side = |pixels: usize| ((pixels as f64 * scale).round() as u32).max(1);
    resized(film, side(film.columns), side(film.rows))
}

fn unpaintable(what: &str) -> ExportError {
    ExportError::Pdf(format!("krilla refused the {what}"))
}

/// 8-bit grey for krilla, cheap to clone.
#[derive(Clone, Hash)]
struct Grey {
    data: Arc<Vec<u8>>,
    size: (u32, u32),
}

impl CustomImage for Grey {
    fn color_channel(&self) -> &[u8] {
        &self.data
    }
    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }
    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }
    fn size(&self) -> (u32, u32) {
        self.size
    }
    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }
    fn color_space(&self) -> ImageColorspace {
        ImageColorspace::Luma
    }
}

struct Painter<'a> {
    report: Option<&'a Report>,
    lettering: &'a Type,
    fonts: &'a [Font; 4],
    film: Option<Image>,
    logo: Option<Image>,
}

impl Painter<'_> {
    /// Paints a node; `None` where there is nothing to tag.
    fn node(&self, surface: &mut Surface, node: &Node) -> Option<TagGroup> {
        match node {
            Node::Leaf(_, ops) if ops.is_empty() => None,
            Node::Leaf(role, ops) => {
                let id = self.tagged(surface, role, ops);
                let mut group = TagGroup::new(tag(role)?);
                group.push(id);
                Some(group)
            }
            Node::Row(cells) => self.group(surface, Tag::TR, cells),
            Node::Table(rows) => self.group(surface, Tag::Table, rows),
        }
    }

    fn group(&self, surface: &mut Surface, tag: impl Into<TagKind>, nodes: &[Node]) -> Option<TagGroup> {
        let mut group = TagGroup::new(tag);
        for node in nodes {
            if let Some(child) = self.node(surface, node) {
                group.push(child);
            }
        }
        (!group.children.is_empty()).then_some(group)
    }

    fn tagged(&self, surface: &mut Surface, role: &Role, ops: &[Op]) -> Identifier {
        let content = match role {
            Role::Artifact => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
            _ => ContentTag::Other,
        };
        let id = surface.start_tagged(content);
        for (index, op) in ops.iter().enumerate() {
            // A reader that has no geometry needs a space between the words of two lines.
            self.op(surface, op, index + 1 < ops.len());
        }
        surface.end_tagged();
        id
    }

    fn op(&self, surface: &mut Surface, op: &Op, more: bool) {
        match op {
            Op::Text { at, text, size, weight, color } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*color)));
                let spaced = if more { format!("{text} ") } else { text.clone() };
                self.draw_text(surface, *at, &spaced, *size, *weight, false);
            }
            Op::Rule { from, to, width, color, dash } => {
                stroke_path(surface, polyline(&[*from, *to]), stroke(*color, 1.0, *width, *dash));
            }
            Op::Tint { rect, color } => fill_path(surface, rectangle(*rect), *color),
            Op::Dot { at, radius, color, filled: true } => fill_path(surface, circle(*at, *radius), *color),
            Op::Dot { at, radius, color, filled: false } => {
                fill_path(surface, circle(*at, *radius), PAPER);
                stroke_path(surface, circle(*at, *radius), stroke(*color, 1.0, 1.0, None));
            }
            Op::Logo { rect: [left, top, width, height] } => {
                if let (Some(logo), Some(size)) = (self.logo.clone(), Size::from_wh(*width, *height)) {
                    surface.push_transform(&Transform::from_translate(*left, *top));
                    surface.draw_image(logo, size);
                    surface.pop();
                }
            }
            Op::Film { at, view } => self.film(surface, *at, view),
        }
    }

    fn draw_text(
        &self,
        surface: &mut Surface,
        [x, y]: [f32; 2],
        text: &str,
        size: f32,
        weight: Weight,
        as_outlines: bool,
    ) {
        let mut pen = x;
        for (face, run) in self.lettering.runs(text, weight) {
            let at = Point::from_xy(pen, y);
            let font = self.fonts[face as usize].clone();
            surface.draw_text(at, font, size, run, as_outlines, TextDirection::Auto);
            pen += self.lettering.width(run, weight, size);
        }
    }

    fn film(&self, surface: &mut Surface, [x, y]: [f32; 2], view: &View) {
        let Some(report) = self.report else { return };
        surface.push_transform(&Transform::from_translate(x, y));
        let frame = [0.0, 0.0, view.width, view.height];
        match (self.film.clone(), Size::from_wh(view.width, view.height)) {
            (Some(image), Some(size)) => surface.draw_image(image, size),
            // Points without an image stand on the overlay's dark ground, where its colours are at home.
            _ => fill_path(surface, rectangle(frame), style::HALO),
        }
        let clip = rectangle(frame);
        if let Some(clip) = &clip {
            surface.push_clip_path(clip, &FillRule::NonZero);
        }
        for item in scene::items(report, view, self.lettering) {
            self.item(surface, &item, view.unit);
        }
        if clip.is_some() {
            surface.pop();
        }
        surface.pop();
    }

    fn item(&self, surface: &mut Surface, item: &Item, unit: f32) {
        match item {
            Item::Line { points, color, width, dash } => {
                let halo = width * style::LINE_HALO / style::LINE;
                stroke_path(surface, polyline(points), stroke(style::HALO, style::HALO_OPACITY, halo, *dash));
                stroke_path(surface, polyline(points), stroke(*color, 1.0, *width, *dash));
            }
            Item::Ring { center, radius, color, core } => {
                let ring = || circle(*center, *radius);
                let halo = stroke(style::HALO, style::HALO_OPACITY, style::LINE_HALO * unit, None);
                stroke_path(surface, ring(), halo);
                stroke_path(surface, ring(), stroke(*color, 1.0, style::LINE * unit, None));
                if *core {
                    fill_path(surface, circle(*center, radius * 0.5), *color);
                }
            }
            Item::Text { at, text, size, weight, color } => {
                // The halo as outlines, so that the text is in the file once.
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(style::HALO, 0.8, size * 0.2, None)));
                self.draw_text(surface, *at, text, *size, *weight, true);
                surface.set_stroke(None);
                surface.set_fill(Some(fill(lightened(*color))));
                self.draw_text(surface, *at, text, *size, *weight, false);
            }
        }
    }
}

/// Half way to white: without its hue, in a grey print, a label stands off the film by its lightness alone.
fn lightened(Rgb(r, g, b): Rgb) -> Rgb {
    let lighter = |c: u8| c / 2 + 128;
    Rgb(lighter(r), lighter(g), lighter(b))
}

fn tag(role: &Role) -> Option<TagKind> {
    let header = |scope, span: u32| TagKind::from(Tag::TH(scope).with_col_span(NonZeroU32::new(span)));
    Some(match role {
        Role::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Role::Paragraph => Tag::P.into(),
        Role::Figure(words) => Tag::Figure(Some(words.clone())).into(),
        Role::ColumnHeader { span } => header(TableHeaderScope::Column, *span),
        Role::RowHeader => header(TableHeaderScope::Row, 1),
        Role::Cell { span } => Tag::TD.with_col_span(NonZeroU32::new(*span)).into(),
        Role::Artifact => return None,
    })
}

fn fill(Rgb(r, g, b): Rgb) -> Fill {
    Fill { paint: rgb::Color::new(r, g, b).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn stroke(Rgb(r, g, b): Rgb, opacity: f32, width: f32, dash: Option<[f32; 2]>) -> Stroke {
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width,
        opacity: NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE),
        line_join: LineJoin::Round,
        dash: dash.map(|d| StrokeDash { array: d.to_vec(), offset: 0.0 }),
        ..Stroke::default()
    }
}

fn stroke_path(surface: &mut Surface, path: Option<Path>, stroke: Stroke) {
    if let Some(path) = path {
        surface.set_fill(None);
        surface.set_stroke(Some(stroke));
        surface.draw_path(&path);
    }
}

fn fill_path(surface: &mut Surface, path: Option<Path>, color: Rgb) {
    if let Some(path) = path {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(color)));
        surface.draw_path(&path);
    }
}

fn polyline(points: &[[f32; 2]]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (index, [x, y]) in points.iter().enumerate() {
        if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
    }
    path.finish()
}

fn rectangle([left, top, width, height]: [f32; 4]) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(left, top, width, height)?);
    path.finish()
}

/// Four cubic arcs.
fn circle([x, y]: [f32; 2], r: f32) -> Option<Path> {
    let k = r * 0.552_284_8;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}
