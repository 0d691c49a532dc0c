//! **Mikulicz line**: named because readers look for it, and refused because no hip film can hold it.

use crate::measure::definition::{Definition, Formula, Group, Need};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "MIKULICZ",
    id: "MIKULICZ/1",
    name: "Mikulicz line",
    group: Group::Femur,
    needs: &[Need::Side(LandmarkCode::FHC)],
    measure: Formula::Hip(|_| {
        Err(Refusal::NotAvailable("it runs to the centre of the ankle: needs a film of the whole leg"))
    }),
    formula: "FHC to the centre of the ankle",
    sign: "none",
    reading: "none on a hip film",
    source: "Mikulicz 1878 [verify]",
    ..Definition::BASE
};
