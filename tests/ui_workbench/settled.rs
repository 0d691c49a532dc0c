//! What a person settles or drops: a norm table signed in the window, a ZIP dropped on it.

use super::library::{film, press, say_who, window};
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
