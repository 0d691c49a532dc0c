//! The films of the tour, made anew each time: simulated, with made-up patients, so that no picture shows anybody.

use crate::imaging::{self, Radiograph};
use crate::job::Job;
use crate::library::{Home, Keeper, Library, StudyKey};
use crate::measure::scheme;
use crate::measure::{
    Landmark, LandmarkCode, LandmarkId, LandmarkSet, ModelIdentity, Origin, Point, Side, norms,
};
use crate::simulate::adult::{AdultFilm, AdultOptions, read_all};
use crate::simulate::infant::{HipOptions, Phantom, PhantomOptions};
use crate::study::mask::Mask;
use crate::study::{MaskPrediction, Prediction, Study};
use anyhow::{Context, ensure};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Longer edge of the films, pixels.
const SIZE: usize = 1100;
/// Spread of the truth's points as the tour gives it, pixels: so that intervals are drawn.
const SD_PX: f64 = 2.5;
/// The adult, and the seed of his film.
const ADULT: (&str, u64) = ("z013", 4);

/// Everything that scenes open.
pub struct Stage {
    /// Several patients.
    pub list: PathBuf,
    /// One patient, twice.
    pub pair: PathBuf,
    /// Films, one that was never exposed, one that is no film.
    pub mixed: PathBuf,
    /// One infant.
    pub infant: PathBuf,
    /// Without any film.
    pub nothing: PathBuf,
    pub adult: Option<Adult>,
    /// A home with a film that was not closed.
    pub crashed: PathBuf,
}

/// An adult's film, and what is known of it.
pub struct Adult {
    pub film: PathBuf,
    pub truth: Prediction,
    pub masks: Option<MaskPrediction>,
}

/// A made-up infant on a certain day.
struct Infant {
    file: &'static str,
    name: &'static str,
    id: &'static str,
    sex: &'static str,
    date: &'static str,
    seed: u64,
    /// Right and left: range of the acetabular index, IHDI grade, whether there is a nucleus.
    hips: [([f64; 2], u8, bool); 2],
    months: [f64; 2],
}

#[rustfmt::skip]
const LIST: [Infant; 5] = [
    Infant { file: "rossi.dcm", name: "Rossi^Giulia", id: "SIM-1042", sex: "F", date: "20260316", seed: 31, hips: [([21.0, 23.0], 1, true), ([33.0, 35.0], 2, true)], months: [9.0, 12.0] },
    Infant { file: "weber.dcm", name: "Weber^Jonas", id: "SIM-1043", sex: "M", date: "20260316", seed: 52, hips: [([19.0, 22.0], 1, true), ([20.0, 23.0], 1, true)], months: [13.0, 16.0] },
    Infant { file: "novak.dcm", name: "Novak^Ema", id: "SIM-1047", sex: "F", date: "20260317", seed: 63, hips: [([36.0, 40.0], 3, false), ([24.0, 26.0], 1, true)], months: [6.0, 8.0] },
    Infant { file: "okafor.dcm", name: "Okafor^Ada", id: "SIM-1051", sex: "F", date: "20260317", seed: 74, hips: [([26.0, 28.0], 1, true), ([29.0, 31.0], 2, true)], months: [7.0, 10.0] },
    Infant { file: "lindqvist.dcm", name: "Lindqvist^Nils", id: "SIM-1055", sex: "M", date: "20260317", seed: 85, hips: [([22.0, 24.0], 1, true), ([23.0, 25.0], 1, true)], months: [10.0, 13.0] },
];

/// The same infant before and after half a year of treatment.
#[rustfmt::skip]
const PAIR: [Infant; 2] = [
    Infant { file: "2025-09.dcm", name: "Rossi^Giulia", id: "SIM-1042", sex: "F", date: "20250915", seed: 31, hips: [([27.0, 29.0], 1, true), ([37.0, 39.0], 2, true)], months: [5.0, 6.0] },
    Infant { file: "2026-03.dcm", name: "Rossi^Giulia", id: "SIM-1042", sex: "F", date: "20260316", seed: 31, hips: [([21.0, 23.0], 1, true), ([27.0, 29.0], 1, true)], months: [11.0, 12.0] },
];

