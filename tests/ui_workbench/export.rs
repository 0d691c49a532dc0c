//! The export dialog: what is ticked is written, checked and told of; what cannot be is said, with the reason.

use super::*;
use coxa::datasets::{self, Format};
use coxa::export::dicom::sr;
use coxa::imaging::write_dx;
use egui::accesskit::Role;
use egui_kittest::kittest::NodeT;

/// A film with a patient, in a folder of its own.
fn film() -> (tempfile::TempDir, PathBuf) {
    // SAFETY: every test that asks for a file says that there is no dialog; none says otherwise.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    let folder = tempfile::tempdir().expect("a folder");
    let path = film_of(folder.path(), "Doe^Jane", "20250301");
    (folder, path)
}

/// The demo as that patient's film of that day.
fn film_of(folder: &Path, name: &str, date: &str) -> PathBuf {
    let path = folder.join(format!("{}.dcm", name.replace('^', "-")));
    let mut film = simulate::demo().radiograph();
    film.identity.patient_name = name.to_owned();
    film.identity.patient_id = "4711-0815".to_owned();
    film.identity.study_date = date.to_owned();
    write_dx(&film, &path).expect("a film");
    path
}

fn read(path: PathBuf) -> Harness<'static, Workbench> {
    let mut harness = workbench(Quick::shared(), vec![path]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    harness.get_all_by_label("Analyse").next().expect("a button").click();
    harness.step();
    wait(&mut harness, "the analysis", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
    });
    harness
}

fn press(harness: &mut Harness<'_, Workbench>, label: &str) {
    harness.get_all_by_label(label).next().expect(label).click_accesskit();
    harness.run_steps(4);
}

fn open_dialog(harness: &mut Harness<'_, Workbench>) {
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    harness.run_steps(4);
    assert!(says(harness, "For the patient's record"));
}

fn names(folder: &Path) -> Vec<String> {
    let all = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        all.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn everything_that_is_ticked_is_written_and_shown_as_its_receiver_sees_it() {
    let (folder, path) = film();
    let mut harness = read(path);
    // Masks first: without them there is nothing to segment.
    open_dialog(&mut harness);
    assert!(harness.get_by_label("Segmentation").accesskit_node().is_disabled());
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    harness.run_steps(3);
    assert!(!says(&harness, "For the patient's record"), "the same key closes it");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::M);
    harness.run_steps(2);
    wait(&mut harness, "masks", |workbench| study(workbench).is_some_and(|s| s.annotations().mask.is_some()));
    open_dialog(&mut harness);
    // PDF and report are ticked from the first.
    for label in [
        "PDF in DICOM",
        "Picture with lines",
        "Segmentation",
        "Label map",
        "Presentation state",
        "Key object",
        "Table (CSV)",
        "Table (Parquet)",
        "JSON",
        "Replay bundle",
        "COCO",
        "YOLO pose",
        "nnU-Net",
        "labelme",
        "Points (CSV)",
    ] {
        press(&mut harness, label);
    }
    press(&mut harness, "Export (17)");
    wait_for_label(&mut harness, "Exported: 17 files");
    let out = folder.path().join("export");
    assert_eq!(
        names(&out),
        [
            "bundle.zip",
            "coco",
            "csv",
            "epdf.dcm",
            "gsps.dcm",
            "json",
            "ko.dcm",
            "labelmap.dcm",
            "labelme",
            "nnunet",
            "parquet",
            "pdf",
            "png",
            "points",
            "seg.dcm",
            "sr.dcm",
            "yolo"
        ]
        .map(|ending| format!("Doe-Jane.{ending}"))
    );
    harness.get_by_label_contains("Doe-Jane.gsps.dcm · checks passed").scroll_to_me();
    harness.run_steps(3);
    harness.get_by_label_contains("Doe-Jane.gsps.dcm · checks passed").click_accesskit();
    harness.run_steps(4);
    assert!(says(&harness, "The receiver will see:") && says(&harness, "layer "));
    let report = sr::reopen(&out.join("Doe-Jane.sr.dcm")).expect("a report");
    assert_eq!(&report.annotations, study(harness.state()).expect("a study").annotations());

    // Once more into the same place: nothing is replaced, and every line says why.
    press(&mut harness, "Export (17)");
    wait_for_label(&mut harness, "not written: 17");
    assert!(says(&harness, "it is there already"));
}

