//! Who the patient is: by the header, or by hand over it; always with the word which.

use super::document::Study;
use crate::measure::{Sex, Subject, View};

/// Where a fact of the patient comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stated {
    Header,
    ByHand,
}

impl Stated {
    pub fn text(self) -> &'static str {
        match self {
            Stated::Header => "header",
            Stated::ByHand => "by hand",
        }
    }
}

impl Study {
    /// What the assessment knows of the patient.
    pub fn subject(&self) -> Subject {
        let (header, hand) = (self.source().identity.subject(), self.settings().subject);
        Subject {
            age_months: hand.age_months.or(header.age_months),
            sex: hand.sex.or(header.sex),
            view: hand.view.or(header.view),
        }
    }

    /// What was set by hand and stands in no header, a sentence each, for whoever reads the report.
    pub fn by_hand(&self) -> Vec<String> {
        let Subject { age_months, sex, view } = self.settings().subject;
        let line = self.settings().reference;
        let said = [
            age_months.map(|months| format!("The age was set by hand: {months:.1} months.")),
            sex.map(|sex| format!("The sex was set by hand: {}.", format!("{sex:?}").to_lowercase())),
            view.map(|view| format!("The view was set by hand: {}.", format!("{view:?}").to_lowercase())),
            line.map(|line| format!("Measured against the {}, as the reader chose.", line.name())),
        ];
        said.into_iter().flatten().collect()
    }

    pub fn age_months(&self) -> Option<(f64, Stated)> {
        stated(self.settings().subject.age_months, self.source().identity.subject().age_months)
    }

    pub fn sex(&self) -> Option<(Sex, Stated)> {
        stated(self.settings().subject.sex, self.source().identity.subject().sex)
    }

    pub fn view(&self) -> Option<(View, Stated)> {
        stated(self.settings().subject.view, self.source().identity.subject().view)
    }
}

fn stated<T>(hand: Option<T>, header: Option<T>) -> Option<(T, Stated)> {
    hand.map(|value| (value, Stated::ByHand)).or(header.map(|value| (value, Stated::Header)))
}
