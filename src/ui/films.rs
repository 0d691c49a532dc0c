//! The films that are open: what is known of each, and which one is on the screen.

use super::canvas::View;
use super::jobs::FilmId;
use crate::imaging::Radiograph;
use crate::job::{Job, Progress};
use crate::study::Study;
use egui::TextureHandle;
use std::path::PathBuf;
use std::sync::Arc;

/// Films so near to the one on the screen keep their pixels; the others are decoded again when they come.
const NEAR: usize = 2;

/// The pixels of a film.
pub enum Pixels {
    Unloaded,
    Loading,
    Ready(Arc<Radiograph>),
    /// The reason, for the reader.
    Failed(String),
}

/// How the last analysis went.
pub enum Analysis {
    None,
    Running {
        generation: u64,
        job: Job,
        progress: Progress,
    },
    Done,
    /// The network says that this is no film for it.
    Refused(String),
    Failed(String),
}

/// One film of the list.
pub struct Film {
    pub id: FilmId,
    /// `None` for the embedded demo.
    pub path: Option<PathBuf>,
    pub pixels: Pixels,
    /// There from the first decoding on.
    pub study: Option<Study>,
    pub analysis: Analysis,
    pub view: View,
    pub thumbnail: Option<TextureHandle>,
}

/// What the dot of a film in the list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Loading,
    Failed,
    New,
    Analysing,
    Refused,
    Predicted,
    Corrected,
}

impl State {
    pub fn text(self) -> &'static str {
        match self {
            State::Loading => "loading",
            State::Failed => "cannot be read",
            State::New => "new",
            State::Analysing => "analysing",
            State::Refused => "not analysed",
            State::Predicted => "predicted",
            State::Corrected => "corrected",
        }
    }
}

impl Film {
    fn new(id: FilmId, path: Option<PathBuf>) -> Self {
        Self {
            id,
            path,
            pixels: Pixels::Unloaded,
            study: None,
            analysis: Analysis::None,
            view: View::default(),
            thumbnail: None,
        }
    }

    /// The file's name, or what stands for it.
    pub fn name(&self) -> String {
        match &self.path {
            None => "Demo phantom".to_owned(),
            Some(path) => path
                .file_name()
                .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned()),
        }
    }

    pub fn radiograph(&self) -> Option<&Arc<Radiograph>> {
        match &self.pixels {
            Pixels::Ready(radiograph) => Some(radiograph),
            _ => None,
        }
    }

    pub fn is_analysing(&self) -> bool {
        matches!(self.analysis, Analysis::Running { .. })
    }

    pub fn state(&self) -> State {
        match (&self.pixels, &self.analysis, &self.study) {
            (Pixels::Failed(_), ..) => State::Failed,
            (_, Analysis::Running { .. }, _) => State::Analysing,
            (_, _, None) => State::Loading,
            (_, _, Some(study)) if !study.corrections().is_empty() => State::Corrected,
            (_, Analysis::Refused(_) | Analysis::Failed(_), _) => State::Refused,
            (_, _, Some(study)) if study.annotations().prediction.is_some() => State::Predicted,
            _ => State::New,
        }
    }
}

/// The list, and the place in it.
#[derive(Default)]
pub struct Films {
    list: Vec<Film>,
    current: usize,
    next: u64,
}

impl Films {
    /// Adds a film unless its file is there already; its id in any case.
    pub fn add(&mut self, path: Option<PathBuf>) -> FilmId {
        if let Some(film) = self.list.iter().find(|film| film.path == path) {
            return film.id;
        }
        let id = FilmId(self.next);
        self.next += 1;
        self.list.push(Film::new(id, path));
        id
    }

    /// A file that cannot be opened stands in the list with its reason.
    pub fn add_failed(&mut self, path: PathBuf, reason: String) -> FilmId {
        let id = self.add(Some(path));
        if let Some(film) = self.get_mut(id) {
            film.pixels = Pixels::Failed(reason);
        }
        id
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Film> {
        self.list.iter()
    }

    pub fn get(&self, id: FilmId) -> Option<&Film> {
        self.list.iter().find(|film| film.id == id)
    }

    pub fn get_mut(&mut self, id: FilmId) -> Option<&mut Film> {
        self.list.iter_mut().find(|film| film.id == id)
    }

    /// The film on the screen.
    pub fn current(&self) -> Option<&Film> {
        self.list.get(self.current)
    }

    pub fn current_mut(&mut self) -> Option<&mut Film> {
        self.list.get_mut(self.current)
    }

    /// Place of the current film, from 1, and their number.
    pub fn place(&self) -> (usize, usize) {
        (self.current + 1, self.list.len())
    }

    /// Puts the film on the screen; `false` if it was there already or is not in the list.
    pub fn show(&mut self, id: FilmId) -> bool {
        match self.list.iter().position(|film| film.id == id) {
            Some(index) if index != self.current => {
                self.current = index;
                true
            }
            _ => false,
        }
    }

    /// The film so many places down the list, if there is one.
    pub fn neighbour(&self, steps: isize) -> Option<FilmId> {
        self.list.get(self.current.checked_add_signed(steps)?).map(|film| film.id)
    }

    /// Drops the pixels of films far from the current one.
    pub fn forget_far(&mut self) {
        for (index, film) in self.list.iter_mut().enumerate() {
            let near = index.abs_diff(self.current) <= NEAR || film.is_analysing();
            if !near && matches!(film.pixels, Pixels::Ready(_)) {
                film.pixels = Pixels::Unloaded;
            }
        }
    }

    /// The film to decode next: the one on the screen, those beside it, then those without a thumbnail.
    pub fn to_decode(&self) -> Option<FilmId> {
        let loading = self.list.iter().filter(|film| matches!(film.pixels, Pixels::Loading)).count();
        if loading >= 2 {
            return None;
        }
        let wanted = |film: &&Film| matches!(film.pixels, Pixels::Unloaded);
        let near = [0, 1, -1]
            .into_iter()
            .filter_map(|steps| self.list.get(self.current.checked_add_signed(steps)?))
            .find(wanted);
        near.or_else(|| self.list.iter().filter(wanted).find(|film| film.thumbnail.is_none()))
            .map(|film| film.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn films(count: usize) -> Films {
        let mut films = Films::default();
        for index in 0..count {
            films.add(Some(PathBuf::from(format!("{index}.dcm"))));
        }
        films
    }

    #[test]
    fn a_file_stands_in_the_list_once() {
        let mut films = films(3);
        assert_eq!(films.add(Some(PathBuf::from("1.dcm"))), FilmId(1));
        assert_eq!(films.iter().len(), 3);
    }

    #[test]
    fn the_film_on_the_screen_is_decoded_first_and_two_at_a_time() {
        let mut films = films(9);
        films.show(FilmId(5));
        let mut order = Vec::new();
        while let Some(id) = films.to_decode() {
            films.get_mut(id).unwrap().pixels = Pixels::Loading;
            order.push(id.0);
        }
        assert_eq!(order, [5, 6]);
    }

    #[test]
    fn the_list_ends() {
        let mut films = films(2);
        assert_eq!(films.neighbour(-1), None);
        assert!(films.show(FilmId(1)));
        assert_eq!(films.neighbour(1), None);
        assert_eq!(films.place(), (2, 2));
    }
}
