//! What pictures are taken for: every picture of the shared data as `pictures.tsv` labels it, the real infants warped and
//! stressed, and simulated films of people. Where data is absent, what needs it is skipped, in words.
//!
//! A picture is asked about twice: as the program is given it, header and all, and as greys alone, as an export to PNG
//! would leave it. The first is the product's promise; the second says what the network itself is worth.

use coxa::imaging::{self, Identity, Radiograph};
use coxa::job::Job;
use coxa::models::view::{Classifier, Content, Opinion, Pipeline};
use coxa::models::{DeviceChoice, PredictError, View};
use coxa::simulate::adult::{self, AdultFilm, AdultOptions, Kind, read_all};
use coxa::simulate::infant::{Phantom, PhantomOptions};
use coxa::simulate::other::OtherPicture;
use coxa::simulate::real;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Pictures that are no bigger are refused for their size, which proves nothing of the network.
const LEAST_SIDE: usize = 64;
/// Of what is not to be read, the share that must be refused.
const REFUSED: f64 = 0.95;

fn data() -> Option<PathBuf> {
    let data = std::env::var_os("COXA_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    if !data.is_dir() {
        println!("skipped: no {}", data.display());
        return None;
    }
    Some(data)
}

fn pipeline() -> Pipeline {
    Pipeline::load(None, DeviceChoice::Cpu).expect("the classifier is inside the program")
}

fn classifier() -> Classifier {
    Classifier::load(DeviceChoice::Cpu).expect("the classifier is inside the program")
}

/// Path, what it shows, and that in words.
fn listed() -> Vec<(&'static str, Option<View>, &'static str)> {
    let lines = include_str!("pictures.tsv").lines().filter(|line| !line.starts_with('#'));
    let picture = |line: &'static str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, content, what] = fields[..] else { panic!("{line}") };
        let view = match content {
            "infant-pelvis" => Some(View::InfantPelvis),
            "adult-hip" => Some(View::AdultHip),
            "other" => None,
            _ => panic!("{content}"),
        };
        (path, view, what)
    };
    lines.map(picture).collect()
}

fn opinion(classifier: &Classifier, film: &Radiograph) -> Opinion {
    classifier.classify(&film.grey(), film.rows, film.columns).expect("a picture")
}

/// What the greys alone are taken for.
fn told(classifier: &Classifier, film: &Radiograph) -> Content {
    opinion(classifier, film).verdict(classifier.card().least_share)
}

#[test]
fn of_the_shared_pictures_no_pelvis_is_refused_and_nearly_everything_else_is() {
    let Some(data) = data() else { return };
    let (pipeline, classifier) = (pipeline(), classifier());
    let (mut others, mut refused) = (0, 0);
    let (mut large, mut large_refused) = (0, 0);
    let mut read = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for (path, view, what) in listed() {
        let film = match imaging::open(&data.join(path)) {
            Ok(film) => film,
            // Masks can be decoded, but not opened as a film.
            Err(error) => {
                assert_eq!(view, None, "{path}: {error}");
                (others, refused) = (others + 1, refused + 1);
                continue;
            }
        };
        let verdict = pipeline.view(&film, &Job::silent());
        let alone = Radiograph { identity: Identity::default(), ..film.clone() };
        let by_greys = pipeline.view(&alone, &Job::silent());
        if let Some(view) = view {
            for verdict in [verdict, by_greys] {
                let told = verdict.map_err(|error| format!("{path}: {error}")).unwrap();
                // A hip in abduction looks like an infant's at first sight; its points decide.
                assert!(told == view || view == View::AdultHip, "{path} as {told}");
            }
            for film in [&film, &alone] {
                let read = pipeline.predict(film, &Job::silent()).map_err(|error| format!("{path}: {error}"));
                let model = read.unwrap().model.id;
                let for_adults = model.starts_with("adult-");
                assert_eq!(for_adults, view == View::AdultHip, "{path} read by {model}");
            }
            continue;
        }
        others += 1;
        refused += usize::from(verdict.is_err());
        if let Ok(view) = &verdict {
            read.push(format!("{path} ({what}) as {view}"));
        }
        // Once each: many files hold the same picture.
        if film.rows.min(film.columns) >= LEAST_SIDE
            && seen.insert((film.rows, film.columns, film.stored.clone()))
        {
            large += 1;
            large_refused += usize::from(by_greys.is_err());
            if by_greys.is_ok() {
                let share = opinion(&classifier, &alone).readable();
                println!("greys alone: {path} ({what}) as {by_greys:?}, {share:.2}");
            }
        }
    }
    println!("with the header: {refused} of {others} refused; read: {read:?}");
    println!(
        "greys alone, distinct pictures of {LEAST_SIDE} px and more: {large_refused} of {large} refused"
    );
    assert!(refused as f64 >= REFUSED * f64::from(others), "{read:?}");
    assert!(large_refused as f64 >= REFUSED * f64::from(large));
}

