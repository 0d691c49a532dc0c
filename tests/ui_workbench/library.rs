//! What is kept: studies come back as they were left, the worklist, the queue, signatures and the second window.

use super::*;
use coxa::library::{AuditQuery, Keeper, StudyKey};
use coxa::measure::Point;
use coxa::study::{Annotations, ReviewStatus};
use std::borrow::Cow;

/// A folder of films of different patients, and a home beside it.
pub fn films(count: usize) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let films = folder.path().join("films");
    std::fs::create_dir(&films).expect("a folder");
    for index in 0..count {
        film(&films.join(format!("film{index}.dcm")), &format!("P{index}"), "20250301", index);
    }
    (folder, films)
}

pub fn film(path: &Path, patient: &str, date: &str, number: usize) {
    let mut radiograph = simulate::demo().radiograph();
    radiograph.identity.patient_id = patient.to_owned();
    radiograph.identity.patient_name = format!("Case^{patient}");
    radiograph.identity.study_date = date.to_owned();
    radiograph.identity.sop_instance_uid = Some(format!("1.2.826.0.1.3680043.10.99.{number}"));
    radiograph.identity.study_instance_uid = Some(format!("1.2.826.0.1.3680043.10.98.{number}"));
    radiograph.identity.series_instance_uid = Some(format!("1.2.826.0.1.3680043.10.97.{number}"));
    coxa::imaging::write_dx(&radiograph, path).expect("a film");
}

fn kept(home: &Path) -> Arc<dyn Services> {
    Arc::new(Quick { home: Some(home.to_owned()), ..Quick::new() })
}

pub fn window(home: &Path, paths: Vec<PathBuf>) -> Harness<'static, Workbench> {
    let mut harness = workbench(kept(home), paths);
    wait(&mut harness, "a study", |workbench| study(workbench).is_some());
    harness
}

pub fn press(harness: &mut Harness<'_, Workbench>, label: &str) {
    // A film that is still read has another label until it is.
    wait_for(harness, label, |harness| harness.query_all_by_label(label).next().is_some());
    // Some are below the edge of the panel.
    harness.get_all_by_label(label).next().expect(label).click_accesskit();
    harness.run_steps(4);
}

pub fn safe(harness: &mut Harness<'_, Workbench>) {
    harness.run_steps(3);
    wait(harness, "the disk", |workbench| workbench.unconfirmed() == 0);
}

pub fn state(harness: &Harness<'_, Workbench>) -> Annotations {
    study(harness.state()).expect("a study").annotations().clone()
}

fn shown(harness: &Harness<'_, Workbench>) -> PathBuf {
    harness.state().films().current().and_then(|film| film.path()).expect("a file").to_owned()
}

pub fn say_who(harness: &mut Harness<'_, Workbench>, name: &str) {
    harness.get_by_label("Your name").set_text_value_accesskit(name);
    harness.run_steps(3);
    press(harness, "That is me");
}

