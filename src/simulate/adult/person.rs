//! A person's bones with the points that experts placed on them, brought into one frame.
//!
//! Read from a folder of the set of M. C. M. Fischer (Sci Data 10:763, 2023) as converted: `NAME.json` beside
//! `Sacrum.ply`, `Hip_R.ply`, `Hip_L.ply`, `Femur_R.ply`, `Femur_L.ply`. Every point is the mean of its raters' trials.
//!
//! # Frame
//! Millimetres; x to the patient's left, y caudal, z posterior: on an AP film right, down and towards the detector. The
//! origin is midway between the centres of the hips; the anterior pelvic plane (both ASIS, both pubic tubercles)
//! stands upright.

use super::femur::Femur;
use super::mesh::{Mesh, V3, fit_sphere};
use super::ply;
use super::registration::register;
use crate::measure::Side;
use nalgebra::Matrix3;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Scans of one body under two names (the set's own list of duplicates).
const SAME_BODY: [(&str, &str); 1] = [("z024", "z013")];

/// Why a person's anatomy was refused; each message names the file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct AnatomyError {
    pub path: PathBuf,
    pub reason: String,
}

/// Bones of one person. Pairs have the right side first.
#[derive(Debug, Clone)]
pub struct Person {
    /// Of the scan.
    pub name: String,
    /// Of the body: what a split must keep together.
    pub body: String,
    pub female: bool,
    /// Years.
    pub age: Option<f64>,
    pub hips: [Mesh; 2],
    pub sacrum: Mesh,
    /// As they lay in the scan. A bone that is missing there is the other one's mirror image.
    pub femora: [Femur; 2],
    /// Middle of the front edge of the sacrum's upper end plate, and the middle of that plate.
    pub promontory: V3,
    pub endplate: V3,
}

#[derive(Deserialize)]
struct Document {
    info: Info,
    landmarks: BTreeMap<String, BTreeMap<String, Vec<Placed>>>,
}

#[derive(Deserialize)]
struct Info {
    sex: Option<String>,
    age: Option<f64>,
}

#[derive(Deserialize)]
struct Placed {
    xyz_mm: [f64; 3],
}

/// Every person of `folder`, in the order of names.
///
/// # Errors
/// A folder that cannot be read or holds nobody; the first person who cannot be read.
pub fn read_all(folder: &Path) -> Result<Vec<Person>, AnatomyError> {
    use rayon::prelude::*;
    let failed = |reason: String| AnatomyError { path: folder.to_owned(), reason };
    let entries = std::fs::read_dir(folder).map_err(|e| failed(format!("cannot be read: {e}")))?;
    let mut people: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    people.retain(|path| description(path).is_some_and(|json| json.is_file()));
    people.sort();
    if people.is_empty() {
        return Err(failed("holds no folder NAME with NAME.json and the bones of a person".to_owned()));
    }
    people.par_iter().map(|path| read(path)).collect()
}

fn description(folder: &Path) -> Option<PathBuf> {
    Some(folder.join(format!("{}.json", folder.file_name()?.to_str()?)))
}

