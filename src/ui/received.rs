//! Objects that lie beside a film (reports, segmentations, presentation states, key objects) brought to it: a click on
//! one in the list reads it, finds its film and shows it there. Key objects are read as soon as they are found.

use super::app::{Notice, Workbench};
use super::canvas::Grey;
use super::jobs::{FilmId, Jobs, Message};
use super::lang::tr;
use super::services::Services;
use crate::export::dicom::gsps::PresentationState;
use crate::export::dicom::received::Received;
use crate::imaging::Catalogue;
use crate::study::mask::Mask;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the kind of a key object is called in a catalogue.
const KEY: &str = "a key object selection";

/// A presentation state over a film.
#[derive(Debug, Clone)]
pub struct Laid {
    pub path: PathBuf,
    pub state: PresentationState,
}

/// Read, and waiting for the study of its film.
pub struct Waiting {
    film: FilmId,
    path: PathBuf,
    object: Received,
}

impl Jobs {
    /// Reads an object in a thread.
    fn read_object(&self, services: &Arc<dyn Services>, path: PathBuf) {
        let (services, post) = (Arc::clone(services), self.post());
        std::thread::spawn(move || {
            let read = catch_unwind(AssertUnwindSafe(|| services.received(&path)));
            let result = read.unwrap_or_else(|_| Err(format!("{}: cannot be read", path.display())));
            post(Message::Received { path, result });
        });
    }
}

impl Workbench {
    /// Brings the object in that file to its film; a presentation state that lies there already is taken away.
    pub(super) fn bring(&mut self, path: PathBuf) {
        let laid =
            self.films.iter_mut().find(|film| film.laid.as_ref().is_some_and(|laid| laid.path == path));
        if let Some(film) = laid {
            film.laid = None;
            film.view.grey = Grey::default();
            film.view.invert = false;
            return;
        }
        self.jobs.read_object(&self.services, path);
    }

    /// Films that key objects point to are marked without being asked for.
    pub(super) fn read_keys(&self, catalogue: &Catalogue) {
        let objects = catalogue.series().flat_map(|series| &series.objects);
        for object in objects.filter(|object| object.kind == KEY) {
            self.jobs.read_object(&self.services, object.path.clone());
        }
    }

    pub(super) fn received(&mut self, path: PathBuf, result: Result<Option<Received>, String>) {
        let object = match result {
            Ok(Some(object)) => object,
            Ok(None) => return self.notice = Some(Notice::Bad(tr!("received.nothing", path = name(&path)))),
            Err(reason) => return self.notice = Some(Notice::Bad(tr!("received.bad", reason = reason))),
        };
        let films: Vec<FilmId> =
            object.instances().into_iter().filter_map(|uid| self.films.of_instance(uid)).collect();
        let Some(first) = films.first().copied() else {
            self.notice = Some(Notice::Bad(tr!("received.no_film", path = name(&path))));
            return;
        };
        if let Received::Key(key) = object {
            for film in films {
                if let Some(film) = self.films.get_mut(film) {
                    film.key_image = Some(key.description.clone());
                }
            }
            return;
        }
        self.show_film(first);
        self.waiting = Some(Waiting { film: first, path, object });
    }

    /// Shows what waited, once the study of its film is there.
    pub(super) fn show_waiting(&mut self) {
        let ready = self.waiting.as_ref().is_some_and(|waiting| {
            self.films.get(waiting.film).is_some_and(|film| film.study.is_some() && film.opened().is_some())
        });
        let Some(Waiting { film: id, path, object }) = self.waiting.take_if(|_| ready) else { return };
        let file = name(&path);
        let Some(film) = self.films.get_mut(id) else { return };
        let Some(study) = &mut film.study else { return };
        study.abort();
        let done = match object {
            Received::Report(report) => {
                let noted = report.notes.join("; ");
                study.reopen(report.annotations).map(|_| match noted.as_str() {
                    "" => tr!("received.report", path = file),
                    _ => tr!("received.report_noted", path = file, notes = noted),
                })
            }
            Received::Masks(read) => {
                study.take_mask(Mask::new(read.masks)).map(|_| tr!("received.masks", path = file))
            }
            Received::State(state) => {
                let count = state.drawn.len();
                let own = film.opened().is_some_and(|opened| opened.radiograph.inverted);
                film.view.invert = state.inverted != own;
                film.view.grey = state.window.map_or(film.view.grey, Grey::Hand);
                film.laid = Some(Laid { path, state });
                Ok(tr!("received.state", path = file, count = count))
            }
            // Marked when it was read.
            Received::Key(_) => return,
        };
        self.notice = Some(match done {
            Ok(words) => Notice::Good(words),
            Err(refused) => Notice::Bad(tr!("news.not_changed", reason = refused)),
        });
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
