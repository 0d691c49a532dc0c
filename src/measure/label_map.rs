//! Which structure each pixel of a film belongs to: what a segmentation says, a person paints and a file hands on.

use serde::{Deserialize, Serialize};

/// The labels of L. Blažková, "Segmentation of hip joint anatomy structures from radiographic images", 2024, fig. 2.
const HIP: [(&str, &str); 5] = [
    ("L1", "femoral head, medullary cavity and greater trochanter"),
    ("L2", "inferior neck, diaphyseal cortex and lesser trochanter"),
    ("L3", "Köhler teardrop"),
    ("L4", "space between femoral head, teardrop and acetabulum"),
    ("L5", "pelvic bone"),
];

/// Red, green, yellow, blue, purple as in that figure, then others that are told apart from them.
const COLOURS: [[u8; 3]; 8] = [
    [220, 50, 47],
    [70, 170, 70],
    [240, 200, 40],
    [60, 110, 220],
    [150, 80, 190],
    [40, 180, 190],
    [235, 130, 40],
    [190, 190, 190],
];

/// A structure that is segmented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// In the masks; 0 is the background.
    pub value: u8,
    pub name: String,
}

impl Structure {
    /// What it is, in words: the paper's for L1 to L5, else the name.
    pub fn title(&self) -> &str {
        HIP.iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&self.name))
            .map_or(&self.name, |(_, title)| title)
    }

    /// Red, green, blue.
    pub fn colour(&self) -> [u8; 3] {
        COLOURS[usize::from(self.value.max(1) - 1) % COLOURS.len()]
    }
}

impl Structure {
    /// L1 to L5, as a film's segmentation begins when a person paints it.
    pub fn hip() -> Vec<Structure> {
        HIP.iter().zip(1..).map(|((name, _), value)| Structure { value, name: (*name).to_owned() }).collect()
    }
}

/// One label a pixel. Files hold it as runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Runs", try_from = "Runs")]
pub struct LabelMap {
    pub rows: usize,
    pub columns: usize,
    /// Row-major; 0 is the background, others are values of `structures`.
    pub labels: Vec<u8>,
    pub structures: Vec<Structure>,
}

impl LabelMap {
    /// Nothing but background.
    pub fn empty(rows: usize, columns: usize, structures: Vec<Structure>) -> Self {
        Self { rows, columns, labels: vec![0; rows * columns], structures }
    }

    /// The structure of that name, however its letters are cased.
    pub fn structure(&self, name: &str) -> Option<&Structure> {
        self.structures.iter().find(|structure| structure.name.eq_ignore_ascii_case(name))
    }

    /// Pixels of a label.
    pub fn area(&self, value: u8) -> usize {
        self.labels.iter().filter(|label| **label == value).count()
    }
}

/// A label map as files hold it.
#[derive(Serialize, Deserialize)]
struct Runs {
    rows: usize,
    columns: usize,
    structures: Vec<Structure>,
    /// Label and length, row by row from the first pixel.
    runs: Vec<(u8, usize)>,
}

impl From<LabelMap> for Runs {
    fn from(map: LabelMap) -> Runs {
        let runs = map.labels.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        Runs { rows: map.rows, columns: map.columns, structures: map.structures, runs }
    }
}

impl TryFrom<Runs> for LabelMap {
    type Error = &'static str;

    fn try_from(of: Runs) -> Result<LabelMap, Self::Error> {
        let pixels = of.rows.checked_mul(of.columns).ok_or("a label map that is too large")?;
        let total = of.runs.iter().try_fold(0usize, |sum, (_, length)| sum.checked_add(*length));
        // Checked before anything is allocated: the file may say anything.
        if total != Some(pixels) {
            return Err("a label map whose runs do not fill it");
        }
        let mut labels = Vec::new();
        labels.try_reserve_exact(pixels).map_err(|_| "a label map that is too large")?;
        for (label, length) in of.runs {
            labels.resize(labels.len() + length, label);
        }
        Ok(LabelMap { rows: of.rows, columns: of.columns, labels, structures: of.structures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_the_same_from_its_file_and_a_torn_one_is_refused() {
        let mut map = LabelMap::empty(3, 4, Structure::hip());
        map.labels[2..7].fill(3);
        map.labels[11] = 5;
        let text = serde_json::to_string(&map).expect("written");
        assert!(text.contains(r#""runs":[[0,2],[3,5],[0,4],[5,1]]"#), "{text}");
        assert_eq!(serde_json::from_str::<LabelMap>(&text).expect("read"), map);
        for broken in [text.replace("[3,5]", "[3,4]"), text.replace("[3,5]", "[3,18446744073709551615]")] {
            assert!(serde_json::from_str::<LabelMap>(&broken).is_err());
        }
    }
}
