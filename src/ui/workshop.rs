//! The services of the real program: imaging, the demo phantom, the network, the report.

use super::services::{AnalysisError, Choice, Services, SiteNorms, Snapshot};
use super::site;
use crate::export::delivery::{Around, Delivered, Order, deliver};
use crate::export::{Report, Site, pdf};
use crate::imaging;
use crate::imaging::{Catalogue, DeidentifyOptions, Presentation, Radiograph, TagLine};
use crate::job::{Cancelled, Job};
use crate::library::{Device, Home, Preferences};
use crate::measure::ModelIdentity;
use crate::measure::norms::NormTable;
use crate::models;
use crate::models::nnunet::{self, NnUnet, NnUnetAbout, NnUnetCard, NnUnetError};
use crate::models::{DeviceChoice, Pipeline, PredictError};
use crate::simulate;
use crate::study::mask::Mask;
use crate::study::{MaskPrediction, Prediction};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What reads pictures, loaded once by whoever needs it first.
type Loaded = Arc<OnceLock<Result<Pipeline, String>>>;

/// Which network runs where.
#[derive(Clone, Default)]
struct Wish {
    model: Option<String>,
    device: Device,
    pipeline: Loaded,
}

#[derive(Clone, Default)]
pub struct Workshop {
    wish: Arc<Mutex<Wish>>,
    keeps: Keeps,
}

/// Where films are kept.
#[derive(Clone, Default)]
enum Keeps {
    #[default]
    Nowhere,
    OfUser,
    At(PathBuf),
}

impl Workshop {
    /// One that keeps what is done in the folders of the user.
    pub fn of_user() -> Self {
        Self { keeps: Keeps::OfUser, ..Self::default() }
    }

    /// One that keeps what is done below `folder`.
    pub fn at(folder: PathBuf) -> Self {
        Self { keeps: Keeps::At(folder), ..Self::default() }
    }

    /// Loads the network in a thread, so that the first analysis need not wait for it and the window can name the device.
    pub fn prepare(&self) {
        let workshop = self.clone();
        std::thread::spawn(move || {
            // A failure is told to whoever asks for an analysis.
            workshop.wish().load();
        });
    }

