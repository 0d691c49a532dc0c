//! **Pincer** morphology by the lateral centre-edge angle: above 40°.

use super::{ClassRule, adult};
use crate::measure::zones::{Class, Cut, Zones};

pub static RULE: ClassRule = ClassRule {
    code: "PINCER",
    name: "Pincer morphology",
    measurement: "LCE",
    id: |_| "PINCER/1",
    zones: |protocol| {
        adult(protocol)?;
        Ok(Zones::new(Class::Normal, [Cut::above(40.0, Class::Abnormal)]))
    },
    words: |class, _| match class {
        Class::Abnormal => "in the range of pincer morphology",
        _ => "no pincer morphology by this angle",
    },
    reading: "LCE above 40°",
    source: "S5, citing Int Orthop 2012;36:505",
};
