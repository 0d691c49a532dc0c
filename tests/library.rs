//! Keeping films: versions, damage, locks, audit, and the worklist over a folder of 500 studies.

use coxa::imaging::{Presentation, Radiograph};
use coxa::job::Job;
use coxa::library::{AuditQuery, Home, Keeper, Library, LibraryError, Order, StudyKey, Worklist};
use coxa::measure::norms::embedded;
use coxa::measure::{LandmarkId, Point};
use coxa::study::{Refused, ReviewAct, ReviewStatus, SavedStudy, Study};
use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Instant;

fn film(user: &str) -> (Study, StudyKey) {
    let film = Radiograph::from_stored(60, 80, vec![3; 60 * 80], 8).expect("an image");
    let mut study =
        Study::new(Path::new("film.png"), &film, &Presentation::default(), Cow::Borrowed(embedded()));
    study.set_user(user);
    (study, StudyKey::of(&film))
}

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path()).expect("a home");
    (folder, home)
}

fn comment(study: &mut Study, keeper: &mut Keeper, words: &str) {
    assert_eq!(study.set_comment(words), Ok(true));
    assert_eq!(keeper.keep(study).expect("kept"), 1);
}

#[test]
fn versions_stay_and_a_damaged_one_is_made_up_for_by_the_journals() {
    let (_folder, home) = home();
    let (mut study, key) = film("A");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut study).expect("opened");
    comment(&mut study, &mut keeper, "one");
    assert_eq!(keeper.save_version(&mut study).expect("saved"), 1);
    comment(&mut study, &mut keeper, "two");
    assert_eq!(keeper.save_version(&mut study).expect("saved"), 2);
    comment(&mut study, &mut keeper, "three");
    assert_eq!(keeper.read_version(1).expect("kept").annotations.comment, "one");
    let versions = keeper.versions().expect("listed");
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 2]);
    let newest = versions[1].path.clone();
    keeper.close(&mut study).expect("closed");

    fs::write(&newest, b"{\"format_version\":2,").expect("damaged");
    let (mut again, key) = film("B");
    let (_keeper, opening) = Keeper::open(&home, &key, &mut again).expect("opened");
    assert_eq!(again.annotations(), study.annotations());
    assert_eq!((opening.version, opening.recovered.steps), (1, 2), "version 1 and the steps after it");
    assert!(
        opening.faults.len() == 1 && opening.faults[0].contains("study-0002.json"),
        "{:?}",
        opening.faults
    );
    assert_eq!(again.undo(), Ok(true));
    assert_eq!(again.annotations().comment, "two", "steps of a journal can be undone");
}

#[test]
fn a_torn_tail_is_dropped_and_said_and_damage_in_the_middle_is_put_aside() {
    let (_folder, home) = home();
    let (mut study, key) = film("A");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut study).expect("opened");
    for words in ["one", "two", "three"] {
        comment(&mut study, &mut keeper, words);
    }
    let journal = keeper.folder().join("journal-0000.log");
    keeper.close(&mut study).expect("closed");
    let whole = fs::read(&journal).expect("there");

    let open = |bytes: &[u8]| {
        fs::write(&journal, bytes).expect("written");
        let (mut study, key) = film("B");
        let (keeper, opening) = Keeper::open(&home, &key, &mut study).expect("opened");
        drop(keeper);
        (study.annotations().comment.clone(), opening)
    };
    for cut in 1..40 {
        let (words, opening) = open(&whole[..whole.len() - cut]);
        assert_eq!(words, "two", "cut by {cut}");
        assert!(opening.recovered.torn > 0 && opening.faults.is_empty());
        assert!(opening.recovered.words().contains("never confirmed"), "{}", opening.recovered.words());
    }
    // A changed letter in the middle: nothing from there on is believed, nothing is thrown away.
    let text = String::from_utf8(whole.clone()).expect("text");
    let (words, opening) = open(text.replacen("\"to\":\"two\"", "\"to\":\"tvo\"", 1).as_bytes());
    assert_eq!(words, "one");
    assert!(opening.faults[0].contains("damaged"), "{:?}", opening.faults);
    assert!(journal.with_extension("damaged").exists());
    assert!(!text.contains("Doe"), "no patient");
}