impl Stage {
    /// Makes everything below `folder`; the adult only where there is a folder of bones.
    pub fn build(folder: &Path, anatomy: Option<&Path>) -> anyhow::Result<Stage> {
        let below = |name: &str| -> anyhow::Result<PathBuf> {
            let path = folder.join(name);
            std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
            Ok(path)
        };
        let stage = Stage {
            list: below("list")?,
            pair: below("pair")?,
            mixed: below("mixed")?,
            infant: folder.join("list").join(LIST[0].file),
            nothing: below("nothing")?,
            adult: match anatomy {
                Some(anatomy) => Some(adult(anatomy, &below("adult")?)?),
                None => {
                    eprintln!("coxa: no scenes with adults: their bones are not given");
                    None
                }
            },
            crashed: below("crashed")?,
        };
        LIST.iter().try_for_each(|infant| infant.write(&stage.list))?;
        PAIR.iter().try_for_each(|infant| infant.write(&stage.pair))?;
        LIST[..2].iter().try_for_each(|infant| infant.write(&stage.mixed))?;
        write(&unexposed()?, &stage.mixed.join("unexposed.dcm"))?;
        let letter = stage.mixed.join("letter.dcm");
        std::fs::write(&letter, "Dear colleague").with_context(|| letter.display().to_string())?;
        crash(&stage.crashed, &stage.infant)?;
        Ok(stage)
    }
}

impl Infant {
    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let hips = self.hips.map(|(range, grade, nucleus)| HipOptions {
            acetabular_index: Some(range),
            ihdi: Some(grade),
            nucleus: Some(nucleus),
        });
        let options = PhantomOptions {
            size: SIZE,
            age_months: self.months,
            hips,
            variation: 0.0,
            artefacts: 0.0,
            cropped: true,
        };
        let mut film = Phantom::generate(self.seed, &options).radiograph();
        film.identity.patient_name = self.name.to_owned();
        film.identity.patient_id = self.id.to_owned();
        film.identity.patient_sex = self.sex.to_owned();
        film.identity.study_date = self.date.to_owned();
        // The same anatomy at another age is another film.
        name(&mut film, 100 * self.seed + self.months[0] as u64, self.date);
        write(&film, &folder.join(self.file))
    }
}

/// Identifiers of the made-up patient's film of that day.
fn name(film: &mut Radiograph, number: u64, date: &str) {
    let uid = |kind: u8| Some(format!("2.25.{kind}{number}{date}"));
    film.identity.sop_instance_uid = uid(1);
    film.identity.series_instance_uid = uid(2);
    film.identity.study_instance_uid = uid(3);
}

fn write(film: &Radiograph, path: &Path) -> anyhow::Result<()> {
    imaging::write_dx(film, path).with_context(|| path.display().to_string())
}

/// A film that was never exposed: the network refuses it.
fn unexposed() -> anyhow::Result<Radiograph> {
    const SIDE: usize = 700;
    let mut film = Radiograph::from_stored(SIDE, SIDE, vec![900; SIDE * SIDE], 12)?;
    film.identity.patient_name = "Doe^Sam".to_owned();
    film.identity.patient_id = "SIM-1060".to_owned();
    film.identity.study_date = "20260317".to_owned();
    name(&mut film, 97, "20260317");
    Ok(film)
}

