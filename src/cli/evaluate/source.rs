//! Where films with truth come from: folders, imported data sets, phantoms, raw folders of nnU-Net.

use super::cases_list::{self, Entry};
use super::readers::named;
use crate::datasets::{self, Format};
use crate::eval::evaluation::Case;
use crate::imaging::{self, Radiograph};
use crate::measure::landmark_file;
use crate::measure::{LabelMap, LandmarkSet, Side, Structure, Subject};
use crate::models::nnunet::Dataset;
use crate::simulate::infant::{Phantom, PhantomOptions};
use anyhow::{Context, bail, ensure};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Endings of the files with the truth, the first that is there is taken.
const TRUTHS: [&str; 2] = [".reference.json", ".json"];
const MASKS: &str = "_labels.png";
/// What makes a folder one of `coxa dataset import`.
const IMPORTED: &str = "coxa-dataset.json";
/// Of its list the columns that are groupings.
const IMPORTED_GROUPS: [&str; 2] = ["sex", "fold"];

/// A set of films.
pub enum Source {
    Films {
        folder: PathBuf,
        split: Option<String>,
    },
    /// Made by `coxa dataset import`.
    Imported {
        folder: PathBuf,
        split: Option<String>,
    },
    NnUnet {
        folder: PathBuf,
        split: String,
    },
    Phantoms {
        count: u64,
        seed: u64,
    },
}

/// One film of a set, not yet opened.
pub struct Film {
    pub name: String,
    /// As the list of cases has it, else the name of the film.
    patient: String,
    entry: Entry,
    what: What,
}

enum What {
    /// It calls itself an image and is none; why, in words.
    Damaged(String),
    Phantom(u64),
    Imported(datasets::Entry),
    File {
        film: PathBuf,
        truth: Option<PathBuf>,
        masks: Option<PathBuf>,
        structures: Option<Vec<Structure>>,
    },
}

impl Source {
    /// A folder by what it holds.
    ///
    /// # Errors
    /// A folder that is none, or a split that it cannot have.
    pub fn of(folder: &Path, split: Option<&str>) -> anyhow::Result<Self> {
        ensure!(folder.is_dir(), "{}: is no folder", folder.display());
        let folder = folder.to_owned();
        let split = split.map(str::to_owned);
        if folder.join("dataset.json").is_file() && folder.join("labelsTr").is_dir() {
            return Ok(Self::NnUnet { folder, split: split.unwrap_or_else(|| "test".to_owned()) });
        }
        if folder.join(IMPORTED).is_file() {
            return Ok(Self::Imported { folder, split });
        }
        Ok(Self::Films { folder, split })
    }

    /// What the head of the report says of it.
    pub fn about(&self) -> Vec<(String, String)> {
        let words = |data: String, split: &str| {
            vec![("data".to_owned(), data), ("split".to_owned(), split.to_owned())]
        };
        let named =
            |folder: &Path| folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        match self {
            Self::Films { folder, split } | Self::Imported { folder, split } => {
                words(named(folder), split.as_deref().unwrap_or("all films"))
            }
            Self::NnUnet { folder, split } => words(format!("{} (nnU-Net raw)", named(folder)), split),
            Self::Phantoms { count, seed } => {
                words(format!("{count} infant phantoms, simulated, from seed {seed}"), "none of any training")
            }
        }
    }

    /// Its films that have a truth, in the order of their names.
    ///
    /// # Errors
    /// Folders and lists that cannot be read, and sets without a film with truth.
    pub fn films(&self) -> anyhow::Result<Vec<Film>> {
        match self {
            Self::Phantoms { count, seed } => Ok((0..*count)
                .map(|number| {
                    let seed = seed.wrapping_add(number);
                    let name = format!("infant-{seed:06}");
                    let groups = BTreeMap::from([("source".to_owned(), "phantom".to_owned())]);
                    let entry = Entry { groups, ..Entry::default() };
                    Film { patient: name.clone(), name, entry, what: What::Phantom(seed) }
                })
                .collect()),
            Self::Films { folder, split } => in_folder(folder, split.as_deref()),
            Self::Imported { folder, split } => in_imported(folder, split.as_deref()),
            Self::NnUnet { folder, split } => in_nnunet(folder, split),
        }
    }
}

