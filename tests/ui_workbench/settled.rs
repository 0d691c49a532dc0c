//! What a person settles or drops: a norm table signed in the window, a ZIP dropped on it.

use super::library::{film, films, press, say_who, window};
use super::*;
use std::io::Write;

#[test]
fn a_norm_table_is_signed_by_name_and_only_by_somebody() {
    let services = Arc::new(Quick::new());
    let mut harness = analysed(Arc::clone(&services) as Arc<dyn Services>);
    let open = |harness: &mut Harness<'_, Workbench>| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
        harness.run_steps(3);
        harness.get_by_label("Find a command").type_text("norm tables");
        harness.run_steps(2);
        press(harness, "Command Norm tables");
        assert!(says(harness, "unsigned: shown, but judges nothing"));
        press(harness, "Check the values and sign");
        harness.run_steps(20);
    };
    open(&mut harness);
    assert!(says(&harness, "Say who you are first"), "nobody signs without a name");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    say_who(&mut harness, "Dr. Ada");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text("norm tables");
    harness.run_steps(2);
    press(&mut harness, "Command Norm tables");
    press(&mut harness, "I checked these values: sign as Dr. Ada");
    assert!(says(&harness, "signed by Dr. Ada on "));
    let signed = services.signed.lock().expect("nobody panicked");
    assert_eq!(signed.len(), 1);
    assert_eq!(signed[0].signature.as_ref().map(|signature| signature.name.as_str()), Some("Dr. Ada"));
}

/// As the desktop hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }
    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn a_zip_dropped_on_the_window_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.dcm");
    film(&path, "P1", "20250301", 1);
    let archive = folder.path().join("films.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).expect("a file"));
    zip.start_file("ward/one.dcm", zip::write::SimpleFileOptions::default()).expect("begun");
    zip.write_all(&std::fs::read(&path).expect("a film")).expect("written");
    zip.finish().expect("a ZIP");
    let mut harness = window(&folder.path().join("home"), Vec::new());
    assert_eq!(harness.state().films().iter().len(), 1, "the demo");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(archive)));
    harness.step();
    wait(&mut harness, "the film", |workbench| workbench.films().iter().len() == 2);
    wait_for_label(&mut harness, "Case, P1");
}

/// A folder and an archive at once: every film of both, of folders within folders too; what is no film is passed over.
#[test]
fn everything_of_what_is_dropped_is_opened() {
    let (folder, films) = films(2);
    let inner = films.join("later");
    std::fs::create_dir(&inner).expect("a folder");
    film(&inner.join("deep.dcm"), "P7", "20250301", 7);
    std::fs::write(films.join("letter.txt"), "Dear colleague").expect("written");
    let archive = folder.path().join("films.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).expect("a file"));
    for number in [8, 9] {
        let path = folder.path().join(format!("{number}.dcm"));
        film(&path, &format!("P{number}"), "20250301", number);
        let name = format!("ward/{number}.dcm");
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(&std::fs::read(&path).expect("a film")).expect("written");
    }
    zip.finish().expect("a ZIP");
    let mut harness = window(&folder.path().join("home"), Vec::new());
    for path in [films, archive] {
        harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    }
    harness.step();
    wait(&mut harness, "five films beside the demo", |workbench| workbench.films().iter().len() == 6);
    for patient in ["P0", "P1", "P7", "P8", "P9"] {
        wait_for_label(&mut harness, &format!("Case, {patient}"));
    }
    assert!(!says(&harness, "letter.txt"), "a letter is no film");
    // The patient's card stands above the list once the film is read, and moves it down.
    wait(&mut harness, "the first film's study", |workbench| study(workbench).is_some());
    // Dropped again, they are those that are open: the first of them comes back to the screen.
    press(&mut harness, "Study 8.dcm, new");
    let shown = |workbench: &Workbench| workbench.films().current().map(|film| film.name());
    assert_eq!(shown(harness.state()).as_deref(), Some("8.dcm"));
    harness.input_mut().dropped_files.push(Arc::new(Dropped(folder.path().join("films"))));
    harness.step();
    wait(&mut harness, "the first film", |workbench| shown(workbench).as_deref() == Some("film0.dcm"));
    assert_eq!(harness.state().films().iter().len(), 6);
}
