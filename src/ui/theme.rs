//! Every colour, font and size of the window. Dark is the default for reading; the film's ground stays dark in both.

use crate::export::text::Face;
use crate::measure::construction::Role;
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, RichText, Stroke,
};
use egui::{TextStyle, Theme, Ui, Visuals, vec2};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Colours of panels and text.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    pub ground: Color32,
    pub panel: Color32,
    pub raised: Color32,
    pub line: Color32,
    pub text: Color32,
    pub dim: Color32,
    pub accent: Color32,
    /// Within the norm.
    pub good: Color32,
    /// Something a reader must look at.
    pub alert: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub const DARK: Palette = Palette {
    ground: rgb(0x0B0E12),
    panel: rgb(0x14191F),
    raised: rgb(0x1E252D),
    line: rgb(0x2A323C),
    text: rgb(0xE8EDF2),
    dim: rgb(0x93A1AF),
    accent: rgb(0x3FB6C9),
    good: rgb(0x4FD1A5),
    alert: rgb(0xF08A4B),
};

pub const LIGHT: Palette = Palette {
    ground: rgb(0xFFFFFF),
    panel: rgb(0xF3F5F7),
    raised: rgb(0xE4E8EC),
    line: rgb(0xC5CCD4),
    text: rgb(0x11161B),
    dim: rgb(0x4B5763),
    accent: rgb(0x0B6E7F),
    good: rgb(0x00664B),
    alert: rgb(0xA84300),
};

/// Colours over the film: those of Okabe and Ito, told apart by colour-blind readers.
pub mod film {
    use super::{Color32, rgb};

    pub const GROUND: Color32 = rgb(0x0B0E12);
    pub const TEXT: Color32 = rgb(0xE8EDF2);
    pub const DIM: Color32 = rgb(0x93A1AF);
    pub const POINT: Color32 = rgb(0xE8EDF2);
    pub const SELECTED: Color32 = rgb(0x3FB6C9);
    /// Under every line and letter: dark at 60 %.
    pub const HALO: Color32 = Color32::from_rgba_premultiplied(0x00, 0x00, 0x00, 0x99);
    /// Under text.
    pub const PLATE: Color32 = Color32::from_rgba_premultiplied(0x08, 0x0A, 0x0D, 0xC8);
    pub const HILGENREINER: Color32 = rgb(0x56B4E9);
    pub const PERKIN: Color32 = rgb(0xF0E442);
    pub const ROOF: Color32 = rgb(0xE69F00);
    pub const D_LINE: Color32 = rgb(0xCC79A7);
    pub const AXIS: Color32 = rgb(0x009E73);
    pub const OUTLINE: Color32 = rgb(0xE8EDF2);
    pub const CALIBRATION: Color32 = rgb(0x4FD1A5);
    /// Free lengths, angles and circles.
    pub const FIGURE: Color32 = rgb(0xF4B6D2);
    pub const ALERT: Color32 = rgb(0xF08A4B);
}

/// Sizes over the film, in points.
pub mod size {
    pub const LINE: f32 = 1.5;
    pub const LINE_BRIGHT: f32 = 2.5;
    pub const HALO: f32 = 3.0;
    pub const POINT: f32 = 6.0;
    pub const POINT_HOVERED: f32 = 9.0;
    pub const POINT_HIT: f32 = 12.0;
    pub const TEXT: f32 = 13.0;
    pub const VALUE: f32 = 15.0;
    /// The numbers that a meeting looks for: the height of their digits on a 13-inch screen is what an eye of usual acuity
    /// reads from 3 m (5 minutes of arc).
    pub const LEAD: f32 = 28.0;
    pub const SMALL: f32 = 11.0;
}

/// The name of a line's colour in preferences.
pub fn role_key(role: Role) -> &'static str {
    match role {
        Role::Hilgenreiner | Role::Reference => "hilgenreiner",
        Role::Perkin => "perkin",
        Role::Roof => "roof",
        Role::AngleArc => "arc",
        Role::DLine | Role::Distance => "d_line",
        Role::Axis => "axis",
        Role::Outline => "outline",
    }
}

