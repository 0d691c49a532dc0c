//! The window, driven headless by the names that a screen reader says.

mod archive;
mod calibration;
mod deidentify;
mod display;
mod drawing;
mod export;
mod frame;
mod free;
mod german;
mod hand;
mod library;
mod names;
mod patient;
mod pictures;
mod raster;
mod settled;
mod stacks;
mod versions;
mod viewport;

use coxa::imaging::{Catalogue, DeidentifyOptions, Presentation, Radiograph, TagLine};
use coxa::job::Job;
use coxa::library::{Home, Preferences};
use coxa::measure::norms::NormTable;
use coxa::measure::{
    LabelMap, Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Side, Structure,
};
use coxa::simulate;
use coxa::study::mask::Mask;
use coxa::study::{MaskPrediction, Prediction, Study};
use coxa::ui::{AnalysisError, Services, SiteNorms, Snapshot, Workbench, theme};
use egui::{Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The true services with a quick analysis: the truth of the demo, as a network would give it.
struct Quick {
    real: Arc<dyn Services>,
    /// The analysis waits for this.
    go: Arc<AtomicBool>,
    refuse: bool,
    /// Films are kept below this folder; nowhere without.
    home: Option<PathBuf>,
    /// A network for masks is installed.
    masks: bool,
    /// What the network finds; the truth of the demo without.
    given: Option<LandmarkSet>,
    /// What the person at this machine settled.
    preferences: Preferences,
    /// What the window settled since.
    kept: Arc<Mutex<Option<Preferences>>>,
    /// Norm tables that were signed in it.
    signed: Mutex<Vec<NormTable>>,
}

impl Quick {
    fn new() -> Self {
        Self {
            real: coxa::ui::services(),
            go: Arc::new(AtomicBool::new(true)),
            refuse: false,
            home: None,
            masks: true,
            given: None,
            preferences: Preferences::default(),
            kept: Arc::default(),
            signed: Mutex::default(),
        }
    }
}

impl Quick {
    fn shared() -> Arc<dyn Services> {
        Arc::new(Self::new())
    }
}

impl Services for Quick {
    fn home(&self) -> Result<Option<Home>, String> {
        self.home.as_deref().map(Home::at).transpose().map_err(|error| error.to_string())
    }

    fn preferences(&self) -> Result<Preferences, String> {
        let kept = self.kept.lock().expect("nobody panicked");
        Ok(kept.as_ref().unwrap_or(&self.preferences).clone())
    }

    fn keep(&self, preferences: &Preferences) -> Result<(), String> {
        *self.kept.lock().expect("nobody panicked") = Some(preferences.clone());
        Ok(())
    }

    fn keep_norms(&self, table: &NormTable) -> Result<(), String> {
        self.signed.lock().expect("nobody panicked").push(table.clone());
        Ok(())
    }

    fn catalogue(&self, paths: &[PathBuf]) -> Catalogue {
        self.real.catalogue(paths)
    }

    fn open(&self, path: &Path, frame: u32) -> Result<(Radiograph, Presentation), String> {
        self.real.open(path, frame)
    }

    fn deidentify(
        &self,
        input: &Path,
        output: &Path,
        options: &DeidentifyOptions,
    ) -> Result<Vec<String>, String> {
        self.real.deidentify(input, output, options)
    }

    fn tags(&self, path: &Path) -> Result<Vec<TagLine>, String> {
        self.real.tags(path)
    }

    fn norms(&self) -> SiteNorms {
        self.real.norms()
    }

    fn demo(&self) -> Radiograph {
        self.real.demo()
    }

    fn analyse(&self, _: &Radiograph, job: &Job) -> Result<Prediction, AnalysisError> {
        job.report("network", 0.5);
        while !self.go.load(Ordering::Relaxed) {
            job.check().map_err(|_| AnalysisError::Cancelled)?;
            std::thread::sleep(Duration::from_millis(2));
        }
        if self.refuse {
            return Err(AnalysisError::Refused("this looks like a chest film".to_owned()));
        }
        let mut landmarks = self.given.clone().unwrap_or_else(|| simulate::demo().landmarks);
        for landmark in landmarks.points.values_mut() {
            if let Some(position) = landmark.position() {
                *landmark = Landmark::defined(position, Some(4.0), Origin::Model);
            }
        }
        let model = ModelIdentity { id: "truth".into(), version: "1".into(), sha256: "0".repeat(64) };
        Ok(Prediction { landmarks, model, warnings: Vec::new() })
    }

    fn mask_model(&self) -> Option<String> {
        self.masks.then(|| "truth".to_owned())
    }

    /// A box of the first label.
    fn segment(&self, film: &Radiograph, _: &Job) -> Result<MaskPrediction, AnalysisError> {
        let mut map = LabelMap::empty(film.rows, film.columns, Structure::hip());
        for row in 200..300 {
            map.labels[row * film.columns + 250..row * film.columns + 450].fill(1);
        }
        let model = ModelIdentity { id: "truth".into(), version: "1".into(), sha256: "0".repeat(64) };
        Ok(MaskPrediction { mask: Mask::new(map), model, warnings: Vec::new() })
    }

    fn report(&self, snapshot: &Snapshot) -> Result<Vec<u8>, String> {
        self.real.report(snapshot)
    }

    fn device(&self) -> String {
        "test".to_owned()
    }
}

fn workbench(services: Arc<dyn Services>, paths: Vec<PathBuf>) -> Harness<'static, Workbench> {
    let context = egui::Context::default();
    let workbench = Workbench::new(services, &context, paths).expect("threads");
    Harness::builder().with_size([1440.0, 900.0]).with_context_setup(theme::install).build_ui_state(
        |ui, workbench: &mut Workbench| {
            workbench.logic(ui.ctx());
            workbench.ui(ui);
        },
        workbench,
    )
}

