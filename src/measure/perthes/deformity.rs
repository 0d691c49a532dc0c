//! **Deformity index** (Nelson 2007), as far as we could reconstruct it, hence DI*. It is not measured until somebody
//! confirms the formula; the formula stands here to be confirmed.

use super::epiphysis::Epiphysis;
use crate::measure::definition::{Definition, Formula, Group, Need, Quantity};
use crate::measure::landmark::LandmarkCode;
use crate::measure::refusal::Refusal;

pub static DEFINITION: Definition = Definition {
    code: "DI_STAR",
    id: "DI_STAR/1",
    name: "Deformity index*",
    group: Group::Perthes,
    quantity: Quantity::Ratio,
    needs: &[Need::Lines(LandmarkCode::HEAD)],
    measure: Formula::Hip(|_| {
        Err(Refusal::NotAvailable("its formula is reconstructed and not confirmed: disabled until it is"))
    }),
    formula: "(Hu − Ha)/Hu + (Wa − Wu)/Wu, epiphyseal height and width by the chord between the ends of HEAD, a affected, \
              u unaffected [verify]",
    sign: "grows with deformity; unilateral disease only",
    reading: "the paper: above 0.3 at 2 years, 80 % sensitive and 81 % specific; later PPV 53 %",
    source: "Nelson, JBJS Br 2007;89:1369; formula, and where height and width are taken: this program's reading",
    related: &["EQ"],
    ..Definition::BASE
};

/// DI* of the affected against the unaffected epiphysis.
pub fn deformity_index(affected: Epiphysis, unaffected: Epiphysis) -> f64 {
    (unaffected.height - affected.height) / unaffected.height
        + (affected.width - unaffected.width) / unaffected.width
}
