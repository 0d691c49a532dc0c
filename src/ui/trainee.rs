//! Learning to place points: blind, in a named order, compared in degrees and millimetres at the end.

use super::jobs::FilmId;
use crate::measure::{
    Landmark, LandmarkId, LandmarkSet, Origin, Point, Protocol, Side, Spacing, Unit, assess_by,
};

/// One exercise on one film.
#[derive(Debug, Clone)]
pub struct Trainee {
    pub film: FilmId,
    /// What is placed, in the order it was.
    steps: Vec<(LandmarkId, Landmark)>,
    pub outcome: Option<Outcome>,
}

/// How the exercise went.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it was compared with.
    pub against: String,
    pub reference: LandmarkSet,
    pub points: Vec<PointScore>,
    pub numbers: Vec<NumberScore>,
    /// Whether distances are millimetres; else pixels.
    pub millimetres: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PointScore {
    pub id: LandmarkId,
    pub verdict: Verdict,
}

/// How a point compares with the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Both placed it; so far apart.
    Apart(f64),
    /// Both say that it is not on the film.
    BothAbsent,
    /// The trainee placed what the reference does not have.
    Invented,
    /// The trainee called absent, or left out, what the reference has.
    Missed,
}

/// A measurement by the trainee's points and by the reference's.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberScore {
    pub code: &'static str,
    pub side: Option<Side>,
    pub own: f64,
    pub reference: f64,
    pub unit: Unit,
}

impl Trainee {
    pub fn new(film: FilmId) -> Self {
        Self { film, steps: Vec::new(), outcome: None }
    }

    /// The landmark to place next; `None` when all are done.
    pub fn next(&self) -> Option<LandmarkId> {
        LandmarkId::infant().into_iter().find(|id| !self.steps.iter().any(|(done, _)| done == id))
    }

    /// How many are done, of how many.
    pub fn progress(&self) -> (usize, usize) {
        (self.steps.len(), LandmarkId::infant().len())
    }

    pub fn place(&mut self, at: Point) {
        self.settle(Landmark::defined(at, None, Origin::Person));
    }

    /// The next landmark is not on this film.
    pub fn mark_absent(&mut self) {
        self.settle(Landmark::missing("marked absent by the trainee", Origin::Person));
    }

    fn settle(&mut self, landmark: Landmark) {
        if let Some(id) = self.next().filter(|_| self.outcome.is_none()) {
            self.steps.push((id, landmark));
        }
    }

    /// Takes the last one back; `false` where there is none.
    pub fn take_back(&mut self) -> bool {
        self.outcome.is_none() && self.steps.pop().is_some()
    }

    /// What was placed, in order.
    pub fn placed(&self) -> impl Iterator<Item = (&LandmarkId, Point)> {
        self.steps.iter().filter_map(|(id, landmark)| Some((id, landmark.position()?)))
    }

    pub fn landmarks(&self) -> LandmarkSet {
        let mut set = LandmarkSet::default();
        for (id, landmark) in &self.steps {
            set.insert(id.clone(), landmark.clone());
        }
        set
    }

    /// Compares with `reference`, which `against` names, on a film of `spacing` assessed by `protocol`.
    pub fn score(
        &mut self,
        reference: &LandmarkSet,
        against: String,
        spacing: &Spacing,
        protocol: &Protocol,
    ) {
        let own = self.landmarks();
        let millimetres = spacing.has_millimetres();
        let points = LandmarkId::infant().into_iter().filter_map(|id| {
            let (a, b) = (position(&own, &id), position(reference, &id));
            let verdict = match (a, b) {
                (Some(a), Some(b)) if millimetres => {
                    Verdict::Apart(spacing.to_metric(a).distance(spacing.to_metric(b)))
                }
                (Some(a), Some(b)) => Verdict::Apart(a.distance(b)),
                (None, None) if own.get(&id).is_some() => Verdict::BothAbsent,
                (None, None) => return None,
                (Some(_), None) => Verdict::Invented,
                (None, Some(_)) => Verdict::Missed,
            };
            Some(PointScore { id, verdict })
        });
        let points = points.collect();
        let (mine, theirs) = (assess_by(&own, spacing, protocol), assess_by(reference, spacing, protocol));
        let numbers = mine.measurements.iter().filter_map(|own| {
            let other = theirs.measurement(own.code, own.side)?;
            let (unit, side) = (own.unit, own.side);
            Some(NumberScore { code: own.code, side, own: own.value?, reference: other.value?, unit })
        });
        let numbers = numbers.collect();
        self.outcome = Some(Outcome { against, reference: reference.clone(), points, numbers, millimetres });
    }
}

