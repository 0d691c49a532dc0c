//! **Cam** morphology by the alpha angle, with a published threshold chosen by name. Norms of AP, Dunn and cross-table
//! films are not mixed: without the view, or on any but an AP film, nothing is judged.

use super::{ClassRule, adult};
use crate::measure::protocol::{CamSet, View};
use crate::measure::zones::{Class, Cut, Zones};

pub static RULE: ClassRule = ClassRule {
    code: "CAM",
    name: "Cam morphology",
    measurement: "ALPHA_3PT",
    id: |protocol| match protocol.cam_set {
        CamSet::S5_65 => "CAM(s5_65)/1",
        CamSet::Agricola60 => "CAM(agricola_60)/1",
        CamSet::Over55 => "CAM(55)/1",
    },
    zones: |protocol| {
        adult(protocol)?;
        match protocol.subject.view {
            Some(View::Ap) => {}
            Some(_) => return Err("the thresholds are those of AP films".to_owned()),
            None => return Err("needs the view: thresholds of AP and lateral films differ".to_owned()),
        }
        let cut = match protocol.cam_set {
            CamSet::S5_65 => Cut::above(65.0, Class::Abnormal),
            CamSet::Agricola60 => Cut::from(60.0, Class::Abnormal),
            CamSet::Over55 => Cut::above(55.0, Class::Abnormal),
        };
        Ok(Zones::new(Class::Normal, [cut]))
    },
    words: |class, alpha| match class {
        Class::Abnormal if alpha >= 78.0 => "in the range of cam morphology, above the pathological 78°",
        Class::Abnormal => "in the range of cam morphology",
        _ => "no cam morphology by this angle",
    },
    reading: "s5_65: above 65°; agricola_60: from 60°; 55: above 55°, made on CT and specimens; healthy \
              19-year-olds reach 93–94° (97.5th percentile, Laborie 2014)",
    source: "S5; Agricola, OAC 2014;22:218; van Klij, OJSM 2020 (PMC7418265)",
};
