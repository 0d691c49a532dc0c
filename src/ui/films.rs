//! The films that are open, which one is on the screen, and which are decoded next.

pub use super::film::{Analysis, Film, State};
use super::headings::{Headings, Object, date};
use super::jobs::FilmId;
use super::stack::Stack;
use crate::imaging::{Catalogue, PatientEntry, Plane, SeriesEntry, StudyEntry};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Films so near to the one on the screen keep their pixels; the others are decoded again when they come.
const NEAR: usize = 2;
/// Decoders at work at once: each uses a core, and the window wants one too.
const DECODERS: usize = 2;

/// The list, and the place in it.
#[derive(Default)]
pub struct Films {
    list: Vec<Film>,
    objects: Vec<Object>,
    current: usize,
    next: u64,
    /// Films beside the current one on the screen.
    beside: Vec<FilmId>,
    /// Rows of the list that can be seen: only they need thumbnails.
    seen: Vec<FilmId>,
    /// The file of each SOP instance.
    instances: HashMap<String, PathBuf>,
}

impl Films {
    /// Adds a film beside those of its series, study or patient, unless it is there already; its id in any case.
    pub fn add(&mut self, headings: Headings, modality: &str, stack: Stack) -> FilmId {
        if let Some(film) = self.list.iter().find(|film| film.stack.is_of(&stack)) {
            return film.id;
        }
        let id = FilmId(self.next);
        self.next += 1;
        let shared = |film: &Film| film.headings.shared(&headings);
        let nearest = self.list.iter().map(shared).max().filter(|shared| *shared > 0);
        let at = nearest.and_then(|most| self.list.iter().rposition(|film| shared(film) == most));
        let at = at.map_or(self.list.len(), |at| at + 1);
        self.list.insert(at, Film::new(id, headings, modality.to_owned(), stack));
        if at <= self.current && self.list.len() > 1 {
            self.current += 1;
        }
        id
    }

    /// The embedded demo.
    pub fn add_demo(&mut self) -> FilmId {
        self.add(Headings::default(), "", Stack::of_file(None, 1))
    }

    /// A file that cannot be opened stands in the list with its reason.
    pub fn add_failed(&mut self, path: PathBuf, reason: String) -> FilmId {
        let id = self.add(Headings::default(), "", Stack::of_file(Some(path), 1));
        if let Some(film) = self.get_mut(id) {
            film.stack.fail(reason);
        }
        id
    }

    /// Everything that a catalogue lists; the film to be shown first, `None` where it has none.
    pub fn add_catalogue(&mut self, catalogue: Catalogue) -> Option<FilmId> {
        let mut first = None;
        for patient in &catalogue.patients {
            for study in &patient.studies {
                for series in &study.series {
                    let added = self.add_series(patient, study, series);
                    first = first.or(added);
                }
            }
        }
        for failure in catalogue.failures {
            let id = self.add_failed(failure.path().to_path_buf(), failure.to_string());
            first.get_or_insert(id);
        }
        first
    }

