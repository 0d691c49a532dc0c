//! A study handed over as many files: for the record of its patient, without identity, and as one of a data set.

use crate::made::{CALIBRATED, case, full, review, studied};
use coxa::datasets::{self, Format};
use coxa::export::delivery::{Around, Delivered, Labelled, Order, UNNAMED, deliver};
use coxa::export::dicom::{ObjectKind, ReferencedImage, seg, sr};
use coxa::export::target::{Options, Target};
use coxa::export::{ExportError, Site, bundle};
use coxa::imaging::{DeidentifyOptions, Radiograph, Rectangle, write_dx};
use coxa::job::Job;
use coxa::measure::norms;
use coxa::study::{SavedStudy, Study};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// As the window hands a study over.
#[test]
fn a_study_leaves_as_every_target_and_its_report_brings_all_of_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = case("A^B", full(), CALIBRATED);
    let path = folder.path().join("film.dcm");
    write_dx(&given.film, &path).expect("written");
    let (film, presentation) = coxa::imaging::open_presented(&path, 1).expect("a film");
    let mut study = Study::new(&path, &film, &presentation, Cow::Borrowed(norms::embedded()));
    let saved = SavedStudy { annotations: full(), review: review(), ..SavedStudy::of(&study) };
    study.restore(saved).expect("of this film");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("made");
    let order = Order {
        targets: Target::ALL.to_vec(),
        folder: out.clone(),
        name: "film".to_owned(),
        ..Order::default()
    };
    for one in delivered(&study, &film, &order) {
        let target = one.target.expect("no copy of the film is made");
        let check = one.outcome.unwrap_or_else(|error| panic!("{}: {error}", target.name()));
        assert!(check.is_sound() && !check.receiver.is_empty(), "{}", target.name());
        assert!(one.path.exists(), "{}", target.name());
    }
    for one in delivered(&study, &film, &order) {
        assert!(matches!(one.outcome, Err(ExportError::Taken(_))), "{}: written over", one.path.display());
    }
    let report = Target::Dicom(ObjectKind::Report).path(&out, "film");
    let reopened = sr::reopen(&report).expect("a report");
    assert!(reopened.notes.is_empty(), "{:?}", reopened.notes);
    assert_eq!(&reopened.annotations, study.annotations());
    assert_eq!(&reopened.review, study.review());
    assert_eq!(reopened.spacing(), Some(study.spacing()));
    assert_eq!(reopened.reader.as_deref(), Some("Reader^Anna"));
    let replay = bundle::replay(&Target::Bundle.path(&out, "film"), Some(&film)).expect("a bundle");
    assert_eq!(replay.differences, Vec::<String>::new());
    assert_eq!(replay.measurements, study.assessment().measurements.len());
    // A bundle names nobody, and says nothing that a person wrote.
    let bytes = std::fs::read(Target::Bundle.path(&out, "film")).expect("there");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    for index in 0..zip.len() {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_index(index).expect("there"), &mut text).expect("text");
        for secret in
            ["A^B", "P-1", "Reader", "проверено", "Maß", "左右", &given.image.instance, &given.image.study]
        {
            assert!(!text.contains(secret), "{secret} is in the bundle");
        }
    }
}

fn delivered(study: &Study, film: &Radiograph, order: &Order) -> Vec<Delivered> {
    delivered_with(study, film, &[], order)
}

fn delivered_with(study: &Study, film: &Radiograph, set: &[Labelled], order: &Order) -> Vec<Delivered> {
    let mut all = Vec::new();
    let site = Site { name: "St Elsewhere".to_owned(), logo: None };
    let around = Around { site: &site, priors: &[], set };
    deliver(study, film, around, order, &Job::silent(), &mut |one| all.push(one)).expect("nobody cancels");
    all
}

