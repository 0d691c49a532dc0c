//! Work in the background: threads do it, messages bring it back to the window, which is woken for each.

use super::batch::Outcome;
use super::clerk::News;
use super::handing_over::Told;
use super::lang::tr;
use super::services::{AnalysisError, Services, Snapshot};
use super::thumbnail;
use crate::export::dicom::received::Received;
use crate::export::write_atomic;
use crate::imaging::{
    Catalogue, DeidentifyOptions, Presentation, Radiograph, Rectangle, TagLine, Window, text_regions,
};
use crate::job::{Job, Progress};
use crate::library::ItemId;
use crate::study::{MaskPrediction, Prediction};
use egui::{ColorImage, Context};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Names a film of the list for as long as the window lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilmId(pub u64);

/// One image as it was read.
#[derive(Debug)]
pub struct Opened {
    pub radiograph: Arc<Radiograph>,
    pub presentation: Presentation,
    /// The file's first window, or an automatic one; kept because finding it may need every pixel.
    pub default_window: Window,
    /// Least and greatest stored value, kept likewise.
    pub range: (i32, i32),
    automatic: OnceLock<Window>,
}

impl Opened {
    pub fn new(radiograph: Radiograph, presentation: Presentation) -> Self {
        let default_window = radiograph.default_window();
        let range = radiograph.stored_range().unwrap_or((0, 0));
        let automatic = OnceLock::new();
        Self { radiograph: Arc::new(radiograph), presentation, default_window, range, automatic }
    }

    /// The window by percentiles of the image, found when it is first asked for.
    pub fn automatic_window(&self) -> Window {
        *self.automatic.get_or_init(|| self.radiograph.automatic_window())
    }
}

/// What a decoded file brings.
pub struct Decoded {
    pub opened: Arc<Opened>,
    /// How long it took to read and decode.
    pub took: Duration,
}

/// A film that was opened only to be analysed.
pub struct BatchResult {
    pub opened: Arc<Opened>,
    pub prediction: Prediction,
}

/// What was asked of a file dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Open,
    /// The report of that film goes there.
    Export(FilmId),
    /// The copy of that film without identity goes there.
    Deidentify(FilmId),
    /// The keys go there.
    Sheet,
    /// The landmarks that an exercise is compared with.
    Reference,
}

/// News from the background.
pub enum Message {
    /// What lies where the person pointed.
    Found(Catalogue),
    Decoded {
        film: FilmId,
        slice: usize,
        result: Result<Decoded, String>,
    },
    Thumbnail {
        film: FilmId,
        picture: ColorImage,
    },
    /// Lines of likely text in the pixels.
    Text {
        film: FilmId,
        slice: usize,
        lines: Vec<Rectangle>,
    },
    Progress {
        film: FilmId,
        generation: u64,
        progress: Progress,
    },
    Analysed {
        film: FilmId,
        generation: u64,
        result: Result<Prediction, AnalysisError>,
    },
    Segmented {
        film: FilmId,
        generation: u64,
        result: Result<MaskPrediction, AnalysisError>,
    },
    Exported {
        film: FilmId,
        path: PathBuf,
        result: Result<(), String>,
    },
    /// The header of the file that the tag browser shows.
    Tags {
        path: PathBuf,
        result: Result<Vec<TagLine>, String>,
    },
    /// A copy without identity was written; the words say what is to be looked at.
    Deidentified {
        path: PathBuf,
        result: Result<Vec<String>, String>,
    },
    /// Of an item of the queue.
    BatchProgress {
        item: ItemId,
        progress: Progress,
    },
    BatchAnalysed {
        item: ItemId,
        result: Outcome,
    },
    /// An object that lies beside films.
    Received {
        path: PathBuf,
        result: Result<Option<Received>, String>,
    },
    /// Of files that are handed over, in the run of that number.
    Delivery(u64, Told),
    /// From the clerk.
    Desk(News),
    /// A dialog closed. `at_once`: sooner than a person can act, so the desktop has none.
    Chosen {
        purpose: Purpose,
        paths: Vec<PathBuf>,
        at_once: bool,
    },
}

/// Starts work and collects its messages.
pub struct Jobs {
    services: Arc<dyn Services>,
    context: Context,
    sender: Sender<Message>,
    receiver: Receiver<Message>,
    /// Decoders use one core each, and the window wants one too.
    decoder: rayon::ThreadPool,
}

