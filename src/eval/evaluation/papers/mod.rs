//! The tables of the five papers with their own names, thresholds and conventions, and the papers' own figures beside.

mod fai;
mod fr_ddh;
mod label_augmentation;
pub mod nnunet;
mod whdv;

use super::Context;
use super::judged::PointError;
use super::table::Section;
use crate::measure::LandmarkId;

/// What stands over every row of a paper's own figures.
const WARNING: &str = "Rows in italics are the paper's own figures, measured on its own real films, which are not these: they \
                       say what is usual, not who is better.";

pub fn sections(context: &Context) -> Vec<Section> {
    vec![
        fr_ddh::section(context),
        whdv::section(context),
        label_augmentation::section(context),
        nnunet::section(context),
        fai::section(context),
    ]
}

/// The points of a reader whose landmark `wanted` takes.
fn points<'a>(
    context: &'a Context,
    reader: usize,
    wanted: impl Fn(&LandmarkId) -> bool,
) -> Vec<&'a PointError> {
    context.judged[reader].points.iter().filter(|point| wanted(&point.id)).collect()
}

/// A section that begins with the warning, or says that no reader of these films has what it is about.
fn begun(id: &'static str, title: &str, applies: bool, needs: &str) -> Section {
    let mut section = Section::new(id, title);
    if !applies {
        section.says(format!("Not measured here: {needs}. The paper's own figures stand alone."));
    }
    section.says(WARNING);
    section
}