/// No bound on the window: the machine may have other work.
const PATIENCE: Duration = Duration::from_secs(180);

/// Steps the window until `done`, as a person waits for a worker.
fn wait(harness: &mut Harness<'_, Workbench>, what: &str, done: impl Fn(&Workbench) -> bool) {
    let start = Instant::now();
    while !done(harness.state()) {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    harness.run_steps(3);
}

fn study(workbench: &Workbench) -> Option<&Study> {
    workbench.films().current()?.study.as_ref()
}

fn index(workbench: &Workbench, side: Side) -> f64 {
    let assessment = study(workbench).expect("a study").assessment();
    assessment.measurement("AI", Some(side)).and_then(|m| m.value).expect("an acetabular index")
}

fn opened(services: Arc<dyn Services>) -> Harness<'static, Workbench> {
    let mut harness = workbench(services, Vec::new());
    wait(&mut harness, "the demo", |workbench| study(workbench).is_some());
    harness
}

fn analysed(services: Arc<dyn Services>) -> Harness<'static, Workbench> {
    let mut harness = opened(services);
    // The toolbar has one, and the empty panel of findings another.
    harness.get_all_by_label("Analyse").next().expect("a button").click();
    harness.step();
    wait(&mut harness, "the analysis", |workbench| {
        study(workbench).is_some_and(|study| study.annotations().prediction.is_some())
    });
    harness
}

/// Where a pixel of the film on the screen is, while the film is fitted.
fn film_point(harness: &Harness<'_, Workbench>, x: f64, y: f64) -> Pos2 {
    let film = harness.state().films().current().expect("a film");
    let radiograph = &film.opened().expect("pixels").radiograph;
    let viewport = harness.get_by_label_contains("Film ").rect();
    let aspect = radiograph.pixel_aspect();
    let (columns, rows) = (radiograph.columns as f64, radiograph.rows as f64 * aspect);
    let room = viewport.size() - egui::vec2(12.0, 12.0);
    let zoom = (f64::from(room.x) / columns).min(f64::from(room.y) / rows);
    let off = [(x + 0.5 - 0.5 * columns) * zoom, ((y + 0.5) * aspect - 0.5 * rows) * zoom];
    viewport.center() + egui::vec2(off[0] as f32, off[1] as f32)
}

/// Whether anything on the screen holds these words.
fn says(harness: &Harness<'_, Workbench>, words: &str) -> bool {
    harness.query_all_by_label_contains(words).next().is_some()
}

