//! The chapters that people wrote, and the pictures that they show.

use super::Page;

/// In reading order; the first is the way in. A chapter's title is its first line.
const CHAPTERS: [(&str, &str); 10] = [
    ("index", include_str!("../../../assets/handbook/index.md")),
    ("orthopaedist", include_str!("../../../assets/handbook/orthopaedist.md")),
    ("annotator", include_str!("../../../assets/handbook/annotator.md")),
    ("researcher", include_str!("../../../assets/handbook/researcher.md")),
    ("calibration", include_str!("../../../assets/handbook/calibration.md")),
    ("commands", include_str!("../../../assets/handbook/commands.md")),
    ("formats", include_str!("../../../assets/handbook/formats.md")),
    ("safety", include_str!("../../../assets/handbook/safety.md")),
    ("install", include_str!("../../../assets/handbook/install.md")),
    ("troubleshooting", include_str!("../../../assets/handbook/troubleshooting.md")),
];

/// Of the window and the report. `coxa tour` takes those of the window, so that they are never older than it.
pub(super) const PICTURES: [(&str, &[u8]); 3] = [
    ("measured.png", include_bytes!("../../../assets/handbook/pictures/measured.png")),
    ("magnifier.png", include_bytes!("../../../assets/handbook/pictures/magnifier.png")),
    ("report.png", include_bytes!("../../../assets/handbook/pictures/report.png")),
];

pub(super) fn pages() -> Vec<Page> {
    let page = |&(name, text): &(&'static str, &str)| {
        let title = text.lines().next().unwrap_or(name).trim_start_matches('#').trim();
        Page { name, title: title.to_owned(), text: text.to_owned() }
    };
    CHAPTERS.iter().map(page).collect()
}