/// Progress reaches the window at most this often.
const THROTTLE: Duration = Duration::from_millis(100);
/// A dialog that closes without an answer in this time never opened.
const DIALOG_OPENS: Duration = Duration::from_millis(400);

impl Jobs {
    /// # Errors
    /// The system gives no threads.
    pub fn new(services: Arc<dyn Services>, context: Context) -> anyhow::Result<Self> {
        let (sender, receiver) = channel();
        let decoder = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
        Ok(Self { services, context, sender, receiver, decoder })
    }

    /// News since the last call.
    pub fn poll(&self) -> Vec<Message> {
        self.receiver.try_iter().collect()
    }

    pub fn find(&self, paths: Vec<PathBuf>) {
        let services = Arc::clone(&self.services);
        self.spawn(move || Message::Found(services.catalogue(&paths)));
    }

    /// Decodes one image of a film, or makes the demo where there is no path.
    pub fn decode(&self, film: FilmId, slice: usize, path: Option<PathBuf>, frame: u32) {
        let services = Arc::clone(&self.services);
        let post = self.post();
        self.decoder.spawn_fifo(move || {
            let start = Instant::now();
            let result = guarded(|| {
                let opened = open(services.as_ref(), path.as_deref(), frame)?;
                Ok(Decoded { opened, took: start.elapsed() })
            });
            post(Message::Decoded { film, slice, result });
        });
    }

    /// The small picture of the list, after the large one is on the screen.
    pub fn thumbnail(&self, film: FilmId, opened: Arc<Opened>) {
        let post = self.post();
        self.decoder.spawn_fifo(move || {
            let picture = guarded(|| Ok(thumbnail::render(&opened)));
            if let Ok(picture) = picture {
                post(Message::Thumbnail { film, picture });
            }
        });
    }

    /// Looks for text burned into the pixels.
    pub fn find_text(&self, film: FilmId, slice: usize, radiograph: Arc<Radiograph>) {
        self.spawn(move || {
            // A search that fails warns of nothing; de-identification itself searches again.
            let lines = guarded(|| Ok(text_regions(&radiograph))).unwrap_or_default();
            Message::Text { film, slice, lines }
        });
    }

    /// Reads the header of a file.
    pub fn tags(&self, path: PathBuf) {
        let services = Arc::clone(&self.services);
        self.spawn(move || {
            let result = guarded(|| services.tags(&path));
            Message::Tags { path, result }
        });
    }

    /// Writes a copy of a file without identity.
    pub fn deidentify(&self, input: PathBuf, output: PathBuf, options: DeidentifyOptions) {
        let services = Arc::clone(&self.services);
        self.spawn(move || {
            let result = guarded(|| services.deidentify(&input, &output, &options));
            Message::Deidentified { path: output, result }
        });
    }

    /// Analyses in a thread; the returned job cancels it.
    pub fn analyse(&self, film: FilmId, generation: u64, radiograph: Arc<Radiograph>) -> Job {
        let services = Arc::clone(&self.services);
        self.shown(film, generation, move |job| {
            let result = guarded(|| Ok(services.analyse(&radiograph, job)))
                .unwrap_or_else(|reason| Err(AnalysisError::Failed(reason)));
            Message::Analysed { film, generation, result }
        })
    }

    /// Paints masks in a thread, likewise.
    pub fn segment(&self, film: FilmId, generation: u64, radiograph: Arc<Radiograph>) -> Job {
        let services = Arc::clone(&self.services);
        self.shown(film, generation, move |job| {
            let result = guarded(|| Ok(services.segment(&radiograph, job)))
                .unwrap_or_else(|reason| Err(AnalysisError::Failed(reason)));
            Message::Segmented { film, generation, result }
        })
    }

    /// Work whose progress the film shows.
    fn shown(
        &self,
        film: FilmId,
        generation: u64,
        work: impl FnOnce(&Job) -> Message + Send + 'static,
    ) -> Job {
        let job = self.watched(move |progress| Message::Progress { film, generation, progress });
        let worker = job.clone();
        self.spawn(move || work(&worker));
        job
    }

