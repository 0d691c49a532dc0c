//! Work in the background: threads do it, messages bring it back to the window, which is woken for each.

use super::services::{AnalysisError, Services, Snapshot, Unreadable};
use super::thumbnail;
use crate::export::write_atomic;
use crate::imaging::{Radiograph, Window};
use crate::job::{Job, Progress};
use crate::study::Prediction;
use egui::{ColorImage, Context};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// Names a film of the list for as long as the window lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilmId(pub u64);

/// What a decoded file brings.
pub struct Decoded {
    pub radiograph: Arc<Radiograph>,
    pub default_window: Window,
    pub thumbnail: ColorImage,
}

/// What was asked of a file dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Open,
    /// The report of that film goes there.
    Export(FilmId),
}

/// News from the background.
pub enum Message {
    /// The images found where the person pointed.
    Found(Vec<Result<PathBuf, Unreadable>>),
    Decoded {
        film: FilmId,
        result: Result<Decoded, String>,
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
    Exported {
        path: PathBuf,
        result: Result<(), String>,
    },
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
    /// Two films at a time: decoders use one core each, and the window wants one too.
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
        self.spawn(move || Message::Found(services.find(&paths)));
    }

    /// Decodes the file, or makes the demo where there is no path.
    pub fn decode(&self, film: FilmId, path: Option<PathBuf>) {
        let services = Arc::clone(&self.services);
        let post = self.post();
        self.decoder.spawn_fifo(move || {
            let result = guarded(|| {
                let radiograph = match path {
                    Some(path) => services.open(&path)?,
                    None => services.demo(),
                };
                let default_window = radiograph.default_window();
                let thumbnail = thumbnail::render(&radiograph, default_window);
                Ok(Decoded { radiograph: Arc::new(radiograph), default_window, thumbnail })
            });
            post(Message::Decoded { film, result });
        });
    }

    /// Analyses in a thread; the returned job cancels it.
    pub fn analyse(&self, film: FilmId, generation: u64, radiograph: Arc<Radiograph>) -> Job {
        let services = Arc::clone(&self.services);
        let report = self.post();
        let last = std::sync::Mutex::new(None::<Instant>);
        let job = Job::watched(move |progress| {
            let Ok(mut last) = last.lock() else { return };
            if last.is_none_or(|at| at.elapsed() >= THROTTLE) {
                *last = Some(Instant::now());
                report(Message::Progress { film, generation, progress });
            }
        });
        let worker = job.clone();
        self.spawn(move || {
            let result = guarded(|| Ok(services.analyse(&radiograph, &worker)))
                .unwrap_or_else(|reason| Err(AnalysisError::Failed(reason)));
            Message::Analysed { film, generation, result }
        });
        job
    }

    pub fn export(&self, snapshot: Snapshot, path: PathBuf) {
        let services = Arc::clone(&self.services);
        self.spawn(move || {
            let result = guarded(|| {
                let bytes = services.report(&snapshot)?;
                write_atomic(&path, &bytes).map_err(|error| error.to_string())
            });
            Message::Exported { path, result }
        });
    }

    /// Shows the desktop's dialog from a thread, since it blocks.
    pub fn ask(&self, purpose: Purpose, suggestion: Option<PathBuf>) {
        self.spawn(move || {
            let opened = Instant::now();
            let paths = match &purpose {
                Purpose::Open => {
                    rfd::FileDialog::new().set_title("Open radiographs").pick_files().unwrap_or_default()
                }
                Purpose::Export(_) => {
                    let mut dialog =
                        rfd::FileDialog::new().set_title("Export report").add_filter("PDF", &["pdf"]);
                    if let Some(path) = &suggestion {
                        if let Some(folder) = path.parent() {
                            dialog = dialog.set_directory(folder);
                        }
                        if let Some(name) = path.file_name() {
                            dialog = dialog.set_file_name(name.to_string_lossy());
                        }
                    }
                    dialog.save_file().into_iter().collect()
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

    fn post(&self) -> impl Fn(Message) + Send + Sync + use<> {
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

/// A worker that panics still answers: the window must not wait for ever.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err("an error inside the program stopped this; other films are not affected".to_owned())
    })
}
