//! **Dysplasia** of the adult by the lateral centre-edge angle (Wiberg): below 20°, borderline up to 25°.

use super::{ClassRule, adult};
use crate::measure::zones::{Class, Cut, Zones};

pub static RULE: ClassRule = ClassRule {
    code: "DYSPLASIA",
    name: "Acetabular dysplasia",
    measurement: "LCE",
    id: |_| "DYSPLASIA/1",
    zones: |protocol| {
        adult(protocol)?;
        Ok(Zones::new(Class::Abnormal, [Cut::from(20.0, Class::Borderline), Cut::from(25.0, Class::Normal)]))
    },
    words: |class, _| match class {
        Class::Abnormal => "in the range of dysplasia",
        Class::Borderline => "borderline",
        _ => "no dysplasia by this angle",
    },
    reading: "LCE below 20° dysplasia, 20° to below 25° borderline",
    source: "Wiberg 1939, by Tannast, CORR 2015;473:1234",
};
