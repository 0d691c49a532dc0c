//! A simulated film on disk: DICOM or PNG, its landmarks as JSON, its masks as PNG, a line of the manifest.

use super::film::{AdultFilm, Kind};
use crate::imaging::{self, Identity, ModalityTransform, Radiograph, VoiFunction, WriteError};
use crate::measure::{Side, landmark_file};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Why a film could not be written.
#[derive(Debug, thiserror::Error)]
pub enum AdultWriteError {
    #[error(transparent)]
    Film(#[from] WriteError),
    #[error("{}: cannot be written: {reason}", path.display())]
    File { path: PathBuf, reason: String },
}

/// A line of `manifest.csv`: what a split must know, and how the hips were formed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ManifestRow {
    pub name: String,
    /// The scan, and the body: films of one body belong to one side of a split.
    pub person: String,
    pub body: String,
    pub sex: &'static str,
    pub kind: &'static str,
    pub view: &'static str,
    pub seed: u64,
    pub spacing_mm: f64,
    pub cam_r_mm: f64,
    pub cam_l_mm: f64,
    pub rim_r_deg: f64,
    pub rim_l_deg: f64,
    pub neck_shaft_r_deg: f64,
    pub neck_shaft_l_deg: f64,
    pub length_r_mm: f64,
    pub length_l_mm: f64,
    pub implant: &'static str,
}

impl AdultFilm {
    /// The film with a synthetic identity.
    pub fn radiograph(&self) -> Radiograph {
        let levels = f32::from((1_u16 << self.bits) - 1);
        Radiograph {
            rows: self.rows,
            columns: self.columns,
            stored: self.grey.iter().map(|v| (v * levels).round() as i32).collect(),
            bits_stored: self.bits,
            modality: ModalityTransform::IDENTITY,
            voi: Vec::new(),
            voi_function: VoiFunction::Linear,
            inverted: false,
            padding: None,
            spacing: self.spacing,
            patient_right_on_left: Some(true),
            identity: Identity {
                patient_name: "PHANTOM^ADULT".into(),
                patient_id: format!("PHANTOM-{}", self.body),
                study_description: "Simulated AP pelvis".into(),
                modality: "DX".into(),
                view_position: "AP".into(),
                ..Identity::default()
            },
            frame: 1,
            missing: None,
            warnings: Vec::new(),
        }
    }

    /// The truth in the landmark-file format, with what else is known.
    pub fn truth(&self) -> Value {
        let mut truth = landmark_file::exact(&self.landmarks, Some(&self.spacing));
        let phantom = json!({
            "synthetic": true,
            "kind": self.kind(),
            "person": self.person,
            "body": self.body,
            "seed": self.seed,
            "inverted": self.description.inverted,
            "implant": self.description.implant.map(Side::letter),
        });
        truth.insert("phantom".to_owned(), phantom);
        truth.into()
    }

    fn kind(&self) -> &'static str {
        match self.description.kind {
            Kind::Xray => "xray",
            Kind::Mr => "mr",
        }
    }

    /// Writes `NAME.dcm` (a DX film) or `NAME.png` (a slice, or a film where `png`), `NAME.json` and, of films,
    /// `NAME_labels.png` into `dir`; returns the line of the manifest.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn write(&self, dir: &Path, name: &str, png: bool) -> Result<ManifestRow, AdultWriteError> {
        let failed = |path: &Path, reason: String| AdultWriteError::File { path: path.to_owned(), reason };
        let save = |path: PathBuf, bytes: &[u8]| {
            std::fs::write(&path, bytes).map_err(|e| failed(&path, e.to_string()))
        };
        if png || self.description.kind == Kind::Mr {
            let path = dir.join(format!("{name}.png"));
            let deep: Vec<u8> =
                self.grey.iter().flat_map(|v| ((v * 65535.0).round() as u16).to_ne_bytes()).collect();
            let bytes = encode(&deep, self.rows, self.columns, ExtendedColorType::L16);
            save(path.clone(), &bytes.map_err(|reason| failed(&path, reason))?)?;
        } else {
            imaging::write_dx(&self.radiograph(), &dir.join(format!("{name}.dcm")))?;
        }
        save(dir.join(format!("{name}.json")), format!("{:#}\n", self.truth()).as_bytes())?;
        if let Some(masks) = &self.masks {
            let path = dir.join(format!("{name}_labels.png"));
            let bytes = encode(&masks.labels, masks.rows, masks.columns, ExtendedColorType::L8);
            save(path.clone(), &bytes.map_err(|reason| failed(&path, reason))?)?;
        }
        Ok(self.row(name))
    }

    fn row(&self, name: &str) -> ManifestRow {
        let [r, l] = self.description.forms;
        ManifestRow {
            name: name.to_owned(),
            person: self.person.clone(),
            body: self.body.clone(),
            sex: if self.female { "F" } else { "M" },
            kind: self.kind(),
            view: match self.description.view {
                super::View::Pelvis => "pelvis",
                super::View::Hip => "hip",
            },
            seed: self.seed,
            spacing_mm: self.spacing.row,
            cam_r_mm: r.cam_mm,
            cam_l_mm: l.cam_mm,
            rim_r_deg: r.rim_deg,
            rim_l_deg: l.rim_deg,
            neck_shaft_r_deg: r.neck_shaft_deg,
            neck_shaft_l_deg: l.neck_shaft_deg,
            length_r_mm: r.length_mm,
            length_l_mm: l.length_mm,
            implant: self.description.implant.map_or("", Side::letter),
        }
    }
}

fn encode(pixels: &[u8], rows: usize, columns: usize, colour: ExtendedColorType) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(pixels, columns as u32, rows as u32, colour)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}
