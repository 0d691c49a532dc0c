//! That the properties meet every command there is: one that is added does not compile here before it has a line, and fails
//! before a deed makes it.

use super::super::mask::{MaskDeed, MaskEdit};
use super::super::step::Act;
use super::super::{Change, Command, CurveDeed, PointDeed};
use super::deeds::{deed, perform};
use super::study;
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// The kinds of commands, and the kind of one; the match is exhaustive.
macro_rules! kinds {
    ($($pattern:pat => $kind:literal,)*) => {
        const KINDS: &[&str] = &[$($kind),*];

        fn kind(command: &Command) -> &'static str {
            match command {
                $($pattern => $kind,)*
            }
        }
    };
}

kinds! {
    Command::Point { deed: PointDeed::Move, .. } => "point moved",
    Command::Point { deed: PointDeed::Flag, .. } => "point flagged",
    Command::Point { deed: PointDeed::Reset, .. } => "point reset",
    Command::Point { deed: PointDeed::Mirror, .. } => "point mirrored",
    Command::Curve { deed: CurveDeed::Draw, change: Change { to: Some(_), .. }, .. } => "curve drawn",
    Command::Curve { deed: CurveDeed::Draw, change: Change { to: None, .. }, .. } => "curve removed",
    Command::Curve { deed: CurveDeed::Insert, .. } => "vertex inserted",
    Command::Curve { deed: CurveDeed::Slide, .. } => "curve slid",
    Command::Curve { deed: CurveDeed::Smooth, .. } => "curve smoothed",
    Command::Curve { deed: CurveDeed::Delete, .. } => "vertex deleted",
    Command::Curve { deed: CurveDeed::Reset, .. } => "curve reset",
    Command::Curve { deed: CurveDeed::Mirror, .. } => "curve mirrored",
    Command::Radius { change: Change { to: Some(_), .. }, .. } => "radius set",
    Command::Radius { change: Change { to: None, .. }, .. } => "radius removed",
    Command::Free { change: Change { from: None, .. }, .. } => "measurement added",
    Command::Free { change: Change { to: None, .. }, .. } => "measurement removed",
    Command::Free { .. } => "measurement changed",
    Command::ClearFree(_) => "measurements cleared",
    Command::Mask(MaskEdit { deed: MaskDeed::Brush, .. }) => "mask painted",
    Command::Mask(MaskEdit { deed: MaskDeed::Erase, .. }) => "mask erased",
    Command::Mask(MaskEdit { deed: MaskDeed::Polygon, .. }) => "mask polygon",
    Command::Mask(MaskEdit { deed: MaskDeed::Fill, .. }) => "mask filled",
    Command::Mask(MaskEdit { deed: MaskDeed::Smooth, .. }) => "mask smoothed",
    Command::Mask(MaskEdit { deed: MaskDeed::Clear, .. }) => "label cleared",
    Command::Mask(MaskEdit { deed: MaskDeed::Structures, .. }) => "structures named",
    Command::Mask(MaskEdit { deed: MaskDeed::Accept, .. }) => "prediction accepted",
    Command::Comment(_) => "comment",
    Command::Configure(_) => "settings",
    Command::ResetAll(_) => "all reset",
    Command::ApplyPrediction(_) => "analysis",
    Command::ApplyMask { .. } => "segmentation",
    Command::Reopen(_) => "file taken in",
    Command::Restore { .. } => "version restored",
}

/// Sequences as long as those of the property; fewer than it draws at a run.
#[test]
fn the_deeds_make_every_kind_of_command() {
    let mut runner = TestRunner::deterministic();
    let deeds = vec(deed(), 0..24);
    let mut made = BTreeSet::new();
    for _ in 0..500 {
        let drawn = deeds.new_tree(&mut runner).expect("drawn").current();
        let mut study = study();
        drawn.into_iter().for_each(|deed| perform(&mut study, deed));
        made.extend(study.take_steps().iter().filter_map(|step| match &step.act {
            Act::Do(command) => Some(kind(command)),
            Act::Undo(_) | Act::Redo(_) | Act::Review(_) => None,
        }));
    }
    let missing: Vec<_> = KINDS.iter().filter(|kind| !made.contains(*kind)).collect();
    assert!(missing.is_empty(), "no deed makes {missing:?}");
}
