//! **Coxa vara and valga** of the adult by the neck–shaft angle. The thresholds are not confirmed: they live in a norm
//! table, and until that is signed nothing is judged.

use super::{ClassRule, adult};
use crate::measure::zones::Class;

const TABLE: &str = "coxa_vara_valga";

pub static RULE: ClassRule = ClassRule {
    code: "COXA",
    name: "Coxa vara or valga",
    measurement: "NSA",
    id: |_| "COXA/1",
    zones: |protocol| {
        adult(protocol)?;
        let table = protocol.norms.iter().find(|table| table.id == TABLE);
        let table = table.ok_or_else(|| format!("the norm table {TABLE} is not there"))?;
        if !table.is_valid() {
            return Err(format!("the thresholds of {TABLE} are unsigned: they judge nothing"));
        }
        let row = table.row("NSA", None, &protocol.subject);
        row.map(|row| row.zones.clone())
            .ok_or_else(|| "needs the age: thresholds are those of adults".to_owned())
    },
    words: |class, angle| match class {
        // Between vara and valga lies the normal range, so the side of its middle tells which.
        Class::Abnormal if angle < 130.0 => "in the range of coxa vara",
        Class::Abnormal => "in the range of coxa valga",
        _ => "neither vara nor valga by this angle",
    },
    reading: "adults below 120° vara, above 140° valga [verify]; 120° lies inside the 95 % range of Fischer 2018",
    source: "recalled; see the norm table coxa_vara_valga",
};