#[test]
fn the_second_window_is_read_only_and_says_who_has_it() {
    let (_folder, home) = home();
    let (mut first, key) = film("A. Reader");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut first).expect("opened");
    comment(&mut first, &mut keeper, "mine");
    let (mut second, _) = film("B");
    let (mut reader, opening) = Keeper::open(&home, &key, &mut second).expect("opened");
    assert_eq!(second.annotations().comment, "mine", "it sees what was done");
    let owner = opening.held_by.expect("named");
    assert_eq!((owner.since.by.as_str(), owner.process), ("A. Reader", std::process::id()));
    let words = opening.read_only.expect("said");
    assert!(words.contains("A. Reader") && words.contains(&owner.host), "{words}");
    assert!(matches!(second.set_comment("theirs"), Err(Refused::ReadOnly(why)) if why == words));
    assert!(matches!(second.review_act(ReviewAct::SignOff), Err(Refused::ReadOnly(_))));
    assert_eq!(reader.keep(&mut second).expect("nothing to keep"), 0);
    assert!(matches!(reader.save_version(&mut second), Err(LibraryError::ReadOnly(_))));
    keeper.close(&mut first).expect("closed");
    let (mut third, _) = film("B");
    let (_keeper, opening) = Keeper::open(&home, &key, &mut third).expect("opened");
    assert!(opening.read_only.is_none() && !opening.recovered.unclosed);
}

#[test]
fn a_signature_locks_until_it_is_taken_back_and_the_trail_knows() {
    let (_folder, home) = home();
    let (mut study, key) = film("");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut study).expect("opened");
    let trc = &LandmarkId::infant()[0];
    assert_eq!(study.review_act(ReviewAct::SignOff), Err(Refused::Unnamed));
    study.set_user("Dr A");
    study.move_landmark(trc, Point::new(10.0, 20.0)).expect("moved");
    study.move_landmark(trc, Point::new(13.0, 24.0)).expect("moved");
    assert_eq!(study.status(), ReviewStatus::InReview);
    study.review_act(ReviewAct::Finish).expect("finished");
    assert_eq!(study.status(), ReviewStatus::Corrected);
    study.review_act(ReviewAct::SignOff).expect("signed");
    let signed = study.annotations().clone();
    assert_eq!(study.move_landmark(trc, Point::new(1.0, 1.0)), Err(Refused::Signed { by: "Dr A".into() }));
    assert!(study.undo().is_err() && study.redo().is_err() && study.begin_move(trc).is_err());
    assert_eq!(study.annotations(), &signed);
    keeper.keep(&mut study).expect("kept");
    keeper.close(&mut study).expect("closed");

    let (mut again, key) = film("Dr B");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut again).expect("opened");
    assert_eq!(again.status(), ReviewStatus::SignedOff, "still signed when it is opened again");
    assert_eq!(again.review_act(ReviewAct::Unlock { reason: " ".into() }), Err(Refused::NoReason));
    again.review_act(ReviewAct::Unlock { reason: "wrong side".into() }).expect("unlocked");
    assert_eq!(again.undo(), Ok(true), "steps from before the signature can be taken back");
    keeper.keep(&mut again).expect("kept");

    let all = AuditQuery { changes_only: true, ..AuditQuery::default() };
    let (trail, faults) = all.of(&home, &key).expect("read");
    assert!(faults.is_empty());
    let words: Vec<&str> = trail.iter().map(|entry| entry.words.as_str()).collect();
    let expected =
        ["move of TRC-R", "move of TRC-R", "marked as corrected", "signed off", "unlocked: wrong side"];
    assert_eq!(words[..5], expected);
    assert_eq!((words[5], trail[5].stamp.by.as_str()), ("undo: move of TRC-R", "Dr B"));
    assert_eq!(trail[1].moved_px(), Some(5.0));
    let of_b = AuditQuery { by: Some("Dr B".into()), ..all.clone() };
    assert_eq!(of_b.of(&home, &key).expect("read").0.len(), 2);
    let of_point = AuditQuery { point: Some(trc.clone()), ..all };
    assert_eq!(of_point.of(&home, &key).expect("read").0.len(), 3);
}

