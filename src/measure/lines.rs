//! The reference lines of one film: which there are, and which one a measurement is taken against.

use super::anatomy::Hip;
use super::definition::Reference;
use super::frame::HipFrame;
use super::hip::GRADES;
use super::landmark::{LandmarkCode, Side};
use super::measurement::ReferenceLine;
use super::metric::MetricLandmarks;
use super::refusal::Refusal;

/// In the order in which an adult's film is searched for a line.
const ADULT: [ReferenceLine; 4] =
    [ReferenceLine::Teardrop, ReferenceLine::Ischial, ReferenceLine::HeadCentres, ReferenceLine::Image];

/// The frame of each reference line, or why there is none.
#[derive(Debug)]
pub struct Lines {
    /// In the order of [`ReferenceLine::ALL`].
    frames: [Result<HipFrame, Refusal>; 5],
    /// Asked for in the place of the usual ones.
    wanted: Option<ReferenceLine>,
}

impl Lines {
    pub fn new(
        points: &MetricLandmarks,
        right_on_left: Option<bool>,
        wanted: Option<ReferenceLine>,
    ) -> Lines {
        let mut frames = ReferenceLine::ALL.map(|line| HipFrame::along(points, line, right_on_left));
        let [hilgenreiner, .., heads, _] = &frames;
        let displaced = hilgenreiner.as_ref().is_ok_and(|frame| grades_displaced(points, frame))
            || heads.as_ref().is_ok_and(|frame| uncovered(points, frame));
        if displaced {
            frames[ReferenceLine::HeadCentres as usize] = Err(Refusal::Displaced);
        }
        Lines { frames, wanted }
    }

    /// No line at all, for one reason.
    pub fn refused(refusal: &Refusal, wanted: Option<ReferenceLine>) -> Lines {
        Lines { frames: std::array::from_fn(|_| Err(refusal.clone())), wanted }
    }

    pub fn get(&self, line: ReferenceLine) -> &Result<HipFrame, Refusal> {
        &self.frames[line as usize]
    }

    /// The line that stands beside the value, and the frame to measure in.
    pub fn of(&self, reference: Reference) -> (Option<ReferenceLine>, &Result<HipFrame, Refusal>) {
        let line = match reference {
            // Any frame serves a formula that reads none.
            Reference::None => return (None, self.get(ReferenceLine::Image)),
            Reference::Image => ReferenceLine::Image,
            Reference::Hilgenreiner => ReferenceLine::Hilgenreiner,
            Reference::Paediatric => self.wanted.unwrap_or(ReferenceLine::Hilgenreiner),
            Reference::Adult => self.wanted.unwrap_or_else(|| self.of_adult()),
        };
        (Some(line), self.get(line))
    }

    /// The first line that is there; one whose points are there but too close is not passed over in silence.
    fn of_adult(&self) -> ReferenceLine {
        let absent = |refusal: &Refusal| matches!(refusal, Refusal::Missing(_) | Refusal::Displaced);
        let there = |line: &ReferenceLine| !self.get(*line).as_ref().is_err_and(absent);
        ADULT.into_iter().find(there).unwrap_or(ReferenceLine::Image)
    }
}

fn grades_displaced(points: &MetricLandmarks, frame: &HipFrame) -> bool {
    Side::BOTH.iter().any(|side| {
        let hip = Hip { points, frame, side: *side };
        GRADES.iter().any(|rule| (rule.grade)(&hip).is_ok_and(|graded| graded.grade > 0))
    })
}

/// Whether a head's centre lies lateral of its roof edge.
fn uncovered(points: &MetricLandmarks, frame: &HipFrame) -> bool {
    Side::BOTH.iter().any(|side| {
        let hip = Hip { points, frame, side: *side };
        hip.offset(LandmarkCode::FHC, LandmarkCode::LAE).is_ok_and(|edge| edge.lateral < 0.0)
    })
}