    /// What is wished for now. Nothing is done while the lock is held, so a worker that panics leaves it sound.
    fn wish(&self) -> Wish {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Workshop {
    /// Whose reports these are, and what is wrong with the logo.
    fn site(&self) -> (Site, Option<String>) {
        let preferences = self.preferences().unwrap_or_default();
        Site::with_logo(&preferences.site.name, preferences.site.logo.as_deref())
    }
}

/// The first installed network that paints masks, the user's own before those that came with the program.
fn mask_folder() -> Option<PathBuf> {
    models::installed::folders().iter().flat_map(|folder| nnunet::card::list(folder)).next()
}

impl Wish {
    fn device(&self) -> DeviceChoice {
        match self.device {
            Device::Auto => DeviceChoice::Auto,
            Device::Cpu => DeviceChoice::Cpu,
            Device::Cuda => DeviceChoice::Cuda,
        }
    }

    fn load(&self) -> &Result<Pipeline, String> {
        let load = || Pipeline::load(self.model.as_deref(), self.device()).map_err(|error| error.to_string());
        self.pipeline.get_or_init(load)
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
        let wish = self.wish();
        let pipeline = wish.load().as_ref().map_err(|reason| AnalysisError::Failed(reason.clone()))?;
        match pipeline.predict(radiograph, job) {
            Ok(models::Prediction { landmarks, model, warnings }) => {
                Ok(Prediction { landmarks, model, warnings })
            }
            Err(PredictError::Cancelled(_)) => Err(AnalysisError::Cancelled),
            Err(PredictError::Model(error)) => Err(AnalysisError::Failed(error.to_string())),
            // The window says itself that nothing was measured.
            Err(PredictError::Unlike(reason)) => Err(AnalysisError::Refused(reason)),
            Err(error @ (PredictError::TooSmall { .. } | PredictError::Blank | PredictError::Unfit(_))) => {
                Err(AnalysisError::Refused(error.to_string()))
            }
        }
    }

    fn mask_model(&self) -> Option<String> {
        let folder = mask_folder()?;
        Some(folder.file_name()?.to_string_lossy().into_owned())
    }

    fn segment(&self, radiograph: &Radiograph, job: &Job) -> Result<MaskPrediction, AnalysisError> {
        let failed = |error: NnUnetError| AnalysisError::Failed(error.to_string());
        let folder = mask_folder()
            .ok_or_else(|| AnalysisError::Failed("no network for masks is installed".to_owned()))?;
        let card = NnUnetCard::of(&folder).map_err(failed)?;
        let model = NnUnet::load(&folder, &[], self.wish().device()).map_err(failed)?;
        let (map, warnings) = model.segment(radiograph, job).map_err(|error| match error {
            NnUnetError::Cancelled(_) => AnalysisError::Cancelled,
            NnUnetError::Image(reason) => AnalysisError::Refused(reason.to_string()),
            other => failed(other),
        })?;
        // The first fold stands for the model.
        let sum =
            card.sha256.iter().find(|(name, _)| name.contains("checkpoint")).map(|(_, sum)| sum.clone());
        let NnUnetAbout { id, version, .. } = card.about;
        let model = ModelIdentity { id, version, sha256: sum.unwrap_or_default() };
        Ok(MaskPrediction { mask: Mask::new(map), model, warnings })
    }

    fn report(&self, Snapshot { radiograph, study, priors, .. }: &Snapshot) -> Result<Vec<u8>, String> {
        let (site, fault) = self.site();
        let mut report = Report::of_study(study, radiograph);
        report.warnings.extend(fault);
        report.circumstances.site = site;
        report.circumstances.priors.clone_from(priors);
        pdf::render(&report).map_err(|error| error.to_string())
    }

    fn deliver(
        &self,
        Snapshot { radiograph, study, priors, set }: &Snapshot,
        order: &Order,
        job: &Job,
        told: &mut dyn FnMut(Delivered),
    ) -> Result<(), Cancelled> {
        let (site, fault) = self.site();
        if let Some(fault) = fault {
            log::warn!("{fault}");
        }
        deliver(study, radiograph, Around { site: &site, priors, set }, order, job, told)
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

    fn keep_norms(&self, table: &NormTable) -> Result<(), String> {
        site::keep_norms(table)
    }

    fn tags(&self, path: &Path) -> Result<Vec<TagLine>, String> {
        imaging::tags(path).map_err(|error| error.to_string())
    }

    fn home(&self) -> Result<Option<Home>, String> {
        let home = match &self.keeps {
            Keeps::Nowhere => return Ok(None),
            Keeps::OfUser => Home::of_user(),
            Keeps::At(folder) => Home::at(folder),
        };
        home.map(Some).map_err(|error| error.to_string())
    }

    fn preferences(&self) -> Result<Preferences, String> {
        let read = |path: PathBuf| Preferences::read(&path).map_err(|error| error.to_string());
        Preferences::path().map_or_else(|| Ok(Preferences::default()), read)
    }

    fn keep(&self, preferences: &Preferences) -> Result<(), String> {
        let write = |path: PathBuf| preferences.write(&path).map_err(|error| error.to_string());
        Preferences::path().map_or(Ok(()), write)
    }

    fn models(&self) -> Vec<Choice> {
        let installed = models::installed::folder().map(|folder| models::installed::list(&folder));
        let own = installed.into_iter().flatten().flatten();
        let all = models::catalogue().iter().cloned().chain(own);
        let choice = |card: models::ModelCard| Choice {
            title: format!("{} ({} {})", card.title(), card.id(), card.version()),
            id: card.id().to_owned(),
        };
        all.map(choice).collect()
    }

    fn choose(&self, model: Option<&str>, device: Device) {
        let mut wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        if wish.model.as_deref() != model || wish.device != device {
            *wish = Wish { model: model.map(str::to_owned), device, pipeline: Loaded::default() };
            drop(wish);
            self.prepare();
        }
    }

    fn device(&self) -> String {
        match self.wish().pipeline.get() {
            None => String::new(),
            Some(Ok(pipeline)) => pipeline.device().to_owned(),
            Some(Err(_)) => "no network".to_owned(),
        }
    }
}