    fn add_series(
        &mut self,
        patient: &PatientEntry,
        study: &StudyEntry,
        series: &SeriesEntry,
    ) -> Option<FilmId> {
        let headings = Headings::new(patient, study, series);
        let mut first = None;
        // A volume of one slice is a film that says where it lies.
        let volumes: Vec<_> = series.volumes.iter().filter(|volume| volume.slices.len() > 1).collect();
        for volume in &volumes {
            let id = self.add(headings.clone(), &series.modality, Stack::of_volume(volume));
            first.get_or_insert(id);
        }
        let named = series.images.iter().filter_map(|i| Some((i.sop_instance_uid.clone()?, i.path.clone())));
        self.instances.extend(named);
        let in_volume = |path: &Path| volumes.iter().flat_map(|v| &v.slices).any(|slice| slice.path == path);
        for image in series.images.iter().filter(|image| !in_volume(&image.path)) {
            let stack = Stack::of_file(Some(image.path.clone()), image.frames);
            let id = self.add(headings.clone(), &series.modality, stack);
            first.get_or_insert(id);
        }
        for object in &series.objects {
            let name = object.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let object = Object {
                headings: headings.clone(),
                path: object.path.clone(),
                name,
                kind: object.kind.clone(),
                date: date(&study.date),
            };
            if !self.objects.contains(&object) {
                self.objects.push(object);
            }
        }
        first
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Film> {
        self.list.iter()
    }

    /// What was found beside images: listed, not opened.
    pub fn objects(&self) -> &[Object] {
        &self.objects
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

    /// The film to put beside those `shown`: another study of the same patient, else what follows in the list, else what
    /// goes before.
    pub fn companion(&self, shown: &[FilmId]) -> Option<FilmId> {
        let free = |film: &&Film| !shown.contains(&film.id);
        let current = self.current()?;
        let named = !current.headings.patient.words.is_empty();
        let other_study = |film: &&Film| {
            let of = &film.headings;
            named && of.same_patient(&current.headings) && !of.same_study(&current.headings)
        };
        let around = || self.list[self.current..].iter().chain(self.list[..self.current].iter().rev());
        let found = around().filter(free).find(other_study).or_else(|| around().find(free));
        found.map(|film| film.id)
    }

    /// These are on the screen beside the current one: their pixels stay.
    pub fn keep(&mut self, beside: Vec<FilmId>) {
        self.beside = beside;
    }

    /// These rows of the list can be seen.
    pub fn see(&mut self, seen: Vec<FilmId>) {
        self.seen = seen;
    }

    pub fn seen(&self) -> &[FilmId] {
        &self.seen
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Film> {
        self.list.iter_mut()
    }

    /// The film that has an image of that file.
    pub fn of_path(&self, path: &Path) -> Option<FilmId> {
        self.list.iter().find(|film| film.stack.holds(path)).map(|film| film.id)
    }

    /// The film that has the image of that SOP instance.
    pub fn of_instance(&self, uid: &str) -> Option<FilmId> {
        self.of_path(self.instances.get(uid)?)
    }

    /// Those on the screen: the current one, and those beside it.
    pub fn on_screen(&self) -> Vec<FilmId> {
        self.current().map(|film| film.id).into_iter().chain(self.beside.iter().copied()).collect()
    }

    /// The largest coronal MR stack, whose middle slice the model of femoro-acetabular impingement reads.
    pub fn coronal_mr(&self) -> Option<FilmId> {
        let coronal = |film: &&Film| film.stack.plane == Some(Plane::Coronal) && film.modality == "MR";
        self.list.iter().filter(coronal).max_by_key(|film| film.stack.len()).map(|film| film.id)
    }

    /// Drops the pixels of films far from the current one, and the studies that are safe on the disk.
    pub fn forget_far(&mut self) {
        for (index, film) in self.list.iter_mut().enumerate() {
            let kept = film.is_analysing() || self.beside.contains(&film.id);
            if index.abs_diff(self.current) > NEAR && !kept {
                film.rest();
            }
        }
    }

    /// The image to decode next, marked as loading: the one on the screen, those beside it in its stack, the films beside
    /// it, then those without a thumbnail.
    pub fn to_decode(&mut self) -> Option<(FilmId, usize)> {
        if self.list.iter().map(|film| film.stack.loading()).sum::<usize>() >= DECODERS {
            return None;
        }
        let current = self.current;
        let places: Vec<FilmId> = self.list.iter().map(|film| film.id).collect();
        let mut next = |index: usize, ahead: bool| {
            let film = self.list.get_mut(index)?;
            Some((film.id, film.stack.load_next(ahead)?))
        };
        let beside = self.beside.clone();
        let on_screen = beside.iter().filter_map(|id| places.iter().position(|other| other == id));
        let on_screen = on_screen.map(|index| (index, false));
        let near = [(current, true), (current + 1, false)];
        let found = [(current, false)]
            .into_iter()
            .chain(on_screen)
            .chain(near)
            .find_map(|(index, ahead)| next(index, ahead));
        found.or_else(|| next(current.checked_sub(1)?, false)).or_else(|| {
            let seen = &self.seen;
            let bare = self.list.iter_mut().filter(|film| !film.previewed && seen.contains(&film.id));
            bare.filter_map(|film| Some((film.id, film.stack.load_next(false)?))).next()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Stack {
        Stack::of_file(Some(PathBuf::from(name)), 1)
    }

    fn films(count: usize) -> Films {
        let mut films = Films::default();
        for index in 0..count {
            films.add(Headings::default(), "DX", file(&format!("{index}.dcm")));
        }
        films
    }

    #[test]
    fn a_file_stands_in_the_list_once() {
        let mut films = films(3);
        assert_eq!(films.add(Headings::default(), "DX", file("1.dcm")), FilmId(1));
        assert_eq!(films.iter().len(), 3);
    }

    #[test]
    fn the_film_on_the_screen_is_decoded_first_and_two_at_a_time() {
        let mut films = films(9);
        films.show(FilmId(5));
        let order: Vec<u64> = std::iter::from_fn(|| films.to_decode()).map(|(id, _)| id.0).collect();
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