#[test]
fn a_reading_from_folder_to_reopening() {
    let (folder, films) = films(3);
    let home = folder.path().join("home");
    let mut harness = window(&home, vec![films]);
    assert_eq!(harness.state().films().iter().len(), 3);

    // Analyse all.
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    harness.run_steps(2);
    wait_for_label(&mut harness, "3 of 3 analysed");
    press(&mut harness, "Close the list");
    press(&mut harness, "Worklist");
    wait_for_label(&mut harness, "3 to review");

    // Next, and all three are met in the order of the list.
    let mut met = vec![shown(&harness)];
    for _ in 0..2 {
        harness.key_press(Key::N);
        harness.run_steps(2);
        wait(&mut harness, "the next case", |workbench| {
            study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
        });
        met.push(shown(&harness));
    }
    met.sort();
    met.dedup();
    assert_eq!(met.len(), 3, "{met:?}");

    // Drag, undo, drag again, absent.
    let before = state(&harness);
    let roof = harness.get_by_label_contains("Point SMA right, predicted").rect().center();
    drag(&mut harness, roof, egui::vec2(0.0, -25.0));
    assert_ne!(state(&harness).landmarks, before.landmarks);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(state(&harness).landmarks, before.landmarks);
    drag(&mut harness, roof, egui::vec2(5.0, -20.0));
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    harness.key_press(Key::X);
    safe(&mut harness);
    assert!(says(&harness, "autosaved"));

    // A mask: painted, taken back to the last pixel, painted again with a larger brush.
    assert_eq!(state(&harness).mask, None);
    harness.key_press(Key::B);
    harness.run_steps(3);
    let ilium = film_point(&harness, 300.0, 300.0);
    drag(&mut harness, ilium, egui::vec2(60.0, 0.0));
    let painted = |harness: &Harness<'_, Workbench>| state(harness).mask.map_or(0, |mask| mask.area(1));
    let thin = painted(&harness);
    assert!(thin > 1000, "{thin} pixels");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(state(&harness).mask, None);
    harness.key_press(Key::CloseBracket);
    harness.run_steps(2);
    drag(&mut harness, ilium, egui::vec2(60.0, 0.0));
    assert!(painted(&harness) > thin);
    harness.key_press(Key::Escape);
    safe(&mut harness);

    // A signature needs a name, and locks.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(3);
    assert!(says(&harness, "Say who you are first"));
    say_who(&mut harness, "A. Reader");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    safe(&mut harness);
    let signed = state(&harness);
    assert_eq!(study(harness.state()).expect("a study").status(), ReviewStatus::SignedOff);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(3);
    assert_eq!(state(&harness), signed, "a signed study does not change");
    wait_for_label(&mut harness, "2 to review");

    // The report.
    // SAFETY: as in the other tests of this window, always to the same value.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let report = folder.path().join("report.pdf");
    press(&mut harness, "Export PDF");
    harness.get_by_label("Path of the report").set_text_value_accesskit(&report.display().to_string());
    harness.run_steps(2);
    press(&mut harness, "Write report");
    wait(&mut harness, "the report", |_| report.exists());
    wait_for_label(&mut harness, "Report written");
    safe(&mut harness);
    let path = shown(&harness);
    drop(harness);

    // Reopened, everything is as it was.
    let mut harness = window(&home, vec![path.clone()]);
    assert_eq!(state(&harness), signed);
    assert!(painted(&harness) > thin, "the mask too");
    let reopened = study(harness.state()).expect("a study");
    assert_eq!(reopened.review().signed.as_ref().map(|stamp| stamp.by.as_str()), Some("A. Reader"));
    assert!(says(&harness, "Signed off by A. Reader"));

    // The trail names the point and how far it went; unlocking is in it, with its reason.
    harness.get_by_label("Reason for unlocking").set_text_value_accesskit("wrong side");
    harness.run_steps(2);
    // Nobody has said yet who this is.
    press(&mut harness, "Unlock");
    assert!(study(harness.state()).expect("a study").review().signed.is_some());
    say_who(&mut harness, "B. Reader");
    harness.get_by_label("Reason for unlocking").set_text_value_accesskit("wrong side");
    harness.run_steps(2);
    press(&mut harness, "Unlock");
    safe(&mut harness);
    assert!(study(harness.state()).expect("a study").review().signed.is_none());
    press(&mut harness, "Audit trail");
    wait_for_label(&mut harness, "unlocked: wrong side");
    assert!(says(&harness, "report exported") && says(&harness, "The journal is whole"));
    let (radiograph, _) = coxa::imaging::open_presented(&path, 1).expect("a film");
    let home = Home::at(&home).expect("a home");
    let (trail, faults) = AuditQuery::default().of(&home, &StudyKey::of(&radiograph)).expect("a trail");
    assert!(faults.is_empty());
    let moved = trail.iter().filter_map(|entry| entry.moved_px()).fold(0.0, f64::max);
    assert!(moved > 10.0, "{moved} px");
}

