//! The kinds of pictures that are told apart.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a model reads; `view` of its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Plans written before this was an enumeration have its words.
    #[serde(alias = "an infant's AP pelvis")]
    InfantPelvis,
    #[serde(alias = "an adult's AP pelvis")]
    AdultPelvis,
    /// One hip.
    AdultHip,
    #[serde(alias = "a coronal MR of an adult's hips")]
    CoronalMr,
}

impl View {
    /// Whether a hip is measured by itself, so that a film may show one alone; an infant's needs the other's cartilage.
    pub fn is_read_by_hip(self) -> bool {
        matches!(self, Self::AdultPelvis | Self::AdultHip)
    }

    /// What reads such pictures, too, where nothing is made for them: networks of both hips tell which one is not there.
    pub fn wider(self) -> Option<View> {
        (self == Self::AdultHip).then_some(Self::AdultPelvis)
    }
}

impl fmt::Display for View {
    /// With its article, for sentences.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::InfantPelvis => "an infant's AP pelvis",
            Self::AdultPelvis => "an adult's AP pelvis",
            Self::AdultHip => "an AP film of one hip of an adult",
            Self::CoronalMr => "a coronal MR of an adult's hips",
        })
    }
}

/// What a picture shows, as the classifier tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Content {
    Readable(View),
    /// A pelvis or hip with metal in the place of a joint.
    Implant,
    Other,
}

impl Content {
    /// In the order of the classifier's outputs.
    pub const ALL: [Self; 6] = [
        Self::Readable(View::InfantPelvis),
        Self::Readable(View::AdultPelvis),
        Self::Readable(View::AdultHip),
        Self::Readable(View::CoronalMr),
        Self::Implant,
        Self::Other,
    ];

    /// Its output of the classifier.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|content| *content == self).unwrap_or(Self::ALL.len() - 1)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Readable(view) => view.fmt(f),
            Self::Implant => f.write_str("a hip with an implant"),
            Self::Other => f.write_str("something else"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, Serialize)]
    struct Holder {
        view: View,
    }

    #[test]
    fn plans_of_before_have_the_words_of_a_view() {
        for (text, view) in [
            ("an infant's AP pelvis", View::InfantPelvis),
            ("an adult's AP pelvis", View::AdultPelvis),
            ("a coronal MR of an adult's hips", View::CoronalMr),
            ("adult-hip", View::AdultHip),
        ] {
            let holder: Holder = toml::from_str(&format!("view = {text:?}")).unwrap();
            assert_eq!(holder.view, view);
        }
        let written = toml::to_string(&Holder { view: View::CoronalMr }).unwrap();
        assert_eq!(written.trim(), "view = \"coronal-mr\"");
    }

    #[test]
    fn every_content_has_its_output() {
        assert!(Content::ALL.iter().enumerate().all(|(index, content)| content.index() == index));
    }
}