#[test]
fn files_of_other_versions() {
    let (mut study, _) = film("A");
    // The document before masks, as version 1 has it.
    let old = r#"{"format_version":1,"written_by":"coxa 0.0.9","rows":60,"columns":80,"annotations":{
        "landmarks":{"points":[[{"code":"TRC","side":"R"},{"state":{"defined":{"position":{"x":1.1,"y":2.25},
        "covariance":[2.0,0.5,1.0]}},"origin":"person"}]],"radii_px":[],"polylines":[]},"prediction":null,
        "settings":{"calibrations":[],"subject":{"age_months":9.0,"sex":"F","view":null},"reference":"TD",
        "cam_set":"s5_65"}}}"#;
    study.restore(SavedStudy::from_json(old.as_bytes()).expect("migrated")).expect("the same film");
    let trc = study.annotations().landmarks.get(&LandmarkId::infant()[0]).expect("kept");
    assert_eq!(trc.position(), Some(Point::new(1.1, 2.25)));
    assert_eq!(study.status(), ReviewStatus::InReview);
    let newer = old.replace("\"format_version\":1", "\"format_version\":9");
    assert!(SavedStudy::from_json(newer.as_bytes()).expect_err("newer").to_string().contains("newer"));
    let other = old.replace("\"rows\":60", "\"rows\":61");
    let error =
        study.restore(SavedStudy::from_json(other.as_bytes()).expect("read")).expect_err("another film");
    assert!(error.to_string().contains("80 × 61"), "{error}");
    for broken in ["", "[]", "{}", "{\"format_version\":2}", "nonsense"] {
        assert!(SavedStudy::from_json(broken.as_bytes()).is_err(), "{broken}");
    }
}

/// A header with everything that a worklist reads, before pixels of the size of a film.
fn dicom(patient: usize, study: usize, date: &str, pixels: usize) -> Vec<u8> {
    let mut file = vec![0u8; 128];
    file.extend_from_slice(b"DICM");
    let mut meta = Vec::new();
    let text = |into: &mut Vec<u8>, group: u16, element: u16, vr: &[u8; 2], value: &str| {
        let mut value = value.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == b"UI" { 0 } else { b' ' });
        }
        into.extend_from_slice(&group.to_le_bytes());
        into.extend_from_slice(&element.to_le_bytes());
        into.extend_from_slice(vr);
        into.extend_from_slice(&(value.len() as u16).to_le_bytes());
        into.extend_from_slice(&value);
    };
    let uid = format!("1.2.826.0.1.3680043.8.498.{patient}.{study}");
    text(&mut meta, 2, 2, b"UI", "1.2.840.10008.5.1.4.1.1.1.1");
    text(&mut meta, 2, 3, b"UI", &format!("{uid}.3"));
    text(&mut meta, 2, 0x10, b"UI", "1.2.840.10008.1.2.1");
    file.extend_from_slice(&[2, 0, 0, 0, b'U', b'L', 4, 0]);
    file.extend_from_slice(&(meta.len() as u32).to_le_bytes());
    file.extend_from_slice(&meta);
    text(&mut file, 8, 0x16, b"UI", "1.2.840.10008.5.1.4.1.1.1.1");
    text(&mut file, 8, 0x18, b"UI", &format!("{uid}.3"));
    text(&mut file, 8, 0x20, b"DA", date);
    text(&mut file, 8, 0x60, b"CS", "DX");
    text(&mut file, 8, 0x1030, b"LO", "Pelvis AP");
    text(&mut file, 0x10, 0x10, b"PN", &format!("Made^Up {patient:03}"));
    text(&mut file, 0x10, 0x20, b"LO", &format!("P{patient:03}"));
    text(&mut file, 0x20, 0xD, b"UI", &format!("{uid}.1"));
    text(&mut file, 0x20, 0xE, b"UI", &format!("{uid}.2"));
    text(&mut file, 0x20, 0x13, b"IS", "1");
    let number = |into: &mut Vec<u8>, element: u16, value: u16| {
        into.extend_from_slice(&[0x28, 0]);
        into.extend_from_slice(&element.to_le_bytes());
        into.extend_from_slice(&[b'U', b'S', 2, 0]);
        into.extend_from_slice(&value.to_le_bytes());
    };
    number(&mut file, 0x10, 1024);
    number(&mut file, 0x11, (pixels / 2048) as u16);
    number(&mut file, 0x100, 16);
    file.extend_from_slice(&[0xE0, 0x7F, 0x10, 0, b'O', b'W', 0, 0]);
    file.extend_from_slice(&(pixels as u32).to_le_bytes());
    file.resize(file.len() + pixels, 0);
    file
}