#[test]
fn without_identity_nothing_names_anybody_and_objects_refer_to_the_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path(), "Secret-Name.dcm");
    for keep_characteristics in [true, false] {
        let out = folder.path().join(format!("out {keep_characteristics}"));
        let deidentify =
            DeidentifyOptions { key: vec![7; 32], keep_characteristics, ..DeidentifyOptions::default() };
        let order = Order {
            targets: Target::ALL.to_vec(),
            folder: out.clone(),
            name: UNNAMED.to_owned(),
            deidentify: Some(deidentify),
            options: Options { film_in_bundle: true, ..Options::default() },
        };
        let all = delivered(&study, &film, &order);
        assert_eq!(all.len(), 1 + Target::ALL.len(), "the copy of the film comes first");
        for one in &all {
            let name = one.target.map_or("film", Target::name);
            assert!(one.outcome.is_ok(), "{name}: {:?}", one.outcome);
        }
        let copy = ReferencedImage::read(&all[0].path, 1).expect("a film");
        let source = ReferencedImage::read(&study.source().path, 1).expect("a film");
        assert_ne!(copy.instance, source.instance);
        let report = sr::reopen(&Target::Dicom(ObjectKind::Report).path(&out, UNNAMED)).expect("a report");
        assert_eq!(report.image.instance, copy.instance);
        assert_eq!(report.annotations.landmarks, study.annotations().landmarks);
        assert_eq!(report.reader, None);
        let masks = seg::read(&Target::Dicom(ObjectKind::Segmentation).path(&out, UNNAMED)).expect("masks");
        assert_eq!(masks.instance, copy.instance);
        assert_eq!(Some(&masks.masks), study.annotations().mask.as_deref());
        let birth = if keep_characteristics { "20240101" } else { "009M" };
        let secrets = ["Secret", "P-1", "Reader", "проверено", "Maß", "左右", "Elsewhere", birth];
        let secrets: Vec<&str> = secrets.into_iter().chain([&*source.instance, &*source.study]).collect();
        for path in files(&out) {
            let bytes = std::fs::read(&path).expect("there");
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} is in {}", path.display());
            }
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_cancelled_stops_between_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path(), "Secret-Name.dcm");
    let out = folder.path().join("out");
    let order = Order {
        targets: Target::ALL.to_vec(),
        folder: out.clone(),
        name: "film".to_owned(),
        ..Order::default()
    };
    let job = Job::silent();
    let mut told = 0;
    let around = Around { site: &Site::default(), priors: &[], set: &[] };
    let end = deliver(&study, &film, around, &order, &job, &mut |_| {
        told += 1;
        job.cancel();
    });
    assert!(end.is_err() && told == 1);
    assert_eq!(files(&out), [Target::ALL[0].path(&out, "film")]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (study, film) = studied(folder.path(), "Secret-Name.dcm");
    let order = Order {
        targets: vec![Target::Pdf],
        folder: study.source().path.join("below a file"),
        name: "film".to_owned(),
        ..Order::default()
    };
    let all = delivered(&study, &film, &order);
    let words = all[0].outcome.as_ref().expect_err("no folder").to_string();
    assert!(all.len() == 1 && words.contains("below a file"), "{words}");
}

/// Corrections of many films are one data set: no film in it says whose it is, the films of one patient are known as such,
/// and what was to be black is black.
#[test]
fn films_that_were_worked_on_leave_as_one_data_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let black = Rectangle { x: 0, y: 0, width: 30, height: 20 };
    let set: Vec<Labelled> = ["Secret-1.dcm", "Secret-2.dcm", "Secret-3.dcm"]
        .into_iter()
        .map(|name| {
            let (study, film) = studied(folder.path(), name);
            Labelled { study, film: Arc::new(film), black: vec![black] }
        })
        .collect();
    let formats = [Format::Coco, Format::Yolo, Format::NnUnet, Format::Labelme, Format::Csv];
    for deidentify in [None, Some(DeidentifyOptions { key: vec![7; 32], ..DeidentifyOptions::default() })] {
        let out = folder.path().join(format!("out {}", deidentify.is_some()));
        let keeps_age = deidentify.is_none();
        let order = Order {
            targets: formats.map(Target::DataSet).to_vec(),
            folder: out.clone(),
            name: "set".to_owned(),
            deidentify,
            ..Order::default()
        };
        for one in delivered_with(&set[0].study, &set[0].film, &set, &order) {
            let name = one.target.map_or("film", Target::name);
            assert!(one.outcome.expect(name).is_sound(), "{name}");
        }
        for format in formats {
            let path = Target::DataSet(format).path(&out, "films");
            let read = datasets::read(&path, Some(format)).expect("a data set");
            assert_eq!(read.problems.len(), 0, "{format:?}");
            let cases: Vec<_> = read.cases().collect::<Result<_, _>>().expect("cases");
            let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
            assert_eq!(names, ["film-1", "film-2", "film-3"], "{format:?}");
            for case in &cases {
                let at = |x: usize, y: usize| case.film.stored[y * case.film.columns + x];
                assert!(at(29, 19) < at(30, 20), "{format:?}: a part that was to be black is not");
                if matches!(format, Format::Coco | Format::Csv) {
                    assert_eq!(case.about.age_months, keeps_age.then_some(8.7), "{format:?}");
                    assert_eq!(case.about.patient, cases[0].about.patient, "{format:?}: of one patient");
                    assert!(case.about.patient.is_some(), "{format:?}");
                }
            }
        }
        for path in files(&out) {
            let bytes = std::fs::read(&path).expect("there");
            for secret in ["Secret", "P-1\"", "Reader", "проверено", "Maß", "左右", "Elsewhere"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} is in {}", path.display());
            }
        }
        // In its place nothing is replaced, and a film that went away leaves nothing half done.
        for one in delivered_with(&set[0].study, &set[0].film, &set, &order) {
            assert!(matches!(one.outcome, Err(ExportError::Taken(_))), "{}", one.path.display());
        }
    }
    std::fs::remove_file(folder.path().join("Secret-2.dcm")).expect("it goes");
    let out = folder.path().join("lost");
    let order = Order {
        targets: formats.map(Target::DataSet).to_vec(),
        folder: out.clone(),
        name: "set".to_owned(),
        ..Order::default()
    };
    for one in delivered_with(&set[0].study, &set[0].film, &set, &order) {
        let words = one.outcome.expect_err("a film is gone").to_string();
        assert!(words.contains("Secret-2.dcm"), "{words}");
    }
    assert_eq!(files(&out), Vec::<PathBuf>::new());
}

