//! Films beside each other: how many, which, and which of them the hand is on.

use super::canvas::Glimpse;
use super::films::Films;
use super::jobs::FilmId;
use egui::{Rect, pos2};

/// How the room for films is parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrangement {
    #[default]
    One,
    /// Beside each other.
    Two,
    /// Two rows of two.
    Four,
}

/// Between two films, points.
const GAP: f32 = 2.0;

impl Arrangement {
    pub fn count(self) -> usize {
        match self {
            Arrangement::One => 1,
            Arrangement::Two => 2,
            Arrangement::Four => 4,
        }
    }

    /// That of so many films.
    pub fn of(count: u8) -> Self {
        match count {
            2 => Arrangement::Two,
            4 => Arrangement::Four,
            _ => Arrangement::One,
        }
    }

    /// The room of each film, row by row.
    pub fn cells(self, room: Rect) -> Vec<Rect> {
        let (columns, rows) = match self {
            Arrangement::One => (1, 1),
            Arrangement::Two => (2, 1),
            Arrangement::Four => (2, 2),
        };
        let side = |whole: f32, parts: usize| (whole - GAP * (parts - 1) as f32) / parts as f32;
        let (width, height) = (side(room.width(), columns), side(room.height(), rows));
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (row, column)))
            .map(|(row, column)| {
                let left = room.left() + column as f32 * (width + GAP);
                let top = room.top() + row as f32 * (height + GAP);
                Rect::from_min_max(pos2(left, top), pos2(left + width, top + height))
            })
            .collect()
    }
}

/// The places for films on the screen.
pub struct Panes {
    arrangement: Arrangement,
    /// Zoom and pan together.
    pub linked: bool,
    active: usize,
    /// The film of each place; that of the active one is the current film, whatever stands here.
    films: [Option<FilmId>; 4],
    /// The room of one, as last drawn; all have the same size.
    pub cell: Rect,
    /// The pictures of films that the hand is not on.
    pub glimpses: [Glimpse; 4],
}

impl Default for Panes {
    fn default() -> Self {
        Self {
            arrangement: Arrangement::One,
            linked: false,
            active: 0,
            films: [None; 4],
            cell: Rect::NOTHING,
            glimpses: Default::default(),
        }
    }
}

impl Panes {
    pub fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    pub fn active(&self) -> usize {
        self.active
    }

    /// The film of a place.
    pub fn film(&self, place: usize, films: &Films) -> Option<FilmId> {
        if place == self.active {
            return films.current().map(|film| film.id);
        }
        self.films.get(place).copied().flatten()
    }

    /// Parts the room anew; places without a film take those that are nearest to the current one.
    pub fn arrange(&mut self, arrangement: Arrangement, films: &Films) {
        // The film under the hand stays on the screen.
        let current = films.current().map(|film| film.id);
        if self.active >= arrangement.count() {
            self.active = 0;
        }
        self.arrangement = arrangement;
        self.films[self.active] = current;
        self.fill(films);
    }

    /// Gives films to places that have none: another study of the same patient first, then what follows in the list.
    pub fn fill(&mut self, films: &Films) {
        for place in 0..self.arrangement.count() {
            if place != self.active && self.films[place].is_none() {
                let shown: Vec<FilmId> = (0..4).filter_map(|other| self.film(other, films)).collect();
                self.films[place] = films.companion(&shown);
            }
        }
    }

    /// Two places: the current film, and that one; both move together.
    pub fn lay_beside(&mut self, id: FilmId, films: &Films) {
        self.arrange(Arrangement::Two, films);
        self.films[1 - self.active] = Some(id);
        self.linked = true;
    }

    /// The hand goes to a place; the film that it is on from now, `None` where there is none.
    pub fn activate(&mut self, place: usize, films: &Films) -> Option<FilmId> {
        if place >= self.arrangement.count() {
            return None;
        }
        let next = self.film(place, films)?;
        self.films[self.active] = films.current().map(|film| film.id);
        self.active = place;
        Some(next)
    }

    /// The next place that has a film.
    pub fn next(&self, films: &Films) -> Option<usize> {
        let count = self.arrangement.count();
        (1..count).map(|step| (self.active + step) % count).find(|place| self.film(*place, films).is_some())
    }

    /// The films on the screen that the hand is not on, with their places.
    pub fn others(&self) -> impl Iterator<Item = (usize, FilmId)> {
        let others = (0..self.arrangement.count()).filter(|place| *place != self.active);
        others.filter_map(|place| Some((place, self.films[place]?)))
    }

    /// The film to compare the current one with: the only other one, or the first of several.
    pub fn beside(&self) -> Option<FilmId> {
        self.others().next().map(|(_, film)| film)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::headings::Headings;
    use crate::ui::stack::Stack;
    use std::path::PathBuf;

    fn films(count: usize) -> Films {
        let mut films = Films::default();
        for index in 0..count {
            let file = Stack::of_file(Some(PathBuf::from(format!("{index}.dcm"))), 1);
            films.add(Headings::default(), "DX", file);
        }
        films
    }

    #[test]
    fn places_are_filled_and_the_hand_goes_from_one_to_another() {
        let mut films = films(3);
        let mut panes = Panes::default();
        panes.arrange(Arrangement::Two, &films);
        assert_eq!(panes.film(0, &films), Some(FilmId(0)));
        assert_eq!(panes.beside(), Some(FilmId(1)));
        let next = panes.next(&films).expect("another place");
        let film = panes.activate(next, &films).expect("a film");
        films.show(film);
        assert_eq!((panes.film(0, &films), panes.film(1, &films)), (Some(FilmId(0)), Some(FilmId(1))));
        // A film chosen from the list comes into the place of the hand.
        films.show(FilmId(2));
        assert_eq!((panes.film(0, &films), panes.film(1, &films)), (Some(FilmId(0)), Some(FilmId(2))));
        panes.arrange(Arrangement::Four, &films);
        let shown: Vec<_> = (0..4).map(|place| panes.film(place, &films)).collect();
        assert_eq!(shown, [Some(FilmId(0)), Some(FilmId(2)), Some(FilmId(1)), None]);
        panes.arrange(Arrangement::One, &films);
        assert_eq!(panes.film(0, &films), Some(FilmId(2)), "the film under the hand stays");
    }

    #[test]
    fn the_room_is_parted_without_overlap() {
        let room = Rect::from_min_max(pos2(10.0, 20.0), pos2(811.0, 621.0));
        for arrangement in [Arrangement::One, Arrangement::Two, Arrangement::Four] {
            let cells = arrangement.cells(room);
            assert_eq!(cells.len(), arrangement.count());
            for (index, cell) in cells.iter().enumerate() {
                assert!(room.expand(0.01).contains_rect(*cell));
                assert!(cells[..index].iter().all(|other| !other.intersects(*cell)));
            }
        }
    }
}