#[test]
fn five_hundred_studies_are_listed_in_two_seconds() {
    let (folder, home) = home();
    let films = folder.path().join("films");
    fs::create_dir(&films).expect("a folder");
    for patient in 0..250 {
        for (study, date) in [(1, "20240105"), (2, "20250310")] {
            let path = films.join(format!("{patient:03}-{study}.dcm"));
            fs::write(path, dicom(patient, study, date, 1 << 20)).expect("written");
        }
    }
    let mut library = Library::open(&home).expect("opened");
    let start = Instant::now();
    let indexed = library.index(std::slice::from_ref(&films), &Job::silent()).expect("indexed");
    let list = library.worklist(&Worklist::default()).expect("listed");
    let took = start.elapsed();
    println!("500 studies of 1 MiB indexed and listed in {took:.2?}");
    assert!(indexed.catalogue.failures.is_empty(), "{:?}", indexed.catalogue.failures.first());
    assert_eq!((indexed.images, list.len()), (500, 500));
    assert!(took.as_secs_f64() < 2.0, "{took:?}");

    // A second time changes nothing.
    library.index(std::slice::from_ref(&films), &Job::silent()).expect("indexed");
    assert_eq!(library.worklist(&Worklist::default()).expect("listed"), list);

    let now = films.join("007-2.dcm");
    let priors = library.priors(&now).expect("found");
    assert_eq!(priors.iter().map(|prior| prior.path.clone()).collect::<Vec<_>>(), [films.join("007-1.dcm")]);
    assert!(library.priors(&films.join("007-1.dcm")).expect("none").is_empty(), "the later is no prior");

    let by_text = Worklist { text: "up 007".into(), order: Order::Date, ..Worklist::default() };
    let found = library.worklist(&by_text).expect("found");
    assert_eq!(
        found.iter().map(|entry| entry.study_date.as_str()).collect::<Vec<_>>(),
        ["20250310", "20240105"]
    );

    let key = found[0].key.clone().expect("by its UID");
    library.opened(&found[1].path, found[1].key.as_ref().expect("a key")).expect("noted");
    library.opened(&found[0].path, &key).expect("noted");
    let recent: Vec<_> = library.recent(5).expect("listed").into_iter().map(|entry| entry.path).collect();
    assert_eq!(recent, [found[0].path.clone(), found[1].path.clone()]);
    assert_eq!(library.entry_of(&key).expect("read").map(|entry| entry.path), Some(now.clone()));

    // What was read goes before what was not, what is signed after both; and a copy elsewhere knows it too.
    let (mut study, _) = film("A");
    study.move_landmark(&LandmarkId::infant()[0], Point::new(5.0, 5.0)).expect("moved");
    library.update(&key, &study).expect("updated");
    let first = &library.worklist(&Worklist::default()).expect("listed")[0];
    assert_eq!((first.path.clone(), first.status), (now.clone(), ReviewStatus::InReview));
    assert!(first.urgency.as_ref().is_some_and(|urgency| urgency.value > 0.0));
    let copy = folder.path().join("copy.dcm");
    fs::copy(&now, &copy).expect("copied");
    library.index(std::slice::from_ref(&copy), &Job::silent()).expect("indexed");
    let copied = library.entry(&copy).expect("read").expect("there");
    assert_eq!((copied.status, &copied.key), (ReviewStatus::InReview, &Some(key.clone())));
    study.review_act(ReviewAct::SignOff).expect("signed");
    library.update(&key, &study).expect("updated");
    let last = library.worklist(&Worklist::default()).expect("listed").pop().expect("an entry");
    assert_eq!((last.status, last.urgency), (ReviewStatus::SignedOff, None));
    assert_eq!(library.counts().expect("counted")[4], (ReviewStatus::SignedOff, 2));
    assert!(library.forget(&copy).expect("gone") && library.entry(&copy).expect("read").is_none());
    library.set_last_user("A").expect("noted");
    assert_eq!(Library::open(&home).expect("opened").last_user().expect("read").as_deref(), Some("A"));
}