/// Every target, and every data set of two films, into `folder/out`, where none of it can be written.
fn nothing_arrives(folder: &Path) {
    let set: Vec<Labelled> = ["Secret-1.dcm", "Secret-2.dcm"]
        .into_iter()
        .map(|name| {
            let (study, film) = studied(folder, name);
            Labelled { study, film: Arc::new(film), black: Vec::new() }
        })
        .collect();
    let key = DeidentifyOptions { key: vec![7; 32], ..DeidentifyOptions::default() };
    for (set_of, deidentify) in [(&set[..0], None), (&set[..], None), (&set[..], Some(key))] {
        let order = Order {
            targets: Target::ALL.to_vec(),
            folder: folder.join("out"),
            name: "film".to_owned(),
            deidentify: deidentify.clone(),
            ..Order::default()
        };
        let all = delivered_with(&set[0].study, &set[0].film, set_of, &order);
        // Without the copy that objects would refer to nothing else is tried.
        assert_eq!(all.len(), if deidentify.is_none() { Target::ALL.len() } else { 2 });
        for one in all {
            let words = one.outcome.expect_err("it cannot be").to_string();
            let named = words.contains("cannot be written") && words.contains("out");
            assert!(named || words.contains("not there"), "{}: {words}", one.path.display());
        }
    }
}

/// Where the test below finds its films, and may not write.
const FOLDER: &str = "COXA_TEST_NOTHING_ARRIVES";

#[test]
#[ignore = "the tests below run it, each in a process that may not write"]
fn where_nothing_can_be_written() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    nothing_arrives(Path::new(&folder));
}

/// That test alone, by `launcher`; `false`, and said so, where the launcher cannot run it.
#[cfg(unix)]
fn alone(launcher: impl Fn() -> Command, folder: &Path) -> bool {
    let program = std::env::current_exe().expect("this program");
    let listed = launcher().arg(&program).arg("--list").output();
    if !listed.is_ok_and(|listed| listed.status.success()) {
        println!("skipped: this program cannot be run as it should be");
        return false;
    }
    let mut command = launcher();
    command.arg(&program).args(["delivery::where_nothing_can_be_written", "--exact", "--ignored"]);
    let run = command.env(FOLDER, folder).output().expect("it runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    true
}

/// A folder with two films.
#[cfg(unix)]
fn with_films() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["Secret-1.dcm", "Secret-2.dcm"] {
        studied(folder.path(), name);
    }
    folder
}

/// Root writes where nobody may: its run becomes another user's.
#[cfg(unix)]
#[test]
fn a_folder_that_may_only_be_read_gets_nothing() {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let folder = with_films();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("made");
    for open in
        [folder.path().to_owned(), folder.path().join("Secret-1.dcm"), folder.path().join("Secret-2.dcm")]
    {
        std::fs::set_permissions(open, Permissions::from_mode(0o755)).expect("open to read");
    }
    std::fs::set_permissions(&out, Permissions::from_mode(0o555)).expect("closed");
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let as_other = || {
        let mut command = Command::new(if root { "setpriv" } else { "env" });
        if root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        command
    };
    if alone(as_other, folder.path()) {
        assert_eq!(files(&out), Vec::<PathBuf>::new());
    }
}

/// A limit on the size of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_disk_gets_no_half_file() {
    let folder = with_films();
    let on_a_full_disk = || {
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap '' XFSZ; ulimit -f 0; exec "$0" "$@""#]);
        command
    };
    if alone(on_a_full_disk, folder.path()) {
        assert_eq!(files(&folder.path().join("out")), Vec::<PathBuf>::new());
    }
}