/// Every text on the screen and where it begins, also what is drawn on the film.
fn painted(harness: &Harness<'_, Workbench>) -> Vec<(String, Pos2)> {
    fn of(shape: &egui::Shape, into: &mut Vec<(String, Pos2)>) {
        match shape {
            egui::Shape::Vec(shapes) => shapes.iter().for_each(|shape| of(shape, into)),
            egui::Shape::Text(text) => into.push((text.galley.text().to_owned(), text.pos)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    harness.output().shapes.iter().for_each(|clipped| of(&clipped.shape, &mut texts));
    texts
}

/// A folder of the shared data; says so where it is not there.
fn data(folder: &str) -> Option<PathBuf> {
    let base = std::env::var_os("COXA_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let path = base.join(folder);
    if !path.is_dir() {
        println!("skipped: no data at {}", path.display());
        return None;
    }
    Some(path)
}

fn click(harness: &mut Harness<'_, Workbench>, at: Pos2) {
    harness.hover_at(at);
    harness.step();
    harness.drag_at(at);
    harness.step();
    harness.drop_at(at);
    harness.run_steps(3);
}

/// Drags by the hand, in a few steps as a mouse would.
fn drag(harness: &mut Harness<'_, Workbench>, from: Pos2, way: egui::Vec2) {
    harness.hover_at(from);
    harness.step();
    harness.drag_at(from);
    harness.step();
    for part in 1..=4 {
        harness.hover_at(from + way * (part as f32 / 4.0));
        harness.step();
    }
    harness.drop_at(from + way);
    harness.run_steps(2);
}

#[test]
fn demo_to_report() {
    // Everything as it is shipped, the network too.
    let mut harness = analysed(coxa::ui::services());
    let (right, left) = (index(harness.state(), Side::Right), index(harness.state(), Side::Left));
    let cell = format!("AI right {right:.1}°");
    assert!(harness.query_by_label_contains(&cell).is_some(), "the panel says {cell}");

    // The roof edge of the right side goes up: its angle grows, the other stays.
    let roof = harness.get_by_label_contains("Point SMA right, predicted").rect().center();
    drag(&mut harness, roof, egui::vec2(0.0, -25.0));
    let steeper = index(harness.state(), Side::Right);
    assert!(steeper > right + 3.0, "{right} to {steeper}");
    assert!((index(harness.state(), Side::Left) - left).abs() < 1e-9);
    assert!(harness.query_by_label_contains(&format!("AI right {steeper:.1}°")).is_some());
    assert!(harness.query_by_label_contains("Point SMA right, corrected").is_some());
    assert!(harness.query_by_label_contains("1 of 8 corrected").is_some());

    harness.get_by_label("Undo").click();
    harness.run_steps(2);
    assert!((index(harness.state(), Side::Right) - right).abs() < 1e-12, "undo is exact");
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    harness.run_steps(2);
    assert!((index(harness.state(), Side::Right) - steeper).abs() < 1e-12, "redo is exact");

    // No desktop here, hence no file dialog: the path is typed.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.pdf");
    // SAFETY: set before any thread of this test reads the environment.
    unsafe { std::env::set_var("COXA_NO_PORTAL", "1") };
    harness.get_by_label("Export PDF").click();
    harness.run_steps(3);
    let field = harness.get_by_label("Path of the report");
    field.set_text_value_accesskit(&path.display().to_string());
    harness.run_steps(2);
    harness.get_by_label("Write report").click();
    harness.step();
    wait(&mut harness, "the report", |_| path.exists());
    wait_for_label(&mut harness, "Report written");
    let bytes = std::fs::read(&path).expect("the report");
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000, "{} bytes", bytes.len());
}

fn wait_for_label(harness: &mut Harness<'_, Workbench>, words: &str) {
    wait_for(harness, words, |harness| says(harness, words));
}

fn wait_for(
    harness: &mut Harness<'_, Workbench>,
    words: &str,
    seen: impl Fn(&Harness<'_, Workbench>) -> bool,
) {
    let start = Instant::now();
    while !seen(harness) {
        assert!(start.elapsed() < PATIENCE, "nobody says {words:?}");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
}

#[test]
fn a_cancelled_analysis_leaves_nothing_and_a_refused_one_says_why() {
    let services = Quick { go: Arc::new(AtomicBool::new(false)), ..Quick::new() };
    let go = Arc::clone(&services.go);
    let mut harness = opened(Arc::new(services));
    harness.key_press(Key::A);
    harness.run_steps(2);
    assert!(harness.state().is_analysing());
    harness.get_all_by_label("Cancel").next().expect("a button").click();
    harness.run_steps(2);
    go.store(true, Ordering::Relaxed);
    std::thread::sleep(Duration::from_millis(50));
    harness.run_steps(3);
    assert!(study(harness.state()).expect("a study").annotations().prediction.is_none());

    let mut harness = opened(Arc::new(Quick { refuse: true, ..Quick::new() }));
    harness.key_press(Key::A);
    harness.step();
    wait_for_label(&mut harness, "Not analysed: this looks like a chest film");
}

#[test]
fn a_bad_file_stands_beside_the_good_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("letter.dcm");
    std::fs::write(&text, "Dear colleague").expect("a file");
    let radiograph = simulate::demo().radiograph();
    coxa::imaging::write_dx(&radiograph, &folder.path().join("film.dcm")).expect("a film");
    let mut harness = workbench(Quick::shared(), vec![folder.path().join("film.dcm"), text]);
    wait(&mut harness, "the film", |workbench| study(workbench).is_some());
    assert_eq!(harness.state().films().iter().len(), 2);
    harness.key_press(Key::PageDown);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("This cannot be shown").is_some());
    assert!(harness.query_by_label_contains("letter.dcm: ").is_some(), "which file, and why");
    harness.key_press(Key::P);
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("Film film.dcm").is_some());
}

#[test]
fn the_palette_finds_and_runs_a_command() {
    let mut harness = analysed(Quick::shared());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.get_by_label("Find a command").type_text("undo");
    harness.run_steps(2);
    harness.get_by_label("Command Undo").click();
    harness.run_steps(2);
    assert!(study(harness.state()).expect("a study").annotations().prediction.is_none());
}

/// `Harness::run` refuses a control without an accessible name, and every glyph that no font has.
#[test]
fn every_control_has_a_name_and_every_letter_a_glyph() {
    let mut harness = analysed(Quick::shared());
    harness.run();
    harness.key_press(Key::Questionmark);
    harness.run_steps(5);
    assert!(harness.query_by_label("Middle drag, Space + drag").is_some());
    harness.run();
    harness.key_press(Key::Escape);
    harness.run_steps(5);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(5);
    assert!(harness.query_by_label("Command Analyse").is_some());
    harness.run_ok();
    harness.key_press(Key::Escape);
    harness.run_steps(5);
    assert!(harness.query_by_label("Command Analyse").is_none(), "Escape closes it");
    harness.get_by_label("Dark or light").click();
    harness.run_steps(5);
    harness.run();
}