fn adult(anatomy: &Path, folder: &Path) -> anyhow::Result<Adult> {
    let (who, seed) = ADULT;
    let people = read_all(anatomy)?;
    let person = people.iter().find(|person| person.name == who);
    let person = person.with_context(|| format!("{}: there is no {who}", anatomy.display()))?;
    let options = AdultOptions {
        size: 1400,
        variation: 0.1,
        deformed: 0.0,
        artefacts: 0.0,
        varied_build: false,
        ..AdultOptions::default()
    };
    let film = AdultFilm::generate(person, seed, &options);
    let film = film.with_context(|| format!("{who}: seed {seed} gives no readable hip"))?;
    let mut radiograph = film.radiograph();
    let identity = &mut radiograph.identity;
    identity.patient_name = "Keller^Marie".to_owned();
    identity.patient_id = "SIM-2007".to_owned();
    identity.patient_sex = "F".to_owned();
    identity.patient_age = "034Y".to_owned();
    identity.study_date = "20260317".to_owned();
    name(&mut radiograph, seed, "20260317");
    let path = folder.join("keller.dcm");
    write(&radiograph, &path)?;
    let model = ModelIdentity {
        id: "truth of the simulation".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: String::new(),
    };
    let masks = film.masks.clone().map(|map| MaskPrediction {
        mask: Mask::new(map),
        model: model.clone(),
        warnings: Vec::new(),
    });
    let truth = Prediction { landmarks: readable(&film.landmarks), model, warnings: Vec::new() };
    Ok(Adult { film: path, truth, masks })
}

/// The truth as a reader would mark it: single points, and the femur's outline as the curves that measurements read.
fn readable(truth: &LandmarkSet) -> LandmarkSet {
    let outline = scheme::embedded().iter().find(|scheme| scheme.id == "femur58");
    let of_outline = |code: &LandmarkCode| {
        outline.is_some_and(|scheme| scheme.landmarks.iter().any(|landmark| landmark.code == *code))
    };
    let mut set = LandmarkSet { radii_px: truth.radii_px.clone(), ..LandmarkSet::default() };
    for (id, landmark) in truth.iter().filter(|(id, _)| !of_outline(&id.code)) {
        if let Some(at) = landmark.position() {
            set.insert(id.clone(), Landmark::defined(at, Some(SD_PX), Origin::Model));
        }
    }
    let segments = outline.map(|scheme| scheme.segments.as_slice()).unwrap_or_default();
    for segment in segments.iter().filter(|segment| matches!(segment.code.as_str(), "HEAD" | "HNC")) {
        for side in Side::BOTH {
            let points = segment.points.iter().map(|code| truth.position(code.clone(), side));
            if let Some(line) = points.collect::<Option<Vec<Point>>>() {
                set.polylines.insert(LandmarkId::new(segment.code.clone(), side), line);
            }
        }
    }
    set
}

/// Leaves a journal below `folder` as a window that was killed would: two steps, and its name on the film.
fn crash(folder: &Path, film: &Path) -> anyhow::Result<()> {
    let home = Home::at(folder)?;
    let (radiograph, presentation) = imaging::open_presented(film, 1)?;
    let mut library = Library::open(&home)?;
    library.index(&[film.to_owned()], &Job::default())?;
    let key = StudyKey::of(&radiograph);
    library.opened(film, &key)?;
    let mut study = Study::new(film, &radiograph, &presentation, Cow::Borrowed(norms::embedded()));
    let (mut keeper, _) = Keeper::open(&home, &key, &mut study)?;
    for (code, x, y) in
        [(LandmarkCode::TRC, 0.42, 0.45), (LandmarkCode::SMA, 0.3, 0.41), (LandmarkCode::HP, 0.3, 0.53)]
    {
        let at = Point::new(x * radiograph.columns as f64, y * radiograph.rows as f64);
        ensure!(study.move_landmark(&LandmarkId::new(code, Side::Right), at)?, "a point went nowhere");
    }
    keeper.keep(&mut study)?;
    let owner = home.study(&key).join("owner.json");
    let mut name: serde_json::Value = serde_json::from_slice(&std::fs::read(&owner)?)?;
    drop(keeper);
    name["process"] = serde_json::json!(u32::MAX);
    std::fs::write(&owner, name.to_string())?;
    Ok(())
}