#[test]
fn a_film_that_a_crash_left_is_offered_and_recovered() {
    let (folder, films) = films(2);
    let home = folder.path().join("home");
    let film = films.join("film0.dcm");
    drop(window(&home, vec![films]));
    // A process that is gone without closing: its journal, and its name on the film.
    let at = Home::at(&home).expect("a home");
    let (radiograph, presentation) = coxa::imaging::open_presented(&film, 1).expect("a film");
    let key = StudyKey::of(&radiograph);
    let mut left = Study::new(&film, &radiograph, &presentation, Cow::Owned(Vec::new()));
    let (mut keeper, _) = Keeper::open(&at, &key, &mut left).expect("kept");
    let id = LandmarkId::new(LandmarkCode::TRC, Side::Right);
    left.move_landmark(&id, Point::new(300.0, 400.0)).expect("placed");
    left.move_landmark(&id, Point::new(310.0, 400.0)).expect("placed");
    keeper.keep(&mut left).expect("kept");
    let owner = at.study(&key).join("owner.json");
    let mut name: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&owner).expect("an owner")).expect("JSON");
    drop(keeper);
    name["process"] = serde_json::json!(u32::MAX);
    std::fs::write(&owner, name.to_string()).expect("written");

    let mut harness = window(&home, Vec::new());
    wait_for_label(&mut harness, "film0.dcm was not closed: 2 steps can be recovered");
    press(&mut harness, "Open and recover");
    wait_for_label(&mut harness, "Recovered 2 steps of film0.dcm");
    assert_eq!(state(&harness), *left.annotations());
    assert!(!says(&harness, "was not closed"));
}

#[test]
fn a_second_window_reads_and_says_who_writes() {
    let (folder, films) = films(1);
    let home = folder.path().join("home");
    let mut first = window(&home, vec![films.clone()]);
    first.run_steps(5);
    let mut second = window(&home, vec![films]);
    wait_for_label(&mut second, "Read only: open in another window of somebody unnamed");
    second.key_press(Key::A);
    second.run_steps(5);
    std::thread::sleep(Duration::from_millis(100));
    second.run_steps(5);
    assert!(state(&second).prediction.is_none(), "a reader changes nothing");
    drop(first);
}

/// A film analysed and saved as version 1, its right roof edge moved since.
pub fn edited(home: &Path, film: &Path) -> Harness<'static, Workbench> {
    let mut harness = window(home, vec![film.to_owned()]);
    harness.key_press(Key::A);
    harness.run_steps(2);
    wait(&mut harness, "points", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
    });
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    wait_for_label(&mut harness, "Version 1 saved");
    let roof = harness.get_by_label_contains("Point SMA right, predicted").rect().center();
    drag(&mut harness, roof, egui::vec2(0.0, -25.0));
    safe(&mut harness);
    harness
}

#[test]
fn a_version_is_saved_and_the_journal_goes_on() {
    let (folder, films) = films(1);
    let home = folder.path().join("home");
    let harness = edited(&home, &films);
    let left = state(&harness);
    drop(harness);
    assert_eq!(state(&window(&home, vec![films])), left);
}

#[test]
fn failures_of_the_queue_are_listed_with_their_reason_and_tried_again() {
    let (folder, films) = films(2);
    let home = folder.path().join("home");
    let refusing = Quick { home: Some(home.clone()), refuse: true, ..Quick::new() };
    let mut harness = workbench(Arc::new(refusing), vec![films.clone()]);
    wait(&mut harness, "a study", |workbench| study(workbench).is_some());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    harness.run_steps(2);
    wait_for_label(&mut harness, "0 of 2 analysed");
    wait_for_label(&mut harness, "film0.dcm: this looks like a chest film");
    // Both say so in the list of films, and in the worklist with the reason.
    assert!(says(&harness, "Film file film0.dcm, not analysed") || says(&harness, "film0.dcm, not analysed"));
    press(&mut harness, "Worklist");
    wait_for_label(&mut harness, "film0.dcm, not analysed: this looks like a chest film");
    press(&mut harness, "not analysed 2");
    wait_for_label(&mut harness, "film1.dcm, not analysed: this looks like a chest film");
    press(&mut harness, "Try all 2 again");
    wait_for_label(&mut harness, "0 of 2 analysed");
    press(&mut harness, "Close the list");
    assert!(!says(&harness, "of 2 analysed"));
    drop(harness);

    // The next day it is still known, until an analysis goes well.
    let mut harness = window(&home, vec![films]);
    wait_for_label(&mut harness, "film1.dcm, not analysed");
    // Over the film, too.
    wait_for_label(&mut harness, "Not analysed: this looks like a chest film");
    press(&mut harness, "Worklist");
    wait_for_label(&mut harness, "film0.dcm, not analysed: this looks like a chest film");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    wait_for_label(&mut harness, "2 of 2 analysed");
    wait_for_label(&mut harness, "film0.dcm, predicted");
    wait_for_label(&mut harness, "film1.dcm, predicted");
    assert!(!says(&harness, "not analysed"));
}

