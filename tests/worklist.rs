//! What comes first in a worklist, and the queue of analyses.

use coxa::library::{Counts, ItemState, Queue, urgency};
use coxa::measure::{Assessment, Finding, NextGrade, Side, Status, Unit};

fn finding(code: &'static str, grade: &str, probabilities: &[(&str, f64)]) -> Finding {
    Finding {
        code,
        side: Some(Side::Left),
        grade: Some(grade.to_owned()),
        probabilities: probabilities.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(),
        status: Status::Ok,
        reason: String::new(),
        rule: "",
        number: None,
        next: None,
    }
}

fn of(findings: Vec<Finding>) -> Option<f64> {
    urgency(&Assessment { findings, ..Assessment::default() }).map(|urgency| urgency.value)
}

#[test]
fn urgency_is_the_expected_change_of_grade_in_steps() {
    let sure = finding("IHDI", "I", &[("I", 1.0)]);
    let near = finding("IHDI", "II", &[("II", 0.6), ("III", 0.4)]);
    let far = finding("IHDI", "I", &[("I", 0.6), ("II", 0.1), ("IV", 0.3)]);
    let close = |a: Option<f64>, b: f64| (a.expect("a number") - b).abs() < 1e-12;
    assert!(close(of(vec![sure.clone()]), 0.0) && close(of(vec![near.clone()]), 0.4));
    assert!(close(of(vec![far.clone()]), 0.1 + 0.9), "three steps count three times");
    assert!(close(of(vec![sure.clone(), far, near]), 1.0), "the worst finding counts");
    // Classes have no order: any change is one step.
    let class =
        finding("DYSPLASIA", "borderline", &[("borderline", 0.7), ("normal", 0.2), ("dysplastic", 0.1)]);
    assert!(close(of(vec![class]), 0.3));
    // No grade is certain: what speaks against the likeliest counts, not everything.
    let open = finding("DYSPLASIA", "indeterminate", &[("normal", 0.8), ("borderline", 0.2)]);
    assert!(close(of(vec![open]), 0.2));
    // Without deviations the distance to the next grade speaks, where it is in millimetres.
    let beside = |distance: f64, unit| {
        let next = NextGrade { grade: "II".into(), distance, unit };
        of(vec![Finding { next: Some(next), ..finding("IHDI", "I", &[]) }])
    };
    assert!(close(beside(0.0, Unit::Millimetre), 0.5));
    // Φ(−1/0.9926), as Python's `statistics.NormalDist` gives it.
    assert!((beside(1.0, Unit::Millimetre).expect("a number") - 0.156_850).abs() < 1e-5);
    assert!(beside(0.5, Unit::Millimetre) > beside(2.0, Unit::Millimetre));
    assert!(close(beside(0.0, Unit::Pixel), 1.0), "nothing is known of it: a look is needed");
    assert_eq!(of(Vec::new()), None, "nobody read it");
    let words =
        urgency(&Assessment { findings: vec![sure], ..Assessment::default() }).expect("graded").reason;
    assert!(words.contains("left: I, another with 0 %"), "{words}");
}

#[test]
fn a_thousand_films_with_failures_cancellation_and_retries() {
    let mut queue = Queue::new(2);
    let ids: Vec<_> = (0..1000).map(|film| queue.push(film)).collect();
    assert_eq!(queue.fraction(), 0.0);
    let (a, b) = (queue.begin().expect("the first").id, queue.begin().expect("the second").id);
    assert_eq!((a, b), (ids[0], ids[1]));
    assert!(queue.begin().is_none(), "two at a time");
    queue.progress(a, "network", 0.5);
    queue.progress(a, "network", 0.3);
    let half = ItemState::Running { stage: "network".into(), fraction: 0.5, cancelling: false };
    assert_eq!(queue.get(a).expect("there").state, half, "never backwards");
    queue.finish(a, Err("not a pelvis".into()));
    queue.finish(a, Ok(()));
    assert_eq!(
        queue.failures().map(|(item, reason)| (item.id, reason)).collect::<Vec<_>>(),
        [(a, "not a pelvis")]
    );
    assert!(queue.cancel(b) && !queue.cancel(b), "told once");
    queue.finish(b, Err("cancelled".into()));
    assert_eq!(queue.get(b).expect("there").state, ItemState::Cancelled);
    let mut failures = 0;
    while let Some(item) = queue.begin() {
        let (id, film) = (item.id, item.work);
        failures += usize::from(film % 100 == 0);
        queue.finish(id, if film % 100 == 0 { Err("damaged".to_owned()) } else { Ok(()) });
    }
    assert!(queue.is_idle() && queue.fraction() == 1.0);
    let expected =
        Counts { done: 1000 - 2 - failures, failed: 1 + failures, cancelled: 1, ..Counts::default() };
    assert_eq!((queue.counts(), failures), (expected, 9));
    assert_eq!(queue.retry_failed(), 10);
    assert_eq!(queue.begin().map(|item| (item.id, item.attempts)), Some((a, 2)));
    let tell = queue.cancel_all();
    assert_eq!((tell, queue.counts().waiting), (vec![a], 0));
    queue.finish(a, Ok(()));
    assert_eq!(queue.get(a).expect("there").state, ItemState::Done, "it was done before it heard");
    assert!(queue.retry(b) && !queue.retry(a));
    queue.clear_finished();
    assert_eq!(queue.items().len(), 1);
}