#[test]
fn a_failed_analysis_is_known_until_the_film_is_read_and_an_older_worklist_goes_on() {
    let (folder, home) = home();
    let films = folder.path().join("films");
    fs::create_dir(&films).expect("a folder");
    let path = films.join("a.dcm");
    fs::write(&path, dicom(1, 1, "20240105", 1 << 16)).expect("written");
    let mut library = Library::open(&home).expect("opened");
    library.index(std::slice::from_ref(&films), &Job::silent()).expect("indexed");
    drop(library);
    // As a program from before wrote it.
    let older = rusqlite::Connection::open(home.database()).expect("opened");
    older.execute_batch("ALTER TABLE images DROP COLUMN failure; PRAGMA user_version = 1;").expect("older");
    drop(older);

    let mut library = Library::open(&home).expect("brought up to date");
    let failure = |library: &Library| library.entry(&path).expect("read").expect("listed").failure;
    assert_eq!(failure(&library), None);
    library.failed(&path, "not a hip").expect("noted");
    assert_eq!(failure(&library).as_deref(), Some("not a hip"));
    // Indexed again, opened again, a copy found: it is known.
    let copy = folder.path().join("copy.dcm");
    fs::copy(&path, &copy).expect("copied");
    library.index(&[films.clone(), copy.clone()], &Job::silent()).expect("indexed");
    let entry = library.entry(&copy).expect("read").expect("listed");
    assert_eq!(entry.failure.as_deref(), Some("not a hip"));
    let key = entry.key.expect("a key");
    let (mut study, _) = film("A");
    library.update(&key, &study).expect("updated");
    assert_eq!(failure(&library).as_deref(), Some("not a hip"), "opening it reads nothing");
    // A person reads it, and a late failure of a network takes nothing back.
    study.move_landmark(&LandmarkId::infant()[0], Point::new(5.0, 5.0)).expect("moved");
    library.update(&key, &study).expect("updated");
    assert_eq!(failure(&library), None);
    library.failed(&path, "too late").expect("nothing noted");
    assert_eq!(failure(&library), None);
}

#[test]
fn versions_say_what_was_done_for_them_and_one_is_restored_as_a_step() {
    let (_folder, home) = home();
    let (mut study, key) = film("A. Reader");
    let (mut keeper, _) = Keeper::open(&home, &key, &mut study).expect("opened");
    assert!(!keeper.has_news());
    comment(&mut study, &mut keeper, "one");
    assert!(keeper.has_news());
    keeper.save_version(&mut study).expect("saved");
    assert!(!keeper.has_news());
    study.move_landmark(&LandmarkId::infant()[0], Point::new(5.0, 5.0)).expect("moved");
    study.set_comment("two").expect("said");
    keeper.save_version(&mut study).expect("saved");
    let versions = keeper.versions().expect("listed");
    let told: Vec<_> = versions.iter().map(|version| (version.steps, version.last.as_deref())).collect();
    assert_eq!(told, [(1, Some("comment")), (2, Some("comment"))]);
    let (stamp, status) = versions[1].saved.clone().expect("readable");
    assert_eq!((stamp.by.as_str(), status), ("A. Reader", ReviewStatus::InReview));

    let today = study.annotations().clone();
    let old = keeper.read_version(1).expect("kept").annotations;
    assert_eq!(study.restore_version(1, old.clone()), Ok(true));
    assert_eq!(study.annotations(), &old);
    assert_eq!(study.restore_version(1, old.clone()), Ok(false), "it stands already");
    keeper.close(&mut study).expect("closed");
    let (mut again, _) = film("B");
    let (_keeper, _) = Keeper::open(&home, &key, &mut again).expect("opened");
    assert_eq!(again.annotations(), &old);
    assert_eq!(again.undo(), Ok(true));
    assert_eq!(again.annotations(), &today, "also in the next sitting");
    again.review_act(ReviewAct::SignOff).expect("signed");
    assert!(matches!(again.restore_version(1, old), Err(Refused::Signed { .. })));
}