/// Paging from film to film: the film is there in the next frame, never without its findings for more than that one.
#[test]
fn findings_change_with_the_film() {
    let (folder, films) = films(2);
    let mut harness = window(&folder.path().join("home"), vec![films]);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    wait_for_label(&mut harness, "2 of 2 analysed");
    press(&mut harness, "Close the list");
    wait(&mut harness, "both films", |workbench| {
        workbench.films().iter().all(|film| film.opened().is_some())
    });
    for turn in 0..3 {
        let before = shown(&harness);
        let next = if before.ends_with("film0.dcm") { Key::N } else { Key::P };
        harness.key_press(next);
        // The key is read in this frame, after the panels; the next one shows the other film.
        harness.step();
        assert_ne!(shown(&harness), before);
        if turn == 0 {
            // The second film was never shown: the disk is asked at once what it knows of it.
            std::thread::sleep(Duration::from_secs(1));
        }
        harness.step();
        let name = shown(&harness).file_name().expect("a name").to_string_lossy().into_owned();
        assert!(says(&harness, &format!("Film {name}")), "{name} is on the screen");
        harness.step();
        assert!(says(&harness, "AI right ") && says(&harness, "SMA left: "), "and its findings");
    }
}

#[test]
fn a_running_queue_can_be_stopped() {
    let (folder, films) = films(3);
    let go = Arc::new(AtomicBool::new(false));
    let home = Some(folder.path().join("home"));
    let waiting = Quick { home, go: Arc::clone(&go), ..Quick::new() };
    let mut harness = workbench(Arc::new(waiting), vec![films]);
    wait(&mut harness, "a study", |workbench| study(workbench).is_some());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    wait_for_label(&mut harness, "Analysing: 0 of 3 done");
    press(&mut harness, "Stop analysing");
    wait_for_label(&mut harness, "0 of 3 analysed");
    assert!(state(&harness).prediction.is_none());
}

#[test]
fn the_earlier_film_comes_beside_with_the_change_of_each_angle() {
    let (folder, films) = films(0);
    film(&films.join("now.dcm"), "P", "20250601", 1);
    film(&films.join("before.dcm"), "P", "20241201", 2);
    let home = folder.path().join("home");
    let mut harness = window(&home, vec![films.clone()]);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
    wait_for_label(&mut harness, "2 of 2 analysed");
    press(&mut harness, "Close the list");
    press(&mut harness, "Worklist");
    harness.get_by_label_contains("now.dcm, predicted").click();
    wait(&mut harness, "the film of now", |workbench| {
        let film = workbench.films().current().expect("a film");
        film.path().is_some_and(|path| path.ends_with("now.dcm")) && film.study.is_some()
    });
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text("earlier film");
    harness.run_steps(2);
    press(&mut harness, "Command Earlier film beside");
    wait_for_label(&mut harness, "2024-12-01");
    wait_for_label(&mut harness, "+0.0°");
    assert!(harness.state().is_on(coxa::ui::Action::Linked) && harness.state().is_on(coxa::ui::Action::Two));
}
