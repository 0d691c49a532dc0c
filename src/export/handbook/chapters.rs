//! The chapters that people wrote, and the pictures that they show.

use super::Page;

/// In reading order; the first is the way in. A chapter's title is its first line.
const CHAPTERS: [(&str, &str); 9] = [
    ("index", include_str!("../../../assets/handbook/index.md")),
    ("orthopaedist", include_str!("../../../assets/handbook/orthopaedist.md")),
    ("annotator", include_str!("../../../assets/handbook/annotator.md")),
    ("researcher", include_str!("../../../assets/handbook/researcher.md")),
    ("calibration", include_str!("../../../assets/handbook/calibration.md")),
    ("formats", include_str!("../../../assets/handbook/formats.md")),
    ("safety", include_str!("../../../assets/handbook/safety.md")),
    ("install", include_str!("../../../assets/handbook/install.md")),
    ("troubleshooting", include_str!("../../../assets/handbook/troubleshooting.md")),
];

pub(super) const PICTURES: [(&str, &[u8]); 1] =
    [("workbench.png", include_bytes!("../../../assets/screenshots/workbench.png"))];

pub(super) fn pages() -> Vec<Page> {
    let page = |&(name, text): &(&'static str, &str)| {
        let title = text.lines().next().unwrap_or(name).trim_start_matches('#').trim();
        Page { name, title: title.to_owned(), text: text.to_owned() }
    };
    CHAPTERS.iter().map(page).collect()
}