/// Colours of the construction's lines, where a person chose others than the program's.
#[derive(Debug, Clone, Default)]
pub struct LineColours(BTreeMap<&'static str, Color32>);

impl LineColours {
    /// Those of the preferences; what is no colour is left out.
    pub fn of(chosen: &BTreeMap<String, String>) -> Self {
        let all = [
            Role::Hilgenreiner,
            Role::Perkin,
            Role::Roof,
            Role::AngleArc,
            Role::DLine,
            Role::Axis,
            Role::Outline,
        ]
        .map(role_key);
        Self(
            all.into_iter()
                .filter_map(|key| Some((key, Color32::from_hex(chosen.get(key)?).ok()?)))
                .collect(),
        )
    }

    pub fn role(&self, role: Role) -> Color32 {
        self.0.get(role_key(role)).copied().unwrap_or(match role {
            Role::Hilgenreiner | Role::Reference => film::HILGENREINER,
            Role::Perkin => film::PERKIN,
            Role::Roof | Role::AngleArc => film::ROOF,
            Role::DLine | Role::Distance => film::D_LINE,
            Role::Axis => film::AXIS,
            Role::Outline => film::OUTLINE,
        })
    }

    fn slot() -> Id {
        Id::unique("colours of the lines")
    }

    /// Makes them those of this window.
    pub fn install(self, context: &Context) {
        context.data_mut(|data| data.insert_temp(Self::slot(), Arc::new(self)));
    }
}

/// The colour of a line of the construction in this window.
pub fn role_colour(context: &Context, role: Role) -> Color32 {
    let chosen: Option<Arc<LineColours>> = context.data(|data| data.get_temp(LineColours::slot()));
    chosen.unwrap_or_default().role(role)
}

pub fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

const BOLD: &str = "bold";

pub fn bold_family() -> FontFamily {
    FontFamily::Name(BOLD.into())
}

/// Bold text of `size` points.
pub fn bold(text: impl Into<String>, size: f32) -> RichText {
    RichText::new(text).family(bold_family()).size(size)
}

/// Text of secondary weight, 11 points.
pub fn small(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).size(size::SMALL).color(palette(ui).dim)
}

/// Installs fonts, icons and both themes.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    egui_material_icons::initialize(ctx);
    for (theme, palette, base) in
        [(Theme::Dark, &DARK, Visuals::dark()), (Theme::Light, &LIGHT, Visuals::light())]
    {
        ctx.set_visuals_of(theme, visuals(palette, base));
    }
    ctx.all_styles_mut(|style| {
        let proportional = |size| FontId::new(size, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Small, proportional(size::SMALL)),
            (TextStyle::Body, proportional(size::TEXT)),
            (TextStyle::Button, proportional(size::TEXT)),
            (TextStyle::Heading, FontId::new(size::VALUE, bold_family())),
            (TextStyle::Monospace, FontId::new(size::TEXT, FontFamily::Monospace)),
        ]
        .into();
        style.spacing.item_spacing = vec2(6.0, 4.0);
        style.spacing.button_padding = vec2(8.0, 4.0);
        style.spacing.interact_size.y = 26.0;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.35;
        style.animation_time = 0.1;
    });
    ctx.set_theme(Theme::Dark);
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    // Those of the page: a name that prints is also read on the screen.
    let faces = [
        ("NotoSans-Regular", Face::Regular, FontFamily::Proportional),
        ("NotoSans-Bold", Face::Bold, bold_family()),
    ];
    let mut fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (name, face) in [("NotoSansMath", Face::Symbols), ("DroidSansFallback", Face::Ideographs)] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(face.data())));
        fallback.push(name.to_owned());
    }
    for (name, face, family) in faces {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(face.data())));
        let mut order = vec![name.to_owned()];
        order.extend(fallback.iter().cloned());
        fonts.families.insert(family, order);
    }
    // No face of one width is shipped: code stands in that of the text, whose figures are tabular.
    let prose = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    fonts.families.insert(FontFamily::Monospace, prose);
    fonts
}

fn visuals(palette: &Palette, base: Visuals) -> Visuals {
    let mut visuals = base;
    visuals.override_text_color = None;
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_shadow = egui::Shadow::NONE;
    visuals.popup_shadow = egui::Shadow::NONE;
    visuals.extreme_bg_color = palette.ground;
    visuals.faint_bg_color = palette.raised;
    visuals.hyperlink_color = palette.accent;
    visuals.weak_text_color = Some(palette.dim);
    visuals.warn_fg_color = palette.alert;
    visuals.error_fg_color = palette.alert;
    visuals.selection.bg_fill = palette.accent.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, palette.text);
    let radius = CornerRadius::same(4);
    let widgets = &mut visuals.widgets;
    for widget in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        widget.corner_radius = radius;
        widget.expansion = 0.0;
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.bg_stroke = Stroke::NONE;
        widget.bg_fill = palette.raised;
        widget.weak_bg_fill = palette.raised;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    widgets.noninteractive.bg_fill = palette.panel;
    widgets.hovered.weak_bg_fill = palette.line;
    widgets.hovered.bg_fill = palette.line;
    widgets.active.weak_bg_fill = palette.accent.gamma_multiply(0.5);
    widgets.active.bg_fill = palette.accent;
    widgets.active.bg_stroke = Stroke::new(1.0, palette.accent);
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2 contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let linear = |v: u8| {
                let v = f32::from(v) / 255.0;
                if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for palette in [DARK, LIGHT] {
            for ground in [palette.ground, palette.panel, palette.raised] {
                assert!(contrast(palette.text, ground) >= 7.0, "numbers {palette:?}");
                assert!(
                    contrast(palette.dim, ground) >= 4.5,
                    "dim {palette:?} {}",
                    contrast(palette.dim, ground)
                );
                assert!(contrast(palette.good, ground) >= 4.5, "good {palette:?}");
                assert!(contrast(palette.accent, ground) >= 4.5, "accent {palette:?}");
                assert!(contrast(palette.alert, ground) >= 4.5, "alert {palette:?}");
            }
        }
    }
}
