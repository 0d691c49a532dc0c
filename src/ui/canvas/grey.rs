//! Through which window a film is seen: one of the file's, a preset, or one made by hand.

use super::View;
use crate::imaging::{VoiTransform, Window};
use crate::ui::jobs::Opened;
use crate::ui::lang::{said, tr};

/// The choice; each film keeps its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Grey {
    /// That of the file with this number, from 0; an automatic one where the file has none.
    File(usize),
    Preset(&'static str, Window),
    Hand(Window),
}

impl Default for Grey {
    fn default() -> Self {
        Grey::File(0)
    }
}

/// Windows on Hounsfield units, as radiologists use them for the hip.
const HOUNSFIELD: [(&str, Window); 2] = [
    ("window.bone", Window { center: 500.0, width: 2000.0 }),
    ("window.soft", Window { center: 40.0, width: 400.0 }),
];

/// Everything to choose from, with its name: the file's own first.
pub fn choices(opened: &Opened) -> Vec<(String, Grey)> {
    let names = opened.presentation.voi_names.iter().cloned();
    let mut all: Vec<_> = names.enumerate().map(|(index, name)| (name, Grey::File(index))).collect();
    if all.is_empty() {
        all.push((tr!("window.automatic").to_owned(), Grey::File(0)));
    } else {
        all.push((
            tr!("window.automatic").to_owned(),
            Grey::Preset("window.automatic", opened.automatic_window()),
        ));
    }
    let (low, high) = opened.range;
    let (a, b) = (opened.radiograph.modality.apply(low), opened.radiograph.modality.apply(high));
    let full = Window { center: 0.5 * (a + b) + 0.5, width: (b - a).abs() + 1.0 };
    all.push((tr!("window.full").to_owned(), Grey::Preset("window.full", full)));
    if opened.presentation.unit == "HU" {
        all.extend(HOUNSFIELD.map(|(name, window)| (tr!(name).to_owned(), Grey::Preset(name, window))));
    }
    all
}

impl View {
    /// The transform that the film is shown through.
    pub fn voi(&self, opened: &Opened) -> VoiTransform {
        match self.grey {
            Grey::File(index) => match opened.radiograph.voi.get(index) {
                Some(voi) => voi.clone(),
                None => VoiTransform::Window(self.default_window),
            },
            Grey::Preset(_, window) | Grey::Hand(window) => VoiTransform::Window(window),
        }
    }

    /// The same as a window, where a drag begins; of a table the span of its inputs.
    pub fn window(&self, opened: &Opened) -> Window {
        match self.voi(opened) {
            VoiTransform::Window(window) => window,
            VoiTransform::Table(table) => {
                let width = table.entries.len() as f64;
                Window { center: f64::from(table.first) + 0.5 * width, width }
            }
        }
    }

    /// Its name, for the status line.
    pub fn grey_name(&self, opened: &Opened) -> String {
        match self.grey {
            Grey::File(index) => {
                let name = opened.presentation.voi_names.get(index);
                name.map(|name| said(name)).unwrap_or_else(|| tr!("window.automatic").to_owned())
            }
            Grey::Preset(name, _) => tr!(name).to_owned(),
            Grey::Hand(_) => tr!("window.by_hand").to_owned(),
        }
    }
}
