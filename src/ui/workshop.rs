//! The services of the real program: imaging, the demo phantom, the network, the report.

use super::services::{AnalysisError, Services, SiteNorms, Snapshot};
use super::site;
use crate::export::{Correction, Report, pdf};
use crate::imaging;
use crate::imaging::{Catalogue, DeidentifyOptions, Presentation, Radiograph};
use crate::job::Job;
use crate::measure::LandmarkSet;
use crate::models;
use crate::models::{DeviceChoice, PredictError, Predictor};
use crate::simulate;
use crate::study::Prediction;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The network is loaded once, by whoever needs it first.
#[derive(Clone, Default)]
pub struct Workshop {
    predictor: Arc<OnceLock<Result<Predictor, String>>>,
}

impl Workshop {
    /// Loads the network in a thread, so that the first analysis need not wait for it and the window can name the device.
    pub fn prepare(&self) {
        let workshop = self.clone();
        std::thread::spawn(move || {
            // A failure is told to whoever asks for an analysis.
            let _ = workshop.predictor();
        });
    }

    fn predictor(&self) -> Result<&Predictor, String> {
        let load = || Predictor::load(None, DeviceChoice::Auto).map_err(|error| error.to_string());
        self.predictor.get_or_init(load).as_ref().map_err(Clone::clone)
    }
}

impl Services for Workshop {
    fn catalogue(&self, paths: &[PathBuf]) -> Catalogue {
        // Only a cancelled job fails, and nobody holds this one.
        imaging::catalogue(paths, &Job::default()).unwrap_or_default()
    }

    fn open(&self, path: &Path, frame: u32) -> Result<(Radiograph, Presentation), String> {
        imaging::open_presented(path, frame).map_err(|error| error.to_string())
    }

    fn demo(&self) -> Radiograph {
        simulate::demo().radiograph()
    }

    fn analyse(&self, radiograph: &Radiograph, job: &Job) -> Result<Prediction, AnalysisError> {
        job.report("loading the network", 0.0);
        let predictor = self.predictor().map_err(AnalysisError::Failed)?;
        match predictor.predict(radiograph, job) {
            Ok(models::Prediction { landmarks, model, warnings }) => {
                Ok(Prediction { landmarks, model, warnings })
            }
            Err(PredictError::Cancelled(_)) => Err(AnalysisError::Cancelled),
            Err(PredictError::Model(error)) => Err(AnalysisError::Failed(error.to_string())),
            Err(error @ (PredictError::TooSmall { .. } | PredictError::Blank | PredictError::Unfit(_))) => {
                Err(AnalysisError::Refused(error.to_string()))
            }
        }
    }

    fn report(&self, Snapshot { radiograph, study }: &Snapshot) -> Result<Vec<u8>, String> {
        let annotations = study.annotations();
        let nothing = LandmarkSet::default();
        let predicted = annotations.prediction.as_ref();
        let spacing = &study.spacing();
        let mut warnings = predicted.map_or_else(Vec::new, |prediction| prediction.warnings.clone());
        if let Some(calibration) = study.settings().calibration() {
            warnings.push(format!("Lengths are calibrated {}.", calibration.words()));
        }
        warnings.extend(study.calibration_conflicts());
        warnings.extend(study.by_hand());
        let report = Report::of_film(
            radiograph,
            &study.source().path,
            &annotations.landmarks,
            spacing,
            study.assessment(),
            predicted.map(|prediction| prediction.model.clone()),
            Correction::between(
                predicted.map_or(&nothing, |prediction| &prediction.landmarks),
                &annotations.landmarks,
                spacing,
            ),
            &warnings,
        );
        pdf::render(&report).map_err(|error| error.to_string())
    }

    fn deidentify(
        &self,
        input: &Path,
        output: &Path,
        options: &DeidentifyOptions,
    ) -> Result<Vec<String>, String> {
        let done = imaging::deidentify(input, output, options).map_err(|error| error.to_string())?;
        Ok(done.warnings)
    }

    fn norms(&self) -> SiteNorms {
        site::norms()
    }

    fn device(&self) -> String {
        match self.predictor.get() {
            None => String::new(),
            Some(Ok(predictor)) => predictor.device.clone(),
            Some(Err(_)) => "no network".to_owned(),
        }
    }
}