/// Whether the list knows the split that is wanted.
fn check_split(
    folder: &Path,
    list: Option<&BTreeMap<String, Entry>>,
    split: Option<&str>,
) -> anyhow::Result<()> {
    let Some(wanted) = split else { return Ok(()) };
    let has = list.into_iter().flat_map(BTreeMap::values).any(|entry| entry.split.as_deref() == Some(wanted));
    let name = cases_list::NAME;
    ensure!(has, "{}: no film of the list {name} is of the split {wanted}", folder.display());
    Ok(())
}

fn in_imported(folder: &Path, split: Option<&str>) -> anyhow::Result<Vec<Film>> {
    let mut list = cases_list::read(folder)?.unwrap_or_default();
    check_split(folder, Some(&list), split)?;
    let set = datasets::read(folder, Some(Format::Coxa))?;
    let film = |labelled: datasets::Entry| {
        let name = labelled.name.clone();
        let mut entry = list.remove(&name).unwrap_or_default();
        entry.groups.retain(|group, _| IMPORTED_GROUPS.contains(&group.as_str()));
        let patient = entry.patient.clone().unwrap_or_else(|| name.clone());
        let is_wanted = split.is_none() || entry.split.as_deref() == split;
        is_wanted.then_some(Film { name, patient, entry, what: What::Imported(labelled) })
    };
    Ok(set.entries.into_iter().filter_map(film).collect())
}

fn in_folder(folder: &Path, split: Option<&str>) -> anyhow::Result<Vec<Film>> {
    let list = cases_list::read(folder)?;
    let in_list = |name: &str| list.as_ref().and_then(|list| list.get(name)).cloned();
    check_split(folder, list.as_ref(), split)?;
    let mut films = Vec::new();
    let mut without = 0;
    for film in imaging::find_images(&[folder.to_owned()]) {
        let film = match film {
            Ok(film) => film,
            Err(error) => {
                let name = error.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
                let (patient, entry, what) =
                    (name.clone(), Entry::default(), What::Damaged(error.to_string()));
                films.push(Film { name, patient, entry, what });
                continue;
            }
        };
        let file = film.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.ends_with(MASKS) || file.ends_with("_overlay.png") {
            continue;
        }
        let name = cases_list::stem(&file);
        let entry = in_list(&name).unwrap_or_default();
        if split.is_some() && entry.split.as_deref() != split {
            continue;
        }
        let beside =
            |ending: &str| Some(film.with_file_name(format!("{name}{ending}"))).filter(|path| path.is_file());
        let (truth, masks) = (TRUTHS.iter().find_map(|ending| beside(ending)), beside(MASKS));
        if truth.is_none() && masks.is_none() {
            without += 1;
            continue;
        }
        let patient = entry.patient.clone().unwrap_or_else(|| name.clone());
        films.push(Film { name, patient, entry, what: What::File { film, truth, masks, structures: None } });
    }
    if without > 0 {
        super::terminal::complain(&format!("{without} films have no truth beside them and are left out"));
    }
    ensure!(
        !films.is_empty(),
        "{}: no film has its truth beside it (NAME.reference.json, NAME.json)",
        folder.display()
    );
    Ok(films)
}

fn in_nnunet(folder: &Path, split: &str) -> anyhow::Result<Vec<Film>> {
    let ending = match split {
        "test" => "Ts",
        "train" => "Tr",
        other => bail!("{}: has the splits train and test, not {other}", folder.display()),
    };
    let path = folder.join("dataset.json");
    let text = named(&path, std::fs::read_to_string(&path))?;
    let dataset = named(&path, Dataset::parse(&text).map_err(anyhow::Error::msg))?;
    let labels = folder.join(format!("labels{ending}"));
    let list = cases_list::read(folder)?;
    let mut masks: Vec<PathBuf> = named(&labels, std::fs::read_dir(&labels))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    masks.sort();
    let film = |masks: PathBuf| {
        let name = masks.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let film = folder.join(format!("images{ending}")).join(format!("{name}_0000.png"));
        let entry = list.as_ref().and_then(|list| list.get(&name)).cloned().unwrap_or_default();
        let patient = entry.patient.clone().unwrap_or_else(|| name.clone());
        let structures = Some(dataset.labels.clone());
        Film { name, patient, entry, what: What::File { film, truth: None, masks: Some(masks), structures } }
    };
    ensure!(!masks.is_empty(), "{}: holds no PNG", labels.display());
    Ok(masks.into_iter().map(film).collect())
}

