//! A window that is killed at any moment loses no step that was acknowledged. The test runs itself as the window: the
//! child edits a film and prints the number of each step once the keeper has returned; the parent kills it (`SIGKILL`
//! where there are signals) after a moment that differs each time, opens the film and counts.

use coxa::imaging::{Presentation, Radiograph};
use coxa::library::{Home, Keeper, StudyKey, unclosed};
use coxa::measure::norms::embedded;
use coxa::measure::{LandmarkId, Point};
use coxa::study::mask::Brush;
use coxa::study::{FreeShape, Study};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const HOME: &str = "COXA_CRASH_TEST_HOME";
const KILLS: usize = 100;

fn film() -> (Study, StudyKey) {
    let film = Radiograph::from_stored(300, 400, vec![7; 300 * 400], 8).expect("an image");
    let mut study =
        Study::new(Path::new("film.png"), &film, &Presentation::default(), Cow::Borrowed(embedded()));
    study.set_user("Tester");
    let key = StudyKey::of(&film);
    (study, key)
}

/// Step `number` of a script that touches every kind of file content; the comment says how far it went.
fn step(study: &mut Study, number: usize) {
    let at =
        |k: usize| Point::new((number * 37 + k * 11) as f64 % 399.0, (number * 53 + k * 7) as f64 % 299.0);
    match number % 5 {
        0 => {
            study.begin_stroke(Brush::of(1 + (number % 4) as u8, 9.5), at(0)).expect("may be changed");
            study.preview(at(5));
            study.commit().expect("may be changed");
        }
        1 => drop(study.move_landmark(&LandmarkId::infant()[number % 8], at(1)).expect("may be changed")),
        2 => drop(study.add_free(FreeShape::Length { a: at(1), b: at(2) }).expect("may be changed")),
        3 => drop(study.undo().expect("may be changed")),
        _ => drop(study.smooth_mask(1, 2).expect("may be changed")),
    }
    study.set_comment(&number.to_string()).expect("may be changed");
}

fn done(study: &Study) -> usize {
    study.annotations().comment.parse().unwrap_or(0)
}

/// Not a test of its own: the window that is killed.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let Some(home) = std::env::var_os(HOME) else { return };
    let home = Home::at(Path::new(&home)).expect("a home");
    let (mut study, key) = film();
    let (mut keeper, opening) = Keeper::open(&home, &key, &mut study).expect("opened");
    assert_eq!(opening.read_only, None);
    let mut out = std::io::stdout();
    for number in done(&study) + 1.. {
        step(&mut study, number);
        keeper.keep(&mut study).expect("kept");
        if number % 40 == 0 {
            keeper.save_version(&mut study).expect("saved");
        }
        writeln!(out, "kept {number}").and_then(|()| out.flush()).expect("the parent listens");
    }
}

#[test]
fn a_hundred_kills_lose_no_acknowledged_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path()).expect("a home");
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let (mut acknowledged, mut torn, mut unacknowledged) = (0, 0, 0);
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env(HOME, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut heard = |acknowledged: &mut usize| {
            for line in lines.by_ref() {
                let line = line.expect("text");
                if let Some((_, number)) = line.split_once("kept ") {
                    *acknowledged = number.parse().expect("a number");
                    return true;
                }
            }
            false
        };
        // Some are killed while they open, most amid their steps.
        if kill % 10 != 0 {
            assert!(heard(&mut acknowledged), "the child came to no step");
        }
        std::thread::sleep(Duration::from_micros(random.random_range(0..30_000)));
        child.kill().expect("killed");
        while heard(&mut acknowledged) {}
        child.wait().expect("gone");

        let left = unclosed(&home).expect("listed");
        let (mut study, key) = film();
        if kill % 10 != 0 {
            assert_eq!(left.len(), 1, "the start of the program lists it");
            assert_eq!(left[0].0, key);
        }
        let (keeper, opening) = Keeper::open(&home, &key, &mut study).expect("opens after a kill");
        assert_eq!(opening.faults, Vec::<String>::new());
        assert!(!keeper.is_read_only(), "a dead window holds no lock");
        let found = done(&study);
        // A step that was on its way may be there as well; a moment of it may lie between comment and acknowledgement.
        assert!(
            found == acknowledged || found == acknowledged + 1,
            "{acknowledged} acknowledged, {found} found"
        );
        unacknowledged += found - acknowledged;
        acknowledged = found;
        torn += usize::from(opening.recovered.torn > 0);
        let (mut reference, _) = film();
        for number in 1..=found {
            step(&mut reference, number);
        }
        let blind = |study: &Study| {
            let mut annotations = study.annotations().clone();
            annotations.notes.values_mut().for_each(|note| note.touched = None);
            annotations
        };
        assert!(blind(&study) == blind(&reference), "the document is that of {found} steps");
        keeper.close(&mut study).expect("closed");
    }
    assert!(acknowledged > KILLS, "{acknowledged} steps in all");
    println!(
        "{KILLS} kills, {acknowledged} steps; {unacknowledged} were on their way and came through, {torn} tails torn"
    );
}
