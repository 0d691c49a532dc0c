//! A phantom as a [`Radiograph`] and on disk: a DICOM film and its truth as JSON.

use super::phantom::Phantom;
use crate::imaging::{self, Identity, ModalityTransform, Radiograph, VoiFunction, WriteError};
use crate::measure::landmark_file;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Why a phantom could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PhantomWriteError {
    #[error(transparent)]
    Film(#[from] WriteError),
    #[error("{}: the truth cannot be written: {source}", path.display())]
    Truth { path: PathBuf, source: std::io::Error },
}

impl Phantom {
    /// The film with a synthetic identity; MONOCHROME2, also where the grey is inverted
    /// (as on a film that was digitised the wrong way round).
    pub fn radiograph(&self) -> Radiograph {
        let levels = f32::from((1u16 << self.bits) - 1);
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
                patient_name: "PHANTOM^INFANT".into(),
                patient_id: format!("PHANTOM-{}", self.seed),
                patient_age: format!("{:03}M", self.description.age_months.round() as u32),
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

    /// The truth in the landmark-file format (pixel centres of the film are integers), with what else is known.
    pub fn truth(&self) -> Value {
        let [ai_r, ai_l] = self.description.acetabular_index;
        let [ihdi_r, ihdi_l] = self.description.ihdi;
        let mut truth = landmark_file::exact(&self.landmarks, Some(&self.spacing));
        let phantom = json!({
            "seed": self.seed,
            "age_months": self.description.age_months,
            "acetabular_index_deg": { "R": ai_r, "L": ai_l },
            "ihdi": { "R": ihdi_r, "L": ihdi_l },
            "inverted": self.description.inverted,
            "artefacts": self.description.artefacts,
        });
        truth.insert("phantom".to_owned(), phantom);
        truth.into()
    }

    /// Writes `NAME.dcm` (a DX film) and its truth `NAME.json` into `dir`; returns their paths.
    pub fn write(&self, dir: &Path, name: &str) -> Result<[PathBuf; 2], PhantomWriteError> {
        let film = dir.join(format!("{name}.dcm"));
        imaging::write_dx(&self.radiograph(), &film)?;
        let truth = dir.join(format!("{name}.json"));
        let text = format!("{:#}\n", self.truth());
        std::fs::write(&truth, text)
            .map_err(|source| PhantomWriteError::Truth { path: truth.clone(), source })?;
        Ok([film, truth])
    }
}