#[test]
fn without_identity_the_files_have_another_name_and_nobody_s() {
    let (folder, path) = film();
    let mut harness = read(path);
    open_dialog(&mut harness);
    press(&mut harness, "Without identity; age and sex stay");
    press(&mut harness, "Export (2)");
    wait_for_label(&mut harness, "Exported: 3 files");
    let out = folder.path().join("export");
    assert_eq!(names(&out), ["film.dcm", "film.pdf", "film.sr.dcm"]);
    for name in names(&out) {
        let bytes = std::fs::read(out.join(&name)).expect("there");
        for secret in ["Doe", "Jane", "4711-0815"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}

/// Analyses the film on the screen and moves a point of it.
fn correct(harness: &mut Harness<'_, Workbench>) {
    harness.get_all_by_label("Analyse").next().expect("a button").click();
    harness.step();
    wait(harness, "the analysis", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
    });
    for key in [Key::Tab, Key::ArrowRight] {
        harness.key_press(key);
        harness.run_steps(2);
    }
    assert!(study(harness.state()).is_some_and(|study| study.annotations().is_worked_on()));
}

#[test]
fn what_was_corrected_leaves_as_one_data_set_without_identity() {
    let (folder, first) = film();
    let second = film_of(folder.path(), "Roe^Richard", "20250302");
    let mut harness = workbench(Quick::shared(), vec![first, second]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    correct(&mut harness);
    let words = "data sets of all 2 films that were worked on";
    open_dialog(&mut harness);
    press(&mut harness, "COCO");
    assert!(!says(&harness, words), "one film is no choice");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::E);
    harness.run_steps(3);
    let of =
        |workbench: &Workbench| study(workbench).map(|study| study.source().identity.patient_name.clone());
    let before = of(harness.state());
    harness.key_press(Key::N);
    wait(&mut harness, "the next film", |workbench| of(workbench).is_some_and(|name| Some(name) != before));
    correct(&mut harness);
    open_dialog(&mut harness);
    for label in ["PDF report", "Structured report", "YOLO pose", "labelme", "Points (CSV)", words] {
        press(&mut harness, label);
    }
    press(&mut harness, "Export (4)");
    wait_for_label(&mut harness, "Exported: 4 files");
    let out = folder.path().join("export");
    for (ending, format) in [
        ("coco", Format::Coco),
        ("yolo", Format::Yolo),
        ("labelme", Format::Labelme),
        ("points", Format::Csv),
    ] {
        let set = names(&out).into_iter().find(|name| name.ends_with(ending)).expect(ending);
        let read = datasets::read(&out.join(set), Some(format)).expect(ending);
        let cases: Vec<_> = read.cases().collect::<Result<_, _>>().expect(ending);
        assert_eq!(
            cases.iter().map(|case| &*case.name).collect::<Vec<_>>(),
            ["film-1", "film-2"],
            "{ending}"
        );
        assert!(cases.iter().all(|case| case.landmarks.points.len() >= 6), "{ending}");
    }
    for path in files(&out) {
        let bytes = std::fs::read(&path).expect("there");
        for secret in ["Doe", "Jane", "Roe", "Richard", "4711-0815"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}

/// Every file below the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_cannot_be_is_said() {
    let mut harness = analysed(Quick::shared());
    open_dialog(&mut harness);
    // The demo is no file: objects have nothing to refer to.
    assert!(harness.get_by_label("Structured report").accesskit_node().is_disabled());
    assert!(!harness.get_by_label("PDF report").accesskit_node().is_disabled());
    press(&mut harness, "PDF report");
    assert!(says(&harness, "Tick what you want."));
    press(&mut harness, "PDF report");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let field = |harness: &mut Harness<'_, Workbench>, words: &str| {
        harness.get_by_role_and_label(Role::TextInput, "Folder").set_text_value_accesskit(words);
        harness.run_steps(3);
    };
    field(&mut harness, &file.path().display().to_string());
    assert!(says(&harness, "This is no folder."));
    field(&mut harness, &file.path().join("below").display().to_string());
    press(&mut harness, "Export (1)");
    wait_for_label(&mut harness, "not written: 1");
    assert!(says(&harness, "below: cannot be written"));
}

/// A row of the list of studies.
fn bring(harness: &mut Harness<'_, Workbench>, kind: &str) {
    harness.get_by_label_contains(&format!("Not an image: {kind}")).click_accesskit();
    harness.run_steps(2);
}

#[test]
fn objects_beside_a_film_are_brought_to_it() {
    let (folder, path) = film();
    let mut harness = read(path.clone());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::M);
    harness.run_steps(2);
    wait(&mut harness, "masks", |workbench| study(workbench).is_some_and(|s| s.annotations().mask.is_some()));
    let meant = study(harness.state()).expect("a study").annotations().clone();
    open_dialog(&mut harness);
    for label in ["Segmentation", "Presentation state", "Key object"] {
        press(&mut harness, label);
    }
    press(&mut harness, "Export (5)");
    wait_for_label(&mut harness, "Exported: 5 files");
    drop(harness);

    // Another day, in another window: the folder is opened, and nothing is known of the film.
    let mut harness = workbench(Quick::shared(), vec![folder.path().to_owned()]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    assert!(study(harness.state()).expect("a study").annotations().landmarks.points.is_empty());
    wait_for_label(&mut harness, "key image: The film on which the hips were measured");

    bring(&mut harness, "a segmentation");
    wait_for_label(&mut harness, "its masks are those of the film now");
    let taken = study(harness.state()).expect("a study").annotations().clone();
    assert_eq!(taken.mask, meant.mask);
    assert!(taken.landmarks.points.is_empty());

    bring(&mut harness, "a presentation state");
    wait_for_label(&mut harness, "lie over the film");
    let laid = harness.state().films().current().and_then(|film| film.laid.clone()).expect("laid over it");
    assert!(laid.state.drawn.len() > 10 && laid.state.window.is_some());
    bring(&mut harness, "a presentation state");
    harness.run_steps(3);
    assert!(harness.state().films().current().is_some_and(|film| film.laid.is_none()), "taken away again");

    bring(&mut harness, "a structured report");
    wait_for_label(&mut harness, "opened again, to be edited");
    let reopened = study(harness.state()).expect("a study").annotations().clone();
    assert_eq!(reopened.landmarks, meant.landmarks);
    assert_eq!(reopened.prediction, meant.prediction);
    // It is a step as any other: taken back, the masks alone are there.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(3);
    let before = study(harness.state()).expect("a study").annotations().clone();
    assert!(before.landmarks.points.is_empty() && before.mask == meant.mask);
}

#[test]
fn an_object_without_its_film_says_so() {
    let (folder, path) = film();
    let mut harness = read(path.clone());
    open_dialog(&mut harness);
    press(&mut harness, "Export (2)");
    wait_for_label(&mut harness, "Exported: 2 files");
    drop(harness);
    std::fs::remove_file(&path).expect("the film goes");
    let mut harness = workbench(Quick::shared(), vec![folder.path().join("export")]);
    wait_for_label(&mut harness, "Not an image: a structured report");
    bring(&mut harness, "a structured report");
    wait_for_label(&mut harness, "its film is not in the list");
}