impl Film {
    pub fn truth_file(&self) -> Option<&PathBuf> {
        match &self.what {
            What::File { truth, .. } => truth.as_ref(),
            What::Phantom(_) | What::Imported(_) | What::Damaged(_) => None,
        }
    }

    /// The film and what is known of it.
    ///
    /// # Errors
    /// Files that cannot be read, by name.
    pub fn open(&self) -> anyhow::Result<(Radiograph, Case)> {
        match &self.what {
            What::Damaged(reason) => bail!("{reason}"),
            What::Phantom(seed) => Ok(self.phantom(*seed)),
            What::Imported(labelled) => Ok(self.imported(labelled.case()?)),
            What::File { film, truth, masks, structures } => {
                let radiograph = imaging::open(film)?;
                let truth = truth.as_ref().map(|path| landmark_file::read(path)).transpose()?;
                let labels =
                    masks.as_ref().map(|path| self::masks(path, structures.as_deref())).transpose()?;
                if let (Some(labels), Some(path)) = (&labels, masks) {
                    ensure!(
                        (labels.rows, labels.columns) == (radiograph.rows, radiograph.columns),
                        "{}: is not of the size of its film",
                        path.display()
                    );
                }
                let spacing =
                    truth.as_ref().map(|file| file.spacing).filter(|spacing| spacing.has_millimetres());
                let case = Case {
                    spacing: spacing.unwrap_or(radiograph.spacing),
                    labels,
                    ..self.case(&radiograph, truth.map(|file| file.landmarks).unwrap_or_default())
                };
                Ok((radiograph, case))
            }
        }
    }

    fn imported(&self, labelled: datasets::Case) -> (Radiograph, Case) {
        let datasets::Case { film, landmarks, masks, about, .. } = labelled;
        let case = self.case(&film, landmarks);
        let subject = Subject { sex: about.sex.or(case.subject.sex), ..case.subject };
        (film, Case { labels: masks, subject, ..case })
    }

    fn case(&self, radiograph: &Radiograph, truth: LandmarkSet) -> Case {
        let header = radiograph.identity.subject();
        Case {
            name: self.name.clone(),
            patient: self.patient.clone(),
            groups: self.entry.groups.clone(),
            truth,
            labels: None,
            spacing: radiograph.spacing,
            size: [radiograph.rows, radiograph.columns],
            subject: Subject { age_months: self.entry.age_months.or(header.age_months), ..header },
        }
    }

    fn phantom(&self, seed: u64) -> (Radiograph, Case) {
        let phantom = Phantom::generate(seed, &PhantomOptions::default());
        let mut truth = phantom.landmarks.clone();
        for side in Side::BOTH {
            // An outline that leaves the film cannot be read off it.
            let of = || phantom.femora.iter().filter(|(id, _)| id.side == Some(side));
            let on_film = |landmark: &crate::measure::Landmark| {
                landmark.position().is_some_and(|p| {
                    (0.0..phantom.columns as f64).contains(&p.x) && (0.0..phantom.rows as f64).contains(&p.y)
                })
            };
            if of().all(|(_, landmark)| on_film(landmark)) {
                truth.points.extend(of().map(|(id, landmark)| (id.clone(), landmark.clone())));
            }
        }
        let radiograph = phantom.radiograph();
        let mut case = self.case(&radiograph, truth);
        let mut note = |name: &str, value: bool| {
            case.groups.insert(name.to_owned(), if value { "yes" } else { "no" }.to_owned());
        };
        note("inverted", phantom.description.inverted);
        note("artefacts", !phantom.description.artefacts.is_empty());
        (radiograph, case)
    }
}

/// A picture whose greys are labels. Without `structures` they are L1 to L5.
///
/// # Errors
/// A file that is no 8-bit grey picture.
pub fn masks(path: &Path, structures: Option<&[Structure]>) -> anyhow::Result<LabelMap> {
    let picture = named(path, image::open(path))?;
    let grey =
        picture.as_luma8().context("is no 8-bit grey picture").with_context(|| path.display().to_string())?;
    Ok(LabelMap {
        rows: grey.height() as usize,
        columns: grey.width() as usize,
        labels: grey.as_raw().clone(),
        structures: structures.map_or_else(Structure::hip, <[Structure]>::to_vec),
    })
}