#[test]
fn no_warped_or_stressed_infant_is_refused() {
    let Some(data) = data() else { return };
    let classifier = classifier();
    let films = real::read(&data.join("jordan")).expect("the real films read");
    let (mut count, mut wrong) = (0, BTreeMap::new());
    for film in &films {
        for copy in real::warped(film, 8, 1).into_iter().chain(real::stressed(film, 16, 1)) {
            count += 1;
            let content = told(&classifier, &copy.radiograph);
            if content != Content::Readable(View::InfantPelvis) {
                let share = opinion(&classifier, &copy.radiograph).readable();
                wrong.insert(copy.name, format!("{content}, readable {share:.3}"));
            }
        }
    }
    println!("{count} warped and stressed copies, told wrong: {wrong:?}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Seeds that no training has used: those of the recipe are multiplied far away from here.
#[test]
fn phantoms_are_infants_and_drawings_are_not() {
    let classifier = classifier();
    let mut wrong = Vec::new();
    for seed in 0..60 {
        let options = PhantomOptions { size: 320, cropped: seed % 2 == 0, ..PhantomOptions::default() };
        let film = Phantom::generate(seed, &options).radiograph();
        let content = told(&classifier, &film);
        if content != Content::Readable(View::InfantPelvis) {
            wrong.push((seed, content.to_string(), opinion(&classifier, &film).readable()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let demo = coxa::simulate::demo().radiograph();
    assert_eq!(pipeline().view(&demo, &Job::silent()).unwrap(), View::InfantPelvis);
    let read = (0..120).filter(|seed| {
        let picture = OtherPicture::generate(*seed, 256);
        let opinion = classifier.classify(&picture.grey, picture.rows, picture.columns).unwrap();
        matches!(opinion.verdict(classifier.card().least_share), Content::Readable(_))
    });
    let read = read.count();
    assert!(read <= 3, "{read} of 120 drawings would be read");
}

#[test]
fn simulated_adults_slices_and_implants_are_told_apart() {
    let Some(data) = data() else { return };
    if !data.join("vsd").is_dir() {
        println!("skipped: no people");
        return;
    }
    let people = read_all(&data.join("vsd")).expect("the people read");
    let classifier = classifier();
    let plain = AdultOptions { size: 400, ..AdultOptions::default() };
    let kinds = [
        (Content::Readable(View::AdultPelvis), plain.clone()),
        (Content::Readable(View::AdultHip), AdultOptions { view: adult::View::Hip, ..plain.clone() }),
        (Content::Readable(View::CoronalMr), AdultOptions { kind: Kind::Mr, ..plain.clone() }),
        (Content::Implant, AdultOptions { implants: 1.0, ..plain }),
    ];
    let mut told_of = BTreeMap::new();
    for (wanted, options) in kinds {
        let films = people
            .iter()
            .zip(70_000..)
            .filter_map(|(person, seed)| AdultFilm::generate(person, seed, &options));
        for film in films {
            let opinion = classifier.classify(&film.grey, film.rows, film.columns).unwrap();
            *told_of.entry((wanted, opinion.verdict(classifier.card().least_share))).or_insert(0) += 1;
        }
    }
    println!("{told_of:#?}");
    for ((wanted, told), count) in &told_of {
        let is_read = |content: &Content| matches!(content, Content::Readable(_));
        assert!(!is_read(wanted) || is_read(told), "{count} × {wanted} refused as {told}");
    }
    let of = |wanted| told_of.iter().filter(move |((w, _), _)| *w == wanted).map(|(_, n)| n).sum::<i32>();
    for wanted in Content::ALL.into_iter().filter(|c| of(*c) > 0) {
        let right = told_of.get(&(wanted, wanted)).copied().unwrap_or(0);
        assert!(f64::from(right) >= 0.85 * f64::from(of(wanted)), "{wanted}: {right} of {}", of(wanted));
    }
}

#[test]
fn a_refusal_says_why_and_the_header_vetoes_a_pelvis() {
    let pipeline = pipeline();
    let film = coxa::simulate::demo().radiograph();
    let refusal = |film: &Radiograph| pipeline.predict(film, &Job::silent()).unwrap_err().to_string();
    let with = |change: &dyn Fn(&mut Identity)| {
        let mut film = film.clone();
        change(&mut film.identity);
        refusal(&film)
    };
    assert_eq!(with(&|id| id.modality = "CT".into()), "this is a CT slice, not a radiograph");
    let chest = with(&|id| id.body_part = "CHEST".into());
    assert!(chest.starts_with("not measured, because this does not look like an AP pelvis"), "{chest}");
    let old = with(&|id| id.patient_age = "045Y".into());
    assert!(old.contains("an infant's AP pelvis") && old.contains("45 years"), "{old}");
    let mr = with(&|id| id.modality = "MR".into());
    assert!(mr.contains("MR slice"), "{mr}");

    let page = OtherPicture::of(coxa::simulate::other::Motif::Text, 1, 300);
    let page = Radiograph::from_grey(page.rows, page.columns, &page.grey, 8).unwrap();
    assert!(matches!(pipeline.predict(&page, &Job::silent()), Err(PredictError::Unlike(_))));
    let blank = Radiograph::from_stored(100, 100, vec![7; 10_000], 8).unwrap();
    let refused = pipeline.predict(&blank, &Job::silent());
    assert!(matches!(refused, Err(PredictError::Blank)), "{refused:?}");
}

#[test]
fn a_pelvis_on_its_side_is_refused_with_the_turn_it_needs() {
    let film = coxa::simulate::demo().radiograph();
    let (rows, columns) = (film.rows, film.columns);
    let mut lying = film.clone();
    (lying.rows, lying.columns) = (columns, rows);
    // A quarter turn clockwise: the first row becomes the last column.
    lying.stored = (0..rows * columns)
        .map(|i| {
            let (row, column) = (i / rows, i % rows);
            film.stored[(rows - 1 - column) * columns + row]
        })
        .collect();
    let error = pipeline().view(&lying, &Job::silent()).unwrap_err().to_string();
    assert!(error.contains("turned by 90° clockwise"), "{error}");
}