/// The person in `folder`.
///
/// # Errors
/// Files that are missing or damaged, points that are not there.
pub fn read(folder: &Path) -> Result<Person, AnatomyError> {
    let refuse = |path: &Path, reason: String| AnatomyError { path: path.to_owned(), reason };
    let json = description(folder).ok_or_else(|| refuse(folder, "has no name of a person".to_owned()))?;
    let text = std::fs::read_to_string(&json).map_err(|e| refuse(&json, format!("cannot be read: {e}")))?;
    let document: Document =
        serde_json::from_str(&text).map_err(|e| refuse(&json, format!("not a list of landmarks: {e}")))?;
    let bone = |name: &str| {
        let path = folder.join(format!("{name}.ply"));
        ply::read(&path).map_err(|reason| refuse(&path, reason))
    };
    let bones = Bones {
        sacrum: bone("Sacrum")?,
        hips: [bone("Hip_R")?, bone("Hip_L")?],
        femora: [
            folder.join("Femur_R.ply").exists().then(|| bone("Femur_R")).transpose()?,
            folder.join("Femur_L.ply").exists().then(|| bone("Femur_L")).transpose()?,
        ],
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    assemble(name, document, bones).map_err(|reason| refuse(&json, reason))
}

struct Bones {
    sacrum: Mesh,
    hips: [Mesh; 2],
    femora: [Option<Mesh>; 2],
}

/// Mean of a point's trials, by group and name.
fn mean(document: &Document, group: &str, name: &str) -> Result<V3, String> {
    let trials = document.landmarks.get(group).and_then(|points| points.get(name));
    let trials = trials.filter(|trials| !trials.is_empty()).ok_or_else(|| format!("{group}: no {name:?}"))?;
    Ok(trials.iter().map(|trial| V3::from(trial.xyz_mm)).sum::<V3>() / trials.len() as f64)
}

fn assemble(name: String, document: Document, bones: Bones) -> Result<Person, String> {
    let pelvis = |name: &str| mean(&document, "Pelvis", name);
    let (right, left) = (pelvis("Right ASIS")?, pelvis("Left ASIS")?);
    let tubercles = 0.5 * (pelvis("Right Pubic Tubercle (PT)")? + pelvis("Left Pubic Tubercle (PT)")?);
    let no_frame = || "the points of the pelvis span no frame".to_owned();
    let x = (left - right).try_normalize(1.0).ok_or_else(no_frame)?;
    let down = tubercles - 0.5 * (left + right);
    let y = (down - x * x.dot(&down)).try_normalize(1.0).ok_or_else(no_frame)?;
    let axes = Matrix3::from_rows(&[x.transpose(), y.transpose(), x.cross(&y).transpose()]);
    let to_frame = |p: &V3| axes * (p - tubercles);
    let framed = |mesh: &Mesh| mesh.mapped(to_frame);
    let mut hips = bones.hips.map(|mesh| framed(&mesh));
    let mut sacrum = framed(&bones.sacrum);

    let place = |side: Side| usize::from(side == Side::Left);
    let group = |side: Side| format!("Femur_{}", side.letter());
    let marked = Side::BOTH
        .into_iter()
        .find(|side| document.landmarks.contains_key(&group(*side)) && bones.femora[place(*side)].is_some());
    let marked = marked.ok_or("neither femur has both a surface and points")?;
    let of_femur = |name: &str| Ok::<V3, String>(to_frame(&mean(&document, &group(marked), name)?));
    let points = Femur::POINTS.map(of_femur);
    let mut known = Vec::new();
    for point in points {
        known.push(point?);
    }
    let mesh = bones.femora[place(marked)].as_ref().map(framed).unwrap_or_default();
    let femur = Femur::new(marked, mesh, &known).ok_or("the points of the femur span no frame")?;
    let opposite = femur.mirrored();
    let other = match &bones.femora[place(marked.opposite())] {
        Some(mesh) => adopt(&opposite, framed(mesh)),
        None => settle(opposite, &hips[place(marked.opposite())]),
    }
    .ok_or("the other femur has no head")?;
    let mut femora = if marked == Side::Right { [femur, other] } else { [other, femur] };

    let middle = 0.5 * (femora[0].head + femora[1].head);
    let shift = |p: &V3| p - middle;
    hips.iter_mut().for_each(|mesh| *mesh = mesh.mapped(shift));
    sacrum = sacrum.mapped(shift);
    femora.iter_mut().for_each(|femur| *femur = femur.moved(shift));
    Ok(Person {
        body: SAME_BODY
            .iter()
            .find(|(other, _)| *other == name)
            .map_or_else(|| name.clone(), |(_, body)| (*body).to_owned()),
        name,
        female: document.info.sex.as_deref() == Some("F"),
        age: document.info.age,
        hips,
        sacrum,
        femora,
        promontory: shift(&to_frame(&pelvis("Sacral Promontory (SP)")?)),
        endplate: shift(&to_frame(&pelvis("Sacral Center (SC)")?)),
    })
}

/// The femur of surface `mesh`, its points where those of the mirror image of the other one come to lie.
fn adopt(mirrored: &Femur, mesh: Mesh) -> Option<Femur> {
    let centre = |points: &[V3]| points.iter().sum::<V3>() / points.len().max(1) as f64;
    let offset = centre(&mesh.vertices) - centre(&mirrored.mesh.vertices);
    let near: Vec<V3> = mirrored.mesh.vertices.iter().map(|p| p + offset).collect();
    let pose = register(&near, &mesh.vertices);
    let laid = mirrored.moved(|p| (pose * nalgebra::Point3::from(p + offset)).coords);
    Femur { mesh, ..laid }.refitted()
}

/// `femur` moved so that its head lies in the middle of the socket of `hip`.
fn settle(femur: Femur, hip: &Mesh) -> Option<Femur> {
    let mut centre = femur.head;
    for _ in 0..6 {
        let gap = |p: &V3| (p - centre).norm() - femur.radius;
        let lunate: Vec<V3> =
            hip.vertices.iter().copied().filter(|p| (-2.0..6.0).contains(&gap(p))).collect();
        centre = fit_sphere(&lunate)?.0;
    }
    let step = centre - femur.head;
    Some(femur.moved(|p| p + step))
}