impl Outcome {
    /// Mean distance of the points that both placed, of so many.
    pub fn mean(&self) -> Option<(f64, usize)> {
        let apart = |score: &PointScore| match score.verdict {
            Verdict::Apart(distance) => Some(distance),
            _ => None,
        };
        let all: Vec<f64> = self.points.iter().filter_map(apart).collect();
        (!all.is_empty()).then(|| (all.iter().sum::<f64>() / all.len() as f64, all.len()))
    }

    /// Mean difference of the angles, degrees, of so many.
    pub fn mean_degrees(&self) -> Option<(f64, usize)> {
        let angles = self.numbers.iter().filter(|number| number.unit == Unit::Degree);
        let all: Vec<f64> = angles.map(|number| (number.own - number.reference).abs()).collect();
        (!all.is_empty()).then(|| (all.iter().sum::<f64>() / all.len() as f64, all.len()))
    }
}

fn position(set: &LandmarkSet, id: &LandmarkId) -> Option<Point> {
    set.get(id).and_then(Landmark::position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::SpacingStatus;
    use crate::simulate;

    fn reference() -> LandmarkSet {
        simulate::demo().landmarks.clone()
    }

    fn spacing() -> Spacing {
        Spacing::millimetres(0.2, 0.2, SpacingStatus::Calibrated).expect("millimetres")
    }

    fn exercise(off: f64) -> Trainee {
        let truth = reference();
        let mut trainee = Trainee::new(FilmId(1));
        while let Some(id) = trainee.next() {
            match position(&truth, &id) {
                Some(at) => trainee.place(Point::new(at.x, at.y + off)),
                None => trainee.mark_absent(),
            }
        }
        trainee
    }

    #[test]
    fn landmarks_come_in_anatomical_order_and_can_be_taken_back() {
        let mut trainee = Trainee::new(FilmId(1));
        let first = trainee.next();
        assert_eq!(first.as_ref(), LandmarkId::infant().first());
        trainee.place(Point::new(3.0, 4.0));
        assert_ne!(trainee.next(), first);
        assert!(trainee.take_back() && !trainee.take_back());
        assert_eq!(trainee.next(), first);
    }

    #[test]
    fn who_places_as_the_reference_is_off_by_nothing() {
        let mut trainee = exercise(0.0);
        trainee.score(&reference(), "truth".to_owned(), &spacing(), &Protocol::default());
        let outcome = trainee.outcome.expect("a score");
        assert_eq!(outcome.mean().map(|(mean, _)| mean), Some(0.0));
        assert_eq!(outcome.mean_degrees().map(|(mean, _)| mean), Some(0.0));
        assert!(outcome.mean_degrees().is_some_and(|(_, count)| count >= 2), "both acetabular indices");
    }

    /// All points ten pixels lower: two millimetres each, and no angle differs.
    #[test]
    fn distances_are_the_patients_and_angles_by_themselves() {
        let mut trainee = exercise(10.0);
        trainee.score(&reference(), "truth".to_owned(), &spacing(), &Protocol::default());
        let outcome = trainee.outcome.clone().expect("a score");
        assert!(outcome.mean().is_some_and(|(mean, _)| (mean - 2.0).abs() < 1e-9));
        assert!(outcome.mean_degrees().is_some_and(|(mean, _)| mean < 1e-9));
        assert!(!trainee.take_back(), "what was scored stands");
    }

    #[test]
    fn what_is_left_out_or_invented_is_said() {
        let mut reference = reference();
        let mut trainee = Trainee::new(FilmId(1));
        let ids = LandmarkId::infant();
        reference.points.remove(&ids[0]);
        trainee.place(Point::new(1.0, 1.0));
        trainee.score(&reference, "file".to_owned(), &spacing(), &Protocol::default());
        let outcome = trainee.outcome.expect("a score");
        let of = |id| outcome.points.iter().find(|score| score.id == id).map(|score| score.verdict);
        assert_eq!(of(ids[0].clone()), Some(Verdict::Invented));
        assert_eq!(of(ids[1].clone()), Some(Verdict::Missed));
        assert_eq!(outcome.mean(), None);
    }
}