    /// Opens and analyses a film of the queue in a thread; the returned job cancels it.
    pub fn analyse_in_turn(&self, item: ItemId, path: Option<PathBuf>) -> Job {
        let services = Arc::clone(&self.services);
        let job = self.watched(move |progress| Message::BatchProgress { item, progress });
        let worker = job.clone();
        self.spawn(move || {
            let result = guarded(|| {
                let opened = open(services.as_ref(), path.as_deref(), 1)?;
                let prediction = services.analyse(&opened.radiograph, &worker);
                Ok(prediction.map(|prediction| Box::new(BatchResult { opened, prediction })))
            });
            let result = result.unwrap_or_else(|reason| Err(AnalysisError::Failed(reason)));
            Message::BatchAnalysed { item, result }
        });
        job
    }

    /// A job whose progress reaches the window, not too often.
    pub(super) fn watched(&self, message: impl Fn(Progress) -> Message + Send + Sync + 'static) -> Job {
        let report = self.post();
        let last = std::sync::Mutex::new(None::<Instant>);
        Job::watched(move |progress| {
            let Ok(mut last) = last.lock() else { return };
            if last.is_none_or(|at| at.elapsed() >= THROTTLE) {
                *last = Some(Instant::now());
                report(message(progress));
            }
        })
    }

    pub fn export(&self, film: FilmId, snapshot: Snapshot, path: PathBuf) {
        let services = Arc::clone(&self.services);
        self.spawn(move || {
            let result = guarded(|| {
                let bytes = services.report(&snapshot)?;
                write_atomic(&path, &bytes).map_err(|error| error.to_string())
            });
            Message::Exported { film, path, result }
        });
    }

    /// Shows the desktop's dialog from a thread, since it blocks.
    pub fn ask(&self, purpose: Purpose, suggestion: Option<PathBuf>) {
        // Named here: the language is that of the window's thread.
        let titles = [
            tr!("path.open_title"),
            tr!("path.report_title"),
            tr!("path.copy_title"),
            tr!("path.sheet_title"),
            tr!("path.reference_title"),
        ];
        self.spawn(move || {
            let opened = Instant::now();
            let save = |title: &str, kind: &str, extension: &str| {
                let mut dialog = rfd::FileDialog::new().set_title(title).add_filter(kind, &[extension]);
                if let Some(folder) = suggestion.as_ref().and_then(|path| path.parent()) {
                    dialog = dialog.set_directory(folder);
                }
                if let Some(name) = suggestion.as_ref().and_then(|path| path.file_name()) {
                    dialog = dialog.set_file_name(name.to_string_lossy());
                }
                dialog.save_file().into_iter().collect()
            };
            let paths = match &purpose {
                Purpose::Open => rfd::FileDialog::new().set_title(titles[0]).pick_files().unwrap_or_default(),
                Purpose::Export(_) => save(titles[1], "PDF", "pdf"),
                Purpose::Deidentify(_) => save(titles[2], "DICOM", "dcm"),
                Purpose::Sheet => save(titles[3], "HTML, Markdown", "html"),
                Purpose::Reference => {
                    rfd::FileDialog::new().set_title(titles[4]).pick_file().into_iter().collect()
                }
            };
            let at_once = paths.is_empty() && opened.elapsed() < DIALOG_OPENS;
            Message::Chosen { purpose, paths, at_once }
        });
    }

    fn spawn(&self, work: impl FnOnce() -> Message + Send + 'static) {
        let post = self.post();
        std::thread::spawn(move || post(work()));
    }

    /// Brings messages of another thread to the window.
    pub fn post(&self) -> impl Fn(Message) + Send + Sync + use<> {
        let sender = self.sender.clone();
        let context = self.context.clone();
        move |message| {
            // The window may have closed; then nobody wants the news.
            if sender.send(message).is_ok() {
                context.request_repaint();
            }
        }
    }
}

/// Reads a file, or makes the demo where there is no path.
fn open(services: &dyn Services, path: Option<&Path>, frame: u32) -> Result<Arc<Opened>, String> {
    let (radiograph, presentation) = match path {
        Some(path) => services.open(path, frame)?,
        None => (services.demo(), Presentation { frames: 1, ..Presentation::default() }),
    };
    Ok(Arc::new(Opened::new(radiograph, presentation)))
}

/// A worker that panics still answers: the window must not wait for ever.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err("an error inside the program stopped this; other films are not affected".to_owned())
    })
}
